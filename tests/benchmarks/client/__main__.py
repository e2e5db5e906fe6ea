"""One command that measures the client: `python -m tests.benchmarks.client [first-paint scroll arrivals idle]`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import io
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.tui.stage import Play, play, settled_stage

from .filled import LAST, fill_now
from .terminal import Terminal

ASNITY = [sys.executable, "-c", "from asnity_tui.launch import main; main()"]
LABEL = [sys.executable, str(Path(__file__).parent / "label.py")]
NOWHERE = "http://127.0.0.1:9"


def first_paint(options: argparse.Namespace) -> None:
    """From the start of the process to the first painted conversation, beside one label."""
    with tempfile.TemporaryDirectory() as folder:
        fill_now(Path(folder), NOWHERE)
        ours: list[float] = []
        label: list[float] = []
        for _ in range(options.rounds):
            for found, command, text in ((label, LABEL, "one label"), (ours, ASNITY, LAST)):
                terminal = Terminal(command, ASNITY_TUI_DATA=folder)
                found.append(terminal.until(text) * 1000)
                terminal.end()
    a, b = statistics.median(ours), statistics.median(label)
    print(f"first painted conversation: {a:.0f} ms ({min(ours):.0f}–{max(ours):.0f}); one label: {b:.0f} ms"
          f" ({min(label):.0f}–{max(label):.0f}); ratio {a / b:.2f}")  # fmt: skip


async def _pages(count: int, presses: int) -> tuple[float, int]:
    """Milliseconds of CPU for a page up at the median, and how many messages were held at most."""
    stage = settled_stage()
    for number in range(count):
        stage.server.post(
            stage.general, stage.alice, f"message {number} with some words that a person may have written"
        )
    found: list[float] = []
    held = 0
    async with play(stage, size=(120, 36)) as running:
        await running.until(lambda: running.conversation.view.rows.items)
        await running.pilot.press("escape")
        for direction in ("pageup", "pagedown"):
            for _ in range(presses):
                begun = time.process_time()
                await running.pilot.press(direction)
                found.append((time.process_time() - begun) * 1000)
                held = max(held, len(running.conversation.view.rows.items))
    return statistics.median(found), held


def scroll(options: argparse.Namespace) -> None:
    """A page up in a long channel and in a short one."""
    short, _ = asyncio.run(_pages(100, 40))
    deep, held = asyncio.run(_pages(options.messages, options.messages // 25))
    print(f"a page up: {short:.1f} ms of CPU with 100 messages, {deep:.1f} ms with {options.messages:,}"
          f" (ratio {deep / short:.2f}); at most {held:,} rows held")  # fmt: skip


async def _arrivals(count: int) -> float:
    stage = settled_stage()
    async with play(stage, size=(120, 36)) as running:
        await running.until(lambda: running.conversation.view.rows.items)
        texts = [f"message {number} with some words that a person may have written" for number in range(count)]
        gc.collect()
        begun = time.process_time()
        for start in range(0, count, 100):
            for text in texts[start : start + 100]:
                stage.server.post(stage.general, stage.alice, text)
            await asyncio.sleep(0)
        await _told(running, count)
        return time.process_time() - begun


async def _told(running: Play, count: int) -> None:
    channel = running.session.store.channel(running.stage.general)
    assert channel is not None
    while channel.counters.last_id < count:  # noqa: ASYNC110  # an event for each would be part of the cost
        await asyncio.sleep(0.01)
    await running.pilot.pause()


def arrivals(options: argparse.Namespace) -> None:
    """Ten thousand messages in a row, the model server's own work included."""
    seconds = [asyncio.run(_arrivals(10_000)) for _ in range(3)]
    print(f"10,000 messages arriving in a row: {statistics.median(seconds):.2f} s of CPU")


def idle(options: argparse.Namespace) -> None:
    """What the real client costs while nothing happens, connected to nothing and in the demo's world."""
    with tempfile.TemporaryDirectory() as folder:
        fill_now(Path(folder), NOWHERE)
        terminal = Terminal(ASNITY, ASNITY_TUI_DATA=folder)
        terminal.until(LAST)
        terminal.rest(5)
        cpu = terminal.cpu()
        terminal.rest(options.idle)
        print(f"idle client: {(terminal.cpu() - cpu) / options.idle:.2%} of a core, {terminal.memory() / 2**20:.0f} MB")
        terminal.end()


PARTS: dict[str, Callable[[argparse.Namespace], None]] = {
    "first-paint": first_paint,
    "scroll": scroll,
    "arrivals": arrivals,
    "idle": idle,
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[])
    parser.add_argument("--rounds", type=int, default=11, help="starts of each program")
    parser.add_argument("--messages", type=int, default=100_000, help="in the long channel")
    parser.add_argument("--idle", type=float, default=30.0, help="seconds of doing nothing")
    options = parser.parse_args()
    for name in options.parts or PARTS:
        with contextlib.redirect_stderr(io.StringIO()):
            PARTS[name](options)


if __name__ == "__main__":
    main()
