"""The authorisation matrix: every route and every socket event, for everyone who may come."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
import pytest
import socketio

from asnity_server.config import ServerSettings, without_limits
from asnity_server.gateway.gateway import FOR_ONESELF, IN_COMMUNITY
from asnity_server.protocol.ids import USER_NAMESPACE, namespace_of
from tests.authorisation.scenario import Scenario, ScenarioBuilder
from tests.topology.deployment import EmbeddedDeployment, Topology

from .table import COLUMNS, HTTP_ROWS, SOCKET_ROWS, VERDICTS, Row

PATIENCE = 20


@pytest.fixture
async def builder(tmp_path: Path, topology: Topology) -> AsyncIterator[ScenarioBuilder]:
    """A server with nobody on it."""
    async with topology(without_limits(ServerSettings(port=0, data=tmp_path, registration="open"))) as server:
        yield ScenarioBuilder(server)


async def test_no_route_is_without_its_row(tmp_path: Path) -> None:
    deployment = EmbeddedDeployment(ServerSettings(port=0, data=tmp_path))
    async with deployment:
        app = deployment.server._runner.app
    assert app is not None
    served = {
        f"{each.method} {each.resource.canonical}"
        for each in app.router.routes()
        if each.resource is not None and each.method != "HEAD" and not each.resource.canonical.startswith("/socket.io")
    }
    assert served == {row.name for row in HTTP_ROWS}


def test_no_event_is_without_its_row() -> None:
    assert {*IN_COMMUNITY, *FOR_ONESELF} == {row.name for row in SOCKET_ROWS}
    assert len({str(row) for row in (*HTTP_ROWS, *SOCKET_ROWS)}) == len(HTTP_ROWS) + len(SOCKET_ROWS)


# HTTP


def _path_values(row: Row, scenario: Scenario) -> dict[str, str]:
    """What the names in a path stand for."""
    me = ("step-down", "unmute-me", "leave", "join")
    person = scenario.actor_id if row.variant == "of-me" else scenario.target_id
    if row.variant in me:
        person = "me"
    elif row.variant == "put":
        person = scenario.guest_id
    elif row.variant == "kick-top":
        person = scenario.top_id
    elif row.name.endswith("/bans/{userId}") and not row.variant:
        person = scenario.outcast_id
    return {
        "communityId": scenario.community_id,
        "channelId": scenario.channel_id,
        "chatId": str(scenario.own_id if row.variant == "own" else scenario.other_id),
        "userId": person,
        "code": scenario.own_code if row.variant == "own" else scenario.code,
        "sessionId": scenario.session_id if row.variant == "own" else scenario.other_session_id,
        "emoji": "👍",
    }


def _more(row: Row, scenario: Scenario) -> dict[str, object]:
    """The body or the query string that a row's request needs besides its path."""
    by_variant: dict[str, dict[str, object]] = {
        "promote": {"role": "admin"},
        "mute": {"mutedFor": 60},
        "step-down": {"role": "member"},
        "unmute-me": {"mutedFor": 0},
        "ban": {"ban": "true"},
        "into-channel": {"channelId": scenario.channel_id},
        "in-channel": {"q": "theirs", "channelId": scenario.channel_id},
        "in-community": {"q": "theirs", "communityId": scenario.community_id},
        "topic": {"topic": "new"},
        "archive": {"archived": True},
    }
    by_route: dict[str, dict[str, object]] = {
        "POST /api/auth/sign-up": {"username": f"new-{scenario.community_id}", "password": "tangerine"},
        "POST /api/auth/sign-in": {"username": scenario.actor, "password": "tangerine"},
        "PATCH /api/me": {"statusText": "here"},
        "POST /api/me/password": {"current": "tangerine", "new": "clementine"},
        "POST /api/communities": {"name": "New"},
        "PATCH /api/communities/{communityId}": {"name": "New"},
        "GET /api/communities/{communityId}/users": {"ids": scenario.target_id},
        "POST /api/communities/{communityId}/channels": {"name": "new", "kind": "public"},
        "POST /api/communities/{communityId}/direct": {"userIds": [scenario.target_id]},
        "PATCH /api/channels/{channelId}/me": {"muted": True},
        "GET /api/channels/{channelId}/changes": {"since": 0},
        "POST /api/channels/{channelId}/messages": {"content": "words"},
        "PATCH /api/channels/{channelId}/messages/{chatId}": {"content": "other words"},
        "PUT /api/channels/{channelId}/read-marker": {"readId": 1},
        "GET /api/search": {"q": "theirs"},
    }
    return by_variant.get(row.variant, by_route.get(row.name, {}))


async def _ask(http: aiohttp.ClientSession, row: Row, scenario: Scenario) -> str | None:
    """Make a row's request; the code of its refusal, or None where it is done."""
    method, _, path = row.name.partition(" ")
    for name, value in _path_values(row, scenario).items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    more = _more(row, scenario)
    headers = {"Authorization": f"Bearer {scenario.token}"} if scenario.token else {}
    if method in ("GET", "DELETE"):
        path += f"?{urlencode(more)}" if more else ""
        more = {}
    async with http.request(method, path, headers=headers, json=more or None) as answer:
        body = await answer.read()
        if answer.status < 300:
            return None
        if answer.content_type == "text/html":  # a page for people, which names no code
            return {404: "not-found"}[answer.status]
        error: dict[str, str] = json.loads(body)["error"]
        return error["code"]


@pytest.mark.parametrize("row", HTTP_ROWS, ids=str)
async def test_route(builder: ScenarioBuilder, row: Row) -> None:
    wrong = []
    async with aiohttp.ClientSession(builder.server.http_url) as http:
        for column in COLUMNS:
            scenario = await builder.set_up(column)
            before = await builder.picture()
            code = await _ask(http, row, scenario)
            if code != VERDICTS[row.verdicts[column]]:
                wrong.append((column, code))
            if code is not None and await builder.picture() != before:
                wrong.append((column, "it was refused, and changed something"))
    assert wrong == []


# The socket


@asynccontextmanager
async def _connected(url: str, scenario: Scenario, namespace: str) -> AsyncIterator[socketio.AsyncClient | str]:
    """A client in a namespace, or the code with which it was refused."""
    sio = socketio.AsyncClient(reconnection=False)
    refusals: list[dict[str, Any]] = []
    sio.on("connect_error", refusals.append, namespace=namespace)
    auth = {"token": scenario.token} if scenario.token else None
    try:
        await sio.connect(url, namespaces=[namespace], auth=auth, transports=["websocket"], wait_timeout=PATIENCE)
    except socketio.exceptions.ConnectionError:
        await sio.disconnect()
        yield str(refusals[0]["data"]["code"])
        return
    yield sio
    await sio.disconnect()


def _payload(row: Row, scenario: Scenario) -> dict[str, object]:
    here: dict[str, object] = {"channelId": scenario.channel_id}
    own, other = {**here, "chatId": scenario.own_id}, {**here, "chatId": scenario.other_id}
    payloads: dict[str, dict[str, object]] = {
        "presence": {"status": "online"},
        "join": {"channels": [scenario.channel_id]},
        "chat:new": {"chatType": "new", **here, "content": "words"},
        "chat:modify-own": {"chatType": "modify", **own, "content": "other words"},
        "chat:modify-others": {"chatType": "modify", **other, "content": "other words"},
        "chat:delete-own": {"chatType": "delete", **own},
        "chat:delete-others": {"chatType": "delete", **other},
        "react": {**other, "emoji": "👍", "on": True},
        "read": {**here, "readId": 1},
        "typing": here,
        "invite-users-to-channel": {**here, "users": [scenario.guest_id]},
    }
    return payloads[str(row)]


async def _ask_socket(url: str, row: Row, scenario: Scenario) -> str | None:
    namespace = USER_NAMESPACE if row.name in FOR_ONESELF else namespace_of(scenario.community_id)
    async with _connected(url, scenario, namespace) as client:
        if isinstance(client, str):
            return client
        answer = await client.call(row.name, _payload(row, scenario), namespace=namespace, timeout=PATIENCE)
    if "error" in answer:
        return str(answer["error"]["code"])
    if answer.get("refused"):
        return str(answer["refused"][0]["error"]["code"])
    assert answer.get("ok") or answer.get("written")
    return None


@pytest.mark.parametrize("row", SOCKET_ROWS, ids=str)
async def test_event(builder: ScenarioBuilder, row: Row) -> None:
    wrong = []
    for column, url in zip(COLUMNS, itertools.cycle(builder.server.socket_urls), strict=False):
        scenario = await builder.set_up(column)
        before = await builder.picture()
        code = await _ask_socket(url, row, scenario)
        if code != VERDICTS[row.verdicts[column]]:
            wrong.append((column, code))
        if code is not None and await builder.picture() != before:
            wrong.append((column, "it was refused, and changed something"))
    assert wrong == []
