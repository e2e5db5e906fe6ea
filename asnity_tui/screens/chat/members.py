"""The members pane's controller: fills it for the open channel, loads who isn't known, and says why it is empty."""

from __future__ import annotations

from textual.screen import Screen

from asnity_server.protocol.errors import AsnityError
from asnity_tui.client.clock import Clock
from asnity_tui.client.sync.session import Session
from asnity_tui.client.transport.client import RequestError
from asnity_tui.screens.pending import PendingRequests, why_not_loaded
from asnity_tui.state.channel import ChannelState
from asnity_tui.state.rights import general_of
from asnity_tui.widgets.members_pane import MembersPane

AGAIN = 10.0
"""Seconds before a list that was refused is asked for again."""


class MembersController:
    """Keeps the pane in step with the open channel."""

    def __init__(
        self, screen: Screen[None], session: Session, requests: PendingRequests, pane: MembersPane, *, clock: Clock
    ) -> None:
        self._screen = screen
        self._session = session
        self._requests = requests
        self.pane = pane
        self._clock = clock
        self._asking: set[str] = set()
        self._refused: dict[str, str] = {}

    def draw(self, channel: ChannelState | None) -> None:
        """Show who is in a channel, and ask for them where they aren't known."""
        if not self.pane.display:
            return
        community = self._session.store.communities.get(channel.channel.community_id) if channel is not None else None
        if channel is None or community is None:
            self.pane.say("")
        elif channel.people is None:
            self.pane.say(self._why_nobody(channel.id))
            self._ask(channel.id)
        else:
            note = "" if community.joined else NOT_LIVE.get(self._session.connection.status, "connecting …")
            if not note and channel.channel.kind == "public" and channel.id != general_of(community):
                note = "public: anyone can join"
            me, now = self._session.store.my_id, self._clock.wall()
            self.pane.fill(channel.people.values(), community.presence_of, me, now=now, note=note)

    def connection_changed(self, channel: ChannelState | None) -> None:
        """Say in other words why nothing is loaded."""
        if channel is not None and (channel.people is None or self._session.connection.status != "online"):
            self.draw(channel)

    def _why_nobody(self, channel_id: str) -> str:
        return why_not_loaded(self._session.connection.status, self._refused.get(channel_id, ""))

    def _ask(self, channel_id: str) -> None:
        if self._session.connection.status == "online" and channel_id not in self._asking:
            self._asking.add(channel_id)
            self._screen.run_worker(self._load(channel_id), group="readers", exit_on_error=False)

    async def _load(self, channel_id: str) -> None:
        def refused(text: str, error: RequestError) -> None:
            if not isinstance(error, AsnityError):
                self._asking.discard(channel_id)  # drawn again once there is a connection
                return
            self._refused[channel_id] = text
            self._screen.set_timer(AGAIN, lambda: self._ask_again(channel_id))
            self._draw_if_open(channel_id)

        if await self._requests.done(self._session.members.load_channel(channel_id), "", refused=refused):
            self._asking.discard(channel_id)
            self._refused.pop(channel_id, None)

    def _ask_again(self, channel_id: str) -> None:
        self._asking.discard(channel_id)
        self._draw_if_open(channel_id)

    def _draw_if_open(self, channel_id: str) -> None:
        if self._session.open_channel_id == channel_id:
            self.draw(self._session.store.channel(channel_id))


NOT_LIVE = {"offline": "you are offline", "signed-out": "you are signed out"}
"""Notes above people whose presence isn't known, by how the connection stands."""
