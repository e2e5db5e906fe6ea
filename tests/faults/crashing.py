"""A launcher that runs `asnity-server` until a marked point, at which it is killed: `python -m tests.faults.crashing`.

    python -m tests.faults.crashing POINT TIMES ARMED WORDS…

kills the program as `kill -9` does at about one of TIMES passes of POINT, once the file ARMED is there. The
program itself knows nothing of it.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

POINTS = ("before-commit", "in-commit", "before-told", "half-a-frame", "during-mend")


ARMED: list[Path] = []
"""The file that has to be there."""


def _die() -> None:
    if ARMED[0].exists():
        os.kill(os.getpid(), signal.SIGKILL)


def _before(owner: type, name: str, act: Callable[[], None], times: int) -> None:
    """Act before a method runs, at one of so many calls."""
    true = getattr(owner, name)

    def patched(*arguments: Any, **more: Any) -> Any:
        if random.randrange(times) == 0:
            act()
        return true(*arguments, **more)

    setattr(owner, name, patched)


def _half_a_frame(times: int) -> None:
    from asnity_server.link.stream import Stream

    true = Stream.flush

    def flush(self: Stream) -> None:
        if self._out and random.randrange(times) == 0 and ARMED[0].exists():
            data = b"".join(self._out)
            self.transport.write(data[: len(data) // 2])
            _die()
        true(self)

    Stream.flush = flush  # type: ignore[method-assign]


def patch(point: str, times: int) -> None:
    """Make the program die at a point."""
    from asnity_server.api.socket_backend import LocalBackend
    from asnity_server.db.database import Database
    from asnity_server.db.shard import Shard

    match point:
        case "before-commit":
            _before(Shard, "step", _die, times)
        case "in-commit":
            _before(Shard, "step", lambda: threading.Timer(random.uniform(0, 0.0006), _die).start(), times)
        case "before-told":
            _before(Database, "_on_loop", _die, times)
        case "half-a-frame":
            _half_a_frame(times)
        case "during-mend":
            _before(LocalBackend, "mend", _die, 2)
            _before(Shard, "step", _die, 10 * times)  # so that there is something to mend
        case _:
            raise SystemExit(f"no point is called {point}")


def main() -> None:
    """Patch, and run the program."""
    point, times, armed, *words = sys.argv[1:]
    ARMED.append(Path(armed))
    from asnity_server.cli import main as program

    patch(point, int(times))
    program(words, prog_name="asnity-server")


if __name__ == "__main__":
    main()
