"""Which way text goes to the clipboard."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import pytest

from asnity_tui.terminal import clipboard
from asnity_tui.terminal.clipboard import TERMINAL, TMUX, Clipboard


class Programs:
    """Programs of which some work."""

    def __init__(self, *working: str) -> None:
        self.working = working
        self.ran: list[list[str]] = []

    async def run(self, command: Sequence[str], text: str) -> bool:
        self.ran.append(list(command))
        return " ".join(command) in self.working or command[0] in self.working


@pytest.fixture(autouse=True)
def _all_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clipboard.shutil, "which", lambda name: f"/usr/bin/{name}")


@pytest.mark.parametrize(
    ("environment", "platform", "working", "way"),
    [
        ({}, "darwin", ("pbcopy",), "by pbcopy"),
        ({"SSH_TTY": "x"}, "darwin", ("pbcopy",), TERMINAL),
        ({"WAYLAND_DISPLAY": "x", "DISPLAY": "x"}, "linux", ("wl-copy", "xclip"), "by wl-copy"),
        ({"WAYLAND_DISPLAY": "x", "DISPLAY": "x"}, "linux", ("xclip",), "by xclip"),
        ({"DISPLAY": "x"}, "linux", ("xsel",), "by xsel"),
        ({"WSL_DISTRO_NAME": "x"}, "linux", ("clip.exe",), "by clip.exe"),
        ({"DISPLAY": "x"}, "linux", (), TERMINAL),
        ({}, "linux", ("xclip",), TERMINAL),
        ({"TMUX": "x", "DISPLAY": "x"}, "linux", ("tmux", "xclip"), TMUX),
        ({"TMUX": "x", "SSH_TTY": "x"}, "linux", ("tmux load-buffer -",), TMUX),
        ({"TMUX": "x", "DISPLAY": "x"}, "linux", ("xclip",), "by xclip"),
    ],
)
async def test_the_first_way_that_works_is_taken(
    environment: dict[str, str], platform: str, working: tuple[str, ...], way: str
) -> None:
    told: list[str] = []
    programs = Programs(*working)
    copied = await Clipboard(environment, platform=platform, run=programs.run).copy("text", told.append)
    assert copied == way
    assert told == (["text"] if way == TERMINAL else [])


async def test_programs_really_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clipboard, "PATIENCE", 30)
    reads = "import sys; sys.exit(sys.stdin.buffer.read() != b'\\xea\\xb7\\xa4')"
    assert await clipboard.run([sys.executable, "-c", reads], "귤")
    assert not await clipboard.run([sys.executable, "-c", "import sys; sys.exit(1)"], "귤")
    assert not await clipboard.run(["asnity-no-such-program"], "귤")


async def test_a_program_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clipboard, "PATIENCE", 0.05)
    assert not await clipboard.run([sys.executable, "-c", "import time; time.sleep(60)"], "x")
