"""One open channel, read and written in: composes the timeline, the composer and the lines around them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING

from textual import events, on, work
from textual.app import ComposeResult
from textual.widgets import TextArea

from asnity_tui.client.clock import Clock
from asnity_tui.client.sync.session import Session
from asnity_tui.screens.pending import PendingRequests
from asnity_tui.screens.worker_errors import ReportsWorkerErrors
from asnity_tui.state.changes import Fact
from asnity_tui.state.channel import ChannelState
from asnity_tui.widgets.boxes import VerticalBox
from asnity_tui.widgets.composer import Composer
from asnity_tui.widgets.list_pane import ListPane
from asnity_tui.widgets.timeline.messages import (
    FillGap,
    LeaveTimeline,
    LookingAt,
    NeedNewer,
    NeedOlder,
    ReadUpTo,
    WantNewest,
)

from .completion_list import CompletionList, EmojiLoader, PeopleLoader
from .compose import ComposeController
from .header import Header
from .open_channel import ClosedChannel, OpenChannel
from .timeline_controller import Render, TimelineController
from .unsent import UnsentMessages

if TYPE_CHECKING:
    from asnity_tui.commands.slash import SlashOffer


class Conversation(ReportsWorkerErrors, VerticalBox):
    """Shows a channel, and hands what its widgets tell to the part that it is for."""

    def __init__(
        self,
        session: Session,
        requests: PendingRequests,
        *,
        clock: Clock,
        zone: tzinfo | None,
        commands: Callable[[], Sequence[SlashOffer]],
        go_to: Callable[[str], bool],
    ) -> None:
        """`commands` answers the slash commands that I may use where I am; `go_to` opens a channel of mine."""
        super().__init__(id="conversation")
        self._session = session
        self._commands = commands
        self._shown = OpenChannel(session, clock=clock)
        self.composer = Composer(id="composer")
        self.header = Header(self, session, self._shown)
        self.timeline = TimelineController(self, session, requests, self._shown, zone=zone)
        self.view = self.timeline.view
        self.emoji = EmojiLoader(self, self.composer, loaded=lambda: self.completions.look())
        self.completions = CompletionList(
            session,
            self._shown,
            self.composer,
            emoji=self.emoji,
            people=PeopleLoader(self, session, requests, loaded=self._people_loaded),
            commands=self._commands_offered,
        )
        self.composing = ComposeController(
            self, session, self._shown, self.timeline, self.composer, self.completions, clock=clock, zone=zone
        )
        self.type_ahead = self.composing.type_ahead
        self.unsent = UnsentMessages(
            self, session, self._shown, self.timeline, self.composer, self.composing, clock=clock, go_to=go_to
        )
        self.composer.host = self.composing
        self.composer.named = self.emoji.ending

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        status = self.composing.status
        yield self.header.bar
        yield self.view
        yield status.typing_line
        yield self.completions.pane
        yield status.warnings
        yield status.mode_line
        yield self.composer

    def on_mount(self) -> None:
        """Markdown, and what is needed once something is written, come after the first picture."""
        if not self.timeline.has_markdown:
            self.call_after_refresh(self._load_late)

    @work(group="markdown", exit_on_error=False)
    async def _load_late(self) -> None:
        def load() -> Render:
            from asnity_tui.widgets.text.markdown import render  # late: see above

            from . import autocomplete  # noqa: F401 - the first letter needn't wait for it

            return render

        self.timeline.render_with(await asyncio.to_thread(load))

    # The channel

    @property
    def channel_id(self) -> str | None:
        """The id of the open channel."""
        return self._shown.id

    @property
    def channel(self) -> ChannelState | None:
        """The open channel."""
        return self._shown.state

    @property
    def closed(self) -> ClosedChannel | None:
        """The channel that closed while it was on the screen, as long as that shows."""
        return self._shown.closed

    def title(self, channel: ChannelState) -> str:
        """Name a channel, with its sign."""
        return self._shown.title(channel)

    def now(self) -> int:
        """Tell the time by the machine's clock, in milliseconds since 1970."""
        return self._shown.now()

    def open(self, channel_id: str, *, at: int | None = None) -> None:
        """Show a channel at its first unread message, or with the message `at` marked."""
        if self._shown.id == channel_id:
            if at is not None:
                self.timeline.go_to_message(at)
            self.type_ahead.stay()
            return
        self.composing.leave()
        self._session.open_channel(channel_id)
        self._shown.id = channel_id
        if self._shown.state is None:
            self.close()
            return
        self.composing.open()
        self.timeline.open(at=at)
        self.header.draw()
        self.composing.draw()

    def close(self) -> None:
        """Show no channel."""
        self.composing.leave()
        self._session.close_channel()
        self._shown.id = None
        self.composing.close()
        self.timeline.close()
        self.header.draw()

    def take(self, facts: Sequence[Fact]) -> None:
        """Draw what changed; stay where the person is if the channel closed."""
        self.timeline.take(facts)
        self.composing.take(facts)
        self.header.take(facts)
        closed = self._shown.find_loss(facts)
        if closed is not None:
            self.composing.keep_for(closed)
            self.timeline.close(f"{closed.why}.")
            self.header.draw()
            self.composing.draw()
            self.composing.draw_mode()
            self.completions.look()

    def tick(self) -> None:
        """Draw what fades or depends on the date; to be called once a second."""
        self.composing.draw()
        self.timeline.check_date()

    def _people_loaded(self) -> None:
        self.completions.look()
        self.composing.draw()

    def _commands_offered(self) -> Sequence[SlashOffer]:
        return () if self.composing.mode.is_editing else self._commands()

    # Messages of the timeline

    @on(NeedOlder)
    @on(NeedNewer)
    @on(FillGap)
    def _load_messages(self, event: NeedOlder | NeedNewer | FillGap) -> None:
        self.timeline.load_messages(event)

    @on(ReadUpTo)
    @on(LookingAt)
    def _note_seen(self, event: ReadUpTo | LookingAt) -> None:
        self.timeline.note_seen(event)

    @on(WantNewest)
    def _want_newest(self) -> None:
        self.timeline.go_to_newest()

    @on(LeaveTimeline)
    def _leave_timeline(self) -> None:
        self.composing.focus.leave_messages()

    @on(events.DescendantFocus)
    @on(events.DescendantBlur)
    def _focus_moved(self) -> None:
        self.composing.focus.focus_moved()

    # Messages of the composer

    @on(TextArea.Changed)
    def _text_changed(self) -> None:
        self.composing.text_changed()
        self.composing.focus.stay()

    @on(TextArea.SelectionChanged)
    def _offer(self) -> None:
        self.completions.look()
        self.composing.focus.stay()

    @on(Composer.Left)
    def _left_composer(self) -> None:
        if not self.composing.cancel() and not self.unsent.undo_send():
            self.composing.focus.leave_composer()

    @on(Composer.TooLong)
    def _too_long(self, event: Composer.TooLong) -> None:
        many = f"{event.excess:,} character{'s' if event.excess != 1 else ''}"
        self.notify(f"This is {many} too long.", severity="warning", markup=False)

    @on(Composer.EditLast)
    def _edit_last(self) -> None:
        self.unsent.edit_last()

    @on(Composer.Complete)
    def _complete(self, event: Composer.Complete) -> None:
        self.completions.do(event)

    @on(ListPane.Chosen, "#offers")
    def _offer_chosen(self, event: ListPane.Chosen) -> None:
        event.stop()
        self.completions.accept(int(event.key))
        self.composer.focus()
