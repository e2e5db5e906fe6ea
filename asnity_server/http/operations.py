"""Operations: join a route to the piece of work that it runs, and to the caller as whom it runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from asnity_server.api.service import Api, Peer, Query, Work
from asnity_server.api.storage.deferred_delete import SlicedJob
from asnity_server.protocol.routes import A, R, Route


@dataclass(frozen=True)
class Visit:
    """The sender of a request: the peer and the token."""

    peer: Peer
    token: str | None


@dataclass(frozen=True)
class Operation:
    """A route and what is done when it is asked for."""

    route: Route[Any, Any]
    run: Callable[[Visit, Any], Awaitable[object]]


def change(api: Api, route: Route[R, A], work: Work[R, A]) -> Operation:
    """A route that writes, as the owner of the token."""

    def run(visit: Visit, request: R) -> Awaitable[A]:
        return api.change(visit.token, work, request, limited=route.limited)

    return Operation(route, run)


def change_in_slices(api: Api, route: Route[R, A], work: Work[R, A], rest: SlicedJob) -> Operation:
    """A route that begins something large: the rest of it is done behind the answer."""

    async def run(visit: Visit, request: R) -> A:
        answer = await api.change(visit.token, work, request, limited=route.limited)
        rest.wake()
        return answer

    return Operation(route, run)


def query(api: Api, route: Route[R, A], read: Query[R, A], *, long: bool = False) -> Operation:
    """A route that only reads, as the owner of the token; it may take `long`."""

    def run(visit: Visit, request: R) -> Awaitable[A]:
        return api.query(visit.token, read, request, long=long)

    return Operation(route, run)


def anyone(route: Route[R, A], ask: Callable[[R], Awaitable[A]]) -> Operation:
    """A route that needs no token."""

    def run(visit: Visit, request: R) -> Awaitable[A]:
        return ask(request)

    return Operation(route, run)


def visitor(route: Route[R, A], ask: Callable[[Visit, R], Awaitable[A]]) -> Operation:
    """A route that proves by itself who comes."""
    return Operation(route, ask)
