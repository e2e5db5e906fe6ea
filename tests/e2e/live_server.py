"""A real server, and people at real apps over real sockets, each with files of their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path

import aiohttp
from textual.pilot import Pilot

from asnity_server.config import ServerSettings, without_limits
from asnity_tui.app import AsnityApp
from asnity_tui.app_options import AppOptions
from asnity_tui.client.clock import SystemClock
from asnity_tui.client.sign_in import Authenticator
from asnity_tui.client.storage.accounts import SavedAccount, SavedAccounts
from asnity_tui.client.storage.cache import Cache
from asnity_tui.client.storage.cache_file import account_file
from asnity_tui.client.sync.session import Session
from asnity_tui.client.transport.client import ChatClient
from asnity_tui.client.transport.remote import RemoteClient
from asnity_tui.screens.chat.conversation import Conversation
from asnity_tui.screens.chat.screen import ChatScreen
from tests.painted import painted
from tests.topology.deployment import EmbeddedDeployment, Topology


@dataclass
class LiveServer:
    """A server that can be stopped and started again on the same address."""

    folder: Path
    topology: Topology = EmbeddedDeployment
    unlimited: bool = False
    tokens: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        settings = ServerSettings(port=0, data=self.folder / "server", registration="open")
        self.server = self.topology(without_limits(settings) if self.unlimited else settings)

    async def start(self) -> None:
        """Listen."""
        await self.server.start()

    async def stop(self) -> None:
        """Drain."""
        await self.server.stop()

    async def call(self, method: str, path: str, who: str, **body: object) -> dict[str, object]:
        """One HTTP request as somebody, which has to succeed."""
        headers = {"Authorization": f"Bearer {self.tokens[who]}"} if who in self.tokens else {}
        async with (
            aiohttp.ClientSession(self.server.http_url) as http,
            http.request(method, path, headers=headers, json=body or None) as answer,
        ):
            assert answer.status < 300, await answer.text()
            found: dict[str, object] = await answer.json() if answer.status != 204 else {}
            return found

    async def person(self, name: str) -> None:
        """An account."""
        made = await self.call("POST", "/api/auth/sign-up", "", username=name, password="correct horse")
        self.tokens[name] = str(made["token"])
        self.ids[name] = made["user"]["id"]  # type: ignore[index]

    async def community(self, name: str, owner: str, *others: str) -> str:
        """A community with these people in it."""
        made = str((await self.call("POST", "/api/communities", owner, name=name))["id"])
        code = (await self.call("POST", f"/api/communities/{made}/invites", owner))["code"]
        for other in others:
            await self.call("POST", f"/api/invites/{code}/accept", other)
        return made

    async def general(self, community_id: str, who: str) -> str:
        """The channel that everyone is in."""
        found = await self.call("GET", f"/api/communities/{community_id}/channels", who)
        return next(each["id"] for each in found["channels"] if each["name"] == "general")  # type: ignore[attr-defined]

    def saved(self, name: str) -> SavedAccount:
        """Somebody's saved session."""
        return SavedAccount(server=self.server.url, user_id=self.ids[name], username=name, token=self.tokens[name])


@dataclass
class Terminal:
    """Somebody's running app."""

    app: AsnityApp
    pilot: Pilot[None]

    @property
    def session(self) -> Session:
        """The session of its own."""
        assert self.app.session is not None
        return self.app.session

    @property
    def conversation(self) -> Conversation:
        """The open channel."""
        screen = next(each for each in self.app.screen_stack if isinstance(each, ChatScreen))
        return screen.conversation

    def text(self) -> str:
        """The whole screen."""
        return "\n".join(strip.text[: self.app.size.width].rstrip() for strip in painted(self.app))

    async def until(self, true: Callable[[], object], what: str = "") -> None:
        """Wait until something is so."""
        for _ in range(1000):
            if true():
                await self.pilot.pause()
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"{what or true} never came\n{self.text()}")

    async def shows(self, text: str) -> None:
        """Wait until a text is on the screen."""
        await self.until(lambda: text in self.text(), repr(text))

    async def hides(self, text: str) -> None:
        """Wait until a text is not on the screen any more."""
        await self.until(lambda: text not in self.text(), f"no {text!r}")

    async def types(self, text: str) -> None:
        """Write a message."""
        await self.pilot.press(*text, "enter")

    async def online(self) -> None:
        """Wait until it is connected and in all its rooms."""
        await self.until(lambda: self.session.connection.status == "online", "online")
        await self.until(lambda: all(each.joined for each in self.session.store.communities.values()), "joined")


@asynccontextmanager
async def terminal(live_server: LiveServer, name: str, *, size: tuple[int, int] = (110, 30)) -> AsyncIterator[Terminal]:
    """Somebody's app, over files that outlive it; closed as if by ctrl+q."""
    folder = live_server.folder / name
    clock = SystemClock()
    saved = SavedAccounts(folder / "sessions.json")

    async def dial(url: str) -> ChatClient:
        return RemoteClient(url)

    def open_storage(session: SavedAccount) -> Cache:
        return Cache(account_file(folder, session.server, session.user_id), lambda trouble: None)

    authenticator = Authenticator(accounts=saved, dial=dial, open_storage=open_storage, clock=clock)
    app = AsnityApp(authenticator, AppOptions(saved=live_server.saved(name)), clock=clock, zone=UTC)
    app.animation_level = "none"
    async with app.run_test(size=size, notifications=True) as pilot:
        running = Terminal(app, pilot)
        yield running
        if app.session is not None:
            await app.session.close()
