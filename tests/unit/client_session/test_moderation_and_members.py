"""Moderation, members, direct channels, channels that change or go, and my account, through the session."""

from __future__ import annotations

import pytest

from asnity_server.protocol import limits, requests, routes
from asnity_server.protocol.errors import Conflict, ErrorInfo, Forbidden, Unauthorized
from asnity_server.protocol.events import PresenceChanges
from asnity_server.protocol.models import Role
from asnity_tui.client.sync.session import Session
from asnity_tui.state import changes as facts
from asnity_tui.state.events import apply_event
from asnity_tui.state.reconcile import current_overview
from asnity_tui.state.rights import rights_in
from tests.fakes.storage import InMemoryStorage

from .session_harness import CountingClient, Middle, SessionHarness, quiet


@pytest.fixture
async def owner(harness: SessionHarness) -> SessionHarness:
    """Alice owns the community."""
    harness.server.set_role(harness.lab, harness.alice, "owner")
    harness.server.set_role(harness.lab, harness.bob, "member")
    await harness.begin()
    return harness


def role(harness: SessionHarness, user_id: str) -> Role:
    return harness.server.world.communities[harness.lab].members[user_id].role


async def test_a_direct_channel_is_there_at_once_and_only_once(live: SessionHarness) -> None:
    channel_id = await live.session.directs.open(live.lab, [live.bob.id])
    assert live.session.store.title_of(live.channel(channel_id)) == "Bob"
    assert await live.session.directs.open(live.lab, [live.bob.id]) == channel_id


async def test_kicked_banned_and_let_in_again(owner: SessionHarness) -> None:
    cleo = owner.server.person("cleo")
    for each in (cleo, owner.bob):
        if each is cleo:
            owner.server.add_member(owner.lab, cleo)
    await owner.session.members.load(owner.lab)
    await owner.session.moderation.kick(owner.lab, cleo.id, reason="spam")
    await owner.session.moderation.ban(owner.lab, owner.bob.id, reason="more spam")
    await quiet()
    members = owner.session.store.communities[owner.lab].members
    assert members is not None
    assert set(members) == {owner.alice.id}
    bans = await anext(owner.session.moderation.bans(owner.lab))
    assert [(each.user_id, each.reason) for each in bans.bans] == [(owner.bob.id, "more spam")]
    await owner.session.moderation.unban(owner.lab, owner.bob.id)
    assert (await anext(owner.session.moderation.bans(owner.lab))).bans == ()
    audit = await anext(owner.session.moderation.audit(owner.lab))
    assert [each.action for each in audit.entries] == ["ban-lifted", "member-banned", "member-kicked"]


async def test_a_mute_is_seen_in_the_list_and_by_the_muted(owner: SessionHarness) -> None:
    await owner.session.members.load(owner.lab)
    theirs = Session(CountingClient(owner.server, owner.bob), InMemoryStorage(), clock=owner.clock, random=Middle())
    theirs.start()
    await quiet()
    assert rights_in(theirs.store, owner.lab, owner.clock.now()).may_create_channel
    await owner.session.moderation.mute(owner.lab, owner.bob.id, 600, reason="slowly")
    await quiet()
    members = owner.session.store.communities[owner.lab].members
    assert members is not None
    assert isinstance(members[owner.bob.id].muted_until, str)
    assert theirs.store.communities[owner.lab].muted_until == owner.clock.now() + 600_000
    assert not rights_in(theirs.store, owner.lab, owner.clock.now()).may_create_channel
    again = current_overview(theirs.store)
    assert again is not None
    assert isinstance(again.communities[0].muted_until, str)
    await owner.session.moderation.mute(owner.lab, owner.bob.id, 0)
    await quiet()
    assert theirs.store.communities[owner.lab].muted_until == 0
    await theirs.close()


async def test_roles_and_handing_over(owner: SessionHarness) -> None:
    await owner.session.moderation.set_role(owner.lab, owner.bob.id, "admin")
    assert role(owner, owner.bob.id) == "admin"
    with pytest.raises(Conflict):
        await owner.session.moderation.set_role(owner.lab, "me", "admin")
    await owner.session.moderation.hand_over(owner.lab, owner.bob.id)
    assert (role(owner, owner.bob.id), role(owner, owner.alice.id)) == ("owner", "admin")
    await quiet()
    assert owner.session.store.communities[owner.lab].role == "admin"


async def test_removed_from_a_channel(owner: SessionHarness) -> None:
    await owner.session.members.remove_from_channel(owner.random, owner.bob.id)
    assert owner.bob.id not in owner.server.world.channels[owner.random].seats
    with pytest.raises(Forbidden):
        await owner.session.members.remove_from_channel(owner.general, owner.bob.id)


async def test_a_community_is_changed_and_deleted(owner: SessionHarness) -> None:
    changed = await owner.session.communities.change(owner.lab, name="Lab 2", invites_by="admins")
    held = owner.session.store.communities[owner.lab].community
    assert (held.name, held.invites_by, held.rev) == ("Lab 2", "admins", changed.rev)
    await quiet()
    assert owner.session.store.communities[owner.lab].community.name == "Lab 2"
    await owner.session.communities.delete(owner.lab)
    await quiet()
    assert owner.session.store.communities == {}
    assert owner.told(facts.CommunityLost) == [facts.CommunityLost(owner.lab, "Lab 2", "deleted")]


async def test_a_channel_is_changed_archived_and_deleted(owner: SessionHarness) -> None:
    await owner.session.channels.change(owner.random, name="noise", topic="all else")
    await quiet()
    assert owner.channel(owner.random).channel.topic == "all else"
    await owner.session.channels.change(owner.random, archived=True)
    await quiet()
    assert owner.channel(owner.random).channel.archived
    await owner.session.channels.delete(owner.random)
    await quiet()
    assert owner.session.store.channel(owner.random) is None
    assert owner.told(facts.ChannelLost) == [facts.ChannelLost(owner.lab, owner.random, "noise", "deleted", "#noise")]


async def test_my_sessions_my_password_my_status(live: SessionHarness) -> None:
    for _ in range(3):
        live.server.token(live.alice, "elsewhere")
    found = await live.session.account.sessions()
    assert [each.current for each in found].count(True) == 1
    others = [each for each in found if not each.current]
    await live.session.account.end_session(others[0].id)
    assert len(await live.session.account.sessions()) == 3
    await live.session.account.end_other_sessions()
    assert len(await live.session.account.sessions()) == 1
    with pytest.raises((Unauthorized, Forbidden)):
        await live.session.account.change_password("wrong", "mandarine")
    await live.session.account.change_password("tangerine", "mandarine")
    await live.session.account.set_status("at lunch")
    me = live.session.store.me
    assert me is not None
    assert me.status_text == "at lunch"


async def test_all_my_sessions_are_listed_however_many_pages_they_fill(live: SessionHarness) -> None:
    for number in range(limits.SESSIONS - 1):
        live.server.token(live.alice, f"device {number}")
    listed = await live.session.account.sessions()
    assert len({each.id for each in listed}) == limits.SESSIONS > requests.Page().limit
    assert listed[0].device == f"device {limits.SESSIONS - 2}"


async def test_a_list_of_members_is_loaded_again_where_something_was_missed(live: SessionHarness) -> None:
    await live.session.members.load(live.lab)
    live.client.go_offline()
    await quiet()
    cleo, dana = live.server.person("cleo"), live.server.person("dana")
    live.server.add_member(live.lab, cleo)
    live.client.go_online()
    await live.clock.advance(40)
    members = live.session.store.communities[live.lab].members
    assert members is not None
    assert cleo.id in members
    live.client.faults.drop_events(name="member-changed")
    live.server.add_member(live.lab, dana)
    live.client.faults.refuse_next(ErrorInfo(code="forbidden", message="No."), routes.MEMBERS)
    live.server.set_role(live.lab, cleo, "admin")
    await quiet()
    assert live.session.store.communities[live.lab].members is None
    assert facts.MembersChanged(live.lab) in live.facts


async def test_who_is_in_a_channel_is_loaded_again_where_something_was_missed(live: SessionHarness) -> None:
    await live.session.members.load_channel(live.general)

    def people() -> set[str] | None:
        channel = live.session.store.channel(live.general)
        assert channel is not None
        return None if channel.people is None else {each.user.username for each in channel.people.values()}

    before = people()
    assert before is not None
    live.server.add_member(live.lab, live.server.person("cleo"))
    await quiet()
    assert people() == before | {"cleo"}
    live.client.go_offline()
    await quiet()
    live.server.add_member(live.lab, live.server.person("dana"))
    live.client.go_online()
    await live.clock.advance(40)
    assert people() == before | {"cleo", "dana"}
    live.client.faults.refuse_next(ErrorInfo(code="forbidden", message="No."), routes.CHANNEL_MEMBERS)
    live.client.go_offline()
    await quiet()
    live.client.go_online()
    await live.clock.advance(40)
    assert people() is None  # a list that may be wrong is worse than none
    assert facts.PeopleChanged(live.general) in live.facts


async def test_of_too_many_people_whom_nobody_knows_some_are_asked_for(
    live: SessionHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asnity_tui.client.sync.repair.UNKNOWN_MAX", 150)
    asked = live.client.count("GET users")
    strangers = {f"strange{number:05}": "online" for number in range(2_000)}
    live.session.publisher.publish(
        apply_event(live.session.store, live.lab, "presence", PresenceChanges(changes=strangers), 0)  # type: ignore[arg-type]
    )
    await live.clock.advance(1)
    assert live.client.count("GET users") - asked == 2
    assert len(live.session._repair._asked_people) <= 150 + 100
    assert live.session._repair._people == {}


async def test_communities_that_are_left_again_and_again_are_counted_anew(
    live: SessionHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asnity_tui.client.sync.link.LEFT_MAX", 5)
    for number in range(50):
        live.session._link.namespace_closed(f"comm{number:08}")
    assert len(live.session._link._left) <= 5
