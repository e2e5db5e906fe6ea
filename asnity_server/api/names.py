"""Distinct names: refuses names of people and channels that can't be told apart from others."""

from __future__ import annotations

from collections.abc import Iterable

from asnity_server.api.storage.row_mapping import json_list
from asnity_server.db.transaction import Row, WriteTx
from asnity_server.protocol.errors import Conflict

from .lookalikes import RULES, look_alike, looks

_LIKE = """
SELECT DISTINCT l.name, u.username FROM json_each(?1) wanted JOIN looks l ON l.looks = wanted.value
JOIN users u ON u.id = l.user_id WHERE l.user_id <> ?2
"""
_SHARED = """
AND EXISTS (
    SELECT 1 FROM memberships mine JOIN memberships other ON other.community_id = mine.community_id
    WHERE mine.user_id = ?2 AND other.user_id = l.user_id
)
"""
_HERE = "AND EXISTS (SELECT 1 FROM memberships m WHERE m.community_id = ?3 AND m.user_id = l.user_id)"


def remember(tx: WriteTx, user_id: str) -> None:
    """Keep what a person's names look like, after they were made or changed."""
    _bring_up(tx)
    tx.run("DELETE FROM looks WHERE user_id = ?", (user_id,))
    _add(tx, tx.all("SELECT id, username, display_name FROM users WHERE id = ?", (user_id,)))


def require_distinct_username(tx: WriteTx, username: str) -> None:
    """Raise `Conflict` where a new username looks like another one anywhere on this server."""
    _bring_up(tx)
    found = _like(tx, username, "AND l.name = u.username", "")
    _refuse(username, found, field="username")


def require_distinct_display_name(tx: WriteTx, user_id: str, display_name: str) -> None:
    """Raise `Conflict` where it looks like a name of somebody in the same communities, and is none."""
    _bring_up(tx)
    _refuse(display_name, _like(tx, display_name, _SHARED, user_id), field="displayName")


def require_distinct_member(tx: WriteTx, user_id: str, community_id: str) -> None:
    """Raise `Conflict` where somebody who comes into a community would look like one of its members."""
    _bring_up(tx)
    for username, display_name in tx.all("SELECT username, display_name FROM users WHERE id = ?", (user_id,)):
        for name in dict.fromkeys((display_name, username)):
            _refuse(name, _like(tx, name, _HERE, user_id, community_id), field="displayName")


def require_distinct_channel(name: str, others: Iterable[tuple[str, bool]]) -> None:
    """Raise `Conflict` where a channel's name looks like another's; that one is named where it `may` be."""
    for other, may in others:
        if look_alike(name, other):
            what = f"the channel #{other}" if may else "the name of another channel"
            raise Conflict(f"This looks like {what}. Choose another name.", field="name")


def _like(tx: WriteTx, name: str, condition: str, *more: str) -> list[Row]:
    return tx.all(_LIKE + condition, (json_list(sorted(looks(name))), *more))


def _refuse(name: str, found: Iterable[Row], *, field: str) -> None:
    for other, username in found:
        if look_alike(name, other):
            whose = f'"{other}"' if other == username else f'"{other}" (@{username})'
            raise Conflict(f"This looks like the name {whose}. Choose another one.", field=field)


def _bring_up(tx: WriteTx) -> None:
    """Make the table anew where the rules are others than those that it was made by."""
    if tx.value("SELECT rules FROM looks_state") != RULES:
        tx.run("DELETE FROM looks")
        _add(tx, tx.all("SELECT id, username, display_name FROM users"))
        tx.run("UPDATE looks_state SET rules = ?", (RULES,))


def _add(tx: WriteTx, people: Iterable[Row]) -> None:
    tx.run_many(
        "INSERT OR IGNORE INTO looks (looks, user_id, name) VALUES (?, ?, ?)",
        [(each, user_id, name) for user_id, *names in people for name in names for each in looks(name)],
    )
