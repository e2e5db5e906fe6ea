"""The contract of channels and who is in them."""

from __future__ import annotations

import pytest

from asnity_server.protocol import errors, events, requests, routes
from asnity_tui.client.transport.client import Unreachable
from tests.contract.harness import Device, ServerHarness


async def pair(harness: ServerHarness) -> tuple[Device, Device, str]:
    """Alice and bob in a community of hers, both connected. Its id."""
    alice, bob = await harness.person("alice"), await harness.person("bob")
    community = await alice.found("Lab")
    await alice.let_in(community.id, bob)
    await alice.open(community.id)
    await bob.open(community.id)
    return alice, bob, community.id


async def test_a_community_has_so_many_channels_and_direct_ones_beside(
    harness: ServerHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asnity_server.protocol.limits.COMMUNITY_CHANNELS", 3)  # general is one of them
    alice, bob, here = await pair(harness)
    await alice.channel(here, "one")
    two = await alice.channel(here, "two", private=True)
    for private in (False, True):
        with pytest.raises(errors.Conflict):
            await bob.channel(here, "three", private=private)
    await alice.call(routes.OPEN_DIRECT, requests.OpenDirect(community_id=here, user_ids=(bob.user.id,)))
    await alice.call(routes.DELETE_CHANNEL, requests.OfChannel(channel_id=two))
    await bob.channel(here, "three")
    with pytest.raises(errors.Conflict):
        await bob.channel(here, "four")


async def test_a_public_channel_is_told_to_all_and_joined_by_its_maker(harness: ServerHarness) -> None:
    alice, bob, here = await pair(harness)
    random = await alice.channel(here, "random")
    invited = await alice.heard.get("invited-to-channel", events.InvitedToChannel)
    assert (invited.channel.id, invited.channel.name) == (random, "random")
    changed = await bob.heard.get("channel-changed", events.ChannelChanged)
    assert (changed.id, changed.kind) == (random, "public")
    assert isinstance(changed.rev, int)
    assert changed.new is True
    listed = await bob.call(routes.CHANNELS, requests.OfCommunityPage(community_id=here))
    assert [each.name for each in listed.channels] == ["general", "random"]
    assert random not in listed.joined


async def test_a_private_channel_is_seen_by_its_people_only(harness: ServerHarness) -> None:
    alice, bob, here = await pair(harness)
    secret = await alice.channel(here, "secret", private=True)
    listed = await bob.call(routes.CHANNELS, requests.OfCommunityPage(community_id=here))
    assert [each.name for each in listed.channels] == ["general"]
    for route, request in (
        (routes.CHANNEL, requests.OfChannel(channel_id=secret)),
        (routes.HISTORY, requests.History(channel_id=secret)),
        (routes.ADD_CHANNEL_MEMBER, requests.OfChannelMember(channel_id=secret, user_id="me")),
    ):
        with pytest.raises(errors.NotFound):
            await bob.call(route, request)
    refused = (await bob.ask(here, routes.JOIN, requests.Join(channels=(secret,)))).refused
    assert [(each.channel_id, each.error.code) for each in refused] == [(secret, "not-found")]
    with pytest.raises(errors.NotFound):
        await bob.say(secret, "Let me in!")
    assert "channel-changed" not in bob.heard.names()


async def test_names_are_unique_whatever_their_case(harness: ServerHarness) -> None:
    alice, _, here = await pair(harness)
    await alice.channel(here, "Random")
    with pytest.raises(errors.Conflict):
        await alice.channel(here, "#random")
    with pytest.raises(errors.Invalid):
        await alice.channel(here, "no spaces")


async def test_joining_a_public_channel_brings_its_messages_from_then_on(harness: ServerHarness) -> None:
    alice, bob, here = await pair(harness)
    random = await alice.channel(here, "random")
    await alice.say(random, "Before.")
    await bob.call(routes.ADD_CHANNEL_MEMBER, requests.OfChannelMember(channel_id=random, user_id="me"))
    invited = await bob.heard.get("invited-to-channel", events.InvitedToChannel)
    assert (invited.counters.last_id, invited.counters.read_id, invited.counters.unread) == (1, 1, 0)
    await alice.say(random, "After.")
    assert (await bob.heard.message()).content == "After."


async def test_a_public_channel_may_be_looked_at_but_not_written_to_before_joining(harness: ServerHarness) -> None:
    alice, bob, here = await pair(harness)
    random = await alice.channel(here, "random")
    await alice.say(random, "Hello.")
    page = await bob.call(routes.HISTORY, requests.History(channel_id=random))
    assert [each.content for each in page.messages] == ["Hello."]
    with pytest.raises(errors.Forbidden):
        await bob.say(random, "Hello too.")
    joined = await bob.ask(here, routes.JOIN, requests.Join(channels=(random,)))
    assert joined.joined == ()
    assert [each.channel_id for each in joined.refused] == [random]
    await alice.say(random, "Nobody hears this.")
    await alice.say(await alice.general(here), "Everyone hears this.")
    assert (await bob.heard.message()).content == "Everyone hears this."


async def test_inviting_puts_people_in_and_tells_them(harness: ServerHarness) -> None:
    alice, bob, here = await pair(harness)
    secret = await alice.channel(here, "secret", private=True)
    request = requests.InviteUsers(channel_id=secret, users=(bob.user.id, "aaaaaaaaaaaa"))
    answer = await alice.ask(here, routes.INVITE_USERS, request)
    assert answer.invited == (bob.user.id,)
    assert [(each.user_id, each.error.code) for each in answer.refused] == [("aaaaaaaaaaaa", "not-found")]
    await bob.heard.get("invited-to-channel", events.InvitedToChannel)
    await alice.say(secret, "Welcome.")
    await bob.heard.message()
    people = await bob.call(routes.CHANNEL_MEMBERS, requests.OfChannelPage(channel_id=secret))
    assert [each.user.username for each in people.members] == ["alice", "bob"]


async def test_inviting_needs_to_be_in_it(harness: ServerHarness) -> None:
    alice, bob, here = await pair(harness)
    carol = await harness.person("carol")
    await alice.let_in(here, carol)
    random = await alice.channel(here, "random")
    request = requests.InviteUsers(channel_id=random, users=(carol.user.id,))
    with pytest.raises(errors.Forbidden):
        await bob.ask(here, routes.INVITE_USERS, request)


async def test_who_leaves_a_channel_hears_nothing_more_of_it(harness: ServerHarness) -> None:
    alice, bob, here = await pair(harness)
    random = await alice.channel(here, "random")
    await bob.call(routes.ADD_CHANNEL_MEMBER, requests.OfChannelMember(channel_id=random, user_id="me"))
    await bob.call(routes.REMOVE_CHANNEL_MEMBER, requests.OfChannelMember(channel_id=random, user_id="me"))
    removed = await bob.heard.get("removed-from-channel", events.RemovedFromChannel)
    assert removed == events.RemovedFromChannel(channel_id=random, reason="left")
    await alice.say(random, "Gone?")
    await alice.say(await alice.general(here), "Here.")
    assert (await bob.heard.message()).content == "Here."


async def test_who_comes_into_a_channel_and_goes_is_told_to_the_others_in_it(harness: ServerHarness) -> None:
    alice, bob, here = await pair(harness)
    carol = await harness.person("carol")
    await alice.let_in(here, carol)
    await carol.open(here)
    entered = await alice.heard.get("channel-member-changed", events.ChannelMemberChanged)
    assert (entered.channel_id, entered.user_id) == (await alice.general(here), carol.user.id)
    secret = await alice.channel(here, "secret", private=True)
    add = requests.OfChannelMember(channel_id=secret, user_id=bob.user.id)
    await alice.call(routes.ADD_CHANNEL_MEMBER, add)
    came = await alice.heard.get("channel-member-changed", events.ChannelMemberChanged, 2)
    assert came.member is not None
    assert (came.channel_id, came.user_id, came.member.user.username) == (secret, bob.user.id, "bob")
    await alice.call(routes.REMOVE_CHANNEL_MEMBER, add)
    went = await alice.heard.get("channel-member-changed", events.ChannelMemberChanged, 3)
    assert went == events.ChannelMemberChanged(channel_id=secret, user_id=bob.user.id, member=None)
    # who isn't in a channel hears nothing of it, and whom it is about hears it otherwise
    await alice.say(await alice.general(here), "done")
    for each in (bob, carol):
        await each.heard.message()
        told = each.heard.payloads("channel-member-changed")
        assert all(isinstance(one, events.ChannelMemberChanged) and one.channel_id != secret for one in told)


async def test_who_is_removed_from_a_channel_is_out_of_its_room_at_once(harness: ServerHarness) -> None:
    alice, bob, here = await pair(harness)
    secret = await alice.channel(here, "secret", private=True)
    add = requests.OfChannelMember(channel_id=secret, user_id=bob.user.id)
    await alice.call(routes.ADD_CHANNEL_MEMBER, add)
    await alice.call(routes.REMOVE_CHANNEL_MEMBER, add)
    removed = await bob.heard.get("removed-from-channel", events.RemovedFromChannel)
    assert removed == events.RemovedFromChannel(channel_id=secret, reason="kicked")
    with pytest.raises(errors.NotFound):
        await bob.say(secret, "Still here?")


async def test_nobody_leaves_general(harness: ServerHarness) -> None:
    alice, bob, here = await pair(harness)
    request = requests.OfChannelMember(channel_id=await alice.general(here), user_id="me")
    with pytest.raises(errors.Forbidden):
        await bob.call(routes.REMOVE_CHANNEL_MEMBER, request)


async def test_nothing_can_be_asked_in_a_namespace_that_is_not_connected(harness: ServerHarness) -> None:
    alice, _, here = await pair(harness)
    await alice.client.exit(here)
    with pytest.raises(Unreachable):
        await alice.join(here)
    await alice.client.close()
    with pytest.raises(Unreachable):
        await alice.join(here)


async def test_who_is_invited_twice_is_in_it_once(harness: ServerHarness) -> None:
    alice, bob, here = await pair(harness)
    random = await alice.channel(here, "random")
    request = requests.InviteUsers(channel_id=random, users=(bob.user.id, bob.user.id))
    for _ in range(2):
        assert (await alice.ask(here, routes.INVITE_USERS, request)).invited == (bob.user.id,)
    await alice.say(random, "Fence.")
    await bob.heard.message()
    assert bob.heard.names().count("invited-to-channel") == 1


async def test_the_maker_of_a_public_channel_is_in_it_before_it_is_told_to_all(harness: ServerHarness) -> None:
    alice, _bob, here = await pair(harness)
    random = await alice.channel(here, "random")
    changed = await alice.heard.get("channel-changed", events.ChannelChanged)
    assert changed.id == random
    names = [each for each in alice.heard.names() if each != "member-changed"]
    assert names == ["invited-to-channel", "channel-changed"]


async def test_nobody_types_or_reads_where_they_are_not(harness: ServerHarness) -> None:
    alice, bob, here = await pair(harness)
    random = await alice.channel(here, "random")
    with pytest.raises(errors.Forbidden):
        await bob.ask(here, routes.TYPING, requests.Typing(channel_id=random))
    with pytest.raises(errors.Forbidden):
        await bob.ask(here, routes.READ, requests.MoveReadMarker(channel_id=random, read_id=0))
    with pytest.raises(errors.Forbidden):
        await bob.call(routes.COUNTERS, requests.OfChannel(channel_id=random))


async def test_a_removal_needs_an_admin_and_somebody_to_remove(harness: ServerHarness) -> None:
    alice, bob, here = await pair(harness)
    random = await alice.channel(here, "random")
    request = requests.OfChannelMember(channel_id=random, user_id=bob.user.id)
    with pytest.raises(errors.NotFound):
        await alice.call(routes.REMOVE_CHANNEL_MEMBER, request)
    await alice.call(routes.ADD_CHANNEL_MEMBER, request)
    request = requests.OfChannelMember(channel_id=random, user_id=alice.user.id)
    with pytest.raises(errors.Forbidden):
        await bob.call(routes.REMOVE_CHANNEL_MEMBER, request)


@pytest.mark.slow
async def test_who_is_there_is_told_by_join_and_as_it_changes(harness: ServerHarness) -> None:
    alice, bob, here = await pair(harness)
    joined = await bob.join(here)
    while harness.gateways > 1 and alice.user.id not in joined.users:
        joined = await bob.join(here)  # gateways tell each other once a second
    assert joined.presence == {alice.user.id: "online", bob.user.id: "online"}
    assert set(joined.users) == {alice.user.id, bob.user.id}
    await alice.heard.until(lambda: status_told(alice, bob) == "online", "bob's coming")
    await bob.client.close()
    await alice.heard.until(lambda: status_told(alice, bob) == "offline", "bob's leaving")


def status_told(to: Device, about: Device) -> str | None:
    """Find the presence of another that somebody was told last."""
    told = [each for each in to.heard.payloads("presence") if isinstance(each, events.PresenceChanges)]
    changes = [each.changes[about.user.id] for each in told if about.user.id in each.changes]
    return changes[-1] if changes else None


async def test_one_is_in_so_many_channels_of_a_community_and_no_more(
    harness: ServerHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("asnity_server.api.membership.CHANNELS", "asnity_server.protocol.limits.CHANNELS"):
        monkeypatch.setattr(module, 3)
    alice, bob, here = await pair(harness)
    made = [await alice.channel(here, name, private=True) for name in ("one", "two")]
    with pytest.raises(errors.Conflict):
        await alice.channel(here, "three")
    direct = await alice.call(routes.OPEN_DIRECT, requests.OpenDirect(community_id=here, user_ids=(bob.user.id,)))
    await bob.say(direct.id, "those of direct messages don't count")
    for each in made:
        await alice.call(routes.ADD_CHANNEL_MEMBER, requests.OfChannelMember(channel_id=each, user_id=bob.user.id))
    leave = requests.OfChannelMember(channel_id=made[0], user_id="me")
    await alice.call(routes.REMOVE_CHANNEL_MEMBER, leave)
    third = await alice.channel(here, "three")
    with pytest.raises(errors.Conflict):
        await alice.call(routes.ADD_CHANNEL_MEMBER, requests.OfChannelMember(channel_id=third, user_id=bob.user.id))
    request = requests.InviteUsers(channel_id=third, users=(bob.user.id, alice.user.id))
    answer = await alice.ask(here, routes.INVITE_USERS, request)
    assert answer.invited == (alice.user.id,)
    assert [(each.user_id, each.error.code) for each in answer.refused] == [(bob.user.id, "conflict")]
    await bob.call(routes.REMOVE_CHANNEL_MEMBER, leave)
    await bob.call(routes.ADD_CHANNEL_MEMBER, requests.OfChannelMember(channel_id=third, user_id="me"))
