"""Ids: random ones, and the community that a channel id or namespace names."""

from __future__ import annotations

import re
import secrets

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
"""Lower-case base32 (RFC 4648, section 6), without padding."""

_ID = re.compile(r"[a-z2-7]{12}")
_CHANNEL = re.compile(r"[a-z2-7]{12}-[a-z2-7]{8}")

NAMESPACE_PREFIX = "/socket/commu-"
USER_NAMESPACE = "/socket/user"


def new_id(length: int = 12) -> str:
    """A random id of `length` base32 characters (5 bits each)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def new_channel_id(community_id: str) -> str:
    """A random channel id that tells its community."""
    return f"{community_id}-{new_id(8)}"


def is_id(text: str) -> bool:
    """Whether `text` has the form of a community's, user's or session's id."""
    return _ID.fullmatch(text) is not None


def is_channel_id(text: str) -> bool:
    """Whether `text` has the form of a channel's id."""
    return _CHANNEL.fullmatch(text) is not None


def community_of(channel_id: str) -> str:
    """The community that a channel id names."""
    return channel_id[:12]


def namespace_of(community_id: str) -> str:
    """The Socket.IO namespace of a community."""
    return NAMESPACE_PREFIX + community_id


def community_of_namespace(namespace: str) -> str | None:
    """The community id that a namespace names, or None where it is not a community's namespace."""
    if not namespace.startswith(NAMESPACE_PREFIX):
        return None
    community_id = namespace[len(NAMESPACE_PREFIX) :]
    return community_id if is_id(community_id) else None
