"""A program in a pseudo-terminal: started, watched until it has painted something, measured, ended."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from pathlib import Path

LEFT_OUT = {"PYTHONDONTWRITEBYTECODE", "TMUX", "TERM_PROGRAM"}
"""Not what somebody has who installed the program: without byte code, every start compiles it anew."""

TICKS = os.sysconf("SC_CLK_TCK")
_ESCAPES = re.compile(rb"\x1b(\[[0-9;:?<=>]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[P_^][^\x1b]*\x1b\\|.)")


class Terminal:
    """One run of a program at 120 by 36."""

    def __init__(self, command: list[str], **environment: str) -> None:
        self.begun = time.perf_counter()
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            inherited = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
            os.execvpe(command[0], command, {**inherited, "TERM": "xterm-256color", **environment})
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
        self.output = b""

    def until(self, text: str, seconds: float = 30.0) -> float:
        """Wait until `text` was written; the seconds since the start."""
        sign = text.encode()
        end = time.monotonic() + seconds
        while sign not in _ESCAPES.sub(b"", self.output):
            if not self.read(end - time.monotonic()):
                raise RuntimeError(f"{text!r} never came:\n{self.output[-2000:].decode(errors='replace')}")
        return time.perf_counter() - self.begun

    def read(self, seconds: float) -> bool:
        """Take what comes within some time; whether anything did."""
        ready, _, _ = select.select([self._fd], [], [], max(0.0, seconds))
        if not ready:
            return False
        try:
            self.output += os.read(self._fd, 65536)
        except OSError:
            return False
        return True

    def type(self, keys: str) -> None:
        """Send what keys send."""
        os.write(self._fd, keys.encode())

    def rest(self, seconds: float) -> None:
        """Let it run, taking what it writes."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read(end - time.monotonic())

    def cpu(self) -> float:
        """Seconds of CPU used so far."""
        fields = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self) -> int:
        """Resident bytes."""
        found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{self._pid}/status").read_text())
        return int(found.group(1)) * 1024 if found else 0

    def end(self) -> None:
        """Kill it."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._fd)
