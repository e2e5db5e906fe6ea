"""The cache's tables, as steps that are only ever added to."""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database, Migrations

_TABLES = (
    "CREATE TABLE facts (name TEXT PRIMARY KEY, value BLOB NOT NULL)",
    "CREATE TABLE channels (channel_id TEXT PRIMARY KEY, remembered BLOB NOT NULL)",
    "CREATE TABLE drafts (channel_id TEXT PRIMARY KEY, text TEXT NOT NULL)",
    # AUTOINCREMENT: the order of sending must not begin anew where the last entries were removed.
    "CREATE TABLE outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, nonce TEXT NOT NULL UNIQUE, owner TEXT NOT NULL,"
    " entry BLOB NOT NULL)",
)


_DRAFTS_BY_WINDOW = (
    "ALTER TABLE drafts RENAME TO drafts_of_all",
    "CREATE TABLE drafts (channel_id TEXT NOT NULL, owner TEXT NOT NULL, text TEXT NOT NULL,"
    " PRIMARY KEY (channel_id, owner))",
    "INSERT INTO drafts SELECT channel_id, '', text FROM drafts_of_all",
    "DROP TABLE drafts_of_all",
)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a file to the present schema; each step numbers itself in `user_version`."""
    steps = Migrations("asnity-cache")

    @steps(name="0001_tables")
    def tables(db: Database) -> None:
        for statement in _TABLES:
            db.execute(statement)
        db.execute("PRAGMA user_version = 1")

    @steps(name="0002_drafts_by_window")
    def drafts_by_window(db: Database) -> None:
        for statement in _DRAFTS_BY_WINDOW:
            db.execute(statement)
        db.execute("PRAGMA user_version = 2")

    steps.apply(Database(connection, execute_plugins=False, recursive_triggers=False))
