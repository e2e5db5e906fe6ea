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

from .house import PATIENCE, House, Person
from .wire import Wire, said

BOTH = pytest.mark.parametrize("delivery", [FastDelivery, pytest.param(StockDelivery, marks=pytest.mark.slow)])


async def _deaf(house: House, community_id: str, person: Person) -> Wire:
    """Somebody in all rooms who reads nothing from here on."""
    wire = await Wire.open(house)
    place = namespace_of(community_id)
    await wire.enter(place, person.token)
    wire.send(said(f"42{place},1{json.dumps(['join', {}])}"))
    await wire.until(lambda: 1 in wire.answered())
    wire.deafen()
    return wire


async def _opened(path: Path, delivery: Any) -> House:
    house = House(path / "asnity.db", delivery())
    await house.open()
    for site in house._runner.sites:  # as the real server has it: the system takes little of what isn't read
        for each in site._server.sockets:  # type: ignore[attr-defined]
            each.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16 * 1024)
    return house


@BOTH
async def test_what_one_leaves_unread_on_all_connections_has_a_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, delivery: Any
) -> None:
    monkeypatch.setattr(backlog, "OF_ONE", 600_000)
    monkeypatch.setattr(backlog, "LOOK_EVERY", 0.01)
    house = await _opened(tmp_path, delivery)
    alice, bob, carol = [await house.person(name) for name in ("alice", "bob", "carol")]
    lab = await house.community(alice, bob, carol)
    general = await house.general(lab)
    hers = await house.client(alice, lab)
    his = [await _deaf(house, lab, bob) for _ in range(4)]
    slow = await _deaf(house, lab, carol)
    async with asyncio.timeout(PATIENCE):
        while house.gateway.connections > 4:  # of six
            answers = await asyncio.gather(*(hers.say(general, "x" * 4000) for _ in range(20)))
            assert all(each["written"] for each in answers)
    presence = (await hers.ask(lab, "join", {}))["presence"]
    assert carol.id in presence  # she leaves as much unread as each of his, and is still there
    for wire in (*his, slow):
        await wire.close()
    await house.close()


@BOTH
async def test_who_is_behind_for_too_long_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, delivery: Any
) -> None:
    """One that answers every ping without ever reading one, too."""
    monkeypatch.setattr(backlog, "BEHIND", 0.05)
    monkeypatch.setattr(backlog, "SLOWEST", 1 << 40)
    monkeypatch.setattr(backlog, "LOOK_EVERY", 0.01)
    house = await _opened(tmp_path, delivery)
    alice, bob = await house.person("alice"), await house.person("bob")
    lab = await house.community(alice, bob)
    general = await house.general(lab)
    hers, his = await house.client(alice, lab), await _deaf(house, lab, bob)
    for _ in range(10):
        answers = await asyncio.gather(*(hers.say(general, "x" * 4000) for _ in range(10)))
        assert all(each["written"] for each in answers)
    async with asyncio.timeout(PATIENCE):
        while house.gateway.connections > 1:
            his.send(said("3"))
            await asyncio.sleep(0.01)
    await his.close()
    await house.close()
