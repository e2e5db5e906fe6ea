"""Sessions that nobody uses, on a real server that is started again months later."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from asnity_server.app import Server, ServerSettings, SteadyClock, without_limits
from asnity_server.db.clock import DAY, wall_clock
from asnity_server.protocol import requests, routes
from asnity_server.protocol.errors import Unauthorized
from asnity_tui.client.transport.remote import RemoteClient
from tests.contract.harness import SignUpHarness
from tests.topology.deployment import CHEAP


class Machine:
    """The time at which a server starts."""

    def __init__(self) -> None:
        self.now = wall_clock()


@asynccontextmanager
async def _serving(machine: Machine, folder: Path, **more: int) -> AsyncIterator[tuple[Server, SignUpHarness]]:
    settings = without_limits(ServerSettings(port=0, registration="open", data=folder, **more))
    began = machine.now - 60_000
    clock = SteadyClock(lambda: machine.now, lambda: machine.now - began)
    async with Server(settings, hash_cost=CHEAP, clock=clock) as server:
        stage = SignUpHarness(lambda: RemoteClient(server.url))
        yield server, stage
        for each in stage.clients:
            await each.close()


async def _is_in(stage: SignUpHarness, token: str | None) -> bool:
    client = await stage.client()
    client.token = token
    try:
        await client.call(routes.ME, requests.Empty())
    except Unauthorized:
        return False
    return True


@pytest.mark.parametrize(
    ("days", "settings", "lasts"), [(89, {}, True), (91, {}, False), (91, {"session_days": 0}, True)]
)
async def test_a_session_that_was_not_used_for_90_days(
    tmp_path: Path, days: int, settings: dict[str, int], lasts: bool
) -> None:
    machine = Machine()
    async with _serving(machine, tmp_path) as (_, stage):
        token = (await stage.person("alice")).client.token
    machine.now += days * DAY
    async with _serving(machine, tmp_path, **settings) as (_, stage):
        assert await _is_in(stage, token) == lasts
        again = await stage.device("alice")
        assert await _is_in(stage, again.client.token)
        listed = await again.call(routes.SESSIONS, requests.Page())
        assert len(listed.sessions) == 1 + lasts


async def test_whoever_is_connected_stays_signed_in(tmp_path: Path) -> None:
    machine = Machine()
    async with _serving(machine, tmp_path) as (server, stage):
        alice, bob = await stage.person("alice"), await stage.person("bob")
        await alice.open()
        old = machine.now - 91 * DAY
        database = server.api.database
        await database.write(lambda tx: tx.run("UPDATE sessions SET last_seen_at = ?", (old,)))
        await server.tidy()
        assert await database.read(lambda view: view.value("SELECT count(*) FROM sessions")) == 1
        assert await _is_in(stage, alice.client.token)
        assert not await _is_in(stage, bob.client.token)
        assert not alice.heard.lost
