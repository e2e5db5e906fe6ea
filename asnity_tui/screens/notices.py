"""Sentences for what happens around me and belongs to no row."""

from __future__ import annotations

from asnity_tui.client.session import Session
from asnity_tui.state.changes import ChannelAppeared, ChannelGained
from asnity_tui.widgets.safe_text import harmless_line


def of_channel(fact: ChannelAppeared | ChannelGained, session: Session, here: str | None) -> str:
    """What is said of a channel that is new, or new to me; nothing of my own doing, and nothing in quiet.

    `here` is the community on the screen.
    """
    community = session.store.communities.get(fact.community_id)
    if community is None or session.choices.do_not_disturb:
        return ""
    where = f" in {harmless_line(community.community.name)}" if community.id != here else ""
    if isinstance(fact, ChannelAppeared):
        name = harmless_line(fact.name)
        return f"New channel #{name}{where}" if where else f"New channel #{name}: /join #{name}"
    channel = session.store.channel(fact.channel_id)
    if channel is None or session.places.is_own_doing(fact.channel_id):
        return ""
    return f"You were added to #{harmless_line(channel.channel.name)}{where}."


def not_sent(count: int) -> str:
    """How many messages have lost the channel that they were to go to."""
    return f"{count} messages weren't sent." if count > 1 else "One message wasn't sent."
