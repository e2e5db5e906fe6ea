"""Every route of the table, once through."""

from __future__ import annotations

import msgspec
import pytest

from asnity_server.bus import MessagePosted
from asnity_server.http import application
from asnity_server.protocol import requests, routes
from asnity_server.protocol.errors import Conflict, Forbidden, NotFound, Unauthorized
from tests.api.harness import Person
from tests.http.harness import HttpHarness


async def test_every_route_of_the_table_is_served_once(server: HttpHarness) -> None:
    served = [each.route for each in application.operations(server.harness.api)]
    assert sorted(served, key=lambda each: (each.path, each.method)) == sorted(
        routes.ROUTES, key=lambda each: (each.path, each.method)
    )


async def test_an_account_from_its_beginning_to_its_end(server: HttpHarness) -> None:
    info = await server.call(None, routes.SERVER, requests.Empty())
    assert (info.protocol, info.registration, info.limits.content) == (1, "open", 4000)
    signed_up = await server.call(None, routes.SIGN_UP, requests.SignUp(username="alice", password="tangerine"))
    alice = Person("alice", signed_up.user.id, signed_up.token)
    assert await server.call(alice, routes.ME, requests.Empty()) == signed_up.user
    patched = await server.call(alice, routes.PATCH_ME, requests.PatchMe(display_name="Alice", status_text="here"))
    assert (patched.display_name, patched.status_text) == ("Alice", "here")
    request = requests.SignIn(username="alice", password="tangerine", device="phone")
    phone = Person("alice", alice.id, (await server.call(None, routes.SIGN_IN, request)).token)
    listed = (await server.call(alice, routes.SESSIONS, requests.Page())).sessions
    assert {each.device for each in listed} == {"", "phone"}
    ended = requests.EndSession(session_id=next(each.id for each in listed if not each.current))
    await server.call(alice, routes.END_SESSION, ended)
    with pytest.raises(Unauthorized):
        await server.call(phone, routes.ME, requests.Empty())
    change = requests.ChangePassword(current="tangerine", new="clementine")
    await server.call(alice, routes.CHANGE_PASSWORD, change)
    await server.call(alice, routes.SIGN_OUT, requests.Empty())
    with pytest.raises(Unauthorized):
        await server.call(alice, routes.ME, requests.Empty())


async def test_a_community_from_its_beginning_to_its_end(server: HttpHarness) -> None:
    alice, bob = await server.harness.people("alice", "bob")
    lab = await server.call(alice, routes.CREATE_COMMUNITY, requests.CreateCommunity(name="Lab"))
    here = requests.OfCommunity(community_id=lab.id)
    page = requests.OfCommunityPage(community_id=lab.id)
    invite = await server.call(alice, routes.CREATE_INVITE, requests.CreateInvite(community_id=lab.id, expires_in=60))
    shown = await server.call(None, routes.INVITE, requests.OfInvite(code=invite.code))
    assert shown.community.name == "Lab"
    joined = await server.call(bob, routes.ACCEPT_INVITE, requests.OfInvite(code=invite.code))
    assert (await server.call(bob, routes.COMMUNITIES, requests.Empty())).communities == (joined,)
    assert await server.call(bob, routes.COMMUNITY, here) == joined
    assert (await server.call(bob, routes.COMMUNITY_OVERVIEW, here)).role == "member"
    assert (await server.call(bob, routes.OVERVIEW, requests.Empty())).communities[0].community == joined
    assert [each.user.id for each in (await server.call(bob, routes.MEMBERS, page)).members] == [alice.id, bob.id]
    users = requests.UsersById(community_id=lab.id, ids=f"{alice.id},{bob.id}")
    assert (await server.call(bob, routes.USERS, users)).users.keys() == {alice.id, bob.id}
    assert [each.code for each in (await server.call(alice, routes.INVITES, page)).invites] == [invite.code]
    of_invite = requests.OfCommunityInvite(community_id=lab.id, code=invite.code)
    await server.call(alice, routes.DELETE_INVITE, of_invite)
    with pytest.raises(NotFound):
        await server.call(None, routes.INVITE, requests.OfInvite(code=invite.code))
    renamed = requests.PatchCommunity(community_id=lab.id, name="Works")
    assert (await server.call(alice, routes.PATCH_COMMUNITY, renamed)).name == "Works"
    await server.call(bob, routes.REMOVE_MEMBER, requests.RemoveMember(community_id=lab.id, user_id="me"))
    with pytest.raises(NotFound):
        await server.call(bob, routes.COMMUNITY, here)
    with pytest.raises(Conflict):
        await server.call(alice, routes.REMOVE_MEMBER, requests.RemoveMember(community_id=lab.id, user_id=alice.id))
    await server.call(alice, routes.DELETE_COMMUNITY, here)
    assert (await server.call(alice, routes.COMMUNITIES, requests.Empty())).communities == ()


async def test_a_member_from_their_promotion_to_their_ban(server: HttpHarness) -> None:
    alice, bob = await server.harness.people("alice", "bob")
    lab = await server.harness.community(alice, bob)
    his = {"community_id": lab.id, "user_id": bob.id}
    page = requests.OfCommunityPage(community_id=lab.id)
    assert (await server.call(alice, routes.PATCH_MEMBER, requests.PatchMember(**his, role="admin"))).role == "admin"
    assert (await server.call(alice, routes.PATCH_MEMBER, requests.PatchMember(**his, role="member"))).role == "member"
    muted = await server.call(alice, routes.PATCH_MEMBER, requests.PatchMember(**his, muted_for=60, reason="shouting"))
    assert isinstance(muted.muted_until, str)
    listed = {each.user.id: each for each in (await server.call(bob, routes.MEMBERS, page)).members}
    assert (listed[bob.id], listed[alice.id].muted_until) == (muted, msgspec.UNSET)
    await server.call(alice, routes.REMOVE_MEMBER, requests.RemoveMember(**his, ban=True, reason="no manners"))
    with pytest.raises(NotFound):
        await server.call(bob, routes.COMMUNITY, requests.OfCommunity(community_id=lab.id))
    bans = await server.call(alice, routes.BANS, page)
    assert [(each.user_id, each.by_id, each.reason) for each in bans.bans] == [(bob.id, alice.id, "no manners")]
    assert bans.users.keys() == {alice.id, bob.id}
    await server.call(alice, routes.LIFT_BAN, requests.OfMember(**his))
    assert (await server.call(alice, routes.BANS, page)).bans == ()
    audit = await server.call(alice, routes.AUDIT, page)
    deeds = ["ban-lifted", "member-banned", "member-muted", "role-given", "role-given"]
    assert [each.action for each in audit.entries] == deeds
    assert {each.target_id for each in audit.entries} == {bob.id}


async def test_all_other_sessions_end_at_once(server: HttpHarness) -> None:
    alice = await server.harness.person("alice")
    phone, laptop = await server.harness.device(alice), await server.harness.device(alice)
    await server.call(alice, routes.END_OTHER_SESSIONS, requests.Empty())
    for each in (phone, laptop):
        with pytest.raises(Unauthorized):
            await server.call(each, routes.ME, requests.Empty())
    assert len((await server.call(alice, routes.SESSIONS, requests.Page())).sessions) == 1


async def test_a_channel_from_its_beginning_to_its_end(server: HttpHarness) -> None:
    alice, bob = await server.harness.people("alice", "bob")
    lab = await server.harness.community(alice, bob)
    create = requests.CreateChannel(community_id=lab.id, name="plans", kind="public", topic="what next")
    plans = await server.call(alice, routes.CREATE_CHANNEL, create)
    here = requests.OfChannel(channel_id=plans.id)
    assert await server.call(bob, routes.CHANNEL, here) == plans
    listed = await server.call(bob, routes.CHANNELS, requests.OfCommunityPage(community_id=lab.id))
    assert [each.name for each in listed.channels] == ["general", "plans"]
    me = requests.OfChannelMember(channel_id=plans.id, user_id="me")
    assert await server.call(bob, routes.ADD_CHANNEL_MEMBER, me) == plans
    members = await server.call(bob, routes.CHANNEL_MEMBERS, requests.OfChannelPage(channel_id=plans.id))
    assert [each.user.id for each in members.members] == [alice.id, bob.id]
    await server.call(bob, routes.REMOVE_CHANNEL_MEMBER, me)
    with pytest.raises(Forbidden):
        await server.call(bob, routes.COUNTERS, here)
    archive = requests.PatchChannel(channel_id=plans.id, archived=True)
    assert (await server.call(alice, routes.PATCH_CHANNEL, archive)).archived
    await server.call(alice, routes.DELETE_CHANNEL, here)
    with pytest.raises(NotFound):
        await server.call(alice, routes.CHANNEL, here)


async def test_a_message_from_its_beginning_to_its_end(server: HttpHarness) -> None:
    alice, bob = await server.harness.people("alice", "bob")
    general = await server.harness.general(await server.harness.community(alice, bob))
    write = requests.PostMessage(channel_id=general, content="hi @bob", nonce="a")
    posted = await server.call(alice, routes.POST_MESSAGE, write)
    assert await server.call(alice, routes.POST_MESSAGE, write) == posted
    assert [change.message for change in server.harness.told(MessagePosted)] == [posted]
    page = await server.call(bob, routes.HISTORY, requests.History(channel_id=general, limit=10))
    assert page.messages == (posted,)
    edit = requests.EditMessage(channel_id=general, chat_id=posted.id, content="hello", nonce="b")
    edited = await server.call(alice, routes.EDIT_MESSAGE, edit)
    assert edited.content == "hello"
    changes = await server.call(bob, routes.CHANGES, requests.Changes(channel_id=general, since=posted.rev))
    assert changes.messages == (edited,)
    counters = await server.call(bob, routes.COUNTERS, requests.OfChannel(channel_id=general))
    assert counters.unread == 1
    marked = await server.call(bob, routes.READ_MARKER, requests.MoveReadMarker(channel_id=general, read_id=1))
    assert marked.unread == 0
    delete = requests.DeleteMessage(channel_id=general, chat_id=posted.id, nonce="c")
    deleted = await server.call(alice, routes.DELETE_MESSAGE, delete)
    assert (deleted.content, deleted.nonce) == ("", "a")


async def test_the_first_account_by_the_set_up_code(server: HttpHarness) -> None:
    """A client that comes through a proxy on this machine isn't on this machine."""
    body = {"username": "alice", "password": "tangerine"}
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        answer = await server.send("POST", "/api/auth/sign-up", json=body, headers={header: "127.0.0.1"})
        assert (answer.status, answer.error["field"]) == (403, "setupCode")
    answer = await server.send(
        "POST", "/api/auth/sign-up", json={**body, "setupCode": "set-up"}, headers={"Via": "1.1 proxy"}
    )
    assert answer.status == 201


async def test_health(server: HttpHarness) -> None:
    answer = await server.send("GET", "/healthz")
    assert (answer.status, answer.json) == (200, {"status": "ok"})
    for path in ("/metrics", "/x", "/api", "/api/find?q=x", "/api/me/"):
        answer = await server.send("GET", path)
        assert (answer.status, answer.error["code"]) == (404, "not-found")


async def test_what_is_deleted_is_erased_behind_the_answer(server: HttpHarness) -> None:
    alice = await server.harness.person("alice")
    lab = await server.harness.community(alice)
    plans = await server.harness.channel(alice, lab, "plans")
    await server.call(alice, routes.DELETE_CHANNEL, requests.OfChannel(channel_id=plans.id))
    while await server.harness.sql("SELECT 1 FROM erasures"):
        pass  # asking is waiting
    await server.call(alice, routes.DELETE_COMMUNITY, requests.OfCommunity(community_id=lab.id))
    while await server.harness.sql("SELECT 1 FROM erasures UNION ALL SELECT 1 FROM communities"):
        pass
