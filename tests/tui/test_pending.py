"""Requests that are waited for in sight."""

from __future__ import annotations

import asyncio

import pytest

from asnity_server.protocol.errors import Forbidden
from asnity_tui.client.transport.client import ChatClient, NoAnswer, RequestError, Unreachable
from asnity_tui.screens.pending import Cancelled, PendingRequests

from .app_harness import RunningApp, populated_harness


def pending(told: list[str] | None = None, **seconds: float) -> PendingRequests:
    """Requests that tell their changes and refusals to a list."""
    said = [] if told is None else told
    return PendingRequests(said.append, lambda sentence, error: said.append(sentence), **seconds)


async def until(requests: PendingRequests, text: str) -> None:
    for _ in range(1000):
        if requests.text == text:
            return
        await asyncio.sleep(0.001)
    raise AssertionError(requests.text)


async def test_what_is_answered_at_once_says_nothing() -> None:
    told: list[str] = []
    assert await pending(told).wait(asyncio.sleep(0, "answer"), "Asking") == "answer"
    assert told == []


async def test_what_takes_a_moment_is_said_and_what_takes_long_can_be_cancelled() -> None:
    requests = pending(at_once=0.001, long=0.002)
    asking = asyncio.create_task(requests.wait(asyncio.Event().wait(), "Asking"))
    await until(requests, "Asking … Esc cancels")
    assert requests.can_cancel
    requests.cancel()
    with pytest.raises(Cancelled):
        await asking
    assert (requests.text, requests.can_cancel) == ("", False)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (Forbidden("Only admins can do that."), "Only admins can do that."),
        (NoAnswer(), "The server didn't answer in time."),
        (Unreachable("You are offline."), "You are offline."),
    ],
)
async def test_a_refusal_is_said_in_words_and_answers_nothing(error: RequestError, sentence: str) -> None:
    async def fail() -> str:
        raise error

    told: list[str] = []
    assert await pending(told).answer(fail(), "Asking") is None
    assert told == [sentence]
    assert not await pending(told).done(fail(), refused=lambda sentence, error: told.append(f"here: {sentence}"))
    assert told == [sentence, f"here: {sentence}"]


async def test_what_was_cancelled_answers_nothing_and_is_no_refusal() -> None:
    told: list[str] = []
    requests = pending(told, at_once=0.001, long=0.002)
    asking = asyncio.create_task(requests.done(asyncio.Event().wait(), "Asking"))
    await until(requests, "Asking … Esc cancels")
    requests.cancel()
    assert not await asking
    assert told == ["Asking …", "Asking … Esc cancels", ""]


async def test_another_error_is_the_askers_own() -> None:
    async def fail() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await pending().answer(fail(), "Asking")


async def test_who_stops_asking_leaves_nothing_behind() -> None:
    requests = pending(at_once=0.001, long=60)
    asking = asyncio.create_task(requests.wait(asyncio.Event().wait(), "Asking"))
    await until(requests, "Asking …")
    assert not requests.can_cancel
    asking.cancel()
    await asyncio.wait({asking})
    assert requests.text == ""


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


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Forbidden("Only admins can do that."), ["Only admins can do that."]),
        (NoAnswer(), []),
        (Unreachable("You are offline."), []),
    ],
)
async def test_of_what_nobody_asked_for_only_refusals_are_said(error: RequestError, said: list[str]) -> None:
    async def fail() -> None:
        raise error

    told: list[str] = []
    assert not await pending(told).loaded(fail())
    assert told == said
