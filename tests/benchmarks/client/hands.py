"""Measures the client at the keys: pages of a long channel, a letter in a busy one."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from textual import events

from asnity_tui.state.rows import Row
from tests.tui.app_harness import AppHarness, RunningApp, populated_harness
from tests.tui.recording import RecordingDriver

TEXT = "message {} with some words that a person may have written"


class TellingDriver(RecordingDriver):
    """Knows when something is written to the terminal."""

    def write(self, data: str) -> None:
        """Tell it."""
        self.wrote_at = time.perf_counter()
        self.wrote.set()

    @property
    def wrote(self) -> asyncio.Event:
        """Set by whatever is written."""
        if not hasattr(self, "_wrote"):
            self._wrote = asyncio.Event()
        return self._wrote

    async def repaint(self, key: str, character: str | None) -> float:
        """Milliseconds from a key to what it makes the program write."""
        self.wrote.clear()
        begun = time.perf_counter()
        self.process_message(events.Key(key, character))
        await self.wrote.wait()
        return (self.wrote_at - begun) * 1000


def long_channel(messages: int, *, channels: int = 0) -> AppHarness:
    """A harness whose `general` is long, beside so many channels."""
    harness = populated_harness()
    for number in range(channels):
        harness.server.channel(harness.lab, f"channel-{number}", harness.alice, harness.mina)
    for number in range(messages):
        last = harness.server.post(harness.general, harness.alice, TEXT.format(number))
        if number == messages - 1:
            harness.server.read(harness.general, harness.mina, last)
    return harness


@asynccontextmanager
async def at_work(harness: AppHarness) -> AsyncIterator[RunningApp]:
    """Mina's terminal, of 120 by 36."""
    app = harness.app(driver_class=TellingDriver)
    async with app.run_test(headless=False, size=(120, 36)) as pilot:
        running = RunningApp(harness, app, pilot)
        await running.online()
        await running.until(lambda: running.conversation.view.rows.items)
        yield running
        await running.session.close()


@dataclass(frozen=True)
class Pages:
    """The cost of paging through a channel."""

    median: float
    """Milliseconds of CPU for a page, history and the model server's work included."""
    count: int
    held: int
    """Rows held at most."""


async def pages(messages: int) -> Pages:
    """Page up to the very first message of a channel, and down to the newest again."""
    harness = long_channel(messages)
    found: list[float] = []
    held = 0
    async with at_work(harness) as running:
        view = running.conversation.view
        await running.pilot.press("escape")
        for direction, there in ((-1, lambda: _first(view.rows.items) == 1 and view.scroll_offset.y == 0),
                                 (1, lambda: view.scroll_position.following and not _has_newer(running))):  # fmt: skip
            while not there():
                begun = time.process_time()
                view.action_page(direction)
                await running.pilot.pause()
                found.append((time.process_time() - begun) * 1000)
                held = max(held, len(view.rows.items))
    return Pages(statistics.median(found), len(found), held)


def _first(items: object) -> int:
    first = items[0] if items else None  # type: ignore[index]
    return first.message.id if isinstance(first, Row) else 0


def _has_newer(running: RunningApp) -> bool:
    channel = running.conversation.channel
    return channel is None or channel.timeline is None or channel.timeline.has_newer


async def letters(*, messages: int, channels: int, count: int = 200) -> list[float]:
    """Milliseconds from a letter to its repaint, in a long channel with as many messages held as there can be."""
    harness = long_channel(messages, channels=channels)
    async with at_work(harness) as running:
        view = running.conversation.view
        await running.pilot.press("escape")
        while len(view.rows.items) < min(messages, 4_900):
            view.action_first()
            await running.pilot.pause()
        view.action_leave()
        await running.pilot.pause()
        driver = running.app._driver
        assert isinstance(driver, TellingDriver)
        found = []
        for number in range(count):
            await asyncio.sleep(0.02)
            letter = "abcdefghij "[number % 11]
            found.append(await driver.repaint(letter if letter != " " else "space", letter))
        return found


async def letters_in_a_storm(*, seconds: float, rate: int) -> tuple[list[float], float]:
    """The same while messages pour in; and how many a second there were."""
    harness = long_channel(200)
    async with at_work(harness) as running:
        driver = running.app._driver
        assert isinstance(driver, TellingDriver)
        found: list[float] = []
        storm = asyncio.create_task(_storm(harness, seconds=seconds, rate=rate))
        await asyncio.sleep(0.5)
        composer = running.conversation.composer
        while not storm.done():
            before = len(composer.text)
            begun = time.perf_counter()
            driver.process_message(events.Key("x", "x"))
            while len(composer.text) == before:  # noqa: ASYNC110  # what is written meanwhile is messages, not the letter
                await asyncio.sleep(0)
            driver.wrote.clear()
            await driver.wrote.wait()
            found.append((driver.wrote_at - begun) * 1000)
            await asyncio.sleep(0.05)
        return found, await storm


async def _storm(harness: AppHarness, *, seconds: float, rate: int) -> float:
    begun, sent = time.perf_counter(), 0
    while (passed := time.perf_counter() - begun) < seconds:
        while sent < passed * rate:
            harness.server.post(harness.general, harness.alice, TEXT.format(sent))
            sent += 1
            if sent % 20 == 0:
                await asyncio.sleep(0)
        await asyncio.sleep(0.005)
    return sent / (time.perf_counter() - begun)
