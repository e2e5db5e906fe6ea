"""The reading half of an open channel: opening it in the right place, following it, loading what is looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import datetime, tzinfo

from textual import on, work
from textual.app import ComposeResult

from asnity_server.protocol.errors import AsnityError
from asnity_tui.client.clock import Clock
from asnity_tui.client.sync.session import Session
from asnity_tui.client.transport.client import RequestError
from asnity_tui.screens.pending import PendingRequests, why_not_loaded
from asnity_tui.screens.throttle import Throttle
from asnity_tui.screens.worker_errors import ReportsWorkerErrors
from asnity_tui.state import changes
from asnity_tui.state.changes import ChannelChanged, Fact, MessageArrived, TimelineChanged, TypingChanged, UsersChanged
from asnity_tui.state.channel import ChannelState
from asnity_tui.state.rows import Row
from asnity_tui.widgets.boxes import VerticalBox
from asnity_tui.widgets.channel_header import ChannelHeader
from asnity_tui.widgets.channel_list import sign_of
from asnity_tui.widgets.composer import Composer
from asnity_tui.widgets.text.rich_body import plain
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import Span, spans
from asnity_tui.widgets.text_bar import TextBar
from asnity_tui.widgets.timeline.layout import RenderContext
from asnity_tui.widgets.timeline.messages import FillGap, LookingAt, NeedNewer, NeedOlder, ReadUpTo, WantNewest
from asnity_tui.widgets.timeline.view import TimelineView

from .compose_warnings import let_write, why_silent
from .header import header, typing_words
from .late_rich_body import Render, loaded

BURST = 0.08
"""Seconds between two drawings of the timeline while messages pour in."""


class OpenChannel(ReportsWorkerErrors, VerticalBox, part=True):
    """Shows the session's open channel. What is written in the composer is up to the subclass."""

    def __init__(self, session: Session, requests: PendingRequests, *, clock: Clock, zone: tzinfo | None) -> None:
        super().__init__(id="conversation")
        self.session = session
        self.requests = requests
        self.channel_id: str | None = None
        self._clock = clock
        self._zone = zone
        self._target: int | None = None
        """A message that is to be shown as soon as it is loaded; until then nothing counts as read."""
        self._marking = False
        """The target is a message that somebody wants to see, not just the place where reading goes on."""
        self._jumping = False
        self._place = ""
        self._prose_of: Render = loaded() or plain
        self._pace = Throttle(self, BURST, self.redraw)
        self.header = ChannelHeader(id="header")
        self.view = TimelineView(self._render_context(), id="timeline")
        self.note = TextBar(id="mode")
        self.typing_line = TextBar(id="typing")
        self.composer = Composer(id="composer")

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self.header
        yield self.view
        yield self.typing_line
        yield self.note
        yield self.composer

    def on_mount(self) -> None:
        """Markdown, and what is needed once something is written, come behind the first picture."""
        if self._prose_of is plain:
            self.call_after_refresh(self._load_late)

    @work(group="markdown", exit_on_error=False)
    async def _load_late(self) -> None:
        def load() -> Render:
            from asnity_tui.widgets.text.markdown import render  # late: see above

            from . import autocomplete  # noqa: F401 - the first letter needn't wait for it

            return render

        self._prose_of = await asyncio.to_thread(load)
        self.view.set_context(self._render_context())

    @property
    def channel(self) -> ChannelState | None:
        """The open channel."""
        return self.session.store.channel(self.channel_id) if self.channel_id else None

    def now(self) -> int:
        """Milliseconds since 1970, by the machine's clock."""
        return self._clock.wall()

    # Opening

    def open(self, channel_id: str, *, at: int | None = None) -> None:
        """Show a channel at its first unread message, or with the message `at` marked."""
        if self.channel_id == channel_id:
            if at is not None:
                self.go_to_message(at)
            self.write_on()
            return
        self.leave_writing()
        self.session.open_channel(channel_id)
        self.channel_id = channel_id
        channel = self.channel
        if channel is None:
            self.close()
            return
        rule = channel.read_id if channel.counts[0] else None
        self._target = at if at is not None else (rule + 1 if rule is not None else None)
        self._marking = at is not None
        if self.session.server is not None:
            self.composer.limit = self.session.server.limits.content
        draft = self.session.draft(channel_id)
        self.composer.read_only = channel.channel.archived and not draft
        self.composer.put(draft)
        self._let_write(channel)
        self.begin_writing()
        self._show(channel, rule)
        self.say_header()
        self.say_typing()

    def _let_write(self, channel: ChannelState) -> None:
        """Whether something can be written here, and where it goes."""
        why = why_silent(self.session.store, channel, now=self.now(), zone=self._zone)
        let_write(self.composer, self.title(channel), why)

    beside = ""
    """What is said above the composer of a text that stands in it."""

    def leave_writing(self) -> None:
        """Another channel comes, or none: what stands in the composer goes where it belongs."""

    def begin_writing(self) -> None:
        """Another channel is on the screen, or none: what is written next goes there."""

    def write_on(self) -> None:
        """Somebody wanted to come here, and is here already."""

    def close(self) -> None:
        """Show no channel."""
        self.leave_writing()
        self.session.close_channel()
        self.channel_id = None
        self.composer.put("")
        self.composer.read_only = True
        self.composer.aim("")
        self.begin_writing()
        self.view.set_context(self._render_context())
        self.view.show("", (), has_older=False, new_after=None)
        self.say_header()

    def title(self, channel: ChannelState, *, space: str = "") -> str:
        """A channel's name with its sign."""
        name = harmless_line(self.session.store.title_of(channel))
        return name if channel.channel.kind == "direct" else f"{sign_of(channel.channel.kind).strip()}{space}{name}"

    def _show(self, channel: ChannelState, rule: int | None) -> None:
        timeline = channel.timeline
        self.view.set_context(self._render_context())
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
        """What stands in the place of messages while there are none."""
        loaded = channel.timeline is not None and channel.timeline.loaded
        why = why_not_loaded(self.session.connection.status, self.session.refused_history(channel.id))
        self.view.say_empty("No messages yet." if loaded else why)

    def go_to_message(self, message_id: int) -> None:
        """Mark a message of the open channel, and load it and those around it if they aren't."""
        channel = self.channel
        if channel is not None and message_id > 0:
            self._target, self._marking = message_id, True
            if self._reachable(channel):
                self._show(channel, self.view.rows.new_after)
                return
            if self.session.connection.status != "online":
                self.notify("This message isn't loaded; it shows once you are connected.", markup=False)
            self._jump_if_needed(channel)

    def _reachable(self, channel: ChannelState) -> bool:
        """Whether the message that is to be shown is loaded, or everything that could be it."""
        timeline, target = channel.timeline, self._target
        if timeline is None or target is None or timeline.oldest_id is None or timeline.newest_id is None:
            return False
        return timeline.row(target) is not None or (target > timeline.newest_id and not timeline.has_newer)

    def _jump_if_needed(self, channel: ChannelState) -> None:
        timeline, online = channel.timeline, self.session.connection.status == "online"
        if self._target is not None and online and not self._jumping and timeline and timeline.oldest_id is not None:
            self._jumping = True
            self._jump(channel.id, self._target)

    @work(group="jump", exclusive=True, exit_on_error=False)
    async def _jump(self, channel_id: str, message_id: int) -> None:
        try:
            jump = self.session.jump_to(channel_id, message_id)
            answered = await (self.requests.done(jump, "Loading") if self._marking else self.load(jump))
            if not answered and not self._marking:
                await asyncio.sleep(1)
        finally:
            self._jumping = False
        channel = self.channel
        if channel is None or channel_id != channel.id:
            return
        timeline = channel.timeline
        if self._target == message_id and self._marking and (timeline is None or timeline.find(message_id) is None):
            self._target, self._marking = None, False
            self.notify("This message can't be shown.", severity="warning", markup=False)
        elif self._target == message_id and answered and not self._reachable(channel):
            self._target = None  # asking again would bring the same
        self._pace.request()

    def _render_context(self) -> RenderContext:
        store = self.session.store
        me = store.me
        channel = self.channel
        timeline = channel.timeline if channel else None
        return RenderContext(
            me=me.id if me else "",
            username=me.username if me else "",
            zone=self._zone,
            year=datetime.fromtimestamp(self.now() / 1000, self._zone).year,
            name_of=store.name_of,
            usernames=lambda user: store.users[user].username if user in store.users else None,
            message_of=timeline.find if timeline else (lambda _: None),
            render=self._prose_of,
        )

    # Following what changes

    def take(self, facts: Sequence[Fact]) -> None:
        """Draw what changed."""
        for fact in facts:
            if isinstance(fact, UsersChanged):
                self.view.set_context(self._render_context())
                self.say_typing()
                self.say_header()
            elif isinstance(fact, changes.PresenceChanged):
                self.say_header()
            elif isinstance(fact, changes.ConnectionChanged) and self.channel is not None:
                self._say_empty(self.channel)
                self._jump_if_needed(self.channel)
            elif getattr(fact, "channel_id", None) != self.channel_id:
                continue
            elif isinstance(fact, TimelineChanged):
                self._pace.request()
            elif isinstance(fact, ChannelChanged):
                self.say_header()
                if self.channel is not None:
                    self._let_write(self.channel)
                    self.view.count_seen(self.channel.read_id)
            elif isinstance(fact, TypingChanged):
                self.say_typing()
            elif isinstance(fact, MessageArrived):
                self._rule_for(fact)

    def redraw(self) -> None:
        """Show what became of the rows."""
        channel = self.channel
        if channel is None or channel.timeline is None:
            return
        timeline = channel.timeline
        if self._target is not None and (self._reachable(channel) or not self.view.rows.items):
            self._show(channel, self.view.rows.new_after)
            return
        self._say_empty(channel)
        self.view.update(timeline.items(), has_older=timeline.has_older)
        self._jump_if_needed(channel)

    def _rule_for(self, fact: MessageArrived) -> None:
        """Somebody wrote while I wasn't looking: the `new` rule goes above that, if all before it was read."""
        channel, rule = self.channel, self.view.rows.new_after
        if channel is None or (self.view.looking and self.view.following):
            return
        if rule is None or channel.read_id > rule:
            self.view.set_new_after(max(channel.read_id, rule or 0))

    def say_header(self) -> None:
        """The channel's name and topic."""
        channel = self.channel
        if channel is None:
            self.header.say(())
            return
        width = self.size.width or self.app.size.width  # there is no layout before the first picture
        title = self.title(channel, space=" ")
        self.header.say(*header(self.session.store, channel, title=title, place=self._place, width=width))

    def say_place(self, community: str) -> None:
        """Name the community, where no list does."""
        self._place = community
        self.say_header()

    def say_typing(self) -> None:
        """Who is typing, and how much room is left."""
        channel = self.channel
        store = self.session.store
        names = [harmless_line(store.name_of(user)) for user in channel.typing(self._clock.now())] if channel else []
        told = typing_words(names)
        over = self.composer.used > self.composer.limit if self.composer.room_words else False
        right = (Span(f"{self.composer.room_words} ", "error" if over else "dim"),) if self.composer.room_words else ()
        if self.beside:
            right = (Span(f"{self.beside} ", "accent"), *right)
        self.typing_line.say(spans(("   ", "plain"), (told, "dim")) if told else (), right)

    # What the timeline asks for

    async def load(self, request: Awaitable[object]) -> bool:
        """Have something loaded; whether it was. That the server can't be reached says the status line."""
        return await self.requests.done(request, "Loading", refused=self._not_loaded)

    def _not_loaded(self, told: str, error: RequestError) -> None:
        if isinstance(error, AsnityError):
            self.notify(told, severity="error", markup=False)

    @on(NeedOlder)
    def _need_older(self, event: NeedOlder) -> None:
        self._load(self.session.load_older(event.channel_id))

    @on(NeedNewer)
    def _need_newer(self, event: NeedNewer) -> None:
        self._load(self.session.load_newer(event.channel_id))

    @on(FillGap)
    def _fill_gap(self, event: FillGap) -> None:
        channel = self.channel
        last = channel.timeline.newest_id if channel and channel.timeline else None
        if last is not None and event.gap.before_id > last:
            self._load(self.session.load_newer(event.channel_id))
        else:
            first, end = self.view.in_sight()
            shown = self.view.rows.items[first:end]
            # who comes from above reads on at the beginning of the gap, who comes from below at its end
            forward = any(isinstance(item, Row) and item.message.id == event.gap.after_id for item in shown)
            self._load(self.session.load_gap(event.channel_id, event.gap, forward=forward))

    @work(group="load", exit_on_error=False)
    async def _load(self, question: Awaitable[object]) -> None:
        if not await self.load(question):
            await asyncio.sleep(1)
            self.view.ask_again()

    @on(ReadUpTo)
    def _read(self, event: ReadUpTo) -> None:
        channel = self.channel
        if channel is None or channel.id != event.channel_id or self._target is not None or channel.marked_unread:
            return
        self.session.read_up_to(event.channel_id, event.message_id)

    @on(LookingAt)
    def _looking_at(self, event: LookingAt) -> None:
        if event.channel_id == self.channel_id:
            self.session.look_at(event.channel_id, event.first_id, event.last_id)

    @on(WantNewest)
    def _want_newest(self) -> None:
        self.newest()

    @work(group="jump", exclusive=True, exit_on_error=False)
    async def newest(self) -> None:
        """Show the end of the channel and stay there."""
        channel = self.channel
        if channel is None:
            return
        self._target = None
        far = channel.timeline is not None and channel.timeline.has_newer
        if far and not await self.load(self.session.jump_to_newest(channel.id)):
            return
        if channel.id == self.channel_id:
            self.redraw()
            self.view.go_to_newest()
