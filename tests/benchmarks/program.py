"""A program that is measured: runs on a core of its own, and tells what it uses."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


class Program:
    """A process pinned to one core."""

    def __init__(self, command: Sequence[str], *, core: int, sign: str) -> None:
        """Start it; it is there once it prints what matches `sign`. Raises `RuntimeError` where it ends before."""
        self._process = subprocess.Popen(
            ["taskset", "-c", str(core), *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self._process.stdout is not None
        said = []
        for line in self._process.stdout:
            said.append(line)
            if found := re.search(sign, line):
                self.found = found
                return
        raise RuntimeError(f"{' '.join(command)} did not start:\n{''.join(said)}")

    @property
    def port(self) -> int:
        """The number in what it said."""
        return int(self.found.group(1))

    def memory(self) -> int:
        """Resident bytes."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) * 1024  # type: ignore[union-attr]

    def cpu(self) -> float:
        """Seconds of CPU used so far: by the scheduler's account, in nanoseconds, where ticks are too coarse."""
        threads = Path(f"/proc/{self._process.pid}/task").iterdir()
        return sum(int((each / "schedstat").read_text().split()[0]) for each in threads) / 1e9

    def terminate(self) -> None:
        """Ask it to end in order."""
        self._process.send_signal(signal.SIGTERM)

    def has_ended(self) -> bool:
        """Whether it is gone."""
        return self._process.poll() is not None

    def stop(self) -> None:
        """End it now."""
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
