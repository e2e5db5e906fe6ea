"""The reverse proxy of the tests sends everyone where they belong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import aiohttp
import pytest

from tests.fakes.reverse_proxy import ReverseProxy, reverse_proxy_to
from tests.fakes.stub_program import StubProgram

OPENING = "/socket.io/?EIO=4&transport=polling"


class Place:
    """An API program and two gateways behind a proxy."""

    def __init__(self) -> None:
        self.api, self.g1, self.g2 = StubProgram("api"), StubProgram("g1"), StubProgram("g2")
        self.proxy: ReverseProxy
        self.http: aiohttp.ClientSession
        self.second = AsyncExitStack()
        """Holds g2; closed, it listens no more."""

    async def ask(self, path: str, **more: object) -> list[str | None]:
        """One request; who answered it."""
        async with self.http.request("POST", path, **more) as answer:  # type: ignore[arg-type]
            found: list[str | None] = await answer.json()
            return found


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    place = Place()
    async with AsyncExitStack() as stack:
        for each in (place.api, place.g1):
            await stack.enter_async_context(each.listening())
        await stack.enter_async_context(place.second)
        await place.second.enter_async_context(place.g2.listening())
        gateways = {"g1": lambda: place.g1.port, "g2": lambda: place.g2.port}
        place.proxy = await stack.enter_async_context(reverse_proxy_to(lambda: place.api.port, gateways))
        place.http = await stack.enter_async_context(aiohttp.ClientSession(place.proxy.url))
        yield place


async def test_what_is_no_socket_is_for_the_api(place: Place) -> None:
    for path in ("/", "/api/me", "/socket.ioo/", "/api/socket.io/?sid=g1-x"):
        assert (await place.ask(path))[0] == "api"


async def test_newcomers_are_spread_and_sessions_stay(place: Place) -> None:
    assert [(await place.ask(OPENING))[0] for _ in range(4)] == ["g1", "g2", "g1", "g2"]
    assert [(await place.ask(f"{OPENING}&sid=g2-abc"))[0] for _ in range(3)] == ["g2"] * 3
    assert place.proxy.passed == {"g1": 2, "g2": 2}


async def test_the_address_of_who_asks_is_passed_on(place: Place) -> None:
    assert (await place.ask("/api/me"))[1] == "127.0.0.1"
    claimed = {"X-Forwarded-For": "192.0.2.1"}
    async with place.http.get("/api/me", headers=claimed) as answer:
        assert (await answer.json())[1] == "192.0.2.1"  # the first of two headers; the proxy's own is the last one


async def test_bodies_arrive_whole(place: Place) -> None:
    body = "x" * 1_000_000
    assert (await place.ask("/api/me", data=body))[2] == body


async def test_websockets_go_to_a_gateway(place: Place) -> None:
    for name in ("g1", "g2", "g1"):
        async with place.http.ws_connect("/socket.io/?EIO=4&transport=websocket") as socket:
            assert await socket.receive_str() == name
            await socket.send_str("hello")
            assert await socket.receive_str() == "hello"


async def test_a_gateway_that_does_not_listen_is_passed_over(place: Place) -> None:
    await place.second.aclose()
    assert [(await place.ask(OPENING))[0] for _ in range(3)] == ["g1"] * 3
    async with place.http.get(f"{OPENING}&sid=g2-abc") as answer:
        assert answer.status == 502
