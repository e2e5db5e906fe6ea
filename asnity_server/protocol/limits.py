"""Lengths, page sizes and rates that both sides hold themselves to."""

from __future__ import annotations

import msgspec

PROTOCOL = 1
"""The version of the wire that `GET /api/server` tells."""

MAX_INTEGER = 2**53 - 1
"""The largest integer on the wire: beyond it, JavaScript clients lose digits."""

CONTENT = 4_000
"""Code points in a message, after NFC and trimming of trailing white space."""

NAME_MIN, USERNAME, CHANNEL_NAME = 2, 32, 50
COMMUNITY_NAME, DISPLAY_NAME = 50, 50
DESCRIPTION, TOPIC, STATUS_TEXT, DEVICE, REASON = 500, 250, 100, 80, 250
MUTED_FOR = 30 * 24 * 3600
INVITE_FOR = 365 * 24 * 3600
"""Seconds that a mute, and an invite that ends, may last."""
PASSWORD_MIN, PASSWORD = 8, 256
NONCE = 64
EMOJI = 32
QUERY = 200

PAGE, PAGE_MAX = 50, 100
COUNT_CAP = 100
"""Unread and mention counts stop here; a screen shows it as 99+."""

IDS = 100
"""Ids that one request may name."""
JOINED = 1_000
"""Channels that one `join` may name; clients ask for `IDS` at a time."""

DIRECT_MAX = 9
"""People in a direct channel, the one who makes it included."""

COMMUNITIES = 100
"""Communities that one person may be in: whether they are there is told to all of them."""

CHANNELS = 1_000
"""Channels of a community, direct ones aside, that one person may be in: others may put them there."""

COMMUNITY_CHANNELS = 5_000
"""Public and private channels of a community in all."""

INVITES = 100
"""Links into a community that one person has, those that are worth nothing any more left out."""

DIRECTS = 500
"""Direct channels of a community that one person's list has room for."""

SESSIONS = 100
"""Devices that one person is signed in on."""

PINS = 50
REACTIONS = 20
"""Different emoji under one message."""
REACTION_USERS = 20
"""People that a reaction names; the others are only counted."""

FRAME = 64 * 1024
"""Bytes of one socket frame, and of one HTTP body."""

WRITE_BUDGET = 1024 * 1024
"""Bytes that may wait for a socket that doesn't read; beyond it, the socket is closed."""

TYPING_EVERY = 3.0
"""Seconds between two `typing` of one person in one channel."""


class Limits(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The limits that a client must know to refuse early, as `GET /api/server` tells them."""

    content: int = CONTENT
    username: int = USERNAME
    display_name: int = DISPLAY_NAME
    community_name: int = COMMUNITY_NAME
    channel_name: int = CHANNEL_NAME
    topic: int = TOPIC
    description: int = DESCRIPTION
    status_text: int = STATUS_TEXT
    password: int = PASSWORD
    password_min: int = PASSWORD_MIN
    nonce: int = NONCE
    page: int = PAGE_MAX
    ids: int = IDS
    frame: int = FRAME
    pins: int = PINS
    reactions: int = REACTIONS
    direct: int = DIRECT_MAX
