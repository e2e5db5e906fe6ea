"""Polling never waits for a silent client: whatever one sends or leaves out, the server is rid of it soon."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket as sockets
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from asnity_server import request_body
from asnity_server.gateway.delivery import budget
from asnity_server.gateway.delivery import polling as polling_module
from asnity_server.gateway.delivery.budget import TURN
from asnity_server.gateway.delivery.polling import ANSWERED, POLLED
from asnity_server.protocol.ids import namespace_of
from asnity_server.protocol.limits import FRAME, WRITE_BUDGET
from tests.gateway.harness import PATIENCE, GatewayHarness

from .poller import Poller, emptied, polling, server_of
from .test_limits import DELIVERIES, opened

NONSENSE: dict[str, bytes] = {
    "a ping": b"2",
    "an opening": b"0{}",
    "an upgrade": b"5",
    "no type": b"x",
    "an empty packet": b"4\x1e\x1e4",
    "no packet of Socket.IO": b"4x",
    "a packet of servers": b"44/c/abc,{}",
    "a number": b"49999999999999999999",
    "brackets": b"4" + b"[" * 60_000,
    "no UTF-8": b"4\xff\xfe",
    "compressed": gzip.compress(b"3"),
    "a form": b"d=3",
    "too long": b"4" + b"x" * FRAME,
    "too many": b"\x1e".join([b"3"] * (POLLED + 1)),
}


def _others(known: set[asyncio.Task[object]]) -> set[asyncio.Task[object]]:
    """Tasks that began since."""
    return {task for task in asyncio.all_tasks() - known if not task.done()}


@pytest.mark.parametrize("body", NONSENSE.values(), ids=NONSENSE)
async def test_a_post_that_is_no_engine_io_is_refused_and_leaves_nothing_behind(
    harness: GatewayHarness, body: bytes
) -> None:
    known = asyncio.all_tasks()
    for polls in (False, True):
        async with polling(harness) as client:
            waiting = asyncio.create_task(client.poll()) if polls else None
            if waiting is not None:
                await _polls(harness, client)
            assert await client.post(data=body) == (413 if len(body) > FRAME else 400)
            if waiting is not None:
                assert await waiting == ["1"]
            assert await client.post("3") == 400
            assert await client.poll() == []
        await emptied(harness)
    async with asyncio.timeout(PATIENCE):
        while _others(known):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def _polls(harness: GatewayHarness, client: Poller) -> None:
    """Wait until its poll has arrived."""
    async with asyncio.timeout(PATIENCE):
        while server_of(harness).eio.sockets[client.sid]._poll is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_who_never_comes_back_is_forgotten_after_a_farewell(
    harness: GatewayHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling_module, "FAREWELL", 0.05)
    async with polling(harness) as client:
        harness.delivery.close(client.sid)
        await emptied(harness)
        assert await client.poll() == []


async def test_the_last_packets_wait_for_the_next_poll(harness: GatewayHarness) -> None:
    async with polling(harness) as client:
        assert await client.post("40/nowhere,{}") == 200
        harness.delivery.close(client.sid)
        socket = server_of(harness).eio.sockets[client.sid]
        async with asyncio.timeout(PATIENCE):
            while not socket.closing:  # noqa: ASYNC110
                await asyncio.sleep(0)
        first, last = await client.poll()
        assert first.startswith("44/nowhere,")
        assert last == "1"
        assert await client.poll() == []
    await emptied(harness)


@DELIVERIES
async def test_a_connection_is_counted_until_it_is_forgotten(tmp_path: Path, delivery: Any) -> None:
    async with opened(tmp_path, delivery, most=1) as harness:
        async with polling(harness) as client:
            harness.delivery.close(client.sid)
            async with asyncio.timeout(PATIENCE):
                while harness.gateway.connections:  # noqa: ASYNC110
                    await asyncio.sleep(0)
            async with client.http.get(f"{harness.url}/socket.io/?EIO=4&transport=polling") as answer:
                assert answer.status == 429
            assert await client.poll() == ["1"]
        await emptied(harness)
        async with polling(harness) as client:
            assert await client.post("1") == 200
        await emptied(harness)


async def test_what_asks_for_a_websocket_and_takes_none_is_forgotten_at_once(harness: GatewayHarness) -> None:
    headers = {"Connection": "Upgrade", "Upgrade": "websocket"}
    async with aiohttp.ClientSession() as http:
        for more in ({}, {"Sec-WebSocket-Version": "13"}, {"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "x"}):
            async with http.get(
                f"{harness.url}/socket.io/?EIO=4&transport=websocket", headers=headers | more
            ) as answer:
                assert answer.status == 400
    await emptied(harness)


async def test_who_never_polls_is_closed(harness: GatewayHarness) -> None:
    eio = server_of(harness).eio
    eio.ping_interval = eio.ping_timeout = 0.05
    async with polling(harness):
        await emptied(harness)


async def test_a_body_that_does_not_come_is_not_waited_for(
    harness: GatewayHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_body, "BODY_TIME", 0.05)
    async with polling(harness) as client:
        reader, writer = await asyncio.open_connection("127.0.0.1", harness.port)
        path = client.url.removeprefix(harness.url)
        writer.write(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n40".encode())
        async with asyncio.timeout(PATIENCE):
            assert (await reader.readline()).startswith(b"HTTP/1.1 400")
        writer.close()
    await emptied(harness)


async def test_a_body_that_breaks_off_is_not_heard(harness: GatewayHarness) -> None:
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    general = await harness.general(lab)
    async with polling(harness) as client:
        await client.enter(namespace_of(lab), alice.token)
        chat = json.dumps(["chat", {"chatType": "new", "channelId": general, "content": "half"}])
        body = f"42{namespace_of(lab)},1{chat}".encode()
        _, writer = await asyncio.open_connection("127.0.0.1", harness.port)
        path = client.url.removeprefix(harness.url)
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body) + 100}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()
        await emptied(harness)
    hers = await harness.client(alice, lab)
    assert (await hers.say(general, "whole"))["chatInfo"]["id"] == 1


async def test_a_body_in_chunks_is_read_to_its_end_and_bounded(harness: GatewayHarness) -> None:
    alice = await harness.person("alice")
    lab = await harness.community(alice)

    async def chunks(*parts: bytes):  # type: ignore[no-untyped-def]
        for part in parts:
            yield part

    enter = f"40{namespace_of(lab)},{json.dumps({'token': alice.token})}".encode()
    async with polling(harness) as client:
        assert await client.post(data=chunks(enter[:9], enter[9:])) == 200
        await client.until(f"40{namespace_of(lab)},")
        assert await client.post(data=chunks(*[b"x" * 8192] * 9)) == 413


async def test_two_polls_at_once_end_the_connection(harness: GatewayHarness) -> None:
    async with polling(harness) as client:
        first = asyncio.create_task(client.poll())
        await _polls(harness, client)
        assert await client.poll() == []
        assert await first == ["1"]
    await emptied(harness)


async def test_two_posts_at_once_end_the_connection(harness: GatewayHarness) -> None:
    async with polling(harness) as client:
        gate = asyncio.Event()

        async def slow():  # type: ignore[no-untyped-def]
            yield b"3"
            await gate.wait()

        first = asyncio.create_task(client.post(data=slow()))
        async with asyncio.timeout(PATIENCE):
            while not server_of(harness).eio.sockets[client.sid]._posting:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert await client.post("3") == 400
        gate.set()
        assert await first == 400
    await emptied(harness)


async def test_a_poll_whose_client_is_gone_takes_nothing_with_it(harness: GatewayHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    hers = await harness.client(alice, lab)
    async with polling(harness) as client:
        await client.enter(namespace_of(lab), bob.token)
        await client.post(f'42{namespace_of(lab)},1["join",{{}}]')
        await client.until(f"43{namespace_of(lab)},1")
        for number in range(3):
            lost = asyncio.create_task(client.poll())
            await _polls(harness, client)
            lost.cancel()
            await asyncio.wait([lost])
            request = server_of(harness).eio.sockets[client.sid]._poll
            async with asyncio.timeout(PATIENCE):
                while not polling_module.is_gone(request):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            await hers.say(general, f"number {number}")
            assert f"number {number}" in await client.until(f'42{namespace_of(lab)},["new-chat"')


async def test_an_answer_has_no_more_packets_than_the_librarys_client_takes(harness: GatewayHarness) -> None:
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    async with polling(harness) as client:
        await client.enter(namespace_of(lab), alice.token)
        asked = range(ANSWERED * 3)
        await client.post(*(f'42{namespace_of(lab)},{number}["typing",{{}}]' for number in asked))
        answered: list[str] = []
        while len(answered) < len(asked):
            packets = await client.poll()
            assert 1 <= len(packets) <= ANSWERED
            answered += [each for each in packets if each.startswith("43")]
        assert [each.split("[")[0] for each in answered] == [f"43{namespace_of(lab)},{number}" for number in asked]


async def test_an_answer_that_is_not_read_is_given_up(harness: GatewayHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling_module, "SENDING_TIME", 0.2)
    async with polling(harness) as client:
        socket = server_of(harness).eio.sockets[client.sid]
        raw = sockets.socket()
        raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        raw.setblocking(False)
        await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", harness.port))
        path = client.url.removeprefix(harness.url)
        await asyncio.get_running_loop().sock_sendall(raw, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        await _polls(harness, client)
        peer = socket._poll.transport
        peer.get_extra_info("socket").setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, 4096)
        socket.put(polling_module.eio_packet.Packet(polling_module.eio_packet.MESSAGE, "x" * 900_000))
        async with asyncio.timeout(PATIENCE):
            while not peer.is_closing() or socket._poll is not None:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        raw.close()
        assert await client.post("1") == 200
    await emptied(harness)


async def test_what_waits_for_a_client_that_never_polls_is_bounded_however_small_its_pieces(
    harness: GatewayHarness,
) -> None:
    async with polling(harness) as client:
        socket = server_of(harness).eio.sockets[client.sid]
        most = 0
        while not socket.closed:
            socket.put(polling_module.NOOP)
            most = max(most, socket.queue.qsize())
            if not most % 100:
                await asyncio.sleep(0)
        assert most <= WRITE_BUDGET // polling_module.PACKET + 100
        assert socket.queue.size < 4096
    await emptied(harness)


async def test_a_full_post_lets_everyone_else_have_turns(harness: GatewayHarness) -> None:
    heard: list[int] = []
    turns: list[None] = []

    async def take_turns() -> None:
        while True:
            turns.append(None)
            await asyncio.sleep(0)

    server_of(harness).eio.heard = lambda link, text: heard.append(len(turns))
    async with polling(harness) as client:
        others = asyncio.create_task(take_turns())
        assert await client.post(*["40/nowhere"] * POLLED) == 200
        others.cancel()
    assert len(heard) == POLLED
    assert max(heard.count(each) for each in set(heard)) <= TURN


async def test_who_always_posts_more_than_the_budget_of_packets_is_closed(
    harness: GatewayHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "PATIENCE", 0.0)
    server_of(harness).eio.budget = budget.Budget(20, 0.001)
    heard: list[str] = []
    server_of(harness).eio.heard = lambda link, text: heard.append(text)
    async with polling(harness) as client:
        assert await client.post(*["4"] * 20) == 200
        assert await client.post(*["4"] * POLLED) == 400
        assert len(heard) < 20 + POLLED
    await emptied(harness)


async def test_a_page_of_another_site_posts_nothing(harness: GatewayHarness) -> None:
    async with polling(harness) as client:
        assert await client.post("3", headers={"Origin": "https://elsewhere.example"}) == 400
        assert await client.post("3", headers={"Origin": harness.url}) == 200
        assert await client.post("3") == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "PATCH", "BREW"])
async def test_other_methods_are_refused_without_a_word_in_the_log(
    harness: GatewayHarness, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with polling(harness) as client, client.http.request(method, client.url) as answer:
        assert answer.status in (400, 405)
    assert not caplog.records


async def test_a_clock_that_is_set_ends_no_connection(harness: GatewayHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    eio = server_of(harness).eio
    eio.ping_interval = 0.05
    async with polling(harness) as client:
        assert await client.poll() == ["2"]
        now = time.time()
        monkeypatch.setattr("time.time", lambda: now + 50 * 365 * 86400)
        assert await client.post("3", "40/nowhere,{}") == 200
        told: list[str] = []
        while len(told) < 2:  # the answer, and the next ping
            told += await client.poll()
        assert sorted(each[:2] for each in told) == ["2", "44"]


@pytest.mark.parametrize("transport", ["polling", "websocket", "upgraded"])
async def test_nothing_is_left_of_a_connection_that_is_closed(harness: GatewayHarness, transport: str) -> None:
    loop = asyncio.get_running_loop()
    async with polling(harness) as client:  # what the first one starts for all stays
        socket = await client.http.ws_connect(f"{harness.url}/socket.io/?EIO=4&transport=websocket")
        await socket.close()
        assert await client.post("1") == 200
    await emptied(harness)
    known, timers = asyncio.all_tasks(), _timers(loop)
    for _ in range(5):
        async with polling(harness) as client:
            if transport != "polling":
                socket = await client.http.ws_connect(f"{harness.url}/socket.io/?EIO=4&transport=websocket")
                await socket.receive_str()
                await socket.close()
            if transport == "upgraded":
                await (await _upgraded(client)).close()
            else:
                assert await client.post("1") == 200
        await emptied(harness)
    deadline = loop.time() + PATIENCE  # looked at, as a timer of its own would be one more
    while _others(known) or _timers(loop) > timers:
        assert loop.time() < deadline
        await asyncio.sleep(0.01)


def _timers(loop: asyncio.AbstractEventLoop) -> int:
    """Timers that will ring, but for the web server's own of less than a second."""
    waiting = [each for each in loop._scheduled if not each.cancelled()]  # type: ignore[attr-defined]
    return len([each for each in waiting if each.when() > loop.time() + 2])


async def _upgraded(client: Poller) -> aiohttp.ClientWebSocketResponse:
    """The websocket that a polling client changed over to."""
    socket = await client.probe()
    await socket.send_str("2probe")
    assert await socket.receive_str() == "3probe"
    await socket.send_str("5")
    await socket.send_str("40/nowhere,{}")
    async with asyncio.timeout(PATIENCE):
        while not (await socket.receive_str()).startswith("44/nowhere,"):
            pass
    return socket
