"""Notifications: toasts for what happens around me, and alerts outside of the program while nobody looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo

from asnity_tui.client.clock import Clock
from asnity_tui.client.sync.session import Session
from asnity_tui.commands.context import Severity
from asnity_tui.state.changes import (
    ChannelAppeared,
    ChannelGained,
    ChannelLost,
    ChannelRenamed,
    CommunityLost,
    EntryFailed,
    Fact,
    MessageArrived,
    MuteChanged,
    Notice,
    Restored,
    RoleChanged,
)
from asnity_tui.state.notification_levels import should_notify
from asnity_tui.widgets.text.safe_text import harmless_line

from .activity import UserActivity
from .conversation import Conversation
from .navigation import Navigation
from .notices import not_sent, sentence_of
from .open_channel import describe_loss

PAUSE = 3_000
"""Milliseconds between two alerts of one channel."""


class Notifications:
    """Tells the person what happened, once and in one sentence."""

    def __init__(
        self,
        session: Session,
        conversation: Conversation,
        activity: UserActivity,
        navigation: Navigation,
        *,
        alert: Callable[[str], None],
        clock: Clock,
        zone: tzinfo | None,
    ) -> None:
        """`alert` gets a harmless sentence for outside."""
        self._session = session
        self._conversation = conversation
        self._activity = activity
        self._alert = alert
        self._navigation = navigation
        self._clock = clock
        self._zone = zone
        self._alerted_at: dict[str, int] = {}

    def take(self, facts: Sequence[Fact]) -> None:
        """Tell what of this the person has to know."""
        strays = self._strays(facts)
        for fact in facts:
            self._tell(fact, strays)
        if strays and not any(isinstance(fact, ChannelLost | CommunityLost) for fact in facts):
            self._toast(f"{not_sent(strays)} You are no longer in that channel.", severity="error")

    def _tell(self, fact: Fact, strays: int) -> None:
        if isinstance(fact, MessageArrived):
            self._arrived(fact)
        elif isinstance(fact, EntryFailed):
            self._failed(fact)
        elif isinstance(fact, ChannelLost) and fact.community_id not in self._session.store.communities:
            return  # it went with its community, which is told once
        elif isinstance(fact, ChannelLost | CommunityLost):
            self._lost(fact, strays)
        elif isinstance(fact, ChannelAppeared | ChannelGained | ChannelRenamed | RoleChanged | MuteChanged):
            now, here = self._conversation.now(), self._navigation.community_id
            if said := sentence_of(fact, self._session, here, now=now, zone=self._zone):
                self._toast(said, timeout=5)
        elif isinstance(fact, Restored):
            said = "This server was restored from a backup. Everything was loaded again."
            self._toast(said, severity="warning")
        elif isinstance(fact, Notice):
            self._toast(harmless_line(fact.text), severity=fact.severity)

    def _toast(self, text: str, *, severity: Severity = "information", timeout: float | None = None) -> None:
        self._conversation.notify(text, severity=severity, timeout=timeout, markup=False)

    # Messages

    def _arrived(self, fact: MessageArrived) -> None:
        """Alert somebody who looks elsewhere, if that is wanted."""
        if not self._activity.looks_away or not should_notify(self._session.store, self._session.preferences, fact):
            return
        now = self._clock.now()
        if now - self._alerted_at.get(fact.channel_id, -PAUSE) >= PAUSE:
            self._alerted_at[fact.channel_id] = now
            self._alert(self._alert_text(fact))

    def _alert_text(self, fact: MessageArrived) -> str:
        """Span an alert about a message: never what it says."""
        channel = self._session.store.channel(fact.channel_id)
        if channel is None:
            return ""
        community = self._session.store.communities[channel.channel.community_id]
        title, place = self._conversation.title(channel), harmless_line(community.community.name)
        if channel.channel.kind == "direct":
            return f"Direct message from {title} ({place})"
        return f"You were mentioned in {title} ({place})" if fact.to_me else f"New in {title} ({place})"

    # Messages of mine that weren't sent

    def _failed(self, fact: EntryFailed) -> None:
        """Say that a message to another channel wasn't sent; in the open one its row says so."""
        entry = self._session.outbox.get(fact.nonce)
        if entry is None or entry.channel_id == self._conversation.channel_id:
            return
        channel = self._session.store.channel(entry.channel_id)
        if channel is not None:  # else it went with its channel, and is counted there
            why = harmless_line(entry.error.message) if entry.error else ""
            self._toast(f"Not sent to {self._conversation.title(channel)}: {why}", severity="error")

    def _strays(self, facts: Sequence[Fact]) -> int:
        """Count the unsent messages that have lost their channel with what is told here."""
        failed = (self._session.outbox.get(fact.nonce) for fact in facts if isinstance(fact, EntryFailed))
        return sum(each is not None and self._session.store.channel(each.channel_id) is None for each in failed)

    # Channels and communities that I am no longer in

    def _lost(self, fact: ChannelLost | CommunityLost, unsent: int) -> None:
        closed = self._conversation.closed
        if isinstance(fact, ChannelLost) and closed is not None and closed.channel_id == fact.channel_id and not unsent:
            return  # what stands in its place says so
        text, reason = describe_loss(fact), fact.reason or ""
        said = harmless_line(fact.why) if isinstance(fact, CommunityLost) else ""
        lost = f" {not_sent(unsent)}" if unsent else ""
        self._toast(
            f"{text}: {said}{lost}" if said else f"{text}.{lost}",
            severity="information" if reason == "left" else "warning",
            timeout=10 if said or lost else None,
        )
