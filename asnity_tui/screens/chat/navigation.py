"""Navigation: which community and channel are on the screen, and the ways from there to others."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from asnity_tui.client.sync.session import Session
from asnity_tui.screens.pending import PendingRequests, why_not_loaded
from asnity_tui.state import next_channel
from asnity_tui.state.channel import ChannelState
from asnity_tui.state.community import CommunityState
from asnity_tui.widgets.list_pane import ListPane

from .conversation import Conversation
from .sidebar import Panes, Sidebar

LONGEST = 50
"""Channels at most that are remembered as visited."""


class Navigation:
    """Opens channels, and remembers which were open."""

    def __init__(
        self,
        session: Session,
        conversation: Conversation,
        sidebar: Sidebar,
        panes: Panes,
        requests: PendingRequests,
        *,
        opened: Callable[[], None],
    ) -> None:
        """`opened` is called when something else is on the screen."""
        self.community_id: str | None = None
        """The community on the screen."""
        self.visited: list[str] = []
        """Channels that were open, the last one first."""
        self._session = session
        self._conversation = conversation
        self._sidebar = sidebar
        self._panes = panes
        self._requests = requests
        self._opened = opened
        self._origin: str | None = None
        """The channel from which I began to go through what is unread."""

    @property
    def community(self) -> CommunityState | None:
        """The community on the screen, as the store has it."""
        return self._session.store.communities.get(self.community_id) if self.community_id else None

    @property
    def recent(self) -> list[str]:
        """Channels that were on the screen before the open one, the last one first."""
        return [each for each in (self._conversation.channel_id, *self.visited) if each][1:]

    # Opening

    def begin(self, channel_id: str | None = None) -> None:
        """Open a channel, or where I was, or `general` of the first community; without any, nothing."""
        store = self._session.store
        self.visited = self.visited or [each for each in self._session.preferences.recent() if each != channel_id]
        last = channel_id or self._session.persistence.last_channel()
        channel = store.channel(last) if last else None
        if channel is None:
            community = self.community or next(iter(store.communities.values()), None)
            channel = next_channel.first_channel(community, self.visited) if community else None
        if channel is not None:
            self.show(channel)
        else:
            self._show_nothing()

    def _show_nothing(self) -> None:
        communities, status = self._session.store.communities, self._session.connection.status
        self.community_id = next(iter(communities), None)
        self._conversation.close()
        known = status == "online" or bool(communities)
        key = "Enter" if self._sidebar.is_shown else "ctrl+p"
        empty = f"{key}: create or join a community." if known else why_not_loaded(status)
        self._conversation.view.empty_text = empty
        self._opened()
        if known and self._sidebar.is_shown:
            self._sidebar.rail.focus()

    def show(self, channel: ChannelState, *, at: int | None = None) -> None:
        """Open a channel of any community, with the message `at` marked; the focus stays."""
        if not self._conversation.type_ahead.may_lead():
            title = self._conversation.title(channel)
            self._conversation.notify(f"{title} is ready: ctrl+k goes there.", markup=False)
            return
        previous = self._conversation.channel_id
        if previous is not None and previous != channel.id:
            self.visited = [previous, *(each for each in self.visited if each != previous)][:LONGEST]
        self.community_id = channel.channel.community_id
        self._conversation.open(channel.id, at=at)
        self._opened()
        self._sidebar.channels.put_cursor(channel.id)

    def go_to(self, channel_id: str, *, at: int | None = None) -> bool:
        """Open a channel by its id, with the message `at` marked, and go on writing; False if I am not in it."""
        channel = self._session.store.channel(channel_id)
        if channel is None:
            return False
        self._panes.uncover()
        if not self._conversation.type_ahead.may_lead():
            self.show(channel)  # which says why it doesn't
            return True
        self.show(channel, at=at)
        writes_on = at is None or bool(self._conversation.composer.text)
        (self._conversation.composer if writes_on else self._conversation.view).focus()
        return True

    def go_to_community(self, community: CommunityState) -> None:
        """Open the channel of a community where I was last, unless it is on the screen already."""
        if self.community_id != community.id:
            self.open_community(community)

    def open_community(self, community: CommunityState | None) -> bool:
        """Open the channel of a community where I was last; False if I am in none."""
        channel = next_channel.first_channel(community, self.visited) if community else None
        if channel is not None:
            self.show(channel)
        return channel is not None

    def choose(self, pane: ListPane, key: str) -> None:
        """Open the entry of the rail or of the channel list that was chosen."""
        if pane is self._sidebar.rail:
            if self.open_community(self._session.store.communities.get(key)):
                self._sidebar.channels.focus()
            return
        channel = self._session.store.channel(key)
        if channel is not None:
            self.show(channel)
            self._panes.write()

    async def write_to(self, community_id: str, user_ids: Sequence[str]) -> None:
        """Open the direct channel with people, made if there is none."""
        channel_id = await self._requests.answer(self._session.directs.open(community_id, user_ids))
        if channel_id is not None:
            self.go_to(channel_id)

    def left_here(self) -> None:
        """Go on elsewhere: the person left the open channel by themselves, and isn't writing."""
        self._conversation.call_later(self._go_on)

    def _go_on(self) -> None:
        if self._conversation.channel is None and not self._conversation.composer.text.strip():
            self.begin()

    # Going on to the next one

    def go_to_neighbour(self, direction: int) -> None:
        """Open the channel above (-1) or below (1) in the list."""
        community = self.community
        channels = list(community.channels.values()) if community else []
        self._go(next_channel.neighbour(channels, self._conversation.channel_id, direction))

    def go_to_number(self, number: int) -> None:
        """Open the channel with this number: of what is unread, or of the list."""
        channel_id = self._conversation.channel_id
        channels, unread = next_channel.numbered(self._session.store, self.community_id, channel_id)
        if number <= len(channels):
            self._go(channels[number - 1])
            return
        many = "One channel" if len(channels) == 1 else f"{len(channels) or 'No'} channels"
        self._say(f"{many} {'with unread messages' if unread else 'in this list'}.")

    def go_to_unread(self, direction: int) -> None:
        """Open the next or previous unread channel."""
        found = next_channel.unread_neighbour(self._session.store, self._conversation.channel_id, direction)
        self._go(found, nothing=True)

    def go_to_best_unread(self) -> None:
        """Open what is best read next; when nothing is left, go back to where it began."""
        channel = next_channel.best_next(self._session.store, self._conversation.channel_id)
        if channel is not None:
            if self._origin is None:
                self._origin = self._conversation.channel_id
            self._go(channel)
            return
        origin, self._origin = self._origin, None
        back = self._session.store.channel(origin) if origin else None
        self._go(back if back is not None and back.id != self._conversation.channel_id else None, nothing=True)

    def go_to_next_community(self, direction: int) -> None:
        """Open the community above or below."""
        self.open_community(next_channel.next_community(self._session.store, self.community_id, direction))

    def go_back(self) -> None:
        """Open the channel that was open before."""
        channels = (self._session.store.channel(each) for each in self.visited)
        self._go(next((each for each in channels if each and each.id != self._conversation.channel_id), None))

    def _go(self, channel: ChannelState | None, *, nothing: bool = False) -> None:
        if channel is not None:
            self.show(channel)
        elif nothing:
            self._say("No unread messages.")

    def _say(self, text: str) -> None:
        self._conversation.notify(text, timeout=2, markup=False)
