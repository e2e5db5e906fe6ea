"""Row mapping: selected columns, and the models that are made of their rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from asnity_server.db.transaction import ReadTx, Row
from asnity_server.protocol import codec
from asnity_server.protocol.ids import community_of
from asnity_server.protocol.limits import MUTED_FOR
from asnity_server.protocol.models import Channel, Community, Member, Message, MessageType, Reaction, User
from asnity_server.protocol.times import to_wire

from .clock_skew import lasts

USER = "u.id, u.username, u.display_name, u.status_text, u.disabled_at IS NOT NULL"
MEMBER = f"{USER}, m.role, m.joined_at, m.muted_until"
COMMUNITY = "c.id, c.name, c.description, c.rev, c.created_at, c.invites_by"
CHANNEL = "c.id, c.community_id, c.kind, c.name, c.topic, c.archived, c.created_at"


class MessageRow(NamedTuple):
    """The columns of a message, in the order in which they are selected and inserted."""

    id: int
    channel_id: str
    sender_id: str
    type: MessageType
    content: str
    created_at: int
    updated_at: int
    deleted_at: int | None
    rev: int
    nonce: str | None
    reply_to: int | None
    mentions: str
    """Ids, with spaces between."""
    mentions_all: int
    reactions: str
    """JSON of `Reactions`, or nothing."""
    pinned_at: int | None


MESSAGE = ", ".join(f"m.{column}" for column in MessageRow._fields)

Reactions = dict[str, Reaction]
"""The reactions under a message by emoji, first used first; stored with the message as clients get it."""


def user(row: Row, *, former: bool = False) -> User:
    """A row of `USER`."""
    return User(
        id=row[0],
        username=row[1],
        display_name=row[2],
        status_text=row[3],
        former=former,
        disabled=bool(row[4]),
    )


def member(row: Row, now: int) -> Member:
    """A row of `MEMBER`, `now` in milliseconds since 1970."""
    return Member(user=user(row), role=row[5], joined_at=to_wire(row[6]), muted_until=shown_mute(row[7], now))


def mute_end(until: int | None, now: int) -> int:
    """Until when a mute lasts; 0 if it doesn't."""
    return until if until is not None and lasts(until, now, MUTED_FOR) else 0


def shown_mute(until: int | None, now: int) -> str | UnsetType:
    """A mute as it is told: only while it lasts."""
    present = mute_end(until, now)
    return to_wire(present) if present else UNSET


def community(row: Row) -> Community:
    """A row of `COMMUNITY`."""
    return Community(
        id=row[0], name=row[1], description=row[2], rev=row[3], created_at=to_wire(row[4]), invites_by=row[5]
    )


def channel(row: Row, members: tuple[str, ...] | None = None) -> Channel:
    """A row of `CHANNEL`, with its members where it is direct."""
    return Channel(
        id=row[0],
        community_id=row[1],
        kind=row[2],
        name=row[3],
        topic=row[4],
        archived=bool(row[5]),
        created_at=to_wire(row[6]),
        members=UNSET if members is None else members,
    )


def message(found: Row) -> Message:
    """A row of `MESSAGE`."""
    row = MessageRow._make(found)
    created_at = to_wire(row.created_at)
    return Message(
        id=row.id,
        channel_id=row.channel_id,
        community_id=community_of(row.channel_id),
        sender_id=row.sender_id,
        type=row.type,
        content=row.content,
        created_at=created_at,
        updated_at=created_at if row.updated_at == row.created_at else to_wire(row.updated_at),
        deleted_at=None if row.deleted_at is None else to_wire(row.deleted_at),
        rev=row.rev,
        nonce=row.nonce,
        reply_to=row.reply_to,
        mentions=tuple(row.mentions.split()),
        mentions_all=bool(row.mentions_all),
        reactions=codec.decode(row.reactions, Reactions) if row.reactions else {},
        pinned=row.pinned_at is not None,
    )


_USERS = f"""
SELECT {USER}, m.user_id IS NULL, m.user_id IS NOT NULL OR u.id = ?3 OR EXISTS (
    SELECT 1 FROM memberships mine JOIN memberships theirs ON theirs.community_id = mine.community_id
    WHERE mine.user_id = ?3 AND theirs.user_id = u.id
)
FROM json_each(?2) wanted JOIN users u ON u.id = wanted.value
LEFT JOIN memberships m ON m.user_id = u.id AND m.community_id = ?1
"""
_CALLED = """
SELECT f.display_name FROM former_members f JOIN memberships mine ON mine.community_id = f.community_id
WHERE f.user_id = ?1 AND mine.user_id = ?2 ORDER BY f.left_at DESC LIMIT 1
"""


def users_by_id(view: ReadTx, by: str, community_id: str | None, ids: Iterable[str]) -> dict[str, User]:
    """The people behind `ids` as somebody may see them, unknown ones left out.

    With a community, those who aren't in it are marked as former. Whoever shares no community with `by` any more is
    shown as they were called when they left: who has gone isn't followed.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    found = view.all(_USERS, (community_id, json_list(wanted), by))
    users = {row[0]: user(row, former=community_id is not None and bool(row[5])) for row in found}
    for row in found:
        if not row[6]:
            called = view.value(_CALLED, (row[0], by)) or row[1]
            users[row[0]] = replace(users[row[0]], display_name=called, status_text="", disabled=False)
    return users


def users_in(view: ReadTx, by: str, channel_id: str, messages: Iterable[Message]) -> dict[str, User]:
    """Everyone whom `messages` of a channel name by id, as somebody may see them."""
    return users_by_id(view, by, community_of(channel_id), named_in(messages))


def json_list(values: Sequence[str] | Sequence[int]) -> str:
    """`values` as one parameter of a statement, for `json_each`."""
    return codec.encode(values).decode()


def named_in(messages: Iterable[Message]) -> set[str]:
    """Everyone whom `messages` name by id."""
    named: set[str] = set()
    for each in messages:
        named.add(each.sender_id)
        named.update(each.mentions)
        for reaction in each.reactions.values():
            named.update(reaction.users)
    return named
