"""Access to namespaces and rooms: some are let in, and some are put out."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import socketio

from asnity_server.api import channels, communities, invites
from asnity_server.api.accounts import sessions
from asnity_server.bus import SessionsEnded
from asnity_server.db.transaction import ReadTx
from asnity_server.protocol import requests
from asnity_server.protocol.ids import USER_NAMESPACE, namespace_of, new_id
from tests.gateway.harness import GatewayHarness, Person


async def refusal(harness: GatewayHarness, token: str | None, namespace: str, **how: object) -> dict[str, object]:
    """Ask for a namespace without being let in, and answer the refusal."""
    sio = socketio.AsyncClient(reconnection=False)
    said: list[dict[str, object]] = []
    sio.on("connect_error", said.append, namespace=namespace)
    auth = None if token is None else {"token": token}
    with pytest.raises(socketio.exceptions.ConnectionError):
        await sio.connect(harness.url, namespaces=[namespace], auth=auth, transports=["websocket"], wait_timeout=5)
    await sio.disconnect()
    return said[0]


async def test_unknown_and_foreign_communities_look_the_same(harness: GatewayHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice)
    foreign = await refusal(harness, bob.token, namespace_of(lab))
    unknown = await refusal(harness, bob.token, namespace_of(new_id()))
    assert foreign == unknown
    assert foreign["data"]["code"] == "not-found"  # type: ignore[index]
    assert set(foreign) == {"message", "data"}
    for odd in ("/", "/admin", "/socket/commu-", "/socket/commu-ABC", "/socket/commu-*", namespace_of(lab) + "x"):
        assert await refusal(harness, bob.token, odd) == unknown


async def test_a_namespace_needs_a_living_session(harness: GatewayHarness) -> None:
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    for token in (None, "", "nonsense", alice.token + "x"):
        for namespace in (namespace_of(lab), USER_NAMESPACE):
            assert (await refusal(harness, token, namespace))["data"]["code"] == "unauthorized"  # type: ignore[index]
    await harness.client(Person("alice", alice.id, f"Bearer {alice.token}"), lab)


async def test_who_is_let_in_by_a_session_that_has_just_ended_is_turned_away(harness: GatewayHarness) -> None:
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    session_id = await harness.database.read(
        lambda view: view.value("SELECT id FROM sessions WHERE user_id = ?", (alice.id,))
    )
    harness.gateway.dispatcher.end_sessions(SessionsEnded((session_id,), "revoked"))
    for namespace in (namespace_of(lab), USER_NAMESPACE):
        refused = await refusal(harness, alice.token, namespace)
        assert refused["data"]["code"] == "unauthorized"  # type: ignore[index]


async def test_join_moves_no_one_but_the_one_who_asks_and_only_where_they_belong(harness: GatewayHarness) -> None:
    """D1: `join` once put every socket of the community into any room that any client named."""
    alice, bob, carol = [await harness.person(name) for name in ("alice", "bob", "carol")]
    lab = await harness.community(alice, bob, carol)
    secret = await harness.channel(alice, lab, "secret", bob)
    other = await harness.community(carol)
    theirs = await harness.general(other)
    hers, his = await harness.client(alice, lab), await harness.client(bob, lab, join=False)
    intruder = await harness.client(carol, lab)
    answer = await intruder.ask(lab, "join", {"channels": [secret, theirs, "nonsense", await harness.general(lab)]})
    assert [each["channelId"] for each in answer["joined"]] == [await harness.general(lab)]
    assert {each["channelId"]: each["error"]["code"] for each in answer["refused"]} == {
        secret: "not-found",
        theirs: "not-found",
        "nonsense": "not-found",
    }
    await hers.say(secret, "between us")
    await hers.say(await harness.general(lab), "to everyone")
    assert [each["content"] for each in await intruder.expect("new-chat")] == ["to everyone"]
    assert his.events("new-chat") == []  # who has not joined is in no room


async def test_join_may_be_repeated_to_compare(harness: GatewayHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    his, hers = await harness.client(bob, lab), await harness.client(alice, lab)
    await hers.say(general, "@bob one")
    await his.expect("new-chat")
    answer = await his.ask(lab, "join", {})
    assert answer["joined"] == [{"channelId": general, "lastId": 1, "rev": 1, "readId": 0, "unread": 1, "mentions": 1}]
    assert answer["presence"] == {alice.id: "online", bob.id: "online"}
    await hers.say(general, "two")
    assert len(await his.expect("new-chat", 2)) == 2  # told once, though it joined twice


@pytest.mark.parametrize("event", ["chat", "read", "typing", "invite-users-to-channel"])
async def test_what_one_is_not_in_can_neither_be_written_nor_read_nor_seen(harness: GatewayHarness, event: str) -> None:
    """D2: posting, reading and editing were not checked against membership."""
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab, other = await harness.community(alice, bob), await harness.community(alice)
    secret, foreign = await harness.channel(alice, lab, "secret"), await harness.general(other)
    hers, his = await harness.client(alice, lab, other), await harness.client(bob, lab)
    await hers.say(secret, "mine")
    extra = {
        "chat": {"chatType": "new", "content": "x"},
        "read": {"readId": 1},
        "typing": {},
        "invite-users-to-channel": {"users": [bob.id]},
    }[event]
    for channel_id in (secret, foreign, lab + "-aaaaaaaa", "", "x" * 64):
        answer = await his.ask(lab, event, {"channelId": channel_id, **extra})
        assert answer["error"]["code"] == "not-found"
    for kind in ("modify", "delete"):
        payload = {"chatType": kind, "channelId": secret, "chatId": 1, **({"content": "x"} if kind == "modify" else {})}
        assert (await his.ask(lab, "chat", payload))["error"]["code"] == "not-found"
        assert (await his.ask(lab, "chat", {**payload, "chatId": 99}))["error"]["code"] == "not-found"
    # a channel of another community isn't there in this namespace, even for one who is in both
    assert (await hers.say(secret, "still mine"))["chatInfo"]["id"] == 2
    wrong = await hers.ask(lab, "chat", {"chatType": "new", "channelId": foreign, "content": "x"})
    assert wrong["error"]["code"] == "not-found"


async def test_rooms_are_left_with_a_kick(harness: GatewayHarness) -> None:
    """D3: rooms were never left."""
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice, bob)
    secret = await harness.channel(alice, lab, "secret", bob)
    hers, his = await harness.client(alice, lab), await harness.client(bob, lab, own=True)
    await harness.kick(alice, lab, bob)
    assert await his.expect("community-removed") == [{"communityId": lab, "reason": "kicked"}]
    told = await hers.expect("member-changed")
    assert (told[0]["user"]["id"], told[0]["role"]) == (bob.id, None)
    await hers.say(secret, "he is gone")
    await hers.say(await harness.general(lab), "he is gone")
    await his.until(lambda: namespace_of(lab) not in his.sio.namespaces)
    assert his.events("new-chat") == []
    assert USER_NAMESPACE in his.sio.namespaces  # the rest of the connection is untouched
    assert (await refusal(harness, bob.token, namespace_of(lab)))["data"]["code"] == "not-found"  # type: ignore[index]


async def test_rooms_follow_membership_of_channels(harness: GatewayHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice, bob)
    hers, his = await harness.client(alice, lab), await harness.client(bob, lab)
    secret = await harness.channel(alice, lab, "secret")
    await hers.say(secret, "before")
    answer = await hers.ask(lab, "invite-users-to-channel", {"channelId": secret, "users": [bob.id, new_id()]})
    assert answer["invited"] == [bob.id]
    assert answer["refused"][0]["error"]["code"] == "not-found"
    told = (await his.expect("invited-to-channel"))[0]
    assert told["channel"]["id"] == secret
    assert (told["counters"]["lastId"], told["counters"]["unread"]) == (1, 0)
    await hers.say(secret, "welcome")
    assert [each["content"] for each in await his.expect("new-chat")] == ["welcome"]
    request = requests.OfChannelMember(channel_id=secret, user_id="me")
    await harness.do(bob, channels.remove_member, request)
    assert await his.expect("removed-from-channel") == [{"channelId": secret, "reason": "left"}]
    await hers.say(secret, "bye")
    await hers.say(await harness.general(lab), "fence")
    assert [each["content"] for each in await his.expect("new-chat", 2)] == ["welcome", "fence"]


async def test_a_deleted_channel_is_told_to_whoever_saw_it(harness: GatewayHarness) -> None:
    alice, bob, carol = [await harness.person(name) for name in ("alice", "bob", "carol")]
    lab = await harness.community(alice, bob, carol)
    secret, public = (
        await harness.channel(alice, lab, "secret", bob),
        await harness.channel(alice, lab, "open", kind="public"),
    )
    his, other = await harness.client(bob, lab), await harness.client(carol, lab)
    await harness.do(alice, channels.delete_channel, requests.OfChannel(channel_id=secret))
    await harness.do(alice, channels.delete_channel, requests.OfChannel(channel_id=public))
    assert [each["channelId"] for each in await his.expect("channel-removed", 2)] == [secret, public]
    assert [each["channelId"] for each in await other.expect("channel-removed")] == [public]
    assert "rev" not in his.events("channel-removed")[0]
    assert "rev" in other.events("channel-removed")[0]


async def test_gaining_and_losing_communities_is_told_to_the_person_alone(harness: GatewayHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    his, hers = await harness.client(bob, own=True), await harness.client(alice, own=True)
    lab = await harness.community(alice)
    made = await harness.do(
        alice, invites.InviteLinks(lambda: "http://x").create, requests.CreateInvite(community_id=lab)
    )
    await harness.do(bob, invites.accept, requests.OfInvite(code=made.code))
    assert (await his.expect("community-added"))[0]["community"]["id"] == lab
    assert len(await hers.expect("community-added")) == 1
    await harness.do(alice, communities.delete_community, requests.OfCommunity(community_id=lab))
    assert await his.expect("community-removed") == [{"communityId": lab, "reason": "deleted"}]


@pytest.mark.slow
async def test_ended_sessions_lose_their_sockets_and_no_others_do(harness: GatewayHarness) -> None:
    alice = await harness.person("alice")
    laptop = await harness.session(alice)
    lab = await harness.community(alice)
    on_desk, on_laptop = await harness.client(alice, lab, own=True), await harness.client(laptop, lab, own=True)
    await harness.do(laptop, sessions.sign_out, requests.Empty())
    assert [each["reason"] for each in await on_laptop.expect("session-ended")] == ["signed-out"]
    async with asyncio.timeout(5):
        await on_laptop.sio.wait()
    assert (await on_desk.say(await harness.general(lab), "still here"))["written"] is True
    assert on_desk.events("session-ended") == []
    assert (await refusal(harness, laptop.token, namespace_of(lab)))["data"]["code"] == "unauthorized"  # type: ignore[index]


@pytest.mark.slow
async def test_a_session_that_another_process_ended_is_noticed(harness: GatewayHarness) -> None:
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    hers = await harness.client(alice, lab, own=True)
    await harness.database.write(lambda tx: tx.run("DELETE FROM sessions"))
    answer = await hers.say(await harness.general(lab), "too late")
    assert answer["error"]["code"] == "unauthorized"
    await harness.gateway.revalidate()
    assert await hers.expect("session-ended") == [{"reason": "ended"}]
    async with asyncio.timeout(5):
        await hers.sio.wait()


async def test_kicks_and_joins_cannot_overtake_each_other(harness: GatewayHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice, bob)
    secret = await harness.channel(alice, lab, "secret", bob)
    hers, his = await harness.client(alice, lab), await harness.client(bob, lab, join=False)
    leave = requests.OfChannelMember(channel_id=secret, user_id="me")
    for _ in range(20):
        await asyncio.gather(
            his.ask(lab, "join", {"channels": [secret]}),
            harness.do(bob, channels.remove_member, leave),
            his.ask(lab, "join", {"channels": [secret]}),
        )
        count = len(his.events("new-chat"))
        await hers.say(secret, "not for him")
        assert (await his.ask(lab, "typing", {"channelId": secret}))["error"]["code"] == "not-found"
        assert len(his.events("new-chat")) == count
        await harness.add(alice, secret, bob)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Presence is told sooner; that it waits a second is tested where the clock is a test's own."""
    monkeypatch.setattr("asnity_server.gateway.presence.EVERY", 0.05)


@pytest.mark.usefixtures("soon")
async def test_presence_is_told_now_and_then_and_only_in_the_community(harness: GatewayHarness) -> None:
    alice, bob, carol = [await harness.person(name) for name in ("alice", "bob", "carol")]
    lab, other = await harness.community(alice, bob), await harness.community(carol)
    hers, stranger = await harness.client(alice, lab), await harness.client(carol, other)
    his = await harness.client(bob, lab, own=True)
    laptop = await harness.client(await harness.session(bob), lab, own=True)
    await hers.until(lambda: any(bob.id in each["changes"] for each in hers.events("presence")))
    await his.sio.disconnect()
    assert await laptop.sio.call("presence", {"status": "away"}, namespace=USER_NAMESPACE) == {"ok": True}
    await hers.until(lambda: hers.events("presence")[-1]["changes"] == {bob.id: "away"})  # one device is left
    await laptop.sio.disconnect()
    await hers.until(lambda: hers.events("presence")[-1]["changes"] == {bob.id: "offline"})
    assert all(set(each["changes"]) <= {carol.id} for each in stranger.events("presence"))


@pytest.mark.usefixtures("soon")
async def test_nothing_of_presence_is_in_the_database(harness: GatewayHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice, bob)
    hers = await harness.client(alice, lab)
    sessions_of_bob = [await harness.session(bob) for _ in range(3)]
    stored = await _stored(harness)
    his = [await harness.client(each, lab, own=True) for each in sessions_of_bob]
    await hers.until(lambda: any(each["changes"].get(bob.id) == "online" for each in hers.events("presence")))
    for each in his:
        assert await each.sio.call("presence", {"status": "away"}, namespace=USER_NAMESPACE) == {"ok": True}
    for each in his:
        await each.sio.disconnect()
    await hers.until(lambda: any(each["changes"].get(bob.id) == "offline" for each in hers.events("presence")))
    assert await _stored(harness) == stored


async def _stored(harness: GatewayHarness) -> dict[str, list[Any]]:
    """Every row of every table."""

    def look(view: ReadTx) -> dict[str, list[Any]]:
        tables = view.all("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%search%'")
        return {name: view.all(f"SELECT * FROM {name}") for (name,) in tables}

    return await harness.database.read(look)
