"""Hostile requests are answered in the one shape, or the connection is closed, and never with a traceback."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asnity_server import request_body
from asnity_server.http import runner
from asnity_server.http.peers import peer_of
from asnity_server.protocol import requests, routes
from asnity_server.protocol.limits import FRAME
from asnity_server.protocol.routes import Route
from asnity_server.rate_limits import Rate, Rates
from tests.api.harness import Person
from tests.http.harness import HttpHarness, HttpResponse, open_server

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
PLACES = st.one_of(
    st.just("general"),
    st.text(max_size=30),
    st.sampled_from(["", "..", "%00", "%ff", "%2e%2e", "a/b", "me", "0", "1", "-1", "1.0", "9" * 30, "１", "null"]),
)


class Cast:
    """A server with somebody signed in, and a community to send nonsense about."""

    def __init__(self, server: HttpHarness, alice: Person, general: str) -> None:
        self.server = server
        self.alice = alice
        self.general = general


@pytest.fixture
async def cast(server: HttpHarness) -> Cast:
    """Alice in her community, with one message."""
    alice = await server.harness.person("alice")
    general = await server.harness.general(await server.harness.community(alice))
    await server.harness.post(alice, general, "hello")
    return Cast(server, alice, general)


def _fine(answer: HttpResponse) -> None:
    """Anything but a defect, and errors in the one shape."""
    assert answer.status != 500
    if answer.status >= 400:
        assert answer.error["message"].isprintable()


def _fields(route: Route[Any, Any]) -> list[str]:
    return [*route.request.__struct_encode_fields__, "surprise"]


def _path(route: Route[Any, Any], data: st.DataObject, cast: Cast) -> str:
    path = route.path
    for name in ("communityId", "channelId", "chatId", "userId", "sessionId", "code"):
        if f"{{{name}}}" in path:
            drawn = data.draw(PLACES, label=name)
            real = {"channelId": cast.general, "communityId": cast.general[:12], "chatId": "1"}.get(name, "me")
            value = real if drawn == "general" else drawn
            path = path.replace(
                f"{{{name}}}", value if value.startswith("%") else quote(value, safe="", errors="replace")
            )
    return path


@pytest.mark.parametrize("route", routes.ROUTES, ids=lambda route: f"{route.method} {route.path}")
@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
async def test_nonsense_at_every_route(cast: Cast, route: Route[Any, Any], data: st.DataObject) -> None:
    path = _path(route, data, cast)
    person = data.draw(st.sampled_from([cast.alice, None]), label="person")
    alice = await cast.server.harness.device(cast.alice) if person is not None else None  # a session may be ended by it
    given_fields = data.draw(st.dictionaries(st.sampled_from(_fields(route)), JSON, max_size=4), label="fields")
    if route.method in ("GET", "DELETE"):
        pairs = [(name, str(value)[:200]) for name, value in given_fields.items()]
        query = "&".join(f"{name}={quote(value, safe='', errors='replace')}" for name, value in pairs)
        _fine(await cast.server.send(route.method, f"{path}?{query}", alice))
    else:
        body = json.dumps(given_fields, ensure_ascii=data.draw(st.booleans())).encode("utf-8", "surrogatepass")
        headers = {"Content-Type": "application/json"}
        _fine(await cast.server.send(route.method, path, alice, data=body, headers=headers))


BODIES: list[bytes] = [
    b"",
    b"{",
    b"[]",
    b"3",
    b"null",
    b'"text"',
    b"\xff\xfe\x00",
    b'{"content": "\\ud800"}',
    b'{"content": "a\\u0000b"}',
    b'{"content": "x", "content": 3}',
    b'{"content": "x", "channelId": "other"}',
    b'{"content": 1e400}',
    b'{"content": NaN}',
    b'{"content": "x", "replyTo": 1e3}',
    b'{"content": "x", "replyTo": 99999999999999999999999}',
    b'{"content": "x", "type": "SYSTEM"}',
    b'{"content": "x", "senderId": "somebody"}',
    b'{"content": {"$gt": ""}}',
    b'{"content": ["x"]}',
    b"[" * 60_000,
    b'{"a":' * 10_000,
    b'{"content": "' + b"\xed\xa0\x80" + b'"}',
]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
async def test_bodies_that_are_no_message(cast: Cast, body: bytes) -> None:
    """D2: the original took `type: SYSTEM` from whoever sent it, and looked at no field twice."""
    path = f"/api/channels/{cast.general}/messages"
    answer = await cast.server.send("POST", path, cast.alice, data=body, headers={"Content-Type": "application/json"})
    assert (answer.status, answer.error["code"]) == (400, "invalid")
    assert len((await cast.server.harness.history(cast.alice, cast.general)).messages) == 1


async def test_a_field_of_the_path_stands_nowhere_else(cast: Cast) -> None:
    """D2 and D14: two places for one id let them differ."""
    path = f"/api/channels/{cast.general}"
    answer = await cast.server.send("PATCH", path, cast.alice, json={"channelId": cast.general, "topic": "x"})
    assert (answer.status, answer.error["field"]) == (400, "channelId")
    answer = await cast.server.send("GET", f"{path}/messages?channelId={cast.general}", cast.alice)
    assert (answer.status, answer.error["field"]) == (400, "channelId")


async def test_an_id_is_only_an_id(cast: Cast) -> None:
    """D14: the original put ids into the address of an inner request, with the caller's own token."""
    for trick in (
        f"{cast.general}/messages/1",
        "../me",
        f"{cast.general}?limit=1",
        f"{cast.general}#",
        f"{cast.general}%2f",
    ):
        for method, end in (("GET", ""), ("GET", "/messages"), ("DELETE", ""), ("DELETE", "/messages/1")):
            answer = await cast.server.send(method, f"/api/channels/{quote(trick, safe='')}{end}", cast.alice)
            assert (answer.status, answer.error["code"]) == (404, "not-found")
    assert (await cast.server.harness.history(cast.alice, cast.general)).messages[0].content == "hello"


async def test_people_are_found_by_those_who_share_a_community(cast: Cast) -> None:
    """D10: the original let anyone search all people, without an account."""
    eve = await cast.server.harness.person("eve")
    lab, works = cast.general[:12], (await cast.server.harness.community(eve)).id
    for person, community_id, status, found in ((None, lab, 401, 0), (eve, lab, 404, 0), (eve, works, 200, 0)):
        answer = await cast.server.send("GET", f"/api/communities/{community_id}/users?ids={cast.alice.id}", person)
        assert answer.status == status
        assert len(answer.json.get("users", {})) == found


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=x", "limit"),
        ("limit=", "limit"),
        ("before=-1", "before"),
        ("before=1.5", "before"),
        ("before=9007199254740992", "before"),
        ("before=1&before=2", "before"),
        ("surprise=1", "surprise"),
        ("at=yesterday", "at"),
        ("ids=one", "ids"),
    ],
)
async def test_queries_that_are_none(cast: Cast, query: str, field: str) -> None:
    answer = await cast.server.send("GET", f"/api/channels/{cast.general}/messages?{query}", cast.alice)
    assert (answer.status, answer.error["code"], answer.error["field"]) == (400, "invalid", field)


async def test_what_is_in_the_wrong_place(cast: Cast) -> None:
    path = f"/api/channels/{cast.general}/messages"
    for method, where, more in (
        ("POST", f"{path}?content=x", {"json": {"content": "x"}}),
        ("GET", path, {"json": {}}),
        ("DELETE", f"{path}/1", {"json": {"nonce": "a"}}),
        ("POST", path, {"data": b"content=x", "headers": {"Content-Type": "application/x-www-form-urlencoded"}}),
        ("POST", path, {"data": gzip.compress(b'{"content": "x"}'), "headers": {"Content-Encoding": "gzip"}}),
    ):
        answer = await cast.server.send(method, where, cast.alice, **more)
        assert (answer.status, answer.error["code"]) == (400, "invalid")


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_over_the_limit(cast: Cast, chunked: bool) -> None:
    async def pieces() -> Any:
        for _ in range(FRAME // 1024 + 2):
            yield b" " * 1024

    body = pieces() if chunked else b" " * (FRAME + 1)
    path = f"/api/channels/{cast.general}/messages"
    answer = await cast.server.send("POST", path, cast.alice, data=body, headers={"Content-Type": "application/json"})
    assert (answer.status, answer.error["code"]) == (413, "too-large")
    fits = json.dumps({"content": "x"}).encode().ljust(FRAME)
    answer = await cast.server.send("POST", path, cast.alice, data=fits, headers={"Content-Type": "application/json"})
    assert answer.status == 201


async def test_content_over_the_limit(cast: Cast) -> None:
    """D2: the original looked at the length in the gateway only."""
    path = f"/api/channels/{cast.general}/messages"
    answer = await cast.server.send("POST", path, cast.alice, json={"content": "x" * 4001})
    assert (answer.status, answer.error["code"], answer.error["field"]) == (413, "too-large", "content")


@pytest.mark.slow
async def test_a_body_that_does_not_come_is_not_waited_for(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_body, "BODY_TIME", 0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", cast.server.port)
    head = f"POST /api/communities HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {cast.alice.token}\r\n"
    writer.write(f"{head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{".encode())
    async with asyncio.timeout(10):
        assert (await reader.readline()).startswith(b"HTTP/1.1 400")
        await reader.read()  # the connection ends
    writer.close()


@pytest.mark.parametrize("begun", [b"", b"GET /api/me HTTP/1.1\r\nHost: x\r\nX-Slow: "])
async def test_a_connection_that_asks_nothing_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(runner, "IDLE", 0.05)
    server = await open_server(tmp_path / "a.db")
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(begun)
    async with asyncio.timeout(10):
        assert await reader.read() == b""
    writer.close()
    await server.close()
    await server.harness.close()


RAW: list[bytes] = [
    b"GARBAGE\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET / HTTP/9.9\r\n\r\n",
    b"BREW /api/me HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 500 + b"\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nBad Header: y\r\n\r\n",
    b"POST /api/auth/sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /api/auth/sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: -3\r\n\r\n",
    b"POST /api/auth/sign-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
    b"GET /api/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\nConnection: close\r\n\r\n",
    b"GET /\xff%ff%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"GET http://[::1/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
]


@pytest.mark.parametrize("data", RAW, ids=range(len(RAW)))
async def test_what_is_no_http(server: HttpHarness, data: bytes, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(data)
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    assert answer.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4")) or answer == b""
    assert b"Traceback" not in answer
    assert "Traceback" not in caplog.text
    assert (await server.send("GET", "/healthz")).status == 200


async def test_methods(server: HttpHarness) -> None:
    alice = await server.harness.person("alice")
    head = await server.send("HEAD", "/api/me", alice)
    full = await server.send("GET", "/api/me", alice)
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", full.headers["Content-Length"])
    options = await server.send("OPTIONS", "/api/me")
    assert (options.status, options.headers["Allow"], options.body) == (204, "GET, HEAD, PATCH", b"")
    for method in ("POST", "PUT", "DELETE", "TRACE"):
        answer = await server.send(method, "/api/me", alice)
        assert (answer.status, answer.error["code"], answer.headers["Allow"]) == (405, "invalid", "GET, HEAD, PATCH")


async def test_answers_are_kept_by_nobody_and_shared_with_no_other_site(server: HttpHarness) -> None:
    """D10: the original let every site read what it answered."""
    for path, status in (("/api/server", 200), ("/api/me", 401), ("/nothing", 404), ("/healthz", 200)):
        answer = await server.send("GET", path, headers={"Origin": "https://evil.example"})
        assert answer.status == status
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]
        assert "aiohttp" not in answer.headers["Server"]
        assert "Set-Cookie" not in answer.headers


async def test_a_defect_is_an_incident_and_no_traceback(server: HttpHarness, caplog: pytest.LogCaptureFixture) -> None:
    answer = await server.send("GET", "/broken")
    assert (answer.status, answer.error["code"]) == (500, "internal")
    assert b"secret" not in answer.body
    incident = answer.error["message"].rpartition("incident ")[2].rstrip(").")
    assert f"incident {incident}" in caplog.text


async def test_how_long_to_wait_stands_in_the_header_too(tmp_path: Path) -> None:
    server = await open_server(tmp_path / "a.db", registration="open", rates=Rates(sign_up=Rate.parse("1/min")))
    body = {"username": "alice", "password": "tangerine"}
    assert (await server.send("POST", "/api/auth/sign-up", json=body)).status == 201
    answer = await server.send("POST", "/api/auth/sign-up", json=body)
    assert (answer.status, answer.error["code"]) == (429, "rate-limited")
    assert answer.headers["Retry-After"] == "60"
    assert answer.error["retryAfter"] == 60
    await server.close()
    await server.harness.close()


async def test_names_that_are_too_long_for_anybody_are_refused_as_wrong_and_not_kept(tmp_path: Path) -> None:
    """U+FDFA is eighteen characters once it is normalised: each such name would be remembered with 290 KB."""
    server = await open_server(tmp_path / "a.db", rates=Rates(sign_in=Rate.parse("10/min")))
    told = set()
    for number in range(10):
        name = "\ufdfa" * 4090 + str(number) if number else "nobody"
        answer = await server.send("POST", "/api/auth/sign-in", json={"username": name, "password": "wrong"})
        told.add((answer.status, answer.body))
    assert len(told) == 1
    assert told.pop()[0] == 401
    guesses = server.harness.api.password_limits
    limits = (guesses._pairs, guesses._addresses, guesses._strangers)
    assert sum(len(repr(key)) for limit in limits for key in limit._full_at) < 200
    answer = await server.send("POST", "/api/auth/sign-in", json={"username": "\ufdfa" * 4090, "password": "wrong"})
    assert answer.status == 429
    await server.close()
    await server.harness.close()


async def test_a_server_that_shuts_down_says_so(tmp_path: Path) -> None:
    server = await open_server(tmp_path / "a.db", registration="open")
    alice = await server.harness.person("alice")
    await server.harness.database.close()
    for method, path, more in (("GET", "/api/me", {}), ("PATCH", "/api/me", {"json": {"statusText": "x"}})):
        answer = await server.send(method, path, alice, **more)
        assert (answer.status, answer.error["code"]) == (503, "unavailable")
        assert "Retry-After" in answer.headers
    await server.close()
    server.harness.api.close()


async def test_secrets_never_reach_the_log(server: HttpHarness, caplog: pytest.LogCaptureFixture) -> None:
    """D9: the original printed the Authorization header and the messages."""
    caplog.set_level(logging.DEBUG)
    signed_up = await server.call(None, routes.SIGN_UP, requests.SignUp(username="alice", password="tangerine"))
    alice = Person("alice", signed_up.user.id, signed_up.token)
    general = await server.harness.general(await server.harness.community(alice))
    await server.send("POST", f"/api/channels/{general}/messages", alice, json={"content": "between us"})
    await server.send("POST", "/api/auth/sign-in", json={"username": "alice", "password": "a wrong one"})
    await server.send("GET", "/broken", alice)
    await server.send("GET", f"/api/channels/{general}/messages?before=x", alice)
    for secret in (alice.token, "tangerine", "a wrong one", "between us"):
        assert secret not in caplog.text


class _Transport:
    def __init__(self, peername: object) -> None:
        self._peername = peername

    def get_extra_info(self, name: str) -> object:
        return self._peername


@pytest.mark.parametrize(
    ("peername", "forwarded", "address", "loopback"),
    [
        (("127.0.0.1", 1), None, "127.0.0.1", True),
        (("::1", 1, 0, 0), None, "::/64", True),
        (("::ffff:127.0.0.1", 1, 0, 0), None, "127.0.0.1", True),
        (("192.0.2.1", 1), None, "192.0.2.1", False),
        (("2001:db8:1:2:3:4:5:6", 1, 0, 0), None, "2001:db8:1:2::/64", False),
        (("fe80::1%eth0", 1, 0, 2), None, "fe80::/64", False),
        ("", None, "local", False),
        (None, None, "local", False),
        # from who is no trusted proxy, the header only says that somebody forwards
        (("192.0.2.1", 1), "203.0.113.9", "192.0.2.1", False),
        (("127.0.0.1", 1), "203.0.113.9", "127.0.0.1", False),
        # from a trusted one, the first from the right that is none
        (("10.0.0.1", 1), "203.0.113.9", "203.0.113.9", False),
        (("10.0.0.1", 1), "1.1.1.1, 203.0.113.9, 10.0.0.2", "203.0.113.9", False),
        (("10.0.0.1", 1), "127.0.0.1", "127.0.0.1", False),
        (("10.0.0.1", 1), "203.0.113.9, nonsense", "10.0.0.1", False),
        (("10.0.0.1", 1), "", "10.0.0.1", False),
        (("10.0.0.1", 1), None, "10.0.0.1", False),
        (("10.0.0.1", 1), "10.0.0.3, 10.0.0.2", "10.0.0.3", False),
    ],
)
def test_where_a_request_comes_from(peername: object, forwarded: str | None, address: str, loopback: bool) -> None:
    headers = {"Host": "127.0.0.1:8440"} | ({} if forwarded is None else {"X-Forwarded-For": forwarded})
    request = make_mocked_request("GET", "/", headers=headers, transport=_Transport(peername))  # type: ignore[arg-type]
    peer = peer_of(request, [ip_network("10.0.0.0/8")])
    assert (peer.address, peer.loopback) == (address, loopback)


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("2001:db8:1:ffff::1", "2001:db8:1::/48"),
        ("2001:db8:2::1", "2001:db8:2::/48"),
        ("::ffff:192.0.2.1", None),
        ("192.0.2.1", None),
    ],
)
def test_the_site_that_an_address_belongs_to(address: str, site: str | None) -> None:
    request = make_mocked_request("GET", "/", transport=_Transport((address, 1, 0, 0)))  # type: ignore[arg-type]
    assert peer_of(request, ()).site == site


def test_every_field_that_a_path_names_is_in_its_struct() -> None:
    for route in routes.ROUTES:
        names = {each.encode_name for each in msgspec.structs.fields(route.request)}
        for part in route.path.split("/"):
            assert not part.startswith("{") or part.strip("{}") in names
