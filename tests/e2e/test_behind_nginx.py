"""The real programs behind Debian's nginx: an API program and two gateways, with standard clients by both ways."""

from __future__ import annotations

import asyncio
import shutil
import signal
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import socketio

from asnity_server.programs.program_settings import API_OPTIONS, GATEWAY_OPTIONS
from tests.fakes.nginx import Nginx
from tests.faults.process import PATIENCE, ProgramProcess
from tests.unlimited import unlimited

pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not here")]

API, G1, G2 = 8440, 8451, 8452
"""The ports that hosting.md has."""
PROXIED = ("--trusted-proxies", "127.0.0.1")
DRAIN = 2
MESSAGES = 15


class Site:
    """The programs, and people of one community."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        link = f"unix:{folder / 'link.sock'}"
        self.api = ProgramProcess(
            "api", "--link", link, "--data", str(folder / "data"), *PROXIED, *unlimited(API_OPTIONS),
            "--registration", "open",
        )  # fmt: skip
        self.gateways = [
            ProgramProcess(
                "gateway", "--api", link, "--name", name, "--drain", str(DRAIN), *PROXIED,
                *unlimited(GATEWAY_OPTIONS), "--limit-connections", "20",
            )
            for name in ("g1", "g2")
        ]  # fmt: skip
        self._stack = AsyncExitStack()
        self.trust: ssl.SSLContext
        self.url = ""
        self.community_id = self.channel_id = self.token = ""

    async def start(self) -> None:
        """Start everything; each gateway is linked."""
        for each in (self.api, *self.gateways):
            await self._stack.enter_async_context(each)
        first, second = (each.port for each in self.gateways)
        nginx = Nginx(self._folder, {API: self.api.port, G1: first, G2: second})
        await nginx.start()
        self._stack.push_async_callback(nginx.close)
        self.trust, self.url = nginx.trust, nginx.url
        for each in self.gateways:
            await self.ready(each)
        made = await self.api.call("POST", "/api/auth/sign-up", username="alice", password="correct horse")
        self.token = made["token"]
        self.community_id = (await self.api.call("POST", "/api/communities", self.token, name="Lab"))["id"]
        channels = await self.api.call("GET", f"/api/communities/{self.community_id}/channels", self.token)
        self.channel_id = channels["channels"][0]["id"]

    async def ready(self, gateway: ProgramProcess) -> None:
        """Wait until a gateway is ready."""
        async with asyncio.timeout(PATIENCE), aiohttp.ClientSession(gateway.url) as http:
            while True:
                async with http.get("/readyz") as answer:
                    if answer.status == 200:
                        return
                await asyncio.sleep(0.05)

    async def close(self) -> None:
        """End everything."""
        await self._stack.aclose()

    async def session(self, address: str = "127.0.0.1") -> aiohttp.ClientSession:
        """HTTP by way of nginx, from some address of this machine."""
        connector = aiohttp.TCPConnector(ssl=self.trust, local_addr=(address, 0), limit=0)
        return await self._stack.enter_async_context(aiohttp.ClientSession(self.url, connector=connector))

    async def device(self, *transports: str, address: str = "127.0.0.1") -> Device:
        """A standard client of alice's, who has joined."""
        device = Device(self, await self.session(address), transports)
        self._stack.push_async_callback(device.close)
        await device.connect()
        await device.ask("join", {})
        return device

    async def history(self) -> list[dict[str, Any]]:
        """All messages, as they are stored."""
        found: list[dict[str, Any]] = []
        while True:
            after = found[-1]["id"] if found else 0
            path = f"/api/channels/{self.channel_id}/messages?after={after}&limit=100"
            page = await self.api.call("GET", path, self.token)
            found += page["messages"]
            if not page["hasNewer"]:
                return found


class Device:
    """One standard client; what it is told of messages is kept."""

    def __init__(self, site: Site, http: aiohttp.ClientSession, transports: Sequence[str]) -> None:
        self._site = site
        self._transports = list(transports)
        self._coming_back: asyncio.Task[None] | None = None
        self._begun = 0
        self.namespace = f"/socket/commu-{site.community_id}"
        self.sio = socketio.AsyncClient(
            http_session=http, reconnection_delay=0.05, reconnection_delay_max=0.2, randomization_factor=0
        )
        self.heard: list[str] = []
        self.ends: list[str] = []
        self._news = asyncio.Event()
        self.sio.on("new-chat", self._hear, namespace=self.namespace)
        self.sio.on("disconnect", self._end, namespace=self.namespace)
        self.sio.on("connect", self._begin, namespace=self.namespace)

    @property
    def gateway(self) -> str:
        """The name of the gateway at which it is."""
        return str(self.sio.eio.sid).partition("-")[0]

    def _hear(self, message: dict[str, Any]) -> None:
        self.heard.append(message["content"])
        self._news.set()

    def _end(self, reason: str) -> None:
        self.ends.append(reason)
        if reason == self.sio.reason.SERVER_DISCONNECT:  # the library leaves that to whoever uses it
            self._coming_back = asyncio.create_task(self._come_back())

    async def _come_back(self) -> None:
        begun = self._begun
        while self._begun == begun:
            try:
                await self.connect()
            except (socketio.exceptions.ConnectionError, ValueError):  # it isn't quite gone, or nobody lets it in
                await asyncio.sleep(0.05)

    async def connect(self) -> None:
        """Connect."""
        await self.sio.connect(
            self._site.url, namespaces=[self.namespace], auth={"token": self._site.token},
            transports=self._transports, wait_timeout=PATIENCE,
        )  # fmt: skip

    async def close(self) -> None:
        """Go."""
        if self._coming_back is not None:
            self._coming_back.cancel()
        await self.sio.shutdown()

    def _begin(self) -> None:
        self._begun += 1
        self._news.set()

    async def comes_back_to(self, gateway: str) -> None:
        """Wait until it is connected there."""
        async with asyncio.timeout(PATIENCE):
            while not (self.namespace in self.sio.namespaces and self.gateway == gateway):
                self._news.clear()
                await self._news.wait()

    async def ask(self, event: str, payload: dict[str, Any]) -> Any:
        """One request; its answer."""
        return await self.sio.call(event, payload, namespace=self.namespace, timeout=10)

    async def hears(self, content: str) -> None:
        """Wait until a message is told."""
        async with asyncio.timeout(PATIENCE):
            while content not in self.heard:
                self._news.clear()
                await self._news.wait()

    async def write(self, content: str) -> dict[str, Any]:
        """Send a message until it is acknowledged, as a client does: always with the same nonce."""
        payload = {"chatType": "new", "channelId": self._site.channel_id, "content": content, "nonce": content}
        async with asyncio.timeout(3 * PATIENCE):
            while True:
                try:
                    answer = await self.ask("chat", payload)
                except (socketio.exceptions.SocketIOError, aiohttp.ClientError):
                    await asyncio.sleep(0.05)  # it connects again by itself
                    continue
                if answer["written"]:
                    return dict(answer["chatInfo"])
                assert answer["error"]["code"] == "unavailable", answer
                await asyncio.sleep(0.1)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    site = Site(tmp_path)
    try:
        await site.start()
        yield site
    finally:
        await site.close()


async def test_people_meet_whatever_gateway_and_transport_they_have(site: Site) -> None:
    devices = [await site.device(transport) for transport in ("websocket", "websocket", "polling", "polling")]
    assert sorted(each.gateway for each in devices) == ["g1", "g1", "g2", "g2"]
    assert [await each.figure("asnity_connections") for each in site.gateways] == [2, 2]
    for number, each in enumerate(devices):
        await each.write(f"message-{number}")
        for other in devices:
            if other is not each:
                await other.hears(f"message-{number}")


async def test_polling_upgrades_at_the_gateway_that_began_it(site: Site) -> None:
    devices = [await site.device("polling", "websocket") for _ in range(4)]
    assert [each.sio.transport() for each in devices] == ["websocket"] * 4
    assert {each.gateway for each in devices} == {"g1", "g2"}
    await devices[0].write("upgraded")
    for each in devices[1:]:
        await each.hears("upgraded")


async def test_each_gateway_counts_sockets_by_the_address_of_the_person(site: Site) -> None:
    sockets = []

    async def opened(address: str) -> int:
        http = await site.session(address)
        try:
            sockets.append(await http.ws_connect("/socket.io/?EIO=4&transport=websocket"))
        except aiohttp.WSServerHandshakeError as error:
            return error.status
        return 101

    assert [await opened("127.0.0.2") for _ in range(40)] == [101] * 40  # 20 at each of two gateways
    assert await opened("127.0.0.2") == 429
    assert await opened("127.0.0.3") == 101


async def test_everything_may_restart_while_people_write(site: Site) -> None:
    devices = [await site.device(transport) for transport in ("websocket", "polling") * 4]

    async def write(number: int, device: Device) -> None:
        for turn in range(MESSAGES):
            await device.write(f"{number}-{turn}")
            await asyncio.sleep(0.1)

    writing = [asyncio.create_task(write(number, each)) for number, each in enumerate(devices)]
    for each in devices[:2]:
        await each.hears("2-1")
    # a gateway goes: its people come back at the other one
    second = site.gateways[1]
    assert await second.end(signal.SIGTERM) == 0
    await asyncio.gather(*(each.comes_back_to("g1") for each in devices))
    await second.start()
    await site.ready(second)
    # the API goes: nobody loses a connection
    ends = [len(each.ends) for each in devices]
    assert await site.api.end(signal.SIGTERM) == 0
    await site.api.start()
    await asyncio.gather(*writing)
    assert [len(each.ends) for each in devices] == ends
    stored = [each["content"] for each in await site.history() if each["type"] == "TEXT"]
    assert sorted(stored) == sorted(f"{number}-{turn}" for number in range(len(devices)) for turn in range(MESSAGES))
