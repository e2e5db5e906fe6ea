"""The help of both programs: -h, where the settings lie, completion with Tab, a private CA."""

from __future__ import annotations

import asyncio
import os
import shutil
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from asnity_server import shell
from asnity_server.cli import main as server
from asnity_tui.cli.main import main as client
from asnity_tui.client.storage.accounts import SavedAccount, SavedAccounts
from asnity_tui.config import Settings
from tests.faults.process import PATIENCE, ServerProcess

BIN = Path(sys.executable).parent
PROGRAMS = {"asnity-tui": client, "asnity-server": server}


def run(*command: str, **environment: str) -> tuple[int, str]:
    """A command at its end, and what it printed."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("ASNITY_")}
    env |= {"PATH": f"{BIN}:{env['PATH']}"} | environment
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=PATIENCE)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("program", "words"),
    [
        *(("asnity-tui", words) for words in ("", "send", "tail", "unread", "doctor")),
        *(("asnity-server", words) for words in ("", "user", "user add", "user enable", "backup")),
    ],
)
def test_the_short_option_helps_too(program: str, words: str, tmp_path: Path) -> None:
    def shown(option: str) -> str:
        environment = {"XDG_CONFIG_HOME": str(tmp_path)}
        ended = CliRunner().invoke(PROGRAMS[program], [*words.split(), option], prog_name=program, env=environment)
        assert ended.exit_code == 0
        return ended.output

    assert shown("-h") == shown("--help")
    assert "-h, --help" in shown("-h")


@pytest.mark.parametrize("module", ["asnity_tui", "asnity_server"])
def test_each_is_a_module_whose_help_says_where_the_settings_lie(module: str, tmp_path: Path) -> None:
    code, text = run(sys.executable, "-m", module, "--help", XDG_CONFIG_HOME=str(tmp_path), COLUMNS="300")
    program = module.replace("_", "-")
    assert code == 0
    assert text.startswith(f"Usage: {program} ")
    assert f"Settings file:\n    {tmp_path}/{program}/config.toml\n" in text
    for line in shell.completion(program):
        assert line in text


def test_a_path_in_the_home_is_written_as_people_write_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/alice")
    assert shell.settings_file(lambda: Path("/home/alice/.config/x.toml")) == "~/.config/x.toml"
    assert shell.settings_file(lambda: Path("/home/alicee/x.toml")) == "/home/alicee/x.toml"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "word", "found"),
    [("asnity-tui", "doc", "doctor"), ("asnity-tui", "--noti", "--notify"), ("asnity-server", "back", "backup")],
)
def test_bash_completes_with_the_line_of_the_help(program: str, word: str, found: str) -> None:
    function = f"_{program.replace('-', '_')}_completion"
    script = (
        f"{shell.completion(program)[0]}\n"
        f'COMP_WORDS=({program} {word}) COMP_CWORD=1\n{function} {program}\necho "found ${{COMPREPLY[*]}}"'
    )
    code, text = run("bash", "--norc", "-c", script)
    assert (code, text) == (0, f"found {found}\n")


@pytest.mark.slow
@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("name", ["zsh", "fish"])
def test_other_shells_get_their_script(program: str, name: str) -> None:
    variable = f"_{program.upper().replace('-', '_')}_COMPLETE"
    assert any(f"{variable}={name}_source {program}" in line for line in shell.completion(program))
    code, text = run(program, **{variable: f"{name}_source"})
    assert code == 0
    assert f"{variable}={name}_complete" in text
    word = "" if name == "fish" else "1"  # the word itself, or which one it is
    code, text = run(program, **{variable: f"{name}_complete", "COMP_WORDS": f"{program} ", "COMP_CWORD": word})
    assert code == 0
    assert ("doctor" if program == "asnity-tui" else "backup") in text


# A private certificate authority


def signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost with its key, and the authority that signed it."""

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    openssl("req", "-x509", *new, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Our own")
    more = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    openssl("req", *new[:5], *more, "-keyout", "server.key", "-out", "server.csr")
    take = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-copy_extensions", "copy")
    openssl("x509", "-req", "-in", "server.csr", *take, "-out", "server.pem")
    both = folder / "both.pem"
    both.write_bytes((folder / "server.pem").read_bytes() + (folder / "server.key").read_bytes())
    return both, folder / "ca.pem"


@asynccontextmanager
async def encrypted(port: int, certificate: Path) -> AsyncIterator[int]:
    """A proxy with TLS in front of a port; its own port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    pipes: set[asyncio.Task[None]] = set()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass  # either end may go whenever it likes
        finally:
            writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        for pair in ((reader, inner_writer), (inner_reader, writer)):
            pipes.add(asyncio.create_task(pass_on(*pair)))

    door = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=context)
    try:
        yield door.sockets[0].getsockname()[1]
    finally:
        door.close()
        for each in pipes:
            each.cancel()
        await asyncio.gather(*pipes, return_exceptions=True)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl here")
async def test_a_private_authority_is_trusted_where_the_environment_names_it(tmp_path: Path) -> None:
    certificate, authority = await asyncio.to_thread(signed, tmp_path)
    async with ServerProcess(tmp_path / "data", "--registration", "open") as running:
        made = await running.call("POST", "/api/auth/sign-up", username="alice", password="correct horse")
        lab = (await running.call("POST", "/api/communities", made["token"], name="Lab"))["id"]
        general = (await running.call("GET", f"/api/communities/{lab}/channels", made["token"]))["channels"][0]["id"]
        await running.call("POST", f"/api/channels/{general}/messages", made["token"], content="hello")
        async with encrypted(running.port, certificate) as port:
            url = f"https://localhost:{port}"
            saved = SavedAccount(server=url, user_id=made["user"]["id"], username="alice", token=made["token"])
            SavedAccounts(Settings(data=tmp_path / "alice").sessions_file).use(saved)
            command = ("asnity-tui", "--data", str(tmp_path / "alice"))
            here = {"XDG_CONFIG_HOME": str(tmp_path)}
            code, text = await asyncio.to_thread(run, *command, "unread", **here)
            assert (code, "SSL_CERT_FILE" in text) == (3, True), text
            here["SSL_CERT_FILE"] = str(authority)
            assert await asyncio.to_thread(run, *command, "unread", **here) == (0, "\n")
            following = f"{' '.join(command)} tail -n 1 | head -1"  # by the socket
            code, text = await asyncio.to_thread(run, "sh", "-c", following, **here)
            assert (code, "hello" in text) == (0, True), text
