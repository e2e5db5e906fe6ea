"""Nonsense from a server ends in an answer or an error in words, and the client goes on."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from asnity_server.protocol import requests, routes
from asnity_server.protocol.errors import AsnityError
from asnity_server.protocol.events import EVENT_NAMES
from asnity_tui.client.transport.client import NoAnswer, Unreachable
from asnity_tui.client.transport.http import HttpTransport
from asnity_tui.client.transport.socket import SocketTransport
from tests.contract.harness import Recorder
from tests.fakes.raw_server import Line, raw_server

HERE = "comaaaaaaaab"
NAMESPACES = ("", "/", "/socket/user", f"/socket/commu-{HERE}", "/socket/commu-", "/elsewhere")
EXPLAINED = (Phase.explicit, Phase.reuse, Phase.generate)
"""No shrinking: where what is found is that something takes long, every step of it would."""

FIELDS = (
    "id",
    "channelId",
    "communityId",
    "rev",
    "error",
    "code",
    "message",
    "written",
    "ok",
    "chatInfo",
    "users",
    "data",
)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=5),
    max_leaves=12,
)


@st.composite
def packets(draw: st.DrawFn) -> str:
    """A packet that may look like one of Engine.IO and Socket.IO."""
    if draw(st.booleans()):
        return draw(st.text(max_size=30))
    kind = draw(st.sampled_from(["40", "41", "42", "43", "44", "45", "46", "2", "6", "47", "4"]))
    namespace = draw(st.sampled_from(NAMESPACES))
    number = draw(st.sampled_from(["", "0", "1", "2", "77", "99999999999"]))
    data = draw(values)
    if kind == "42":
        data = [draw(st.sampled_from((*EVENT_NAMES, "connect", "disconnect", "connect_error", "*", ""))), data]
    elif kind == "43":
        data = [data]
    return f"{kind}{namespace}{',' if namespace else ''}{number}{json.dumps(data)}"


def in_words(error: AsnityError) -> None:
    """A person can be told what an error says."""
    assert isinstance(error.info.message, str)
    assert error.info.code


async def tell(said: list[str]) -> None:
    """A connection on which the server says all this, and then tries to go on."""
    async with raw_server() as server:
        heard = Recorder()
        door = SocketTransport(server.url, "token", heard, timeout=1)
        await door.open()
        await door.enter(HERE)

        async def answer(line: Line, where: str, number: int, data: list[Any]) -> None:
            for each in said:
                await line.send(each)
            await line.acknowledge(where, number, {"ok": True})

        server.answer = answer
        try:
            await door.ask(HERE, routes.TYPING, requests.Typing(channel_id=f"{HERE}-aaaaaaaa"))
        except (NoAnswer, Unreachable):
            pass  # whoever asked drops such a connection
        except AsnityError as refused:
            in_words(refused)
        await door.close()
        assert len(heard.lost) <= 1


@settings(max_examples=60, deadline=None, phases=EXPLAINED, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(packets(), max_size=6))
def test_anything_may_come_over_the_socket(said: list[str]) -> None:
    asyncio.run(tell(said))


async def fetch(status: int, body: bytes) -> None:
    """A request that the server answers with this."""
    async with raw_server() as server:

        async def http(request: web.Request) -> web.Response:
            return web.Response(status=status, body=body, headers={"Retry-After": "soon", "Location": "//["})

        server.http = http
        door = HttpTransport(server.url, timeout=5)
        try:
            await door.call(routes.OVERVIEW, requests.Empty(), token="token")
        except AsnityError as refused:
            in_words(refused)
        finally:
            await door.close()


@settings(max_examples=40, deadline=None, phases=EXPLAINED, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([200, 201, 204, 206, 301, 304, 307, 400, 401, 404, 429, 500, 503, 599]),
    st.binary(max_size=50) | values.map(lambda value: json.dumps(value).encode()),
)
def test_anything_may_come_over_http(status: int, body: bytes) -> None:
    asyncio.run(fetch(status, body))
