"""The command `asnity-tui` in a hurry: most starts say nothing on the command line, and need nothing that reads one."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import MutableMapping
from contextlib import suppress

from asnity_server.interrupt import end_in_order
from asnity_tui.terminal.foreground import obstacle

from . import config


def prepare(environment: MutableMapping[str, str]) -> None:
    """Settle what Textual reads from the environment when it is imported, unless the person has.

    An Esc that is followed by a letter is no alt+letter after 25 ms. In iTerm2 the keyboard protocol that reports every
    key swallows what input methods compose (Hangul, Kana, Han), so it stays off there.
    """
    environment.setdefault("ESCDELAY", "25")
    if environment.get("TERM_PROGRAM") == "iTerm.app" and "TMUX" not in environment:
        environment.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")


def open_screens(loaded: config.Loaded, *, demo: bool = False) -> None:
    """Run the screens until they are closed. Raises `SystemExit` unless all went well, as without a terminal."""
    against = obstacle(os.environ)
    if against is not None:
        raise SystemExit(_refused(against))
    prepare(os.environ)
    # Collecting garbage while everything is being built finds none, and costs a tenth of the start; it goes on when
    # something is painted.
    gc.disable()
    try:
        # Late: Textual reads the environment when it is imported, and who asks for help need not wait for it.
        from .run import run

        end_in_order()
        status = run(loaded, demo=demo)
    except KeyboardInterrupt:  # before the screens could take it
        status = 128 + signal.SIGINT
    except Exception as error:
        from .crash import report_crash  # late: nobody needs it before something breaks

        report_crash(error, loaded.settings.data)
        status = 1
    if status:
        raise SystemExit(status)


def _refused(sentence: str) -> int:
    """Say why this ends, if anybody can be told; the exit code."""
    where = sys.stdout if os.isatty(1) and not os.isatty(2) else sys.stderr  # nobody would read it in /dev/null
    with suppress(OSError):
        print(f"Error: {sentence}", file=where, flush=True)
    return 1


def main() -> None:
    """Run the program; an interrupt while it is still being loaded ends it without a word, as later."""
    try:
        _do_what_is_said()
    except KeyboardInterrupt:
        raise SystemExit(128 + signal.SIGINT) from None


def _do_what_is_said() -> None:
    """Open the screens at once where nothing is said; else do what the command line says."""
    said = len(sys.argv) > 1 or config.ENVIRONMENT + "CONFIG" in os.environ or "_ASNITY_TUI_COMPLETE" in os.environ
    if not said:
        try:
            loaded = config.load({}, os.environ)
        except config.BadSettings:
            said = True  # it is told in the usual way
        else:
            open_screens(loaded)
    if said:
        from asnity_tui.cli.main import main as command  # late: see above

        command(prog_name="asnity-tui")
