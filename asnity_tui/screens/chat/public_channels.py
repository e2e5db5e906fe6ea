"""Public channels that I am not in, loaded beside the typing for `/join #`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.widget import Widget

from asnity_server.protocol.models import Channel
from asnity_tui.client.sync.session import Session
from asnity_tui.client.transport.client import REQUEST_ERRORS

PAGES = 10
"""Pages of 100 channels that are looked through at most."""


class PublicChannels:
    """What was loaded for the command that is being written; forgotten with it."""

    def __init__(self, session: Session, owner: Widget, then: Callable[[], None]) -> None:
        """`owner` runs the loading; `then` is told when there is something."""
        self._session = session
        self._owner = owner
        self._then = then
        self._found: dict[str, Sequence[Channel]] = {}
        self._asked: set[str] = set()

    def forget(self) -> None:
        """Another command will want to know how it is then."""
        self._asked.clear()
        self._found.clear()

    def of(self, community_id: str) -> Sequence[Channel]:
        """Those of a community; none until they are loaded."""
        if community_id not in self._asked and self._session.connection.status == "online":
            self._asked.add(community_id)
            self._owner.run_worker(self._load(community_id), group="public-channels", exit_on_error=False)
        return [each for each in self._found.get(community_id, ()) if self._session.store.channel(each.id) is None]

    async def _load(self, community_id: str) -> None:
        found: list[Channel] = []
        cursor: str | None = None
        for _ in range(PAGES):
            try:
                answer = await self._session.browse_channels(community_id, cursor)
            except REQUEST_ERRORS:
                return  # it can still be typed, and Enter says what is wrong
            found += [each for each in answer.channels if each.kind == "public" and each.id not in answer.joined]
            if not isinstance(answer.cursor, str):
                break
            cursor = answer.cursor
        self._found[community_id] = found
        self._then()
