"""Statements for the drafts and outbox entries of an instance, and for taking over those of one that is gone."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

import msgspec

from asnity_tui.state.outbox_entry import OutboxEntry


def take_entries(connection: sqlite3.Connection, gone: str, owner: str) -> None:
    """Go on sending what an instance left."""
    connection.execute("UPDATE outbox SET owner = ? WHERE owner = ?", (owner, gone))


def join_drafts(connection: sqlite3.Connection, gone: str, owner: str) -> None:
    """Put the drafts of an instance that is gone behind those of another; what is in both is there once."""
    for channel_id, text in connection.execute(
        "SELECT channel_id, text FROM drafts WHERE owner = ?", (gone,)
    ).fetchall():
        own = connection.execute("SELECT text FROM drafts WHERE channel_id = ? AND owner = ?", (channel_id, owner))
        held = next((str(each) for (each,) in own), "")
        if held and text not in held:
            text = text if held in text else f"{held}\n{text}"
        values = (channel_id, owner, text if text not in held else held)
        connection.execute("INSERT OR REPLACE INTO drafts (channel_id, owner, text) VALUES (?, ?, ?)", values)
    connection.execute("DELETE FROM drafts WHERE owner = ?", (gone,))


def write_drafts(connection: sqlite3.Connection, owner: str, drafts: Mapping[str, str]) -> None:
    """Have these drafts of an instance, by channel; an empty one is removed."""
    for channel_id, text in drafts.items():
        if text:
            statement = "INSERT OR REPLACE INTO drafts (channel_id, owner, text) VALUES (?, ?, ?)"
            connection.execute(statement, (channel_id, owner, text))
        else:
            connection.execute("DELETE FROM drafts WHERE channel_id = ? AND owner = ?", (channel_id, owner))


def write_entry(connection: sqlite3.Connection, entry: OutboxEntry, owner: str, drafts: Mapping[str, str]) -> None:
    """Have an unsent thing, and an instance's drafts as they are without it."""
    connection.execute(
        "INSERT INTO outbox (nonce, owner, entry) VALUES (?, ?, ?)"
        " ON CONFLICT (nonce) DO UPDATE SET owner = excluded.owner, entry = excluded.entry",
        (entry.nonce, entry.owner or owner, msgspec.json.encode(entry)),
    )
    write_drafts(connection, owner, drafts)


def remove_entry(connection: sqlite3.Connection, nonce: str, owner: str, drafts: Mapping[str, str]) -> None:
    """Have an unsent thing no more, and an instance's drafts as they are with what became of it."""
    connection.execute("DELETE FROM outbox WHERE nonce = ?", (nonce,))
    write_drafts(connection, owner, drafts)
