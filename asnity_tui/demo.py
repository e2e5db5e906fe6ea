"""The demo: a server in this process with people who talk; everything is gone afterwards."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from asnity_server.app import HashCost, Server, Settings, without_limits

from .client.cache import Cache
from .client.clock import SystemClock
from .client.contract import ChatClient
from .client.memory import Memory
from .client.remote import RemoteClient
from .client.saved import SavedSession, SavedSessions
from .demo_flaky import FlakyClient
from .demo_people import NAMES, Person, Village
from .entrance import Entrance

YOU = "you"


class DemoWorld:
    """A server, people, and you."""

    def __init__(self) -> None:
        self._folder = Path()
        self._server: Server | None = None
        self._village: Village | None = None
        self._talk: asyncio.Task[None] | None = None
        self._clients: list[ChatClient] = []

    async def start(self) -> tuple[Entrance, SavedSession]:
        """Begin; how to get in, and as whom. Raises `OSError`."""
        self._folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="asnity-demo-"))
        settings = without_limits(Settings(port=0, data=self._folder / "server", name="Demo", registration="open"))
        # These accounts guard nothing, and somebody waits for the first picture.
        self._server = Server(settings, hash_cost=HashCost(time=1, memory=8))
        await self._server.start()
        self._village = Village({name: self._person(name) for name in NAMES}, self._person(YOU))
        await self._village.build()
        self._talk = asyncio.create_task(self._village.live(), name="demo-talk")
        return self._entrance(), self._you()

    async def stop(self) -> None:
        """Everybody goes home; nothing is left."""
        if self._talk is not None:
            self._talk.cancel()
            with suppress(asyncio.CancelledError):
                await self._talk
        for client in self._clients:
            await client.close()
        if self._server is not None:
            await self._server.drain()
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    def _person(self, name: str) -> Person:
        assert self._server is not None
        client = RemoteClient(self._server.url)
        self._clients.append(client)
        return Person(name, client)

    def _you(self) -> SavedSession:
        assert self._server is not None
        assert self._village is not None
        you = self._village.you
        return SavedSession(server=self._server.url, user_id=you.user_id, username=YOU, token=you.client.token or "")

    def _entrance(self) -> Entrance:
        async def dial(url: str) -> ChatClient:
            assert self._village is not None
            return FlakyClient(RemoteClient(url), self._village.channels["Mandarin Lab", "flaky"])

        def remember(saved: SavedSession) -> Memory:
            return Cache(self._folder / f"{saved.user_id}.db", lambda trouble: None)

        sessions = SavedSessions(self._folder / "sessions.json")
        return Entrance(saved=sessions, dial=dial, remember=remember, clock=SystemClock())
