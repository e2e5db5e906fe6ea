"""Formats unread counts beside a name: `@2` for mentions, a number for unread, `•` for other news."""

from __future__ import annotations

from asnity_server.protocol.limits import COUNT_CAP
from asnity_tui.state.unread import Badge
from asnity_tui.widgets.text.styles import Span


def counted(number: int) -> str:
    """A number as it is shown: the server stops counting at the cap."""
    return "99+" if number >= COUNT_CAP else str(number)


def channel_badge(badge: Badge) -> tuple[Span, ...]:
    """Format a channel's unread count and mentions for the end of its line."""
    if badge.sign == "mention":
        return (Span(f"@{counted(badge.mentions)}", "badge"),)
    if badge.sign == "count":
        return (Span(counted(badge.unread), "count"),)
    return ()


def community_badge(badge: Badge) -> tuple[Span, ...]:
    """Format a community's unread: a number for mentions and direct messages, a dot for the rest."""
    if badge.sign == "mention":
        return (Span(counted(badge.mentions), "badge"),)
    if badge.sign in ("dot", "count"):
        return (Span("•", "count"),)
    return ()
