"""The figures of a real server: who may read them, what they count, and what never stands in them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from asnity_server.api.accounts.passwords import HashCost
from asnity_server.app import Server, ServerSettings
from asnity_server.metrics import Metric, render
from asnity_server.protocol import errors, requests, routes
from asnity_tui.client.transport.remote import RemoteClient
from tests.contract.harness import Recorder, SignUpHarness

CHEAP = HashCost(time=1, memory=8)
PROXY = {"X-Forwarded-For": "198.51.100.7"}


def _figures(text: str) -> dict[str, float]:
    """Every sample of an exposition, checked for its form."""
    found: dict[str, float] = {}
    for line in text.splitlines():
        if line.startswith("#"):
            assert re.fullmatch(r"# (HELP \w+ \S.*|TYPE \w+ (counter|gauge))", line), line
            continue
        sample = re.fullmatch(r'(\w+(?:\{\w+="[^"\\\n]*"(?:,\w+="[^"\\\n]*")*\})?) (\S+)', line)
        assert sample, line
        assert sample[1] not in found
        found[sample[1]] = float(sample[2])
    return found


async def _read(server: Server, **headers: str) -> tuple[int, str]:
    async with aiohttp.ClientSession(server.url) as http, http.get("/metrics", headers=headers) as answer:
        return answer.status, await answer.text()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """A server where anyone may sign up."""
    settings = ServerSettings(port=0, data=tmp_path, registration="open", limit_messages="1/h")
    async with Server(settings, hash_cost=CHEAP) as server:
        yield server


async def test_what_happens_is_counted_and_nobody_is_named(server: Server) -> None:
    stage = SignUpHarness(lambda: RemoteClient(server.url))
    alice = await stage.person("alice")
    alice.heard = Recorder()
    lab = await alice.found("Secret Lab")
    general = await alice.general(lab.id)
    await alice.open(lab.id)
    await alice.say(general, "words")
    with pytest.raises(errors.RateLimited):
        await alice.say(general, "too many words")
    with pytest.raises(errors.NotFound):
        await alice.call(routes.CHANNEL, requests.OfChannel(channel_id="nowhere"))
    status, text = await _read(server)
    assert status == 200
    figures = _figures(text)
    assert figures['asnity_messages_total{change="posted"}'] == 1
    assert figures['asnity_refusals_total{code="rate-limited",door="socket"}'] == 1
    assert figures['asnity_refusals_total{code="not-found",door="http"}'] == 1
    assert figures["asnity_connections"] == figures["asnity_connected_sessions"] == 1
    assert figures["asnity_commits_total"] > 3
    assert figures["asnity_works_total"] >= figures["asnity_commits_total"]
    assert figures["asnity_write_queue"] == figures["asnity_connections_refused_total"] == 0
    assert figures["process_resident_memory_bytes"] > 1e6
    assert figures['asnity_requests_total{door="http"}'] > 4
    for secret in ("alice", "Secret", "words", lab.id, general[13:], alice.user.id, alice.client.token or "?"):
        assert secret not in text
    for each in stage.clients:
        await each.close()


async def test_strangers_find_nothing(server: Server) -> None:
    status, text = await _read(server, **PROXY)  # somebody else, whom a proxy passed on
    assert (status, "asnity_" in text) == (404, False)


@pytest.mark.parametrize(("networks", "status"), [("198.51.100.0/24", 200), ("198.51.101.0/24", 404), ("", 404)])
async def test_networks_that_may_read_behind_a_trusted_proxy(tmp_path: Path, networks: str, status: int) -> None:
    readers = (networks,) if networks else ()
    settings = ServerSettings(port=0, data=tmp_path, trusted_proxies=("127.0.0.1",), metrics_networks=readers)
    async with Server(settings, hash_cost=CHEAP) as server:
        assert (await _read(server, **PROXY))[0] == status
        assert (await _read(server))[0] == 200  # this machine itself


def test_the_form_of_figures() -> None:
    figures = [
        Metric("a_total", "counter", "How much.", {(("code", "x"), ("door", "y")): 3, (("code", "z"),): 1}),
        Metric("b", "gauge", "How big.", {(): 12345678901}),
    ]
    assert render(figures) == (
        "# HELP a_total How much.\n# TYPE a_total counter\n"
        'a_total{code="x",door="y"} 3\na_total{code="z"} 1\n'
        "# HELP b How big.\n# TYPE b gauge\nb 12345678901\n"
    )
