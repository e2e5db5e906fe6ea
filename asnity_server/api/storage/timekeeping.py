"""Timekeeping: notes when the server ran, and mends what was written while its clock was ahead."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from asnity_server.db.clock import SteadyClock
from asnity_server.db.database import Database
from asnity_server.db.transaction import ReadTx, WriteTx
from asnity_server.protocol.errors import AsnityError
from asnity_server.protocol.limits import MUTED_FOR

from .clock_skew import LEAD

log = logging.getLogger(__name__)

EVERY = 600.0
"""Seconds between two notes that the server runs."""


class Timekeeper:
    """Notes now and then that the server runs, as long as it is sure of the time, and mends what lies ahead of it."""

    def __init__(self, database: Database, clock: SteadyClock) -> None:
        self._database = database
        self._clock = clock
        self._woken = asyncio.Event()
        self._set_back = True  # before this start, for all it knows
        self._loop = asyncio.get_running_loop()
        clock.went_back = self._went_back

    @property
    def is_sure(self) -> bool:
        """Whether what is deleted for its age may be deleted."""
        return self._clock.is_sure

    def _went_back(self) -> None:
        """Time was set back, as some thread has noticed that works on when nobody is left to be told."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        self._set_back = True
        self._woken.set()

    async def begin(self) -> None:
        """Tell the clock when the server last ran."""
        self._clock.remember(await self._database.read(_ran_at))

    async def keep_up(self) -> None:
        """Go on until cancelled."""
        while True:
            await self.look()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), EVERY)
            self._woken.clear()

    async def look(self) -> None:
        """Note that the server runs, if it is sure of the time."""
        if not self._clock.is_sure:
            return
        self._clock.confirm()
        try:
            if self._set_back:
                await self._database.write(correct_times)
                self._set_back = False
            await self._database.write(note)
        except AsnityError as error:
            log.warning("the time could not be noted: %s", error)


def _ran_at(view: ReadTx) -> int:
    at: int = view.value("SELECT ran_at FROM pulse WHERE id = 1")
    return at


def note(tx: WriteTx) -> None:
    """Note that the server runs, at a time that nothing speaks against.

    Where it is the first such time, whoever is signed in came since the server ran for the first time: by a clock that
    was behind until now, perhaps.
    """
    if _ran_at(tx) == 0:
        tx.run("UPDATE sessions SET last_seen_at = ?1 WHERE last_seen_at < ?1", (tx.now,))
    tx.run("UPDATE pulse SET ran_at = ? WHERE id = 1", (tx.now,))


_MUTED = """
UPDATE {table} SET muted_until = ?1 + (
    SELECT min(a.until - a.at, ?3) FROM audit a
    WHERE a.community_id = {table}.community_id AND a.target_id = {table}.user_id AND a.until = {table}.muted_until
)
WHERE muted_until > ?1 AND EXISTS (
    SELECT 1 FROM audit a
    WHERE a.community_id = {table}.community_id AND a.target_id = {table}.user_id AND a.until = {table}.muted_until
    AND a.at > ?2
)
"""


def correct_times(tx: WriteTx) -> None:
    """Make what was begun at a time that hasn't come yet as if it began now: it lasts as long as it was to last.

    Messages keep their times, which people have seen.
    """
    now, latest = tx.now, tx.now + LEAD
    for table in ("memberships", "former_members"):
        tx.run(_MUTED.format(table=table), (now, latest, MUTED_FOR * 1000))
    tx.run(
        "UPDATE invites SET expires_at = expires_at - created_at + ?1, created_at = ?1 WHERE created_at > ?2",
        (now, latest),
    )
    tx.run("UPDATE sessions SET last_seen_at = ?1 WHERE last_seen_at > ?2", (now, latest))
    tx.run("UPDATE sessions SET created_at = ?1 WHERE created_at > ?2", (now, latest))
    tx.run("UPDATE receipts SET created_at = ?1 WHERE kind <> 'new' AND created_at > ?2", (now, latest))
