"""Tests of the checker: it finds nothing where nothing is broken, and each of six things that are broken on purpose."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from asnity_server import bus
from asnity_server.api import socket_requests
from asnity_server.bus import Outcome
from asnity_server.gateway import remote_backend
from asnity_server.gateway.dispatcher import Dispatcher
from asnity_server.link import frames
from asnity_server.link.client import LinkClient
from asnity_server.protocol import events, requests, routes
from asnity_server.protocol.ids import USER_NAMESPACE
from asnity_server.protocol.models import Counters, Message
from asnity_tui.client.transport.remote import RemoteClient
from tests.contract.harness import SignUpHarness

from .checker.programs import LinkedPrograms
from .checker.scenario import Scenario

AMONG = 12
"""Messages between two that are broken."""


@pytest.fixture
async def programs(tmp_path: Path) -> AsyncIterator[LinkedPrograms]:
    """An API and two gateways."""
    async with LinkedPrograms(tmp_path, gateways=2) as programs:
        yield programs


@pytest.fixture
async def scenario(programs: LinkedPrograms) -> AsyncIterator[Scenario]:
    """Four people at two gateways."""
    scenario = Scenario(programs.urls[0], programs.urls, programs.database, people=4)
    await scenario.set()
    yield scenario
    await scenario.close()


def _every(count: int) -> Any:
    """Return something that is true at every so-manyth call."""
    numbers = iter(range(1, 1_000_000))
    return lambda: next(numbers) % count == 0


async def _some_messages(scenario: Scenario, count: int = 60) -> None:
    """Wait until so many messages are acknowledged."""
    async with asyncio.timeout(20):
        while sum(type(each.event).__name__ == "Acknowledged" for each in scenario.history.entries) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def _broken(scenario: Scenario) -> set[str]:
    outcome = await scenario.run(lambda: _some_messages(scenario))
    return {each.promise[0] for each in outcome.violations}


async def test_nothing_is_found_where_nothing_is_broken(scenario: Scenario) -> None:
    outcome = await scenario.run(lambda: _some_messages(scenario))
    outcome.require_kept()


@pytest.mark.slow
async def test_an_acknowledgement_of_what_is_not_stored_is_found(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    true, now = remote_backend._outcome, _every(AMONG)

    def outcome_of(answer: frames.Answer, changes: Any) -> Outcome[Any]:
        found = true(answer, changes)
        if isinstance(found.value, Message) and now():
            return Outcome(replace(found.value, id=found.value.id + 1_000))
        return found

    monkeypatch.setattr(remote_backend, "_outcome", outcome_of)
    assert "1" in await _broken(scenario)


@pytest.mark.slow
async def test_what_is_told_twice_is_found(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    true, now = Dispatcher._message_posted, _every(AMONG)

    def twice(self: Dispatcher, change: bus.MessagePosted) -> None:
        for _ in range(2 if now() else 1):
            true(self, change)

    _handle(scenario, monkeypatch, twice)
    assert "2" in await _broken(scenario)


def _handle(scenario: Scenario, monkeypatch: pytest.MonkeyPatch, handler: Any) -> None:
    """Put a handler into the place of that of new messages, in every dispatcher."""
    for program in PROGRAMS:
        for gateway in program.gateways:
            dispatcher = gateway._gateway.dispatcher
            monkeypatch.setitem(
                dispatcher._handlers, bus.MessagePosted, lambda change, d=dispatcher: handler(d, change)
            )


PROGRAMS: list[LinkedPrograms] = []


@pytest.fixture(autouse=True)
def _known(programs: LinkedPrograms) -> Any:
    PROGRAMS.append(programs)
    yield
    PROGRAMS.clear()


@pytest.mark.slow
async def test_what_is_told_behind_a_removal_is_found(
    scenario: Scenario, programs: LinkedPrograms, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tell_alone(self: Dispatcher, change: bus.CommunityExited) -> None:
        data = events.CommunityRemoved(community_id=change.community_id, reason=change.reason)
        self._delivery.emit(USER_NAMESPACE, f"user:{change.user_id}", "community-removed", data)

    for gateway in programs.gateways:
        dispatcher = gateway._gateway.dispatcher
        monkeypatch.setitem(
            dispatcher._handlers, bus.CommunityExited, lambda change, d=dispatcher: tell_alone(d, change)
        )
    kicked = scenario.clients[1]

    async def kick() -> None:
        stage = SignUpHarness(lambda: RemoteClient(programs.urls[0]))
        host = await stage.device("person0")
        request = requests.RemoveMember(community_id=scenario.channel_id[:12], user_id=kicked.user_id)
        await host.call(routes.REMOVE_MEMBER, request)
        await _some_messages(scenario)
        await host.client.close()

    outcome = await scenario.run(kick, silent=[kicked])
    assert "3" in {each.promise[0] for each in outcome.violations}


@pytest.mark.slow
async def test_what_is_not_told_is_found(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    true, now = Dispatcher._message_posted, _every(AMONG)

    def sometimes(self: Dispatcher, change: bus.MessagePosted) -> None:
        if not now():
            true(self, change)

    monkeypatch.setattr("tests.faults.checker.scenario.QUIET", 1.0)  # they never become right
    _handle(scenario, monkeypatch, sometimes)
    assert {"2", "4"} <= await _broken(scenario)


@pytest.mark.slow
async def test_requests_that_change_their_order_are_found(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    true, now = LinkClient.ask, _every(5)

    def late(self: LinkClient, *arguments: Any) -> None:
        if now():
            asyncio.get_running_loop().call_later(0.05, true, self, *arguments)
        else:
            true(self, *arguments)

    monkeypatch.setattr(LinkClient, "ask", late)
    assert "5" in await _broken(scenario)


@pytest.mark.slow
async def test_wrong_counters_are_found(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    true = socket_requests.counters_from

    def wrong(*arguments: Any, **more: Any) -> Counters:
        found = true(*arguments, **more)
        return replace(found, unread=found.unread + 1)

    monkeypatch.setattr(socket_requests, "counters_from", wrong)
    assert "6" in await _broken(scenario)
