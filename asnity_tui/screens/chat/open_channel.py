"""The channel that the conversation shows: open, or closed under the person who reads and writes there."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from asnity_tui.client.clock import Clock
from asnity_tui.client.sync.session import Session
from asnity_tui.state.changes import ChannelLost, CommunityLost, Fact, describe_removal
from asnity_tui.state.channel import ChannelState
from asnity_tui.widgets.channel_list import sign_of
from asnity_tui.widgets.text.safe_text import harmless_line


def describe_loss(fact: ChannelLost | CommunityLost, name: str = "") -> str:
    """Say what became of a channel or a community, without a full stop."""
    return describe_removal(name or harmless_line(fact.name), fact.reason)


class ClosedChannel(msgspec.Struct, frozen=True):
    """A channel that closed while it was on the screen."""

    channel_id: str
    title: str
    why: str
    """The reason, in words without a full stop."""


class OpenChannel:
    """The channel on the screen; the conversation alone changes it, its parts read it."""

    def __init__(self, session: Session, *, clock: Clock) -> None:
        self._session = session
        self._clock = clock
        self.id: str | None = None
        self.closed: ClosedChannel | None = None
        """Set while a channel shows that closed; no channel is open then."""

    @property
    def state(self) -> ChannelState | None:
        """The open channel as it is known."""
        return self._session.store.channel(self.id) if self.id else None

    @property
    def draft_id(self) -> str | None:
        """The channel that the text in the composer belongs to: the open one, or the one that closed."""
        return self.closed.channel_id if self.closed is not None else self.id

    def title(self, channel: ChannelState, *, space: str = "") -> str:
        """Name a channel, with its sign."""
        name = harmless_line(self._session.store.title_of(channel))
        return name if channel.channel.kind == "direct" else f"{sign_of(channel.channel.kind).strip()}{space}{name}"

    def now(self) -> int:
        """Tell the time by the machine's clock, in milliseconds since 1970."""
        return self._clock.wall()

    def find_loss(self, facts: Sequence[Fact]) -> ClosedChannel | None:
        """Find out whether the open channel closed, perhaps with its community, and why."""
        for fact in facts:
            if isinstance(fact, ChannelLost) and fact.channel_id == self.id:
                return _closed(fact, facts)
        return None


def _closed(fact: ChannelLost, facts: Sequence[Fact]) -> ClosedChannel:
    with_it = (each for each in facts if isinstance(each, CommunityLost) and each.community_id == fact.community_id)
    whole = next(with_it, None)
    why = describe_loss(whole) if whole is not None else describe_loss(fact, harmless_line(fact.place))
    if whole is not None and whole.why:
        why += f" ({harmless_line(whole.why)})"
    return ClosedChannel(fact.channel_id, harmless_line(fact.place), why)
