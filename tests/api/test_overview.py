"""The overview, joining rooms, and counters against the naive count."""

from __future__ import annotations

import asyncio

import pytest

from asnity_server.api import overview, socket_requests
from asnity_server.api.accounts import users
from asnity_server.api.service import token_hash
from asnity_server.bus import ChannelEntered, ChannelMuted, ReadMarkerMoved
from asnity_server.protocol import requests
from asnity_server.protocol.errors import Forbidden, NotFound, Unauthorized
from asnity_server.protocol.models import Community, Counters
from asnity_server.protocol.responses import ChannelEntry, InviteAnswer, JoinAnswer, Overview

from .house import House, Person


async def _overview(house: House, person: Person) -> Overview:
    return await house.ask(person, overview.get_overview, requests.Empty())


async def _join(house: House, person: Person, community: Community, *channel_ids: str) -> JoinAnswer:
    request = requests.Join(channels=channel_ids or None)
    return await house.do(
        person, lambda tx, caller, asked: socket_requests.join(tx, caller, community.id, asked), request
    )


async def test_one_call_paints_the_whole_sidebar(house: House) -> None:
    alice, bob = await house.people("alice", "bob")
    lab = await house.community(alice, bob)
    plans = await house.channel(alice, lab, "Plans", bob)
    secret = await house.channel(alice, lab, "secret", kind="private")
    await house.channel(alice, lab, "elsewhere")
    house.clock.forward(1)
    works = await house.community(bob, alice)
    await house.post(alice, plans.id, "hi @bob")
    await house.post(alice, plans.id, "and more")
    found = await _overview(house, bob)
    assert found.user == found.users[bob.id]
    assert [(each.community.id, each.role) for each in found.communities] == [(lab.id, "member"), (works.id, "owner")]
    assert [[entry.channel.name for entry in each.channels] for each in found.communities] == [
        ["general", "Plans"],
        ["general"],
    ]
    entry = found.communities[0].channels[1]
    assert entry == ChannelEntry(channel=plans, muted=False, counters=await house.counters(bob, plans.id))
    assert (entry.counters.unread, entry.counters.mentions) == (2, 1)
    part = await house.ask(bob, overview.get_community_overview, requests.OfCommunity(community_id=lab.id))
    assert (part.community, part.role, part.channels) == (
        found.communities[0].community,
        "member",
        found.communities[0].channels,
    )
    assert secret.id not in str(found)


async def test_somebody_without_a_community(house: House) -> None:
    eve = await house.person("eve")
    assert (await _overview(house, eve)).communities == ()
    lab = await house.community(await house.person("alice"))
    with pytest.raises(NotFound):
        await house.ask(eve, overview.get_community_overview, requests.OfCommunity(community_id=lab.id))


async def test_one_damaged_channel_spoils_nobodys_overview(house: House) -> None:
    """D11: in the original, one missing channel made the whole list fail."""
    alice, bob = await house.people("alice", "bob")
    lab = await house.community(alice, bob)
    plans = await house.channel(alice, lab, "plans", bob)
    await house.database.write(lambda tx: tx.run("DELETE FROM channels WHERE id = ?", (plans.id,)))
    found = await _overview(house, bob)
    assert [entry.channel.name for entry in found.communities[0].channels] == ["general"]


# Joining rooms


async def test_join_tells_counters_of_all_my_channels(house: House) -> None:
    alice, bob = await house.people("alice", "bob")
    lab = await house.community(alice, bob)
    plans = await house.channel(alice, lab, "plans", bob)
    await house.channel(alice, lab, "elsewhere")
    await house.community(bob)
    await house.post(alice, plans.id, "@bob")
    answer = await _join(house, bob, lab)
    assert {each.channel_id for each in answer.joined} == {await house.general(lab), plans.id}
    joined = next(each for each in answer.joined if each.channel_id == plans.id)
    assert (joined.last_id, joined.rev, joined.read_id, joined.unread, joined.mentions) == (1, 1, 0, 1, 1)
    assert (answer.refused, answer.rev) == ((), lab.rev + 1 + 2)


async def test_join_lets_nobody_into_rooms_that_are_not_theirs(house: House) -> None:
    """D1: `join` put every socket of the community into any room that any client named."""
    alice, bob = await house.people("alice", "bob")
    lab, works = await house.community(alice, bob), await house.community(bob)
    secret = await house.channel(alice, lab, "secret", kind="private")
    public = await house.channel(alice, lab, "public")
    elsewhere = await house.general(works)
    answer = await _join(house, bob, lab, secret.id, public.id, elsewhere, "nonsense", secret.id)
    assert answer.joined == ()
    assert {each.channel_id: each.error.code for each in answer.refused} == {
        secret.id: "not-found",
        public.id: "forbidden",
        elsewhere: "not-found",
        "nonsense": "not-found",
    }
    with pytest.raises(NotFound):
        await _join(house, alice, works)


async def test_a_namespace_is_for_members_only(house: House) -> None:
    alice, eve = await house.people("alice", "eve")
    lab = await house.community(alice)
    proof = token_hash(alice.token)
    caller = await house.database.write(lambda tx: socket_requests.authorize_member(tx, proof, lab.id))
    assert caller.user_id == alice.id
    refusals = set()
    for community_id in (lab.id, "abcdefghijkl", "nonsense"):
        with pytest.raises(NotFound) as refused:
            await house.database.write(
                lambda tx, where=community_id: socket_requests.authorize_member(tx, token_hash(eve.token), where)
            )
        refusals.add(refused.value.info)
    assert len(refusals) == 1
    with pytest.raises(Unauthorized):
        await house.database.write(lambda tx: socket_requests.authorize_user(tx, token_hash("asnity_nonsense")))
    bob, sessions = await house.person("bob"), {caller.session_id: alice.id, "x": alice.id}
    assert await house.database.read(lambda view: socket_requests.ended_sessions(view, sessions)) == {"x": "ended"}
    await house.database.write(lambda tx: users.disable_account(tx, alice.id))
    sessions["y"] = bob.id
    ended = await house.database.read(lambda view: socket_requests.ended_sessions(view, sessions))
    assert ended == {caller.session_id: "disabled", "x": "disabled", "y": "ended"}


async def test_inviting_several_people_tells_what_became_of_each(house: House) -> None:
    alice, bob, carol, eve = await house.people("alice", "bob", "carol", "eve")
    lab = await house.community(alice, bob, carol)
    works = await house.community(alice)
    secret = await house.channel(alice, lab, "secret", bob, kind="private")
    house.forget()
    request = requests.InviteUsers(channel_id=secret.id, users=(bob.id, carol.id, carol.id, eve.id, "x"))

    async def invite(person: Person, community: Community) -> InviteAnswer:
        return await house.do(
            person, lambda tx, caller, asked: socket_requests.invite_users(tx, caller, community.id, asked), request
        )

    answer = await invite(alice, lab)
    assert answer.invited == (bob.id, carol.id)
    assert {each.user_id: each.error.code for each in answer.refused} == {
        eve.id: "not-found",
        "x": "not-found",
    }
    assert [each.user_id for each in house.told(ChannelEntered)] == [carol.id]
    for person, community in ((alice, works), (eve, lab)):
        with pytest.raises(NotFound):
            await invite(person, community)


async def test_a_kick_and_a_join_at_once_agree(house: House) -> None:
    """What decides about access goes through the writer, so the answer fits the order of commits."""
    alice, bob = await house.people("alice", "bob")
    for _ in range(5):
        lab = await house.community(alice, bob)
        outcomes = await asyncio.gather(house.kick(alice, lab, bob), _join(house, bob, lab), return_exceptions=True)
        assert isinstance(outcomes[1], NotFound)
        lab = await house.community(alice, bob)
        outcomes = await asyncio.gather(_join(house, bob, lab), house.kick(alice, lab, bob), return_exceptions=True)
        assert isinstance(outcomes[0], JoinAnswer)


# Counters


async def test_my_own_message_is_read_if_everything_before_was(house: House) -> None:
    alice, bob = await house.people("alice", "bob")
    general = await house.general(await house.community(alice, bob))
    await house.post(alice, general, "one")
    assert (await house.counters(alice, general)).read_id == 1
    await house.post(bob, general, "two")
    assert await house.counters(bob, general) == Counters(last_id=2, rev=2, read_id=0, unread=1, mentions=0)
    await house.read(bob, general, 2)
    await house.post(bob, general, "three")
    assert await house.counters(bob, general) == Counters(last_id=3, rev=3, read_id=3, unread=0, mentions=0)


async def test_a_read_marker_moves_back_only_on_purpose(house: House) -> None:
    alice, bob = await house.people("alice", "bob")
    general = await house.general(await house.community(alice, bob))
    for number in range(5):
        await house.post(alice, general, f"{number}")
    house.forget()
    assert (await house.read(bob, general, 3)).unread == 2
    assert (await house.read(bob, general, 2)).read_id == 3
    assert (await house.read(bob, general, 3)).read_id == 3
    assert (await house.read(bob, general, 1, set_back=True)).unread == 4
    assert (await house.read(bob, general, 99)).read_id == 5  # never beyond the newest
    moved = house.told(ReadMarkerMoved)
    assert [(each.counters.read_id, each.set_back, each.user_id) for each in moved] == [
        (3, False, bob.id),
        (1, True, bob.id),
        (5, False, bob.id),
    ]


async def test_counts_stop_at_a_hundred(house: House) -> None:
    alice, bob = await house.people("alice", "bob")
    general = await house.general(await house.community(alice, bob))
    await asyncio.gather(*(house.post(alice, general, f"@bob {number}") for number in range(120)))
    counters = await house.counters(bob, general)
    assert (counters.unread, counters.mentions) == (100, 100)
    assert (await _overview(house, bob)).communities[0].channels[0].counters == counters


async def test_a_mark_that_is_set_back_is_told_even_where_it_stood(house: House) -> None:
    """The person's other devices have to stop reading, wherever the mark was."""
    alice, bob = await house.people("alice", "bob")
    general = await house.general(await house.community(alice, bob))
    await house.post(alice, general, "one")
    house.forget()
    await house.read(bob, general, 0, set_back=True)
    await house.read(bob, general, 0)
    assert [(each.counters.unread, each.set_back) for each in house.told(ReadMarkerMoved)] == [(1, True)]
    await house.post(bob, general, "mine")  # doesn't read what I left unread
    assert (await house.counters(bob, general)).read_id == 0


async def test_a_muted_channel_counts_on(house: House) -> None:
    alice, bob = await house.people("alice", "bob")
    lab = await house.community(alice, bob)
    general = await house.general(lab)
    await house.post(alice, general, "@bob")
    house.forget()
    entry = await _mute(house, bob, general, True)
    assert (entry.muted, entry.counters) == (True, await house.counters(bob, general))
    assert (await _mute(house, bob, general, None)).muted
    assert (await _mute(house, bob, general, True)).muted
    assert (await _overview(house, bob)).communities[0].channels[0] == entry
    assert not (await _overview(house, alice)).communities[0].channels[0].muted
    assert not (await _mute(house, bob, general, False)).muted
    assert house.told(ChannelMuted) == [ChannelMuted(general, bob.id, True), ChannelMuted(general, bob.id, False)]
    plans = await house.channel(alice, lab, "plans")
    with pytest.raises(Forbidden):
        await _mute(house, bob, plans.id, True)


async def _mute(house: House, person: Person, channel_id: str, muted: bool | None) -> ChannelEntry:
    return await house.do(
        person, overview.patch_channel_me, requests.PatchChannelMe(channel_id=channel_id, muted=muted)
    )


async def test_typing_needs_what_posting_needs(house: House) -> None:
    alice, bob = await house.people("alice", "bob")
    lab = await house.community(alice, bob)
    plans = await house.channel(alice, lab, "plans")
    request = requests.Typing(channel_id=plans.id)
    await house.do(alice, socket_requests.require_may_type, request)
    with pytest.raises(Forbidden):
        await house.do(bob, socket_requests.require_may_type, request)
