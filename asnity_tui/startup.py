"""Starts the screens at once where the command line is empty, else the command line; most starts are the first kind."""

from __future__ import annotations

import os
import signal
import sys

from asnity_server.options import BadSettings

from . import config
from .open_screens import open_screens


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
        except BadSettings:
            said = True  # it is told in the usual way
        else:
            open_screens(loaded)
    if said:
        from asnity_tui.cli.main import main as command  # late: see above

        command(prog_name="asnity-tui")
