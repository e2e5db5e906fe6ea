"""The main screen's ways to people, to single messages, and to what may be done with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import on, work

from asnity_server.protocol.models import Channel
from asnity_tui.state.rights import rights_at
from asnity_tui.state.rows import Gap, Item, Row, Sent
from asnity_tui.state.unread import is_mention
from asnity_tui.widgets.list_pane import ListPane
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.timeline.messages import ActOn

from .navigation import Going
from .type_ahead import leading

if TYPE_CHECKING:
    from asnity_tui.state.message_link import MessageAddress

FAR = 10
"""Pages of history that are looked through for a mention before it is said that there is none."""


class Finding(Going, part=True):
    """Members, pins, mentions, links, menus.

    Dialogs are imported when they are first needed: the first picture has none.
    """

    _searched = ""
    """What was looked for last."""

    # What was missed

    @leading
    async def action_catch_up(self) -> None:
        """Everything that was missed, anywhere."""
        from asnity_tui.screens.catch_up import CatchUp  # late: see above

        chosen = await self.app.push_screen_wait(CatchUp(self.session, self.conversation.view.rows.context))
        if chosen is not None:
            self.go_to(chosen.channel_id, at=chosen.message_id)

    # Searching

    @leading
    async def action_search(self) -> None:
        """Look for messages; what is found is opened in its place, joined first if need be."""
        from asnity_tui.screens.search import SearchScreen  # late: see above

        now, render_context = self.conversation.now(), self.conversation.view.rows.context
        search = SearchScreen(self.session, render_context, now=now, here=self.community_id, text=self._searched)
        hit = await self.app.push_screen_wait(search)
        self._searched = search.text
        if hit is None or (not hit.mine and not await self._join(hit.channel)):
            return
        self.go_to(hit.channel.id, at=hit.message.id)

    def search_for(self, text: str) -> None:
        """Begin to look for a text."""
        self._searched = text
        self.action_search()

    async def _join(self, channel: Channel) -> bool:
        """Join a public channel, after asking; a direct message that I closed is only opened again."""
        if channel.kind == "direct":
            return await self.requests.answer(self.session.places.list_direct(channel.id), "Opening") is not None
        from asnity_tui.screens.dialogs.confirm import Confirm  # late: see above

        name = harmless_line(channel.name)
        question = Confirm(f"Join #{name}?", "You aren't in this channel yet.", yes="Join")
        if not await self.app.push_screen_wait(question):
            return False
        return await self.requests.answer(self.session.join_channel(channel.id), "Joining") is not None

    # Members

    @on(ListPane.Chosen, "#members")
    def _member_chosen(self, event: ListPane.Chosen) -> None:
        event.stop()
        if event.key != self.session.store.my_id and self.community_id is not None:
            self.write_to_member(self.community_id, event.key)

    @leading
    async def write_to_member(self, community_id: str, user_id: str) -> None:
        """Open the direct channel with somebody."""
        await self.write_to(community_id, [user_id])

    @on(ListPane.MenuWanted, "#members")
    def _menu_of_member(self, event: ListPane.MenuWanted) -> None:
        event.stop()
        self._member_menu(event.key)

    @leading
    async def _member_menu(self, user_id: str) -> None:
        from asnity_tui.commands.menus import ask_about_member  # late: see above

        channel = self.conversation.channel
        member = (channel.people or {}).get(user_id) if channel is not None else None
        if channel is not None and member is not None:
            await ask_about_member(self, channel.channel.community_id, member, channel_id=channel.id)

    @leading
    async def action_people(self) -> None:
        """Who reads what is written here; choosing one leads to what may be done with them."""
        from asnity_tui.commands.menus import ask_about_member  # late: see above
        from asnity_tui.screens.dialogs.member_picker import choose_member  # late: see above

        channel = self.conversation.channel
        if channel is not None:
            member = await choose_member(self, channel)
            if member is not None:
                await ask_about_member(self, channel.channel.community_id, member, channel_id=channel.id)

    # Menus

    @leading
    async def action_channel_menu(self) -> None:
        """What may be done with the open channel."""
        from asnity_tui.commands.menus import ask_about_channel  # late: see above

        if self.conversation.channel_id is not None:
            await ask_about_channel(self, self.conversation.channel_id)

    @leading
    async def _channel_menu(self, channel_id: str) -> None:
        from asnity_tui.commands.menus import ask_about_channel  # late: see above

        await ask_about_channel(self, channel_id)

    @leading
    async def _community_menu(self, community_id: str) -> None:
        from asnity_tui.commands.menus import ask_about_community  # late: see above

        await ask_about_community(self, community_id)

    @on(ListPane.MenuWanted, "#channels")
    def _menu_of_channel(self, event: ListPane.MenuWanted) -> None:
        event.stop()
        self._channel_menu(event.key)

    @on(ListPane.MenuWanted, "#rail")
    def _menu_of_community(self, event: ListPane.MenuWanted) -> None:
        event.stop()
        self._community_menu(event.key)

    @on(ActOn)
    def _act_on_message(self, event: ActOn) -> None:
        """What is done with a message beyond the conversation."""
        if event.act == "menu":
            self._message_menu(event.channel_id, event.row)
        elif event.act == "pin":
            self._turn_pin(event.channel_id, event.row)
        elif event.act == "copy-link":
            self._copy_link(event.channel_id, event.row)
        elif event.act == "reactors":
            self._show_reactors(event.channel_id, event.row)

    @leading
    async def _show_reactors(self, channel_id: str, row: Row) -> None:
        from asnity_tui.screens.dialogs.reactors import show_reactors  # late: see above

        await show_reactors(self, channel_id, row)

    @leading
    async def _message_menu(self, channel_id: str, row: Row) -> None:
        from asnity_tui.commands.menus import ask_about_message  # late: see above

        await ask_about_message(self, channel_id, row)

    # Being told

    def action_do_not_disturb(self) -> None:
        """Tell nothing outside of the program any more, or again."""
        choices = self.session.preferences
        choices.set_do_not_disturb(not choices.do_not_disturb)
        self.draw_status()

    # Pins

    @leading
    async def action_pins(self) -> None:
        """What is pinned in the open channel."""
        if self.conversation.channel_id is not None:
            await self.show_pins(self.conversation.channel_id)

    async def show_pins(self, channel_id: str) -> None:
        """List what is pinned in a channel; Enter goes there."""
        from asnity_tui.screens.dialogs.picker import Picker  # late: see above
        from asnity_tui.screens.message_option import message_option  # late: see above

        pins = await self.requests.answer(self.session.marks.pins(channel_id), "Loading pinned messages")
        if pins is None:
            return
        render_context, now = self.conversation.view.rows.context, self.conversation.now()
        options = [message_option(str(each.id), each, render_context, now) for each in pins.messages]
        channel = self.session.store.channel(channel_id)
        title = f"Pinned in {self.conversation.title(channel)}" if channel is not None else "Pinned"
        chosen = await self.app.push_screen_wait(Picker(title, options, nothing="No pinned messages."))
        if chosen is not None:
            self.go_to(channel_id, at=int(chosen))

    @work(group="pin", exit_on_error=False)
    async def _turn_pin(self, channel_id: str, row: Row) -> None:
        """Pin a message for everybody, or take the pin away."""
        if not isinstance(row.delivery, Sent):
            self.app.bell()
            return
        if not rights_at(self.session.store, channel_id, self.conversation.now()).may_pin:
            self.notify("Only admins can pin messages, and not in archived channels.", severity="warning", markup=False)
            return
        from asnity_tui.screens.dialogs.confirm import Confirm  # late: see above

        marks, pinned = self.session.marks, row.message.pinned
        title, yes = ("Unpin this message?", "Unpin") if pinned else ("Pin this message?", "Pin")
        said = "For everyone in this channel."
        if not await self.app.push_screen_wait(Confirm(title, said, yes=yes)):
            return
        turn = marks.unpin if pinned else marks.pin
        if await self.requests.done(turn(channel_id, row.message.id)):
            self.notify("Unpinned." if pinned else "Pinned.", timeout=2, markup=False)

    # Mentions

    @work(group="mention", exclusive=True, exit_on_error=False)
    async def action_mention(self, direction: int) -> None:
        """The previous (-1) or next (1) message of this channel that mentions me, loading what is between."""
        channel_id = self.conversation.channel_id
        start = self._message_in_sight(direction)
        looking = "Searching for mentions"
        for _ in range(FAR):
            channel = self.session.store.channel(channel_id) if channel_id is not None else None
            timeline = channel.timeline if channel is not None else None
            if channel_id is None or timeline is None:
                return
            found = _mention(timeline.items(), start, direction, self.session.store.my_id)
            if isinstance(found, Row):
                if channel_id == self.conversation.channel_id:
                    self.go_to(channel_id, at=found.message.id)
                return
            if isinstance(found, Gap):
                load_gap = self.session.load_gap(channel_id, found, forward=direction > 0)
                if not await self.requests.done(load_gap, looking):
                    return
            elif not (timeline.has_older if direction < 0 else timeline.has_newer):
                break
            else:
                load = self.session.load_older if direction < 0 else self.session.load_newer
                if not await self.requests.done(load(channel_id), looking):
                    return
        where = "above" if direction < 0 else "below"
        self.notify(f"No mentions of you {where}.", timeout=2, markup=False)

    def _message_in_sight(self, direction: int) -> int:
        """From which message on to look: the one under the cursor, else what shows."""
        view = self.conversation.view
        current = view.current
        if isinstance(current, Row) and current.message.id:
            return current.message.id
        first, end = view.scroll_position.in_sight()
        shown = [item.message.id for item in view.rows.items[first:end] if isinstance(item, Row) and item.message.id]
        if not shown:
            return 0
        return shown[-1] + 1 if direction < 0 else shown[-1]

    # Links

    def _copy_link(self, channel_id: str, row: Row) -> None:
        if not isinstance(row.delivery, Sent):
            self.app.bell()
            return
        from asnity_tui.state.message_link import MessageAddress, link_to  # late: see above

        place = MessageAddress(channel_id, row.message.id, self.session.store.generation)
        self.app.copy_to_clipboard(link_to(self.server, place))

    @leading
    async def action_link(self) -> None:
        """Go to the message that a link leads to."""
        from asnity_tui.commands.places_asked import ask_link  # late: see above

        place = await ask_link(self)
        if place is not None:
            self.go_to(place.channel_id, at=place.message_id)

    @leading
    async def action_date(self) -> None:
        """Go to a day of the open channel."""
        from asnity_tui.commands.places_asked import ask_day  # late: see above

        channel_id = self.conversation.channel_id
        moment = await ask_day(self) if channel_id is not None else None
        if channel_id is None or moment is None:
            return
        found = await self.requests.answer(self.session.jump_to_date(channel_id, moment), "Loading that day")
        if found is not None and channel_id == self.conversation.channel_id:
            self.go_to(channel_id, at=found)

    def place_of(self, link: str) -> MessageAddress | None:
        """Where a link to a message leads, if it is one of this server and I am in its channel."""
        from asnity_tui.state.message_link import parse_link  # late: see above

        place = parse_link(link, self.server)
        return place if place is not None and self.session.store.channel(place.channel_id) is not None else None


def _mention(items: Sequence[Item], start: int, direction: int, me: str) -> Item | None:
    """The nearest row that mentions me before or behind a message, or the gap that is nearer."""
    for item in items if direction > 0 else reversed(items):
        if isinstance(item, Gap):
            ahead = item.before_id > start + 1 if direction > 0 else item.after_id < start - 1
        else:
            id = item.message.id
            ahead = (id > start if direction > 0 else 0 < id < start) and is_mention(item.message, me)
        if ahead:
            return item
    return None
