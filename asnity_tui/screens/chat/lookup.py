"""Lookup: finds channels, people and single messages, and goes to what was found.

Dialogs are imported when they are first needed: the first picture has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from asnity_server.protocol.models import Channel
from asnity_tui.client.sync.session import Session
from asnity_tui.screens.pending import PendingRequests
from asnity_tui.state.rows import Gap, Item, Row
from asnity_tui.state.unread import is_mention
from asnity_tui.widgets.text.safe_text import harmless_line

from .conversation import Conversation
from .navigation import Navigation

if TYPE_CHECKING:
    from asnity_tui.state.message_link import MessageAddress

FAR = 10
"""Pages of history that are looked through for a mention before it is said that there is none."""


class Lookup:
    """Asks what to look for, and opens what was found."""

    def __init__(
        self,
        screen: Screen[Any],
        session: Session,
        conversation: Conversation,
        navigation: Navigation,
        requests: PendingRequests,
        server: str,
    ) -> None:
        """`screen` is what dialogs come over; `server` the address that links to messages begin with."""
        self._screen = screen
        self._session = session
        self._conversation = conversation
        self._navigation = navigation
        self._requests = requests
        self._server = server
        self._searched = ""
        """The last query."""

    async def quick_switch(self) -> None:
        """Go to a channel or a person, found by a few letters."""
        from asnity_tui.screens.quick_switch import QuickSwitch  # late: see above

        navigation = self._navigation
        switch = QuickSwitch(self._session, recent=navigation.recent, here=navigation.community_id)
        chosen = switch.destination(await self._screen.app.push_screen_wait(switch))
        if chosen is None:
            return
        if chosen.channel_id is not None:
            navigation.go_to(chosen.channel_id)
        elif chosen.user_id is not None:
            await navigation.write_to(chosen.community_id, [chosen.user_id])

    async def catch_up(self) -> None:
        """List everything that was missed, anywhere."""
        from asnity_tui.screens.catch_up import CatchUp  # late: see above

        catch_up = CatchUp(self._session, self._conversation.view.rows.context)
        chosen = await self._screen.app.push_screen_wait(catch_up)
        if chosen is not None:
            self._navigation.go_to(chosen.channel_id, at=chosen.message_id)

    async def search(self, text: str | None = None) -> None:
        """Look for messages, for `text` to begin with, and open what is found in its place, joined first if need be."""
        from asnity_tui.screens.search import SearchScreen  # late: see above

        now, scene = self._conversation.now(), self._conversation.view.rows.context
        begin_with = self._searched if text is None else text
        search = SearchScreen(self._session, scene, now=now, here=self._navigation.community_id, text=begin_with)
        hit = await self._screen.app.push_screen_wait(search)
        self._searched = search.text
        if hit is None or (not hit.mine and not await self._join(hit.channel)):
            return
        self._navigation.go_to(hit.channel.id, at=hit.message.id)

    async def _join(self, channel: Channel) -> bool:
        """Join a public channel, after asking; a direct message that I closed is only opened again."""
        if channel.kind == "direct":
            return await self._requests.answer(self._session.directs.reopen(channel.id), "Opening") is not None
        from asnity_tui.screens.dialogs.confirm import Confirm  # late: see above

        name = harmless_line(channel.name)
        question = Confirm(f"Join #{name}?", "You aren't in this channel yet.", yes="Join")
        if not await self._screen.app.push_screen_wait(question):
            return False
        return await self._requests.answer(self._session.channels.join(channel.id), "Joining") is not None

    async def pins(self, channel_id: str) -> None:
        """List what is pinned in a channel; Enter goes there."""
        from asnity_tui.screens.dialogs.picker import Picker  # late: see above
        from asnity_tui.screens.message_option import message_option  # late: see above

        pins = await self._requests.answer(self._session.pins.of_channel(channel_id), "Loading pinned messages")
        if pins is None:
            return
        scene, now = self._conversation.view.rows.context, self._conversation.now()
        options = [message_option(str(each.id), each, scene, now) for each in pins.messages]
        channel = self._session.store.channel(channel_id)
        title = f"Pinned in {self._conversation.title(channel)}" if channel is not None else "Pinned"
        chosen = await self._screen.app.push_screen_wait(Picker(title, options, nothing="No pinned messages."))
        if chosen is not None:
            self._navigation.go_to(channel_id, at=int(chosen))

    # Messages of the open channel

    async def mention(self, direction: int) -> None:
        """Go to the previous (-1) or next (1) message that mentions me, loading what is between."""
        channel_id = self._conversation.channel_id
        start = self._message_in_sight(direction)
        for _ in range(FAR):
            channel = self._session.store.channel(channel_id) if channel_id is not None else None
            timeline = channel.timeline if channel is not None else None
            if channel_id is None or timeline is None:
                return
            found = _mention(timeline.items(), start, direction, self._session.store.my_id)
            if isinstance(found, Row):
                if channel_id == self._conversation.channel_id:
                    self._navigation.go_to(channel_id, at=found.message.id)
                return
            if isinstance(found, Gap):
                load = self._session.history.load_gap(channel_id, found, forward=direction > 0)
            elif not (timeline.has_older if direction < 0 else timeline.has_newer):
                break
            elif direction < 0:
                load = self._session.history.load_older(channel_id)
            else:
                load = self._session.history.load_newer(channel_id)
            if not await self._requests.done(load, "Searching for mentions"):
                return
        where = "above" if direction < 0 else "below"
        self._conversation.notify(f"No mentions of you {where}.", timeout=2, markup=False)

    def _message_in_sight(self, direction: int) -> int:
        """Find the message from which on to look: the one under the cursor, else what shows."""
        view = self._conversation.view
        current = view.current
        if isinstance(current, Row) and current.message.id:
            return current.message.id
        first, end = view.scroll_position.in_sight()
        shown = [item.message.id for item in view.rows.items[first:end] if isinstance(item, Row) and item.message.id]
        if not shown:
            return 0
        return shown[-1] + 1 if direction < 0 else shown[-1]

    async def day(self, channel_id: str, moment: int) -> None:
        """Go to the first message of a day that begins at `moment` (milliseconds since 1970)."""
        found = await self._requests.answer(self._session.history.jump_to_date(channel_id, moment), "Loading that day")
        if found is not None and channel_id == self._conversation.channel_id:
            self._navigation.go_to(channel_id, at=found)

    # Links to messages

    def place_of(self, link: str) -> MessageAddress | None:
        """Answer where a link to a message leads, if it is one of this server and I am in its channel."""
        from asnity_tui.state.message_link import parse_link  # late: see above

        place = parse_link(link, self._server)
        return place if place is not None and self._session.store.channel(place.channel_id) is not None else None

    def follow(self, url: str) -> bool:
        """Go to the message that a link leads to; False if it isn't one that I can read here."""
        place = self.place_of(url)
        return place is not None and self._navigation.go_to(place.channel_id, at=place.message_id)


def _mention(items: Sequence[Item], start: int, direction: int, me: str) -> Item | None:
    """Find the nearest row that mentions me before or behind a message, or the gap that is nearer."""
    for item in items if direction > 0 else reversed(items):
        if isinstance(item, Gap):
            ahead = item.before_id > start + 1 if direction > 0 else item.after_id < start - 1
        else:
            id = item.message.id
            ahead = (id > start if direction > 0 else 0 < id < start) and is_mention(item.message, me)
        if ahead:
            return item
    return None
