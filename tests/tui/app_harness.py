"""The whole app on a fake server: people, channels, a clock that stands still, and nothing on disk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from random import Random

from textual.pilot import Pilot

from asnity_tui.app import AsnityApp
from asnity_tui.app_options import AppOptions
from asnity_tui.client.sign_in import Authenticator
from asnity_tui.client.storage.accounts import SavedAccount
from asnity_tui.client.storage.storage import Storage
from asnity_tui.client.sync.session import Session
from asnity_tui.client.transport.client import ChatClient, Unreachable
from asnity_tui.screens.chat.conversation import Conversation
from asnity_tui.screens.chat.screen import ChatScreen
from asnity_tui.terminal.terminal_driver import TerminalDriver
from asnity_tui.widgets.text import markdown
from tests.fakes import Account, FakeClient, FakeServer
from tests.fakes.storage import InMemoryAccounts, InMemoryStorage
from tests.painted import painted

URL = "https://chat.example.org"

assert markdown.render  # loaded before any app begins: else a picture would depend on when it is


class HarnessClock:
    """The model server's time; sleeping really waits, as everything here takes no time at all."""

    def __init__(self, server: FakeServer) -> None:
        self._server = server
        self.ahead = 0

    def now(self) -> int:
        """Milliseconds since 1970."""
        return self._server.clock.now()

    def wall(self) -> int:
        """The same, but for what the machine's clock was set by since, or went on while it was suspended."""
        return self._server.clock.now() + self.ahead

    async def sleep(self, seconds: float) -> None:
        """Return after so many seconds."""
        await asyncio.sleep(seconds)


@dataclass
class AppHarness:
    """A fake server with mina's account, and the parts that her app is made of."""

    server: FakeServer = field(default_factory=FakeServer)
    storage: InMemoryStorage = field(default_factory=InMemoryStorage)
    accounts: InMemoryAccounts = field(default_factory=InMemoryAccounts)
    clients: list[FakeClient] = field(default_factory=list)
    reachable: bool = True
    lab: str = ""
    general: str = ""
    random: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        self.clock = HarnessClock(self.server)
        self.mina = self.server.person("mina", "Mina")
        self.alice = self.server.person("alice")
        self.bob = self.server.person("bob")
        self.minji = self.server.person("minji", "민지")
        self.dana = self.server.person("dana")

    async def dial(self, url: str) -> ChatClient:
        """A client for the model server, whatever the address."""
        if not self.reachable:
            raise Unreachable("The server can't be reached.")
        client = FakeClient(self.server)
        self.clients.append(client)
        return client

    def open_storage(self, saved: SavedAccount) -> Storage:
        """The storage, whoever is signed in."""
        return self.storage

    def authenticator(self) -> Authenticator:
        """The way in."""
        random = Random(0)
        return Authenticator(
            accounts=self.accounts, dial=self.dial, open_storage=self.open_storage, clock=self.clock, random=random
        )

    def signed_in(self, account: Account | None = None) -> SavedAccount:
        """A saved session, mina's unless told otherwise."""
        account = account or self.mina
        token = self.server.token(account)
        saved = SavedAccount(server=URL, user_id=account.id, username=account.username, token=token)
        self.accounts.use(saved)
        return saved

    def app(
        self,
        *,
        signed_in: bool = True,
        zone: tzinfo | None = UTC,
        driver_class: type[TerminalDriver] | None = None,
        **options: object,
    ) -> AsnityApp:
        """The app, as mina's terminal has it; the rest are `AppOptions`."""
        saved = self.signed_in() if signed_in else None
        app = AsnityApp(
            self.authenticator(),
            AppOptions(saved=saved, **options),  # type: ignore[arg-type]
            clock=self.clock,
            zone=zone,
            driver_class=driver_class,
        )
        app.animation_level = "none"
        return app

    @property
    def client(self) -> FakeClient:
        """The client that was made last."""
        return self.clients[-1]


def populated_harness() -> AppHarness:
    """Two communities; in `general` of the first mina has read everything."""
    harness = AppHarness()
    server = harness.server
    everyone = (harness.mina, harness.bob, harness.minji, harness.dana)
    harness.lab = server.community("Mandarin Lab", harness.alice, *everyone)
    harness.general = server.general(harness.lab)
    harness.random = server.channel(harness.lab, "random", harness.alice, *everyone)
    harness.source = server.general(server.community("Open Source", harness.bob, harness.mina, harness.alice))
    last = [server.post(harness.general, harness.alice, f"hello {number}") for number in range(1, 6)][-1]
    server.read(harness.general, harness.mina, last)
    return harness


@dataclass
class RunningApp:
    """An app that runs."""

    harness: AppHarness
    app: AsnityApp
    pilot: Pilot[None]

    @property
    def chat(self) -> ChatScreen:
        """The chat screen, whatever covers it."""
        return next(screen for screen in self.app.screen_stack if isinstance(screen, ChatScreen))

    @property
    def conversation(self) -> Conversation:
        """The open channel."""
        return self.chat.conversation

    @property
    def session(self) -> Session:
        """Mina's session."""
        assert self.app.session is not None
        return self.app.session

    def lines(self) -> list[str]:
        """The messages on the screen, line by line, without the cursor."""
        view = self.conversation.view
        cursor, view.cursor.key = view.cursor.key, None
        found = [view.render_line(y).text.rstrip() for y in range(view.size.height)]
        view.cursor.key = cursor
        return found

    def text(self) -> str:
        """The whole screen as text."""
        width = self.app.size.width
        return "\n".join(strip.text[:width].rstrip() for strip in painted(self.app))

    async def until(self, true: Callable[[], object], *, what: str = "") -> None:
        """Wait until something is so (ten seconds or more; a machine may have much else to do)."""
        for _ in range(1000):
            if true():
                await self.pilot.pause()
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"{what or true} never came\n{self.text()}")

    async def shows(self, text: str) -> None:
        """Wait until a text is on the screen."""
        await self.until(lambda: text in self.text(), what=repr(text))

    async def online(self) -> None:
        """Wait until the session is connected and everything is drawn."""
        await self.until(lambda: self.session.connection.status == "online", what="online")
        await self.until(lambda: all(each.joined for each in self.session.store.communities.values()), what="joined")


@asynccontextmanager
async def run_app(
    harness: AppHarness, *, size: tuple[int, int] = (100, 30), signed_in: bool = True, **more: object
) -> AsyncIterator[RunningApp]:
    """Run the app; it is closed afterwards as if by ctrl+q."""
    app = harness.app(signed_in=signed_in, **more)
    async with app.run_test(size=size, notifications=True) as pilot:
        running = RunningApp(harness, app, pilot)
        if signed_in:
            await running.online()
        yield running
        if app.session is not None:
            await app.session.close()
