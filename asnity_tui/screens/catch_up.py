"""The catch-up screen: lists everything that was missed, and shows messages of it without reading them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from msgspec import structs
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.widgets import Static

from asnity_server.protocol.errors import AsnityError
from asnity_server.protocol.models import Message
from asnity_tui.client.sync.catch_up import MarkedRead
from asnity_tui.client.sync.session import Session
from asnity_tui.client.transport.client import RequestError
from asnity_tui.screens.dialogs.dialog import Modal
from asnity_tui.state.catch_up import CatchUpItem, CatchUpKind
from asnity_tui.state.changes import (
    ChannelUpdated,
    CommunitiesChanged,
    CommunityChanged,
    CommunityLive,
    ConnectionChanged,
    Fact,
    MessageArrived,
)
from asnity_tui.state.unread import Badge
from asnity_tui.widgets.badges import channel_badge
from asnity_tui.widgets.channel_list import sign_of
from asnity_tui.widgets.list_pane import ListEntry, ListPane
from asnity_tui.widgets.text.hangul_keys import with_jamo
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import Span, spans
from asnity_tui.widgets.text_bar import TextBar
from asnity_tui.widgets.timeline.layout import RenderContext, is_action

from .channel_peek import ChannelPeek
from .message_option import text_line
from .pending import PendingRequests, why_not_loaded
from .throttle import Throttle
from .worker_errors import ReportsWorkerErrors

REDRAWN = (ChannelUpdated, CommunityChanged, CommunitiesChanged, ConnectionChanged)
"""Changes after which the list is drawn again."""

EVERY = 0.5
"""Seconds between two drawings while messages pour in."""

_HEADINGS: Mapping[CatchUpKind, str] = {"mention": "Mentions", "direct": "Direct messages", "unread": "Unread"}

_HINTS = (
    ("Enter", "go there"),
    ("m", "read"),
    ("M", "all read"),
    ("z", "undo"),
    ("Esc", "close"),
    ("space", "next"),
)


@dataclass(frozen=True, slots=True)
class CatchUpTarget:
    """The channel to go to, and the message to mark there."""

    channel_id: str
    message_id: int | None


class MissedList(ListPane):
    """Lists what was missed, with the keys that deal with it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(with_jamo("m"), "screen.mark_read", "Mark as read", id="catch-up.read", show=False),
        Binding("M", "screen.mark_all", "Mark all as read", id="catch-up.read-all", show=False),
        Binding(with_jamo("z"), "screen.undo", "Undo", tooltip="Mark as unread", id="catch-up.undo", show=False),
        Binding("space", "screen.look(1)", "Next", tooltip="Go to the channel", id="catch-up.down", show=False),
        Binding(
            with_jamo("b"), "screen.look(-1)", "Previous", tooltip="Go to the channel", id="catch-up.up", show=False
        ),
    ]


class CatchUp(ReportsWorkerErrors, Modal[CatchUpTarget | None]):
    """Answers the target to go to, or None. Looking into a channel opens nothing and marks nothing as read."""

    about_messages: ClassVar[bool] = True
    """Its answer may name a message: it can't stay open when the server is restored meanwhile."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(with_jamo("escape,q"), "give_up", "Close", id="catch-up.close", show=False)
    ]

    def __init__(self, session: Session, render_context: RenderContext) -> None:
        """`render_context` says how messages are told: names, zone, day."""
        super().__init__()
        self._session = session
        self._render_context = render_context
        self._messages: dict[str, tuple[Message, ...]] = {}
        self._undo: list[MarkedRead] = []
        self._loaded = False
        self._refused = ""
        self._shown: tuple[CatchUpItem, ...] = ()
        self._end: Callable[[], None] = lambda: None
        self._requests = PendingRequests(lambda _: None, lambda told, _: self._complain(told))
        self._again = Throttle(self, EVERY, self._load_again)
        self.list = MissedList(id="missed")
        self._peek = ChannelPeek(self, session, render_context, self._requests)
        self.view = self._peek.view
        self.hints = TextBar(id="missed-hints")

    def compose(self) -> ComposeResult:
        """Lay out the list, and the messages of what is under its cursor."""
        with Vertical(classes="dialog catch-up"):
            yield Static("Catch up", classes="dialog-title")
            with Container(id="missed-parts"):
                yield self.list
                yield self.view
            yield self.hints

    def on_mount(self) -> None:
        """Show what is known, then ask for the messages."""
        self._end = self._session.publisher.subscribe(self._take)
        self.view.can_focus = False
        self.view.looking = False
        said = [spans((key, "key"), (f" {does}   ", "dim")) for key, does in _HINTS]
        self.hints.say([word for each in said for word in each])
        self.list.focus()
        self._draw()
        self._load()

    def on_unmount(self) -> None:
        """Stop listening to the session."""
        self._end()

    def _take(self, facts: Sequence[Fact]) -> None:
        back = self._session.connection.status == "online" and not self._loaded
        if any(isinstance(fact, MessageArrived) or (back and isinstance(fact, CommunityLive)) for fact in facts):
            self._again.request()
        if any(isinstance(fact, REDRAWN) for fact in facts):
            self._draw()

    def _load_again(self) -> None:
        self._load()

    @work(group="load", exclusive=True, exit_on_error=False)
    async def _load(self) -> None:
        """Ask for the messages that are worth a look."""
        items = await self._requests.answer(self._session.catch_up.load(), "", refused=self._not_loaded)
        if items is not None:
            self._messages = {each.channel_id: each.messages for each in items}
            self._refused, self._loaded = "", True
        self._peek.forget()
        self._draw()

    def _not_loaded(self, told: str, error: RequestError) -> None:
        self._loaded = False
        if isinstance(error, AsnityError):  # else it loads when there is a connection again
            self._refused = told
            self._complain(told)

    def _complain(self, told: str) -> None:
        self.app.notify(told, severity="error", markup=False)

    # Drawing

    def _draw(self) -> None:
        if not self.is_mounted:
            return
        items = self._session.catch_up.items()
        self._shown = tuple(structs.replace(each, messages=self._messages.get(each.channel_id, ())) for each in items)
        entries: list[ListEntry] = []
        kind = ""
        for item in self._shown:
            if item.kind != kind:
                kind = item.kind
                entries += [ListEntry(None)] * bool(entries) + [
                    ListEntry(None, (Span(_HEADINGS[item.kind], "heading"),))
                ]
            entries += self._lines(item)
        nothing, status = "You're all caught up.", self._session.connection.status
        if self._session.store.communities and not self._loaded:
            nothing = why_not_loaded(status, self._refused)
        elif status != "online":
            nothing = "Nothing was unread when you were last connected."
        before = self.list.cursor
        place = next((n for n, each in enumerate(self.list.entries) if each.key == before), 0)
        self.list.show(entries or [ListEntry(None, (Span(nothing, "dim"),))])
        if before is not None and all(each.key != before for each in entries):
            keys = [each.key for each in entries[place:] if each.key] or [each.key for each in entries if each.key][-1:]
            self.list.put_cursor(keys[0] if keys else None)
        self.look_into()

    def _lines(self, item: CatchUpItem) -> list[ListEntry]:
        channel = self._session.store.channel(item.channel_id)
        kind = channel.channel.kind if channel is not None else "public"
        sign = "@ " if kind == "direct" else sign_of(kind)
        badge = channel_badge(Badge(item.unread, item.mentions if item.kind != "unread" else 0))
        right = (Span(harmless_line(item.community), "faint"), Span("  "), *badge)
        head = ListEntry(item.channel_id, spans((sign, "faint"), (harmless_line(item.title), "strong")), right)
        lines = [head]
        for message in item.messages[:3]:
            name = harmless_line(self._render_context.name_of(message.sender_id))
            before = "" if kind == "direct" or is_action(message) else f"{name}: "
            said = text_line(message, actor=f"* {name} ")[1:]
            lines.append(ListEntry(None, (Span(f"  {before}", "dim"), *said), part_of=item.channel_id))
        more = len(item.messages) - 3
        if more > 0:
            lines.append(ListEntry(None, spans((f"  and {more} more", "faint")), part_of=item.channel_id))
        return lines

    @on(ListPane.Moved)
    def look_into(self) -> None:
        """Show what is under the cursor, once it stays there."""
        channel_id = self.list.cursor
        self._peek.show(channel_id if any(each.channel_id == channel_id for each in self._shown) else None)

    def action_look(self, direction: int) -> None:
        """Scroll the messages that show by about a screenful."""
        self._peek.scroll(direction)

    # Dealing with it

    @on(ListPane.Chosen)
    def _chosen(self, event: ListPane.Chosen) -> None:
        event.stop()
        item = next((each for each in self._shown if each.channel_id == event.key), None)
        if item is not None:
            at = item.messages[0].id if item.kind == "mention" and item.messages else None
            self.dismiss(CatchUpTarget(item.channel_id, at))

    def action_mark_read(self) -> None:
        """Mark what is under the cursor as read."""
        if self.list.cursor is not None:
            self._marked(self._session.catch_up.mark_read([self.list.cursor]))

    def action_mark_all(self) -> None:
        """Mark everything in the list as read."""
        self._marked(self._session.catch_up.mark_all())

    def _marked(self, undo: MarkedRead) -> None:
        if undo.marks:
            self._undo.append(undo)
            many = f"{len(undo.marks)} channels" if len(undo.marks) > 1 else "One channel"
            self.notify(f"{many} marked as read. z undoes it.", timeout=3, markup=False)
        self._draw()

    def action_undo(self) -> None:
        """Make unread again what was marked last; that goes on where this is closed meanwhile."""
        if not self._undo:
            self.notify("Nothing to undo.", timeout=2, markup=False)
            return
        undo = self._undo.pop()
        # a worker of this screen would end with it
        self.app.run_worker(self._take_back(undo), group="undo", exit_on_error=False)

    async def _take_back(self, undo: MarkedRead) -> None:
        if not await self._requests.done(self._session.catch_up.undo(undo), ""):
            self._undo.append(undo)
        if self.is_running:
            self._draw()
            self.list.put_cursor(undo.marks[0][0])

    def action_give_up(self) -> None:
        """Close."""
        self.dismiss(None)
