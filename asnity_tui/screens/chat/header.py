"""The line above the timeline: which channel this is, who of a direct channel is there, where it is."""

from __future__ import annotations

from collections.abc import Sequence

from asnity_tui.state.channel import ChannelState
from asnity_tui.state.knowledge import Knowledge
from asnity_tui.state.people import direct_presence, others_in
from asnity_tui.widgets.channel_list import DOTS
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import Span, spans

ROOM_FOR_PLACE = 40
"""Cells of a header that has room for the community's name."""


def header(
    store: Knowledge, channel: ChannelState, *, title: str, place: str, width: int
) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """What stands on the left and on the right; `width` in cells; `place` is the community where no list tells."""
    topic = topic_of(store, channel)
    presence = direct_presence(store, channel)
    sign, ink = DOTS[presence] if presence is not None else ("", "plain")
    left = spans(
        (" ", "plain"),
        (f"{sign} " if sign else "", ink),
        (title, "strong"),
        (f" · {topic}" if topic else "", "dim"),
    )
    right = spans(
        ("archived" if channel.channel.archived else "", "dim"),
        ("muted " if channel.muted else "", "dim"),
        (f" {place} " if width >= ROOM_FOR_PLACE else "", "dim"),
    )
    return left, right


def topic_of(store: Knowledge, channel: ChannelState) -> str:
    """A channel's topic, or what the one person of a direct channel says of themselves."""
    return harmless_line(channel.channel.topic or _status(store, channel))


def typing_words(names: Sequence[str]) -> str:
    """Who is typing, as a sentence; `names` are harmless."""
    if len(names) > 2:
        return f"{len(names)} people are typing…"
    return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} typing…" if names else ""


def _status(store: Knowledge, channel: ChannelState) -> str:
    """What the one person of a direct channel says of themselves."""
    others = others_in(store, channel)
    user = store.users.get(others[0]) if len(others) == 1 else None
    return user.status_text if user is not None else ""
