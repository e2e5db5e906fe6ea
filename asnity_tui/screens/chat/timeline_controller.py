"""The reading half of a conversation: opens a channel in the right place, follows it, loads what is looked at."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, tzinfo
from typing import ClassVar, TypeAlias

from textual.binding import BindingType
from textual.widget import Widget

from asnity_tui.client.sync.session import Session
from asnity_tui.commands.bindings import message_bindings
from asnity_tui.screens.pending import PendingRequests, why_not_loaded
from asnity_tui.screens.throttle import Throttle
from asnity_tui.screens.worker_errors import start_worker
from asnity_tui.state.changes import (
    ChannelUpdated,
    ConnectionChanged,
    Fact,
    MessageArrived,
    Restored,
    TimelineChanged,
    UsersChanged,
)
from asnity_tui.state.channel import ChannelState
from asnity_tui.state.rows import Row
from asnity_tui.widgets.text.rich_body import RichBody, plain
from asnity_tui.widgets.timeline.layout import RenderContext
from asnity_tui.widgets.timeline.messages import FillGap, LookingAt, NeedNewer, NeedOlder, ReadUpTo
from asnity_tui.widgets.timeline.view import TimelineView

from .open_channel import OpenChannel

BURST = 0.08
"""Seconds between two drawings of the timeline while messages pour in."""

AGAIN = 1
"""Seconds before something that couldn't be loaded is asked for again."""

Render: TypeAlias = Callable[[str], RichBody]


class MessageTimeline(TimelineView):
    """The timeline with the keys of the commands on a message; the screen runs them."""

    BINDINGS: ClassVar[list[BindingType]] = [*message_bindings()]


class TimelineController:
    """Keeps the timeline in step with the open channel, and asks the session for what the person looks at."""

    def __init__(
        self,
        host: Widget,
        session: Session,
        requests: PendingRequests,
        channel: OpenChannel,
        *,
        zone: tzinfo | None,
    ) -> None:
        """`host` runs the loading and shows what is said of it."""
        self._host = host
        self._session = session
        self._requests = requests
        self._channel = channel
        self._zone = zone
        self._target: int | None = None
        """A message that is to be shown as soon as it is loaded; until then nothing counts as read."""
        self._marking = False
        """The target is a message that somebody wants to see, not just the place where reading goes on."""
        self._jumping = False
        self._render = _loaded_markdown() or plain
        self._redraws = Throttle(host, BURST, self.redraw)
        self._today = self._date()
        """Which day it is, in which zone, as it was drawn."""
        self.view = MessageTimeline(self.context(), id="timeline")

    # Opening

    def open(self, *, at: int | None = None) -> None:
        """Show the open channel at its first unread message, or with the message `at` marked."""
        channel = self._channel.state
        if channel is not None:
            rule = channel.read_id if channel.counts[0] else None
            self._target = at if at is not None else (rule + 1 if rule is not None else None)
            self._marking = at is not None
            self._show(channel, rule)

    def close(self, why: str = "") -> None:
        """Show no messages; `why` stands in their place."""
        self.view.set_context(self.context())
        if why:
            self.view.empty_text = why
        self.view.show("", (), has_older=False, new_after=None)

    def _show(self, channel: ChannelState, rule: int | None) -> None:
        timeline = channel.timeline
        self.view.set_context(self.context())
        self._say_empty(channel)
        items = timeline.items() if timeline else ()
        at = self._target if self._reachable(channel) else None
        has_older = bool(timeline and timeline.has_older)
        self.view.show(channel.id, items, has_older=has_older, new_after=rule, at=at, seen=channel.read_id)
        if at is not None:
            self._target = None
            if self._marking:
                self._marking = False
                self.view.go_to(at)
        self._jump_if_needed(channel)

    def _say_empty(self, channel: ChannelState) -> None:
        """Say why there are no messages, in their place."""
        loaded = channel.timeline is not None and channel.timeline.loaded
        why = why_not_loaded(self._session.connection.status, self._session.history.refused.get(channel.id, ""))
        self.view.empty_text = "No messages yet." if loaded else why

    # Going to a message

    def go_to_message(self, message_id: int) -> None:
        """Mark a message of the open channel, and load it and those around it if they aren't."""
        channel = self._channel.state
        if channel is not None and message_id > 0:
            self._target, self._marking = message_id, True
            if self._reachable(channel):
                self._show(channel, self.view.rows.new_after)
                return
            if self._session.connection.status != "online":
                self._host.notify("This message isn't loaded; it shows once you are connected.", markup=False)
            self._jump_if_needed(channel)

    def go_to_first_unread(self) -> None:
        """Go to the `new` rule."""
        rule = self.view.rows.new_after
        if rule is not None:
            self.view.go_to(rule + 1)

    def go_to_newest(self) -> None:
        """Show the end of the channel and stay there."""
        start_worker(self._host, "jump", self._go_to_newest, exclusive=True)

    async def _go_to_newest(self) -> None:
        channel = self._channel.state
        if channel is None:
            return
        self._target = None
        far = channel.timeline is not None and channel.timeline.has_newer
        if far and not await self._requests.loaded(self._session.history.jump_to_newest(channel.id)):
            return
        if channel.id == self._channel.id:
            self.redraw()
            self.view.go_to_newest()

    def _reachable(self, channel: ChannelState) -> bool:
        """Whether the message that is to be shown is loaded, or everything that could be it."""
        timeline, target = channel.timeline, self._target
        if timeline is None or target is None or timeline.oldest_id is None or timeline.newest_id is None:
            return False
        return timeline.row(target) is not None or (target > timeline.newest_id and not timeline.has_newer)

    def _jump_if_needed(self, channel: ChannelState) -> None:
        timeline, online = channel.timeline, self._session.connection.status == "online"
        if self._target is not None and online and not self._jumping and timeline and timeline.oldest_id is not None:
            self._jumping = True
            start_worker(self._host, "jump", self._jump, channel.id, self._target, exclusive=True)

    async def _jump(self, channel_id: str, message_id: int) -> None:
        try:
            jump = self._session.history.jump_to(channel_id, message_id)
            answered = await (self._requests.done(jump, "Loading") if self._marking else self._requests.loaded(jump))
            if not answered and not self._marking:
                await asyncio.sleep(AGAIN)
        finally:
            self._jumping = False
        channel = self._channel.state
        if channel is None or channel_id != channel.id:
            return
        timeline = channel.timeline
        if self._target == message_id and self._marking and (timeline is None or timeline.find(message_id) is None):
            self._target, self._marking = None, False
            self._host.notify("This message can't be shown.", severity="warning", markup=False)
        elif self._target == message_id and answered and not self._reachable(channel):
            self._target = None  # asking again would bring the same
        self._redraws.request()

    # Drawing

    def context(self) -> RenderContext:
        """Make what rows of the open channel are drawn with."""
        store = self._session.store
        me = store.me
        channel = self._channel.state
        timeline = channel.timeline if channel else None
        return RenderContext(
            me=me.id if me else "",
            username=me.username if me else "",
            zone=self._zone,
            year=datetime.fromtimestamp(self._channel.now() / 1000, self._zone).year,
            name_of=store.name_of,
            usernames=lambda user: store.users[user].username if user in store.users else None,
            message_of=timeline.find if timeline else (lambda _: None),
            render=self._render,
        )

    @property
    def has_markdown(self) -> bool:
        """Whether texts are drawn as they are meant; the first picture doesn't wait for that."""
        return self._render is not plain

    def render_with(self, render: Render) -> None:
        """Draw all texts anew, by another way."""
        self._render = render
        self.view.set_context(self.context())

    def check_date(self) -> None:
        """Draw all times anew on another day, or in another zone; to be called once a second."""
        today = self._date()
        if today != self._today:
            self._today = today
            self.view.set_context(self.context())

    def _date(self) -> tuple[date, str | None]:
        time.tzset()  # else a process keeps the zone that it began in
        moment = datetime.fromtimestamp(self._channel.now() / 1000, self._zone).astimezone(self._zone)
        return moment.date(), moment.tzname()

    def take(self, facts: Sequence[Fact]) -> None:
        """Draw what changed."""
        if any(isinstance(fact, Restored) for fact in facts):
            self.open()  # what was shown may be another message now
        channel = self._channel.state
        for fact in facts:
            if isinstance(fact, UsersChanged):
                self.view.set_context(self.context())
            elif isinstance(fact, ConnectionChanged) and channel is not None:
                self._say_empty(channel)
                self._jump_if_needed(channel)
            elif channel is None or getattr(fact, "channel_id", None) != channel.id:
                continue
            elif isinstance(fact, TimelineChanged):
                self._redraws.request()
            elif isinstance(fact, ChannelUpdated):
                self.view.visibility.count_seen(channel.read_id)
            elif isinstance(fact, MessageArrived):
                self._rule_for(channel)

    def redraw(self) -> None:
        """Show what became of the rows."""
        channel = self._channel.state
        if channel is None or channel.timeline is None:
            return
        timeline = channel.timeline
        if self._target is not None and (self._reachable(channel) or not self.view.rows.items):
            self._show(channel, self.view.rows.new_after)
            return
        self._say_empty(channel)
        self.view.update(timeline.items(), has_older=timeline.has_older)
        self._jump_if_needed(channel)

    def _rule_for(self, channel: ChannelState) -> None:
        """Put the `new` rule above what somebody wrote while I wasn't looking, if all before it was read."""
        rule = self.view.rows.new_after
        if not (self.view.looking and self.view.scroll_position.following) and (rule is None or channel.read_id > rule):
            self.view.set_new_after(max(channel.read_id, rule or 0))

    def may_edit(self, row: Row) -> bool:
        """Whether I wrote a message, and may still change it."""
        message, me = row.message, self.view.rows.context.me
        return bool(message.id and message.sender_id == me and message.deleted_at is None and message.type == "TEXT")

    # Requests of the timeline

    def load_messages(self, event: NeedOlder | NeedNewer | FillGap) -> None:
        """Load what is missing; of a gap, from the end that the person comes from."""
        if isinstance(event, NeedOlder):
            self._fill(self._session.history.load_older(event.channel_id))
            return
        channel = self._channel.state
        last = channel.timeline.newest_id if channel and channel.timeline else None
        if isinstance(event, NeedNewer) or (last is not None and event.gap.before_id > last):
            self._fill(self._session.history.load_newer(event.channel_id))
        else:
            first, end = self.view.scroll_position.in_sight()
            shown = self.view.rows.items[first:end]
            # who comes from above reads on at the beginning of the gap, who comes from below at its end
            forward = any(isinstance(item, Row) and item.message.id == event.gap.after_id for item in shown)
            self._fill(self._session.history.load_gap(event.channel_id, event.gap, forward=forward))

    def _fill(self, question: Awaitable[object]) -> None:
        async def fill() -> None:
            if not await self._requests.loaded(question):
                await asyncio.sleep(AGAIN)
                self.view.visibility.ask_again()

        start_worker(self._host, "load", fill)

    def note_seen(self, event: ReadUpTo | LookingAt) -> None:
        """Tell the session which messages show, and how far somebody has read."""
        channel = self._channel.state
        if channel is None or channel.id != event.channel_id:
            return
        if isinstance(event, LookingAt):
            self._session.history.look_at(event.channel_id, event.first_id, event.last_id)
        elif self._target is None and not channel.marked_unread:
            self._session.read_markers.read_up_to(event.channel_id, event.message_id)


def _loaded_markdown() -> Render | None:
    """Markdown, if it is loaded already."""
    return getattr(sys.modules.get("asnity_tui.widgets.text.markdown"), "render", None)
