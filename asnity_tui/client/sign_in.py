"""Signing in and up: turns an address, a name and a password into a session, and keeps the accounts of this machine."""

from __future__ import annotations

import platform
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from random import Random
from typing import Protocol

from asnity_server.protocol import routes
from asnity_server.protocol.requests import OfInvite, SignIn, SignUp
from asnity_server.protocol.responses import InvitePreview, SignedIn
from asnity_tui.client.storage.accounts import SavedAccount
from asnity_tui.client.storage.storage import Storage
from asnity_tui.client.sync.session import Session
from asnity_tui.client.transport.client import ChatClient
from asnity_tui.client.transport.lazy import LazyClient

from .clock import Clock

Dial = Callable[[str], Awaitable[ChatClient]]
"""Makes a client for an `Address.url`; asynchronous because the network libraries are loaded only then."""

OpenStorage = Callable[[SavedAccount], Storage]


class AccountStorage(Protocol):
    """Storage of the accounts of this machine, as `SavedAccounts` is. Its methods may raise `OSError`."""

    def load(self) -> tuple[SavedAccount, ...]:
        """Return all accounts, the one that was used last first."""

    def use(self, session: SavedAccount) -> None:
        """Keep an account as the one that was used last."""

    def remove(self, session: SavedAccount) -> None:
        """Forget an account."""


class Authenticator:
    """Signs people in and up, and opens their sessions.

    Its requests raise as `ChatClient.call` does, and `OSError` where an account can't be kept.
    """

    def __init__(
        self,
        *,
        accounts: AccountStorage,
        dial: Dial,
        open_storage: OpenStorage,
        clock: Clock,
        random: Random | None = None,
    ) -> None:
        """`random` is for the jitter of reconnects."""
        self._accounts = accounts
        self._dial = dial
        self._open_storage = open_storage
        self._clock = clock
        self._random = random

    def last_account(self, server: str | None = None) -> SavedAccount | None:
        """Return the account that was used last (on one server, by its `Address.url`). Raises `OSError`."""
        return next((each for each in self._accounts.load() if server in (None, each.server)), None)

    def open_session(self, saved: SavedAccount) -> Session:
        """Open a session that shows what is stored; it connects when it is started. Needs no network library."""
        client = LazyClient(lambda: self._dial(saved.server), saved.token)
        session = Session(client, self._open_storage(saved), clock=self._clock, random=self._random)
        session.restore()
        return session

    def keep(self, saved: SavedAccount) -> None:
        """Remember who is signed in. Raises `OSError`."""
        self._accounts.use(saved)

    def forget(self, saved: SavedAccount) -> None:
        """Forget who was signed in. Raises `OSError`."""
        self._accounts.remove(saved)

    async def preview_invite(self, url: str, code: str) -> InvitePreview:
        """Ask which community an invite leads to."""
        async with self._client(url) as client:
            return await client.call(routes.INVITE, OfInvite(code=code))

    async def sign_in(self, url: str, username: str, password: str) -> SavedAccount:
        """Begin a new session of an account."""
        request = SignIn(username=username, password=password, device=device_name())
        async with self._client(url) as client:
            return self._kept(url, await client.call(routes.SIGN_IN, request))

    async def sign_up(
        self, url: str, username: str, password: str, *, invite: str = "", setup_code: str = ""
    ) -> SavedAccount:
        """Make a new account."""
        request = SignUp(
            username=username,
            password=password,
            invite=invite or None,
            setup_code=setup_code or None,
            device=device_name(),
        )
        async with self._client(url) as client:
            return self._kept(url, await client.call(routes.SIGN_UP, request))

    async def accept_invite(self, saved: SavedAccount, invite: str) -> None:
        """Join the community that an invite leads to."""
        async with self._client(saved.server) as client:
            client.token = saved.token
            await client.call(routes.ACCEPT_INVITE, OfInvite(code=invite))

    @asynccontextmanager
    async def _client(self, url: str) -> AsyncIterator[ChatClient]:
        client = await self._dial(url)
        try:
            yield client
        finally:
            await client.close()

    def _kept(self, url: str, answer: SignedIn) -> SavedAccount:
        saved = SavedAccount(server=url, user_id=answer.user.id, username=answer.user.username, token=answer.token)
        self.keep(saved)
        return saved


def device_name() -> str:
    """Name this machine, for the list of sessions."""
    return f"asnity-tui on {platform.node() or 'a terminal'}"[:80]
