"""Waiting that one sees."""

from __future__ import annotations

import asyncio

import pytest

from asnity_tui.client.transport.client import ChatClient
from asnity_tui.screens.pending import Cancelled, PendingRequests

from .app_harness import RunningApp, populated_harness


async def until(patience: PendingRequests, words: str) -> None:
    for _ in range(1000):
        if patience.words == words:
            return
        await asyncio.sleep(0.001)
    raise AssertionError(patience.words)


async def test_what_is_answered_at_once_says_nothing() -> None:
    told: list[str] = []
    patience = PendingRequests(lambda: told.append(patience.words))
    assert await patience.wait(asyncio.sleep(0, "answer"), "Asking") == "answer"
    assert told == []


async def test_what_takes_a_moment_is_said_and_what_takes_long_can_be_given_up() -> None:
    patience = PendingRequests(lambda: None, at_once=0.001, long=0.002)
    asking = asyncio.create_task(patience.wait(asyncio.Event().wait(), "Asking"))
    await until(patience, "Asking … Esc cancels")
    assert patience.can_give_up
    patience.give_up()
    with pytest.raises(Cancelled):
        await asking
    assert (patience.words, patience.can_give_up) == ("", False)


async def test_an_error_is_the_askers_own() -> None:
    async def fail() -> None:
        raise LookupError

    patience = PendingRequests(lambda: None)
    with pytest.raises(LookupError):
        await patience.wait(fail(), "Asking")


async def test_who_stops_asking_leaves_nothing_behind() -> None:
    patience = PendingRequests(lambda: None, at_once=0.001, long=60)
    asking = asyncio.create_task(patience.wait(asyncio.Event().wait(), "Asking"))
    await until(patience, "Asking …")
    assert not patience.can_give_up
    asking.cancel()
    await asyncio.wait({asking})
    assert patience.words == ""


async def test_a_first_start_without_a_connection_says_so_and_shows_all_once_there_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    harness = populated_harness()
    dial = harness.dial

    async def dial_in_vain(url: str) -> ChatClient:
        client = await dial(url)
        harness.client.faults.offline = True
        return client

    monkeypatch.setattr(harness, "dial", dial_in_vain)
    async with harness.app().run_test(size=(60, 20)) as pilot:
        running = RunningApp(harness, pilot.app, pilot)  # type: ignore[arg-type]
        await running.shows("Not loaded: you are offline.")
        harness.client.go_online()
        await pilot.press("ctrl+r")
        await running.shows("hello 5")
        await running.session.close()
