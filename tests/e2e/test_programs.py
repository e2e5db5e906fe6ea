"""`asnity-server api` and `asnity-server gateway` as processes, as whoever hosts them meets them."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import stat
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
import pytest
import socketio

from asnity_server.link.certificates import make_certificates
from asnity_server.protocol.ids import namespace_of
from tests.faults.process import PATIENCE, Process, ProgramProcess, ServerProcess

pytestmark = pytest.mark.slow


class ApiProcess(ServerProcess):
    """An API program."""

    def __init__(self, data: Path, *words: str) -> None:
        ProgramProcess.__init__(self, "api", "--data", str(data), "--registration", "open", *words)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for the sockets of links, whose paths are to be short."""
    with TemporaryDirectory(prefix="asnity-") as made:
        yield Path(made)


def gateway(address: str, *words: str, **more: Any) -> ProgramProcess:
    return ProgramProcess("gateway", "--api", address, "--name", "g1", "--drain", "0", *words, **more)


async def state(program: ProgramProcess, path: str = "/readyz") -> tuple[int, str]:
    """Ask a program how it is; status and body."""
    async with aiohttp.ClientSession(program.url) as http, http.get(path) as answer:
        return answer.status, await answer.text()


async def becomes(program: ProgramProcess, status: int, words: str = "") -> None:
    """Wait until a program is ready, or says why it isn't."""
    found = (0, "")
    for _ in range(int(PATIENCE / 0.05)):
        found = await state(program)
        if found[0] == status and words in found[1]:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{found} is not {status} {words!r}\n{program.log}")


async def said(program: ProgramProcess, words: str) -> None:
    """Wait until a program's log has some words."""
    for _ in range(int(PATIENCE / 0.05)):
        if words in program.log:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"never said: {words!r}\n{program.log}")


class Talker:
    """The first account, its community, and a socket at a gateway."""

    def __init__(self) -> None:
        self.sio = socketio.AsyncClient(reconnection=False)
        self.token = self.general = self.namespace = ""

    async def settle(self, api: ApiProcess) -> None:
        """Make the account and the community."""
        made = await api.call("POST", "/api/auth/sign-up", username="alice", password="correct horse")
        self.token = made["token"]
        lab = (await api.call("POST", "/api/communities", self.token, name="Lab"))["id"]
        self.namespace = namespace_of(lab)
        channels = await api.call("GET", f"/api/communities/{lab}/channels", self.token)
        self.general = channels["channels"][0]["id"]

    async def connect(self, program: ProgramProcess) -> None:
        """Open the socket."""
        auth, namespaces = {"token": self.token}, [self.namespace]
        await self.sio.connect(program.url, namespaces=namespaces, auth=auth, transports=["websocket"])

    async def say(self, content: str) -> Any:
        """Write a message, and return its id."""
        payload = {"chatType": "new", "channelId": self.general, "content": content, "nonce": content}
        answer = await self.sio.call("chat", payload, namespace=self.namespace, timeout=PATIENCE)
        assert answer["written"], answer
        return answer["chatInfo"]["id"]


@asynccontextmanager
async def talking(api: ApiProcess, program: ProgramProcess) -> AsyncIterator[Talker]:
    """Somebody who is connected."""
    talker = Talker()
    await talker.settle(api)
    await talker.connect(program)
    try:
        yield talker
    finally:
        await talker.sio.disconnect()


async def test_a_socket_outlives_the_api(folder: Path, tmp_path: Path) -> None:
    link = f"unix:{folder / 'link.sock'}"
    async with ApiProcess(tmp_path, "--link", link) as api, gateway(link) as g1:
        assert stat.S_IMODE((folder / "link.sock").stat().st_mode) == 0o660
        await becomes(g1, 200)
        assert (await state(g1, "/healthz"))[0] == (await state(g1, "/metrics"))[0] == 200
        assert (await state(g1, "/api/me"))[0] == (await state(api, "/socket.io/?EIO=4&transport=polling"))[0] == 404
        async with talking(api, g1) as talker:
            assert await talker.say("one") == 1
            assert await api.figure("asnity_gateways") == await g1.figure("asnity_linked") == 1
            assert await api.figure("asnity_shard_number") >= await g1.figure("asnity_shard_number") > 0
            assert await g1.figure("asnity_link_round_trip_seconds") > 0
            assert await g1.figure("asnity_link_bytes_total") > 0
            await api.end(signal.SIGKILL)
            await becomes(g1, 503, "The link was lost")
            assert (await state(g1, "/healthz"))[0] == 200
            await api.start()  # in the place of the socket that the other one left
            await becomes(g1, 200)
            assert await talker.say("two") == 2
            assert await g1.figure("asnity_link_breaks_total") == 1
        assert await g1.end(signal.SIGTERM) == 0
        assert await api.end(signal.SIGTERM) == 0
    for program in (api, g1):
        assert "Stopped." in program.log
        assert "Traceback" not in program.log


async def test_whoever_comes_first_waits_for_the_other(folder: Path, tmp_path: Path) -> None:
    link = f"unix:{folder / 'link.sock'}"
    async with gateway(link) as g1:
        await becomes(g1, 503, "The API can't be reached: no such file or directory.")
        async with ApiProcess(tmp_path, "--link", link):
            await becomes(g1, 200)
        await becomes(g1, 503)
        assert g1.log.count("The API can't be reached: no such file") == 1  # not once a second
        assert await g1.end(signal.SIGTERM) == 0


def free_port() -> int:
    """A port that nobody listens on: a gateway has to be told it."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


async def test_between_machines_certificates_of_one_ca_let_in_and_no_others(tmp_path: Path) -> None:
    keys, others, swapped = (tmp_path / each for each in ("keys", "others", "swapped"))
    make_certificates(keys)
    make_certificates(others)
    swapped.mkdir()
    for here, there in (("ca.pem", "ca.pem"), ("api.pem", "gateway.pem"), ("api.key", "gateway.key")):
        (swapped / there).write_bytes((keys / here).read_bytes())
    (swapped / "gateway.key").chmod(0o600)
    link = f"tls://127.0.0.1:{free_port()}"
    async with AsyncExitStack() as stack:
        api = await stack.enter_async_context(ApiProcess(tmp_path / "data", "--link", link, "--keys", str(keys)))
        g1, stranger, false = [
            await stack.enter_async_context(gateway(link, "--keys", str(each))) for each in (keys, others, swapped)
        ]
        await becomes(g1, 200)
        await becomes(stranger, 503, "has no certificate of an API program by the CA in ca.pem")
        await becomes(false, 503, "The API program ended the connection before the link began")
        plain = gateway(link.replace("tls", "tcp"))
        await stack.enter_async_context(plain)
        await becomes(plain, 503, "The API program ended the connection before the link began")
        async with talking(api, g1) as talker:
            assert await talker.say("one") == 1
        assert await api.figure("asnity_gateways") == 1
        for program in (g1, stranger, false, plain, api):
            assert await program.end(signal.SIGTERM) == 0
            assert "Traceback" not in program.log


OTHER_VERSION = """
from asnity_server.link import frames
frames.VERSION = (frames.VERSION[0] + 1, 0)
from asnity_server.__main__ import main
main()
"""


async def other_version(words: Sequence[str]) -> Process:
    """Begin a program of a later release, whose link is another."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", OTHER_VERSION, *words,
        stderr=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL,
        env={key: value for key, value in os.environ.items() if not key.startswith("ASNITY_")},
    )  # fmt: skip


async def test_another_version_of_the_link_is_refused_in_words(folder: Path, tmp_path: Path) -> None:
    link = f"unix:{folder / 'link.sock'}"
    async with ApiProcess(tmp_path, "--link", link) as api, gateway(link, begin=other_version) as g1:
        await becomes(g1, 503, "Run the same release of both.")
        assert g1.log.count("Run the same release of both.") == 1
        assert "Run the same release of both." in api.log
        assert await g1.end(signal.SIGTERM) == 0


async def test_a_second_signal_ends_a_gateway_at_once(folder: Path, tmp_path: Path) -> None:
    link = f"unix:{folder / 'link.sock'}"
    g1 = ProgramProcess("gateway", "--api", link, "--drain", "3600")
    async with ApiProcess(tmp_path, "--link", link) as api, g1:
        await becomes(g1, 200)
        async with talking(api, g1) as first:
            last = Talker()
            last.token, last.general, last.namespace = first.token, first.general, first.namespace
            await last.connect(g1)
            os.kill(g1.pid, signal.SIGTERM)
            await said(g1, "Stopping")
            assert await last.say("one") == 1  # for its half of an hour
            assert await g1.end(signal.SIGTERM) == 0
            await last.sio.disconnect()
        assert "Traceback" not in g1.log


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("gateway", "--api", "tcp://192.0.2.1:8441"), 2, "A link to another machine is encrypted: write tls://"),
        (("gateway", "--api", "tls://127.0.0.1:1"), 2, "A tls:// link needs certificates: --keys FOLDER."),
        (("gateway", "--api", "tls://127.0.0.1:1", "--keys", "{tmp}"), 1, "ca.pem can't be read: no such file"),
        (("gateway",), 2, "Say where with --api ADDRESS"),
        (("--name", "g1", "gateway", "--api", "unix:/x"), 2, "--name before gateway is no setting of"),
        (("gateway", "--api", "unix:/x", "--name", "G-1"), 2, "such as g1, not 'G-1'."),
        (("--data", "{tmp}", "api"), 2, "Say where with --link ADDRESS"),
        (("--data", "{tmp}", "api", "--link", "unix:{tmp}/no/l", "--port", "0"), 1, "Gateways can't link at unix:"),
    ],
)
async def test_what_cant_be_used_is_said_in_one_sentence(
    words: tuple[str, ...], status: int, said: str, tmp_path: Path
) -> None:
    given = [each.format(tmp=tmp_path) for each in words]
    env = {key: value for key, value in os.environ.items() if not key.startswith("ASNITY_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "asnity_server", *given, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        env=env,
    )  # fmt: skip
    async with asyncio.timeout(PATIENCE):
        output, _ = await process.communicate()
    assert process.returncode == status, output.decode()
    assert said in output.decode()
    assert len(output.decode().splitlines()) == 1
