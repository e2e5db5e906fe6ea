"""The command `asnity-server` in the moment in which it is still being loaded."""

from __future__ import annotations

from .interrupt import end_at_once


def main() -> None:
    """Run the program; an interrupt while it is still being loaded ends it without a word, as later."""
    end_at_once()
    from .cli import main as command  # here, since most of the start is this

    try:
        command(prog_name="asnity-server")
    except KeyboardInterrupt:
        raise SystemExit(130) from None
