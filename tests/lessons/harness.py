"""A real server with people on it, and the bare ways to reach it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from asnity_server.protocol import requests, routes
from asnity_server.protocol.ids import namespace_of
from asnity_tui.client.transport.remote import RemoteClient
from tests.contract.harness import Device, SignUpHarness
from tests.topology.deployment import Deployment


@dataclass(frozen=True)
class HttpResponse:
    """A response over HTTP."""

    status: int
    text: str
    headers: Any

    @property
    def code(self) -> str:
        """The code of the error that it is."""
        return str(json.loads(self.text)["error"]["code"])


class LessonHarness(SignUpHarness):
    """The server, its people, and a plain HTTP client."""

    def __init__(self, server: Deployment, folder: Path) -> None:
        super().__init__(lambda: RemoteClient(server.url))
        self.server = server
        self.folder = folder

    async def close(self) -> None:
        """Hang up."""
        for each in self.clients:
            await each.close()

    async def lab(self, *names: str) -> tuple[str, list[Device]]:
        """A community of new people, the first of whom owns it."""
        people = [await self.person(each) for each in names]
        lab = await people[0].found("Lab")
        await people[0].let_in(lab.id, *people[1:])
        return lab.id, people

    async def secret(self, lab: str, owner: Device, *guests: Device) -> str:
        """A private channel with these people in it."""
        channel_id = await owner.channel(lab, "secret", private=True)
        for each in guests:
            put = requests.OfChannelMember(channel_id=channel_id, user_id=each.user.id)
            await owner.call(routes.ADD_CHANNEL_MEMBER, put)
        return channel_id

    async def http(self, method: str, path: str, token: str | None = None, **more: Any) -> HttpResponse:
        """One request, as it is."""
        headers = dict(more.pop("headers", {}))
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        async with (
            aiohttp.ClientSession(self.server.url, auto_decompress=False) as http,
            http.request(method, path, headers=headers, **more) as answer,
        ):
            return HttpResponse(answer.status, (await answer.read()).decode("utf-8", "replace"), answer.headers)

    @asynccontextmanager
    async def socket(self, **headers: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """A bare websocket at Engine.IO's door, its greeting read."""
        async with (
            aiohttp.ClientSession(self.server.url) as http,
            http.ws_connect("/socket.io/?EIO=4&transport=websocket", headers=headers) as socket,
        ):
            assert (await socket.receive_str()).startswith("0{")
            yield socket

    async def enter(self, socket: aiohttp.ClientWebSocketResponse, lab: str, device: Device) -> None:
        """Enter a community's namespace on a bare websocket."""
        await socket.send_str(f"40{namespace_of(lab)},{json.dumps({'token': device.client.token})}")
        assert (await socket.receive_str()).startswith(f"40{namespace_of(lab)},")

    def stored(self) -> bytes:
        """Every byte that the server keeps on disk."""
        return b"".join(path.read_bytes() for path in self.folder.iterdir() if path.is_file())
