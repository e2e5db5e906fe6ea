"""The write probe: finds out whether the server can write, by writing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from asnity_server.db.database import Database
from asnity_server.db.transaction import WriteTx
from asnity_server.protocol.errors import Unavailable

EVERY = 1.0
"""Seconds for which a proof is good: nobody makes the disk work by asking."""
PATIENCE = 5.0
"""Seconds after which a write that isn't done counts as impossible."""


class WriteProbe:
    """Writes the time into a row of its own."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` tells seconds."""
        self._database = database
        self._clock = clock
        self._proven: float | None = None
        self._proving: asyncio.Task[None] | None = None

    async def check(self) -> None:
        """Return once something was written just now; all who call meanwhile wait for the same write.

        Raises `Unavailable` where that can't be done, or is worth nothing: the database's file is gone, or damaged.
        """
        self._database.health.require()
        if self._proven is not None and self._clock() - self._proven < EVERY:
            return
        if self._proving is None:
            self._proving = asyncio.get_running_loop().create_task(self._prove(), name="asnity-write-probe")
            self._proving.add_done_callback(self._proved)
        await asyncio.shield(self._proving)

    def _proved(self, proving: asyncio.Task[None]) -> None:
        self._proving = None
        if not proving.cancelled():
            proving.exception()  # whoever still waits is told; if nobody does, it is of no interest

    async def _prove(self) -> None:
        health = self._database.health

        def work(tx: WriteTx) -> None:
            health.look()
            tx.run("UPDATE pulse SET at = ? WHERE id = 1", (tx.now,))

        try:
            async with asyncio.timeout(PATIENCE):
                await self._database.write(work)
        except TimeoutError:
            raise Unavailable("The server can't write at the moment.", retry_after=PATIENCE) from None
        health.require()
        self._proven = self._clock()
