"""The chat screen's frame: rail, lists, conversation, members and status line, kept in step with the session."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.css.scalar import Scalar
from textual.screen import ModalScreen, Screen
from textual.widgets._toast import ToastRack  # there is no public name for it

from asnity_tui.client.clock import Clock
from asnity_tui.client.sync.session import Session
from asnity_tui.commands.keys_in_force import Wanted
from asnity_tui.screens.pending import PendingRequests
from asnity_tui.screens.throttle import Throttle
from asnity_tui.screens.worker_errors import ReportsWorkerErrors, hide_toasts
from asnity_tui.state.changes import (
    ChannelChanged,
    ChannelLost,
    CommunitiesChanged,
    CommunityChanged,
    CommunityLost,
    ConnectionChanged,
    DraftChanged,
    EntryFailed,
    Fact,
    MembersChanged,
    MessageArrived,
    Notice,
    OutboxChanged,
    PeopleChanged,
    PresenceChanged,
    Restored,
    SignedOut,
    UsersChanged,
)
from asnity_tui.state.channel import ChannelState
from asnity_tui.state.community import CommunityState
from asnity_tui.widgets.badges import channel_badge, community_badge
from asnity_tui.widgets.boxes import BlankFill, HorizontalBox, VerticalBox
from asnity_tui.widgets.channel_list import ChannelList
from asnity_tui.widgets.community_rail import CommunityRail, monogram
from asnity_tui.widgets.members_pane import MembersPane
from asnity_tui.widgets.status_bar import Hints, StatusBadge, StatusBar, StatusInfo, held, waits_for
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import Span, spans
from asnity_tui.widgets.text_bar import TextBar
from asnity_tui.widgets.timeline.part import Part

from .conversation import Conversation
from .members import MembersController
from .notices import TOLD, not_sent, of_fact
from .notifications import Attention
from .open_channel import describe_loss

LISTS_EVERY = 0.1
"""Seconds between two drawings of the lists while much is happening."""

ROOM_FOR_ACCOUNT = 72
"""Cells of a header that has room for the account beside the name of the community."""


class ChatFrame(ReportsWorkerErrors, BlankFill, Part, Screen[None], part=True):
    """Layout, and drawing what changes. What keys do stands in the subclass."""

    AUTO_FOCUS = "#composer"

    def __init__(
        self,
        session: Session,
        *,
        clock: Clock,
        zone: tzinfo | None,
        server: str,
        account: tuple[str, str],
        keys: Mapping[str, str],
        alert: Callable[[str], None],
        signed_in_again: Callable[[str], None],
    ) -> None:
        """`account` is who is signed in and where, in harmless words; `keys` are those that the settings change.

        `alert` gets a harmless sentence when somebody calls me and nobody is looking; `signed_in_again` a new token.
        """
        super().__init__()
        self.keys = keys
        self.zone = zone
        """Where I am; None: wherever this machine says it is."""
        self.keep_token = signed_in_again
        self.server = server
        self._account = account
        self.session = session
        self.community_id: str | None = None
        self.visited: list[str] = []
        """Channels that were open, the last one first."""
        self._clock = clock
        self.attention = Attention(session, clock=clock, alert=alert)
        self._lists = Throttle(self, LISTS_EVERY, self.draw_lists)
        self.requests = PendingRequests(lambda _: self.draw_status(), lambda told, _: self._complain(told))
        self._end: Callable[[], None] | None = None
        self._origin: str | None = None
        """Where I was before I began to go through what is unread."""
        self.rail = CommunityRail(id="rail")
        self.place = TextBar(id="place")
        self.account = TextBar(classes="account"), TextBar(classes="account")
        self.channels = ChannelList(id="channels")
        self.members = MembersPane(id="members")
        self.conversation = Conversation(session, self.requests, clock=clock, zone=zone, commands=self._slashes)
        self.readers = MembersController(self, session, self.members, clock=clock)
        self.status = StatusBar(id="status")
        self._styled = False
        self._hints: tuple[Hints, ...] = ()

    def _complain(self, told: str) -> None:
        self.notify(told, severity="error", markup=False)

    def compose(self) -> ComposeResult:
        """From left to right, and the status line below."""
        with HorizontalBox(id="main"):
            with HorizontalBox(id="sidebar"):
                yield self.rail
                with VerticalBox(id="lists"):
                    yield self.place
                    yield self.channels
                    yield from self.account
            yield self.conversation
            yield self.members
        yield self.status

    def on_mount(self) -> None:
        """Show what is remembered."""
        self._end = self.session.subscribe(self.take)
        self.set_interval(1, self.tick)
        self.screen_layout_refresh_signal.subscribe(self, lambda _: self._keep_toasts_off())
        self.begin(self.session.last_channel())

    def _keep_toasts_off(self) -> None:
        """Toasts end where the messages do: what is written stays in sight."""
        for rack in self.query_children(ToastRack):
            room = max(1, self.conversation.view.region.bottom - rack.styles.margin.top)
            if rack.styles.max_height != Scalar.from_number(room):
                rack.styles.max_height = room

    def on_unmount(self) -> None:
        """Stop listening to the session."""
        if self._end is not None:
            self._end()
            self._end = None

    def update_node_styles(self, animate: bool = True) -> None:
        """Style everything anew; not the first time that this screen shows: it all was styled a moment before."""
        if self._styled:
            super().update_node_styles(animate)
        self._styled = True

    def _compositor_refresh(self) -> None:
        """Paint what changed; while Textual would throw the picture away (as it starts), that waits."""
        if self.app._batch_count:
            self.app.call_later(self._compositor_refresh)
        else:
            super()._compositor_refresh()

    def _slashes(self) -> Sequence[Any]:
        """The slash commands that I may use here, for completion."""
        from asnity_tui.commands.slash_commands import offered  # late: the first picture offers nothing

        return offered(self)  # type: ignore[arg-type]

    def begin(self, channel_id: str | None) -> None:
        """Open a channel, or wherever it is best to begin."""
        raise NotImplementedError

    def show_channel(self, channel: ChannelState, *, at: int | None = None) -> None:
        """Open a channel of any community."""
        raise NotImplementedError

    def left_here(self) -> None:
        """The person left the open channel by themselves."""
        raise NotImplementedError

    @property
    def community(self) -> CommunityState | None:
        """The community on the screen."""
        return self.session.store.communities.get(self.community_id) if self.community_id else None

    # Following the session

    def take(self, facts: Sequence[Fact]) -> None:
        """Something changed."""
        self.conversation.take(facts)
        for fact in facts:
            if isinstance(fact, ConnectionChanged | OutboxChanged):
                self.draw_status()
                self.readers.connection_changed(self.conversation.channel)
            elif isinstance(fact, MessageArrived):
                self._arrived(fact)
            elif isinstance(fact, EntryFailed):
                self._failed(fact)
            elif isinstance(fact, ChannelLost) and fact.community_id not in self.session.store.communities:
                continue  # it went with its community, which is told once
            elif isinstance(fact, ChannelLost | CommunityLost):
                self._lost(fact, self._strays(facts))
                self.draw_lists()
            elif isinstance(fact, TOLD):
                now, here = self.conversation.now(), self.community_id
                if said := of_fact(fact, self.session, here, now=now, zone=self.zone):
                    self.notify(said, timeout=5, markup=False)
            elif isinstance(fact, Restored):
                self._restored()
            elif isinstance(fact, Notice):
                self.notify(harmless_line(fact.text), severity=fact.severity, markup=False)
            elif isinstance(fact, SignedOut):
                self.signed_out()
            elif isinstance(
                fact,
                CommunitiesChanged
                | CommunityChanged
                | ChannelChanged
                | DraftChanged
                | PresenceChanged
                | MembersChanged
                | PeopleChanged
                | UsersChanged,
            ):
                self._lists.request()
        if not any(isinstance(fact, ChannelLost | CommunityLost) for fact in facts) and (strays := self._strays(facts)):
            self.notify(f"{not_sent(strays)} You are no longer in that channel.", severity="error", markup=False)
        lost = self.conversation.channel_id is None and self.conversation.closed is None
        if lost and any(isinstance(fact, CommunitiesChanged | CommunityChanged | ConnectionChanged) for fact in facts):
            self.begin(None)

    def _restored(self) -> None:
        """The server was restored: dialogs about messages that may be others now are closed."""
        for screen in reversed(self.app.screen_stack):
            if not isinstance(screen, ModalScreen) or not getattr(screen, "about_messages", False):
                break
            screen.dismiss(None)
        self.notify(
            "This server was restored from a backup. Everything was loaded again.", severity="warning", markup=False
        )

    def signed_out(self) -> None:
        """The session is over; what is unsent waits."""
        raise NotImplementedError

    def _arrived(self, fact: MessageArrived) -> None:
        self.attention.arrived(fact, lambda: self._told_outside(fact))

    def _told_outside(self, fact: MessageArrived) -> str:
        """What is said of a message to somebody who looks elsewhere: never what it says."""
        channel = self.session.store.channel(fact.channel_id)
        if channel is None:
            return ""
        community = self.session.store.communities[channel.channel.community_id]
        title, place = self.conversation.title(channel), harmless_line(community.community.name)
        if channel.channel.kind == "direct":
            return f"Direct message from {title} ({place})"
        return f"You were mentioned in {title} ({place})" if fact.to_me else f"New in {title} ({place})"

    def _strays(self, facts: Sequence[Fact]) -> int:
        """How many unsent messages have lost their channel with what is told here."""
        failed = (self.session.outbox.get(fact.nonce) for fact in facts if isinstance(fact, EntryFailed))
        return sum(each is not None and self.session.store.channel(each.channel_id) is None for each in failed)

    def _failed(self, fact: EntryFailed) -> None:
        entry = self.session.outbox.get(fact.nonce)
        if entry is None:
            return
        if entry.channel_id == self.conversation.channel_id:
            self.conversation.outbox.edit_refused(fact)
            return
        channel = self.session.store.channel(entry.channel_id)
        if channel is not None:  # else it went with its channel, and is counted there
            why = harmless_line(entry.error.message) if entry.error else ""
            self.notify(f"Not sent to {self.conversation.title(channel)}: {why}", severity="error", markup=False)

    def _lost(self, fact: ChannelLost | CommunityLost, unsent: int) -> None:
        self._lists.request()
        closed = self.conversation.closed
        if isinstance(fact, ChannelLost) and closed is not None and closed.channel_id == fact.channel_id and not unsent:
            return  # what stands in its place says so
        text, reason = describe_loss(fact), fact.reason or ""
        said = harmless_line(fact.why) if isinstance(fact, CommunityLost) else ""
        lost = f" {not_sent(unsent)}" if unsent else ""
        self.notify(
            f"{text}: {said}{lost}" if said else f"{text}.{lost}",
            severity="information" if reason == "left" else "warning",
            timeout=10 if said or lost else None,
            markup=False,
        )

    # Drawing

    def draw_lists(self) -> None:
        """Rail, channel list, members and what depends on them."""
        if self._end is None:
            return
        store, current = self.session.store, self.conversation.channel_id
        me = store.me.id if store.me else ""
        self.rail.fill(list(store.communities.values()), current=self.community_id)
        community = self.community
        name = harmless_line(community.community.name) if community else ""
        self.place.say(spans((f" {name}", "strong")))
        for bar, words in zip(self.account, self._account, strict=True):
            bar.say(spans((f" {words}", "dim")))
        place = f"{name} · {' · '.join(self._account)}" if name and self.size.width >= ROOM_FOR_ACCOUNT else name
        self.conversation.header.name_community("" if self.lists_show else place)
        self.channels.fill(community, current=current, drafts=self.session.drafts(), title_of=store.title_of, me=me)
        self.readers.draw(self.conversation.channel)
        self.draw_status()

    def draw_status(self) -> None:
        """The status line."""
        connection, outbox = self.session.connection, self.session.outbox
        now = self._clock.now()
        if self.is_active or not self._hints:  # below a dialog the keys are those of the dialog
            self._hints = self.hints()
        always, here, more = self._hints
        retry_in = max(0, -(-(connection.retry_at - now) // 1000)) if connection.retry_at else None
        self.status.tell(
            StatusInfo(
                line=connection.status,
                round_trip_ms=connection.round_trip_ms,
                retry_in=retry_in,
                busy=self.requests.text,
                quiet=self.session.preferences.do_not_disturb,
                waiting=sum(each.state != "failed" and each.reason != "undo" for each in outbox.entries()),
                held=held(outbox.entries(), now),
                failed=len(outbox.failed),
                waits_for=waits_for(outbox.entries(), now),
                elsewhere=() if self.lists_show else self._elsewhere(),
                mode="MESSAGES" if self.conversation.view.has_focus else "",
                always=always,
                here=here,
                hints=more,
            )
        )

    @property
    def lists_show(self) -> bool:
        """Whether rail and channel list can be seen."""
        return bool(self.query_one("#sidebar").display)

    def hints(self) -> tuple[Wanted, Wanted, Wanted]:
        """Keys for the status line: those that always show, of the focus, and others."""
        return (), (), ()

    def on_descendant_focus(self) -> None:
        """Other keys matter."""
        self.call_after_refresh(self.draw_status)

    def _elsewhere(self) -> tuple[StatusBadge, ...]:
        """Badges of other channels, then of other communities."""
        said: list[StatusBadge] = []
        for channel in self.community.channels.values() if self.community else ():
            badge = channel_badge(channel.badge)
            if badge and channel.id != self.conversation.channel_id:
                said.append((Span(f"{self.conversation.title(channel)} ", "dim"), _for_bar(badge[0])))
        for other in self.session.store.communities.values():
            badge = community_badge(other.badge)
            if badge and other.id != self.community_id:
                said.append((Span(f"{monogram(other.community.name).strip()} ", "strong"), _for_bar(badge[0])))
        return tuple(said)

    def tick(self) -> None:
        """Once a second: whatever counts down or fades away."""
        self.attention.tick()
        self.conversation.tick()
        if self.session.connection.status != "online" or self.session.outbox.waiting:
            self.draw_status()

    # Who is looking

    def focus_changed(self, focused: bool) -> None:
        """The terminal got or lost the focus."""
        self.attention.focus_changed(focused)
        self.session.focus(focused)
        self.conversation.view.looking = focused and self.is_active

    def on_screen_suspend(self) -> None:
        """A dialog covers the messages."""
        hide_toasts(self)
        self.conversation.view.looking = False

    def on_screen_resume(self) -> None:
        """The messages can be seen again."""
        self.conversation.view.looking = self.attention.focused
        self.call_after_refresh(self.draw_status)

    def on_resize(self, event: events.Resize) -> None:
        """Other things find room."""
        self.call_after_refresh(self.draw_lists)


def _for_bar(word: Span) -> Span:
    """A badge in the colours of the status line."""
    return Span(word.text, "accent" if word.style == "badge" else "plain")
