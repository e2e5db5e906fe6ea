"""One command that measures the client: `python -m tests.benchmarks.client [parts]`."""

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

from tests.tui.app_harness import RunningApp, populated_harness, run_app

from . import hands
from .filled import LAST, fill_now
from .real import running_server, sign_up
from .terminal import Terminal

ASNITY = [sys.executable, "-c", "from asnity_tui.__main__ import main; main()"]
LABEL = [sys.executable, str(Path(__file__).parent / "label.py")]
NOWHERE = "http://127.0.0.1:9"


def first_paint(options: argparse.Namespace) -> None:
    """From the start of the process to the first painted conversation, beside one label."""
    with tempfile.TemporaryDirectory() as folder:
        fill_now(Path(folder), NOWHERE)
        waits: dict[str, list[float]] = {LAST: [], "one label": []}
        works: dict[str, list[float]] = {LAST: [], "one label": []}
        for number in range(options.rounds + 1):
            for command, text in ((LABEL, "one label"), (ASNITY, LAST)):
                terminal = Terminal(command, ASNITY_TUI_DATA=folder)
                waited = terminal.until(text) * 1000
                if number:  # the first start compiles what was changed
                    waits[text].append(waited)
                    works[text].append(terminal.cpu() * 1000)
                terminal.end()
    for name, found in (("time", waits), ("CPU", works)):
        ours, label = statistics.median(found[LAST]), statistics.median(found["one label"])
        print(f"first painted conversation, {name}: {ours:.0f} ms; one label: {label:.0f} ms; ratio {ours / label:.2f}")


def scroll(options: argparse.Namespace) -> None:
    """Page up to the top of a long channel and back, and of a short one."""
    short = asyncio.run(hands.pages(100))
    deep = asyncio.run(hands.pages(options.messages))
    print(f"a page: {short.median:.1f} ms of CPU with 100 messages, {deep.median:.1f} ms with {options.messages:,}"
          f" (ratio {deep.median / short.median:.2f}), {deep.count:,} pages to the top and back;"
          f" at most {deep.held:,} rows held")  # fmt: skip


def letters(options: argparse.Namespace) -> None:
    """A letter in the composer of a long channel, with 200 channels in the list."""
    found = sorted(asyncio.run(hands.letters(messages=options.messages, channels=200)))
    print(f"a letter: {statistics.median(found):.1f} ms to its repaint, p95 {found[len(found) * 95 // 100]:.1f} ms"
          f" (channel of {options.messages:,}, 200 channels)")  # fmt: skip


def storm(options: argparse.Namespace) -> None:
    """A letter while 1,000 messages a second arrive."""
    found, rate = asyncio.run(hands.letters_in_a_storm(seconds=10, rate=1_000))
    found.sort()
    print(f"a letter while {rate:,.0f} messages a second arrive: {statistics.median(found):.1f} ms to its repaint,"
          f" p95 {found[len(found) * 95 // 100]:.1f} ms, longest {found[-1]:.1f} ms")  # fmt: skip


def memory(options: argparse.Namespace) -> None:
    """Resident memory with 10 communities of 20 channels of 500 messages on disk, after visiting every channel."""
    with tempfile.TemporaryDirectory() as folder:
        fill_now(Path(folder), NOWHERE, communities=10, channels=20, messages=500)
        terminal = Terminal(ASNITY, ASNITY_TUI_DATA=folder)
        terminal.until(LAST)
        terminal.rest(3)
        begun = terminal.memory()
        for _ in range(10):
            for _ in range(20):
                terminal.type("\x1b[1;3B")
                terminal.rest(0.1)
            terminal.type("\x1b[6;3~")
            terminal.rest(0.3)
        print(f"memory with 10 x 20 x 500 messages on disk: {begun / 2**20:.0f} MB at first,"
              f" {terminal.memory() / 2**20:.0f} MB after visiting all channels")  # fmt: skip
        terminal.end()


async def _arrivals(count: int) -> float:
    harness = populated_harness()
    async with run_app(harness, size=(120, 36)) as running:
        await running.until(lambda: running.conversation.view.rows.items)
        texts = [f"message {number} with some words that a person may have written" for number in range(count)]
        gc.collect()
        begun = time.process_time()
        for start in range(0, count, 100):
            for text in texts[start : start + 100]:
                harness.server.post(harness.general, harness.alice, text)
            await asyncio.sleep(0)
        await _told(running, count)
        return time.process_time() - begun


async def _told(running: RunningApp, count: int) -> None:
    channel = running.session.store.channel(running.harness.general)
    assert channel is not None
    while channel.counters.last_id < count:  # noqa: ASYNC110  # an event for each would be part of the cost
        await asyncio.sleep(0.01)
    await running.pilot.pause()


def arrivals(options: argparse.Namespace) -> None:
    """Ten thousand messages in a row, the model server's own work included."""
    seconds = [asyncio.run(_arrivals(10_000)) for _ in range(3)]
    print(f"10,000 messages arriving in a row: {statistics.median(seconds):.2f} s of CPU")


def idle(options: argparse.Namespace) -> None:
    """Measure the real client while nothing happens: connected to a real server, and without a connection."""
    with tempfile.TemporaryDirectory() as folder, running_server(Path(folder) / "server") as url:
        sign_up(url, Path(folder))
        _rest("connected", Path(folder), "connected", options.idle)
    with tempfile.TemporaryDirectory() as folder:
        fill_now(Path(folder), NOWHERE)
        _rest("offline", Path(folder), LAST, options.idle)


def _rest(name: str, folder: Path, shows: str, seconds: float) -> None:
    terminal = Terminal(ASNITY, ASNITY_TUI_DATA=str(folder))
    terminal.until(shows)
    terminal.rest(5)
    cpu = terminal.cpu()
    terminal.rest(seconds)
    print(f"idle client, {name}: {(terminal.cpu() - cpu) / seconds:.2%} of a core, {terminal.memory() / 2**20:.0f} MB")
    terminal.end()


PARTS: dict[str, Callable[[argparse.Namespace], None]] = {
    "first-paint": first_paint,
    "scroll": scroll,
    "letters": letters,
    "storm": storm,
    "memory": memory,
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
