"""Deferred deletion: a channel or community is gone for everyone at once, and its rows are deleted later in slices."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Literal

from asnity_server.api.search import search_index
from asnity_server.db.database import Database
from asnity_server.db.transaction import Outcome, ReadTx, WriteTx
from asnity_server.protocol.ids import is_channel_id
from asnity_server.protocol.models import Kind

log = logging.getLogger(__name__)

SLICE = 400
"""Rows of one piece of work: some milliseconds of the writer's time, between which everyone else's work is done."""
MESSAGES = 100
"""The same, where they leave the search index, too."""
AGAIN = 5.0
"""Seconds to wait where a slice failed, on a full disk for instance."""
LATER = 0.5
"""Seconds to wait for the search index."""

Progress = Literal["more", "later", "done"]
"""Whether there is more to do; `later`, as the search index can't be written to at the moment."""


def mark_channel_deleted(tx: WriteTx, channel_id: str, kind: Kind) -> None:
    """Mark a channel as deleted: nobody can see it, enter it or be invited into it, and its name is free.

    It needs no rule of its own anywhere: it is a private channel with nobody in it.
    """
    tx.run("DELETE FROM channel_members WHERE channel_id = ?", (channel_id,))
    tx.run("UPDATE invites SET channel_id = NULL WHERE channel_id = ?", (channel_id,))
    tx.run("UPDATE channels SET kind = 'private', name = '', name_key = NULL, topic = '' WHERE id = ?", (channel_id,))
    _note_deleted(tx, channel_id, kind)


def mark_community_deleted(tx: WriteTx, community_id: str) -> None:
    """Mark a community as deleted: nobody is a member of it, and nobody can become one."""
    tx.run("DELETE FROM memberships WHERE community_id = ?", (community_id,))
    tx.run("DELETE FROM invites WHERE community_id = ?", (community_id,))
    _note_deleted(tx, community_id, None)


def _note_deleted(tx: WriteTx, deleted_id: str, kind: Kind | None) -> None:
    tx.run("INSERT INTO erasures (id, kind, since) VALUES (?, ?, ?)", (deleted_id, kind, tx.now))


def delete_slice(tx: WriteTx) -> Progress:
    """Delete one slice of what was marked first."""
    deleted_id: str | None = tx.value("SELECT id FROM erasures ORDER BY since, id LIMIT 1")
    if deleted_id is None:
        return "done"
    if search_index.is_clearing(tx):
        return "later"
    table, key = "channels", deleted_id
    if not is_channel_id(deleted_id):
        channel_id = tx.value("SELECT id FROM channels WHERE community_id = ? LIMIT 1", (deleted_id,))
        table, key = ("communities", deleted_id) if channel_id is None else ("channels", channel_id)
    tx.scrub()
    if table == "channels" and _erase_messages(tx, key):
        return "more"
    left = SLICE
    for statement in _slices(tx, table):
        left -= tx.run(statement, (key, left))
        if left <= 0:
            return "more"
    tx.run(f"DELETE FROM {table} WHERE id = ?", (key,))
    if key == deleted_id:
        tx.run("DELETE FROM erasures WHERE id = ?", (deleted_id,))
    return "more"


def _erase_messages(tx: WriteTx, channel_id: str) -> bool:
    """The newest messages of a channel, with what the index knows of them; False where there are none."""
    numbers = [
        (seq,)
        for (seq,) in tx.all(
            "SELECT seq FROM messages WHERE channel_id = ? ORDER BY id DESC LIMIT ?", (channel_id, MESSAGES)
        )
    ]
    if numbers:
        search_index.forget(tx, [seq for (seq,) in numbers])
        tx.run_many("DELETE FROM messages WHERE seq = ?", numbers)
        search_index.trim(tx)
    return bool(numbers)


_CHILDREN = """
SELECT child.name, part."from",
    (SELECT group_concat(name) FROM (SELECT name FROM pragma_table_info(child.name) WHERE pk > 0 ORDER BY pk))
FROM sqlite_schema child JOIN pragma_foreign_key_list(child.name) part
WHERE child.type = 'table' AND part."table" = ? AND part.on_delete = 'CASCADE' AND child.name <> 'channels'
ORDER BY child.name
"""
"""Tables whose rows would go with a row of another one, the columns that lead there, and their primary keys."""


def _slices(view: ReadTx, table: str) -> list[str]:
    """Statements that delete at most ?2 rows of what belongs to row ?1 of `table`, for each table that has such rows.

    They are read from the schema: a table that is added later is not forgotten.
    """
    return [
        f"DELETE FROM {child} WHERE ({keys}) IN (SELECT {keys} FROM {child} WHERE {column} = ?1 LIMIT ?2)"
        for child, column, keys in view.all(_CHILDREN, (table,))
    ]


class SlicedJob:
    """A job done one slice after the other, each after whatever else waits for the writer."""

    def __init__(
        self,
        database: Database,
        some: Callable[[WriteTx], Progress],
        *,
        later: Callable[[float, Callable[[], None]], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`some` does the next slice; `later(seconds, call)` calls back on the event loop; `clock` tells seconds."""
        self._database = database
        self._some = some
        self._later = later
        self._clock = clock
        self._busy = False
        self._closed = False
        self._began = 0.0

    def wake(self) -> None:
        """Begin, if there is anything to do, perhaps from before a restart."""
        if not self._busy:
            self._busy = True
            self._go()

    def _go(self) -> None:
        if not self._closed:
            self._began = self._clock()
            self._database.submit(self._some, self._done)

    def _done(self, outcome: Outcome[Progress]) -> None:
        if outcome.error is not None:
            log.warning("what is done in slices could not go on yet: %s", outcome.error)
            self._later(AGAIN, self._go)
        elif outcome.value == "more":
            self._later(self._clock() - self._began, self._go)  # half of the writer's time is left to everyone else
        elif outcome.value == "later":
            self._later(LATER, self._go)
        else:
            self._busy = False

    def close(self) -> None:
        """Stop; the next start goes on."""
        self._closed = True
