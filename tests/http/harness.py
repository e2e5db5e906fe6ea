"""The HTTP server over a real API, and a client that keeps to the table of routes."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import aiohttp
from aiohttp import web
from yarl import URL

from asnity_server.http import application, runner
from asnity_server.http.connections import HttpConnections
from asnity_server.http.peers import Network
from asnity_server.protocol import codec
from asnity_server.protocol.errors import from_info
from asnity_server.protocol.routes import A, R, Route
from tests.api.harness import ApiHarness, Person

T = TypeVar("T")


class HttpResponse:
    """A response, read whole."""

    def __init__(self, status: int, headers: Any, body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self) -> Any:
        """The body as plain types."""
        return json.loads(self.body)

    @property
    def error(self) -> dict[str, Any]:
        """The error, in the one shape that errors have."""
        assert self.headers["Content-Type"] == "application/json"
        body = self.json
        assert list(body) == ["error"]
        assert {"code", "message"} <= set(body["error"]) <= {"code", "message", "field", "retryAfter"}
        return dict(body["error"])


class HttpHarness:
    """A listening server with a harness behind it."""

    def __init__(self, harness: ApiHarness) -> None:
        self.harness = harness

    async def open(
        self, trusted: Sequence[Network] = (), names: Collection[str] = (), connections: HttpConnections | None = None
    ) -> HttpHarness:
        """Start listening."""
        app = web.Application()
        self.connections = HttpConnections() if connections is None else connections
        application.install(app, self.harness.api, trusted_proxies=trusted, names=names, connections=self.connections)
        app.router.add_get("/broken", _broken)
        app.router.add_get("/large", _large)
        self._runner = runner.runner(app, self.connections)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port: int = self._runner.addresses[0][1]
        self._session = aiohttp.ClientSession(f"http://127.0.0.1:{self.port}")
        return self

    async def close(self) -> None:
        """Stop listening."""
        await self._session.close()
        await self._runner.cleanup()

    async def send(
        self, method: str, path: str | URL, person: Person | None = None, *, headers: Any = None, **more: Any
    ) -> HttpResponse:
        """One request, as it is."""
        given = dict(headers or {})
        if person is not None:
            given["Authorization"] = f"Bearer {person.token}"
        async with self._session.request(method, path, headers=given, **more) as response:
            return HttpResponse(response.status, response.headers, await response.read())

    async def ask(self, person: Person | None, route: Route[R, A], request: R) -> HttpResponse:
        """One request of the table, by its struct."""
        fields = codec.to_builtins(request)
        path = re.sub(r"\{(\w+)\}", lambda name: quote(str(fields.pop(name.group(1))), safe=""), route.path)
        fields = {name: value for name, value in fields.items() if value is not None}
        if route.method in ("GET", "DELETE"):
            query = {name: str(value).lower() if isinstance(value, bool) else value for name, value in fields.items()}
            return await self.send(route.method, path, person, params=query)
        return await self.send(route.method, path, person, json=fields)

    async def call(self, person: Person | None, route: Route[R, A], request: R) -> A:
        """The same, and its answer as its struct. Raises the error that came instead."""
        answer = await self.ask(person, route, request)
        if answer.status != route.status:
            raise from_info(codec.error_info(answer.error))
        if route.answer is type(None):
            assert answer.body == b""
            return None  # type: ignore[return-value]
        return codec.decode(answer.body, route.answer)


async def _broken(request: web.Request) -> web.Response:
    raise RuntimeError("a defect with a secret in it")


LARGE = b" " * (8 * 1024 * 1024)
"""More than systems keep of what isn't read."""


async def _large(request: web.Request) -> web.Response:
    return web.Response(body=LARGE)


async def open_server(
    path: Path,
    trusted: Sequence[Network] = (),
    *,
    names: Collection[str] = (),
    connections: HttpConnections | None = None,
    **hosting: Any,
) -> HttpHarness:
    """A server with a new harness behind it."""
    return await HttpHarness(await ApiHarness(path, **hosting).open()).open(trusted, names, connections)
