"""The commands from outside as processes of their own, against a real server."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from asnity_tui.cli.main import main
from asnity_tui.client.storage.accounts import SavedAccount, SavedAccounts
from asnity_tui.config import Settings
from tests.faults.process import PATIENCE, ServerProcess

COMMAND = "from asnity_tui.cli.main import main; main(prog_name='asnity-tui')"


async def begun(data: Path, *arguments: str) -> asyncio.subprocess.Process:
    """A command that runs, with the account whose files are in `data`."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("ASNITY_")}
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", COMMAND, "--data", str(data), *arguments, stdin=pipe, stdout=pipe, stderr=pipe,
        env=env | {"PYTHONUNBUFFERED": "1", "XDG_CONFIG_HOME": str(data)},
    )  # fmt: skip


async def done(data: Path, *arguments: str, said: str = "") -> tuple[int, str, str]:
    """A command at its end: exit code, output, errors. In this process, as starting Python is most of the work."""
    runner = CliRunner()
    environment = {"XDG_CONFIG_HOME": str(data)}
    result = await asyncio.to_thread(
        runner.invoke, main, ["--data", str(data), *arguments], input=said, env=environment, prog_name="asnity-tui"
    )
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


async def line(process: asyncio.subprocess.Process) -> str:
    """The next line that a command prints."""
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        return (await process.stdout.readline()).decode().rstrip("\n")


async def signed_in(server: ServerProcess, data: Path, name: str) -> str:
    """A new account, signed in on the machine whose files are in `data`; its token."""
    made = await server.call("POST", "/api/auth/sign-up", username=name, password="correct horse")
    saved = SavedAccount(server=server.url, user_id=made["user"]["id"], username=name, token=made["token"])
    SavedAccounts(Settings(data=data).sessions_file).use(saved)
    return str(made["token"])


@pytest.mark.slow
async def test_two_people_talk_from_the_shell(tmp_path: Path) -> None:
    hers, his = tmp_path / "alice", tmp_path / "bob"
    async with ServerProcess(tmp_path / "data", "--registration", "open") as server:
        alice, bob = await signed_in(server, hers, "alice"), await signed_in(server, his, "bob")
        lab = (await server.call("POST", "/api/communities", alice, name="Lab"))["id"]
        code = (await server.call("POST", f"/api/communities/{lab}/invites", alice))["code"]
        await server.call("POST", f"/api/invites/{code}/accept", bob)
        assert await done(hers, "unread") == (0, "\n", "")
        assert await done(his, "send", "#general", "hello", "there") == (0, "", "")
        tail = await begun(hers, "tail", "-n", "5", "#general")
        try:
            assert (await line(tail)).endswith("#general · Lab bob: hello there")
            status, output, _ = await done(his, "send", "#general", "--json", "-", said="@alice 귤?\n\n")
            assert (status, json.loads(output)["content"]) == (0, "@alice 귤?")
            assert (await line(tail)).endswith("* #general · Lab bob: @alice 귤?")
            assert await done(hers, "unread") == (0, "@1 •1\n", "")
        finally:
            tail.send_signal(signal.SIGINT)
            async with asyncio.timeout(PATIENCE):
                await tail.communicate()
        assert tail.returncode == 130
        status, _, errors = await done(his, "send", "@alice", said="psst" * 5000)
        assert (status, errors.splitlines()[-1][-25:]) == (1, "The message was not sent.")
        nowhere = await done(his, "send", "#nowhere", "x")
        assert nowhere == (1, "", "Error: You aren't in a channel with this name. The message was not sent.\n")
    for command in (("send", "#general", "x"), ("unread",), ("tail",)):
        status, output, errors = await done(his, *command)
        assert (status, output) == (3, "")
        assert "Nothing answers at" in errors
