"""Wrong passwords over real connections: whoever sends them, their owner comes in."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from ipaddress import ip_network
from pathlib import Path

import pytest

from asnity_server.api.accounts.passwords import Passwords
from asnity_server.protocol import requests, routes
from asnity_server.rate_limits import Rate, Rates
from tests.api.harness import Person
from tests.http.harness import HttpHarness, open_server

PROXY = (ip_network("127.0.0.1"),)


@pytest.fixture
async def strict(tmp_path: Path) -> AsyncIterator[HttpHarness]:
    """A server behind a proxy of this machine, where passwords are tried ten times a minute."""
    rates = Rates(sign_in=Rate.parse("10/min"))
    server = await open_server(tmp_path / "a.db", PROXY, registration="open", rates=rates)
    yield server
    await server.close()
    await server.harness.close()


async def _sign_in(server: HttpHarness, address: str, password: str, name: str = "alice") -> int:
    body = {"username": name, "password": password}
    headers = {"X-Forwarded-For": address}
    return (await server.send("POST", "/api/auth/sign-in", json=body, headers=headers)).status


async def _alice(server: HttpHarness) -> Person:
    body = {"username": "alice", "password": "tangerine", "setupCode": "set-up"}
    answer = await server.send("POST", "/api/auth/sign-up", json=body, headers={"X-Forwarded-For": "192.0.2.1"})
    assert answer.status == 201
    return Person("alice", answer.json["user"]["id"], answer.json["token"])


async def test_who_tries_wrong_passwords_holds_back_nobody_but_themselves(strict: HttpHarness) -> None:
    await _alice(strict)
    for name in ("alice", "ALICE", "Alice"):
        assert [await _sign_in(strict, "198.51.100.7", "wrong", name) for _ in range(12)][-1] == 429
    assert await _sign_in(strict, "203.0.113.5", "tangerine") == 200
    assert await _sign_in(strict, "2001:db8::7", "tangerine") == 200


async def test_the_addresses_of_one_network_of_ipv6_count_as_one(strict: HttpHarness) -> None:
    await _alice(strict)
    tried = [await _sign_in(strict, f"2001:db8::{number:x}", "wrong") for number in range(1, 12)]
    assert tried == [401] * 10 + [429]


async def test_while_the_whole_world_guesses_the_owner_comes_in_and_changes_the_password(strict: HttpHarness) -> None:
    alice = await _alice(strict)
    tried = [await _sign_in(strict, f"198.51.100.{number}", "wrong") for number in range(1, 112)]
    assert tried == [401] * 100 + [429] * 11
    assert await _sign_in(strict, "203.0.113.5", "tangerine") == 429
    assert await _sign_in(strict, "192.0.2.1", "tangerine") == 200
    change = requests.ChangePassword(current="tangerine", new="clementine")
    assert (await strict.ask(alice, routes.CHANGE_PASSWORD, change)).status == 204


async def test_while_the_whole_world_tries_all_names_people_come_in_where_they_did_before(
    strict: HttpHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each try is a hash, and there is room for so many of them."""
    await _alice(strict)
    release, verify = threading.Event(), Passwords._verify

    def slowly(self: Passwords, stored: str, password: str) -> bool:
        return release.wait(20) and verify(self, stored, password)

    monkeypatch.setattr(Passwords, "_verify", slowly)
    try:
        tries = [asyncio.create_task(_sign_in(strict, f"198.51.100.{n}", "wrong", f"name{n}")) for n in range(40)]
        full, _ = await asyncio.wait(tries, return_when=asyncio.FIRST_COMPLETED)
        assert {await each for each in full} == {503}
        assert await _sign_in(strict, "203.0.113.5", "tangerine") == 503
        owner = asyncio.create_task(_sign_in(strict, "192.0.2.1", "tangerine"))
        while (await asyncio.wait(tries, timeout=0.05))[1] and sum(each.done() for each in tries) < 6:
            pass  # all the others have been refused
    finally:
        release.set()
    assert await owner == 200
    assert sorted(await asyncio.gather(*tries)) == [401] * 34 + [503] * 6


async def test_where_a_client_comes_back_its_owner_is_known_again(strict: HttpHarness) -> None:
    alice = await _alice(strict)
    await strict.close()
    await strict.harness.reopen()
    await strict.open(PROXY)
    headers = {"X-Forwarded-For": "203.0.113.5"}
    assert (await strict.send("GET", "/api/me/overview", alice, headers=headers)).status == 200
    for number in range(1, 112):
        await _sign_in(strict, f"198.51.100.{number}", "wrong")
    assert await _sign_in(strict, "192.0.2.1", "tangerine") == 429
    assert await _sign_in(strict, "203.0.113.5", "tangerine") == 200


async def test_whoever_is_not_that_person_is_known_nowhere_by_asking(strict: HttpHarness) -> None:
    alice = await _alice(strict)
    forged = Person("alice", alice.id, "asnity_forged")
    headers = {"X-Forwarded-For": "203.0.113.5"}
    assert (await strict.send("GET", "/api/me/overview", forged, headers=headers)).status == 401
    for number in range(1, 112):
        await _sign_in(strict, f"198.51.100.{number}", "wrong")
    assert await _sign_in(strict, "203.0.113.5", "tangerine") == 429


async def test_a_proxy_that_is_not_named_is_told_of_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Everyone behind it counts as one: anybody's wrong passwords hold all of them back."""
    server = await open_server(tmp_path / "a.db", (ip_network("10.0.0.1"),), registration="open")
    assert await _sign_in(server, "192.0.2.1", "wrong") == 401
    for number in range(3):
        assert await _sign_in(server, f"192.0.2.{number}", "wrong") == 401
    body = {"username": "alice", "password": "tangerine", "setupCode": "set-up"}
    answer = await server.send("POST", "/api/auth/sign-up", json=body, headers={"X-Forwarded-For": "192.0.2.1"})
    assert answer.status == 201
    (told,) = [each.message for each in caplog.records if "proxy" in each.message]
    assert told.endswith("Name it with --trusted-proxies 127.0.0.1.")
    assert "192.0.2" not in told
    await server.close()
    await server.harness.close()


async def test_a_proxy_that_is_named_and_who_comes_without_one_are_no_news(
    strict: HttpHarness, caplog: pytest.LogCaptureFixture
) -> None:
    assert await _sign_in(strict, "192.0.2.1", "wrong") == 401
    body = {"username": "alice", "password": "wrong"}
    assert (await strict.send("POST", "/api/auth/sign-in", json=body)).status == 401
    assert not [each for each in caplog.records if "proxy" in each.message]
