"""The whole app on a model server: people, places, a clock that stands still, and nothing on disk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC
from random import Random

from textual.pilot import Pilot

from asnity_server.protocol.responses import Overview
from asnity_tui.app import AsnityApp
from asnity_tui.client.storage.accounts import SavedSession
from asnity_tui.client.storage.storage import NONE, Choice, Memory, NotKept, Remembered, is_further
from asnity_tui.client.sync.session import Session
from asnity_tui.client.transport.client import ChatClient, Unreachable
from asnity_tui.screens.chat.conversation import Conversation
from asnity_tui.screens.chat.screen import ChatScreen
from asnity_tui.sign_in import Entrance
from asnity_tui.state.outbox_entry import Entry
from asnity_tui.widgets.text import markdown
from tests.fakes import Account, FakeClient, FakeServer
from tests.painted import painted

URL = "https://chat.example.org"

assert markdown.render  # loaded before any app begins: else a picture would depend on when it is


class StageClock:
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


class Shelf:
    """A `Memory` without a file."""

    def __init__(self) -> None:
        self.owner = "window"
        self.sidebar: Overview | None = None
        self.channels: dict[str, Remembered] = {}
        self.outbox: dict[str, Entry] = {}
        self.drafts: dict[str, str] = {}
        self.last: str | None = None
        self.choices: dict[str, Choice] = {}
        self.full = False

    def load_sidebar(self) -> Overview | None:
        return self.sidebar

    def save_sidebar(self, overview: Overview) -> None:
        self.sidebar = overview

    def load_channel(self, channel_id: str) -> Remembered | None:
        return self.channels.get(channel_id)

    def save_channel(self, channel_id: str, remembered: Remembered) -> None:
        self.channels[channel_id] = remembered

    def forget_channel(self, channel_id: str) -> None:
        self.channels.pop(channel_id, None)

    def load_outbox(self) -> Sequence[Entry]:
        return list(self.outbox.values())

    async def keep_entry(self, entry: Entry, drafts: Mapping[str, str] = NONE) -> None:
        if self.full:
            raise NotKept("The disk is full.")
        self.outbox[entry.nonce] = entry
        self._save_drafts(drafts)

    def update_entry(self, entry: Entry) -> None:
        if entry.nonce in self.outbox:
            self.outbox[entry.nonce] = entry

    def drop_entry(self, nonce: str, drafts: Mapping[str, str] = NONE) -> None:
        self._save_drafts(drafts)
        self.outbox.pop(nonce, None)

    def load_drafts(self) -> Mapping[str, str]:
        return dict(self.drafts)

    def save_draft(self, channel_id: str, text: str) -> None:
        if text:
            self.drafts[channel_id] = text
        else:
            self.drafts.pop(channel_id, None)

    def _save_drafts(self, drafts: Mapping[str, str]) -> None:
        for channel_id, text in drafts.items():
            self.save_draft(channel_id, text)

    def load_last_channel(self) -> str | None:
        return self.last

    def save_last_channel(self, channel_id: str) -> None:
        self.last = channel_id

    def load_choices(self) -> Mapping[str, Choice]:
        return dict(self.choices)

    def save_choice(self, name: str, value: Choice | None) -> None:
        if value is None:
            self.choices.pop(name, None)
        else:
            self.choices[name] = value

    def save_further(self, name: str, value: str) -> None:
        if not is_further(self.choices.get(name), value):
            self.choices[name] = value

    def drop_up_to(self, name: str, value: str) -> None:
        if name in self.choices and not is_further(self.choices[name], value):
            del self.choices[name]

    async def forget(self) -> None:
        self.__init__()  # type: ignore[misc]

    async def close(self) -> None:
        """Nothing to close."""


class Drawer:
    """Saved accounts without a file."""

    def __init__(self, *sessions: SavedSession) -> None:
        self.sessions = list(sessions)

    def load(self) -> tuple[SavedSession, ...]:
        return tuple(self.sessions)

    def use(self, session: SavedSession) -> None:
        self.sessions = [session, *(each for each in self.sessions if each.user_id != session.user_id)]

    def remove(self, session: SavedSession) -> None:
        self.sessions.remove(session)


@dataclass
class Stage:
    """A server with mina's account, and what her app is made of."""

    server: FakeServer = field(default_factory=FakeServer)
    shelf: Shelf = field(default_factory=Shelf)
    drawer: Drawer = field(default_factory=Drawer)
    clients: list[FakeClient] = field(default_factory=list)
    reachable: bool = True
    lab: str = ""
    general: str = ""
    random: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        self.clock = StageClock(self.server)
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

    def remember(self, saved: SavedSession) -> Memory:
        """The shelf."""
        return self.shelf

    def entrance(self) -> Entrance:
        """The way in."""
        random = Random(0)
        return Entrance(saved=self.drawer, dial=self.dial, remember=self.remember, clock=self.clock, random=random)

    def signed_in(self, account: Account | None = None) -> SavedSession:
        """A saved session, mina's unless told otherwise."""
        account = account or self.mina
        token = self.server.token(account)
        saved = SavedSession(server=URL, user_id=account.id, username=account.username, token=token)
        self.drawer.use(saved)
        return saved

    def app(self, *, signed_in: bool = True, **more: object) -> AsnityApp:
        """The app, as mina's terminal has it."""
        saved = self.signed_in() if signed_in else None
        more = {"zone": UTC, **more}
        app = AsnityApp(self.entrance(), clock=self.clock, saved=saved, **more)  # type: ignore[arg-type]
        app.animation_level = "none"
        return app

    @property
    def client(self) -> FakeClient:
        """The client that was made last."""
        return self.clients[-1]


def settled_stage() -> Stage:
    """Two communities; in `general` of the first mina has read everything."""
    stage = Stage()
    server = stage.server
    everyone = (stage.mina, stage.bob, stage.minji, stage.dana)
    stage.lab = server.community("Mandarin Lab", stage.alice, *everyone)
    stage.general = server.general(stage.lab)
    stage.random = server.channel(stage.lab, "random", stage.alice, *everyone)
    stage.source = server.general(server.community("Open Source", stage.bob, stage.mina, stage.alice))
    last = [server.post(stage.general, stage.alice, f"hello {number}") for number in range(1, 6)][-1]
    server.read(stage.general, stage.mina, last)
    return stage


@dataclass
class Play:
    """An app that runs."""

    stage: Stage
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
        cursor, view.cursor = view.cursor, None
        found = [view.render_line(y).text.rstrip() for y in range(view.size.height)]
        view.cursor = cursor
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
async def play(
    stage: Stage, *, size: tuple[int, int] = (100, 30), signed_in: bool = True, **more: object
) -> AsyncIterator[Play]:
    """Run the app; it is closed afterwards as if by ctrl+q."""
    app = stage.app(signed_in=signed_in, **more)
    async with app.run_test(size=size, notifications=True) as pilot:
        running = Play(stage, app, pilot)
        if signed_in:
            await running.online()
        yield running
        if app.session is not None:
            await app.session.close()
