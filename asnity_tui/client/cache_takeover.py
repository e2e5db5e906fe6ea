"""Makes what a window left in the cache another window's: unsent things, and drafts."""

from __future__ import annotations

import sqlite3


def take_entries(connection: sqlite3.Connection, gone: str, owner: str) -> None:
    """Go on sending what a window left."""
    connection.execute("UPDATE outbox SET owner = ? WHERE owner = ?", (owner, gone))


def join_drafts(connection: sqlite3.Connection, gone: str, owner: str) -> None:
    """Put the drafts of a window that is gone behind those of another; what is in both is there once."""
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
