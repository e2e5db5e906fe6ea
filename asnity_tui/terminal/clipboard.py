"""Copies text to the clipboard by whatever reaches it from here, and says which way it went.

A program of the platform is the surest; over ssh it would reach the wrong machine, so there the terminal is told by
OSC 52. tmux keeps a buffer of its own, from which it tells the terminal where it is allowed to.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias

Run: TypeAlias = Callable[[Sequence[str], str], Awaitable[bool]]
"""Runs a program with a text for its standard input; whether it succeeded."""

PATIENCE = 2.0
"""Seconds that a program may take."""

TERMINAL = "through the terminal, if it lets programs (OSC 52)"
TMUX = "to the buffer of tmux"


async def run(command: Sequence[str], text: str) -> bool:
    """Run a program; one that isn't there, fails or takes too long has not succeeded."""
    quiet = asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.PIPE, stdout=quiet, stderr=quiet
        )
    except OSError:
        return False
    try:
        await asyncio.wait_for(process.communicate(text.encode()), PATIENCE)
    except (TimeoutError, BrokenPipeError, ConnectionResetError):
        if process.returncode is None:
            process.kill()
            await process.wait()
        return False
    return process.returncode == 0


class Clipboard:
    """Ways to the clipboard, tried in order."""

    def __init__(self, environment: Mapping[str, str], *, platform: str = sys.platform, run: Run = run) -> None:
        self._environment = environment
        self._platform = platform
        self._run = run

    async def copy(self, text: str, tell_terminal: Callable[[str], None]) -> str:
        """Copy; answers which way, for a sentence. `tell_terminal` writes OSC 52."""
        if "TMUX" in self._environment:
            for command in (["tmux", "load-buffer", "-w", "-"], ["tmux", "load-buffer", "-"]):
                if await self._run(command, text):
                    return TMUX
        if not self._is_remote():
            for command in self._programs():
                if await self._run(command, text):
                    return f"by {command[0]}"
        tell_terminal(text)
        return TERMINAL

    def _is_remote(self) -> bool:
        return "SSH_CONNECTION" in self._environment or "SSH_TTY" in self._environment

    def _programs(self) -> list[list[str]]:
        if self._platform == "darwin":
            return [["pbcopy"]]
        found = []
        if "WAYLAND_DISPLAY" in self._environment:
            found.append(["wl-copy"])
        if "DISPLAY" in self._environment:
            found += [["xclip", "-selection", "clipboard"], ["xsel", "--clipboard", "--input"]]
        if "WSL_DISTRO_NAME" in self._environment:
            found.append(["clip.exe"])
        return [each for each in found if shutil.which(each[0])]
