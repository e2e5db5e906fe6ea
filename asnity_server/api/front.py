"""The API as its callers use it: as whom a piece of work runs, and on which side of the database."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TypeVar

from asnity_server.db.database import Database
from asnity_server.db.work import Outcome, Settle, Tx, View
from asnity_server.protocol.errors import Unauthorized

from .standing import Caller, caller_of_session, caller_of_token, is_stale, touch

Q = TypeVar("Q")
A = TypeVar("A")

Work = Callable[[Tx, Caller, Q], A]
Query = Callable[[View, Caller, Q], A]


def token_hash(token: str | None) -> bytes:
    """What the database knows of a token. Raises `Unauthorized` where there is none."""
    if not token:
        raise Unauthorized("You are not signed in.")
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


class Api:
    """Runs works and queries on behalf of whoever proves to be somebody, in the same transaction as the proof."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def change(self, token: str | None, work: Work[Q, A], request: Q) -> A:
        """Do `work` as the owner of `token`; its answer, once it is on disk."""
        proof = token_hash(token)

        def run(tx: Tx) -> A:
            caller = caller_of_token(tx, proof)
            touch(tx, caller)
            return work(tx, caller, request)

        return await self.database.write(run)

    async def query(self, token: str | None, query: Query[Q, A], request: Q) -> A:
        """Answer `query` as the owner of `token`."""
        proof = token_hash(token)

        def run(view: View) -> tuple[A, Caller, int]:
            caller = caller_of_token(view, proof)
            return query(view, caller, request), caller, view.now

        answer, caller, now = await self.database.read(run)
        if is_stale(caller, now):
            self.database.submit(lambda tx: touch(tx, caller), _nobody_waits)
        return answer

    def submit(self, session_id: str, origin: str, work: Work[Q, A], request: Q, settle: Settle) -> None:
        """Queue `work` for a connection whose session was proven before and is checked again; order is kept."""

        def run(tx: Tx) -> A:
            caller = caller_of_session(tx, session_id, origin)
            touch(tx, caller)
            return work(tx, caller, request)

        self.database.submit(run, settle)


def _nobody_waits(outcome: Outcome[None]) -> None:
    """That a session was in use is noted for its owner's eyes; an error is in the log already."""


__all__ = ["Api", "Outcome", "Query", "Tx", "View", "Work", "token_hash"]
