"""The way in: who is signed in here, and how an address, a name and a password become a session."""

from __future__ import annotations

import platform
from collections.abc import Awaitable, Callable
from random import Random
from typing import Protocol

from asnity_server.protocol import routes
from asnity_server.protocol.requests import Empty, OfInvite, SignIn, SignUp
from asnity_server.protocol.responses import InvitePreview, ServerInfo, SignedIn
from asnity_tui.client.clock import Clock
from asnity_tui.client.storage.accounts import SavedAccount
from asnity_tui.client.storage.storage import Storage
from asnity_tui.client.sync.session import Session
from asnity_tui.client.transport.client import ChatClient
from asnity_tui.client.transport.lazy import LazyClient

Dial = Callable[[str], Awaitable[ChatClient]]
"""Makes a client for an `Address.url`; asynchronous because the network libraries are loaded only then."""

Remember = Callable[[SavedAccount], Storage]


class Saved(Protocol):
    """Where accounts are kept; `SavedAccounts` is the real one. Methods may raise `OSError`."""

    def load(self) -> tuple[SavedAccount, ...]:
        """All accounts, the one that was used last first."""

    def use(self, session: SavedAccount) -> None:
        """Keep an account as the one that was used last."""

    def remove(self, session: SavedAccount) -> None:
        """Forget an account."""


class Entrance:
    """Signs people in and up, and opens their sessions."""

    def __init__(
        self, *, saved: Saved, dial: Dial, remember: Remember, clock: Clock, random: Random | None = None
    ) -> None:
        """`random` is for the jitter of reconnects."""
        self._random = random
        self._saved = saved
        self._dial = dial
        self._remember = remember
        self._clock = clock

    def last(self, server: str | None = None) -> SavedAccount | None:
        """Who was signed in last (on one server, by its `Address.url`). Raises `OSError`."""
        return next((each for each in self._saved.load() if server in (None, each.server)), None)

    def open(self, saved: SavedAccount) -> Session:
        """A session that shows what is remembered; it connects when it is started. Needs no network library."""
        client = LazyClient(lambda: self._dial(saved.server), saved.token)
        session = Session(client, self._remember(saved), clock=self._clock, random=self._random)
        session.remember()
        return session

    def keep(self, saved: SavedAccount) -> None:
        """Remember who is signed in. Raises `OSError`."""
        self._saved.use(saved)

    def forget(self, saved: SavedAccount) -> None:
        """Forget who was signed in. Raises `OSError`."""
        self._saved.remove(saved)

    async def look(self, url: str) -> ServerInfo:
        """What a server says of itself. Raises as `ChatClient.call` does."""
        client = await self._dial(url)
        try:
            return await client.call(routes.SERVER, Empty())
        finally:
            await client.close()

    async def preview(self, url: str, code: str) -> InvitePreview:
        """What an invite leads to. Raises as `ChatClient.call` does."""
        client = await self._dial(url)
        try:
            return await client.call(routes.INVITE, OfInvite(code=code))
        finally:
            await client.close()

    async def sign_in(self, url: str, username: str, password: str) -> SavedAccount:
        """A new session of an account. Raises as `ChatClient.call` does, and `OSError` where it can't be kept."""
        client = await self._dial(url)
        try:
            request = SignIn(username=username, password=password, device=device_name())
            return self._signed(url, await client.call(routes.SIGN_IN, request))
        finally:
            await client.close()

    async def sign_up(
        self, url: str, username: str, password: str, *, invite: str = "", setup_code: str = ""
    ) -> SavedAccount:
        """A new account. Raises as `ChatClient.call` does, and `OSError` where it can't be kept."""
        client = await self._dial(url)
        try:
            request = SignUp(
                username=username,
                password=password,
                invite=invite or None,
                setup_code=setup_code or None,
                device=device_name(),
            )
            return self._signed(url, await client.call(routes.SIGN_UP, request))
        finally:
            await client.close()

    async def accept(self, saved: SavedAccount, invite: str) -> None:
        """Join the community that an invite leads to. Raises as `ChatClient.call` does."""
        client = await self._dial(saved.server)
        try:
            client.token = saved.token
            await client.call(routes.ACCEPT_INVITE, OfInvite(code=invite))
        finally:
            await client.close()

    def _signed(self, url: str, answer: SignedIn) -> SavedAccount:
        saved = SavedAccount(server=url, user_id=answer.user.id, username=answer.user.username, token=answer.token)
        self.keep(saved)
        return saved


def device_name() -> str:
    """What this machine is called in the list of sessions."""
    return f"asnity-tui on {platform.node() or 'a terminal'}"[:80]
