"""Searching messages, and going to what was found."""

from __future__ import annotations

import asyncio

import pytest

from asnity_server.protocol.routes import SEARCH
from asnity_tui.screens.search import SearchScreen

from .app_harness import AppHarness, RunningApp, populated_harness, run_app


@pytest.fixture
def harness() -> AppHarness:
    """Tangerines far up in a long channel, and in one that mina isn't in."""
    harness = populated_harness()
    server = harness.server
    for number in range(1, 401):
        server.post(harness.source, harness.bob, "tangerines are here" if number == 120 else f"word {number}")
    server.read(harness.source, harness.mina, 400)
    kitchen = server.channel(harness.lab, "kitchen", harness.alice)
    server.post(kitchen, harness.alice, "tangerines in the bowl")
    return harness


def search(running: RunningApp) -> SearchScreen:
    assert isinstance(running.app.screen, SearchScreen), running.text()
    return running.app.screen


def around(running: RunningApp, message_id: int) -> tuple[int, int]:
    """The first and the last of the messages that are loaded around one without a gap."""
    ids = {item.message.id for item in running.conversation.view.rows.items if hasattr(item, "message")}
    first = last = message_id
    while first - 1 in ids:
        first -= 1
    while last + 1 in ids:
        last += 1
    return first, last


@pytest.mark.slow
async def test_a_hit_is_opened_in_its_place_with_history_on_both_sides(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press("ctrl+f")
        search(running).field.value = "tangerines"
        await running.shows("2 messages.")
        await running.shows("not joined")
        await running.pilot.press("down", "up", "ctrl+n", "ctrl+p", "down", "enter")
        await running.until(lambda: "tangerines are here" in running.text(), what="the hit")
        view = running.conversation.view
        await running.until(lambda: getattr(getattr(view.current, "message", None), "id", 0) == 120)
        assert running.conversation.channel_id == harness.source
        first, last = around(running, 120)
        assert 1 < first < 120 < last < 400
        view.action_first()
        await running.until(lambda: around(running, 120)[0] < first, what="what stands before")
        view.go_to(last)
        await running.pilot.press("pagedown")
        await running.until(lambda: around(running, 120)[1] > last, what="what stands behind")
        assert view.current is not None
        # the other hit is in a channel that has to be joined first
        await running.pilot.press("ctrl+f")
        await running.until(lambda: search(running).list.cursor == "0", what="what was looked for last")
        await running.pilot.press("enter")
        await running.shows("Join #kitchen?")
        await running.pilot.press("enter")
        await running.shows("tangerines in the bowl")


@pytest.mark.slow
async def test_beginnings_of_words_are_found_and_filters_alone_list_messages(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press("ctrl+f")
        search(running).field.value = "tang bo"
        await running.shows("1 message.")
        search(running).field.value = "from:alice in:kitch"
        await running.shows("You aren't in a channel with this name.")
        search(running).field.value = "from:alice"
        await running.shows("tangerines in the bowl")
        await running.shows("hello 5")
        search(running).field.value = "from:"
        await running.shows("who wrote it")
        search(running).field.value = "qqq"
        await running.shows("No messages found.")


@pytest.mark.slow
async def test_filters_are_completed_and_said_where_they_mean_nothing(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press("ctrl+f")
        await running.shows("who wrote it")
        search(running).field.insert_text_at_cursor("tangerines f")
        await running.pilot.press("r", "tab", "a", "l")
        await running.shows("@alice")
        await running.pilot.press("enter")
        assert search(running).field.value == "tangerines from:alice "
        await running.shows("1 message.")
        search(running).field.insert_text_at_cursor("before:never")
        await running.shows("A day looks like")
        search(running).field.value = "in:gen"
        await running.until(lambda: search(running).offers.display)
        await running.pilot.press("escape")
        assert not search(running).offers.display
        await running.pilot.press("escape")
        assert running.app.screen is running.chat


@pytest.mark.slow
async def test_an_outdated_answer_is_dropped_and_the_end_of_the_list_brings_more(harness: AppHarness) -> None:
    faults = harness.clients
    async with run_app(harness) as running:
        await running.shows("hello 5")
        held = asyncio.Event()
        client = faults[-1]
        call = client.call

        async def slow(route: object, request: object) -> object:
            answer = await call(route, request)  # type: ignore[arg-type]
            if route is SEARCH and getattr(request, "q", "") == "tangerines":
                await held.wait()
            return answer

        client.call = slow  # type: ignore[method-assign, assignment]
        await running.pilot.press("ctrl+f")
        search(running).field.value = "tangerines"
        await running.shows("Searching …")
        search(running).field.value = "word"
        await running.shows("20 messages so far")
        held.set()
        await running.pilot.press(*["pagedown"] * 4)
        await running.shows("40 messages so far")
        assert "tangerines" not in running.text()


@pytest.mark.slow
async def test_without_a_connection_it_says_so_in_a_sentence_that_fits(harness: AppHarness) -> None:
    async with run_app(harness, size=(60, 20)) as running:
        await running.shows("hello 5")
        harness.client.go_offline()
        await running.shows("offline")
        await running.pilot.press("ctrl+f")
        search(running).field.value = "tangerines"
        await running.shows("You are offline: search needs a connection.")
