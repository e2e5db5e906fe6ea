"""The command `asnity-server` in the moment in which it is still being loaded."""

from __future__ import annotations

import signal


def main() -> None:
    """Run the program; an interrupt while it is still being loaded ends it without a word, as later."""
    try:
        from .cli import main as command  # here, since most of the start is this

        command(prog_name="asnity-server")
    except KeyboardInterrupt:
        raise SystemExit(128 + signal.SIGINT) from None
