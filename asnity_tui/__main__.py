"""The command `asnity-tui`, also as `python -m asnity_tui`: an interrupt while it loads shows no traceback."""

from __future__ import annotations

from asnity_server.interrupt import end_at_once


def main() -> None:
    """Run the program."""
    end_at_once()
    from .startup import main as command  # start-up: an interrupt while this loads has to be taken already

    command()


if __name__ == "__main__":
    main()
