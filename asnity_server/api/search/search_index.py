"""The search index: follows the messages in small pieces of work, and is cleared of deleted text.

Writing a message costs nothing here: the newest ones are looked through as they are, and enter the index (FTS5,
contentless) many at a time, later; what is edited or deleted waits, too, and is looked through as it is until then.
FTS5 only writes down beside an old entry that it is gone, so after a removal the whole index is merged into one part,
in which nothing is left of it. Meanwhile nothing else is written into it: the merging would begin anew each time.
(FTS5's own `secure-delete` would do without, but SQLite has it only since 3.42, and earlier versions can't read the
file afterwards.)
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple

from asnity_server.api.storage import row_mapping
from asnity_server.api.storage.clock_skew import is_far_ahead
from asnity_server.db.database import Database
from asnity_server.db.transaction import ReadTx, Row, WriteTx
from asnity_server.protocol.errors import AsnityError
from asnity_server.protocol.ids import community_of
from asnity_server.protocol.models import Kind

from .search_terms import BEGINNING, RULES, Term, beginnings_of, terms_of

log = logging.getLogger(__name__)

UNINDEXED = 256
"""Messages that may wait outside the index: they are looked through one by one."""
PIECE = 80
"""Messages of one piece of work; the writer is held up by about 5 ms."""
PAGES = 32
"""Pages (4 KB) that one piece of work merges."""
REST = 10
"""After a clearing, the next one waits this many times as long as it took."""


_PARTING = re.compile(r"[^a-z0-9_\x80-\U0010ffff]|[\ud800-\udfff]")
"""Characters that no term has: FTS5's tokenizer parts a text at it, or doesn't take it."""


def indexed_up_to(view: ReadTx) -> int:
    """The last message (by `seq`) that the index knows; none where it was made by other rules."""
    indexed: int | None = view.value("SELECT indexed FROM search_state WHERE rules = ?", (RULES,))
    return indexed or 0


def scope_of(channel_id: str, kind: Kind) -> str:
    """Return a message's scope, by which it may be read: its community, or a channel that isn't public.

    Every entry of the index begins with it. So a search reads what stands in its own places and nothing else, and
    the time that it takes tells nothing of the others.
    """
    return community_of(channel_id) if kind == "public" else channel_id.replace("-", "")


def entries_of(channel_id: str, kind: Kind, sender_id: str, content: str) -> list[str]:
    """Return the index entries of a message. No word has an underscore, so none is taken for another kind."""
    scope = scope_of(channel_id, kind)
    words = terms_of(content)
    found = [f"_{scope}", f"_{scope}{_of_sender(sender_id)}", *[f"{scope}_{each}" for each in words]]
    if _is_shared(scope):
        found.append(f"_{scope}{_of_channel(channel_id)}")
        # without these, FTS5 would put together what begins with a letter before it tells the newest
        found += [f"{scope}__{each}" for each in beginnings_of(words)]
    return found


def _is_shared(scope: str) -> bool:
    """Whether it is a community's public channels, in which much may stand."""
    return len(scope) == 12


def _of_sender(user_id: str) -> str:
    return f"_u{user_id}"


def _of_channel(channel_id: str) -> str:
    return f"_c{channel_id[13:]}"


def question(
    terms: Sequence[Term], scopes: Iterable[str], *, sender_id: str | None = None, channel_id: str | None = None
) -> str:
    """Build the FTS5 query for messages with all these terms in one of these scopes.

    The channel is one that is a part of its scope.
    """
    marks = [_of_sender(sender_id)] if sender_id is not None else []
    marks += [_of_channel(channel_id)] if channel_id is not None else []
    parts = {shared: _parts(terms, marks, shared=shared) for shared in (True, False)}
    scoped = (
        " AND ".join([f"{before}{scope}{behind}" for before, behind in parts[_is_shared(scope)]]) for scope in scopes
    )
    return " OR ".join(f"({each})" for each in scoped)


def _parts(terms: Sequence[Term], marks: list[str], *, shared: bool) -> list[tuple[str, str]]:
    """Return the parts before and after the scope in each entry that is asked for.

    Each is one token whatever it is made of: nothing of it is syntax, and nothing in it is where FTS5 would part it.
    (An index without positions refuses what is parted, as a phrase.)
    """
    found = [('"_', f'{_PARTING.sub("", mark)}"') for mark in marks]
    for term in terms:
        text = _PARTING.sub("", term.text)
        if term.beginning and shared and len(term.text) <= BEGINNING:
            found.append(('"', f'__{text}"'))
        else:
            found.append(('"', f'_{text}"{" *" if term.beginning else ""}'))
    return found or [('"_', '"')]


# Inside the work that changes a message


def replace(tx: WriteTx, seq: int, *, old: str) -> None:
    """A message has new content (none: it was deleted)."""
    if seq <= indexed_up_to(tx):  # what the index has of it is what it got first, however often it was edited since
        tx.run("INSERT OR IGNORE INTO search_pending (seq, content) VALUES (?, ?)", (seq, old))


def forget(tx: WriteTx, numbers: Sequence[int]) -> None:
    """These messages (by `seq`) are about to be deleted with their channel. Not while the index is being cleared."""
    indexed = indexed_up_to(tx)
    known = row_mapping.json_list([each for each in numbers if each <= indexed])
    _remove(tx, tx.all(f"{_ENTRIES} WHERE m.seq IN (SELECT value FROM json_each(?))", (known,)))
    tx.run("DELETE FROM search_pending WHERE seq IN (SELECT value FROM json_each(?))", (known,))
    _merge(tx)


def is_clearing(view: ReadTx) -> bool:
    """Whether the index is being cleared, and nothing may be written into it."""
    return bool(view.value("SELECT clearing FROM search_state"))


def trim(tx: WriteTx) -> None:
    """Behind a deletion of messages: the numbers of the newest may be given to others."""
    tx.run("UPDATE search_state SET indexed = min(indexed, (SELECT coalesce(max(seq), 0) FROM messages))")


# Pieces of work beside everything else, all the time while much is written: nothing of the index is cached


def start_anew_if_outdated(tx: WriteTx) -> bool:
    """Empty an index that was made by other rules."""
    if tx.value("SELECT rules FROM search_state") == RULES:
        return False
    tx.run("INSERT INTO search (search) VALUES ('delete-all')")
    tx.run("DELETE FROM search_pending")
    fresh = "indexed = 0, stale = 0, clearing = 0, latest = 0, slack = 0"
    tx.run(f"UPDATE search_state SET rules = ?, {fresh}", (RULES,))
    tx.scrub()
    return True


def settle_some(tx: WriteTx) -> bool:
    """Let the index know some messages that were edited or deleted as they are now. False where there are none."""
    pending = tx.all("SELECT seq FROM search_pending LIMIT ?", (PIECE,))
    if not pending:
        return False
    found = tx.all(f"{_ENTRIES} WHERE m.seq IN (SELECT seq FROM search_pending LIMIT ?)", (PIECE,))
    _remove(tx, found)
    _add(tx, [(*row[:4], row[6]) for row in found])
    tx.run_many("DELETE FROM search_pending WHERE seq = ?", pending)
    tx.scrub()
    _merge(tx)
    tx.keep_cached()
    return True


def add_some(tx: WriteTx, *, unindexed: int) -> bool:
    """Take the oldest messages that wait into the index. False where there are no more than may stay `unindexed`."""
    indexed = indexed_up_to(tx)
    newest: int = tx.value("SELECT coalesce(max(seq), 0) FROM messages")
    if newest - indexed <= unindexed:
        return False
    last = min(indexed + PIECE, newest)
    found = tx.all(f"{_ENTRIES} WHERE m.seq > ? AND m.seq <= ? ORDER BY m.seq", (indexed, last))
    _add(tx, found)
    _note_times(tx, [row[5] for row in found])
    tx.run("UPDATE search_state SET indexed = ?", (last,))
    _merge(tx)
    tx.keep_cached()
    return True


def _merge(tx: WriteTx) -> None:
    """Keep the number of the index's parts small."""
    tx.run("INSERT INTO search (search, rank) VALUES ('merge', ?)", (PAGES,))


def _note_times(tx: WriteTx, moments: list[int]) -> None:
    """Remember how far a message's time ever was behind that of one written before it, unless that can't be."""
    row = tx.one("SELECT latest, slack FROM search_state")
    assert row is not None, "there is one row of state"
    latest, slack = row
    latest = 0 if is_far_ahead(latest, tx.now) else latest
    for moment in moments:
        if is_far_ahead(moment, tx.now):
            continue
        latest, slack = max(latest, moment), max(slack, latest - moment)
    tx.run("UPDATE search_state SET latest = ?, slack = ?", (latest, slack))


def begin_clearing(tx: WriteTx) -> bool:
    """If something was removed, let nothing be written into the index until it is cleared of that.

    While channels are being erased, more is removed all the time: that comes first.
    """
    begun = tx.run(
        "UPDATE search_state SET stale = 0, clearing = 1 WHERE stale AND NOT EXISTS (SELECT 1 FROM erasures)"
    )
    return begun > 0


def clear_some(tx: WriteTx) -> bool:
    """Merge some of the index. False once it is one part, which remembers no removals: nothing is older than it."""
    first, last = tx.value("SELECT min(segid) FROM search_idx"), tx.value("SELECT max(segid) FROM search_idx")
    if first != last:
        tx.run("INSERT INTO search (search, rank) VALUES ('merge', ?)", (-PAGES,))
    else:
        tx.run("UPDATE search_state SET clearing = 0")
        tx.scrub()
    tx.keep_cached()
    return bool(first != last)


# Entries

_ENTRIES = """
SELECT m.seq, m.channel_id, coalesce(e.kind, c.kind), m.sender_id, coalesce(p.content, m.content), m.created_at,
    m.content
FROM messages m JOIN channels c ON c.id = m.channel_id
LEFT JOIN erasures e ON e.id = m.channel_id LEFT JOIN search_pending p ON p.seq = m.seq
"""
"""Messages with the content that the index has or gets, and that which they have now.

A channel that is to be erased counts as what it was before.
"""


def _add(tx: WriteTx, entries: list[Row]) -> None:
    tx.run_many("INSERT INTO search (rowid, terms) VALUES (?, ?)", [_entry(row) for row in entries if row[4]])


def _remove(tx: WriteTx, entries: list[Row]) -> None:
    """FTS5 needs to be told what it was given: the same rules make the same terms of the same text."""
    known = [_entry(row) for row in entries if row[4]]
    if known:
        tx.run_many("INSERT INTO search (search, rowid, terms) VALUES ('delete', ?, ?)", known)
        tx.run("UPDATE search_state SET stale = 1")


def _entry(row: Row) -> tuple[int, str]:
    seq, channel_id, kind, sender_id, content = row[:5]
    return seq, " ".join(entries_of(channel_id, kind, sender_id, content))


class Indexer:
    """Does the pieces of work, one at a time."""

    LOOK_EVERY = 1.0
    """Seconds between two looks whether there is work."""
    SHARE = 9.0
    """After a piece of work it rests this many times as long as that took: the busier the writer, the longer."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` tells seconds."""
        self._database = database
        self._clock = clock
        self._clearing_since: float | None = None
        self._rest_until = 0.0

    async def keep_up(self) -> None:
        """Work for ever."""
        while True:
            began = self._clock()
            try:
                more = await self.work()
            except AsnityError as error:  # a full disk passes, and so does a crowd at the writer
                log.warning("the search index waits: %s", error)
                more = False
            await asyncio.sleep((self._clock() - began) * self.SHARE if more else self.LOOK_EVERY)

    async def work(self) -> bool:
        """Do what is most urgent, if there is anything; whether there may be more."""
        state = await self._database.read(_State.seen)
        if state.clearing:
            return await self._clear()
        if not state.work:
            return False
        for piece in (start_anew_if_outdated, settle_some, partial(add_some, unindexed=UNINDEXED)):
            if await self._database.write(piece):
                return True
        return self._clock() >= self._rest_until and await self._database.write(begin_clearing)

    async def _clear(self) -> bool:
        if self._clearing_since is None:
            self._clearing_since = self._clock()
        if not await self._database.write(clear_some):
            self._rest_until = self._clock() + REST * (self._clock() - self._clearing_since)
            self._clearing_since = None
        return True


class _State(NamedTuple):
    """Return the next step of the indexer."""

    clearing: bool
    work: bool

    @classmethod
    def seen(cls, view: ReadTx) -> _State:
        """As it is now."""
        row = view.one(
            "SELECT rules, clearing, stale, (SELECT coalesce(max(seq), 0) FROM messages) - indexed,"
            " EXISTS (SELECT 1 FROM search_pending) FROM search_state"
        )
        assert row is not None, "there is one row of state"
        rules, clearing, stale, unindexed, pending = row
        return cls(bool(clearing), bool(rules != RULES or stale or unindexed > UNINDEXED or pending))
