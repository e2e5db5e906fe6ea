"""Tests of a gateway that is about to end: its clients go elsewhere at a pace, and nobody loses an answer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from asnity_server.gateway import draining

from .harness import LinkHarness


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_who_waits_for_an_answer_goes_behind_it_and_is_taken_from_no_more(
    harness: LinkHarness, monkeypatch: pytest.MonkeyPatch, transport: str
) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    harness.url = harness.gateways[0].url
    a = await harness.client(alice, lab, transports=[transport], own=True)
    b = await harness.client_at(1, bob, lab)
    gateway = harness.gateways[0].gateway
    held: list[tuple[Any, ...]] = []
    request = gateway._backend.request
    asked = asyncio.Event()

    def hold(*args: Any, **more: Any) -> None:
        held.append(args)
        asked.set()

    monkeypatch.setattr(gateway._backend, "request", hold)
    answer = asyncio.ensure_future(a.say(general, "the last", nonce="n1"))
    await asked.wait()
    drain = asyncio.ensure_future(gateway.drain(0, hurry=asyncio.Event()))
    await asyncio.sleep(0)
    assert all(each.leaving for each in gateway._connections)
    seen = gateway.requests
    late = asyncio.ensure_future(a.say(general, "too late", nonce="n2"))
    sent = asyncio.ensure_future(b.say(general, "elsewhere", nonce="n3"))
    assert (await sent)["written"] is True
    await a.until(lambda: len(a.events("new-chat")) == 1)
    request(*held[0])
    assert (await answer)["written"] is True
    await drain
    assert gateway.connections == 0
    assert (gateway.requests, len(held)) == (seen, 1), "as if it had never been read"
    late.cancel()
    await asyncio.gather(late, return_exceptions=True)
    told = await b.expect("new-chat")
    assert [each["content"] for each in told] == ["the last"]


async def test_connections_go_one_after_the_other_and_come_in_elsewhere(harness: LinkHarness) -> None:
    people = [await harness.person(f"person{number}") for number in range(6)]
    lab = await harness.community(*people)
    for each in people:
        await harness.client_at(0, each, lab)
    gateway = harness.gateways[0].gateway
    order = [each.connection_id for each in gateway._connections]
    leave = gateway._connections.leave
    gone: list[str] = []

    def noted(connection_id: str) -> None:
        if connection_id in gateway._connections:
            gone.append(connection_id)
        leave(connection_id)

    gateway._connections.leave = noted  # type: ignore[method-assign]
    await gateway.drain(0.6, hurry=asyncio.Event())
    assert list(dict.fromkeys(gone)) == order
    assert gateway.connections == 0
    again = await harness.client_at(1, people[0], lab)
    assert (await again.say(await harness.general(lab), "here now"))["written"] is True


async def _ask_in_vain(harness: LinkHarness, monkeypatch: pytest.MonkeyPatch) -> asyncio.Future[Any]:
    """Let one of two clients of the first gateway ask for what isn't answered."""
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    client = await harness.client_at(0, alice, lab)
    await harness.client_at(0, alice, lab)
    asked = asyncio.Event()
    monkeypatch.setattr(harness.gateways[0].gateway._backend, "request", lambda *args, **more: asked.set())
    unanswered = asyncio.ensure_future(client.say(await harness.general(lab), "never answered"))
    await asked.wait()
    return unanswered


async def test_whoever_stops_it_twice_waits_no_longer(harness: LinkHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draining, "LAST_ANSWERS", 3600.0)
    unanswered = await _ask_in_vain(harness, monkeypatch)
    gateway, hurry = harness.gateways[0].gateway, asyncio.Event()
    drain = asyncio.ensure_future(gateway.drain(3600, hurry=hurry))
    await asyncio.sleep(0)
    hurry.set()
    await drain
    assert all(each.leaving for each in gateway._connections)
    unanswered.cancel()
    await asyncio.gather(unanswered, return_exceptions=True)


async def test_the_last_answers_are_not_waited_for_forever(
    harness: LinkHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draining, "LAST_ANSWERS", 0.1)
    unanswered = await _ask_in_vain(harness, monkeypatch)
    gateway = harness.gateways[0].gateway
    await gateway.drain(0, hurry=asyncio.Event())
    assert gateway.connections == 1, "the one that waits"
    unanswered.cancel()
    await asyncio.gather(unanswered, return_exceptions=True)
