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
from tests.api.harness import ApiHarness, Person


async def _overview(harness: ApiHarness, person: Person) -> Overview:
    return await harness.ask(person, overview.get_overview, requests.Empty())


async def _join(harness: ApiHarness, person: Person, community: Community, *channel_ids: str) -> JoinAnswer:
    request = requests.Join(channels=channel_ids or None)
    return await harness.do(
        person, lambda tx, caller, asked: socket_requests.join(tx, caller, community.id, asked), request
    )


async def test_one_call_paints_the_whole_sidebar(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    plans = await harness.channel(alice, lab, "Plans", bob)
    secret = await harness.channel(alice, lab, "secret", kind="private")
    await harness.channel(alice, lab, "elsewhere")
    harness.clock.forward(1)
    works = await harness.community(bob, alice)
    await harness.post(alice, plans.id, "hi @bob")
    await harness.post(alice, plans.id, "and more")
    found = await _overview(harness, bob)
    assert found.user == found.users[bob.id]
    assert [(each.community.id, each.role) for each in found.communities] == [(lab.id, "member"), (works.id, "owner")]
    assert [[entry.channel.name for entry in each.channels] for each in found.communities] == [
        ["general", "Plans"],
        ["general"],
    ]
    entry = found.communities[0].channels[1]
    assert entry == ChannelEntry(channel=plans, muted=False, counters=await harness.counters(bob, plans.id))
    assert (entry.counters.unread, entry.counters.mentions) == (2, 1)
    part = await harness.ask(bob, overview.get_community_overview, requests.OfCommunity(community_id=lab.id))
    assert (part.community, part.role, part.channels) == (
        found.communities[0].community,
        "member",
        found.communities[0].channels,
    )
    assert secret.id not in str(found)


async def test_somebody_without_a_community(harness: ApiHarness) -> None:
    eve = await harness.person("eve")
    assert (await _overview(harness, eve)).communities == ()
    lab = await harness.community(await harness.person("alice"))
    with pytest.raises(NotFound):
        await harness.ask(eve, overview.get_community_overview, requests.OfCommunity(community_id=lab.id))


async def test_one_damaged_channel_spoils_nobodys_overview(harness: ApiHarness) -> None:
    """D11: in the original, one missing channel made the whole list fail."""
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    plans = await harness.channel(alice, lab, "plans", bob)
    await harness.database.write(lambda tx: tx.run("DELETE FROM channels WHERE id = ?", (plans.id,)))
    found = await _overview(harness, bob)
    assert [entry.channel.name for entry in found.communities[0].channels] == ["general"]


# Joining rooms


async def test_join_tells_counters_of_all_my_channels(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    plans = await harness.channel(alice, lab, "plans", bob)
    await harness.channel(alice, lab, "elsewhere")
    await harness.community(bob)
    await harness.post(alice, plans.id, "@bob")
    answer = await _join(harness, bob, lab)
    assert {each.channel_id for each in answer.joined} == {await harness.general(lab), plans.id}
    joined = next(each for each in answer.joined if each.channel_id == plans.id)
    assert (joined.last_id, joined.rev, joined.read_id, joined.unread, joined.mentions) == (1, 1, 0, 1, 1)
    assert (answer.refused, answer.rev) == ((), lab.rev + 1 + 2)


async def test_join_lets_nobody_into_rooms_that_are_not_theirs(harness: ApiHarness) -> None:
    """D1: `join` put every socket of the community into any room that any client named."""
    alice, bob = await harness.people("alice", "bob")
    lab, works = await harness.community(alice, bob), await harness.community(bob)
    secret = await harness.channel(alice, lab, "secret", kind="private")
    public = await harness.channel(alice, lab, "public")
    elsewhere = await harness.general(works)
    answer = await _join(harness, bob, lab, secret.id, public.id, elsewhere, "nonsense", secret.id)
    assert answer.joined == ()
    assert {each.channel_id: each.error.code for each in answer.refused} == {
        secret.id: "not-found",
        public.id: "forbidden",
        elsewhere: "not-found",
        "nonsense": "not-found",
    }
    with pytest.raises(NotFound):
        await _join(harness, alice, works)


async def test_a_namespace_is_for_members_only(harness: ApiHarness) -> None:
    alice, eve = await harness.people("alice", "eve")
    lab = await harness.community(alice)
    proof = token_hash(alice.token)
    caller = await harness.database.write(lambda tx: socket_requests.authorize_member(tx, proof, lab.id))
    assert caller.user_id == alice.id
    refusals = set()
    for community_id in (lab.id, "abcdefghijkl", "nonsense"):
        with pytest.raises(NotFound) as refused:
            await harness.database.write(
                lambda tx, where=community_id: socket_requests.authorize_member(tx, token_hash(eve.token), where)
            )
        refusals.add(refused.value.info)
    assert len(refusals) == 1
    with pytest.raises(Unauthorized):
        await harness.database.write(lambda tx: socket_requests.authorize_user(tx, token_hash("asnity_nonsense")))
    bob, sessions = await harness.person("bob"), {caller.session_id: alice.id, "x": alice.id}
    assert await harness.database.read(lambda view: socket_requests.ended_sessions(view, sessions)) == {"x": "ended"}
    await harness.database.write(lambda tx: users.disable_account(tx, alice.id))
    sessions["y"] = bob.id
    ended = await harness.database.read(lambda view: socket_requests.ended_sessions(view, sessions))
    assert ended == {caller.session_id: "disabled", "x": "disabled", "y": "ended"}


async def test_inviting_several_people_tells_what_became_of_each(harness: ApiHarness) -> None:
    alice, bob, carol, eve = await harness.people("alice", "bob", "carol", "eve")
    lab = await harness.community(alice, bob, carol)
    works = await harness.community(alice)
    secret = await harness.channel(alice, lab, "secret", bob, kind="private")
    harness.forget()
    request = requests.InviteUsers(channel_id=secret.id, users=(bob.id, carol.id, carol.id, eve.id, "x"))

    async def invite(person: Person, community: Community) -> InviteAnswer:
        return await harness.do(
            person, lambda tx, caller, asked: socket_requests.invite_users(tx, caller, community.id, asked), request
        )

    answer = await invite(alice, lab)
    assert answer.invited == (bob.id, carol.id)
    assert {each.user_id: each.error.code for each in answer.refused} == {
        eve.id: "not-found",
        "x": "not-found",
    }
    assert [each.user_id for each in harness.told(ChannelEntered)] == [carol.id]
    for person, community in ((alice, works), (eve, lab)):
        with pytest.raises(NotFound):
            await invite(person, community)


async def test_a_kick_and_a_join_at_once_agree(harness: ApiHarness) -> None:
    """Access is decided in the writer, so the answer fits the order of commits."""
    alice, bob = await harness.people("alice", "bob")
    for _ in range(5):
        lab = await harness.community(alice, bob)
        outcomes = await asyncio.gather(harness.kick(alice, lab, bob), _join(harness, bob, lab), return_exceptions=True)
        assert isinstance(outcomes[1], NotFound)
        lab = await harness.community(alice, bob)
        outcomes = await asyncio.gather(_join(harness, bob, lab), harness.kick(alice, lab, bob), return_exceptions=True)
        assert isinstance(outcomes[0], JoinAnswer)


# Counters


async def test_my_own_message_is_read_if_everything_before_was(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    general = await harness.general(await harness.community(alice, bob))
    await harness.post(alice, general, "one")
    assert (await harness.counters(alice, general)).read_id == 1
    await harness.post(bob, general, "two")
    assert await harness.counters(bob, general) == Counters(last_id=2, rev=2, read_id=0, unread=1, mentions=0)
    await harness.read(bob, general, 2)
    await harness.post(bob, general, "three")
    assert await harness.counters(bob, general) == Counters(last_id=3, rev=3, read_id=3, unread=0, mentions=0)


async def test_a_read_marker_moves_back_only_on_purpose(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    general = await harness.general(await harness.community(alice, bob))
    for number in range(5):
        await harness.post(alice, general, f"{number}")
    harness.forget()
    assert (await harness.read(bob, general, 3)).unread == 2
    assert (await harness.read(bob, general, 2)).read_id == 3
    assert (await harness.read(bob, general, 3)).read_id == 3
    assert (await harness.read(bob, general, 1, set_back=True)).unread == 4
    assert (await harness.read(bob, general, 99)).read_id == 5  # never beyond the newest
    moved = harness.told(ReadMarkerMoved)
    assert [(each.counters.read_id, each.set_back, each.user_id) for each in moved] == [
        (3, False, bob.id),
        (1, True, bob.id),
        (5, False, bob.id),
    ]


async def test_counts_stop_at_a_hundred(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    general = await harness.general(await harness.community(alice, bob))
    await asyncio.gather(*(harness.post(alice, general, f"@bob {number}") for number in range(120)))
    counters = await harness.counters(bob, general)
    assert (counters.unread, counters.mentions) == (100, 100)
    assert (await _overview(harness, bob)).communities[0].channels[0].counters == counters


async def test_a_mark_that_is_set_back_is_told_even_where_it_stood(harness: ApiHarness) -> None:
    """The person's other devices have to stop reading, wherever the mark was."""
    alice, bob = await harness.people("alice", "bob")
    general = await harness.general(await harness.community(alice, bob))
    await harness.post(alice, general, "one")
    harness.forget()
    await harness.read(bob, general, 0, set_back=True)
    await harness.read(bob, general, 0)
    assert [(each.counters.unread, each.set_back) for each in harness.told(ReadMarkerMoved)] == [(1, True)]
    await harness.post(bob, general, "mine")  # doesn't read what I left unread
    assert (await harness.counters(bob, general)).read_id == 0


async def test_a_muted_channel_counts_on(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    await harness.post(alice, general, "@bob")
    harness.forget()
    entry = await _mute(harness, bob, general, True)
    assert (entry.muted, entry.counters) == (True, await harness.counters(bob, general))
    assert (await _mute(harness, bob, general, None)).muted
    assert (await _mute(harness, bob, general, True)).muted
    assert (await _overview(harness, bob)).communities[0].channels[0] == entry
    assert not (await _overview(harness, alice)).communities[0].channels[0].muted
    assert not (await _mute(harness, bob, general, False)).muted
    assert harness.told(ChannelMuted) == [ChannelMuted(general, bob.id, True), ChannelMuted(general, bob.id, False)]
    plans = await harness.channel(alice, lab, "plans")
    with pytest.raises(Forbidden):
        await _mute(harness, bob, plans.id, True)


async def _mute(harness: ApiHarness, person: Person, channel_id: str, muted: bool | None) -> ChannelEntry:
    return await harness.do(
        person, overview.patch_channel_me, requests.PatchChannelMe(channel_id=channel_id, muted=muted)
    )


async def test_typing_needs_what_posting_needs(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    plans = await harness.channel(alice, lab, "plans")
    request = requests.Typing(channel_id=plans.id)
    await harness.do(alice, socket_requests.type_now, request)
    with pytest.raises(Forbidden):
        await harness.do(bob, socket_requests.type_now, request)
