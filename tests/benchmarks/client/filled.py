"""A person's files as yesterday left them: communities, channels, messages."""

from __future__ import annotations

import asyncio
from pathlib import Path

from asnity_server.protocol import routes
from asnity_server.protocol.requests import Empty, History
from asnity_tui.client.storage.accounts import SavedAccount, SavedAccounts
from asnity_tui.client.storage.cache import Cache
from asnity_tui.client.storage.cache_file import account_file
from asnity_tui.client.storage.storage import StoredChannel
from asnity_tui.config import Settings
from tests.fakes import FakeClient, FakeServer

LAST = "the very last words of yesterday"


async def fill(folder: Path, url: str, *, communities: int, channels: int, messages: int) -> None:
    """Write the files of somebody who was in so many channels."""
    server = FakeServer()
    me, alice = server.person("mina", "Mina"), server.person("alice")
    client = FakeClient(server, me)
    settings = Settings(data=folder)
    saved = SavedAccount(server=url, user_id=me.id, username="mina", token=client.token or "")
    cache = Cache(account_file(settings.accounts_folder, url, me.id), lambda trouble: None)
    rooms: list[str] = []
    for number in range(communities):
        lab = server.community(f"Community {number}", alice, me)
        rooms.append(server.general(lab))
        rooms += [server.channel(lab, f"channel-{n}", alice, me) for n in range(channels - 1)]
    for room in rooms:
        for number in range(messages):
            server.post(room, alice, f"message {number} with some words that a person may have written")
    server.post(rooms[0], alice, LAST)
    cache.save_sidebar(await client.call(routes.OVERVIEW, Empty()))
    for room in rooms:
        found: list[object] = []
        before = None
        while len(found) < messages:
            page = await client.call(routes.HISTORY, History(channel_id=room, before=before, limit=100))
            found = [*page.messages, *found]
            before = page.messages[0].id if page.messages else None
            if not page.has_older:
                break
        people = tuple(page.users.values())
        cache.save_channel(room, StoredChannel(rev=page.rev, messages=tuple(found[-messages:]), users=people))  # type: ignore[arg-type]
    cache.save_last_channel(rooms[0])
    await cache.close()
    SavedAccounts(settings.sessions_file).use(saved)


def fill_now(folder: Path, url: str, *, communities: int = 2, channels: int = 10, messages: int = 200) -> None:
    """The same, for whoever has no event loop."""
    asyncio.run(fill(folder, url, communities=communities, channels=channels, messages=messages))
