"""Opens the screens, where there is a terminal for them, and runs them until they are closed."""

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
