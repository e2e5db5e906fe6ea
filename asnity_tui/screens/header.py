"""The line above the timeline: which channel this is, who of a direct channel is there, where it is."""

from __future__ import annotations

from asnity_tui.state.channel import ChannelState
from asnity_tui.state.knowledge import Knowledge
from asnity_tui.state.people import direct_presence
from asnity_tui.widgets.channel_list import DOTS
from asnity_tui.widgets.inks import Word
from asnity_tui.widgets.inks import words as inked
from asnity_tui.widgets.safe_text import harmless_line

ROOM_FOR_PLACE = 40
"""Cells of a header that has room for the community's name."""


def header(
    store: Knowledge, channel: ChannelState, *, title: str, place: str, width: int
) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    """What stands on the left and on the right; `width` in cells; `place` is the community where no list tells."""
    topic = harmless_line(channel.channel.topic)
    presence = direct_presence(store, channel)
    sign, ink = DOTS[presence] if presence is not None else ("", "plain")
    left = inked(
        (" ", "plain"),
        (f"{sign} " if sign else "", ink),
        (title, "strong"),
        (f" · {topic}" if topic else "", "dim"),
    )
    right = inked(
        ("archived" if channel.channel.archived else "", "dim"),
        ("muted " if channel.muted else "", "dim"),
        (f" {place} " if width >= ROOM_FOR_PLACE else "", "dim"),
    )
    return left, right
