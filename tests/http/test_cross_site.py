"""Pages of other sites, in the browser of somebody at the server: they make no account and read no figures."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.http.harness import HttpHarness, open_server

SIGN_UP = "/api/auth/sign-up"
ALICE = json.dumps({"username": "alice", "password": "tangerine"}).encode()
JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def public(tmp_path: Path) -> AsyncIterator[HttpHarness]:
    """A server without accounts that people reach as https://chat.example.org, on a machine called `box`."""
    server = await open_server(
        tmp_path / "a.db", (ip_network("10.0.0.1"),), names=("box",), public_url=lambda: "https://chat.example.org"
    )
    yield server
    await server.close()
    await server.harness.close()


async def _post(
    server: HttpHarness, headers: dict[str, str | None], path: str = SIGN_UP, body: bytes = ALICE
) -> tuple[int, str]:
    """Exactly these headers (PORT is the server's), over a connection of its own; None leaves one out."""
    sent = {"Host": f"127.0.0.1:{server.port}", "Content-Length": str(len(body)), "Connection": "close", **headers}
    lines = [f"{name}: {value.replace('PORT', str(server.port))}" for name, value in sent.items() if value is not None]
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write("\r\n".join([f"POST {path} HTTP/1.1", *lines, "", ""]).encode("utf-8", "surrogateescape") + body)
    head, _, told = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    status = int(head.split()[1])
    return status, "" if status < 400 else json.loads(told)["error"]["code"]


FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://127.0.0.1:9"},  # another program's page on the same machine
    {"Origin": "http://127.0.0.1"},
    {"Origin": "http://localhost:PORT"},  # the browser was sent to another name
    {"Origin": "https://127.0.0.1.evil.example:PORT"},
    {"Origin": "chrome-extension://abcdefghijklmnop"},
    {"Origin": "file://"},
    {"Origin": "http://[::1"},
    {"Origin": "http://127.0.0.1:99999999"},
    {"Origin": "http://chat.example.org"},
    {"Origin": "https://chat.example.org:8443"},
    {"Origin": "https://chat.example.org.evil.example"},
    {"Origin": "https://evil.example\udcff"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:PORT"},
    {"Host": "evil.example:PORT", "Origin": "http://evil.example:PORT", "Sec-Fetch-Site": "same-origin"},  # rebound
    {"Host": "box:PORT", "Origin": "http://box.evil.example:PORT"},
]
OWN = [
    {},  # asnity-tui, and curl
    {"Origin": "http://127.0.0.1:PORT"},
    {"Origin": "http://localhost:PORT", "Host": "localhost:PORT"},
    {"Origin": "http://[::1]:PORT", "Host": "[::1]:PORT"},
    {"Origin": "https://chat.example.org", "Sec-Fetch-Site": "same-origin"},
    {"Origin": "https://chat.example.org:443"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Mode": "cors"},  # what fetch of Node says, and nothing else
    {"Host": "box:PORT"},
    {"Host": "BOX:PORT"},
    {"Host": "localhost.:PORT"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
async def test_a_page_of_another_site_makes_no_account(public: HttpHarness, headers: dict[str, str]) -> None:
    assert await _post(public, {**JSON, **headers}) == (403, "forbidden")
    assert await _post(public, {**JSON, **headers}, "/api/auth/sign-in") == (403, "forbidden")
    assert await public.harness.sql("SELECT count(*) FROM users") == [(0,)]


@pytest.mark.parametrize("headers", OWN, ids=str)
async def test_programs_and_pages_of_the_server_itself_make_the_first_account(
    public: HttpHarness, headers: dict[str, str | None]
) -> None:
    assert await _post(public, {**JSON, **headers}) == (201, "")
    assert await public.harness.sql("SELECT username FROM users") == [("alice",)]


@pytest.mark.parametrize(
    "kind",
    [
        None,  # a page may send bytes of no kind at all
        "",
        "text/plain",
        "text/plain;application/json",
        "application/octet-stream",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=application/json",
        "application/jsonx",
    ],
)
async def test_what_a_form_can_send_makes_no_account(public: HttpHarness, kind: str | None) -> None:
    assert await _post(public, {"Content-Type": kind}) == (400, "invalid")
    assert await _post(public, {"Content-Type": kind}, "/api/auth/sign-in") == (400, "invalid")
    assert await public.harness.sql("SELECT count(*) FROM users") == [(0,)]


async def test_nobody_is_allowed_to_ask_first_what_a_page_may_send(public: HttpHarness) -> None:
    asking = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    answer = await public.send("OPTIONS", SIGN_UP, headers=asking)
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example:PORT"},  # its name leads here
        {"Host": "localhost.evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "evil.example@127.0.0.1.evil.example"},
        {"Host": "box.evil.example:PORT"},
        {"Host": "chat.example.org"},  # a proxy that says nothing of itself
        {"Host": "[::1"},
        {"Host": ""},
        {"X-Forwarded-For": "192.0.2.7"},
        {"X-Forwarded-Host": "chat.example.org"},
        {"X-Forwarded-Proto": "https"},
        {"X-Real-IP": "127.0.0.1"},
        {"Forwarded": "for=192.0.2.7"},
        {"Via": "1.1 proxy"},
    ],
    ids=str,
)
async def test_who_comes_by_another_name_or_a_proxy_needs_the_set_up_code(
    public: HttpHarness, headers: dict[str, str]
) -> None:
    assert await _post(public, {**JSON, **headers}) == (403, "forbidden")
    body = json.dumps({"username": "alice", "password": "tangerine", "setupCode": "set-up"}).encode()
    assert await _post(public, {**JSON, **headers}, body=body) == (201, "")


async def test_a_proxy_that_asks_by_an_old_version_is_not_taken_for_this_machine(public: HttpHarness) -> None:
    """By itself nginx asks by HTTP/1.0, with the name of the server behind it and nothing of the client."""
    reader, writer = await asyncio.open_connection("127.0.0.1", public.port)
    head = f"POST {SIGN_UP} HTTP/1.0\r\nHost: 127.0.0.1:{public.port}\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Content-Length: {len(ALICE)}\r\n\r\n".encode() + ALICE)
    assert b" 403 " in (await reader.read())[:20]
    writer.close()


async def test_with_a_token_the_kind_and_the_origin_of_a_change_do_not_matter(public: HttpHarness) -> None:
    """No page knows a token, and no browser adds one."""
    alice = await public.harness.person("alice")
    headers: dict[str, str | None] = {"Authorization": f"Bearer {alice.token}", "Origin": "https://evil.example"}
    assert await _post(public, headers, "/api/communities", b'{"name": "Lab"}') == (201, "")


_HOSTS = st.text(alphabet=st.sampled_from("abz019.:@[]%/\\#?-é"), max_size=30)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_HOSTS, _HOSTS)
async def test_whatever_stands_in_the_address_it_is_answered_and_is_no_way_in(
    public: HttpHarness, host: str, origin: str
) -> None:
    status, code = await _post(public, {**JSON, "Host": f"x{host}", "Origin": f"http://x{origin}"})
    assert (status, code) in ((403, "forbidden"), (400, "invalid"))
    assert await public.harness.sql("SELECT count(*) FROM users") == [(0,)]
