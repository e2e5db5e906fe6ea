"""Roles, mutes, kicks and bans, and the list of who did what to whom."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from asnity_server.api import (
    audit,
    channels,
    communities,
    invites,
    members,
    messages,
    moderation,
    overview,
    socket_requests,
)
from asnity_server.api.accounts.sign_in import Peer
from asnity_server.bus import ChannelEntered, CommunityExited, MemberUpdated
from asnity_server.protocol import requests
from asnity_server.protocol.errors import AsnityError, Conflict, Forbidden, Invalid, NotFound
from asnity_server.protocol.models import AuditEntry, Community, Member, Role
from asnity_server.protocol.times import to_wire
from tests.api.harness import ApiHarness, Person

MINUTE = 60_000


async def patch(harness: ApiHarness, by: Person, lab: Community, target: Person, **what: Any) -> Member:
    """Give a role, or mute."""
    request = requests.PatchMember(community_id=lab.id, user_id=target.id, **what)
    return await harness.do(by, moderation.patch_member, request)


async def remove(harness: ApiHarness, by: Person, lab: Community, target: Person, **how: Any) -> None:
    """Kick, ban, or leave."""
    request = requests.RemoveMember(community_id=lab.id, user_id=target.id, **how)
    await harness.do(by, members.remove_member, request)


async def entries(harness: ApiHarness, by: Person, lab: Community) -> tuple[AuditEntry, ...]:
    """The audit list."""
    return (await harness.ask(by, audit.list_audit, requests.OfCommunityPage(community_id=lab.id))).entries


async def roles(harness: ApiHarness, by: Person, lab: Community) -> dict[str, Role]:
    """Everyone's role, by name."""
    page = await harness.ask(by, members.list_members, requests.OfCommunityPage(community_id=lab.id))
    return {each.user.username: each.role for each in page.members}


# Roles


async def test_a_role_is_given_told_and_noted(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    harness.forget()
    before = await harness.ask(alice, communities.get_community, requests.OfCommunity(community_id=lab.id))
    member = await patch(harness, alice, lab, bob, role="admin")
    assert (member.user.id, member.role) == (bob.id, "admin")
    (told,) = harness.told(MemberUpdated)
    assert (told.user.id, told.role, told.rev) == (bob.id, "admin", before.rev + 1)
    await patch(harness, alice, lab, bob, role="admin")
    assert len(harness.told(MemberUpdated)) == 1
    (entry,) = await entries(harness, bob, lab)
    assert (entry.id, entry.actor_id, entry.action, entry.target_id, entry.detail) == (
        1, alice.id, "role-given", bob.id, "admin",
    )  # fmt: skip


async def test_a_community_is_handed_over_and_never_without_an_owner(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    for way in (patch(harness, alice, lab, alice, role="admin"), remove(harness, alice, lab, alice)):
        with pytest.raises(Conflict):
            await way
    await patch(harness, alice, lab, bob, role="owner")
    with pytest.raises(Forbidden):
        await patch(harness, alice, lab, bob, role="member")
    await patch(harness, alice, lab, alice, role="member")
    assert await roles(harness, bob, lab) == {"alice": "member", "bob": "owner"}
    with pytest.raises(Conflict):
        await patch(harness, bob, lab, bob, role="member")
    await remove(harness, alice, lab, alice)


async def test_an_owner_may_leave_where_another_stays(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    await patch(harness, alice, lab, bob, role="owner")
    await remove(harness, alice, lab, alice)
    assert await roles(harness, bob, lab) == {"bob": "owner"}
    with pytest.raises(Conflict):
        await remove(harness, bob, lab, bob)


async def test_nobody_raises_themselves_but_everybody_may_step_down(harness: ApiHarness) -> None:
    alice, bob, carol = await harness.people("alice", "bob", "carol")
    lab = await harness.community(alice, bob, admins=[carol])
    for person, role in ((bob, "admin"), (bob, "owner"), (carol, "owner")):
        with pytest.raises(Forbidden):
            await patch(harness, person, lab, person, role=role)
    with pytest.raises(Forbidden):
        await patch(harness, carol, lab, bob, role="admin")
    await patch(harness, carol, lab, carol, role="member")
    assert (await roles(harness, bob, lab))["carol"] == "member"


async def test_what_is_no_change_or_about_nobody(harness: ApiHarness) -> None:
    alice, bob, eve = await harness.people("alice", "bob", "eve")
    lab = await harness.community(alice, bob)
    with pytest.raises(Invalid):
        await patch(harness, alice, lab, bob)
    for what in ({"role": "admin"}, {"muted_for": 60}):
        with pytest.raises(NotFound):
            await patch(harness, alice, lab, eve, **what)
        with pytest.raises(NotFound):
            await patch(harness, eve, lab, bob, **what)
    # where one of two things is refused, neither happens
    await patch(harness, alice, lab, bob, role="admin")
    carol = await harness.person("carol")
    await harness.enter(lab.id, carol)
    with pytest.raises(Forbidden):
        await patch(harness, bob, lab, carol, muted_for=60, role="admin")
    assert carol.id not in {each.target_id for each in await entries(harness, alice, lab)}


# Mutes


async def muted_writes(harness: ApiHarness, person: Person, lab: Community) -> list[AsnityError]:
    """The refusals of everything by which one is heard, from somebody who has a message in `general`."""
    general = await harness.general(lab)
    here = {"community_id": lab.id}
    refused = []
    for work, request in (
        (channels.create_channel, requests.CreateChannel(**here, name="mine", kind="public")),
        (harness.api.invites.create, requests.CreateInvite(**here)),
        (channels.add_member, requests.OfChannelMember(channel_id=general, user_id=lab.id)),
        (socket_requests.type_now, requests.Typing(channel_id=general)),
    ):
        with pytest.raises(Forbidden) as caught:
            await harness.do(person, work, request)  # type: ignore[arg-type]
        refused.append(caught.value)
    for way in (
        harness.post(person, general, "words"),
        harness.do(person, _edit_first, requests.OfChannel(channel_id=general)),
    ):
        with pytest.raises(Forbidden) as caught:
            await way
        refused.append(caught.value)
    return refused


def _edit_first(tx: Any, caller: Any, request: requests.OfChannel) -> object:
    edit = requests.EditMessage(channel_id=request.channel_id, chat_id=1, content="other words")
    return messages.edit(tx, caller, edit)


async def test_a_muted_member_reads_but_is_not_heard(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    his = await harness.post(bob, general, "before")
    harness.forget()
    until = harness.clock.now + 10 * MINUTE
    member = await patch(harness, alice, lab, bob, muted_for=600, reason="shouting")
    assert member.muted_until == to_wire(until)
    assert [each.muted_until for each in harness.told(MemberUpdated)] == [to_wire(until)]
    words = f"You are muted in this community until {to_wire(until)[:10]} {to_wire(until)[11:16]} UTC."
    assert {str(each) for each in await muted_writes(harness, bob, lab)} == {words}
    assert len((await harness.history(bob, general)).messages) == 1
    await harness.read(bob, general, 1)
    await harness.delete(bob, his)
    (entry,) = await entries(harness, alice, lab)
    assert (entry.action, entry.target_id, entry.until, entry.detail) == (
        "member-muted", bob.id, to_wire(until), "shouting",
    )  # fmt: skip


async def test_a_mute_ends_by_itself_and_by_hand(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    await patch(harness, alice, lab, bob, muted_for=60)
    harness.clock.forward(MINUTE - 1)
    with pytest.raises(Forbidden):
        await harness.post(bob, general, "too early")
    harness.clock.forward(1)
    await harness.post(bob, general, "in time")
    mine = await harness.ask(bob, overview.get_overview, requests.Empty())
    assert mine.communities[0].muted_until is msgspec.UNSET
    await patch(harness, alice, lab, bob, muted_for=60)
    assert (await patch(harness, alice, lab, bob, muted_for=0)).muted_until is msgspec.UNSET
    await harness.post(bob, general, "again")
    count = len(await entries(harness, alice, lab))
    await patch(harness, alice, lab, bob, muted_for=0)  # nothing to end: nothing to note
    assert len(await entries(harness, alice, lab)) == count


async def test_who_is_muted_sees_it_at_first_sight(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    member = await patch(harness, alice, lab, bob, muted_for=60)
    mine = await harness.ask(bob, overview.get_overview, requests.Empty())
    part = await harness.ask(bob, overview.get_community_overview, requests.OfCommunity(community_id=lab.id))
    assert mine.communities[0].muted_until == part.muted_until == member.muted_until != msgspec.UNSET
    hers = await harness.ask(alice, overview.get_overview, requests.Empty())
    assert hers.communities[0].muted_until is msgspec.UNSET


async def test_leaving_does_not_get_around_a_mute(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    await patch(harness, alice, lab, bob, muted_for=600)
    await remove(harness, bob, lab, bob)
    await harness.enter(lab.id, bob)
    with pytest.raises(Forbidden):
        await harness.post(bob, await harness.general(lab), "back")


async def test_admins_are_not_muted_by_each_other_and_a_promotion_ends_a_mute(harness: ApiHarness) -> None:
    alice, bob, carol = await harness.people("alice", "bob", "carol")
    lab = await harness.community(alice, admins=[bob, carol])
    for target in (alice, carol, bob):
        with pytest.raises(Forbidden):
            await patch(harness, bob, lab, target, muted_for=60)
    await patch(harness, alice, lab, bob, role="member")
    await patch(harness, carol, lab, bob, muted_for=600)
    assert (await patch(harness, alice, lab, bob, role="admin")).muted_until is msgspec.UNSET
    await harness.post(bob, await harness.general(lab), "heard")


async def test_a_repeat_of_what_was_stored_before_a_mute_is_answered(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    message = await harness.post(bob, general, "words", nonce="n-1")
    await patch(harness, alice, lab, bob, muted_for=60)
    assert await harness.post(bob, general, "words", nonce="n-1") == message


# Kicks and bans


async def test_a_kick_says_why_and_an_invite_lets_in_again(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    link = await harness.do(alice, harness.api.invites.create, requests.CreateInvite(community_id=lab.id))
    harness.forget()
    await remove(harness, alice, lab, bob, reason="  off topic ")
    assert harness.told(CommunityExited) == [CommunityExited(bob.id, lab.id, "kicked", "off topic")]
    await harness.do(bob, invites.accept, requests.OfInvite(code=link.code))
    assert "bob" in await roles(harness, alice, lab)
    with pytest.raises(Invalid):
        await remove(harness, alice, lab, bob, reason="\x1b[31m")


async def test_a_ban_is_not_got_around(harness: ApiHarness) -> None:
    alice, bob, carol = await harness.people("alice", "bob", "carol")
    lab = await harness.community(alice, bob, carol)
    secret = await harness.channel(alice, lab, "secret", carol, kind="private")
    link = await harness.do(alice, harness.api.invites.create, requests.CreateInvite(community_id=lab.id))
    into = requests.CreateInvite(community_id=lab.id, channel_id=secret.id)
    deeper = await harness.do(alice, harness.api.invites.create, into)
    own = await harness.do(bob, harness.api.invites.create, requests.CreateInvite(community_id=lab.id))
    harness.forget()
    await remove(harness, alice, lab, bob, ban=True, reason="no manners")
    assert harness.told(CommunityExited) == [CommunityExited(bob.id, lab.id, "banned", "no manners")]
    for code in (link.code, deeper.code):
        with pytest.raises(Forbidden) as refused:
            await harness.do(bob, invites.accept, requests.OfInvite(code=code))
        assert "no manners" in str(refused.value)
    with pytest.raises(NotFound):  # nor do others come in by a link of his
        await harness.do(await harness.person("dave"), invites.accept, requests.OfInvite(code=own.code))
    put = requests.OfChannelMember(channel_id=secret.id, user_id=bob.id)
    with pytest.raises(NotFound):
        await harness.do(alice, channels.add_member, put)
    brought = requests.InviteUsers(channel_id=secret.id, users=(bob.id,))
    answer = await harness.do(
        alice, lambda tx, caller, request: socket_requests.invite_users(tx, caller, lab.id, request), brought
    )
    assert [each.error.code for each in answer.refused] == ["not-found"]
    with pytest.raises(Forbidden):
        await harness.enter(lab.id, bob)
    assert [each.user_id for each in harness.told(ChannelEntered)] == []
    assert await harness.sql("SELECT uses FROM invites ORDER BY uses") == [(0,), (0,)]


async def test_a_sign_up_with_an_invite_does_not_get_around_a_ban(tmp_path: Any) -> None:
    harness = await ApiHarness(tmp_path / "asnity.db", registration="invite").open()
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    link = await harness.do(alice, harness.api.invites.create, requests.CreateInvite(community_id=lab.id))
    await remove(harness, alice, lab, bob, ban=True)
    for name in ("bob", "BOB"):
        sign_up = requests.SignUp(username=name, password="tangerine", invite=link.code)
        with pytest.raises(Conflict):
            await harness.api.accounts.sign_up(Peer("elsewhere"), sign_up)
    assert await roles(harness, alice, lab) == {"alice": "owner"}
    await harness.close()


async def test_a_ban_is_listed_and_lifted(harness: ApiHarness) -> None:
    alice, bob, carol = await harness.people("alice", "bob", "carol")
    lab = await harness.community(alice, bob, carol)
    await remove(harness, alice, lab, bob, ban=True, reason="first")
    harness.clock.forward(1)
    await remove(harness, alice, lab, carol, ban=True, reason="second")
    page = requests.OfCommunityPage(community_id=lab.id, limit=1)
    newest = await harness.ask(alice, moderation.list_bans, page)
    assert [each.reason for each in newest.bans] == ["second"]
    assert newest.users[carol.id].former
    assert isinstance(newest.cursor, str)
    rest = await harness.ask(alice, moderation.list_bans, msgspec.structs.replace(page, cursor=newest.cursor))
    assert ([each.reason for each in rest.bans], rest.cursor) == (["first"], msgspec.UNSET)
    with pytest.raises(Invalid):
        await harness.ask(alice, moderation.list_bans, msgspec.structs.replace(page, cursor="x"))
    lift = requests.OfMember(community_id=lab.id, user_id=bob.id)
    await harness.do(alice, moderation.lift_ban, lift)
    with pytest.raises(NotFound):
        await harness.do(alice, moderation.lift_ban, lift)
    await harness.enter(lab.id, bob)
    assert "bob" in await roles(harness, alice, lab)


async def test_who_has_left_is_banned_all_the_same(harness: ApiHarness) -> None:
    alice, bob, eve = await harness.people("alice", "bob", "eve")
    lab = await harness.community(alice, bob)
    await remove(harness, bob, lab, bob)
    await remove(harness, alice, lab, bob, ban=True)
    with pytest.raises(Forbidden):
        await harness.enter(lab.id, bob)
    with pytest.raises(NotFound):  # but not who was never there
        await remove(harness, alice, lab, eve, ban=True)
    with pytest.raises(Invalid):
        await remove(harness, alice, lab, alice, ban=True)


# The audit list


async def test_the_audit_list_tells_newest_first_in_parts(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    for role in ("admin", "member", "admin"):
        await patch(harness, alice, lab, bob, role=role)
    page = requests.OfCommunityPage(community_id=lab.id, limit=2)
    first = await harness.ask(bob, audit.list_audit, page)
    assert [each.id for each in first.entries] == [3, 2]
    assert first.users.keys() == {alice.id, bob.id}
    assert isinstance(first.cursor, str)
    rest = await harness.ask(bob, audit.list_audit, msgspec.structs.replace(page, cursor=first.cursor))
    assert ([each.id for each in rest.entries], rest.cursor) == ([1], msgspec.UNSET)
    for nonsense in ("x", "-1", "1e3", "9" * 30):
        with pytest.raises(Invalid):
            await harness.ask(alice, audit.list_audit, msgspec.structs.replace(page, cursor=nonsense))


async def test_what_is_done_to_others_is_noted_and_what_is_ones_own_is_not(harness: ApiHarness) -> None:
    alice, bob, carol = await harness.people("alice", "bob", "carol")
    lab = await harness.community(alice, bob, admins=[carol])
    plans = await harness.channel(alice, lab, "plans", bob, carol)
    first, second = [await harness.post(bob, plans.id, each) for each in ("one", "two")]
    await harness.delete(bob, first)
    await harness.delete(carol, second)
    await harness.do(carol, channels.remove_member, requests.OfChannelMember(channel_id=plans.id, user_id=bob.id))
    change = requests.PatchChannel(channel_id=plans.id, name="plots", archived=True)
    await harness.do(carol, channels.patch_channel, change)
    await harness.do(carol, channels.delete_channel, requests.OfChannel(channel_id=plans.id))
    own = await harness.do(bob, harness.api.invites.create, requests.CreateInvite(community_id=lab.id))
    await harness.do(carol, invites.withdraw, requests.OfCommunityInvite(community_id=lab.id, code=own.code))
    await harness.do(alice, communities.patch_community, requests.PatchCommunity(community_id=lab.id, name="Works"))
    noted = [(each.action, each.target_id, each.channel_id, each.chat_id, each.detail) for each in reversed(
        await entries(harness, alice, lab)
    )]  # fmt: skip
    assert noted == [
        ("message-deleted", bob.id, plans.id, 2, ""),
        ("removed-from-channel", bob.id, plans.id, None, ""),
        ("channel-changed", None, plans.id, None, "plots"),
        ("channel-archived", None, plans.id, None, "plots"),
        ("channel-deleted", None, plans.id, None, "plots"),
        ("invite-withdrawn", bob.id, None, None, ""),
        ("community-changed", None, None, None, "Works"),
    ]


async def test_what_was_done_in_a_private_channel_stays_among_those_in_it(harness: ApiHarness) -> None:
    alice, bob, carol = await harness.people("alice", "bob", "carol")
    lab = await harness.community(alice, bob, admins=[carol])
    secret = await harness.channel(alice, lab, "secret", bob, kind="private")
    message = await harness.post(bob, secret.id, "words")
    await harness.delete(alice, message)
    assert [each.action for each in await entries(harness, alice, lab)] == ["message-deleted"]
    assert await entries(harness, carol, lab) == ()
    await harness.do(alice, channels.delete_channel, requests.OfChannel(channel_id=secret.id))
    assert [each.action for each in await entries(harness, alice, lab)] == ["channel-deleted", "message-deleted"]
    assert await entries(harness, carol, lab) == ()
