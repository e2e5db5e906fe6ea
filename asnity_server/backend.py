"""The backend: all that a gateway asks of the API, in this process or over a link."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

from asnity_server.db.transaction import OnDone as OnDone
from asnity_server.mend import MendRequest
from asnity_server.protocol.events import EndReason
from asnity_server.protocol.requests import Request


class SessionOwner(NamedTuple):
    """A session that was proven by its token, and whose it is."""

    session_id: str
    user_id: str


class Backend(Protocol):
    """All calls that the gateway makes to the API. Requests take effect in the order of these calls."""

    def authorize(self, token: str | None, community_id: str | None, on_done: OnDone) -> None:
        """Find the `SessionOwner` of a token, if they may enter the community (None: their own namespace)."""

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

    def prove(self, tokens: Sequence[str], on_done: OnDone) -> None:
        """Find the `SessionOwner` of each of some tokens; None for one that holds no longer."""

    def mend(self, request: MendRequest, on_done: OnDone) -> None:
        """Find what still holds for those who sit at a gateway: a `MendAnswer`, in the order of commits."""
