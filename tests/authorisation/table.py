"""The table of authorisation, written out by hand: every route and socket event, for everyone who may come.

Y: done. U: `unauthorized`, F: `forbidden`, N: `not-found`, C: `conflict`. What stands behind a colon is a variant. The
channel is private; `outside` is a member of the community who isn't in it; `removed` and `banned` once were. What is
one's `own`, they made while they could; it is somebody else's for who never could.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple, get_args

Column = Literal["stranger", "elsewhere", "outside", "member", "removed", "banned", "muted", "admin", "owner"]
COLUMNS: tuple[Column, ...] = get_args(Column)

VERDICTS = {"Y": None, "U": "unauthorized", "F": "forbidden", "N": "not-found", "C": "conflict"}

HTTP = """
# stranger
# | elsewhere
# | | outside
# | | | member
# | | | | removed
# | | | | | banned
# | | | | | | muted
# | | | | | | | admin
# | | | | | | | | owner
Y Y Y Y Y Y Y Y Y   GET /
Y Y Y Y Y Y Y Y Y   GET /healthz
Y Y Y Y Y Y Y Y Y   GET /readyz
Y Y Y Y Y Y Y Y Y   GET /metrics
Y Y Y Y Y Y Y Y Y   GET /api/openapi.json
Y Y Y Y Y Y Y Y Y   GET /api/server
Y Y Y Y Y Y Y Y Y   POST /api/auth/sign-up
Y Y Y Y Y Y Y Y Y   POST /api/auth/sign-in
U Y Y Y Y Y Y Y Y   POST /api/auth/sign-out
U Y Y Y Y Y Y Y Y   GET /api/auth/sessions
U Y Y Y Y Y Y Y Y   DELETE /api/auth/sessions
U Y Y Y Y Y Y Y Y   DELETE /api/auth/sessions/{sessionId}:own
U N N N N N N N N   DELETE /api/auth/sessions/{sessionId}:others
U Y Y Y Y Y Y Y Y   GET /api/me
U Y Y Y Y Y Y Y Y   PATCH /api/me
U Y Y Y Y Y Y Y Y   POST /api/me/password
U Y Y Y Y Y Y Y Y   GET /api/me/overview
U Y Y Y Y Y Y Y Y   GET /api/communities
U Y Y Y Y Y Y Y Y   POST /api/communities
U N Y Y N N Y Y Y   GET /api/communities/{communityId}
U N F F N N F F Y   PATCH /api/communities/{communityId}
U N F F N N F F Y   DELETE /api/communities/{communityId}
U N Y Y N N Y Y Y   GET /api/communities/{communityId}/overview
U N Y Y N N Y Y Y   GET /api/communities/{communityId}/members
U N F F N N F F Y   PATCH /api/communities/{communityId}/members/{userId}:promote
U N F F N N F Y Y   PATCH /api/communities/{communityId}/members/{userId}:mute
U N Y Y N N Y Y C   PATCH /api/communities/{communityId}/members/{userId}:step-down
U N F F N N F F F   PATCH /api/communities/{communityId}/members/{userId}:unmute-me
U N F F N N F Y Y   DELETE /api/communities/{communityId}/members/{userId}:kick
U N F F N N F Y Y   DELETE /api/communities/{communityId}/members/{userId}:ban
U N F F N N F F Y   DELETE /api/communities/{communityId}/members/{userId}:kick-top
U N Y Y N N Y Y C   DELETE /api/communities/{communityId}/members/{userId}:leave
U N F F N N F Y Y   GET /api/communities/{communityId}/bans
U N F F N N F Y Y   DELETE /api/communities/{communityId}/bans/{userId}
U N F F N N F N N   DELETE /api/communities/{communityId}/bans/{userId}:of-me
U N F F N N F Y Y   GET /api/communities/{communityId}/audit
U N Y Y N N Y Y Y   GET /api/communities/{communityId}/users
U N Y Y N N Y Y Y   GET /api/communities/{communityId}/invites
U N Y Y N N F Y Y   POST /api/communities/{communityId}/invites
U N N Y N N F Y Y   POST /api/communities/{communityId}/invites:into-channel
U N Y Y N N Y Y Y   DELETE /api/communities/{communityId}/invites/{code}:own
U N F F N N F Y Y   DELETE /api/communities/{communityId}/invites/{code}:others
Y Y Y Y Y Y Y Y Y   GET /api/invites/{code}
N N N N N N N N N   GET /invite
Y Y Y Y Y Y Y Y Y   GET /invite/{code}
Y Y Y Y Y Y Y Y Y   GET /invite/{code}/
U Y Y Y Y F Y Y Y   POST /api/invites/{code}/accept
U N Y Y N N Y Y Y   GET /api/communities/{communityId}/channels
U N Y Y N N F Y Y   POST /api/communities/{communityId}/channels
U N Y Y N N F Y Y   POST /api/communities/{communityId}/direct
U N N Y N N Y Y Y   GET /api/channels/{channelId}
U N N F N N F Y Y   PATCH /api/channels/{channelId}:topic
U N N F N N F Y Y   PATCH /api/channels/{channelId}:archive
U N N F N N F Y Y   DELETE /api/channels/{channelId}
U N N Y N N Y Y Y   GET /api/channels/{channelId}/members
U N N Y N N Y Y Y   PUT /api/channels/{channelId}/members/{userId}:join
U N N Y N N F Y Y   PUT /api/channels/{channelId}/members/{userId}:put
U N N Y N N Y Y Y   DELETE /api/channels/{channelId}/members/{userId}:leave
U N N F N N F Y Y   DELETE /api/channels/{channelId}/members/{userId}:remove
U N N Y N N Y Y Y   PATCH /api/channels/{channelId}/me
U N N Y N N Y Y Y   GET /api/channels/{channelId}/messages
U N N Y N N Y Y Y   GET /api/channels/{channelId}/changes
U N N Y N N F Y Y   POST /api/channels/{channelId}/messages
U N N Y N N F Y Y   PATCH /api/channels/{channelId}/messages/{chatId}:own
U N N F N N F F F   PATCH /api/channels/{channelId}/messages/{chatId}:others
U N N Y N N Y Y Y   DELETE /api/channels/{channelId}/messages/{chatId}:own
U N N F N N F Y Y   DELETE /api/channels/{channelId}/messages/{chatId}:others
U N N Y N N Y Y Y   GET /api/channels/{channelId}/messages/{chatId}/reactions/{emoji}
U N N Y N N F Y Y   PUT /api/channels/{channelId}/messages/{chatId}/reactions/{emoji}
U N N Y N N F Y Y   DELETE /api/channels/{channelId}/messages/{chatId}/reactions/{emoji}
U N N F N N F Y Y   PUT /api/channels/{channelId}/messages/{chatId}/pin
U N N F N N F Y Y   DELETE /api/channels/{channelId}/messages/{chatId}/pin
U N N Y N N Y Y Y   GET /api/channels/{channelId}/pins
U Y Y Y Y Y Y Y Y   GET /api/search
U N Y Y N N Y Y Y   GET /api/search:in-community
U N N Y N N Y Y Y   GET /api/search:in-channel
U N N Y N N Y Y Y   PUT /api/channels/{channelId}/read-marker
U N N Y N N Y Y Y   GET /api/channels/{channelId}/counters
"""

SOCKET = """
# stranger
# | elsewhere
# | | outside
# | | | member
# | | | | removed
# | | | | | banned
# | | | | | | muted
# | | | | | | | admin
# | | | | | | | | owner
U Y Y Y Y Y Y Y Y   presence
U N N Y N N Y Y Y   join
U N N Y N N F Y Y   chat:new
U N N Y N N F Y Y   chat:modify-own
U N N F N N F F F   chat:modify-others
U N N Y N N Y Y Y   chat:delete-own
U N N F N N F Y Y   chat:delete-others
U N N Y N N F Y Y   react
U N N Y N N Y Y Y   read
U N N Y N N F Y Y   typing
U N N Y N N F Y Y   invite-users-to-channel
"""
"""Who may not enter the community's namespace is refused there, with the same code."""


class Row(NamedTuple):
    """One line of a table."""

    name: str
    """A route (method, space, path) or an event."""
    variant: str
    verdicts: dict[Column, str]

    def __str__(self) -> str:
        return f"{self.name}:{self.variant}" if self.variant else self.name


def _rows(table: str) -> Iterator[Row]:
    for line in table.strip().splitlines():
        if line.startswith("#"):
            continue
        words = line.split()
        name, _, variant = " ".join(words[len(COLUMNS) :]).partition(":")
        yield Row(name, variant, dict(zip(COLUMNS, words[: len(COLUMNS)], strict=True)))


HTTP_ROWS = tuple(_rows(HTTP))
SOCKET_ROWS = tuple(_rows(SOCKET))
