"""Revoked sessions, accounts and memberships end at once over both doors, on a server of their own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import socketio

from asnity_server.config import ServerSettings, without_limits
from asnity_server.db.database import Database
from asnity_server.protocol.ids import USER_NAMESPACE, namespace_of
from tests.faults.process import PATIENCE, ProgramProcess, ServerProcess
from tests.topology import topology_named


@dataclass
class Device:
    """A standard client of somebody, on their own namespace and a community's."""

    token: str
    sio: socketio.AsyncClient
    lost: set[str] = field(default_factory=set)
    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, true: Callable[[], object]) -> None:
        """Wait until what was told makes it true."""
        async with asyncio.timeout(PATIENCE):
            while not true():
                self.news.clear()
                await self.news.wait()

    def reasons(self, event: str) -> list[str]:
        """The reasons that came with an event."""
        return [data["reason"] for name, data in self.told if name == event]


class Setup:
    """Alice owns a community on a server in processes of its own; bob is a member of it."""

    def __init__(self, server: ProgramProcess, url: str, data: Path) -> None:
        """`server` answers HTTP; people's sockets are at `url`."""
        self.server = server
        self._url = url
        self._data = data
        self.devices: list[Device] = []

    async def set_up(self) -> None:
        """Make the accounts and the community."""
        first = await self.server.call("POST", "/api/auth/sign-up", username="alice", password="tangerine")
        self.alice = str(first["token"])
        self.lab = (await self.server.call("POST", "/api/communities", self.alice, name="Lab"))["id"]
        link = (await self.server.call("POST", f"/api/communities/{self.lab}/invites", self.alice))["code"]
        second = await self.server.call("POST", "/api/auth/sign-up", username="bob", password="tangerine", invite=link)
        self.bob, self.bob_id = str(second["token"]), str(second["user"]["id"])

    async def sign_in(self, name: str) -> str:
        """A new session of somebody."""
        answer = await self.server.call("POST", "/api/auth/sign-in", username=name, password="tangerine")
        return str(answer["token"])

    async def command(self, *arguments: str, said: str = "") -> None:
        """Run a command of the server's administrator as a process of its own."""
        env = {key: value for key, value in os.environ.items() if not key.startswith("ASNITY_")}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "asnity_server", "--data", str(self._data), *arguments,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, env=env,
        )  # fmt: skip
        async with asyncio.timeout(PATIENCE):
            output, _ = await process.communicate(said.encode())
        assert process.returncode == 0, output.decode()

    async def connect(self, token: str) -> Device:
        """Connect a client with a session, and enter its rooms."""
        device = Device(token, socketio.AsyncClient(reconnection=False))
        self.devices.append(device)
        for namespace in (USER_NAMESPACE, namespace_of(self.lab)):

            def lost(reason: object = None, at: str = namespace) -> None:
                device.lost.add(at)
                device.news.set()

            def told(event: str, data: Any = None) -> None:
                device.told.append((event, data))
                device.news.set()

            device.sio.on("disconnect", lost, namespace=namespace)
            device.sio.on("*", told, namespace=namespace)
        namespaces = [USER_NAMESPACE, namespace_of(self.lab)]
        await device.sio.connect(
            self._url, namespaces=namespaces, auth={"token": token}, transports=["websocket"], wait_timeout=5
        )
        assert (await device.sio.call("join", {}, namespace=namespace_of(self.lab), timeout=5))["ok"] is True
        return device

    async def status(self, token: str, path: str = "/api/me") -> int:
        """How HTTP answers somebody."""
        headers = {"Authorization": f"Bearer {token}"}
        async with aiohttp.ClientSession(self.server.url) as http, http.get(path, headers=headers) as answer:
            return answer.status

    async def refused(self, token: str, namespace: str) -> str:
        """The code with which a socket is refused a namespace."""
        sio = socketio.AsyncClient(reconnection=False)
        said: list[dict[str, Any]] = []
        sio.on("connect_error", said.append, namespace=namespace)
        with pytest.raises(socketio.exceptions.ConnectionError):
            await sio.connect(
                self._url, namespaces=[namespace], auth={"token": token}, transports=["websocket"], wait_timeout=5
            )
        await sio.disconnect()
        return str(said[0]["data"]["code"])

    async def close(self) -> None:
        """Hang up."""
        for device in self.devices:
            await device.sio.disconnect()


@asynccontextmanager
async def _one_program(data: Path, delivery: str) -> AsyncIterator[Setup]:
    async with ServerProcess(data, "--delivery", delivery) as server:
        yield Setup(server, server.url, data)


@asynccontextmanager
async def _several_programs(data: Path) -> AsyncIterator[Setup]:
    settings = without_limits(ServerSettings(port=0, data=data, registration="open"))
    async with topology_named("processes")(settings) as deployment:
        yield Setup(deployment.server, deployment.url, data)  # type: ignore[attr-defined]


@pytest.fixture(params=["fast", "stock", "processes"])
async def setup(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Setup]:
    """A running server with two people on it, whom several programs have at different gateways."""
    data, how = tmp_path / "data", request.param
    async with _several_programs(data) if how == "processes" else _one_program(data, how) as setup:
        await setup.set_up()
        yield setup
        with contextlib.suppress(asyncio.CancelledError):
            await setup.close()


async def _end_one(setup: Setup) -> None:
    phone = await setup.sign_in("bob")
    for each in (await setup.server.call("GET", "/api/auth/sessions", phone))["sessions"]:
        if not each["current"]:
            await setup.server.call("DELETE", f"/api/auth/sessions/{each['id']}", phone)


async def _end_all_others(setup: Setup) -> None:
    await setup.server.call("DELETE", "/api/auth/sessions", await setup.sign_in("bob"))


async def _change_password(setup: Setup) -> None:
    phone = await setup.sign_in("bob")
    await setup.server.call("POST", "/api/me/password", phone, current="tangerine", new="clementine")


async def _disable(setup: Setup) -> None:
    await setup.command("user", "disable", "bob")


async def _set_password(setup: Setup) -> None:
    await setup.command("user", "password", "bob", said="clementine\n")


@pytest.mark.parametrize(
    ("take_away", "reason"),
    [
        (_end_one, "ended"),
        pytest.param(_end_all_others, "ended", marks=pytest.mark.slow),
        pytest.param(_change_password, "password-changed", marks=pytest.mark.slow),
        (_disable, "disabled"),
        pytest.param(_set_password, "ended", marks=pytest.mark.slow),
    ],
)
@pytest.mark.slow
async def test_a_session_that_is_over_is_cut_and_refused_over_both_doors(
    setup: Setup, take_away: Callable[[Setup], Any], reason: str
) -> None:
    hers, his = (
        await setup.connect(setup.alice),
        await setup.connect(setup.bob),
    )
    await take_away(setup)
    await his.until(lambda: his.lost == {USER_NAMESPACE, namespace_of(setup.lab)})
    assert his.reasons("session-ended") == [reason]
    async with asyncio.timeout(PATIENCE):
        await his.sio.wait()
    assert not his.sio.connected
    assert await setup.status(setup.bob) == 401
    for namespace in (USER_NAMESPACE, namespace_of(setup.lab)):
        assert await setup.refused(setup.bob, namespace) == "unauthorized"
    assert hers.lost == set()
    assert await setup.status(setup.alice) == 200


@pytest.mark.parametrize(("ban", "reason"), [("false", "kicked"), ("true", "banned")])
@pytest.mark.slow
async def test_a_membership_that_is_over_is_cut_and_refused_over_both_doors(
    setup: Setup, ban: str, reason: str
) -> None:
    his = await setup.connect(setup.bob)
    member = f"/api/communities/{setup.lab}/members/{setup.bob_id}?ban={ban}&reason=no+manners"
    await setup.server.call("DELETE", member, setup.alice)
    await his.until(lambda: his.lost == {namespace_of(setup.lab)})
    ((event, data),) = [each for each in his.told if each[0] == "community-removed"]
    assert (event, data) == (
        "community-removed", {"communityId": setup.lab, "reason": reason, "why": "no manners"},
    )  # fmt: skip
    assert await setup.status(setup.bob, f"/api/communities/{setup.lab}/channels") == 404
    assert await setup.refused(setup.bob, namespace_of(setup.lab)) == "not-found"
    # the rest of the connection, and the account, are untouched
    answer = await his.sio.call("presence", {"status": "online"}, namespace=USER_NAMESPACE, timeout=5)
    assert answer == {"ok": True}
    assert await setup.status(setup.bob) == 200


def test_what_another_program_does_is_looked_for_twice_a_second() -> None:
    assert Database.LOOK_EVERY <= 0.5
