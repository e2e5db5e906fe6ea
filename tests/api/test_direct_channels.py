"""Direct channels: one for each exact set of people, theirs alone, and there again for who comes back."""

from __future__ import annotations

import asyncio

import pytest

from asnity_server.api import channels, communities, direct_channels, invites, members, overview
from asnity_server.bus import ChannelEntered
from asnity_server.protocol import requests
from asnity_server.protocol.errors import Forbidden, Invalid, NotFound
from asnity_server.protocol.models import Channel, Community
from tests.api.harness import ApiHarness, Person


async def _open(harness: ApiHarness, person: Person, community: Community, *others: Person) -> Channel:
    request = requests.OpenDirect(community_id=community.id, user_ids=tuple(each.id for each in others))
    return await harness.do(person, direct_channels.open_direct, request)


async def _leave(harness: ApiHarness, person: Person, community: Community) -> None:
    await harness.do(person, members.remove_member, requests.RemoveMember(community_id=community.id, user_id="me"))


async def _mine(harness: ApiHarness, person: Person) -> set[str]:
    found = await harness.ask(person, overview.get_overview, requests.Empty())
    return {entry.channel.id for each in found.communities for entry in each.channels}


async def test_whoever_asks_it_is_the_same_channel(harness: ApiHarness) -> None:
    alice, bob, carol = await harness.people("alice", "bob", "carol")
    lab = await harness.community(alice, bob, carol)
    made = await _open(harness, alice, lab, bob)
    assert (made.kind, made.name, made.members) == ("direct", "", tuple(sorted((alice.id, bob.id))))
    assert await _open(harness, bob, lab, alice) == made
    assert await _open(harness, bob, lab, alice, bob, alice) == made
    three = await _open(harness, carol, lab, alice, bob)
    assert three.id != made.id
    works = await harness.community(alice, bob)
    assert (await _open(harness, alice, works, bob)).id != made.id


async def test_everyone_in_it_is_told_once_by_the_first_message(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    harness.forget()
    made = await _open(harness, alice, lab, bob)
    await _open(harness, alice, lab, bob)
    assert [each.user_id for each in harness.told(ChannelEntered)] == [alice.id]
    await harness.post(alice, made.id, "hello")
    await harness.post(bob, made.id, "hello")
    await _open(harness, bob, lab, alice)
    gained = harness.told(ChannelEntered)
    assert sorted(each.user_id for each in gained) == sorted((alice.id, bob.id))
    assert all(each.channel == made and set(each.users) == {alice.id, bob.id} for each in gained)


async def test_many_who_open_it_at_once_open_one(harness: ApiHarness) -> None:
    people = await harness.people("alice", "bob", "carol")
    lab = await harness.community(*people)
    asked = [_open(harness, each, lab, *people) for each in people for _ in range(10)]
    assert len({channel.id for channel in await asyncio.gather(*asked)}) == 1
    assert len(await harness.sql("SELECT 1 FROM channels WHERE kind = 'direct'")) == 1


@pytest.mark.parametrize(("count", "fits"), [(0, False), (1, True), (8, True), (9, False)])
async def test_two_to_nine_people(harness: ApiHarness, count: int, fits: bool) -> None:
    alice, *others = await harness.people(*(f"person{number}" for number in range(count + 1)))
    lab = await harness.community(alice, *others)
    if fits:
        assert len((await _open(harness, alice, lab, alice, *others)).members or ()) == count + 1
    else:
        with pytest.raises(Invalid):
            await _open(harness, alice, lab, alice, *others)


async def test_only_members_and_only_of_this_community(harness: ApiHarness) -> None:
    alice, bob, eve = await harness.people("alice", "bob", "eve")
    lab = await harness.community(alice, bob)
    await harness.community(eve)
    with pytest.raises(NotFound):
        await _open(harness, alice, lab, eve)
    with pytest.raises(NotFound):
        await _open(harness, eve, lab, alice)
    with pytest.raises(NotFound):
        await _open(harness, alice, lab, Person("nobody", "abcdefghijkl", ""))
    assert await harness.sql("SELECT 1 FROM channels WHERE kind = 'direct'") == []


async def test_nobody_else_learns_of_it(harness: ApiHarness) -> None:
    alice, bob, owner = await harness.people("alice", "bob", "owner")
    lab = await harness.community(owner, alice, bob)
    made = await _open(harness, alice, lab, bob)
    assert made.id not in await _mine(harness, bob)
    await harness.post(alice, made.id, "between us")
    for query in (
        harness.ask(owner, channels.get_channel, requests.OfChannel(channel_id=made.id)),
        harness.history(owner, made.id),
        harness.counters(owner, made.id),
    ):
        with pytest.raises(NotFound):
            await query
    for person in (owner, alice):  # the list is of what has a name
        listed = await harness.ask(person, channels.list_channels, requests.OfCommunityPage(community_id=lab.id))
        assert made.id not in {each.id for each in listed.channels}
    assert made.id not in await _mine(harness, owner)
    assert made.id in await _mine(harness, bob)


async def test_it_cannot_be_changed_or_invited_into(harness: ApiHarness) -> None:
    alice, bob, carol = await harness.people("alice", "bob", "carol")
    lab = await harness.community(alice, bob, carol)
    made = await _open(harness, alice, lab, bob)
    for work, request in (
        (channels.add_member, requests.OfChannelMember(channel_id=made.id, user_id=carol.id)),
        (channels.remove_member, requests.OfChannelMember(channel_id=made.id, user_id=bob.id)),
        (channels.patch_channel, requests.PatchChannel(channel_id=made.id, name="ours")),
        (channels.delete_channel, requests.OfChannel(channel_id=made.id)),
        (harness.api.invites.create, requests.CreateInvite(community_id=lab.id, channel_id=made.id)),
    ):
        with pytest.raises(Forbidden):
            await harness.do(alice, work, request)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        await harness.do(carol, channels.add_member, requests.OfChannelMember(channel_id=made.id, user_id="me"))


async def test_who_leaves_the_community_loses_it_and_finds_it_again(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    made = await _open(harness, alice, lab, bob)
    await harness.post(alice, made.id, "before")
    await _leave(harness, bob, lab)
    with pytest.raises(NotFound):
        await harness.history(bob, made.id)
    with pytest.raises(NotFound):
        await harness.post(bob, made.id, "I am not here")
    kept = await harness.ask(alice, channels.get_channel, requests.OfChannel(channel_id=made.id))
    assert kept == made  # still of the same people
    found = await harness.ask(alice, overview.get_community_overview, requests.OfCommunity(community_id=lab.id))
    assert found.users[bob.id].former
    assert await _open(harness, alice, lab, bob) == made
    assert (await harness.post(alice, made.id, "@bob are you there?")).mentions == ()
    await harness.enter(lab.id, bob)
    assert [each.content for each in (await harness.history(bob, made.id)).messages] == [
        "before",
        "@bob are you there?",
    ]
    assert (await harness.counters(bob, made.id)).unread == 0
    assert await _open(harness, bob, lab, alice) == made
    assert made.id in await _mine(harness, bob)


async def test_a_channel_with_a_former_member_is_not_made_anew(harness: ApiHarness) -> None:
    alice, bob, carol = await harness.people("alice", "bob", "carol")
    lab = await harness.community(alice, bob, carol)
    await _leave(harness, carol, lab)
    with pytest.raises(NotFound):
        await _open(harness, alice, lab, bob, carol)
    link = await harness.do(alice, harness.api.invites.create, requests.CreateInvite(community_id=lab.id))
    await harness.do(carol, invites.accept, requests.OfInvite(code=link.code))
    assert (await _open(harness, alice, lab, bob, carol)).members == tuple(
        sorted(each.id for each in (alice, bob, carol))
    )


async def test_a_deleted_community_takes_its_directs_along(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    await _open(harness, alice, lab, bob)
    await harness.do(alice, communities.delete_community, requests.OfCommunity(community_id=lab.id))
    await harness.erased()
    assert await harness.sql("SELECT 1 FROM directs UNION ALL SELECT 1 FROM direct_people") == []
