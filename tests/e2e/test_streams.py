"""Commands whose streams are closed, full, unread or in another encoding: a sentence and the right exit code."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.faults.process import PATIENCE, ServerProcess

from .test_cli import signed_in

CONDITIONS = {
    "as usual": "",
    "input closed": "<&-",
    "output closed": ">&-",
    "errors closed": "2>&-",
    "all closed": "<&- >&- 2>&-",
    "output full": ">/dev/full",
    "errors full": "2>/dev/full",
    "both full": ">/dev/full 2>/dev/full",
    "nobody reads": "",
    "Latin-1": "",
    "ASCII": "",
}
"""Redirections of a shell, by what they make."""

UNWRITTEN = {"output closed", "all closed", "output full", "both full"}
"""Where nothing can be printed."""


@dataclass(frozen=True)
class Case:
    """A command, what it is given on standard input, and whether printing is all that it does."""

    arguments: tuple[str, ...]
    shows: bool
    said: bytes = b""

    def code(self, condition: str) -> int:
        """How it has to end."""
        if self.said and condition in ("input closed", "all closed"):
            return 2 if self.arguments[0] == "send" else 1  # there is no text, no password
        if self.arguments[0] == "doctor" and condition in ("Latin-1", "ASCII"):
            return 1  # letters can't be shown there
        if self.arguments[0] == "tail" and condition not in UNWRITTEN | {"nobody reads"}:
            return 130  # it goes on until it is interrupted
        return int(self.shows and condition in UNWRITTEN)


CLIENT = (
    Case(("send", "#general", "말"), shows=False),
    Case(("send", "--json", "#general", "귤 🍊"), shows=False),
    Case(("send", "--json", "#general"), shows=False, said="귤 🍊\r\n".encode()),
    Case(("tail", "-n", "1", "#mandarins"), shows=True),
    Case(("unread",), shows=True),
    Case(("unread", "--json"), shows=True),
    Case(("unread", "--list"), shows=False),  # there is nothing to list
    Case(("doctor",), shows=True),
    Case(("doctor", "--json"), shows=True),
    Case(("--help",), shows=True),
    Case(("--version",), shows=True),
)
HOST = (
    Case(("user", "add", "carol", "--display-name", "민지"), shows=False, said=b"tangerine\n"),
    Case(("user", "list"), shows=True),
    Case(("user", "password", "bob"), shows=False, said=b"tangerine\n"),
    Case(("user", "disable", "bob"), shows=False),
    Case(("user", "enable", "bob"), shows=False),
    Case(("backup", "FILE"), shows=False),
    Case(("--help",), shows=True),
    Case(("user", "--help"), shows=True),
)


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it printed."""

    code: int
    output: bytes
    errors: bytes


def run(program: str, case: Case, condition: str, folder: Path, *options: str) -> Ended:
    """Run a command under a condition, to its end; an endless one is interrupted when it has printed a line."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("ASNITY_")} | {"TERM": "xterm"}
    if condition in ("Latin-1", "ASCII"):
        env["PYTHONIOENCODING"] = condition.lower()
    command = [sys.executable, "-m", program, *options, *case.arguments]
    output, errors = folder / "output", folder / "errors"
    with (
        output.open("wb") as out,
        errors.open("wb") as err,
        unread_pipe() if condition == "nobody reads" else nullcontext(out) as where,
    ):
        process = subprocess.Popen(
            ["sh", "-c", f'exec "$@" {CONDITIONS[condition]}', "sh", *command],
            stdin=subprocess.PIPE, stdout=where, stderr=err, env=env,
        )  # fmt: skip
        assert process.stdin is not None
        with suppress(BrokenPipeError):
            process.stdin.write(case.said)
            process.stdin.close()
        if case.arguments[0] == "tail" and condition not in UNWRITTEN | {"nobody reads"}:
            interrupt_at_line(process, output)
        code = process.wait(PATIENCE)
    return Ended(code, output.read_bytes(), errors.read_bytes())


def interrupt_at_line(process: subprocess.Popen[bytes], output: Path) -> None:
    """Interrupt a command that has printed a line."""
    deadline = time.monotonic() + PATIENCE
    while not output.read_bytes().endswith(b"\n") and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)


@contextmanager
def unread_pipe() -> Iterator[int]:
    """The end of a pipe that nobody reads."""
    reads, writes = os.pipe()
    os.close(reads)
    try:
        yield writes
    finally:
        os.close(writes)


def check(case: Case, condition: str, ended: Ended) -> None:
    """Whether a command ended as it has to."""
    told = f"{case.arguments} with {condition}: {ended}"
    assert ended.code == case.code(condition), told
    assert b"Traceback" not in ended.errors, told
    assert b"Exception ignored" not in ended.errors, told
    if ended.code == 1 and case.arguments[0] != "doctor" and condition in ("output closed", "output full"):
        assert ended.errors.startswith(b"Error: The output can't be written: "), told
    if case.arguments[:2] == ("send", "--json") and condition == "output full":
        assert b"The message was sent." in ended.errors, told
    if "--json" in case.arguments and condition in ("Latin-1", "ASCII"):
        for line in ended.output.splitlines():
            json.loads(line)


class Place:
    """A server, alice who uses it from the shell, and everything that she has sent."""

    def __init__(self, folder: Path, server: ServerProcess, token: str, channel: str) -> None:
        self.folder = folder
        self.server = server
        self._token = token
        self._channel = channel

    async def sent(self) -> list[str]:
        """The messages that are there."""
        path = f"/api/channels/{self._channel}/messages?limit=100"
        return [each["content"] for each in (await self.server.call("GET", path, self._token))["messages"]]


@asynccontextmanager
async def place(folder: Path) -> AsyncIterator[Place]:
    """A server with a message in #mandarins and nothing in #general."""
    async with ServerProcess(folder / "server", "--registration", "open") as server:
        token = await signed_in(server, folder / "alice", "alice")
        lab = (await server.call("POST", "/api/communities", token, name="Lab"))["id"]
        channels = (await server.call("GET", f"/api/communities/{lab}/channels", token))["channels"]
        mandarins = (
            await server.call("POST", f"/api/communities/{lab}/channels", token, name="mandarins", kind="public")
        )["id"]
        await server.call("POST", f"/api/channels/{mandarins}/messages", token, content="귤")
        yield Place(folder, server, token, channels[0]["id"])


async def the_client(folder: Path, condition: str, cases: tuple[Case, ...]) -> None:
    async with place(folder) as here:
        for case in cases:
            options = ("--data", str(folder / "alice"), "--config", str(folder / "none.toml"))
            before = len(await here.sent())
            ended = await asyncio.to_thread(run, "asnity_tui", case, condition, folder, *options)
            check(case, condition, ended)
            went_out = case.arguments[0] == "send" and ended.code == 0
            assert len(await here.sent()) == before + went_out, (case, ended)


def the_host(folder: Path, condition: str, cases: tuple[Case, ...]) -> None:
    options = ("--data", str(folder / "data"), "--config", str(folder / "none.toml"))
    assert (
        run(
            "asnity_server",
            Case(("user", "add", "bob"), shows=False, said=b"tangerine\n"),
            "as usual",
            folder,
            *options,
        ).code
        == 0
    )
    for case in cases:
        case = replace(case, arguments=tuple(each.replace("FILE", str(folder / "copy.db")) for each in case.arguments))
        check(case, condition, run("asnity_server", case, condition, folder, *options))
    if cases is HOST:
        assert (folder / "copy.db").exists()


@pytest.mark.slow
async def test_a_message_that_went_out_counts_as_sent(tmp_path: Path) -> None:
    (tmp_path / "none.toml").touch()
    await the_client(tmp_path, "output full", CLIENT[1:2])


@pytest.mark.slow
async def test_following_ends_when_nobody_reads_it_though_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "none.toml").touch()
    await the_client(tmp_path, "nobody reads", (Case(("tail", "#general"), shows=True),))


@pytest.mark.slow
@pytest.mark.parametrize("condition", CONDITIONS)
async def test_every_command_of_the_client_under_every_condition(tmp_path: Path, condition: str) -> None:
    (tmp_path / "none.toml").touch()
    await the_client(tmp_path, condition, CLIENT)


@pytest.mark.slow
@pytest.mark.parametrize("condition", CONDITIONS)
def test_every_command_of_the_server_under_every_condition(tmp_path: Path, condition: str) -> None:
    (tmp_path / "none.toml").touch()
    the_host(tmp_path, condition, HOST)
