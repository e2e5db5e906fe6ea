"""A driver that keeps what it would have written to the terminal."""

from __future__ import annotations

from textual.drivers.headless_driver import HeadlessDriver

from asnity_tui.terminal.stable_width_driver import steadied


class RecordingDriver(HeadlessDriver):
    """Like the real one as far as what is written goes."""

    written: list[str]

    @property
    def is_headless(self) -> bool:
        """No: a headless driver is given nothing to write."""
        return False

    def write(self, data: str) -> None:
        """Keep it."""
        if not hasattr(self, "written"):
            self.written = []
        self.written.append(steadied(data))

    def flush(self) -> None:
        """Nothing waits."""
