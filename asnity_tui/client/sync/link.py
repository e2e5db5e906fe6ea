"""The present connection to the server: its number, whether it is up, and requests over HTTP and the socket."""

from __future__ import annotations

from typing import Literal

from asnity_server.protocol.errors import Conflict, Unauthorized, is_restored
from asnity_server.protocol.routes import A, R, Route, SocketRequest
from asnity_tui.client.clock import Clock
from asnity_tui.client.transport.client import ChatClient, NoAnswer, Unreachable
from asnity_tui.state.changes import Need, NeedOverview
from asnity_tui.state.store import Store

from .publisher import Publisher

OFFLINE = "You are offline. This needs a connection, and isn't queued: try again once you are connected."

LEFT_MAX = 1_000
"""Communities of which is known how often their namespace was closed; of more, it is counted anew."""


class LinkDead(Need, frozen=True):
    """A request over the connection with this number got no answer."""

    number: int


class TokenRefused(Need, frozen=True):
    """The server no longer takes the token."""


class RoundTripMeasured(Need, frozen=True):
    """`Link.round_trip_ms` is new."""


class Link:
    """Sends requests over the present connection; `Connection` opens it and takes it down."""

    def __init__(self, client: ChatClient, store: Store, publisher: Publisher, clock: Clock) -> None:
        self._client = client
        self._store = store
        self._publisher = publisher
        self._clock = clock
        self.number = 0
        """The number of the present connection."""
        self.is_up = False
        """There is a connection: namespaces can be entered."""
        self.waits_for: Literal["offline", "signed-out"] = "offline"
        """The reason why unsent things don't go, while there is one."""
        self.round_trip_ms: int | None = None
        """How long the last acknowledged request took."""
        self._left: dict[str, int] = {}

    async def call(self, route: Route[R, A], request: R) -> A:
        """One HTTP request; raises as `ChatClient.call` does."""
        self._client.generation = self._store.generation
        try:
            return await self._client.call(route, request)
        except Unauthorized:
            self._publisher.publish((TokenRefused(),))
            raise
        except Conflict as error:
            if is_restored(error.info):
                self._publisher.publish((NeedOverview(),))
            raise
        except Unreachable as error:
            raise self._unreachable(error) from None

    async def ask(self, community_id: str | None, kind: SocketRequest[R, A], request: R) -> A:
        """One socket request; raises as `ChatClient.ask` does.

        Without an answer the connection counts as dead, unless it is only the community's namespace that was closed.
        """
        number, left, began = self.number, self._left.get(community_id or "", 0), self._clock.now()
        try:
            answer = await self._client.ask(community_id, kind, request)
        except NoAnswer:
            if left == self._left.get(community_id or "", 0):
                self._publisher.publish((LinkDead(number),))
            raise
        except Unauthorized:
            self._publisher.publish((TokenRefused(),))
            raise
        except Unreachable as error:
            raise self._unreachable(error) from None
        if number == self.number:
            self.round_trip_ms = self._clock.now() - began
            self._publisher.publish((RoundTripMeasured(),))
        return answer

    def _unreachable(self, error: Unreachable) -> Unreachable:
        """The same; without a connection what matters is that, and that it isn't done later by itself."""
        return error if self.is_up else Unreachable(OFFLINE)

    def holds(self, number: int) -> bool:
        """Tell whether the connection with this number is still there."""
        return self.is_up and self.number == number

    def namespace_closed(self, community_id: str) -> None:
        """Count that a namespace was closed: what was asked there gets no answer any more."""
        if len(self._left) >= LEFT_MAX:
            self._left.clear()
        self._left[community_id] = self._left.get(community_id, 0) + 1
