"""The main screen's ways from one place to another, in this community and any other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from textual import on

from asnity_tui.screens.pending import why_not_loaded
from asnity_tui.state.channel import ChannelState
from asnity_tui.widgets.channel_list import BROWSE
from asnity_tui.widgets.community_rail import ADD
from asnity_tui.widgets.list_pane import ListPane

from . import next_channel
from .sidebar import ChatFrame
from .type_ahead import leading

if TYPE_CHECKING:
    from .command_runner import CommandRunner

T = TypeVar("T")


class Going(ChatFrame, part=True):
    """Opens channels: by list, by key, by what is unread, by name.

    Dialogs are imported when they are first needed: the first picture has none.
    """

    @cached_property
    def commands(self) -> CommandRunner:
        """Runs what the person commands."""
        from .command_runner import CommandRunner  # late: the first paint runs no command

        return CommandRunner(self)

    # Waiting

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape only gives something up while there is something."""
        return self.requests.can_cancel if action == "give_up_waiting" else True

    def action_give_up_waiting(self) -> None:
        """Don't wait any more for what takes long."""
        self.requests.cancel()

    # Opening

    def begin(self, channel_id: str | None) -> None:
        """Open a channel, or where I was, or `general` of the first community; without any, nothing."""
        store = self.session.store
        self.visited = self.visited or [each for each in self.session.preferences.recent() if each != channel_id]
        last = channel_id or self.session.last_channel()
        channel = store.channel(last) if last else None
        if channel is None:
            community = self.community or next(iter(store.communities.values()), None)
            channel = next_channel.first_channel(community, self.visited) if community else None
        if channel is not None:
            self.show_channel(channel)
            return
        self.community_id = next(iter(store.communities), None)
        self.conversation.close()
        status = self.session.connection.status
        known = status == "online" or bool(store.communities)
        key = "Enter" if self.lists_show else "ctrl+p"
        empty = f"{key}: create or join a community." if known else why_not_loaded(status)
        self.conversation.view.empty_text = empty
        self.draw_lists()
        if known and self.lists_show:
            self.rail.focus()

    def show_channel(self, channel: ChannelState, *, at: int | None = None) -> None:
        """Open a channel of any community."""
        if not self.conversation.type_ahead.may_lead():
            title = self.conversation.title(channel)
            self.notify(f"{title} is ready: ctrl+k goes there.", markup=False)
            return
        previous = self.conversation.channel_id
        if previous is not None and previous != channel.id:
            self.visited = [previous, *(each for each in self.visited if each != previous)][:50]
        self.community_id = channel.channel.community_id
        self.conversation.open(channel.id, at=at)
        self.draw_lists()
        self.channels.put_cursor(channel.id)

    def go_to(self, channel_id: str, *, at: int | None = None) -> bool:
        """Open a channel by its id, with the message `at` marked, and go on writing; False if I am not in it."""
        channel = self.session.store.channel(channel_id)
        if channel is None:
            return False
        self.remove_class("-lists-open", "-members-open")  # what lies over the messages
        if not self.conversation.type_ahead.may_lead():
            self.show_channel(channel)  # which says why it doesn't
            return True
        self.show_channel(channel, at=at)
        writes_on = at is None or bool(self.conversation.composer.text)
        (self.conversation.composer if writes_on else self.conversation.view).focus()
        return True

    def left_here(self) -> None:
        """The person left the open channel by themselves: go on elsewhere, unless they are writing."""
        self.call_later(self._go_on)

    def _go_on(self) -> None:
        if self.conversation.channel is None and not self.conversation.composer.text.strip():
            self.begin(None)

    async def write_to(self, community_id: str, user_ids: Sequence[str]) -> None:
        """Open the direct channel with people, made if there is none."""
        channel_id = await self.requests.answer(self.session.people.open_direct(community_id, user_ids))
        if channel_id is not None:
            self.go_to(channel_id)

    @on(ListPane.Chosen, "#rail")
    def _community_chosen(self, event: ListPane.Chosen) -> None:
        if event.key == ADD:
            self.action_place("add-community")
            return
        community = self.session.store.communities.get(event.key)
        channel = next_channel.first_channel(community, self.visited) if community else None
        if channel is not None:
            self.show_channel(channel)
            self.channels.focus()

    @on(ListPane.Chosen, "#channels")
    def _channel_chosen(self, event: ListPane.Chosen) -> None:
        if event.key == BROWSE:
            self.action_place("browse")
            return
        channel = self.session.store.channel(event.key)
        if channel is not None:
            self.show_channel(channel)
            self.action_close_lists()

    def action_place(self, doing: str) -> None:
        """Something about communities, channels and people, by its name."""
        raise NotImplementedError

    def action_close_lists(self) -> None:
        """Back to writing; lists that lie over the messages go away."""
        raise NotImplementedError

    # Going places

    @leading
    async def action_go_to(self) -> None:
        """The quick switch."""
        from asnity_tui.screens.quick_switch import QuickSwitch  # late: see above

        recent = [each for each in (self.conversation.channel_id, *self.visited) if each][1:]
        switcher = QuickSwitch(self.session, recent=recent, here=self.community_id)
        chosen = switcher.goal(await self.app.push_screen_wait(switcher))
        if chosen is None:
            return
        if chosen.channel_id is not None:
            self.go_to(chosen.channel_id)
        elif chosen.user_id is not None:
            await self.write_to(chosen.community_id, [chosen.user_id])

    def action_channel(self, direction: int) -> None:
        """The channel above or below."""
        community = self.community
        channels = list(community.channels.values()) if community else []
        self._go(next_channel.neighbour(channels, self.conversation.channel_id, direction))

    def action_number(self, number: int) -> None:
        """The channel with this number: of what is unread, or of the list."""
        channels, unread = next_channel.numbered(self.session.store, self.community_id, self.conversation.channel_id)
        if number <= len(channels):
            self._go(channels[number - 1])
            return
        many = "One channel" if len(channels) == 1 else f"{len(channels) or 'No'} channels"
        self.notify(f"{many} {'with unread messages' if unread else 'in this list'}.", timeout=2, markup=False)

    def action_unread(self, direction: int) -> None:
        """The next or previous unread channel."""
        self._go(
            next_channel.unread_neighbour(self.session.store, self.conversation.channel_id, direction), nothing=True
        )

    def action_best(self) -> None:
        """The best next; when nothing is left, back to where it began."""
        channel = next_channel.best_next(self.session.store, self.conversation.channel_id)
        if channel is not None:
            if self._origin is None:
                self._origin = self.conversation.channel_id
            self._go(channel)
            return
        origin, self._origin = self._origin, None
        back = self.session.store.channel(origin) if origin else None
        self._go(back if back is not None and back.id != self.conversation.channel_id else None, nothing=True)

    def action_community(self, direction: int) -> None:
        """The community above or below."""
        community = next_channel.next_community(self.session.store, self.community_id, direction)
        self._go(next_channel.first_channel(community, self.visited) if community else None)

    def action_last(self) -> None:
        """The channel that was open before."""
        channels = (self.session.store.channel(each) for each in self.visited)
        self._go(next((each for each in channels if each and each.id != self.conversation.channel_id), None))

    def _go(self, channel: ChannelState | None, *, nothing: bool = False) -> None:
        if channel is not None:
            self.show_channel(channel)
        elif nothing:
            self.notify("No unread messages.", timeout=2, markup=False)

    def action_first_unread(self) -> None:
        """The `new` rule."""
        self.conversation.timeline.go_to_first_unread()

    def action_newest(self) -> None:
        """The end of the channel."""
        self.conversation.timeline.go_to_newest()
