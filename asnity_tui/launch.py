"""The command `asnity-tui` in its first moment, in which an interrupt shows no traceback."""

from __future__ import annotations

from asnity_server.interrupt import end_at_once


def main() -> None:
    """Run the program."""
    end_at_once()
    from .quick_start import main as command  # here, since this is what takes a moment

    command()
