"""The line above the timeline: names the channel, shows who of a direct channel is there, and where it is."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widget import Widget

from asnity_tui.client.sync.session import Session
from asnity_tui.state.changes import ChannelUpdated, Fact, PresenceChanged, UsersChanged
from asnity_tui.state.channel import ChannelState
from asnity_tui.state.people import direct_presence
from asnity_tui.widgets.channel_header import ChannelHeader, topic_of
from asnity_tui.widgets.channel_list import DOTS
from asnity_tui.widgets.text.styles import spans

from .open_channel import OpenChannel

ROOM_FOR_COMMUNITY = 40
"""Cells of a header that has room for the community's name."""


class Header:
    """Keeps the header in step with the open channel."""

    def __init__(self, host: Widget, session: Session, channel: OpenChannel) -> None:
        self.bar = ChannelHeader(id="header")
        self._host = host
        self._session = session
        self._channel = channel
        self._community = ""

    def name_community(self, name: str) -> None:
        """Name the community, where no list does."""
        self._community = name
        self.draw()

    def take(self, facts: Sequence[Fact]) -> None:
        """Draw what changed."""
        here = self._channel.id
        if any(
            isinstance(fact, UsersChanged | PresenceChanged)
            or (isinstance(fact, ChannelUpdated) and fact.channel_id == here)
            for fact in facts
        ):
            self.draw()

    def draw(self) -> None:
        """Draw the channel's name and topic, or the name of one that closed."""
        channel, closed = self._channel.state, self._channel.closed
        if closed is not None:
            self.bar.say(spans((f" {closed.title}", "dim"), ("  closed", "error")))
        elif channel is not None:
            self._draw(channel)
        else:
            self.bar.say(())

    def _draw(self, channel: ChannelState) -> None:
        width = self._host.size.width or self._host.app.size.width  # there is no layout before the first picture
        store = self._session.store
        topic = topic_of(store, channel)
        presence = direct_presence(store, channel)
        sign, style = DOTS[presence] if presence is not None else ("", "plain")
        left = spans(
            (" ", "plain"),
            (f"{sign} " if sign else "", style),
            (self._channel.title(channel, space=" "), "strong"),
            (f" · {topic}" if topic else "", "dim"),
        )
        right = spans(
            ("archived" if channel.channel.archived else "", "dim"),
            ("muted " if channel.muted else "", "dim"),
            (f" {self._community} " if width >= ROOM_FOR_COMMUNITY else "", "dim"),
        )
        self.bar.say(left, right)
