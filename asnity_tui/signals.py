"""Runs the app until it exits, by itself or by a signal: drafts are saved and the terminal is as it was."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from .app import AsnityApp

GRACE = 5
"""Seconds for an orderly end after a signal; then it ends as it is, but for the terminal."""

ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT)


def run_until_exit(app: AsnityApp, reports: Path) -> int:
    """Run an app until it ends; its exit status. A signal that ended it ends the process, as its sender expects."""
    broken: BaseException | None = None
    kept = True
    runner = asyncio.Runner()
    try:
        with _signals(app, runner.get_loop()), runner:
            kept = runner.run(_live(app))
            broken = app.broken
    except Exception as error:
        broken, kept = error, False
    finally:
        app.terminal.rescue()
    for entry in app.session.sender.unkept if app.session is not None else ():
        with suppress(OSError):  # the terminal may be gone
            from asnity_tui.widgets.text.safe_text import harmless  # late: nobody needs it where all went well

            print(f"Neither sent nor saved: {harmless(entry.content)}", file=sys.stderr)
    if broken is not None:
        from .crash import report_crash  # late: nobody needs it before something breaks

        report_crash(broken, reports, kept=kept)
        return app.return_code or 1
    if app.shutdown.signal is not None:
        die(app.shutdown.signal)
    return app.return_code or 0


async def _live(app: AsnityApp) -> bool:
    """All of its life; whether everything that was written is kept."""
    try:
        await app.run_async()
    finally:
        kept = await app.shutdown.close_all()
    return kept


def _keys_signal() -> bool:
    """Whether ctrl+c and ctrl+\\ on the terminal are signals now, for all who use it; else a signal is meant for us."""
    try:
        return bool(termios.tcgetattr(0)[3] & termios.ISIG)
    except termios.error:
        return False  # the terminal is gone


@contextmanager
def _signals(app: AsnityApp, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """A signal ends it in an orderly way; a second one, or too long a time, at once."""

    def force(number: int, frame: FrameType | None) -> None:
        app.terminal.rescue()
        os._exit(128 + (app.shutdown.signal or number))

    def told(number: int, frame: FrameType | None) -> None:
        if app.terminal.is_lent and number in (signal.SIGINT, signal.SIGQUIT) and _keys_signal():
            return  # pressed for whoever has the terminal
        if app.shutdown.signal is not None:
            force(number, frame)
        app.shutdown.signal = number
        signal.alarm(GRACE)
        loop.call_soon_threadsafe(app.shutdown.leave)

    # Those that are ignored, as behind `nohup`, stay so.
    before = {each: signal.getsignal(each) for each in ENDING if signal.getsignal(each) is not signal.SIG_IGN}
    before[signal.SIGALRM] = signal.signal(signal.SIGALRM, force)
    for each in ENDING:
        if each in before:
            signal.signal(each, told)
    try:
        yield
    finally:
        signal.alarm(0)
        for each, handler in before.items():
            signal.signal(each, handler)


def die(number: int) -> None:
    """End by a signal, so that a script that started us knows; without the core file that SIGQUIT would leave."""
    if number == signal.SIGQUIT:
        raise SystemExit(128 + number)
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
