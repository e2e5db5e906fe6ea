"""Limits of rates and numbers are told in words, over both ways of delivery."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import socketio
from aiohttp import web

from asnity_server.gateway.delivery.connection_limit import ConnectionLimit
from asnity_server.gateway.delivery.fast import FastDelivery
from asnity_server.gateway.delivery.socketio_server import ConnectionPolicy
from asnity_server.gateway.delivery.stock import StockDelivery
from asnity_server.protocol import limits, requests, routes
from asnity_server.protocol.ids import USER_NAMESPACE, namespace_of
from asnity_server.rate_limits import Rate, Rates
from tests.gateway.harness import PATIENCE, Client, GatewayHarness, Person

DELIVERIES = pytest.mark.parametrize("delivery", [FastDelivery, pytest.param(StockDelivery, marks=pytest.mark.slow)])
SLOW = Rate.parse("3+1/h")


def _said_address(request: web.Request) -> str:
    return request.headers.get("X-Test-Address", "here")


@asynccontextmanager
async def opened(
    path: Path, delivery: Any, *, most: int = 0, frame: int = 65536, **rates: Rate
) -> AsyncIterator[GatewayHarness]:
    """A gateway with limits."""
    policy = ConnectionPolicy(ConnectionLimit(most=most, address=_said_address), frame)
    harness = GatewayHarness(path / "asnity.db", delivery(policy), Rates(**rates))
    await harness.open()
    yield harness
    await harness.close()


async def _answers(client: Client, lab: str, event: str, payload: dict[str, object], times: int) -> list[Any]:
    return list(await asyncio.gather(*(client.ask(lab, event, payload) for _ in range(times))))


@DELIVERIES
async def test_messages_of_a_person_are_limited_on_all_devices_together(tmp_path: Path, delivery: Any) -> None:
    async with opened(tmp_path, delivery, messages=SLOW) as harness:
        alice, bob = await harness.person("alice"), await harness.person("bob")
        lab = await harness.community(alice, bob)
        general = await harness.general(lab)
        hers, phone = await harness.client(alice, lab), await harness.client(await harness.session(alice), lab)
        his = await harness.client(bob, lab)
        assert (await hers.say(general, "one"))["written"] is True
        edit = {"chatType": "modify", "channelId": general, "chatId": 1, "content": "two"}
        assert (await phone.ask(lab, "chat", edit))["written"] is True
        assert (await phone.ask(lab, "chat", {"chatType": "delete", "channelId": general, "chatId": 1}))["written"]
        for client in (hers, phone):
            answer = await client.say(general, "four", nonce="n-4")
            assert (answer["written"], answer["error"]["code"]) == (False, "rate-limited")
            assert 3500 < answer["error"]["retryAfter"] <= 3600
        assert (await his.say(general, "mine"))["written"] is True
        assert [each["content"] for each in his.events("new-chat")] == ["one"]


ASKED: dict[routes.SocketRequest[Any, Any], dict[str, object]] = {
    routes.JOIN: {},
    routes.CHAT_NEW: {"chatType": "new", "content": "words"},
    routes.CHAT_MODIFY: {"chatType": "modify", "chatId": 1, "content": "words"},
    routes.CHAT_DELETE: {"chatType": "delete", "chatId": 1},
    routes.REACT: {"chatId": 1, "emoji": "👍", "on": True},
    routes.READ: {"readId": 1},
    routes.TYPING: {},
    routes.INVITE_USERS: {"users": ["aaaaaaaaaaaa"]},
    routes.PRESENCE: {"status": "away"},
}
"""What is asked over a socket, but for the channel."""


@DELIVERIES
async def test_every_request_has_a_rate(tmp_path: Path, delivery: Any) -> None:
    async with opened(tmp_path, delivery, **{each.name: Rate.parse("2+1/h") for each in fields(Rates)}) as harness:
        found = {}
        for number, (ask, payload) in enumerate(ASKED.items()):
            person = await harness.person(f"person{number}")
            lab = await harness.community(person)
            client = await harness.client(person, lab, join=False, own=True)
            if ask is not routes.JOIN and ask is not routes.PRESENCE:
                payload = {"channelId": await harness.general(lab), **payload}
            namespace = USER_NAMESPACE if ask is routes.PRESENCE else namespace_of(lab)
            answers = [await client.sio.call(ask.event, payload, namespace=namespace) for _ in range(4)]
            found[str(ask.request)] = [each.get("error", {}).get("code") == "rate-limited" for each in answers]
            await client.sio.disconnect()
        assert ASKED.keys() == set(routes.SOCKET_REQUESTS)
        assert {name: limited for name, limited in found.items() if limited != [False, False, True, True]} == {}


@DELIVERIES
async def test_inviting_counts_people_and_not_requests(tmp_path: Path, delivery: Any) -> None:
    async with opened(tmp_path, delivery, invites=SLOW) as harness:
        alice, bob, carol, dave, eve = [await harness.person(name) for name in ("alice", "bob", "carol", "dave", "eve")]
        lab = await harness.community(alice, bob, carol, dave, eve)
        secret = await harness.channel(alice, lab, "secret")
        hers = await harness.client(alice, lab)

        async def invite(*people: Person) -> Any:
            payload = {"channelId": secret, "users": [each.id for each in people]}
            return await hers.ask(lab, "invite-users-to-channel", payload)

        assert (await invite(bob, bob))["ok"] is True  # the same one twice is one
        assert (await invite(carol, dave, eve))["error"]["code"] == "rate-limited"
        assert (await invite(carol, dave))["ok"] is True
        assert (await invite(eve))["error"]["code"] == "rate-limited"


@DELIVERIES
@pytest.mark.parametrize("event", ["typing", "react", "invite-users-to-channel"])
async def test_each_kind_of_request_has_a_limit_of_its_own(tmp_path: Path, delivery: Any, event: str) -> None:
    async with opened(tmp_path, delivery, typing=SLOW, reactions=SLOW, invites=SLOW) as harness:
        alice, bob = await harness.person("alice"), await harness.person("bob")
        lab = await harness.community(alice, bob)
        general = await harness.general(lab)
        hers = await harness.client(alice, lab)
        await hers.say(general, "words")
        payload: dict[str, object] = {
            "typing": {"channelId": general},
            "react": {"channelId": general, "chatId": 1, "emoji": "👍", "on": True},
            "invite-users-to-channel": {"channelId": general, "users": [bob.id]},
        }[event]  # type: ignore[assignment]
        answers = await _answers(hers, lab, event, payload, 5)
        assert [each["ok"] for each in answers] == [True] * 3 + [False] * 2
        assert {each["error"]["code"] for each in answers[3:]} == {"rate-limited"}
        for _ in range(5):
            assert (await hers.say(general, "not limited"))["written"] is True


@DELIVERIES
async def test_a_limited_request_holds_nothing_back(tmp_path: Path, delivery: Any) -> None:
    """Each is answered, and whatever else the connection asks goes on; nothing waits for an answer in vain."""
    async with opened(tmp_path, delivery, messages=SLOW) as harness:
        alice = await harness.person("alice")
        lab = await harness.community(alice)
        general = await harness.general(lab)
        hers = await harness.client(alice, lab)
        new: dict[str, object] = {"chatType": "new", "channelId": general, "content": "x"}
        answers = await _answers(hers, lab, "chat", new, 400)
        assert [each["written"] for each in answers].count(True) == 3
        assert (await hers.ask(lab, "read", {"channelId": general, "readId": 3}))["ok"] is True


@DELIVERIES
async def test_a_join_names_so_many_channels_at_most(tmp_path: Path, delivery: Any) -> None:
    most = limits.JOINED
    async with opened(tmp_path, delivery, frame=1024 * 1024) as harness:
        alice = await harness.person("alice")
        lab = await harness.community(alice)
        hers = await harness.client(alice, lab)
        answer = await hers.ask(lab, "join", {"channels": ["nowhere"] * (most + 1)})
        assert (answer["ok"], answer["error"]["code"]) == (False, "invalid")
        assert (await hers.ask(lab, "join", {"channels": ["nowhere"] * most}))["ok"] is True


@DELIVERIES
@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_one_connection_too_many_is_refused_in_words(tmp_path: Path, delivery: Any, transport: str) -> None:
    async with opened(tmp_path, delivery, most=2) as harness:
        alice = await harness.person("alice")
        clients = [await harness.client(alice, own=True, transports=[transport]) for _ in range(2)]
        url = f"{harness.url}/socket.io/?EIO=4&transport={transport}"
        websocket = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
        headers = {**websocket, "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="} if transport == "websocket" else {}
        async with aiohttp.ClientSession() as http:
            async with http.get(url, headers=headers) as answer:
                assert (answer.status, answer.headers["Retry-After"]) == (429, "10")
                error = (await answer.json())["error"]
                assert (error["code"], error["retryAfter"]) == ("rate-limited", 10)
            async with http.get(
                f"{harness.url}/socket.io/?EIO=4&transport=polling", headers={"X-Test-Address": "there"}
            ) as answer:
                assert answer.status == 200  # from elsewhere it is not too many
        # who is in stays in, and one that goes makes room
        assert await clients[0].sio.call("presence", {"status": "online"}, namespace=USER_NAMESPACE, timeout=5) == {
            "ok": True
        }
        await clients[0].sio.disconnect()
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    await harness.client(alice, own=True, transports=[transport])
                    break
                except socketio.exceptions.ConnectionError:
                    await asyncio.sleep(0.01)


@DELIVERIES
async def test_a_polling_client_that_upgrades_is_one_connection(tmp_path: Path, delivery: Any) -> None:
    async with opened(tmp_path, delivery, most=1) as harness:
        alice = await harness.person("alice")
        lab = await harness.community(alice)
        hers = await harness.client(alice, lab, transports=["polling", "websocket"])
        assert (await hers.say(await harness.general(lab), "up"))["written"] is True


@DELIVERIES
async def test_the_largest_frame_can_be_set(tmp_path: Path, delivery: Any) -> None:
    async with opened(tmp_path, delivery, frame=128 * 1024) as harness:
        alice = await harness.person("alice")
        lab = await harness.community(alice)
        hers = await harness.client(alice, lab)
        answer = await hers.say(await harness.general(lab), "x" * 100_000)
        assert answer["error"]["code"] == "too-large"  # the content is; the frame came through


def test_nothing_is_remembered_of_addresses_where_nobody_comes_from() -> None:
    connection_limit = ConnectionLimit(most=1, address=lambda request: "a")
    request: Any = None
    assert connection_limit.refusal(request) is None
    connection_limit.opened("link", "a")
    assert connection_limit.refusal(request) is not None
    connection_limit.closed("link")
    connection_limit.closed("link")
    assert connection_limit.refusal(request) is None
    assert (connection_limit._counts, connection_limit._addresses, connection_limit.refused) == ({}, {}, 1)


@DELIVERIES
@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_ids_of_connections_begin_with_the_name_of_their_program(
    tmp_path: Path, delivery: Any, transport: str
) -> None:
    harness = GatewayHarness(tmp_path / "asnity.db", delivery(ConnectionPolicy(name="g1")))
    await harness.open()
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    client = await harness.client(alice, lab, transports=[transport])
    assert client.sio.eio.sid.startswith("g1-")
    assert (await client.say(await harness.general(lab), "here"))["written"] is True
    await harness.close()


async def test_a_crowd_joins_bit_by_bit_and_each_in_their_order(
    harness: GatewayHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = harness.gateway._joins
    monkeypatch.setattr(limit, "_most", 2)
    people = [await harness.person(f"person{number}") for number in range(6)]
    labs = [await harness.community(*people) for _ in range(3)]
    generals = [await harness.general(lab) for lab in labs]
    clients = [await harness.client(person, *labs, join=False) for person in people]
    running: list[object] = []
    most = 0
    request = harness.gateway._backend.request

    def counted(*args: Any, present: Collection[str] = ()) -> None:
        nonlocal most
        *about, what, on_done = args
        if not isinstance(what, requests.Join):
            request(*args, present=present)
            return
        running.append(what)
        most = max(most, len(running))

        def done(outcome: Any) -> None:
            running.remove(what)
            on_done(outcome)

        request(*about, what, done, present=present)

    monkeypatch.setattr(harness.gateway._backend, "request", counted)

    async def come(client: Client) -> None:
        asked = []
        for lab, general in zip(labs, generals, strict=True):
            asked += [client.ask(lab, "join", {}), client.say(general, "I am in")]
        answers = await asyncio.gather(*asked)
        assert all(each["ok"] for each in answers[::2])
        assert all(each["written"] for each in answers[1::2])
        ids = [each["chatInfo"]["id"] for each in answers[1::2]]
        for general, own in zip(generals, ids, strict=True):  # joined before, so that everything else was told
            await client.until(
                lambda general=general, own=own: (
                    {each["id"] for each in client.events("new-chat") if each["channelId"] == general}
                    >= set(range(own + 1, len(people) + 1))
                )
            )

    await asyncio.gather(*map(come, clients))
    assert most == 2
    assert (limit._running, len(limit.waiting)) == (0, 0)
