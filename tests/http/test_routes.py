"""Every route of the table, once through."""

from __future__ import annotations

import msgspec
import pytest

from asnity_server.bus import MessagePosted
from asnity_server.http import application
from asnity_server.protocol import requests, routes
from asnity_server.protocol.errors import Conflict, Forbidden, NotFound, Unauthorized
from tests.api.house import Person

from .door import Door


async def test_every_route_of_the_table_is_served_once(door: Door) -> None:
    served = [each.route for each in application.operations(door.house.api)]
    assert sorted(served, key=lambda each: (each.path, each.method)) == sorted(
        routes.ROUTES, key=lambda each: (each.path, each.method)
    )


async def test_an_account_from_its_beginning_to_its_end(door: Door) -> None:
    info = await door.call(None, routes.SERVER, requests.Empty())
    assert (info.protocol, info.registration, info.limits.content) == (1, "open", 4000)
    signed_up = await door.call(None, routes.SIGN_UP, requests.SignUp(username="alice", password="tangerine"))
    alice = Person("alice", signed_up.user.id, signed_up.token)
    assert await door.call(alice, routes.ME, requests.Empty()) == signed_up.user
    patched = await door.call(alice, routes.PATCH_ME, requests.PatchMe(display_name="Alice", status_text="here"))
    assert (patched.display_name, patched.status_text) == ("Alice", "here")
    request = requests.SignIn(username="alice", password="tangerine", device="phone")
    phone = Person("alice", alice.id, (await door.call(None, routes.SIGN_IN, request)).token)
    listed = (await door.call(alice, routes.SESSIONS, requests.Page())).sessions
    assert {each.device for each in listed} == {"", "phone"}
    ended = requests.EndSession(session_id=next(each.id for each in listed if not each.current))
    await door.call(alice, routes.END_SESSION, ended)
    with pytest.raises(Unauthorized):
        await door.call(phone, routes.ME, requests.Empty())
    change = requests.ChangePassword(current="tangerine", new="clementine")
    await door.call(alice, routes.CHANGE_PASSWORD, change)
    await door.call(alice, routes.SIGN_OUT, requests.Empty())
    with pytest.raises(Unauthorized):
        await door.call(alice, routes.ME, requests.Empty())


async def test_a_community_from_its_beginning_to_its_end(door: Door) -> None:
    alice, bob = await door.house.people("alice", "bob")
    lab = await door.call(alice, routes.CREATE_COMMUNITY, requests.CreateCommunity(name="Lab"))
    here = requests.OfCommunity(community_id=lab.id)
    page = requests.OfCommunityPage(community_id=lab.id)
    invite = await door.call(alice, routes.CREATE_INVITE, requests.CreateInvite(community_id=lab.id, expires_in=60))
    shown = await door.call(None, routes.INVITE, requests.OfInvite(code=invite.code))
    assert shown.community.name == "Lab"
    joined = await door.call(bob, routes.ACCEPT_INVITE, requests.OfInvite(code=invite.code))
    assert (await door.call(bob, routes.COMMUNITIES, requests.Empty())).communities == (joined,)
    assert await door.call(bob, routes.COMMUNITY, here) == joined
    assert (await door.call(bob, routes.COMMUNITY_OVERVIEW, here)).role == "member"
    assert (await door.call(bob, routes.OVERVIEW, requests.Empty())).communities[0].community == joined
    assert [each.user.id for each in (await door.call(bob, routes.MEMBERS, page)).members] == [alice.id, bob.id]
    users = requests.UsersById(community_id=lab.id, ids=f"{alice.id},{bob.id}")
    assert (await door.call(bob, routes.USERS, users)).users.keys() == {alice.id, bob.id}
    assert [each.code for each in (await door.call(alice, routes.INVITES, page)).invites] == [invite.code]
    of_invite = requests.OfCommunityInvite(community_id=lab.id, code=invite.code)
    await door.call(alice, routes.DELETE_INVITE, of_invite)
    with pytest.raises(NotFound):
        await door.call(None, routes.INVITE, requests.OfInvite(code=invite.code))
    renamed = requests.PatchCommunity(community_id=lab.id, name="Works")
    assert (await door.call(alice, routes.PATCH_COMMUNITY, renamed)).name == "Works"
    await door.call(bob, routes.REMOVE_MEMBER, requests.RemoveMember(community_id=lab.id, user_id="me"))
    with pytest.raises(NotFound):
        await door.call(bob, routes.COMMUNITY, here)
    with pytest.raises(Conflict):
        await door.call(alice, routes.REMOVE_MEMBER, requests.RemoveMember(community_id=lab.id, user_id=alice.id))
    await door.call(alice, routes.DELETE_COMMUNITY, here)
    assert (await door.call(alice, routes.COMMUNITIES, requests.Empty())).communities == ()


async def test_a_member_from_their_promotion_to_their_ban(door: Door) -> None:
    alice, bob = await door.house.people("alice", "bob")
    lab = await door.house.community(alice, bob)
    his = {"community_id": lab.id, "user_id": bob.id}
    page = requests.OfCommunityPage(community_id=lab.id)
    assert (await door.call(alice, routes.PATCH_MEMBER, requests.PatchMember(**his, role="admin"))).role == "admin"
    assert (await door.call(alice, routes.PATCH_MEMBER, requests.PatchMember(**his, role="member"))).role == "member"
    muted = await door.call(alice, routes.PATCH_MEMBER, requests.PatchMember(**his, muted_for=60, reason="shouting"))
    assert isinstance(muted.muted_until, str)
    listed = {each.user.id: each for each in (await door.call(bob, routes.MEMBERS, page)).members}
    assert (listed[bob.id], listed[alice.id].muted_until) == (muted, msgspec.UNSET)
    await door.call(alice, routes.REMOVE_MEMBER, requests.RemoveMember(**his, ban=True, reason="no manners"))
    with pytest.raises(NotFound):
        await door.call(bob, routes.COMMUNITY, requests.OfCommunity(community_id=lab.id))
    bans = await door.call(alice, routes.BANS, page)
    assert [(each.user_id, each.by_id, each.reason) for each in bans.bans] == [(bob.id, alice.id, "no manners")]
    assert bans.users.keys() == {alice.id, bob.id}
    await door.call(alice, routes.LIFT_BAN, requests.OfMember(**his))
    assert (await door.call(alice, routes.BANS, page)).bans == ()
    audit = await door.call(alice, routes.AUDIT, page)
    deeds = ["ban-lifted", "member-banned", "member-muted", "role-given", "role-given"]
    assert [each.action for each in audit.entries] == deeds
    assert {each.target_id for each in audit.entries} == {bob.id}


async def test_all_other_sessions_end_at_once(door: Door) -> None:
    alice = await door.house.person("alice")
    phone, laptop = await door.house.device(alice), await door.house.device(alice)
    await door.call(alice, routes.END_OTHER_SESSIONS, requests.Empty())
    for each in (phone, laptop):
        with pytest.raises(Unauthorized):
            await door.call(each, routes.ME, requests.Empty())
    assert len((await door.call(alice, routes.SESSIONS, requests.Page())).sessions) == 1


async def test_a_channel_from_its_beginning_to_its_end(door: Door) -> None:
    alice, bob = await door.house.people("alice", "bob")
    lab = await door.house.community(alice, bob)
    create = requests.CreateChannel(community_id=lab.id, name="plans", kind="public", topic="what next")
    plans = await door.call(alice, routes.CREATE_CHANNEL, create)
    here = requests.OfChannel(channel_id=plans.id)
    assert await door.call(bob, routes.CHANNEL, here) == plans
    listed = await door.call(bob, routes.CHANNELS, requests.OfCommunityPage(community_id=lab.id))
    assert [each.name for each in listed.channels] == ["general", "plans"]
    me = requests.OfChannelMember(channel_id=plans.id, user_id="me")
    assert await door.call(bob, routes.ADD_CHANNEL_MEMBER, me) == plans
    members = await door.call(bob, routes.CHANNEL_MEMBERS, requests.OfChannelPage(channel_id=plans.id))
    assert [each.user.id for each in members.members] == [alice.id, bob.id]
    await door.call(bob, routes.REMOVE_CHANNEL_MEMBER, me)
    with pytest.raises(Forbidden):
        await door.call(bob, routes.COUNTERS, here)
    archive = requests.PatchChannel(channel_id=plans.id, archived=True)
    assert (await door.call(alice, routes.PATCH_CHANNEL, archive)).archived
    await door.call(alice, routes.DELETE_CHANNEL, here)
    with pytest.raises(NotFound):
        await door.call(alice, routes.CHANNEL, here)


async def test_a_message_from_its_beginning_to_its_end(door: Door) -> None:
    alice, bob = await door.house.people("alice", "bob")
    general = await door.house.general(await door.house.community(alice, bob))
    write = requests.PostMessage(channel_id=general, content="hi @bob", nonce="a")
    posted = await door.call(alice, routes.POST_MESSAGE, write)
    assert await door.call(alice, routes.POST_MESSAGE, write) == posted
    assert [change.message for change in door.house.told(MessagePosted)] == [posted]
    page = await door.call(bob, routes.HISTORY, requests.History(channel_id=general, limit=10))
    assert page.messages == (posted,)
    edit = requests.EditMessage(channel_id=general, chat_id=posted.id, content="hello", nonce="b")
    edited = await door.call(alice, routes.EDIT_MESSAGE, edit)
    assert edited.content == "hello"
    changes = await door.call(bob, routes.CHANGES, requests.Changes(channel_id=general, since=posted.rev))
    assert changes.messages == (edited,)
    counters = await door.call(bob, routes.COUNTERS, requests.OfChannel(channel_id=general))
    assert counters.unread == 1
    marked = await door.call(bob, routes.READ_MARKER, requests.MoveReadMarker(channel_id=general, read_id=1))
    assert marked.unread == 0
    delete = requests.DeleteMessage(channel_id=general, chat_id=posted.id, nonce="c")
    deleted = await door.call(alice, routes.DELETE_MESSAGE, delete)
    assert (deleted.content, deleted.nonce) == ("", "a")


async def test_the_first_account_by_the_set_up_code(door: Door) -> None:
    """Whoever comes through a proxy on this machine isn't on this machine."""
    body = {"username": "alice", "password": "tangerine"}
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        answer = await door.send("POST", "/api/auth/sign-up", json=body, headers={header: "127.0.0.1"})
        assert (answer.status, answer.error["field"]) == (403, "setupCode")
    answer = await door.send(
        "POST", "/api/auth/sign-up", json={**body, "setupCode": "set-up"}, headers={"Via": "1.1 proxy"}
    )
    assert answer.status == 201


async def test_health(door: Door) -> None:
    answer = await door.send("GET", "/healthz")
    assert (answer.status, answer.json) == (200, {"status": "ok"})
    for path in ("/metrics", "/x", "/api", "/api/find?q=x", "/api/me/"):
        answer = await door.send("GET", path)
        assert (answer.status, answer.error["code"]) == (404, "not-found")


async def test_what_is_deleted_is_erased_behind_the_answer(door: Door) -> None:
    alice = await door.house.person("alice")
    lab = await door.house.community(alice)
    plans = await door.house.channel(alice, lab, "plans")
    await door.call(alice, routes.DELETE_CHANNEL, requests.OfChannel(channel_id=plans.id))
    while await door.house.sql("SELECT 1 FROM erasures"):
        pass  # asking is waiting
    await door.call(alice, routes.DELETE_COMMUNITY, requests.OfCommunity(community_id=lab.id))
    while await door.house.sql("SELECT 1 FROM erasures UNION ALL SELECT 1 FROM communities"):
        pass
