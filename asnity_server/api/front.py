"""The API as its callers use it: as whom a piece of work runs, and on which side of the database."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TypeVar

from asnity_server.db.database import Database, Outcome, Settle, Tx, View
from asnity_server.protocol.errors import Unauthorized

from .standing import Caller, caller_of_session, caller_of_token

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
        return await self.database.write(lambda tx: work(tx, caller_of_token(tx, proof), request))

    async def query(self, token: str | None, query: Query[Q, A], request: Q) -> A:
        """Answer `query` as the owner of `token`."""
        proof = token_hash(token)
        return await self.database.read(lambda view: query(view, caller_of_token(view, proof), request))

    def submit(self, session_id: str, origin: str, work: Work[Q, A], request: Q, settle: Settle) -> None:
        """Queue `work` for a connection whose session was proven before and is checked again; order is kept."""
        self.database.submit(lambda tx: work(tx, caller_of_session(tx, session_id, origin), request), settle)


__all__ = ["Api", "Outcome", "Query", "Work", "token_hash"]
