"""Puts the routes into a web application, all through one handler."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from aiohttp import web
from aiohttp.typedefs import Middleware

from asnity_server import __version__
from asnity_server.api.service import Api
from asnity_server.protocol import codec
from asnity_server.protocol.errors import Unauthorized
from asnity_server.protocol.routes import GENERATION

from . import accounts, channels, communities, invites, messages
from .binding import Binder
from .connections import LARGE, HttpConnections, sent
from .errors import HEADERS, Handler, RequestCounts, errors_answered
from .front_page import FrontPage
from .health import HostRoutes
from .invite_page import InvitePage
from .openapi import document
from .operations import Operation, Visit
from .origins import require_own
from .peers import Network, ProxyWatch, peer_of


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
    health = HostRoutes(api.write_probe.check, trusted_proxies=trusted_proxies, readers=metrics_readers, names=names)
    health.install(app)
    app.router.add_get("/api/openapi.json", _Description().answer)
    return health


class _Description:
    """Answers with the OpenAPI document, which is made when somebody first asks for it."""

    def __init__(self) -> None:
        self._text: bytes | None = None

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        if self._text is None:
            self._text = codec.encode(document(__version__))
        return web.Response(body=self._text, content_type="application/json", headers=HEADERS)


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
