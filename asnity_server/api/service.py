"""The API service: runs works on the writer and queries on the readers, as the owner of a token or session."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import TypeVar

from asnity_server import __version__
from asnity_server.api.accounts.disabled_accounts import DisabledAccounts
from asnity_server.api.accounts.password_guessing import PasswordLimits, SignUpLimits
from asnity_server.api.accounts.passwords import HashCost, Passwords
from asnity_server.api.accounts.peer import Peer
from asnity_server.api.accounts.sessions import SLICE, end_unused, set_lifetime, token_hash, touch_some
from asnity_server.api.accounts.sign_in import Accounts
from asnity_server.api.accounts.users import any_account
from asnity_server.api.storage.deferred_delete import SlicedJob, delete_slice
from asnity_server.api.storage.write_probe import WriteProbe
from asnity_server.db.database import Database
from asnity_server.db.transaction import OnDone, Outcome, ReadTx, WriteTx
from asnity_server.protocol import requests
from asnity_server.protocol.errors import RESTORED, AsnityError, Conflict, Unauthorized
from asnity_server.protocol.limits import PROTOCOL, Limits
from asnity_server.protocol.models import Registration
from asnity_server.protocol.responses import ServerInfo
from asnity_server.protocol.routes import Limited
from asnity_server.rate_limits import RateLimits, Rates

from .access import Caller, is_stale, load_caller_by_token, touch
from .direct_lists import run_direct_list_task
from .invites import InviteLinks
from .messages import forget_old_receipts
from .storage import write_cache

log = logging.getLogger(__name__)

Q = TypeVar("Q")
A = TypeVar("A")

Work = Callable[[WriteTx, Caller, Q], A]
Query = Callable[[ReadTx, Caller, Q], A]

RECEIPTS_KEPT = 30 * 24 * 3600 * 1000
"""Milliseconds that receipts of edits and deletions are kept."""


OWNERS = 20_000
"""Sessions whose owner is remembered (about 4 MB)."""


@dataclass(frozen=True)
class HostSettings:
    """Settings of the server's host, as far as the API needs them."""

    name: str = "Asnity"
    registration: Registration = "invite"
    public_url: Callable[[], str] = lambda: "http://127.0.0.1:8440"
    """The public address of this server, without a slash at the end; its links begin with it."""
    setup_code: str = field(default_factory=lambda: secrets.token_hex(8))
    """Lets the first account be made from another machine."""
    hash_cost: HashCost = field(default_factory=HashCost)
    rates: Rates = field(default_factory=Rates)
    session_lifetime: int = 0
    """Milliseconds without use after which a session ends; 0: never."""
    limits: Limits = field(default_factory=Limits)
    """The lengths that clients are told to keep to."""


class Api:
    """Runs works and queries on behalf of whoever proves to be somebody, in the same transaction as the proof."""

    def __init__(
        self, database: Database, hosting: HostSettings | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`clock` tells the seconds by which rates are limited."""
        self.database = database
        self.hosting = hosting or HostSettings()
        self.invites = InviteLinks(self.hosting.public_url)
        self.write_probe = WriteProbe(database, clock=clock)
        self.disabled_accounts = DisabledAccounts(database)
        later = asyncio.get_running_loop().call_later
        self.deferred_deletes = SlicedJob(database, delete_slice, later=later)
        self.direct_list_tasks = SlicedJob(database, run_direct_list_task, later=later)
        self.rates = RateLimits(self.hosting.rates, clock=clock)
        self.password_limits = PasswordLimits(self.hosting.rates.sign_in, clock=clock)
        self._owners: dict[bytes, str] = {}
        self._passwords = Passwords(self.hosting.hash_cost)
        self.accounts = Accounts(
            database,
            self._passwords,
            registration=self.hosting.registration,
            setup_code=self.hosting.setup_code,
            password_limits=self.password_limits,
            sign_up_limits=SignUpLimits(self.hosting.rates.sign_up, clock=clock),
        )

    async def change(self, token: str | None, work: Work[Q, A], request: Q, *, limited: Limited | None = None) -> A:
        """Do `work` as the owner of `token`; its answer, once it is on disk. It counts as what is `limited`."""
        proof = token_hash(token)
        await self._admit(proof, limited)

        def run(tx: WriteTx) -> A:
            caller = load_caller_by_token(tx, proof)
            touch(tx, caller)
            return work(tx, caller, request)

        try:
            return await self.database.write(run)
        except Unauthorized:
            self._owners.pop(proof, None)
            raise

    async def _admit(self, proof: bytes, limited: Limited | None) -> None:
        """Count a change before the writer is asked: who floods it must not hold it up. Raises `RateLimited`."""
        limit = self.rates.of(limited)
        if limit is not None and limited == "sessions":
            limit.take((await self.database.read(lambda view: load_caller_by_token(view, proof))).session_id)
        elif limit is not None:
            limit.take(self._owners.get(proof) or await self._owner(proof))

    async def query(self, token: str | None, query: Query[Q, A], request: Q, *, long: bool = False) -> A:
        """Answer `query`, which may take `long`, as the owner of `token`."""
        proof = token_hash(token)
        owner = self._owners.get(proof) or await self._owner(proof)

        def run(view: ReadTx) -> tuple[A, Caller, int]:
            caller = load_caller_by_token(view, proof)
            return query(view, caller, request), caller, view.now

        try:
            answer, caller, now = await self.database.read(run, by=owner, long=long)
        except Unauthorized:  # what is asked with it from now on is no longer that person's doing
            self._owners.pop(proof, None)
            raise
        if is_stale(caller, now):
            self.database.submit(lambda tx: touch(tx, caller), _nobody_waits)
        return answer

    def owner_of(self, token: str) -> str | None:
        """Return the owner of a token, if that was found out for a query lately."""
        return self._owners.get(token_hash(token))

    async def _owner(self, proof: bytes) -> str:
        """Find the owner of a token, whose turn it is with the readers: a token never gets another owner."""
        owner = (await self.database.read(lambda view: load_caller_by_token(view, proof))).user_id
        while len(self._owners) >= OWNERS:
            del self._owners[next(iter(self._owners))]
        self._owners[proof] = owner
        return owner

    async def look(self, query: Callable[[ReadTx, Q], A], request: Q) -> A:
        """Answer `query` without a caller."""
        return await self.database.read(lambda view: query(view, request))

    def submit(self, session_id: str, origin: str, work: Work[Q, A], request: Q, on_done: OnDone) -> None:
        """Queue `work` for a connection whose session was proven before and is checked again; order is kept."""

        self.database.submit(partial(_as_owner, session_id, origin, work, request), on_done)

    async def server_info(self, request: requests.Empty) -> ServerInfo:
        """Return the facts that a client needs before it signs in."""
        return ServerInfo(
            name=self.hosting.name,
            version=__version__,
            protocol=PROTOCOL,
            registration=self.hosting.registration,
            limits=self.hosting.limits,
            generation=self.database.generation,
        )

    def require_generation(self, known: str | None) -> None:
        """Raise `Conflict` where somebody's ids are from another history of this server."""
        if known and known != self.database.generation:
            raise Conflict(RESTORED, field="generation")

    async def has_accounts(self) -> bool:
        """Return whether anybody has signed up here; until then, the set-up code is valid."""
        return await self.database.read(any_account)

    async def begin(self) -> None:
        """Apply what whoever hosts the server decided about sessions; to be called before anybody comes in."""
        try:
            await self.database.write(lambda tx: set_lifetime(tx, self.hosting.session_lifetime))
        except AsnityError as error:  # a full disk keeps nobody from reading
            log.warning("how long sessions last could not be noted: %s", error)

    async def tidy(self, connected: Iterable[str] = ()) -> None:
        """Forget what has been kept long enough, but sessions that are `connected`; to be called about once a day."""
        await self.database.write(lambda tx: forget_old_receipts(tx, older_than=tx.now - RECEIPTS_KEPT))
        remaining = iter(tuple(connected))
        while part := tuple(islice(remaining, SLICE)):
            await self.database.write(partial(touch_some, session_ids=part))
        while await self.database.write(end_unused):
            pass

    def close(self) -> None:
        """Stop what is done in slices and let the threads that hash passwords go; who opened the database closes it."""
        self.deferred_deletes.close()
        self.direct_list_tasks.close()
        self._passwords.close()


def _as_owner(session_id: str, origin: str, work: Work[Q, A], request: Q, tx: WriteTx) -> A:
    return work(tx, write_cache.cached_caller(tx, session_id, origin), request)


def _nobody_waits(outcome: Outcome[None]) -> None:
    """That a session was in use is noted for its owner's eyes; an error is in the log already."""


__all__ = ["Api", "HostSettings", "OnDone", "Outcome", "Peer", "Query", "ReadTx", "Work", "WriteTx", "token_hash"]
