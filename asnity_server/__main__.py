"""The command `asnity-server`, also as `python -m asnity_server`: an interrupt while it loads shows no traceback."""

from __future__ import annotations

from .interrupt import end_at_once


def main() -> None:
    """Run the program; an interrupt while it is still being loaded ends it without a word, as later."""
    end_at_once()
    from .cli import main as command  # start-up: an interrupt while this loads has to be taken already

    try:
        command(prog_name="asnity-server")
    except KeyboardInterrupt:
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
