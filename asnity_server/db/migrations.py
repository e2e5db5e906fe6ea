"""The schema, as an append-only list of steps: a step that was released is never changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from sqlite_utils import Database, Migrations

from .connection import connect


class NewerSchema(sqlite3.DatabaseError):
    """The file holds a schema that this version doesn't know."""


_FIRST_RELEASE = """
CREATE TABLE users (
    id TEXT PRIMARY KEY,
    username TEXT NOT NULL,
    username_key TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    status_text TEXT NOT NULL DEFAULT '',
    password_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    disabled_at INTEGER
) WITHOUT ROWID;
CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users(id),
    token_hash BLOB NOT NULL UNIQUE,
    device TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_of_user ON sessions(user_id);
CREATE TABLE communities (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    invites_by TEXT NOT NULL DEFAULT 'members' CHECK (invites_by IN ('members', 'admins')),
    rev INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE memberships (
    community_id TEXT NOT NULL REFERENCES communities(id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users(id),
    role TEXT NOT NULL CHECK (role IN ('member', 'admin', 'owner')),
    joined_at INTEGER NOT NULL,
    PRIMARY KEY (community_id, user_id)
) WITHOUT ROWID;
CREATE INDEX memberships_of_user ON memberships(user_id, joined_at);
CREATE TABLE former_members (
    community_id TEXT NOT NULL REFERENCES communities(id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users(id),
    left_at INTEGER NOT NULL,
    PRIMARY KEY (community_id, user_id)
) WITHOUT ROWID;
CREATE TABLE invites (
    code TEXT PRIMARY KEY,
    community_id TEXT NOT NULL REFERENCES communities(id) ON DELETE CASCADE,
    channel_id TEXT REFERENCES channels(id) ON DELETE SET NULL,
    creator_id TEXT NOT NULL REFERENCES users(id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    max_uses INTEGER,
    uses INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX invites_of_community ON invites(community_id, created_at);
CREATE TABLE channels (
    id TEXT PRIMARY KEY,
    community_id TEXT NOT NULL REFERENCES communities(id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('public', 'private', 'direct')),
    name TEXT NOT NULL,
    name_key TEXT,
    topic TEXT NOT NULL DEFAULT '',
    is_general INTEGER NOT NULL DEFAULT 0,
    archived INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    last_id INTEGER NOT NULL DEFAULT 0,
    last_at INTEGER NOT NULL DEFAULT 0,
    rev INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE UNIQUE INDEX channels_by_name ON channels(community_id, name_key);
CREATE TABLE channel_members (
    channel_id TEXT NOT NULL REFERENCES channels(id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users(id),
    read_id INTEGER NOT NULL DEFAULT 0,
    muted INTEGER NOT NULL DEFAULT 0,
    joined_at INTEGER NOT NULL,
    PRIMARY KEY (channel_id, user_id)
) WITHOUT ROWID;
CREATE INDEX channels_of_user ON channel_members(user_id, channel_id);
CREATE TABLE messages (
    seq INTEGER PRIMARY KEY,
    channel_id TEXT NOT NULL REFERENCES channels(id) ON DELETE CASCADE,
    id INTEGER NOT NULL,
    rev INTEGER NOT NULL,
    sender_id TEXT NOT NULL REFERENCES users(id),
    type TEXT NOT NULL CHECK (type IN ('TEXT', 'SYSTEM')),
    content TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    nonce TEXT,
    reply_to INTEGER,
    mentions TEXT NOT NULL DEFAULT '',
    mentions_all INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX messages_by_id ON messages(channel_id, id);
CREATE UNIQUE INDEX messages_by_rev ON messages(channel_id, rev);
CREATE INDEX messages_unread ON messages(channel_id, id, sender_id, type, deleted_at);
CREATE INDEX messages_to_all ON messages(channel_id, id) WHERE mentions_all = 1;
CREATE TABLE mentions (
    channel_id TEXT NOT NULL REFERENCES channels(id) ON DELETE CASCADE,
    user_id TEXT NOT NULL,
    message_id INTEGER NOT NULL,
    PRIMARY KEY (channel_id, user_id, message_id)
) WITHOUT ROWID;
CREATE TABLE receipts (
    community_id TEXT NOT NULL REFERENCES communities(id) ON DELETE CASCADE,
    sender_id TEXT NOT NULL,
    nonce TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('new', 'modify', 'delete')),
    request_hash BLOB NOT NULL,
    channel_id TEXT NOT NULL,
    message_id INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (community_id, sender_id, nonce)
) WITHOUT ROWID;
CREATE INDEX receipts_by_age ON receipts(created_at) WHERE kind <> 'new';
"""

_MODERATION = """
ALTER TABLE memberships ADD COLUMN muted_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE former_members ADD COLUMN muted_until INTEGER NOT NULL DEFAULT 0;
CREATE TABLE bans (
    community_id TEXT NOT NULL REFERENCES communities(id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users(id),
    by_id TEXT NOT NULL REFERENCES users(id),
    reason TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (community_id, user_id)
) WITHOUT ROWID;
CREATE INDEX bans_by_age ON bans(community_id, created_at, user_id);
CREATE TABLE audit (
    community_id TEXT NOT NULL REFERENCES communities(id) ON DELETE CASCADE,
    id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    actor_id TEXT NOT NULL REFERENCES users(id),
    action TEXT NOT NULL,
    target_id TEXT REFERENCES users(id),
    channel_id TEXT,
    secret INTEGER NOT NULL DEFAULT 0,
    message_id INTEGER,
    until INTEGER,
    detail TEXT NOT NULL,
    PRIMARY KEY (community_id, id)
) WITHOUT ROWID;
CREATE TABLE erasures (
    id TEXT PRIMARY KEY,
    kind TEXT,
    since INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE pulse (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    at INTEGER NOT NULL
);
INSERT INTO pulse (id, at) VALUES (1, 0);
"""

_CONVERSATION = """
CREATE TABLE directs (
    community_id TEXT NOT NULL REFERENCES communities(id) ON DELETE CASCADE,
    people TEXT NOT NULL,
    channel_id TEXT NOT NULL UNIQUE REFERENCES channels(id) ON DELETE CASCADE,
    PRIMARY KEY (community_id, people)
) WITHOUT ROWID;
CREATE TABLE direct_people (
    channel_id TEXT NOT NULL REFERENCES channels(id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users(id),
    PRIMARY KEY (channel_id, user_id)
) WITHOUT ROWID;
CREATE INDEX directs_of_user ON direct_people(user_id, channel_id);
CREATE TABLE reactions (
    channel_id TEXT NOT NULL REFERENCES channels(id) ON DELETE CASCADE,
    message_id INTEGER NOT NULL,
    emoji TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users(id),
    rev INTEGER NOT NULL,
    PRIMARY KEY (channel_id, message_id, emoji, user_id)
) WITHOUT ROWID;
CREATE INDEX reactions_in_order ON reactions(channel_id, message_id, emoji, rev, user_id);
ALTER TABLE messages ADD COLUMN reactions TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN pinned_at INTEGER;
DROP INDEX messages_unread;
CREATE INDEX messages_quiet ON messages(channel_id, id, sender_id, deleted_at, type)
    WHERE deleted_at IS NOT NULL OR type <> 'TEXT';
CREATE INDEX messages_own ON messages(channel_id, sender_id, id);
DROP INDEX messages_to_all;
CREATE INDEX messages_to_all ON messages(channel_id, id, sender_id, mentions_all) WHERE mentions_all = 1;
DELETE FROM mentions WHERE EXISTS (
    SELECT 1 FROM messages m
    WHERE m.channel_id = mentions.channel_id AND m.id = mentions.message_id AND m.mentions_all = 1
);
CREATE INDEX messages_pinned ON messages(channel_id, pinned_at, id) WHERE pinned_at IS NOT NULL;
CREATE VIRTUAL TABLE search USING fts5(
    terms, content='', columnsize=0, detail=none, tokenize="ascii tokenchars '_'"
);
INSERT INTO search (search, rank) VALUES ('automerge', 0);
CREATE TABLE search_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    rules TEXT NOT NULL,
    indexed INTEGER NOT NULL,
    stale INTEGER NOT NULL,
    clearing INTEGER NOT NULL DEFAULT 0,
    latest INTEGER NOT NULL,
    slack INTEGER NOT NULL
);
INSERT INTO search_state (id, rules, indexed, stale, latest, slack) VALUES (1, '', 0, 0, 0, 0);
CREATE TABLE search_pending (
    seq INTEGER PRIMARY KEY,
    content TEXT NOT NULL
);
"""

_BEGINNINGS = """
DROP TABLE search;
CREATE VIRTUAL TABLE search USING fts5(
    terms, content='', columnsize=0, detail=none, prefix='1 2 3', tokenize="ascii tokenchars '_'"
);
INSERT INTO search (search, rank) VALUES ('automerge', 0);
UPDATE search_state SET rules = '', indexed = 0, stale = 0, clearing = 0;
DELETE FROM search_pending;
"""
"""The index is made anew, beside everything else, with lists of its own for short beginnings: without them FTS5 puts
together what begins with a letter in memory before it tells the newest."""

_GENERATION = """
CREATE TABLE generation (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    value TEXT NOT NULL,
    beat INTEGER NOT NULL
);
INSERT INTO generation (id, value, beat) VALUES (1, lower(hex(randomblob(10))), 0);
"""

_LOOKS = """
CREATE TABLE looks (
    looks TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users(id),
    name TEXT NOT NULL,
    PRIMARY KEY (looks, user_id, name)
) WITHOUT ROWID;
CREATE INDEX looks_of_user ON looks(user_id);
CREATE TABLE looks_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    rules TEXT NOT NULL
);
INSERT INTO looks_state (id, rules) VALUES (1, '');
"""

_CLOCK = """
ALTER TABLE pulse ADD COLUMN ran_at INTEGER NOT NULL DEFAULT 0;
"""

_RECEIPTS = """
ALTER TABLE receipts DROP COLUMN request_hash;
ALTER TABLE receipts ADD COLUMN rev INTEGER NOT NULL DEFAULT 0;
"""
"""A hash of a text, kept beside the message, gave the text away after it was deleted: it only had to be guessed."""

_DIRECT_LISTS = """
ALTER TABLE direct_people ADD COLUMN muted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE direct_people ADD COLUMN has_left INTEGER NOT NULL DEFAULT 0;
UPDATE direct_people SET muted = 1 WHERE EXISTS (
    SELECT 1 FROM channel_members m
    WHERE m.channel_id = direct_people.channel_id AND m.user_id = direct_people.user_id AND m.muted = 1
);
CREATE TABLE direct_errands (
    community_id TEXT NOT NULL REFERENCES communities(id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users(id),
    kind TEXT NOT NULL CHECK (kind IN ('return', 'ban')),
    reached TEXT NOT NULL,
    PRIMARY KEY (community_id, user_id)
) WITHOUT ROWID;
DELETE FROM channels WHERE kind = 'direct' AND last_id = 0;
DELETE FROM channel_members WHERE (channel_id, user_id) IN (
    SELECT channel_id, user_id FROM (
        SELECT m.channel_id, m.user_id, row_number() OVER (
            PARTITION BY m.user_id, c.community_id
            ORDER BY EXISTS (
                SELECT 1 FROM messages w WHERE w.channel_id = m.channel_id AND w.sender_id = m.user_id
            ) DESC, c.last_at DESC
        ) AS place
        FROM channel_members m JOIN channels c ON c.id = m.channel_id AND c.kind = 'direct'
    ) WHERE place > 500
);
"""
"""Direct channels without a message are listed by nobody, and nobody lists more than there is room for."""

_FORMER_NAMES = """
ALTER TABLE former_members ADD COLUMN display_name TEXT NOT NULL DEFAULT '';
UPDATE former_members SET display_name = (SELECT u.display_name FROM users u WHERE u.id = former_members.user_id);
"""

_PLACES = """
DROP TABLE search;
CREATE VIRTUAL TABLE search USING fts5(
    terms, content='', columnsize=0, detail=none, tokenize="ascii tokenchars '_'"
);
INSERT INTO search (search, rank) VALUES ('automerge', 0);
UPDATE search_state SET rules = '', indexed = 0, stale = 0, clearing = 0;
DELETE FROM search_pending;
"""
"""The index is made anew, beside everything else, with entries that begin with the place: among these, FTS5's own lists
of beginnings are worth nothing."""

_SESSIONS = """
CREATE TABLE session_rules (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    lifetime INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO session_rules (id, lifetime) VALUES (1, 0);
"""
"""The host's decisions at the last start."""

_LINKS = """
CREATE TABLE shards (
    id INTEGER PRIMARY KEY,
    epoch INTEGER NOT NULL,
    number INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO shards (id, epoch, number) VALUES (0, 0, 0);
ALTER TABLE channel_members ADD COLUMN marked_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE channels ADD COLUMN changed_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE former_members ADD COLUMN reason TEXT NOT NULL DEFAULT 'left';
UPDATE former_members SET reason = 'banned' WHERE EXISTS (
    SELECT 1 FROM bans b WHERE b.community_id = former_members.community_id AND b.user_id = former_members.user_id
);
CREATE INDEX former_members_of_user ON former_members(user_id, left_at);
"""
"""Where a shard of the communities stands, and what no rev tells: when a person's read marker or mute in a channel
moved, when a channel's name, state or people changed, and why somebody left a community."""


STEPS: tuple[tuple[str, str], ...] = (
    ("0001_first_release", _FIRST_RELEASE),
    ("0002_moderation", _MODERATION),
    ("0003_conversation", _CONVERSATION),
    ("0004_beginnings", _BEGINNINGS),
    ("0005_generation", _GENERATION),
    ("0006_looks", _LOOKS),
    ("0007_clock", _CLOCK),
    ("0008_receipts", _RECEIPTS),
    ("0009_direct_lists", _DIRECT_LISTS),
    ("0010_former_names", _FORMER_NAMES),
    ("0011_places", _PLACES),
    ("0012_sessions", _SESSIONS),
    ("0013_links", _LINKS),
)
"""Name and statements of each step, in order.

Every table of a community's things begins its key with the community (a channel's id begins with its community's), so
that the tables can be divided by community. Times are milliseconds since 1970.
"""


def migrate(path: Path) -> None:
    """Bring the file at `path` up to this version's schema, making it (mode 600) where there is none.

    Raises `sqlite3.DatabaseError` for what is no SQLite file, and `NewerSchema` for one of a later version of Asnity.
    """
    path.touch(mode=0o600, exist_ok=True)
    connection = connect(path)
    try:
        db = Database(connection, execute_plugins=False)
        migrations = Migrations("asnity")
        for name, statements in STEPS:
            migrations(name=name)(_step(statements))
        known = {name for name, _ in STEPS}
        for step in migrations.applied(db):
            if step.name not in known:
                raise NewerSchema(f"{path} was written by a later version of Asnity ({step.name}).")
        migrations.apply(db)
    finally:
        connection.close()


def _step(statements: str) -> Callable[[Database], None]:
    def apply(db: Database) -> None:
        for statement in statements.split(";\n"):  # executescript would commit the step half-way
            if statement.strip():
                db.conn.execute(statement)

    return apply
