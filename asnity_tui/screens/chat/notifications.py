"""Notifications: toasts for what happens around me, and alerts outside of the program while nobody looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING

from asnity_tui.client.clock import Clock
from asnity_tui.client.sync.session import Session
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
from asnity_tui.widgets.text.relative_time import relative_time
from asnity_tui.widgets.text.safe_text import harmless_line

from .conversation import Conversation
from .navigation import Navigation
from .open_channel import describe_loss

if TYPE_CHECKING:
    from asnity_tui.commands.context import Severity

IDLE = 10 * 60_000
"""Milliseconds without a key after which others see that I am away."""

UNTOUCHED = 60_000
"""The same after which nobody is looking, where the terminal doesn't tell whether it has the focus."""

PAUSE = 3_000
"""Milliseconds between two alerts of one channel."""


class UserActivity:
    """Follows keys and the terminal's focus."""

    def __init__(self, session: Session, *, clock: Clock) -> None:
        self.focused = True
        self._session = session
        self._clock = clock
        self._knows_focus = False
        self._idle = False
        self._touched_at = clock.now()

    def touched(self) -> None:
        """Note a key, or the mouse."""
        self._touched_at = self._clock.now()
        if self._idle:
            self._idle = False
            self._session.presence.set_idle(False)

    def focus_changed(self, focused: bool) -> None:
        """Note that the terminal got or lost the focus."""
        self._knows_focus = True
        self.focused = focused
        if focused:
            self._session.connection.check_now()
            self.touched()

    def tick(self) -> None:
        """See now and then whether anybody is there."""
        if not self._idle and self._clock.now() - self._touched_at >= IDLE:
            self._idle = True
            self._session.presence.set_idle(True)

    @property
    def looks_away(self) -> bool:
        """Tell whether nobody looks at the terminal, as far as one can know."""
        if self._knows_focus:
            return not self.focused
        return self._clock.now() - self._touched_at >= UNTOUCHED


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
        """Word an alert about a message: never what it says."""
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


def sentence_of(fact: Fact, session: Session, here: str | None, *, now: int, zone: tzinfo | None) -> str:
    """Word a change in a harmless sentence, "" if nothing is to be said; `here` is the community on the screen."""
    if isinstance(fact, ChannelAppeared | ChannelGained):
        return _of_channel(fact, session, here)
    return _of_change(fact, session, now=now, zone=zone)


def _of_channel(fact: ChannelAppeared | ChannelGained, session: Session, here: str | None) -> str:
    """Word a channel that is new, or new to me; nothing of my own doing, and nothing in quiet.

    `here` is the community on the screen.
    """
    community = session.store.communities.get(fact.community_id)
    if community is None or session.preferences.do_not_disturb:
        return ""
    where = f" in {harmless_line(community.community.name)}" if community.id != here else ""
    if isinstance(fact, ChannelAppeared):
        name = harmless_line(fact.name)
        return f"New channel #{name}{where}" if where else f"New channel #{name}: /join #{name}"
    channel = session.store.channel(fact.channel_id)
    if channel is None or session.own_membership.has_joined(fact.channel_id):
        return ""
    return f"You were added to #{harmless_line(channel.channel.name)}{where}."


_ROLES = {"owner": "an owner", "admin": "an admin", "member": "a member"}


def _of_change(fact: Fact, session: Session, *, now: int, zone: tzinfo | None) -> str:
    """Word a channel's new name, and what I may do from here on; nothing of what I did myself."""
    store = session.store
    if isinstance(fact, ChannelRenamed):
        channel = store.channel(fact.channel_id)
        if channel is None or fact.by_id == store.my_id or session.preferences.do_not_disturb:
            return ""
        before, after = harmless_line(fact.before), harmless_line(channel.channel.name)
        if fact.by_id not in store.users:
            return f"#{before} is now #{after}."
        return f"{harmless_line(store.name_of(fact.by_id))} renamed #{before} to #{after}."
    community = store.communities.get(fact.community_id) if isinstance(fact, RoleChanged | MuteChanged) else None
    if community is None:
        return ""
    where = harmless_line(community.community.name)
    if isinstance(fact, RoleChanged):
        return f"You are now {_ROLES[fact.role]} of {where}."
    if isinstance(fact, MuteChanged) and not fact.until:
        return f"You can write in {where} again."
    assert isinstance(fact, MuteChanged)
    why = f": {harmless_line(fact.why)}" if fact.why else "."
    return f"You are muted in {where} until {relative_time(fact.until, now=now, zone=zone)}{why}"


def not_sent(count: int) -> str:
    """Word how many messages have lost the channel that they were to go to."""
    return f"{count} messages weren't sent." if count > 1 else "One message wasn't sent."
