"""Writes entries of a community's audit log as sentences."""

from __future__ import annotations

from collections.abc import Callable

from asnity_server.protocol.models import AuditEntry

_ROLES = {"owner": "an owner", "admin": "an admin", "member": "a member"}


def describe(
    entry: AuditEntry,
    *,
    name_of: Callable[[str], str],
    channel_of: Callable[[str], str | None],
    moment_of: Callable[[str], str],
) -> str:
    """One entry as a sentence without a full stop; `channel_of` answers None for a channel that I don't know."""
    who = name_of(entry.actor_id)
    whom = name_of(entry.target_id) if entry.target_id is not None else "someone"
    channel = channel_of(entry.channel_id) if entry.channel_id is not None else None
    where = f"#{channel}" if channel is not None else "a channel"
    named = f"#{entry.detail}" if entry.detail else where
    until = f" until {moment_of(entry.until)}" if entry.until is not None else ""
    why = f": {entry.detail}" if entry.detail else ""
    sentences = {
        "role-given": f"{who} made {whom} {_ROLES.get(entry.detail, entry.detail)}",
        "member-muted": f"{who} muted {whom}{until}{why}",
        "member-unmuted": f"{who} unmuted {whom}{why}",
        "member-kicked": f"{who} kicked {whom}{why}",
        "member-banned": f"{who} banned {whom}{why}",
        "ban-lifted": f"{who} unbanned {whom}",
        "invite-withdrawn": f"{who} revoked an invite link of {whom}",
        "community-changed": f"{who} changed the community{why}",
        "channel-changed": f"{who} changed {named}",
        "channel-archived": f"{who} archived {named}",
        "channel-revived": f"{who} unarchived {named}",
        "channel-deleted": f"{who} deleted {named}",
        "removed-from-channel": f"{who} removed {whom} from {where}",
        "message-deleted": f"{who} deleted a message of {whom} in {where}",
    }
    known = sentences.get(entry.action)
    if known is not None:
        return known
    target = f" {whom}" if entry.target_id is not None else ""
    return f"{who}: {entry.action}{target}{why}"
