"""Polling, websockets and the way from one to the other; clients that don't read; the end of the server."""

from __future__ import annotations

import asyncio
import json
import socket as sockets

import pytest

from asnity_server.gateway.delivery.fast import FastDelivery
from asnity_server.protocol.ids import namespace_of
from tests.gateway.harness import PATIENCE, GatewayHarness

from .test_hostile import Raw


@pytest.mark.parametrize("transports", [["polling"], ["polling", "websocket"], ["websocket"]], ids="-".join)
async def test_any_transport_carries_everything(harness: GatewayHarness, transports: list[str]) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab, club = await harness.community(alice, bob), await harness.community(bob, alice)
    general = await harness.general(lab)
    his = await harness.client(bob, lab, club, transports=transports)
    hers = await harness.client(alice, lab, club)
    answers = await asyncio.gather(*(his.say(general, f"p{n}") for n in range(40)))
    assert [each["chatInfo"]["id"] for each in answers] == list(range(1, 41))
    for number in range(40):
        await hers.say(general, f"w{number}")
    await hers.say(await harness.general(club), "elsewhere")
    told = await his.expect("new-chat", 41)
    assert [each["content"] for each in told] == [f"w{n}" for n in range(40)] + ["elsewhere"]
    assert len(await hers.expect("new-chat", 40)) == 40


async def test_nothing_is_lost_while_a_connection_is_upgraded(harness: GatewayHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    hers = await harness.client(alice, lab)
    for attempt in range(10):
        joining = asyncio.create_task(harness.client(bob, lab, transports=["polling", "websocket"]))
        said = [asyncio.create_task(hers.say(general, f"{attempt}-{n}")) for n in range(5)]
        his = await joining
        await asyncio.gather(*said)
        first = (await his.ask(lab, "join", {}))["joined"][0]["lastId"]
        await asyncio.gather(*(hers.say(general, "after") for _ in range(5)))
        await his.until(
            lambda his=his, first=first: his.events("new-chat")[-1:] and his.events("new-chat")[-1]["id"] == first + 5
        )
        ids = [each["id"] for each in his.events("new-chat")]
        assert ids == list(range(ids[0], first + 6))
        await his.sio.disconnect()


async def test_a_client_that_does_not_read_is_closed_and_holds_nobody_up(harness: GatewayHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    hers = await harness.client(alice, lab)
    raw = await Raw.open(harness)
    await raw.enter(namespace_of(lab), bob.token)
    await raw.socket.send_str(f"42{namespace_of(lab)},1{json.dumps(['join', {}])}")
    await raw.read()
    transport = raw.socket._writer.transport  # type: ignore[attr-defined]
    transport.get_extra_info("socket").setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    transport.pause_reading()
    present = bob.id
    async with asyncio.timeout(50):
        while present in (await hers.ask(lab, "join", {}))["presence"]:
            answers = await asyncio.gather(*(hers.say(general, "x" * 4000) for _ in range(100)))
            assert all(each["written"] for each in answers)
    transport.abort()
    await raw.close()


async def test_closing_answers_what_waits_refuses_what_comes_and_tells_the_sockets(harness: GatewayHarness) -> None:
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    general = await harness.general(lab)
    hers = await harness.client(alice, lab)
    before = [asyncio.create_task(hers.say(general, str(n))) for n in range(50)]
    await asyncio.sleep(0)  # they are all on their way
    await hers.ask(lab, "typing", {"channelId": general})  # they have all arrived
    harness.gateway.stop_listening()
    late = await hers.say(general, "late")
    assert late["error"]["code"] == "unavailable"
    assert all(each["written"] for each in await asyncio.gather(*before))
    await harness.delivery.shut_down()
    async with asyncio.timeout(PATIENCE):
        while hers.sio.connected:  # noqa: ASYNC110  # its own `wait` swallows the end of a timeout
            await asyncio.sleep(0.01)


@pytest.mark.slow
async def test_heartbeats_keep_the_living_and_cut_the_silent(
    harness: GatewayHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not isinstance(harness.delivery, FastDelivery):
        pytest.skip("the library's own heartbeats are the library's to test")
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice, bob)
    hers = await harness.client(alice, lab)
    raw = await Raw.open(harness)
    await raw.enter(namespace_of(lab), bob.token)
    real = asyncio.sleep

    async def quick(seconds: float) -> None:
        await real(seconds / 100)

    monkeypatch.setattr("asnity_server.gateway.delivery.engineio_server.asyncio.sleep", quick)
    while await raw.read():  # it never says that it lives
        pass
    assert (await hers.say(await harness.general(lab), "alive"))["written"] is True
    await raw.close()
