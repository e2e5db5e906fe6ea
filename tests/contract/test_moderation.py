"""The contract of keeping order: roles, mutes, bans, the audit list, sessions ended at once."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import UNSET

from asnity_server.protocol import errors, events, requests, routes
from asnity_server.protocol.models import Member
from tests.contract.harness import Device, ServerHarness


async def trio(harness: ServerHarness) -> tuple[Device, Device, Device, str, str]:
    """Alice, who owns a community, with bob and carol in it, all connected. Its id, and that of `general`."""
    people = [await harness.person(each) for each in ("alice", "bob", "carol")]
    here = (await people[0].found("Lab")).id
    await people[0].let_in(here, *people[1:])
    for each in people:
        await each.open(here)
    return (*people, here, await people[0].general(here))  # type: ignore[return-value]


async def patch(by: Device, here: str, target: Device, **what: Any) -> Member:
    """Give a role, or mute."""
    return await by.call(routes.PATCH_MEMBER, requests.PatchMember(community_id=here, user_id=target.user.id, **what))


async def remove(by: Device, here: str, target: Device, **how: Any) -> None:
    """Kick, ban, or leave."""
    await by.call(routes.REMOVE_MEMBER, requests.RemoveMember(community_id=here, user_id=target.user.id, **how))


async def deeds(by: Device, here: str) -> list[tuple[str, str | None, str]]:
    """The audit list: what was done, to whom, and in what words."""
    audit = await by.call(routes.AUDIT, requests.OfCommunityPage(community_id=here))
    return [(each.action, each.target_id, each.detail) for each in audit.entries]


async def test_a_role_is_told_to_all_with_a_step_of_the_community(harness: ServerHarness) -> None:
    alice, bob, carol, here, _general = await trio(harness)
    before = await alice.call(routes.COMMUNITY, requests.OfCommunity(community_id=here))
    member = await patch(alice, here, bob, role="admin")
    assert (member.user.id, member.role) == (bob.user.id, "admin")
    for each in (bob, carol):
        await each.heard.until(
            lambda each=each: any(
                isinstance(told, events.MemberChanged) and told.role == "admin"
                for told in each.heard.payloads("member-changed")
            ),
            "the role",
        )
    told = [each for each in carol.heard.payloads("member-changed") if isinstance(each, events.MemberChanged)][-1]
    assert (told.user.id, told.rev) == (bob.user.id, before.rev + 1)
    overview = await bob.call(routes.OVERVIEW, requests.Empty())
    assert overview.communities[0].role == "admin"
    assert await deeds(bob, here) == [("role-given", bob.user.id, "admin")]
    with pytest.raises(errors.Forbidden):
        await deeds(carol, here)


async def test_roles_are_the_owners_to_give_and_nobody_is_raised_by_themselves(harness: ServerHarness) -> None:
    alice, bob, carol, here, _general = await trio(harness)
    await patch(alice, here, bob, role="admin")
    for by, target, role in (
        (carol, carol, "admin"),
        (bob, bob, "owner"),
        (bob, carol, "admin"),
        (bob, alice, "member"),
    ):
        with pytest.raises(errors.Forbidden):
            await patch(by, here, target, role=role)
    assert (await patch(bob, here, bob, role="member")).role == "member"
    with pytest.raises(errors.Invalid):
        await patch(alice, here, bob)


async def test_a_community_is_handed_over_and_the_last_owner_stays(harness: ServerHarness) -> None:
    alice, bob, _carol, here, _general = await trio(harness)
    with pytest.raises(errors.Conflict):
        await patch(alice, here, alice, role="member")
    await patch(alice, here, bob, role="owner")
    with pytest.raises(errors.Forbidden):
        await patch(alice, here, bob, role="member")
    await remove(alice, here, alice)  # an owner may go where another stays
    with pytest.raises(errors.Conflict):
        await remove(bob, here, bob)


async def test_a_muted_member_reads_but_is_not_heard(harness: ServerHarness) -> None:
    alice, bob, carol, here, general = await trio(harness)
    await bob.say(general, "before")
    member = await patch(alice, here, bob, muted_for=600, reason="shouting")
    until = member.muted_until
    assert isinstance(until, str)
    attempts = [
        lambda: bob.say(general, "words"),
        lambda: bob.call(routes.POST_MESSAGE, requests.PostMessage(channel_id=general, content="words")),
        lambda: bob.ask(here, routes.CHAT_MODIFY, requests.ModifyChat(channel_id=general, chat_id=1, content="x")),
        lambda: bob.ask(here, routes.REACT, requests.React(channel_id=general, chat_id=1, emoji="👍", on=True)),
        lambda: bob.ask(here, routes.TYPING, requests.Typing(channel_id=general)),
        lambda: bob.ask(here, routes.INVITE_USERS, requests.InviteUsers(channel_id=general, users=(carol.user.id,))),
        lambda: bob.channel(here, "mine"),
        lambda: bob.call(routes.CREATE_INVITE, requests.CreateInvite(community_id=here)),
        lambda: bob.call(routes.OPEN_DIRECT, requests.OpenDirect(community_id=here, user_ids=(carol.user.id,))),
    ]
    for attempt in attempts:
        with pytest.raises(errors.Forbidden) as refused:
            await attempt()
        assert str(refused.value) == f"You are muted in this community until {until[:10]} {until[11:16]} UTC."
    page = await bob.call(routes.HISTORY, requests.History(channel_id=general))
    assert [each.content for each in page.messages] == ["before"]
    await bob.ask(here, routes.READ, requests.MoveReadMarker(channel_id=general, read_id=1))
    await bob.ask(here, routes.CHAT_DELETE, requests.DeleteChat(channel_id=general, chat_id=1))
    overview = await bob.call(routes.OVERVIEW, requests.Empty())
    part = await bob.call(routes.COMMUNITY_OVERVIEW, requests.OfCommunity(community_id=here))
    assert overview.communities[0].muted_until == part.muted_until == until
    heard = {
        each.user.id: [told for told in each.heard.payloads("member-changed") if isinstance(told, events.MemberChanged)]
        for each in (bob, carol)
    }
    assert [each.why for each in heard[bob.user.id] if each.muted_until is not UNSET] == ["shouting"]
    assert all(each.why is UNSET for each in heard[carol.user.id])
    told = heard[carol.user.id][-1]
    assert (told.user.id, told.muted_until) == (bob.user.id, until)
    assert await deeds(alice, here) == [("member-muted", bob.user.id, "shouting")]


async def test_a_mute_is_ended_by_hand_and_not_by_leaving(harness: ServerHarness) -> None:
    alice, bob, carol, here, general = await trio(harness)
    await patch(alice, here, bob, muted_for=600)
    await remove(bob, here, bob)
    await alice.let_in(here, bob)
    listed = await carol.call(routes.MEMBERS, requests.OfCommunityPage(community_id=here))
    assert isinstance(next(each for each in listed.members if each.user.id == bob.user.id).muted_until, str)
    with pytest.raises(errors.Forbidden):
        await bob.call(routes.POST_MESSAGE, requests.PostMessage(channel_id=general, content="back"))
    assert (await patch(alice, here, bob, muted_for=0)).muted_until is UNSET
    await bob.call(routes.POST_MESSAGE, requests.PostMessage(channel_id=general, content="back"))
    assert [each[0] for each in await deeds(alice, here)] == ["member-unmuted", "member-muted"]


async def test_admins_are_out_of_each_others_reach(harness: ServerHarness) -> None:
    alice, bob, carol, here, _general = await trio(harness)
    for each in (bob, carol):
        await patch(alice, here, each, role="admin")
    for target in (alice, carol, bob):
        with pytest.raises(errors.Forbidden):
            await patch(bob, here, target, muted_for=60)
    for target in (alice, carol):
        with pytest.raises(errors.Forbidden):
            await remove(bob, here, target, ban=True)


async def test_a_ban_holds_until_it_is_lifted(harness: ServerHarness) -> None:
    alice, bob, carol, here, _general = await trio(harness)
    link = (await alice.call(routes.CREATE_INVITE, requests.CreateInvite(community_id=here))).code
    await remove(alice, here, bob, ban=True, reason="no manners")
    removed = await bob.heard.get("community-removed", events.CommunityRemoved)
    assert removed == events.CommunityRemoved(community_id=here, reason="banned", why="no manners")
    await bob.heard.until(lambda: bob.heard.lost_namespaces == [here], "the end of the namespace")
    with pytest.raises(errors.NotFound):
        await bob.client.enter(here)
    with pytest.raises(errors.Forbidden) as refused:
        await bob.call(routes.ACCEPT_INVITE, requests.OfInvite(code=link))
    assert "no manners" in str(refused.value)
    bans = await alice.call(routes.BANS, requests.OfCommunityPage(community_id=here))
    assert [(each.user_id, each.by_id, each.reason) for each in bans.bans] == [
        (bob.user.id, alice.user.id, "no manners")
    ]
    assert bans.users[bob.user.id].former
    lift = requests.OfMember(community_id=here, user_id=bob.user.id)
    with pytest.raises(errors.Forbidden):
        await carol.call(routes.LIFT_BAN, lift)
    await alice.call(routes.LIFT_BAN, lift)
    with pytest.raises(errors.NotFound):
        await alice.call(routes.LIFT_BAN, lift)
    await bob.call(routes.ACCEPT_INVITE, requests.OfInvite(code=link))
    assert [each[0] for each in await deeds(alice, here)] == ["ban-lifted", "member-banned"]


async def test_who_left_is_banned_all_the_same_and_a_kick_says_why(harness: ServerHarness) -> None:
    alice, bob, carol, here, _general = await trio(harness)
    link = (await alice.call(routes.CREATE_INVITE, requests.CreateInvite(community_id=here))).code
    await remove(bob, here, bob)
    await remove(alice, here, bob, ban=True)
    with pytest.raises(errors.Forbidden):
        await bob.call(routes.ACCEPT_INVITE, requests.OfInvite(code=link))
    await remove(alice, here, carol, reason="off topic")
    removed = await carol.heard.get("community-removed", events.CommunityRemoved)
    assert (removed.reason, removed.why) == ("kicked", "off topic")
    with pytest.raises(errors.Invalid):
        await remove(alice, here, alice, ban=True)


async def test_a_message_that_an_admin_deletes_is_noted_without_its_words(harness: ServerHarness) -> None:
    alice, bob, _carol, here, general = await trio(harness)
    await bob.say(general, "secret words")
    await alice.ask(here, routes.CHAT_DELETE, requests.DeleteChat(channel_id=general, chat_id=1))
    (entry,) = (await alice.call(routes.AUDIT, requests.OfCommunityPage(community_id=here))).entries
    assert (entry.action, entry.actor_id, entry.target_id) == ("message-deleted", alice.user.id, bob.user.id)
    assert (entry.channel_id, entry.chat_id, entry.detail) == (general, 1, "")


async def test_a_deleted_message_cannot_be_edited(harness: ServerHarness) -> None:
    alice, _bob, _carol, here, general = await trio(harness)
    await alice.say(general, "gone soon")
    await alice.ask(here, routes.CHAT_DELETE, requests.DeleteChat(channel_id=general, chat_id=1))
    with pytest.raises(errors.NotFound):
        await alice.ask(here, routes.CHAT_MODIFY, requests.ModifyChat(channel_id=general, chat_id=1, content="back"))


async def test_everyone_in_a_crowd_is_for_admins_to_call(harness: ServerHarness) -> None:
    alice, bob, carol, here, general = await trio(harness)
    await bob.say(general, "@channel while we are few")
    await alice.let_in(here, *[await harness.person(f"guest{number}") for number in range(48)])
    with pytest.raises(errors.Forbidden):
        await bob.say(general, "@channel hello all")
    assert (await alice.say(general, "@channel hello all")).mentions_all
    assert (await carol.heard.message(count=2)).mentions_all


async def test_around_near_the_end_is_a_full_page(harness: ServerHarness) -> None:
    alice, _bob, _carol, _here, general = await trio(harness)
    for number in range(1, 11):
        await alice.say(general, f"{number}")
    for around in (9, 10, 11, 1000):
        page = await alice.call(routes.HISTORY, requests.History(channel_id=general, around=around, limit=4))
        assert [each.id for each in page.messages] == [7, 8, 9, 10]
        assert (page.has_older, page.has_newer) == (True, False)


async def test_all_other_devices_are_signed_out_at_once(harness: ServerHarness) -> None:
    alice = await harness.person("alice")
    others = [await harness.device("alice") for _ in range(2)]
    await alice.open()
    for each in others:
        await each.open()
    await alice.call(routes.END_OTHER_SESSIONS, requests.Empty())
    for each in others:
        assert (await each.heard.get("session-ended", events.SessionEnded)).reason == "ended"
        await each.heard.until(lambda each=each: each.heard.lost, "the end of the connection")
        with pytest.raises(errors.Unauthorized):
            await each.call(routes.ME, requests.Empty())
    assert not alice.heard.lost
