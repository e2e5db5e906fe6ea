"""The socket backend: carries out what a gateway asks, in this process."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any

from asnity_server.api import mending, messages, reactions, read_markers, socket_requests
from asnity_server.api.access import Caller
from asnity_server.api.service import Api, OnDone, WriteTx, token_hash
from asnity_server.backend import SessionOwner
from asnity_server.mend import MendRequest
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
from asnity_server.rate_limits import RateLimit


class LocalBackend:
    """The backend where API and gateway are one program."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._limits: Mapping[type[Request], RateLimit] = {
            each.request: limit for each in SOCKET_REQUESTS if (limit := api.rates.of(each.limited)) is not None
        }

    def authorize(self, token: str | None, community_id: str | None, on_done: OnDone) -> None:
        """See `Backend.authorize`. It goes through the writer's queue, so that no kick can overtake it."""

        def work(tx: WriteTx) -> SessionOwner:
            proof = token_hash(token)
            if community_id is None:
                caller = socket_requests.authorize_user(tx, proof)
            else:
                caller = socket_requests.authorize_member(tx, proof, community_id)
            return SessionOwner(caller.session_id, caller.user_id)

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

    def prove(self, tokens: Sequence[str], on_done: OnDone) -> None:
        """See `Backend.prove`."""
        self._api.database.submit(lambda tx: mending.prove(tx, tokens), on_done)

    def mend(self, request: MendRequest, on_done: OnDone) -> None:
        """See `Backend.mend`."""
        self._api.database.submit(lambda tx: mending.mend(tx, request), on_done)


_WORKS: Mapping[type[Request], Callable[[WriteTx, Caller, Any], Any]] = {
    NewChat: messages.post,
    ModifyChat: messages.edit,
    DeleteChat: messages.delete,
    React: reactions.react,
    MoveReadMarker: read_markers.move_read_marker,
    Typing: socket_requests.type_now,
}


def _join(community_id: str, present: Collection[str], tx: WriteTx, caller: Caller, request: Join) -> Any:
    return socket_requests.join(tx, caller, community_id, request, present)


def _invite(community_id: str, present: Collection[str], tx: WriteTx, caller: Caller, request: InviteUsers) -> Any:
    return socket_requests.invite_users(tx, caller, community_id, request)


_WORKS_IN_COMMUNITY: Mapping[type[Request], Callable[..., Any]] = {Join: _join, InviteUsers: _invite}
