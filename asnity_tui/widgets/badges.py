"""How counts look beside a name: `@2` for mentions, a number for unread, `•` for a community with something new."""

from __future__ import annotations

from asnity_server.protocol.limits import COUNT_CAP
from asnity_tui.state.unread import Badge
from asnity_tui.widgets.text.styles import Span


def counted(number: int) -> str:
    """A number as it is shown: the server stops counting at the cap."""
    return "99+" if number >= COUNT_CAP else str(number)


def channel_badge(badge: Badge) -> tuple[Span, ...]:
    """What stands at the end of a channel's line."""
    if badge.sign == "mention":
        return (Span(f"@{counted(badge.mentions)}", "badge"),)
    if badge.sign == "count":
        return (Span(counted(badge.unread), "count"),)
    return ()


def community_badge(badge: Badge) -> tuple[Span, ...]:
    """What stands beside a community's letters: a number for what is meant for me, a dot for the rest."""
    if badge.sign == "mention":
        return (Span(counted(badge.mentions), "badge"),)
    if badge.sign in ("dot", "count"):
        return (Span("•", "count"),)
    return ()
