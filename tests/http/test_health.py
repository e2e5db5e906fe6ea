"""Health and metrics tell a host whether the server lives, can write, and what it offers."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from asnity_server import __version__
from asnity_server.api.storage.write_probe import EVERY, WriteProbe
from asnity_server.http.openapi import document
from asnity_server.protocol import routes
from asnity_server.protocol.errors import BY_CODE, Unavailable
from tests.api.harness import ApiHarness
from tests.http.harness import HttpHarness, open_server


async def test_a_server_that_can_write_is_ready(server: HttpHarness) -> None:
    answer = await server.send("GET", "/readyz")
    assert (answer.status, answer.json) == (200, {"status": "ready"})
    assert await server.harness.sql("SELECT at FROM pulse") == [(server.harness.clock.now,)]


async def test_a_server_that_cannot_write_is_alive_but_not_ready(tmp_path: Path) -> None:
    server = await open_server(tmp_path / "a.db")
    await server.harness.database.close()
    answer = await server.send("GET", "/readyz")
    assert (answer.status, answer.error["code"]) == (503, "unavailable")
    assert (await server.send("GET", "/healthz")).status == 200
    await server.close()
    server.harness.api.close()


async def test_asking_makes_the_disk_work_once_a_second_at_most(harness: ApiHarness) -> None:
    commits = harness.database.load().commits
    await asyncio.gather(*(harness.api.write_probe.check() for _ in range(50)))
    assert harness.database.load().commits == commits + 1
    harness.clock.forward(int(EVERY * 1000))
    await harness.api.write_probe.check()
    assert harness.database.load().commits == commits + 2


async def test_a_server_whose_database_is_gone_is_alive_but_not_ready(server: HttpHarness) -> None:
    path = server.harness.path
    aside = await asyncio.to_thread(path.rename, path.with_name("aside"))
    answer = await server.send("GET", "/readyz")
    assert (answer.status, answer.error["code"]) == (503, "unavailable")
    assert "gone" in answer.error["message"]
    assert (await server.send("GET", "/healthz")).status == 200
    await asyncio.to_thread(aside.rename, path)


async def test_a_write_that_takes_too_long_is_none(harness: ApiHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stuck:
        """A writer that never comes back."""

        health = harness.database.health

        async def write(self, work: Any) -> None:
            await asyncio.Event().wait()

    monkeypatch.setattr("asnity_server.api.storage.write_probe.PATIENCE", 0.01)
    with pytest.raises(Unavailable):
        await WriteProbe(Stuck()).check()  # type: ignore[arg-type]


async def test_all_who_ask_whether_it_can_write_are_told_together(
    harness: ApiHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer that is stuck keeps each of a thousand for as long as one, and has one proof to write."""

    class Stuck:
        health = harness.database.health
        asked = 0

        async def write(self, work: Any) -> None:
            Stuck.asked += 1
            await asyncio.Event().wait()

    monkeypatch.setattr("asnity_server.api.storage.write_probe.PATIENCE", 0.02)
    probe = WriteProbe(Stuck())  # type: ignore[arg-type]
    told = await asyncio.gather(*(probe.check() for _ in range(1000)), return_exceptions=True)
    assert {type(each) for each in told} == {Unavailable}
    assert Stuck.asked == 1
    with pytest.raises(Unavailable):
        await probe.check()
    assert Stuck.asked == 2
    impatient = asyncio.ensure_future(probe.check())
    await asyncio.sleep(0)
    impatient.cancel()
    with pytest.raises(Unavailable):
        await probe.check()
    assert Stuck.asked == 3


@pytest.fixture
async def harness(tmp_path: Path) -> Any:
    """An API with nobody in it."""
    harness = await ApiHarness(tmp_path / "asnity.db").open()
    yield harness
    await harness.close()


async def test_figures_are_not_there_where_nobody_counts(server: HttpHarness) -> None:
    assert (await server.send("GET", "/metrics")).status == 404


# The description of the routes


async def test_the_description_is_open_and_of_this_version(server: HttpHarness) -> None:
    answer = await server.send("GET", "/api/openapi.json")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json == document(__version__)
    assert answer.json["info"]["version"] == __version__


def test_every_route_is_described_with_its_requests_answers_and_errors() -> None:
    told = document(__version__)
    described = {(method.upper(), path) for path, each in told["paths"].items() for method in each}
    assert described == {(route.method, route.path) for route in routes.ROUTES}
    names = [each["operationId"] for path in told["paths"].values() for each in path.values()]
    assert len(set(names)) == len(names)
    for route in routes.ROUTES:
        operation = told["paths"][route.path][route.method.lower()]
        assert set(operation["responses"]) == {str(route.status), *(str(kind.status) for kind in BY_CODE.values())}
        assert ("security" in operation) == route.open
        in_path = [each["name"] for each in operation["parameters"] if each["in"] == "path"]
        assert in_path == re.findall(r"{(\w+)}", route.path)
        assert operation["summary"]
    message = told["paths"]["/api/channels/{channelId}/messages"]["post"]
    schema = message["requestBody"]["content"]["application/json"]["schema"]
    assert set(schema["properties"]) == {"content", "nonce", "replyTo"}
    assert schema["required"] == ["content"]


def test_whatever_is_referred_to_is_there() -> None:
    told = document(__version__)
    references: list[str] = re.findall(r"'\$ref': '#/([^']+)'", str(told))
    assert references
    for each in set(references):
        found: Any = told
        for part in each.split("/"):
            found = found[part]
