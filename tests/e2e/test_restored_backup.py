"""A backup that is put back, on a real server and with a real client's cache, connected and away."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from asnity_server.config import ServerSettings, without_limits
from asnity_server.db.connection import InUse
from asnity_server.db.maintenance import backup, restore
from asnity_server.protocol import requests, routes
from asnity_server.protocol.errors import Conflict, is_restored
from asnity_tui.cli.tail import Tail
from asnity_tui.client.clock import SystemClock
from asnity_tui.client.storage.cache import Cache
from asnity_tui.client.sync.session import Session
from asnity_tui.client.transport.remote import RemoteClient
from asnity_tui.state.rows import Row
from tests.topology.deployment import Deployment, Topology

PATIENCE = 20.0


class RestorableServer:
    """One data folder, and the server on it; what bob does there is done over HTTP."""

    def __init__(self, folder: Path, topology: Topology) -> None:
        self.data = folder / "data"
        self.copy = folder / "backup.db"
        self._server: Deployment = topology(without_limits(ServerSettings(data=self.data, port=0, registration="open")))
        self._serving = False
        self.bob: RemoteClient
        self.alice_token = ""
        self.alice_id = ""
        self.general = ""

    async def start(self) -> None:
        await self._server.start()
        self._serving = True

    async def stop(self) -> None:
        if self._serving:
            self._serving = False
            await self._server.stop()

    @property
    def url(self) -> str:
        return self._server.url

    async def move_in(self) -> None:
        """Two people, a community, ten messages, a backup, five more messages."""
        self.bob = RemoteClient(self.url)
        signed = await self.bob.call(routes.SIGN_UP, requests.SignUp(username="bob", password="tangerine"))
        self.bob.token = signed.token
        lab = await self.bob.call(routes.CREATE_COMMUNITY, requests.CreateCommunity(name="Lab"))
        invite = await self.bob.call(routes.CREATE_INVITE, requests.CreateInvite(community_id=lab.id))
        request = requests.SignUp(username="alice", password="tangerine", invite=invite.code)
        alice = await self.bob.call(routes.SIGN_UP, request)
        self.alice_token, self.alice_id = alice.token, alice.user.id
        listed = await self.bob.call(routes.CHANNELS, requests.OfCommunityPage(community_id=lab.id))
        self.general = listed.channels[0].id
        await self.say(*(f"{number}" for number in range(1, 11)))
        await asyncio.to_thread(backup, self.data / "asnity.db", self.copy)
        await self.say(*(f"lost {number}" for number in range(11, 16)))

    async def say(self, *contents: str) -> None:
        for content in contents:
            await self.bob.call(routes.POST_MESSAGE, requests.PostMessage(channel_id=self.general, content=content))

    async def texts(self) -> list[str]:
        page = await self.bob.call(routes.HISTORY, requests.History(channel_id=self.general))
        return [each.content for each in page.messages]

    async def close(self) -> None:
        await self.bob.close()
        await self.stop()


def put_back(live_server: RestorableServer) -> None:
    """`asnity-server restore`."""
    aside = restore(live_server.data / "asnity.db", live_server.copy)
    assert aside is not None
    assert aside.exists()


def copied_by_hand(live_server: RestorableServer) -> None:
    """A copy that was put in the place of the database, as an old file, with its log removed."""
    for each in ("-wal", "-shm"):
        (live_server.data / f"asnity.db{each}").unlink(missing_ok=True)
    shutil.copyfile(live_server.copy, live_server.data / "asnity.db")


WAYS = [put_back, copied_by_hand]


@pytest.fixture
async def live_server(tmp_path: Path, topology: Topology) -> AsyncIterator[RestorableServer]:
    made = RestorableServer(tmp_path, topology)
    await made.start()
    await made.move_in()
    yield made
    await made.close()


@asynccontextmanager
async def alice(live_server: RestorableServer, folder: Path) -> AsyncIterator[Session]:
    """Her client, with a cache of its own, looking at the channel."""
    client = RemoteClient(live_server.url, live_server.alice_token)
    session = Session(client, Cache(folder / "alice.db", lambda sentence: None))
    session.restore()
    session.start()
    await until(lambda: session.store.channel(live_server.general) is not None)
    session.open_channel(live_server.general)
    yield session
    await session.close()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - many things are looked at, and none of them tells
            await asyncio.sleep(0.01)


def shown(live_server: RestorableServer, session: Session) -> list[str]:
    channel = session.store.channel(live_server.general)
    timeline = channel.timeline if channel is not None else None
    rows = timeline.items() if timeline is not None else ()
    return [each.message.content for each in rows if isinstance(each, Row) and each.message.id]


PRESENT = [*(f"{number}" for number in range(1, 11)), *(f"new {number}" for number in range(1, 9))]


@pytest.mark.parametrize("way", WAYS)
async def test_a_connected_client_shows_what_the_restored_server_has(
    live_server: RestorableServer, tmp_path: Path, way: Callable[[RestorableServer], None]
) -> None:
    async with alice(live_server, tmp_path) as session:
        await until(lambda: len(shown(live_server, session)) == 15)
        await live_server.stop()
        edit = await session.messages.edit(live_server.general, 12, "to another message")
        way(live_server)
        await live_server.start()
        await live_server.say(*(f"new {number}" for number in range(1, 9)))
        session.connection.connect_now()
        await until(lambda: shown(live_server, session) == PRESENT)
        await until(lambda: session.outbox.failed)
        failed = session.outbox.get(edit)
        assert failed is not None
        assert failed.error is not None
        assert is_restored(failed.error)
        assert failed.content == "to another message"
        assert await live_server.texts() == PRESENT


@pytest.mark.parametrize("way", WAYS)
async def test_a_client_that_was_away_shows_what_the_restored_server_has(
    live_server: RestorableServer, tmp_path: Path, way: Callable[[RestorableServer], None]
) -> None:
    async with alice(live_server, tmp_path) as session:
        await until(lambda: len(shown(live_server, session)) == 15)
    await live_server.stop()
    way(live_server)
    await live_server.start()
    await live_server.say(*(f"new {number}" for number in range(1, 9)))
    async with alice(live_server, tmp_path) as session:
        await until(lambda: shown(live_server, session) == PRESENT)


async def test_a_restart_is_no_restore(live_server: RestorableServer, tmp_path: Path) -> None:
    before = await live_server.bob.call(routes.SERVER, requests.Empty())
    for _ in range(2):
        await live_server.stop()
        await live_server.start()
    after = await live_server.bob.call(routes.SERVER, requests.Empty())
    assert before.generation == after.generation != ""


async def test_the_generation_is_told_by_every_way_of_coming_in(live_server: RestorableServer) -> None:
    info = await live_server.bob.call(routes.SERVER, requests.Empty())
    overview = await live_server.bob.call(routes.OVERVIEW, requests.Empty())
    assert overview.generation == info.generation
    await live_server.stop()
    put_back(live_server)
    await live_server.start()
    again = await live_server.bob.call(routes.SERVER, requests.Empty())
    assert again.generation != info.generation
    live_server.bob.generation = info.generation
    with pytest.raises(Conflict) as refused:
        await live_server.bob.call(routes.PIN, requests.OfMessage(channel_id=live_server.general, chat_id=3))
    assert is_restored(refused.value.info)
    assert (await live_server.bob.call(routes.OVERVIEW, requests.Empty())).generation == again.generation


async def test_a_database_is_not_replaced_under_a_running_server(live_server: RestorableServer) -> None:
    with pytest.raises(InUse):
        put_back(live_server)
    assert len(await live_server.texts()) == 15


async def test_what_is_no_backup_changes_nothing(live_server: RestorableServer, tmp_path: Path) -> None:
    await live_server.stop()
    (tmp_path / "letter.txt").write_text("Dear host, " * 1000)
    (tmp_path / "cut.db").write_bytes(live_server.copy.read_bytes()[:8192])
    (tmp_path / "empty.db").touch()  # what a copy to a full disk leaves
    with contextlib.closing(sqlite3.connect(tmp_path / "others.db")) as others:
        others.execute("CREATE TABLE bookmarks (url TEXT)")
    for name in ("letter.txt", "cut.db", "empty.db", "others.db"):
        with pytest.raises(sqlite3.DatabaseError):
            restore(live_server.data / "asnity.db", tmp_path / name)
    with pytest.raises(FileNotFoundError):
        restore(live_server.data / "asnity.db", tmp_path / "nothing.db")
    assert {each.name for each in live_server.data.iterdir()} == {"asnity.db", "asnity.db.lock", "asnity.db.witness"}
    await live_server.start()
    assert len(await live_server.texts()) == 15


async def test_what_was_there_before_the_restore_can_be_put_back_too(live_server: RestorableServer) -> None:
    await live_server.stop()
    aside = restore(live_server.data / "asnity.db", live_server.copy)
    assert aside is not None
    restore(live_server.data / "asnity.db", aside)
    await live_server.start()
    assert (await live_server.texts())[-1] == "lost 15"


async def test_a_backup_of_a_backup_is_another_generation(live_server: RestorableServer, tmp_path: Path) -> None:
    values = set()
    for source in (live_server.data / "asnity.db", live_server.copy):
        with contextlib.closing(sqlite3.connect(source)) as connection:
            values.add(connection.execute("SELECT value FROM generation").fetchone()[0])
    backup(live_server.copy, tmp_path / "second.db")
    with contextlib.closing(sqlite3.connect(tmp_path / "second.db")) as connection:
        values.add(connection.execute("SELECT value FROM generation").fetchone()[0])
    assert len(values) == 3


@pytest.mark.slow
async def test_tail_goes_on_with_what_was_written_since(live_server: RestorableServer) -> None:
    said: list[str] = []
    seen: list[str] = []
    client = RemoteClient(live_server.url, live_server.alice_token)
    tail = Tail(client, lambda each: seen.append(each.message.content), say=said.append, clock=SystemClock())
    running = asyncio.create_task(tail.run())
    while not seen:  # it says nothing when it begins
        await live_server.say("are you there?")
        await asyncio.sleep(0.05)
    seen.clear()
    await live_server.stop()
    put_back(live_server)
    await live_server.start()
    await live_server.say(*(f"new {number}" for number in range(1, 9)))
    await until(lambda: len(seen) >= 8)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await client.close()
    assert [each for each in seen if each != "are you there?"] == [f"new {number}" for number in range(1, 9)]
    assert any("restored" in each for each in said)
