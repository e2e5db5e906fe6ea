"""Input that once broke other servers, and must not break ours."""

from __future__ import annotations

import ast
import asyncio
import gzip
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from asnity_server import request_body
from asnity_server.config import ServerSettings
from asnity_server.http import runner
from asnity_server.protocol import requests, routes
from asnity_server.protocol.ids import namespace_of
from asnity_server.protocol.limits import FRAME
from tests.lessons.harness import LessonHarness
from tests.topology.deployment import EmbeddedDeployment, port_of

SERVER = Path(__file__).parents[2] / "asnity_server"


async def _closed(socket: aiohttp.ClientWebSocketResponse) -> int | None:
    """Wait for the end of a websocket; with which code it was closed."""
    async with asyncio.timeout(10):
        while True:
            message = await socket.receive()
            if message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR):
                return socket.close_code


async def _talks(harness: LessonHarness) -> bool:
    """The server still does its work."""
    return (await harness.http("GET", "/readyz")).status == 200


# Web pages and frames


async def test_a_web_page_elsewhere_opens_no_socket(harness: LessonHarness) -> None:
    """python-engineio CVE-2019-13611: cross-site WebSocket hijacking."""
    for origin in ("https://evil.example", "null", "http://127.0.0.1"):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with harness.socket(Origin=origin):
                pass
        assert refused.value.status == 400
    answer = await harness.http("GET", "/socket.io/?EIO=4&transport=polling")
    assert answer.status == 200
    assert "Set-Cookie" not in answer.headers
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_a_frame_beyond_the_limit_ends_the_connection(harness: LessonHarness) -> None:
    """python-engineio before 4.13.2 took frames of any size from aiohttp."""
    async with harness.socket() as socket:
        await socket.send_str("4" + "x" * FRAME)
        assert await _closed(socket) == 1009
    assert await _talks(harness)


async def test_a_message_in_pieces_is_measured_whole(harness: LessonHarness) -> None:
    """aiohttp CVE-2026-54274: incomplete frames got around the limit."""
    async with harness.socket() as socket:
        writer = socket._writer
        for number in range(10):
            first, last = number == 0, number == 9
            frame = bytes(((0x80 if last else 0) | (1 if first else 0), 0x80 | 126))
            size = FRAME // 4
            data = frame + size.to_bytes(2, "big") + b"\0\0\0\0" + b"x" * size
            try:
                writer.transport.write(data)
            except ConnectionError:
                break
        assert await _closed(socket) in (1009, 1006)
    assert await _talks(harness)


async def test_a_flood_of_pongs_starts_nothing(harness: LessonHarness) -> None:
    """python-engineio before 4.13.2 started a task for each PONG."""
    async with harness.socket() as socket:
        before = len(asyncio.all_tasks())
        for _ in range(2000):
            await socket.send_str("3")
        await socket.send_str("40/socket/user,{}")
        assert (await socket.receive_str()).startswith("44/socket/user,")
        assert len(asyncio.all_tasks()) <= before + 5


async def test_attachments_are_never_awaited(harness: LessonHarness) -> None:
    """python-socketio CVE-2026-48804, socket.io-parser CVE-2026-33151: binary parts held without end."""
    lab, (alice,) = await harness.lab("alice")
    async with harness.socket() as socket:
        await harness.enter(socket, lab, alice)
        await socket.send_str(f'45999999999-{namespace_of(lab)},1["chat",{{"_placeholder":true,"num":0}}]')
        answer = await socket.receive_str()
        assert answer.startswith(f"43{namespace_of(lab)},1[")
        assert '"invalid"' in answer
        for _ in range(100):
            await socket.send_bytes(b"x" * 1000)
        await socket.send_str(f'42{namespace_of(lab)},2["join",{{}}]')
        assert '"ok":true' in await socket.receive_str()


async def test_too_many_packets_in_one_poll(harness: LessonHarness) -> None:
    """engineio's payload denial of service (kill-engine-io): thousands of packets in one request."""
    opened = await harness.http("GET", "/socket.io/?EIO=4&transport=polling")
    sid = json.loads(opened.text[1:])["sid"]
    flood = "\x1e".join(["3"] * 30_000)
    answer = await harness.http("POST", f"/socket.io/?EIO=4&transport=polling&sid={sid}", data=flood)
    assert answer.status == 400
    assert await _talks(harness)


@pytest.mark.parametrize(
    "name", ["error", "connect", "disconnect", "connect_error", "__class__", "toString", "newListener"]
)
async def test_events_with_a_meaning_to_libraries_are_unknown_here(harness: LessonHarness, name: str) -> None:
    """socket.io CVE-2024-38355 (an event named error), CVE-2020-36049 (names from the prototype)."""
    lab, (alice,) = await harness.lab("alice")
    async with harness.socket() as socket:
        await harness.enter(socket, lab, alice)
        await socket.send_str(f"42{namespace_of(lab)},1{json.dumps([name, {}])}")
        assert '"not-found"' in await socket.receive_str()
        await socket.send_str(f'42{namespace_of(lab)},2["join",{{}}]')
        assert '"ok":true' in await socket.receive_str()


async def test_ids_of_connections_cannot_be_guessed(harness: LessonHarness) -> None:
    """socket.io CVE-2017-16031: ids that could be predicted."""
    sids = set()
    for _ in range(20):
        opened = await harness.http("GET", "/socket.io/?EIO=4&transport=polling")
        sids.add(json.loads(opened.text[1:])["sid"])
    assert len(sids) == 20
    assert min(map(len, sids)) >= 20
    assert len({each[:8] for each in sids}) == 20


async def test_nothing_is_compressed_on_the_way_in_or_out(harness: LessonHarness) -> None:
    """aiohttp 3.13.3: a few bytes that unpack to gigabytes. And a deflate state for each socket."""
    bomb = gzip.compress(b" " * 50_000_000)
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    answer = await harness.http("POST", "/api/auth/sign-in", data=bomb, headers=headers)
    assert answer.status in (400, 413)
    async with aiohttp.ClientSession(harness.server.url) as http:
        address = "/socket.io/?EIO=4&transport=websocket"
        async with http.ws_connect(address, compress=15) as socket:
            assert "Sec-WebSocket-Extensions" not in socket._response.headers


# HTTP


async def _raw(harness: LessonHarness, data: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(harness.server.http_url))
    writer.write(data)
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 4\r\nContent-Length: 5\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        b"Content-Length: +4\r\n",
        b"Content-Length : 4\r\n",
        b"Transfer-Encoding:\x0bchunked\r\n",
    ],
)
async def test_requests_that_two_servers_would_read_differently(harness: LessonHarness, headers: bytes) -> None:
    """aiohttp's smuggling family (CVE-2023-37276 and after): one message for the proxy, two for the server."""
    hidden = b"GET /api/server HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = await _raw(
        harness, b"POST /api/auth/sign-in HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n0\r\n\r\n" + hidden
    )
    assert answer.startswith((b"HTTP/1.0 400", b"HTTP/1.1 400"))
    assert answer.count(b"HTTP/1.") == 1


async def test_a_request_that_never_ends_is_ended(tmp_path: Path) -> None:
    """Slow loris: half a request holds a connection for an hour where nobody looks."""
    async with EmbeddedDeployment(ServerSettings(port=0, data=tmp_path)) as deployment:
        server = deployment.server._runner.server
    assert server is not None
    assert server._kwargs["keepalive_timeout"] == runner.IDLE <= 75  # type: ignore[attr-defined]
    assert request_body.BODY_TIME <= 10


async def test_no_file_of_the_server_is_served(harness: LessonHarness) -> None:
    """aiohttp CVE-2024-23334: paths that lead out of a folder of static files."""
    for path in (
        "/../etc/passwd",
        "/static/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/.git/config",
        "//etc/passwd",
    ):
        answer = await _raw(harness, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        assert answer.startswith(b"HTTP/1.1 404"), path


async def test_no_route_is_of_files(tmp_path: Path) -> None:
    """The same."""
    async with EmbeddedDeployment(ServerSettings(port=0, data=tmp_path)) as deployment:
        app = deployment.server._runner.app
    assert app is not None
    assert not [each for each in app.router.resources() if "Static" in type(each).__name__]


async def test_a_verb_is_what_it_is(harness: LessonHarness) -> None:
    """ergo #2239, and servers that let a header or a field name another verb."""
    _, (alice,) = await harness.lab("alice")
    for header in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        await harness.http("GET", "/api/auth/sessions", alice.client.token, headers={header: "DELETE"})
        answer = await harness.http(
            "POST", "/api/me", alice.client.token, headers={header: "GET"}, json={"_method": "GET"}
        )
        assert answer.status == 405
    for verb in ("get", "TRACE", "PROPFIND", "GETT"):
        answer = await harness.http(verb, "/api/me")
        assert answer.status in (400, 401, 405)
        assert answer.status != 200


@pytest.mark.parametrize("value", [{"$ne": ""}, {"$regex": ".*"}, ["alice"], 1, True, None])
async def test_where_a_text_belongs_nothing_else_is_taken(harness: LessonHarness, value: Any) -> None:
    """Rocket.Chat CVE-2021-22910, CVE-2026-30833: objects in the place of texts, over HTTP and over the socket."""
    lab, (alice,) = await harness.lab("alice")
    general = await alice.general(lab)
    for body in ({"username": value, "password": "tangerine"}, {"username": "alice", "password": value}):
        answer = await harness.http("POST", "/api/auth/sign-in", json=body)
        assert (answer.status, answer.code) == (400, "invalid")
    if value is not None:
        answer = await harness.http("PATCH", "/api/me", alice.client.token, json={"displayName": value})
        assert (answer.status, answer.code) == (400, "invalid")
    async with harness.socket() as socket:
        await socket.send_str(f"40{namespace_of(lab)},{json.dumps({'token': value})}")
        assert (await socket.receive_str()).startswith(f"44{namespace_of(lab)},")
        await harness.enter(socket, lab, alice)
        for payload in (
            {"chatType": "new", "channelId": value, "content": "x"},
            {"chatType": value, "channelId": general, "content": "x"},
            {"chatType": "new", "channelId": general, "content": value},
            value,
        ):
            await socket.send_str(f"42{namespace_of(lab)},1{json.dumps(['chat', payload])}")
            assert '"invalid"' in await socket.receive_str()


async def test_one_malformed_request_spoils_nobodys_overview(harness: LessonHarness) -> None:
    """Synapse CVE-2024-52815: one malformed invite, and a person could not synchronise any more."""
    lab, (alice, bob) = await harness.lab("alice", "bob")
    general, token = await alice.general(lab), bob.client.token
    nasty = [
        "",
        "\x00",
        "\ud800",
        "\u202e",
        "x" * 5000,
        "{",
        "'; DROP TABLE users; --",
        "%00",
        "../..",
        "\U0001f468\u200d" * 40,
    ]
    for text in nasty:
        for method, path, body in (
            ("POST", "/api/communities", {"name": text, "description": text}),
            ("POST", f"/api/communities/{lab}/channels", {"name": text, "kind": "public", "topic": text}),
            ("POST", f"/api/communities/{lab}/invites", {"channelId": text}),
            ("POST", f"/api/communities/{lab}/direct", {"userIds": [text]}),
            ("POST", f"/api/channels/{general}/messages", {"content": text, "nonce": text}),
            ("PATCH", "/api/me", {"displayName": text, "statusText": text}),
            ("PUT", f"/api/channels/{general}/members/me", {}),
        ):
            data = json.dumps(body).encode("utf-8", "surrogatepass")
            answer = await harness.http(method, path, token, data=data, headers={"Content-Type": "application/json"})
            assert answer.status < 500, (path, text)
    for each in (alice, bob):
        overview = await each.call(routes.OVERVIEW, requests.Empty())
        assert lab in {one.community.id for one in overview.communities}
        await each.open(lab)
        assert general in {one.channel_id for one in (await each.join(lab)).joined}


# What the program never does


def _sources() -> list[tuple[Path, ast.Module]]:
    return [(path, ast.parse(path.read_text())) for path in sorted(SERVER.rglob("*.py"))]


def _imported(tree: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
    return found


def test_nothing_is_unpickled_or_run() -> None:
    """python-socketio CVE-2025-61765: pickles in the queue between servers ran what they held."""
    for path, tree in _sources():
        assert _imported(tree).isdisjoint({"pickle", "marshal", "shelve", "dill", "yaml", "subprocess"}), path
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("eval", "exec", "compile", "__import__"), path


def test_the_server_opens_no_connection_to_where_somebody_says() -> None:
    """Campfire 5667262, ergo GHSA-7pw8-m2w2-f545: servers that fetched what they were told to. Ours never does."""
    clients = {
        "urllib.request",
        "http.client",
        "requests",
        "httpx",
        "aiohttp.ClientSession",
        "socket",
        "smtplib",
        "ftplib",
    }
    for path, tree in _sources():
        if path.name == "address.py":
            continue  # where an API program is, which a gateway links to, its host alone says
        listens = path.name == "listening.py"  # the one place that opens sockets for clients, to listen on them
        assert _imported(tree).isdisjoint(clients - {"socket"} if listens else clients), path
        for node in ast.walk(tree):
            if listens and isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".connect"):
                # where it connects to (without sending anything, to learn its own address) is nobody's choice
                assert {each.id for each in ast.walk(node) if isinstance(each, ast.Name)} <= {
                    "asking",
                    "family",
                    "socket",
                }
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("ClientSession", "open_connection", "create_connection", "urlopen"), path
