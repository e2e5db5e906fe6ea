"""The commands `send`, `tail`, `unread` and `doctor`, as the command line knows them.

What a command needs is imported when it runs: a status line asks every few seconds.
"""

from __future__ import annotations

import asyncio
import os
import select
import shutil
import signal
import stat
import sys
import threading
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import click

from asnity_server.shell import INTERRUPTED, OutputClosed, decoded, given, read_input, report, say, warn
from asnity_tui.config import Loaded

from .outcome import in_ascii
from .piped_text import plain

T = TypeVar("T")

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")
_COMMUNITY = click.option(
    "--community", metavar="NAME", help="The community, if several have this PLACE; the start of its name is enough."
)

_SEND_HELP = """Send a message, and wait until it is sent or refused.

PLACE is a channel ("#general", in quotes for the shell) or a person ("@bob"). Without TEXT, or with - in its place,
the message is read from standard input. Prints nothing if it was sent, but says which people it calls don't read it;
else it says why not, and the text is not kept.
"""

_TAIL_HELP = """Print new messages as they come, in all channels or in those of each PLACE.

Marks nothing as read. After a break of the connection it goes on without a gap. ctrl+c ends it.
"""

_UNREAD_HELP = """Show what is unread: "@2 •5" is two mentions or direct messages and five others; nothing if none.

While asnity-tui runs, this answers at once from its cache; else it asks the server. For tmux:

\b
  set -g status-right "#(asnity-tui unread)"
"""

_DOCTOR_HELP = """Check what this terminal can do, with the lines to put into its configuration.

Needs no account and no network. The exit code is 1 if asnity-tui can't run in it at all.
"""


@click.command("send", help=_SEND_HELP, short_help="Send a message.")
@click.argument("place")
@click.argument("text", nargs=-1)
@_COMMUNITY
@click.option("--json", "as_json", is_flag=True, help="Print the sent message as JSON.")
@click.pass_obj
def send(loaded: Loaded, place: str, text: tuple[str, ...], community: str | None, as_json: bool) -> None:
    """See `_SEND_HELP`."""
    from asnity_tui.client.clock import SystemClock  # late: see above

    from . import account, printing, targets
    from . import missed as missing
    from . import send as sending

    settings, place = loaded.settings, targets.check_target(given(place))
    content = _readable(given(" ".join(text)) if text and text != ("-",) else _from_input())
    saved = account.choose_account(settings)
    known = account.stored_state(settings, saved)

    async def work() -> None:
        async with account.open_client(saved) as client:
            message = await sending.send(client, known, place, content, community=community, clock=SystemClock())
            for told in await missing.told_of(client, message, to_person=place.startswith("@")):
                warn(told)
        if as_json:
            report(_writable(printing.stored(message)), done="The message was sent.")

    _run(work())


@click.command("tail", help=_TAIL_HELP, short_help="Print messages as they come.")
@click.argument("places", metavar="[PLACE]...", nargs=-1)
@_COMMUNITY
@click.option(
    "-n", "--lines", "before", type=click.IntRange(0, 1000), default=0, help="Show this many earlier messages first."
)
@_JSON
@click.pass_obj
def tail(loaded: Loaded, places: Sequence[str], community: str | None, before: int, as_json: bool) -> None:
    """See `_TAIL_HELP`."""
    from asnity_tui.client.clock import SystemClock  # late: see above

    from . import account, printing
    from .tail import Seen, Tail
    from .targets import check_target, find_channels

    named = [check_target(each) for each in places]
    saved = account.choose_account(loaded.settings)

    def show(seen: Seen) -> None:
        for line in [_writable(printing.as_object(seen))] if as_json else printing.as_lines(seen):
            say(line)

    async def work() -> None:
        async with account.open_client(saved) as client:
            await Tail(
                client,
                show,
                say=warn,
                clock=SystemClock(),
                wanted=lambda store: find_channels(store, named, community),
                before=before,
            ).run()

    _run(_until_unread(work()))


@click.command("unread", help=_UNREAD_HELP, short_help="Show what is unread.")
@click.option("-l", "--list", "as_list", is_flag=True, help="A line for each channel.")
@_JSON
@click.pass_obj
def unread(loaded: Loaded, as_list: bool, as_json: bool) -> None:
    """See `_UNREAD_HELP`."""
    from . import account  # late: see above
    from . import unread as counting

    settings = loaded.settings
    saved = account.choose_account(settings)
    store = account.stored_state(settings, saved, only_running=True)
    if store is None:
        store = _run(account.fetch_overview(saved))
    if as_json:
        say(_writable(counting.for_programs(store)))
    elif as_list:
        from asnity_tui.widgets.text.safe_text import harmless_line  # late: JSON and a word need none of it

        for line in counting.as_list(store, harmless_line):
            say(line)
    else:
        say(counting.in_a_word(store))


@click.command("doctor", help=_DOCTOR_HELP, short_help="Check what this terminal can do.")
@_JSON
@click.pass_obj
def doctor(loaded: Loaded, as_json: bool) -> None:
    """See `_DOCTOR_HELP`."""
    from asnity_tui.widgets.text.safe_text import harmless_line  # late: see above

    from . import doctor as examining
    from . import printing, terminal_queries

    size = shutil.get_terminal_size()
    encoding = (sys.stdout.encoding or "").lower()
    silent = os.environ.get("TERM", "") in ("", "dumb", "linux")  # these would show a question instead of answering
    around = examining.Surroundings(
        environment=os.environ,
        encoding=encoding,
        size=(size.columns, size.lines),
        tmux=terminal_queries.ask_tmux(os.environ),
        answers=None if silent else terminal_queries.ask_terminal(0, 1),
    )
    findings = examining.examine(around)
    for line in (
        map(_writable, printing.findings(findings)) if as_json else examining.report(findings, encoding, size.columns)
    ):
        say(line)
    for trouble in loaded.troubles:
        warn(harmless_line(trouble))
    if not examining.is_usable(findings):
        raise SystemExit(1)


COMMANDS = (send, tail, unread, doctor)


def _from_input() -> str:
    """The text of a message from standard input. Raises `ClickException` where it can't be read."""
    if sys.stdin.isatty():
        warn("The message, then ctrl+d on a line of its own:")
    return decoded(read_input(_LONGEST))


def _readable(text: str) -> str:
    """A message without what steers a terminal. Raises `UsageError` where nothing is left of it."""
    content = plain(text)
    if not content.strip():
        raise click.UsageError("There is no text to send.")
    return content


def _writable(line: str) -> str:
    """A line of JSON with only letters that standard output has: programs get the text as it was written."""
    try:
        line.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return in_ascii(line)
    return line


_LONGEST = 1024 * 1024
"""Bytes of standard input that are read: more than any message has, so that what is too long is said to be."""


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Run something to its end, which an interrupt may be."""
    try:
        return asyncio.run(_interruptible(work))
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise SystemExit(INTERRUPTED) from None


async def _until_unread(work: Coroutine[Any, Any, None]) -> None:
    """Do some work as long as somebody reads what it prints: a pipe that is closed must not wait for the next line.

    Raises `OutputClosed`.
    """
    task, loop, pipe = asyncio.ensure_future(work), asyncio.get_running_loop(), _pipe()
    closed = False

    def check() -> None:
        nonlocal closed
        if pipe is not None and _is_closed(pipe):
            loop.remove_reader(pipe)
            closed = task.cancel()

    if pipe is not None:
        loop.add_reader(pipe, check)
    try:
        await task
    except asyncio.CancelledError:
        if closed:
            raise OutputClosed from None
        raise
    finally:
        if pipe is not None:
            loop.remove_reader(pipe)


async def _interruptible(work: Coroutine[Any, Any, T]) -> T:
    """Cancel `work` at an interrupt; a second one ends the program wherever it is.

    `asyncio.run` does the same without waking the event loop: an interrupt that comes just as the loop falls asleep
    would be heard when something else wakes it.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None

    def interrupted() -> None:
        loop.remove_signal_handler(signal.SIGINT)
        task.cancel()

    ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN  # in the background of a script
    if threading.current_thread() is threading.main_thread() and not ignored:
        with suppress(NotImplementedError):  # where the system has no signals of this kind
            loop.add_signal_handler(signal.SIGINT, interrupted)
    return await work


def _pipe() -> int | None:
    """Standard output, where it is a pipe: it becomes readable only when its other end is closed."""
    try:
        number = sys.stdout.fileno()
        return number if stat.S_ISFIFO(os.fstat(number).st_mode) else None
    except (OSError, ValueError):
        return None


def _is_closed(pipe: int) -> bool:
    """Whether nobody can read from a pipe any more."""
    asked = select.poll()
    asked.register(pipe, 0)
    return bool(asked.poll(0))
