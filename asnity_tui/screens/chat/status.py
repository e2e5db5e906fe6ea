"""The controller of the status line: the connection, what waits, what is unread elsewhere, and the keys that matter."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen

from asnity_tui.client.clock import Clock
from asnity_tui.client.sync.session import Session
from asnity_tui.commands.bindings import Wanted, in_force
from asnity_tui.screens.pending import PendingRequests
from asnity_tui.widgets.badges import channel_badge, community_badge
from asnity_tui.widgets.community_rail import monogram
from asnity_tui.widgets.list_pane import ListPane
from asnity_tui.widgets.status_bar import Hints, StatusBadge, StatusBar, StatusInfo, held, waits_for
from asnity_tui.widgets.text.styles import Span

from .conversation import Conversation
from .navigation import Navigation
from .sidebar import Sidebar

OF_MESSAGES: Wanted = (
    ("timeline.leave", "write"),
    ("message.reply", "reply"),
    ("message.react", "react"),
    ("message.edit", "edit"),
    ("message.menu", "menu"),
)

OF_LISTS: Wanted = (("list.choose", "open"), ("lists.leave", "write"), ("list.menu", "menu"))


class StatusLine:
    """Keeps the status line in step with the session, the focus and what is waited for."""

    def __init__(
        self,
        screen: Screen[Any],
        session: Session,
        conversation: Conversation,
        sidebar: Sidebar,
        navigation: Navigation,
        requests: PendingRequests,
        *,
        clock: Clock,
    ) -> None:
        """`screen` knows the focus and the keys that are in force."""
        self.bar = StatusBar(id="status")
        self._screen = screen
        self._session = session
        self._clock = clock
        self._conversation = conversation
        self._sidebar = sidebar
        self._requests = requests
        self._navigation = navigation
        self._hints: tuple[Hints, ...] = ()

    def draw(self) -> None:
        """Show how everything stands now."""
        connection, outbox = self._session.connection.state, self._session.outbox
        now = self._clock.now()
        if self._screen.is_active or not self._hints:  # below a dialog the keys are those of the dialog
            self._hints = self._keys()
        always, here, more = self._hints
        retry_in = max(0, -(-(connection.retry_at - now) // 1000)) if connection.retry_at else None
        self.bar.tell(
            StatusInfo(
                line=connection.status,
                round_trip_ms=connection.round_trip_ms,
                retry_in=retry_in,
                busy=self._requests.text,
                quiet=self._session.preferences.do_not_disturb,
                waiting=sum(each.state != "failed" and each.reason != "undo" for each in outbox.entries()),
                held=held(outbox.entries(), now),
                failed=len(outbox.failed),
                waits_for=waits_for(outbox.entries(), now),
                elsewhere=() if self._sidebar.is_shown else self._elsewhere(),
                mode="MESSAGES" if self._conversation.view.has_focus else "",
                always=always,
                here=here,
                hints=more,
            )
        )

    def tick(self) -> None:
        """Count down, once a second, what is counted down."""
        if self._session.connection.status != "online" or self._session.outbox.waiting:
            self.draw()

    def _keys(self) -> tuple[Wanted, Wanted, Wanted]:
        """Name keys as they are in force here: those that always show, those of the focus, and others."""
        active = self._screen.active_bindings
        lists: Wanted = () if self._sidebar.is_shown else (("view.channels", "channels"),)
        return (
            in_force(self._screen, (*lists, ("help", "help")), active),
            in_force(self._screen, (*self._urgent(), *self._of_focus()), active),
            in_force(self._screen, (("go.to", "go to"), ("ctrl+p", "commands"), ("quit", "quit")), active),
        )

    def _urgent(self) -> Wanted:
        """Name keys that help against something that is wrong."""
        if self._session.connection.status == "offline":
            return (("connection.now", "now"),)
        return (("unsent.list", "unsent messages"),) if self._session.outbox.failed else ()

    def _of_focus(self) -> Wanted:
        """Name keys that do something with what has the focus."""
        focused = self._screen.focused
        if focused is self._conversation.view:
            return OF_MESSAGES
        if focused is self._conversation.composer:
            return (("composer.leave", "messages"),)
        return OF_LISTS if isinstance(focused, ListPane) else ()

    def _elsewhere(self) -> tuple[StatusBadge, ...]:
        """Make the badges of other channels, then of other communities."""
        said: list[StatusBadge] = []
        community = self._navigation.community
        for channel in community.channels.values() if community else ():
            badge = channel_badge(channel.badge)
            if badge and channel.id != self._conversation.channel_id:
                said.append((Span(f"{self._conversation.title(channel)} ", "dim"), _for_bar(badge[0])))
        for other in self._session.store.communities.values():
            badge = community_badge(other.badge)
            if badge and other is not community:
                said.append((Span(f"{monogram(other.community.name).strip()} ", "strong"), _for_bar(badge[0])))
        return tuple(said)


def _for_bar(word: Span) -> Span:
    """Give a badge the colours of the status line."""
    return Span(word.text, "accent" if word.style == "badge" else "plain")
