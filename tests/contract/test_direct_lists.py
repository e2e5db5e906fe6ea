"""The contract of lists of direct channels: who sees which, from the first message on until they close it."""

from __future__ import annotations

import asyncio

import pytest

from asnity_server.protocol import errors, events, requests, routes
from asnity_server.protocol.models import Channel
from tests.contract.harness import PATIENCE, Device, ServerHarness


async def crowd(harness: ServerHarness, *names: str) -> tuple[str, list[Device]]:
    """People in a community of the first one's, all connected. Its id."""
    people = [await harness.person(each) for each in names]
    community = await people[0].found("Lab")
    await people[0].let_in(community.id, *people[1:])
    for each in people:
        await each.open(community.id)
    return community.id, people


async def direct(me: Device, community_id: str, *others: Device) -> Channel:
    request = requests.OpenDirect(community_id=community_id, user_ids=tuple(each.user.id for each in others))
    return await me.call(routes.OPEN_DIRECT, request)


async def listed(me: Device, community_id: str) -> set[str]:
    """The direct channels that somebody's client would show."""
    found = await me.call(routes.COMMUNITY_OVERVIEW, requests.OfCommunity(community_id=community_id))
    joined = {each.channel_id for each in (await me.join(community_id)).joined}
    assert joined == {each.channel.id for each in found.channels}
    return {each.channel.id for each in found.channels if each.channel.kind == "direct"}


async def close(me: Device, channel: Channel) -> None:
    entry = await me.call(routes.PATCH_CHANNEL_ME, requests.PatchChannelMe(channel_id=channel.id, closed=True))
    assert entry.channel == channel


async def test_nobody_is_told_of_a_direct_channel_before_its_first_message(harness: ServerHarness) -> None:
    here, (alice, bob) = await crowd(harness, "alice", "bob")
    made = await direct(alice, here, bob)
    await alice.ask(here, routes.TYPING, requests.Typing(channel_id=made.id))
    assert await listed(alice, here) == {made.id}
    assert await listed(bob, here) == set()
    refused = (await bob.ask(here, routes.JOIN, requests.Join(channels=(made.id,)))).refused
    assert [each.error.code for each in refused] == ["not-found"]
    assert "invited-to-channel" not in bob.heard.names()
    await alice.say(made.id, "hello")
    told = await bob.heard.get("invited-to-channel", events.InvitedToChannel)
    assert (told.channel, told.counters.last_id, told.counters.unread) == (made, 0, 0)
    assert (await bob.heard.message()).content == "hello"
    assert "typing" not in bob.heard.names()
    assert await listed(bob, here) == {made.id}


async def test_a_closed_direct_message_comes_back_with_the_next_message(harness: ServerHarness) -> None:
    here, (alice, bob) = await crowd(harness, "alice", "bob")
    made = await direct(alice, here, bob)
    await alice.say(made.id, "one")
    await bob.heard.message()
    await close(bob, made)
    removed = await bob.heard.get("removed-from-channel", events.RemovedFromChannel)
    assert removed == events.RemovedFromChannel(channel_id=made.id, reason="closed")
    assert await listed(bob, here) == set()
    page = await bob.call(routes.HISTORY, requests.History(channel_id=made.id))
    assert [each.content for each in page.messages] == ["one"]
    people = await alice.call(routes.CHANNEL_MEMBERS, requests.OfChannelPage(channel_id=made.id))
    assert [each.user.username for each in people.members] == ["alice", "bob"]
    message = await alice.say(made.id, "@bob two")
    assert message.mentions == (bob.user.id,)
    assert (await bob.heard.message(count=2)).content == "@bob two"
    found = await bob.call(routes.COMMUNITY_OVERVIEW, requests.OfCommunity(community_id=here))
    entry = next(each for each in found.channels if each.channel.id == made.id)
    assert (entry.counters.unread, entry.counters.mentions) == (1, 1)
    heard = alice.heard.names()
    assert "channel-member-changed" not in heard[heard.index("invited-to-channel") :]


async def test_who_opens_a_closed_direct_message_lists_it_again(harness: ServerHarness) -> None:
    here, (alice, bob) = await crowd(harness, "alice", "bob")
    made = await direct(alice, here, bob)
    await alice.say(made.id, "one")
    await close(bob, made)
    await close(alice, made)
    assert await direct(bob, here, alice) == made
    assert (await listed(bob, here), await listed(alice, here)) == ({made.id}, set())
    reopened = requests.PatchChannelMe(channel_id=made.id, closed=False)
    assert (await alice.call(routes.PATCH_CHANNEL_ME, reopened)).counters.unread == 0
    assert await listed(alice, here) == {made.id}


async def test_who_writes_into_a_closed_direct_message_lists_it_again(harness: ServerHarness) -> None:
    here, (alice, bob) = await crowd(harness, "alice", "bob")
    made = await direct(alice, here, bob)
    await alice.say(made.id, "one")
    await close(alice, made)
    await alice.say(made.id, "two")
    counters = await alice.call(routes.COUNTERS, requests.OfChannel(channel_id=made.id))
    assert (counters.last_id, counters.read_id, counters.unread) == (2, 2, 0)
    assert await listed(alice, here) == {made.id}
    await bob.heard.message()


async def test_one_that_nobody_wrote_in_is_gone_when_it_is_closed(harness: ServerHarness) -> None:
    here, (alice, bob) = await crowd(harness, "alice", "bob")
    made = await direct(alice, here, bob)
    await close(alice, made)
    for each in (alice, bob):
        with pytest.raises(errors.NotFound):
            await each.call(routes.CHANNEL, requests.OfChannel(channel_id=made.id))
    assert (await direct(alice, here, bob)).id != made.id


async def test_a_read_marker_that_comes_behind_closing_changes_nothing(harness: ServerHarness) -> None:
    here, (alice, bob) = await crowd(harness, "alice", "bob")
    made = await direct(alice, here, bob)
    await alice.say(made.id, "one")
    await close(bob, made)
    late = await bob.ask(here, routes.READ, requests.MoveReadMarker(channel_id=made.id, read_id=0, set_back=True))
    assert (late.read_id, late.unread) == (1, 0)
    assert await listed(bob, here) == set()


async def test_what_was_said_in_a_closed_direct_message_is_found(harness: ServerHarness) -> None:
    here, (alice, bob) = await crowd(harness, "alice", "bob")
    made = await direct(alice, here, bob)
    await alice.say(made.id, "the spare key")
    await close(bob, made)
    async with asyncio.timeout(PATIENCE):
        while not (found := (await bob.call(routes.SEARCH, requests.Search(q="spare"))).results):
            pass  # asking is waiting: the index is kept behind the messages
    assert [(each.channel, each.message.content) for each in found] == [(made, "the spare key")]


async def test_muting_outlives_closing(harness: ServerHarness) -> None:
    here, (alice, bob) = await crowd(harness, "alice", "bob")
    made = await direct(alice, here, bob)
    await alice.say(made.id, "one")
    await bob.call(routes.PATCH_CHANNEL_ME, requests.PatchChannelMe(channel_id=made.id, muted=True))
    await close(bob, made)
    await alice.say(made.id, "two")
    found = await bob.call(routes.COMMUNITY_OVERVIEW, requests.OfCommunity(community_id=here))
    assert [each.muted for each in found.channels if each.channel.id == made.id] == [True]


async def test_one_of_several_is_left_for_good_until_one_opens_it(harness: ServerHarness) -> None:
    here, (alice, bob, carol) = await crowd(harness, "alice", "bob", "carol")
    made = await direct(alice, here, bob, carol)
    await alice.say(made.id, "one")
    leave = requests.OfChannelMember(channel_id=made.id, user_id="me")
    await bob.call(routes.REMOVE_CHANNEL_MEMBER, leave)
    assert (await bob.heard.get("removed-from-channel", events.RemovedFromChannel)).reason == "left"
    changed = await alice.heard.get("channel-changed", events.ChannelChanged)
    assert changed.members == tuple(sorted((alice.user.id, carol.user.id)))
    await alice.say(made.id, "two")
    assert await listed(bob, here) == set()
    with pytest.raises(errors.NotFound):
        await bob.call(routes.HISTORY, requests.History(channel_id=made.id))
    assert await direct(alice, here, bob, carol) == (await alice.call(routes.CHANNEL, _of(made)))
    assert await listed(bob, here) == set()
    assert await direct(bob, here, alice, carol) == made
    assert await listed(bob, here) == {made.id}
    back = await alice.heard.get("channel-changed", events.ChannelChanged, 2)
    assert back.members == made.members


async def test_one_of_two_is_closed_by_leaving_it(harness: ServerHarness) -> None:
    here, (alice, bob) = await crowd(harness, "alice", "bob")
    made = await direct(alice, here, bob)
    await alice.say(made.id, "one")
    await bob.call(routes.REMOVE_CHANNEL_MEMBER, requests.OfChannelMember(channel_id=made.id, user_id="me"))
    assert await listed(bob, here) == set()
    await alice.say(made.id, "two")
    assert await listed(bob, here) == {made.id}


async def test_channels_with_a_name_are_left_not_closed(harness: ServerHarness) -> None:
    here, (alice, _) = await crowd(harness, "alice", "bob")
    random = await alice.channel(here, "random")
    with pytest.raises(errors.Forbidden):
        await alice.call(routes.PATCH_CHANNEL_ME, requests.PatchChannelMe(channel_id=random, closed=True))


async def test_a_ban_takes_a_persons_messages_off_the_lists_of_who_never_answered(harness: ServerHarness) -> None:
    here, (alice, bob, carol, eve) = await crowd(harness, "alice", "bob", "carol", "eve")
    unanswered, answered = await direct(eve, here, bob), await direct(eve, here, carol)
    several = await direct(eve, here, bob, carol)
    theirs = await direct(alice, here, bob)
    for each in (unanswered, answered, several):
        await eve.say(each.id, "buy this")
    await carol.say(answered.id, "stop it")
    await alice.say(theirs.id, "hello")
    assert await listed(bob, here) == {unanswered.id, several.id, theirs.id}
    await alice.call(routes.REMOVE_MEMBER, requests.RemoveMember(community_id=here, user_id=eve.user.id, ban=True))
    for number in (1, 2):
        told = await bob.heard.get("removed-from-channel", events.RemovedFromChannel, number)
        assert (told.reason, told.channel_id in (unanswered.id, several.id)) == ("closed", True)
    await carol.heard.get("removed-from-channel", events.RemovedFromChannel)
    assert (await listed(bob, here), await listed(carol, here)) == ({theirs.id}, {answered.id})


async def test_who_comes_back_lists_what_was_written_in(harness: ServerHarness) -> None:
    here, (alice, bob, carol) = await crowd(harness, "alice", "bob", "carol")
    written, empty = await direct(alice, here, bob), await direct(bob, here, carol)
    await alice.say(written.id, "one")
    await bob.call(routes.REMOVE_MEMBER, requests.RemoveMember(community_id=here, user_id="me"))
    await alice.say(written.id, "two")
    await alice.let_in(here, bob)
    await bob.client.enter(here)
    await bob.join(here)
    async with asyncio.timeout(PATIENCE):
        while not (directs := await listed(bob, here)):
            pass  # asking is waiting: they are listed behind the answer
    assert directs == {written.id}
    assert empty.id not in directs


def _of(channel: Channel) -> requests.OfChannel:
    return requests.OfChannel(channel_id=channel.id)
