"""Access that other servers once gave and should not have; the numbers are those of the advisories."""

from __future__ import annotations

import json
from typing import Any

import pytest

from asnity_server.api.accounts import users
from asnity_server.protocol import errors, events, requests, routes
from asnity_server.protocol.ids import new_channel_id, new_id
from tests.contract.harness import Device
from tests.lessons.harness import LessonHarness


async def _kick(owner: Device, lab: str, device: Device) -> None:
    await owner.call(routes.REMOVE_MEMBER, requests.RemoveMember(community_id=lab, user_id=device.user.id))


async def _fence(writer: Device, reader: Device, channel_id: str) -> None:
    """Wait until everything that was told before has come to `reader`, who is in this channel."""
    message = await writer.say(channel_id, f"fence {new_id()}")
    await reader.heard.until(lambda: message in reader.heard.payloads("new-chat"), "the fence")


async def test_a_revoked_session_cuts_live_sockets(harness: LessonHarness) -> None:
    """Mattermost CVE-2026-9162: revoking a session left its WebSockets open."""
    lab, (alice,) = await harness.lab("alice")
    phone = await harness.device("alice")
    await phone.open(lab)
    (theirs,) = [each for each in (await alice.call(routes.SESSIONS, requests.Page())).sessions if not each.current]
    await alice.call(routes.END_SESSION, requests.EndSession(session_id=theirs.id))
    await phone.heard.until(lambda: phone.heard.lost, "the end of the connection")
    with pytest.raises(errors.Unauthorized):
        await phone.open(lab)


async def test_what_shuts_the_one_door_shuts_the_other(harness: LessonHarness) -> None:
    """Mattermost CVE-2025-55070: a requirement held on HTTP and not on the WebSocket."""
    lab, (alice,) = await harness.lab("alice")
    old = await harness.device("alice")
    change = requests.ChangePassword(current="tangerine", new="clementine")
    await alice.call(routes.CHANGE_PASSWORD, change)
    with pytest.raises(errors.Unauthorized):
        await old.call(routes.ME, requests.Empty())
    with pytest.raises(errors.Unauthorized):
        await old.open(lab)


async def test_an_ex_members_client_cannot_come_back_by_itself(harness: LessonHarness) -> None:
    """Campfire ee37809: a removed member's client subscribed again with what it still held."""
    lab, (alice, bob) = await harness.lab("alice", "bob")
    secret = await harness.secret(lab, alice, bob)
    await bob.open(lab)
    await alice.open(lab)
    message = await alice.say(secret, "words")
    await _kick(alice, lab, bob)
    await bob.heard.until(lambda: bob.heard.lost_namespaces == [lab], "the end of the namespace")
    with pytest.raises(errors.NotFound):
        await bob.client.enter(lab)
    here = {"channel_id": secret}
    attempts: list[tuple[Any, Any]] = [
        (routes.HISTORY, requests.History(**here)),
        (routes.HISTORY, requests.History(**here, around=message.id)),
        (routes.HISTORY, requests.History(**here, ids=str(message.id))),
        (routes.CHANGES, requests.Changes(**here, since=0)),
        (routes.COUNTERS, requests.OfChannel(**here)),
        (routes.READ_MARKER, requests.MoveReadMarker(**here, read_id=1)),
        (routes.PINS, requests.OfChannel(**here)),
        (routes.CHANNEL_MEMBERS, requests.OfChannelPage(**here)),
        (routes.ADD_CHANNEL_MEMBER, requests.OfChannelMember(**here, user_id="me")),
        (routes.MEMBERS, requests.OfCommunityPage(community_id=lab)),
        (routes.COMMUNITY_OVERVIEW, requests.OfCommunity(community_id=lab)),
        (routes.USERS, requests.UsersById(community_id=lab, ids=alice.user.id)),
    ]
    for route, request in attempts:
        with pytest.raises(errors.NotFound):
            await bob.call(route, request)
    told = len(bob.heard.told)
    await alice.say(secret, "without him")
    await alice.ask(lab, routes.TYPING, requests.Typing(channel_id=secret))
    await bob.found("Elsewhere")  # what comes now came behind all that
    await bob.heard.get("community-added", events.CommunityAdded)
    assert [each.name for each in bob.heard.told[told:]] == ["community-added"]


async def test_what_an_ex_member_synchronises_has_nothing_of_the_community(harness: LessonHarness) -> None:
    """Synapse CVE-2024-53867: state reached those who had left."""
    lab, (alice, bob) = await harness.lab("alice", "bob")
    await harness.secret(lab, alice, bob)
    await _kick(alice, lab, bob)
    overview = await harness.http("GET", "/api/me/overview", bob.client.token)
    assert json.loads(overview.text)["communities"] == []
    for trace in (lab, "Lab", "secret", alice.user.id):
        assert trace not in overview.text


async def test_nothing_of_a_private_channel_tells_that_it_is_there(harness: LessonHarness) -> None:
    """Synapse CVE-2021-39163, ergo #2382: metadata of private rooms. Not there and not for you are the same bytes."""
    lab, (alice, bob) = await harness.lab("alice", "bob")
    secret, nowhere = await harness.secret(lab, alice), new_channel_id(lab)
    for route in routes.ROUTES:
        if "{channelId}" not in route.path:
            continue
        path = route.path.replace("{chatId}", "1").replace("{userId}", "me").replace("{emoji}", "%F0%9F%91%8D")
        body: dict[str, Any] = {
            "/api/channels/{channelId}/messages": {"content": "x"},
            "/api/channels/{channelId}/messages/{chatId}": {"content": "x"},
            "/api/channels/{channelId}/read-marker": {"readId": 1},
            "/api/channels/{channelId}": {"topic": "x"},
        }.get(route.path, {})
        query = {"since": "0"} if route.path.endswith("/changes") else {}
        more: dict[str, Any] = {"params": query} if route.method in ("GET", "DELETE") else {"json": body}
        answers = [
            await harness.http(route.method, path.replace("{channelId}", each), bob.client.token, **more)
            for each in (secret, nowhere)
        ]
        assert answers[0].status == answers[1].status == 404, route
        assert answers[0].text == answers[1].text, route
    listed = await harness.http("GET", f"/api/communities/{lab}/channels", bob.client.token)
    assert secret not in listed.text


async def test_activity_in_a_private_channel_is_told_to_nobody_else(harness: LessonHarness) -> None:
    """Campfire 3b509f5: a stream for everyone leaked when something happened where one is not."""
    lab, (alice, bob) = await harness.lab("alice", "bob")
    secret, general = await harness.secret(lab, alice), await alice.general(lab)
    await bob.open(lab)
    await alice.open(lab)
    await _fence(alice, bob, general)
    told = len(bob.heard.told)
    await alice.say(secret, "words")
    await alice.ask(lab, routes.REACT, requests.React(channel_id=secret, chat_id=1, emoji="👍", on=True))
    await alice.ask(lab, routes.TYPING, requests.Typing(channel_id=secret))
    await alice.ask(lab, routes.READ, requests.MoveReadMarker(channel_id=secret, read_id=1))
    await alice.call(routes.PATCH_CHANNEL, requests.PatchChannel(channel_id=secret, topic="plans"))
    await alice.call(routes.PIN, requests.OfMessage(channel_id=secret, chat_id=1))
    await _fence(alice, bob, general)
    assert [each.name for each in bob.heard.told[told:] if each.name != "presence"] == ["new-chat"]


async def test_edits_of_protected_messages_reach_nobody_who_could_not_read_them(harness: LessonHarness) -> None:
    """Zulip CVE-2022-31017: an edit carried the text to those who could not read the message."""
    lab, (alice, bob, carol) = await harness.lab("alice", "bob", "carol")
    secret, general = await harness.secret(lab, alice, bob), await alice.general(lab)
    for each in (alice, bob, carol):
        await each.open(lab)
    await alice.say(secret, "first")
    gone = requests.OfChannelMember(channel_id=secret, user_id=bob.user.id)
    await alice.call(routes.REMOVE_CHANNEL_MEMBER, gone)
    edit = requests.ModifyChat(channel_id=secret, chat_id=1, content="between us @bob @carol")
    edited = (await alice.ask(lab, routes.CHAT_MODIFY, edit)).chat_info
    assert edited.mentions == ()
    await alice.ask(lab, routes.REACT, requests.React(channel_id=secret, chat_id=1, emoji="👍", on=True))
    await alice.ask(lab, routes.CHAT_DELETE, requests.DeleteChat(channel_id=secret, chat_id=1))
    for each in (bob, carol):
        await _fence(alice, each, general)
        assert {"modify-chat", "delete-chat", "reaction-chat"}.isdisjoint(each.heard.names())


async def test_no_news_of_a_channel_after_leaving_it(harness: LessonHarness) -> None:
    """Zulip GHSA-c9wc-65fh-9x8p: metadata of a stream went on to those who had unsubscribed."""
    lab, (alice, bob) = await harness.lab("alice", "bob")
    secret, general = await harness.secret(lab, alice, bob), await alice.general(lab)
    await alice.open(lab)
    await bob.open(lab)
    await bob.call(routes.REMOVE_CHANNEL_MEMBER, requests.OfChannelMember(channel_id=secret, user_id="me"))
    await bob.heard.get("removed-from-channel", events.RemovedFromChannel)
    told = len(bob.heard.told)
    await alice.call(routes.PATCH_CHANNEL, requests.PatchChannel(channel_id=secret, topic="news", archived=True))
    await alice.call(routes.DELETE_CHANNEL, requests.OfChannel(channel_id=secret))
    await _fence(alice, bob, general)
    assert [each.name for each in bob.heard.told[told:] if each.name != "presence"] == ["new-chat"]


async def test_what_was_deleted_or_edited_away_is_not_readable_by_any_way(harness: LessonHarness) -> None:
    """Zulip GHSA-478x-rfqr-w4jf: a message stayed readable where it no longer was."""
    lab, (alice,) = await harness.lab("alice")
    general = await alice.general(lab)
    await alice.open(lab)
    for text in ("xylophone", "marimba"):
        await alice.say(general, text)
    await alice.ask(lab, routes.CHAT_DELETE, requests.DeleteChat(channel_id=general, chat_id=1))
    edit = requests.ModifyChat(channel_id=general, chat_id=2, content="drum")
    await alice.ask(lab, routes.CHAT_MODIFY, edit)
    for way in ("messages", "messages?ids=1,2", "messages?around=1", "changes?since=0", "pins"):
        answer = await harness.http("GET", f"/api/channels/{general}/{way}", alice.client.token)
        assert answer.status == 200
        assert "xylophone" not in answer.text
        assert "marimba" not in answer.text


async def test_mentions_reach_only_who_can_read_them_and_name_nobody_else(harness: LessonHarness) -> None:
    """Mattermost CVE-2025-14350: resolving mentions told of places that one could not see."""
    lab, (alice, bob) = await harness.lab("alice", "bob")
    await harness.person("stranger")
    secret = await harness.secret(lab, alice)
    await alice.open(lab)
    message = await alice.say(secret, "@bob @stranger @nobody @channel")
    assert (message.mentions, message.mentions_all) == ((), True)
    page = await alice.call(routes.HISTORY, requests.History(channel_id=secret))
    assert page.users.keys() == {alice.user.id}
    assert (await bob.call(routes.OVERVIEW, requests.Empty())).communities[0].channels[0].counters.mentions == 0


async def test_nobody_leaves_in_anothers_name(harness: LessonHarness) -> None:
    """Mattermost CVE-2026-28759: memberships ended by those who had no right to end them."""
    lab, (alice, bob, carol) = await harness.lab("alice", "bob", "carol")
    secret = await harness.secret(lab, alice, bob, carol)
    for route, request in (
        (routes.REMOVE_MEMBER, requests.RemoveMember(community_id=lab, user_id=carol.user.id)),
        (routes.REMOVE_CHANNEL_MEMBER, requests.OfChannelMember(channel_id=secret, user_id=carol.user.id)),
    ):
        with pytest.raises(errors.Forbidden):
            await bob.call(route, request)  # type: ignore[arg-type]
    inside = await carol.call(routes.CHANNEL_MEMBERS, requests.OfChannelPage(channel_id=secret))
    assert carol.user.id in {each.user.id for each in inside.members}


async def test_a_suspension_holds_by_whatever_name_one_signs_in(harness: LessonHarness) -> None:
    """Ergo GHSA-x6wg-9hcg-fc9v: a suspended account came in by another way."""
    _, (alice,) = await harness.lab("alice")
    await harness.server.write(lambda tx: users.disable_account(tx, alice.user.id))
    for name in ("alice", "ALICE", "\uff41lice"):
        answer = await harness.http("POST", "/api/auth/sign-in", json={"username": name, "password": "tangerine"})
        assert (answer.status, answer.code) == (403, "forbidden")
    with pytest.raises(errors.Unauthorized):
        await alice.call(routes.ME, requests.Empty())
    with pytest.raises(errors.Conflict):
        await harness.person("Alice")


async def test_only_admins_erase_what_others_wrote(harness: LessonHarness) -> None:
    """Ergo GHSA-8cmp-fc56-7g44: anyone could redact."""
    lab, (alice, bob, carol) = await harness.lab("alice", "bob", "carol")
    general = await alice.general(lab)
    await bob.open(lab)
    await bob.say(general, "words")
    delete = requests.DeleteMessage(channel_id=general, chat_id=1)
    with pytest.raises(errors.Forbidden):
        await carol.call(routes.DELETE_MESSAGE, delete)
    assert (await alice.call(routes.DELETE_MESSAGE, delete)).content == ""
