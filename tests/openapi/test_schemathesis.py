"""Every route is asked what its description allows and what it forbids, and keeps to what it declares."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from asnity_server import __version__
from asnity_server.api.accounts.passwords import HashCost
from asnity_server.app import Server, ServerSettings, without_limits
from asnity_server.http.openapi import document
from asnity_server.protocol.ids import new_id
from asnity_server.protocol.routes import ROUTES, Route

CHEAP = HashCost(time=1, memory=8)
EXAMPLES = [1, pytest.param(15, marks=pytest.mark.slow)]
"""Requests of each kind to each route; always the same ones. The quick run makes few, the slow one more."""
SEED = 20261122


class Running:
    """A server on a thread of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started = threading.Event()
        self._loop: asyncio.AbstractEventLoop
        self._server: Server
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="server")

    async def _serve(self) -> None:
        settings = without_limits(ServerSettings(port=0, data=self._folder, registration="open"))
        self._loop = asyncio.get_running_loop()
        async with Server(settings, hash_cost=CHEAP) as self._server:
            self._started.set()
            await self._server.wait_until_stopped()

    def __enter__(self) -> str:
        self._thread.start()
        assert self._started.wait(20)
        return self._server.url

    def __exit__(self, *error: object) -> None:
        self._loop.call_soon_threadsafe(self._server.stop)
        self._thread.join()


@dataclass
class World:
    """Somebody with everything that a path can name."""

    url: str
    session: requests.Session
    ids: dict[str, Any]

    @classmethod
    def new(cls, url: str, name: str) -> World:
        """A new one."""
        session = requests.Session()

        def call(method: str, path: str, **body: object) -> Any:
            answer = session.request(method, url + path, json=body or None)
            assert answer.ok, answer.text
            return answer.json() if answer.content else None

        other = call("POST", "/api/auth/sign-up", username=f"{name}-other", password="tangerine")
        mine = call("POST", "/api/auth/sign-up", username=name, password="tangerine")
        session.headers["Authorization"] = f"Bearer {mine['token']}"
        lab = call("POST", "/api/communities", name="Lab")["id"]
        link = call("POST", f"/api/communities/{lab}/invites")["code"]
        requests.post(
            f"{url}/api/invites/{link}/accept", headers={"Authorization": f"Bearer {other['token']}"}, timeout=10
        )
        made = call("POST", f"/api/communities/{lab}/channels", name="plans", kind="public")["id"]
        call("PUT", f"/api/channels/{made}/members/{other['user']['id']}")
        message = call("POST", f"/api/channels/{made}/messages", content="words")["id"]
        ended = call("GET", "/api/auth/sessions")["sessions"][0]["id"]
        ids = {"communityId": lab, "channelId": made, "chatId": message, "userId": other["user"]["id"], "code": link}
        return cls(url, session, {**ids, "sessionId": ended, "emoji": "👍"})


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running server."""
    with Running(tmp_path_factory.mktemp("server")) as url:
        yield url


@pytest.fixture(scope="module")
def schema() -> Any:
    """Load the server's description of itself."""
    return schemathesis.openapi.from_dict(document(__version__))


Kind = Literal["known", "anything", "forbidden"]
"""About things that are there, about anything, and in forms that the description rules out."""


def cases() -> Iterator[Any]:
    """Every route with every kind of request that there can be."""
    for route in ROUTES:
        in_path = set(re.findall(r"{(\w+)}", route.path))
        others = {each.encode_name for each in msgspec.structs.fields(route.request)} - in_path
        kinds: list[Kind] = ["known"]
        if in_path:
            kinds.append("anything")
        if others:
            kinds.append("forbidden")
        for kind in kinds:
            yield pytest.param(route, kind, id=f"{route.method} {route.path}-{kind}")


@pytest.mark.parametrize("examples", EXAMPLES)
@pytest.mark.parametrize(("route", "kind"), cases())
def test_every_answer_is_as_declared(schema: Any, url: str, route: Route[Any, Any], kind: Kind, examples: int) -> None:
    world = World.new(url, new_id())
    known = {name: value for name, value in world.ids.items() if f"{{{name}}}" in route.path}
    requests_made = schema[route.path][route.method].as_strategy(
        generation_mode=GenerationMode.NEGATIVE if kind == "forbidden" else GenerationMode.POSITIVE,
        path_parameters={} if kind == "anything" else known,
    )

    @seed(SEED)
    @settings(
        max_examples=examples, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=requests_made)
    def ask(case: Any) -> None:
        response = case.call(base_url=url, session=world.session, timeout=10)
        # what breaks a limit of a field may have broken the limit of the whole request before, which is refused too
        refused = [negative_data_rejection] if response.status_code == 413 else []
        case.validate_response(response, excluded_checks=[positive_data_acceptance, *refused])

    ask()
