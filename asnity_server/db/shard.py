"""A shard's place in time: its epoch, and the number of its last commit, stored with each of them."""

from __future__ import annotations

import sqlite3

_TAKE = "UPDATE shards SET epoch = epoch + 1 WHERE id = 0 RETURNING epoch, number"
_STEP = "UPDATE shards SET number = number + 1 WHERE id = 0 RETURNING number"
_NOTE = "UPDATE shards SET number = number + 1 WHERE id = 0 AND epoch > 0"


def note_unnumbered(connection: sqlite3.Connection) -> None:
    """Note that commits follow whose numbers aren't stored: whoever was told of earlier ones misses something.

    Raises `sqlite3.Error`.
    """
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'shards'").fetchone():
        connection.execute(_NOTE)


class Shard:
    """The one shard of a SQLite file, while this program is the one that writes it.

    Its epoch rises whenever a program begins to write; its number rises with each commit that may have written
    something and has changes to tell, so that it shows after a restart whether anything was stored that nobody was told
    of. What a server notes for itself, such as that it runs, is nobody's loss.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Begin the next epoch. Raises `sqlite3.Error`."""
        connection.execute("BEGIN IMMEDIATE")
        self.epoch: int
        self.number: int
        self.epoch, self.number = connection.execute(_TAKE).fetchone()
        connection.execute("COMMIT")

    def step(self, connection: sqlite3.Connection) -> int:
        """Store the number of the transaction at hand, and return it. It holds once that is committed."""
        number: int = connection.execute(_STEP).fetchone()[0]
        return number
