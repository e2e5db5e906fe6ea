"""People at the real program in real terminals: tmux runs it, presses keys, and tells what shows."""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

PATIENCE = 30.0
"""Seconds until what is waited for has to be there; real programs start meanwhile."""

PROGRAM = f"{shlex.quote(sys.executable)} -c 'from asnity_tui.__main__ import main; main()'"


class Tmux:
    """A tmux server of its own, with a window for each person."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "tmux"

    async def run(self, *arguments: str) -> str:
        """One tmux command, which has to succeed; what it prints."""
        environment = {key: value for key, value in os.environ.items() if key not in ("TMUX", "TMUX_PANE")}
        process = await asyncio.create_subprocess_exec(
            "tmux", "-u", "-f", "/dev/null", "-S", str(self._socket), *arguments,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env={**environment, "ASNITY_TUI_UNDO_SEND": "0", "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"},
        )  # fmt: skip
        printed, complaint = await process.communicate()
        assert process.returncode == 0, complaint.decode()
        return printed.decode()

    async def sessions(self) -> list[str]:
        """The names of those whose program runs."""
        return (await self.run("list-sessions", "-F", "#{session_name}")).split()

    async def end(self) -> None:
        """End it with all that runs in it."""
        if self._socket.exists():
            await self.run("kill-server")


class Person:
    """Somebody at a terminal."""

    def __init__(self, tmux: Tmux, name: str, folder: Path, environment: Mapping[str, str]) -> None:
        self._tmux = tmux
        self._name = name
        self._folder = folder
        self._environment = environment

    async def start(self, *, width: int = 110, height: int = 30) -> None:
        """Start the program."""
        told = " ".join(f"{name}={shlex.quote(value)}" for name, value in self._environment.items())
        command = f"exec env {told} {PROGRAM} --data {shlex.quote(str(self._folder))}"
        size = ("-x", str(width), "-y", str(height))
        await self._tmux.run("new-session", "-d", "-s", self._name, *size, command)
        await self._tmux.run("set-option", "-t", self._name, "status", "off")
        await self.resize(width, height)

    async def resize(self, width: int, height: int) -> None:
        """Give the terminal another size."""
        await self._tmux.run("resize-window", "-t", self._name, "-x", str(width), "-y", str(height))

    async def press(self, *keys: str) -> None:
        """Press keys, as tmux names them."""
        await self._tmux.run("send-keys", "-t", self._name, *keys)

    async def types(self, text: str) -> None:
        """Type a text."""
        await self._tmux.run("send-keys", "-t", self._name, "-l", text)

    async def says(self, text: str) -> None:
        """Type a text and send it; wait until the composer has it, as terminals hand over what is typed in pieces."""
        await self.types(text)
        await self.shows(text)
        await self.press("Enter")

    async def screen(self) -> str:
        """The text on the screen."""
        return await self._tmux.run("capture-pane", "-p", "-t", self._name)

    async def copied(self) -> str:
        """The newest buffer of tmux."""
        return await self._tmux.run("show-buffer")

    async def shows(self, *parts: str) -> None:
        """Wait until all of these show."""
        await self._until(lambda screen: all(part in screen for part in parts), f"{parts}")

    async def hides(self, part: str) -> None:
        """Wait until something doesn't show any more."""
        await self._until(lambda screen: part not in screen, f"no {part!r}")

    async def _until(self, true: Callable[[str], bool], what: str) -> None:
        screen = ""
        try:
            async with asyncio.timeout(PATIENCE):
                while not true(screen := await self.screen()):  # noqa: ASYNC110 - a terminal tells nobody what it shows
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"{self._name}: {what} never came\n{screen}") from None

    async def quit(self) -> None:
        """ctrl+q, and wait until the program is gone."""
        await self.press("C-q")
        async with asyncio.timeout(PATIENCE):
            while self._name in await self._tmux.sessions():  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.05)


@asynccontextmanager
async def tmux(folder: Path) -> AsyncIterator[Tmux]:
    """A tmux server; it is gone afterwards."""
    server = Tmux(folder)
    await server.run("new-session", "-d", "-s", "keep", "sleep 600")  # the server lives while somebody is in it
    try:
        yield server
    finally:
        await server.end()
