"""Connections that don't read: what waits for all of a person's has a bound, and nobody else pays for it."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path
from typing import Any

import pytest

from asnity_server.gateway.delivery import backlog
from asnity_server.gateway.delivery.fast import FastDelivery
from asnity_server.gateway.delivery.stock import StockDelivery
from asnity_server.protocol.ids import namespace_of
from tests.gateway.harness import PATIENCE, GatewayHarness, Person

from .wire import Wire, said

BOTH = pytest.mark.parametrize("delivery", [FastDelivery, pytest.param(StockDelivery, marks=pytest.mark.slow)])


async def _deaf(harness: GatewayHarness, community_id: str, person: Person) -> Wire:
    """Somebody in all rooms who reads nothing from here on."""
    wire = await Wire.open(harness)
    place = namespace_of(community_id)
    await wire.enter(place, person.token)
    wire.send(said(f"42{place},1{json.dumps(['join', {}])}"))
    await wire.until(lambda: 1 in wire.answered())
    wire.deafen()
    return wire


async def _opened(path: Path, delivery: Any) -> GatewayHarness:
    harness = GatewayHarness(path / "asnity.db", delivery())
    await harness.open()
    for site in harness._runner.sites:  # as the real server has it: the system takes little of what isn't read
        for each in site._server.sockets:  # type: ignore[attr-defined]
            each.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16 * 1024)
    return harness


@BOTH
async def test_what_one_leaves_unread_on_all_connections_has_a_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, delivery: Any
) -> None:
    monkeypatch.setattr(backlog, "OF_ONE", 600_000)
    monkeypatch.setattr(backlog, "LOOK_EVERY", 0.01)
    harness = await _opened(tmp_path, delivery)
    alice, bob, carol = [await harness.person(name) for name in ("alice", "bob", "carol")]
    lab = await harness.community(alice, bob, carol)
    general = await harness.general(lab)
    hers = await harness.client(alice, lab)
    his = [await _deaf(harness, lab, bob) for _ in range(4)]
    slow = await _deaf(harness, lab, carol)
    async with asyncio.timeout(PATIENCE):
        while harness.gateway.connections > 4:  # of six
            answers = await asyncio.gather(*(hers.say(general, "x" * 4000) for _ in range(20)))
            assert all(each["written"] for each in answers)
    presence = (await hers.ask(lab, "join", {}))["presence"]
    assert carol.id in presence  # she leaves as much unread as each of his, and is still there
    for wire in (*his, slow):
        await wire.close()
    await harness.close()


@BOTH
async def test_who_is_behind_for_too_long_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, delivery: Any
) -> None:
    """One that answers every ping without ever reading one, too."""
    monkeypatch.setattr(backlog, "BEHIND", 0.05)
    monkeypatch.setattr(backlog, "SLOWEST", 1 << 40)
    monkeypatch.setattr(backlog, "LOOK_EVERY", 0.01)
    harness = await _opened(tmp_path, delivery)
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    hers, his = await harness.client(alice, lab), await _deaf(harness, lab, bob)
    for _ in range(10):
        answers = await asyncio.gather(*(hers.say(general, "x" * 4000) for _ in range(10)))
        assert all(each["written"] for each in answers)
    async with asyncio.timeout(PATIENCE):
        while harness.gateway.connections > 1:
            his.send(said("3"))
            await asyncio.sleep(0.01)
    await his.close()
    await harness.close()
