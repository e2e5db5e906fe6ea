"""Passwords: hashed with Argon2id in threads of their own, so that neither time nor memory runs out."""

from __future__ import annotations

import asyncio
import base64
import secrets
import unicodedata
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from asnity_server.protocol.errors import Unavailable

T = TypeVar("T")


@dataclass(frozen=True)
class HashCost:
    """The cost of one hash. The default is the first choice of OWASP's Password Storage Cheat Sheet for Argon2id."""

    time: int = 2
    """Passes over the memory."""
    memory: int = 19 * 1024
    """KiB."""


class Passwords:
    """Hashes and verifies on a few threads; beyond `waiting` that queue for them, more is refused.

    People who are known (`by`) have a line of their own, which goes first, and one place in it each: strangers from any
    number of addresses keep nobody out who comes from where they came from before.
    """

    def __init__(self, cost: HashCost | None = None, *, threads: int = 2, waiting: int = 32) -> None:
        cost = cost or HashCost()
        self._hasher = PasswordHasher(time_cost=cost.time, memory_cost=cost.memory, parallelism=1)
        self._threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="asnity-password")
        self._idle = threads
        self._waiting = waiting
        self._known: set[str] = set()
        """Callers whose password is checked before others'."""
        self._first: deque[asyncio.Future[None]] = deque()
        self._others: deque[asyncio.Future[None]] = deque()
        # the hash of nothing, at the same cost: whoever doesn't exist takes as long to refuse as whoever does
        self._decoy = f"$argon2id$v=19$m={cost.memory},t={cost.time},p=1${_random(16)}${_random(32)}"

    async def hash(self, password: str, *, by: str | None = None) -> str:
        """Hash `password` for storage. Raises `Unavailable` where too many wait."""
        return await self._run(lambda: self.hash_here(password), by)

    def hash_here(self, password: str) -> str:
        """The same on the caller's own thread."""
        return self._hasher.hash(_bytes(password))

    async def verify(self, stored: str | None, password: str, *, by: str | None = None) -> bool:
        """Whether `password` is the one behind `stored`; with None it takes as long and is False.

        Raises `Unavailable` where too many wait.
        """
        return await self._run(lambda: self._verify(stored or self._decoy, password), by) and stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Whether `stored` was made at another cost than the present one."""
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T], by: str | None) -> T:
        if by is None or by in self._known:
            return await self._in_turn(work, self._others)
        self._known.add(by)
        try:
            return await self._in_turn(work, self._first)
        finally:
            self._known.discard(by)

    async def _in_turn(self, work: Callable[[], T], line: deque[asyncio.Future[None]]) -> T:
        if self._idle:
            self._idle -= 1
        elif len(line) >= self._waiting:
            raise Unavailable("Too many people are signing in at the moment.", retry_after=2.0)
        else:
            await self._turn(line)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._call_next()

    async def _turn(self, line: deque[asyncio.Future[None]]) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                with suppress(ValueError):  # passed over already
                    line.remove(turn)
            else:  # its turn had come already: it is the next one's
                self._call_next()
            raise

    def _call_next(self) -> None:
        """Give a thread that is free to who has waited longest, who is known at first."""
        for line in (self._first, self._others):
            while line:
                turn = line.popleft()
                if not turn.done():
                    turn.set_result(None)
                    return
        self._idle += 1

    def close(self) -> None:
        """Let go of the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _bytes(password: str) -> bytes:
    """The same bytes for the same password, however a keyboard composes it (RFC 8265, section 4.2)."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def _random(length: int) -> str:
    """Random bytes as Argon2's encoding writes them: base64 without padding."""
    return base64.b64encode(secrets.token_bytes(length)).decode().rstrip("=")
