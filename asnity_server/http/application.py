"""Puts the routes into a web application, all through one handler."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Middleware

from asnity_server.api.service import Api
from asnity_server.protocol import codec
from asnity_server.protocol.errors import Unauthorized
from asnity_server.protocol.routes import GENERATION

from . import accounts, channels, communities, invites, messages
from .binding import Binder
from .connections import LARGE, HttpConnections, Runner, sent
from .errors import HEADERS, Handler, RequestCounts, errors_answered
from .front_page import FrontPage
from .health import HostRoutes
from .invite_page import InvitePage
from .operations import Operation, Visit
from .origins import require_own
from .peers import Network, ProxyWatch, peer_of

IDLE = 75.0
"""Seconds that a connection may wait for a (whole) request; aiohttp's own default is an hour."""
LINE, HEADER, HEADER_COUNT = 64 * 1024, 8190, 64
"""Bytes of a request line (whose query string may hold as much as a body), of a header, and headers in one request."""


def operations(api: Api) -> Iterator[Operation]:
    """Yield every operation of the API over HTTP."""
    for resource in (accounts, communities, invites, channels, messages):
        yield from resource.operations(api)


def install(
    app: web.Application,
    api: Api,
    *,
    trusted_proxies: Sequence[Network] = (),
    metrics_readers: Sequence[Network] = (),
    names: Collection[str] = (),
    counts: RequestCounts | None = None,
    connections: HttpConnections | None = None,
) -> HostRoutes:
    """Give `app` the API's routes, pages for browsers, the host's routes, and errors in one shape for all of them.

    `names` are what this machine is called on itself. What is answered is counted by `connections`, which
    `runner` is given too.
    """
    counts = counts or RequestCounts()
    app.middlewares.append(errors_answered(counts))
    watch = ProxyWatch(trusted_proxies)
    if connections is not None:
        app.middlewares.append(_counted(api, trusted_proxies, connections))
    for each in operations(api):
        handler = _handler(api, each, Binder(each.route, api.hosting.limits.frame), trusted_proxies, names, watch)
        app.router.add_route(each.route.method, each.route.path, handler)
        if each.route.method == "GET":
            app.router.add_route("HEAD", each.route.path, handler)
    FrontPage(api).install(app)
    InvitePage(api, trusted_proxies=trusted_proxies, counts=counts).install(app)
    health = HostRoutes(api, trusted_proxies=trusted_proxies, readers=metrics_readers, names=names)
    health.install(app)
    return health


def _counted(api: Api, trusted: Sequence[Network], connections: HttpConnections) -> Middleware:
    """Sends nothing large to whoever leaves too much of it unread."""

    @web.middleware
    async def counted(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        size = len(response.body) if isinstance(response, web.Response) and isinstance(response.body, bytes) else 0
        if size >= LARGE:
            if not response.prepared:  # the answers to polls are counted where they wait
                token = _token(request)
                person = api.owner_of(token) if token is not None else None
                connections.check(request.protocol, person or peer_of(request, trusted).address, size)
            await sent(request, response)
        return response

    return counted


def runner(app: web.Application, connections: HttpConnections | None = None) -> web.AppRunner:
    """Return a runner for `app`, with our limits on connections, headers and compressed bodies."""
    return Runner(
        app,
        HttpConnections() if connections is None else connections,
        access_log=None,
        logger=_wire_log(),
        keepalive_timeout=IDLE,
        lingering_time=2.0,
        max_line_size=LINE,
        max_field_size=HEADER,
        max_headers=HEADER_COUNT,
        auto_decompress=False,
        shutdown_timeout=2.0,
    )


def _handler(
    api: Api,
    operation: Operation,
    binder: Binder,
    trusted: Sequence[Network],
    names: Collection[str],
    watch: ProxyWatch,
) -> Handler:
    route = operation.route
    is_open_change = route.open and route.method != "GET"

    async def handle(request: web.Request) -> web.StreamResponse:
        token = _token(request)
        if token is None and not route.open:
            raise Unauthorized("You are not signed in.")
        if is_open_change:
            watch.look(request)
            require_own(request, api.hosting.public_url())
        api.require_generation(request.headers.get(GENERATION))
        visit = Visit(peer_of(request, trusted, names), token)
        answer = await operation.run(visit, await binder.read(request))
        if route.answer is type(None):
            return web.Response(status=route.status, headers=HEADERS)
        return web.Response(
            status=route.status, body=codec.encode(answer), content_type="application/json", headers=HEADERS
        )

    return handle


def _token(request: web.Request) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


class _WireLog(logging.Logger):
    """Keeps what strangers send that isn't HTTP from filling the log with tracebacks."""

    def exception(self, msg: object, *args: object, exc_info: Any = True, **extra: Any) -> None:
        """Log an error with its traceback, unless somebody only sent what can't be read."""
        if isinstance(exc_info, HttpProcessingError):
            self.debug("%s: %s", str(msg) % args, type(exc_info).__name__)
        else:
            super().exception(msg, *args, exc_info=exc_info, **extra)


def _wire_log() -> logging.Logger:
    log = _WireLog(f"{__name__}.wire")
    log.parent = logging.getLogger(__name__)
    return log
