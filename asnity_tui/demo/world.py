"""The demo runs a server in this process with people who talk; everything is gone afterwards."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from asnity_server.app import HashCost, Server, ServerSettings, SteadyClock, without_limits
from asnity_tui.client.clock import SystemClock
from asnity_tui.client.sign_in import Authenticator
from asnity_tui.client.storage.accounts import SavedAccount, SavedAccounts
from asnity_tui.client.storage.cache import Cache
from asnity_tui.client.storage.storage import Storage
from asnity_tui.client.transport.client import ChatClient
from asnity_tui.client.transport.remote import RemoteClient

from .flaky_client import FlakyClient
from .guide import Guide
from .people import DemoPeople, Person
from .script import NAMES, ScriptLine

YOU = "you"


class DemoClock:
    """The clock of the demo's server, which goes through the past while that is made up."""

    def __init__(self) -> None:
        self._behind = 0

    def now(self) -> int:
        """Milliseconds since 1970."""
        return time.time_ns() // 1_000_000 - self._behind

    def travel(self, line: ScriptLine) -> None:
        """Go to when a line was said."""
        now = datetime.now().astimezone()
        if line.days:
            hour, minute = map(int, line.at.split(":"))
            then = (now - timedelta(days=line.days)).replace(hour=hour, minute=minute, second=0, microsecond=0)
        else:
            then = now - timedelta(minutes=int(line.at or 0))
        self._behind = int((now - then).total_seconds() * 1000)


class DemoWorld:
    """A server, people, and you."""

    def __init__(self) -> None:
        self._folder = Path()
        self._server: Server | None = None
        self._people: DemoPeople | None = None
        self._guide: Guide | None = None
        self._talk: asyncio.Task[None] | None = None
        self._clients: list[ChatClient] = []

    async def start(self) -> tuple[Authenticator, SavedAccount]:
        """Begin; how to get in, and as whom. Raises `OSError`."""
        self._folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="asnity-demo-"))
        settings = without_limits(
            ServerSettings(port=0, data=self._folder / "server", name="Demo", registration="open")
        )
        # These accounts guard nothing, and somebody waits for the first picture.
        clock = DemoClock()
        self._server = Server(settings, hash_cost=HashCost(time=1, memory=8), clock=SteadyClock(clock.now, clock.now))
        await self._server.start()
        self._people = DemoPeople({name: self._person(name) for name in NAMES}, self._person(YOU), clock.travel)
        await self._people.build()
        self._guide = Guide(self._people)
        await self._people.go_online({"guide": self._guide.on_event, "bob": self._guide.written_to_bob})
        self._talk = asyncio.create_task(self._people.live(), name="demo-talk")
        return self._authenticator(), self._you()

    async def stop(self) -> None:
        """Everybody goes home; nothing is left."""
        if self._talk is not None:
            self._talk.cancel()
            with suppress(asyncio.CancelledError):
                await self._talk
        if self._guide is not None:
            await self._guide.close()
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

    def _you(self) -> SavedAccount:
        assert self._server is not None
        assert self._people is not None
        you = self._people.you
        return SavedAccount(server=self._server.url, user_id=you.user_id, username=YOU, token=you.client.token or "")

    def _authenticator(self) -> Authenticator:
        async def dial(url: str) -> ChatClient:
            assert self._people is not None
            return FlakyClient(RemoteClient(url), self._people.channels["Mandarin Lab", "flaky"])

        def open_storage(saved: SavedAccount) -> Storage:
            cache = Cache(self._folder / f"{saved.user_id}.db", lambda trouble: None)
            if self._people is not None:
                cache.save_last_channel(self._people.channels["Mandarin Lab", "welcome"])
            return cache

        sessions = SavedAccounts(self._folder / "sessions.json")
        return Authenticator(accounts=sessions, dial=dial, open_storage=open_storage, clock=SystemClock())
