"""ctrl+c ends a command at once, whatever it waits for."""

from __future__ import annotations

import asyncio
import signal
import threading

import pytest

from asnity_tui.cli.commands import _run


def interrupt() -> None:
    """Send it to this thread, so that it interrupts no system call of the one that has the event loop."""
    threading.Event().wait(0.05)  # the event loop sleeps by then
    signal.pthread_kill(threading.get_ident(), signal.SIGINT)


def test_an_interrupt_wakes_an_event_loop_that_sleeps() -> None:
    async def wait() -> None:
        threading.Thread(target=interrupt, daemon=True).start()
        await asyncio.Event().wait()

    with pytest.raises(SystemExit) as end:
        _run(wait())
    assert end.value.code == 130
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_interrupt_ends_what_does_not_let_itself_be_ended() -> None:
    async def refuse() -> None:
        try:
            threading.Thread(target=interrupt, daemon=True).start()
            await asyncio.Event().wait()
        finally:
            signal.raise_signal(signal.SIGINT)
            await asyncio.Event().wait()

    with pytest.raises(SystemExit) as end:
        _run(refuse())
    assert end.value.code == 130


def test_where_interrupts_are_ignored_they_stay_so() -> None:
    async def go_on() -> int:
        signal.raise_signal(signal.SIGINT)
        await asyncio.sleep(0)
        return 42

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert _run(go_on()) == 42
    finally:
        signal.signal(signal.SIGINT, before)


def test_what_ends_by_itself_leaves_interrupts_as_they_were() -> None:
    async def answer() -> int:
        return 42

    assert _run(answer()) == 42
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
