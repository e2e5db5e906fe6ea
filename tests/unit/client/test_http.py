"""The HTTP door: what goes out, and what becomes of every kind of answer."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp import web

from asnity_server.protocol import errors, requests, routes
from asnity_server.protocol.models import Counters
from asnity_tui.client.transport.client import NoAnswer, Unreachable
from asnity_tui.client.transport.http import HttpTransport
from tests.fakes.proxy import proxy_to
from tests.fakes.raw_server import RawServer, raw_server

ME = {"id": "useraaaaaaab", "username": "alice", "displayName": "Alice", "statusText": ""}


@pytest.fixture
async def door(server: RawServer) -> AsyncIterator[HttpTransport]:
    door = HttpTransport(server.url, timeout=5)
    yield door
    await door.close()


def answering(server: RawServer, body: Any, status: int = 200, **headers: str) -> list[web.Request]:
    """Let the server answer everything with this; the requests that it gets."""
    got: list[web.Request] = []

    async def http(request: web.Request) -> web.Response:
        await request.read()
        got.append(request)
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return web.Response(body=data, status=status, headers=headers)

    server.http = http
    return got


async def test_path_query_and_body_are_laid_out_by_the_route(server: RawServer, door: HttpTransport) -> None:
    got = answering(server, {"messages": [], "hasOlder": False, "hasNewer": False, "rev": 0, "users": {}})
    await door.call(routes.HISTORY, requests.History(channel_id="c-1", before=5), token="t")
    assert (got[0].method, got[0].path) == ("GET", "/api/channels/c-1/messages")
    assert dict(got[0].query) == {"before": "5", "limit": "50"}
    assert got[0].headers["Authorization"] == "Bearer t"
    counters = {"lastId": 1, "rev": 1, "readId": 1, "unread": 0, "mentions": 0}
    got = answering(server, counters)
    answer = await door.call(routes.READ_MARKER, requests.MoveReadMarker(channel_id="c-1", read_id=1), token="t")
    assert answer == Counters(last_id=1, rev=1, read_id=1, unread=0, mentions=0)
    assert await got[0].json() == {"readId": 1, "setBack": False}


async def test_a_path_is_never_more_than_one_step(server: RawServer, door: HttpTransport) -> None:
    got = answering(server, {"error": {"code": "not-found", "message": "No."}}, 404)
    with pytest.raises(errors.NotFound):
        await door.call(routes.INVITE, requests.OfInvite(code="a/../b?c#d"), token=None)
    assert got[0].raw_path == "/api/invites/a%2F..%2Fb%3Fc%23d"
    assert "Authorization" not in got[0].headers
    for code in ("", ".", ".."):
        with pytest.raises(errors.Invalid):
            await door.call(routes.INVITE, requests.OfInvite(code=code), token=None)


async def test_a_refusal_is_raised_as_what_it_is(server: RawServer, door: HttpTransport) -> None:
    answering(server, {"error": {"code": "rate-limited", "message": "Slowly.", "retryAfter": 2.5}}, 429)
    with pytest.raises(errors.RateLimited) as refused:
        await door.call(routes.ME, requests.Empty(), token="t")
    assert (str(refused.value), refused.value.info.retry_after) == ("Slowly.", 2.5)


@pytest.mark.parametrize(
    ("status", "body", "refusal"),
    [
        (200, b"", errors.Internal),
        (200, b"<html>", errors.Internal),
        (200, b"[]", errors.Internal),
        (200, b'{"id": 5}', errors.Internal),
        (200, b"\xff\xfe", errors.Internal),
        (200, b"[" * 100_000, errors.Internal),
        (404, b"<html>not here</html>", errors.Internal),
        (418, b'{"error": "teapot"}', errors.Internal),
        (400, b'{"error": {"code": "made-up", "message": 5}}', errors.Internal),
        (500, b"oops", errors.Internal),
        (502, b"<html>bad gateway</html>", errors.Unavailable),
        (503, b"", errors.Unavailable),
        (413, b"", errors.TooLarge),
        (429, b"", errors.RateLimited),
    ],
)
async def test_nonsense_becomes_an_error_in_words(
    server: RawServer, door: HttpTransport, status: int, body: bytes, refusal: type[Exception]
) -> None:
    answering(server, body, status)
    with pytest.raises(refusal) as refused:
        await door.call(routes.ME, requests.Empty(), token="t")
    assert str(refused.value).endswith(".")


async def test_unknown_fields_are_ignored(server: RawServer, door: HttpTransport) -> None:
    answering(server, ME | {"shoeSize": 42})
    assert (await door.call(routes.ME, requests.Empty(), token="t")).username == "alice"


async def test_our_token_follows_no_redirect(server: RawServer, door: HttpTransport) -> None:
    async with raw_server() as elsewhere:
        got = answering(elsewhere, ME)
        answering(server, b"", 307, Location=f"{elsewhere.url}/api/me")
        with pytest.raises(errors.Internal) as refused:
            await door.call(routes.ME, requests.Empty(), token="t")
        assert "127.0.0.1" in str(refused.value)
        assert got == []


async def test_an_answer_without_end_is_not_read_to_its_end(
    server: RawServer, door: HttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asnity_tui.client.transport.http.ANSWER_LIMIT", 200_000)

    async def http(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" " * 50_000)

    server.http = http
    with pytest.raises(errors.Internal):
        await door.call(routes.ME, requests.Empty(), token="t")


@pytest.mark.parametrize("token", [None, "", "two words", "line\nbreak", "귤"])
async def test_what_can_not_be_a_token_is_not_sent(server: RawServer, door: HttpTransport, token: str | None) -> None:
    got = answering(server, ME)
    with pytest.raises(errors.Unauthorized):
        await door.call(routes.ME, requests.Empty(), token=token)
    assert got == []


async def test_a_refused_connection_is_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        door = HttpTransport(f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(Unreachable, match="Nothing answers at"):
            await door.call(routes.SERVER, requests.Empty(), token=None)
        await door.close()


async def test_https_to_a_server_without_it_is_unreachable(server: RawServer) -> None:
    door = HttpTransport(server.url.replace("http:", "https:"))
    with pytest.raises(Unreachable, match=r"doesn.t speak TLS.*http:"):
        await door.call(routes.SERVER, requests.Empty(), token=None)
    await door.close()


@pytest.mark.parametrize(
    ("issued", "told"),
    [
        ({"identities": ["127.0.0.1"], "expires": -1}, "has expired"),
        ({"identities": ["chat.example.org"], "expires": 9}, "is not for 127.0.0.1"),
        ({"identities": ["127.0.0.1"], "expires": 9, "stranger": True}, "SSL_CERT_FILE"),
    ],
)
async def test_what_is_wrong_with_a_certificate_is_said_with_what_to_do(
    issued: dict[str, Any], told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    known, stranger = trustme.CA(), trustme.CA()
    known.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", ssl.create_default_context())
    ends = datetime.now(UTC) + timedelta(days=issued["expires"])
    leaf = (stranger if "stranger" in issued else known).issue_cert(*issued["identities"], not_after=ends)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    leaf.configure_cert(context)
    served = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    door = HttpTransport(f"https://127.0.0.1:{served.sockets[0].getsockname()[1]}")
    with pytest.raises(Unreachable, match=told):
        await door.call(routes.SERVER, requests.Empty(), token=None)
    await door.close()
    served.close()
    await served.wait_closed()


@pytest.mark.parametrize(
    "answer",
    [
        b"\x15\x03\x01\x00\x02\x02\x46",  # a TLS alert, as servers send it to whom doesn't speak TLS
        b"HTTP/1.1 400 Bad Request\r\nContent-Length: 52\r\n\r\nThe plain HTTP request was sent to HTTPS port (nginx)",
    ],
)
async def test_plain_http_to_a_server_with_tls_says_what_to_write(answer: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    served = await asyncio.start_server(talk, "127.0.0.1", 0)
    door = HttpTransport(f"http://127.0.0.1:{served.sockets[0].getsockname()[1]}")
    with pytest.raises(errors.Internal, match="https://"):
        await door.call(routes.SERVER, requests.Empty(), token=None)
    await door.close()
    served.close()
    await served.wait_closed()


async def test_no_answer_in_time_is_an_unknown_outcome(server: RawServer) -> None:
    forever = asyncio.Event()

    async def http(request: web.Request) -> web.StreamResponse:
        await forever.wait()
        return web.Response()

    server.http = http
    door = HttpTransport(server.url, timeout=0.05)
    with pytest.raises(NoAnswer):
        await door.call(routes.CREATE_COMMUNITY, requests.CreateCommunity(name="Lab"), token="t")
    forever.set()
    await door.close()


async def test_a_connection_that_is_cut_before_the_answer_is_an_unknown_outcome(server: RawServer) -> None:
    got = answering(server, ME)
    async with proxy_to(server.port) as proxy:
        door = HttpTransport(proxy.url)
        sprung = proxy.cut_next("down", forward=False)
        with pytest.raises(NoAnswer):
            await door.call(routes.CREATE_COMMUNITY, requests.CreateCommunity(name="Lab"), token="t")
        assert sprung.is_set()
        assert len(got) == 1
        assert (await door.call(routes.ME, requests.Empty(), token="t")).username == "alice"
        await door.close()


async def test_half_an_answer_is_no_answer(server: RawServer) -> None:
    answering(server, {"padding": "x" * 300_000})
    async with proxy_to(server.port) as proxy:
        door = HttpTransport(proxy.url)
        proxy.cut_next("down", forward=True)
        with pytest.raises(NoAnswer):
            await door.call(routes.ME, requests.Empty(), token="t")
        await door.close()
