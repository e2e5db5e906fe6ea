"""Sentences for what happens around me and belongs to no row."""

from __future__ import annotations

from datetime import tzinfo

from asnity_tui.client.sync.session import Session
from asnity_tui.state.changes import ChannelAppeared, ChannelGained, ChannelRenamed, Fact, MuteChanged, RoleChanged
from asnity_tui.widgets.text.relative_time import relative_time
from asnity_tui.widgets.text.safe_text import harmless_line


def sentence_of(fact: Fact, session: Session, here: str | None, *, now: int, zone: tzinfo | None) -> str:
    """Span a change in a harmless sentence, "" if nothing is to be said; `here` is the community on the screen."""
    if isinstance(fact, ChannelAppeared | ChannelGained):
        return _of_channel(fact, session, here)
    return _of_change(fact, session, now=now, zone=zone)


def _of_channel(fact: ChannelAppeared | ChannelGained, session: Session, here: str | None) -> str:
    """Span a channel that is new, or new to me; nothing of my own doing, and nothing in quiet.

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
    if channel is None or session.places.is_own_doing(fact.channel_id):
        return ""
    return f"You were added to #{harmless_line(channel.channel.name)}{where}."


_ROLES = {"owner": "an owner", "admin": "an admin", "member": "a member"}


def _of_change(fact: Fact, session: Session, *, now: int, zone: tzinfo | None) -> str:
    """Span a channel's new name, and what I may do from here on; nothing of what I did myself."""
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
    """Span how many messages have lost the channel that they were to go to."""
    return f"{count} messages weren't sent." if count > 1 else "One message wasn't sent."
