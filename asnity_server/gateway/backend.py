"""The backend: the gateway's way to the API, in this process."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, Protocol

from asnity_server.api import messages, reactions, read_markers, socket_requests
from asnity_server.api.access import Caller
from asnity_server.api.rate_limits import RateLimit
from asnity_server.api.service import Api, OnDone, Outcome, WriteTx, token_hash
from asnity_server.protocol.events import EndReason
from asnity_server.protocol.requests import (
    DeleteChat,
    InviteUsers,
    Join,
    ModifyChat,
    MoveReadMarker,
    NewChat,
    React,
    Request,
    Typing,
)
from asnity_server.protocol.routes import SOCKET_REQUESTS

__all__ = ["Backend", "LocalBackend", "Outcome"]


class Backend(Protocol):
    """All calls that the gateway makes to the API. Requests take effect in the order of these calls."""

    def authorize(self, token: str | None, community_id: str | None, on_done: OnDone) -> None:
        """Find the owner of a token, if they may enter the community (None: their own namespace)."""

    def admit(self, user_id: str, request: Request) -> None:
        """Count a request of somebody. Raises `RateLimited` where it comes too soon."""

    def request(
        self,
        session_id: str,
        connection_id: str,
        community_id: str,
        request: Request,
        on_done: OnDone,
        *,
        present: Collection[str] = (),
    ) -> None:
        """Carry out a request as the owner of a session; `present` are people to name in the answer of a join."""

    async def ended(self, sessions: Mapping[str, str]) -> dict[str, EndReason]:
        """Return those of `sessions` (session id to user id) that have ended, and why."""


class LocalBackend:
    """The backend where API and gateway are one program."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._limits: Mapping[type[Request], RateLimit] = {
            each.request: limit for each in SOCKET_REQUESTS if (limit := api.rates.of(each.limited)) is not None
        }

    def authorize(self, token: str | None, community_id: str | None, on_done: OnDone) -> None:
        """See `Backend.authorize`. It goes through the writer's queue, so that no kick can overtake it."""

        def work(tx: WriteTx) -> Caller:
            proof = token_hash(token)
            if community_id is None:
                return socket_requests.authorize_user(tx, proof)
            return socket_requests.authorize_member(tx, proof, community_id)

        self._api.database.submit(work, on_done)

    def admit(self, user_id: str, request: Request) -> None:
        """See `Backend.admit`. Before the writer's queue, so that who floods it can't hold it up."""
        people = len(set(request.users)) if isinstance(request, InviteUsers) else 1
        self._limits[type(request)].take(user_id, times=people)

    def request(
        self,
        session_id: str,
        connection_id: str,
        community_id: str,
        request: Request,
        on_done: OnDone,
        *,
        present: Collection[str] = (),
    ) -> None:
        """See `Backend.request`."""
        work = _WORKS.get(type(request))
        if work is None:
            work = partial(_WORKS_IN_COMMUNITY[type(request)], community_id, present)
        self._api.submit(session_id, connection_id, work, request, on_done)

    async def ended(self, sessions: Mapping[str, str]) -> dict[str, EndReason]:
        """See `Backend.ended`."""
        return await self._api.database.read(lambda view: socket_requests.ended_sessions(view, sessions))


_WORKS: Mapping[type[Request], Callable[[WriteTx, Caller, Any], Any]] = {
    NewChat: messages.post,
    ModifyChat: messages.edit,
    DeleteChat: messages.delete,
    React: reactions.react,
    MoveReadMarker: read_markers.move_read_marker,
    Typing: socket_requests.require_may_type,
}


def _join(community_id: str, present: Collection[str], tx: WriteTx, caller: Caller, request: Join) -> Any:
    return socket_requests.join(tx, caller, community_id, request, present)


def _invite(community_id: str, present: Collection[str], tx: WriteTx, caller: Caller, request: InviteUsers) -> Any:
    return socket_requests.invite_users(tx, caller, community_id, request)


_WORKS_IN_COMMUNITY: Mapping[type[Request], Callable[..., Any]] = {Join: _join, InviteUsers: _invite}
