"""Debian's nginx, as hosting.md has it, in front of two gateways and an API."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from tests.fakes.nginx import Nginx, printed_configuration
from tests.fakes.stub_program import StubProgram

pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not here")]

OPENING = "/socket.io/?EIO=4"
POLLING = f"{OPENING}&transport=polling"
API, G1, G2 = 8440, 8451, 8452
"""The ports that hosting.md has."""


class Stubs:
    """nginx in front of programs that say who they are."""

    def __init__(self) -> None:
        self.programs = {API: StubProgram("api"), G1: StubProgram("g1"), G2: StubProgram("g2")}
        self.second = AsyncExitStack()
        """Holds g2; closed, it listens no more."""
        self.http: aiohttp.ClientSession

    async def ask(self, path: str, **more: object) -> list[str | None]:
        """One request; who answered it, from which address it came, and its body."""
        async with self.http.request("POST", path, **more) as answer:  # type: ignore[arg-type]
            assert answer.status == 200, await answer.text()
            found: list[str | None] = await answer.json()
            return found


@pytest.fixture
async def stubs(tmp_path: Path) -> AsyncIterator[Stubs]:
    stubs = Stubs()
    async with AsyncExitStack() as stack:
        for port in (API, G1):
            await stack.enter_async_context(stubs.programs[port].listening())
        await stack.enter_async_context(stubs.second)
        await stubs.second.enter_async_context(stubs.programs[G2].listening())
        nginx = Nginx(tmp_path, {printed: program.port for printed, program in stubs.programs.items()})
        await nginx.start()
        stack.push_async_callback(nginx.close)
        connector = aiohttp.TCPConnector(ssl=nginx.trust)
        stubs.http = await stack.enter_async_context(aiohttp.ClientSession(nginx.url, connector=connector))
        yield stubs


async def test_sockets_go_to_gateways_and_the_rest_to_the_api(stubs: Stubs) -> None:
    for path in ("/", "/api/me", "/socket.ioo/", "/api/socket.io/?sid=g1-x", "/invite/abc", "/healthz"):
        assert (await stubs.ask(path))[0] == "api"
    assert {(await stubs.ask(POLLING))[0] for _ in range(4)} == {"g1", "g2"}


async def test_a_session_stays_at_the_gateway_that_began_it(stubs: Stubs) -> None:
    for name in ("g1", "g2"):
        assert {(await stubs.ask(f"{POLLING}&sid={name}-abc"))[0] for _ in range(4)} == {name}
        path = f"{OPENING}&transport=websocket&sid={name}-abc"
        for _ in range(2):
            async with stubs.http.ws_connect(path) as upgraded:
                assert await upgraded.receive_str() == name


async def test_websockets_are_spread_and_carry_both_ways(stubs: Stubs) -> None:
    async with AsyncExitStack() as stack:
        sockets = [
            await stack.enter_async_context(stubs.http.ws_connect(f"{OPENING}&transport=websocket")) for _ in range(4)
        ]
        assert sorted([await each.receive_str() for each in sockets]) == ["g1", "g1", "g2", "g2"]
        for each in sockets:
            await each.send_str("hello")
            assert await each.receive_str() == "hello"


async def test_the_address_is_that_of_who_asks(stubs: Stubs) -> None:
    for path in ("/api/me", POLLING, f"{POLLING}&sid=g2-abc"):
        assert (await stubs.ask(path))[1] == "127.0.0.1"
        claimed = {"X-Forwarded-For": "192.0.2.1"}
        assert (await stubs.ask(path, headers=claimed))[1] == "192.0.2.1, 127.0.0.1"  # the right one counts


async def test_bodies_arrive_whole_up_to_what_a_server_may_take(stubs: Stubs) -> None:
    body = "x" * 100_000
    assert (await stubs.ask("/api/me", data=body))[2] == body
    async with stubs.http.post("/api/me", data="x" * 200_000) as answer:
        assert answer.status == 413


async def test_newcomers_pass_over_a_gateway_that_does_not_listen(stubs: Stubs) -> None:
    await stubs.second.aclose()
    for _ in range(4):
        async with stubs.http.get(POLLING) as answer:
            assert (await answer.json())[0] == "g1"
        async with stubs.http.ws_connect(f"{OPENING}&transport=websocket") as socket:
            assert await socket.receive_str() == "g1"
    async with stubs.http.get(f"{POLLING}&sid=g2-abc") as answer:
        assert answer.status == 502


def test_it_waits_longer_than_pings_take() -> None:
    from asnity_server.gateway.delivery.socketio_server import PING_INTERVAL, PING_TIMEOUT

    for name in ("read", "send"):
        found = re.search(rf"proxy_{name}_timeout (\d+)s;", printed_configuration())
        assert found is not None
        assert int(found.group(1)) > PING_INTERVAL + PING_TIMEOUT
