"""The client, killed as by SIGKILL right before or right behind a commit to its cache."""

from __future__ import annotations

import os
import signal
import sqlite3
from pathlib import Path

from asnity_tui.__main__ import main
from asnity_tui.client.storage import writer

COMMAND = "from tests.terminal.dying import run; run()"


def run() -> None:
    """Run it; `DIES` is a file that says at which commit from then on, and on which side of it."""
    commit = writer._transact
    done = 0

    def dies(connection: sqlite3.Connection, jobs: list[writer._Job]) -> None:
        nonlocal done
        file = Path(os.environ["DIES"])
        at, _, side = file.read_text().partition(" ") if file.exists() else ("", "", "")
        done += bool(at)
        if at and done == int(at) and side == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        commit(connection, jobs)
        if at and done == int(at):
            os.kill(os.getpid(), signal.SIGKILL)

    writer._transact = dies
    main()
