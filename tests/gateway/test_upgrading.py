"""A websocket that is tried out beside polling: one at a time, for a while, counted, and polling goes on."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from asnity_server.gateway.delivery import polling as polling_module
from asnity_server.protocol.ids import namespace_of
from tests.gateway.harness import PATIENCE, GatewayHarness

from .poller import emptied, polling, server_of
from .test_limits import DELIVERIES, opened


async def _closed(socket: aiohttp.ClientWebSocketResponse) -> None:
    """Wait until the server has closed it."""
    async with asyncio.timeout(PATIENCE):
        while (await socket.receive()).type is aiohttp.WSMsgType.TEXT:
            pass


@pytest.mark.parametrize("said", [(), ("2probe",)], ids=["silent", "probing"])
async def test_polling_goes_on_beside_a_websocket_that_is_stuck(harness: GatewayHarness, said: tuple[str, ...]) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice, bob)
    general, place = await harness.general(lab), namespace_of(lab)
    hers = await harness.client(alice, lab)
    async with polling(harness) as client:
        await client.enter(place, bob.token)
        await client.post(f'42{place},1["join",{{}}]')
        await client.until(f"43{place},1")
        stuck = await client.probe()
        for each in said:
            await stuck.send_str(each)
            assert await stuck.receive_str(timeout=PATIENCE) == "3probe"
        for number in range(5):
            await hers.say(general, f"number {number}")
            assert f"number {number}" in await client.until(f'42{place},["new-chat"')
            chat = json.dumps(["chat", {"chatType": "new", "channelId": general, "content": f"answer {number}"}])
            assert await client.post(f"42{place},{number + 2}{chat}") == 200
            assert '"written":true' in await client.until(f"43{place},{number + 2}")
        await stuck.close()


async def test_a_second_websocket_beside_the_same_polling_is_refused_and_the_first_goes_on(
    harness: GatewayHarness,
) -> None:
    async with polling(harness) as client:
        first = await client.probe()
        for _ in range(3):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await client.probe()
            assert refused.value.status == 400
        await first.send_str("2probe")
        assert await first.receive_str(timeout=PATIENCE) == "3probe"
        await first.send_str("5")
        await first.send_str("40/nowhere,{}")
        async with asyncio.timeout(PATIENCE):
            while not (await first.receive_str()).startswith("44/nowhere,"):
                pass
        await first.close()
    await emptied(harness)


async def test_one_that_was_given_up_makes_room_for_the_next(harness: GatewayHarness) -> None:
    async with polling(harness) as client:
        for _ in range(3):
            given_up = await client.probe()
            await given_up.close()
            async with asyncio.timeout(PATIENCE):
                while server_of(harness).eio.sockets[client.sid]._probe is not None:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
        assert await client.post("1") == 200
    await emptied(harness)


@pytest.mark.parametrize("said", [(), ("2probe",)], ids=["silent", "probing"])
async def test_a_websocket_that_does_not_take_over_in_time_is_closed(
    harness: GatewayHarness, monkeypatch: pytest.MonkeyPatch, said: tuple[str, ...]
) -> None:
    monkeypatch.setattr(polling_module, "PROBE_TIME", 0.2)
    async with polling(harness) as client:
        stuck = await client.probe()
        for each in said:
            await stuck.send_str(each)
        await _closed(stuck)
        assert await client.post("40/nowhere,{}") == 200
        assert (await client.until("44")).startswith("44/nowhere,")
        again = await client.probe()
        await _closed(again)


@pytest.mark.parametrize("said", ["4", "2", "3probe", "2nothing", "5", "40/nowhere,{}", "x", ""])
async def test_what_is_no_upgrade_ends_the_websocket_alone(harness: GatewayHarness, said: str) -> None:
    async with polling(harness) as client:
        socket = await client.probe()
        await socket.send_str(said)
        await _closed(socket)
        assert await client.post("40/nowhere,{}") == 200
        assert (await client.until("44")).startswith("44/nowhere,")


async def test_the_end_of_polling_is_the_end_of_what_is_tried_out_beside_it(harness: GatewayHarness) -> None:
    async with polling(harness) as client:
        socket = await client.probe()
        await socket.send_str("2probe")
        assert await client.post("1") == 200
        await _closed(socket)
    await emptied(harness)


async def test_a_client_that_waits_for_its_poll_changes_over_at_once(harness: GatewayHarness) -> None:
    async with polling(harness) as client:
        before = asyncio.create_task(client.poll())  # it waits for news that don't come
        socket = await client.probe()
        await socket.send_str("2probe")
        assert await socket.receive_str(timeout=PATIENCE) == "3probe"
        assert await before == ["6"]
        for _ in range(3):  # and so do those that cross on the way
            assert await client.poll() == ["6"]
        await socket.send_str("5")
        await socket.send_str("40/nowhere,{}")
        async with asyncio.timeout(PATIENCE):
            while not (await socket.receive_str()).startswith("44/nowhere,"):
                pass
        assert await client.post("3") == 400
        await socket.close()
    await emptied(harness)


@DELIVERIES
async def test_what_is_tried_out_is_counted_at_the_door(tmp_path: Path, delivery: Any) -> None:
    async with opened(tmp_path, delivery, most=3) as harness, polling(harness) as first, polling(harness) as second:
        async with polling(harness) as third:
            tried = await first.probe()
            for each in (second, third):
                with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                    await each.probe()
                assert refused.value.status == 429
            await tried.send_str("2probe")
            assert await tried.receive_str(timeout=PATIENCE) == "3probe"
            await tried.send_str("5")
            await tried.send_str("40/nowhere,{}")
            async with asyncio.timeout(PATIENCE):
                while not (await tried.receive_str()).startswith("44/nowhere,"):
                    pass
            other = await second.probe()  # the first one has changed over, so there is room
            await other.close()
            await tried.close()
            assert await second.post("1") == 200
            assert await third.post("1") == 200
        await emptied(harness)
        connection_limit = server_of(harness).connection_limit
        assert (connection_limit._counts, connection_limit._addresses) == ({}, {})
