"""A scenario: people who write through all gateways while something happens to programs and lines."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from asnity_server.protocol import requests, routes
from asnity_tui.client.transport.remote import RemoteClient
from tests.contract.harness import SignUpHarness

from .client import RecordingClient
from .history import History, StoredMessage, Violation
from .promises import broken, summary

QUIET = 15.0
"""Seconds in which, once nothing happens any more, all views must have become right."""


@dataclass
class Outcome:
    """The outcome of a run."""

    history: History
    violations: list[Violation]
    clients: Sequence[RecordingClient]
    settled: float
    """Seconds after the last fault until every view was right."""

    def require_kept(self) -> None:
        """Fail with the shortest offending history where a promise was broken."""
        assert not self.violations, f"{len(self.violations)} promises were broken; the shortest:\n{self.violations[0]}"
        counts = summary(self.history)
        assert counts.get("Acknowledged", 0) > 20, counts
        assert counts.get("Told", 0) > 20, counts


def stored_messages(database: Path) -> list[StoredMessage]:
    """Read all messages of a database."""
    with sqlite3.connect(database) as connection:
        rows = connection.execute(
            "SELECT channel_id, id, rev, nonce, sender_id, content, type = 'TEXT' FROM messages ORDER BY seq"
        ).fetchall()
    connection.close()
    return [StoredMessage(*row[:6], bool(row[6])) for row in rows]


class Scenario:
    """Some people in one community, each with a recording client at one of several addresses."""

    def __init__(self, api_url: str, urls: Sequence[str], database: Path, *, people: int) -> None:
        """`urls` are the addresses of sockets (each also answers HTTP); `database` is looked at in the end."""
        self._api_url = api_url
        self._urls = urls
        self._database = database
        self._people = people
        self.history = History()
        self.clients: list[RecordingClient] = []
        self.channel_id = ""

    async def set(self) -> None:
        """Let the people sign up, and connect them."""
        stage = SignUpHarness(lambda: RemoteClient(self._api_url))
        persons = [await stage.person(f"person{number}") for number in range(self._people)]
        lab = await persons[0].found("Lab")
        self.channel_id = await persons[0].channel(lab.id, "talk")
        await persons[0].let_in(lab.id, *persons[1:])
        for person in persons[1:]:
            await person.call(
                routes.ADD_CHANNEL_MEMBER,
                requests.OfChannelMember(channel_id=self.channel_id, user_id=person.user.id),
            )
        for number, person in enumerate(persons):
            assert person.client.token is not None
            url = self._urls[number % len(self._urls)]
            client = RecordingClient(f"p{number}", url, person.client.token, person.user.id, lab.id, self.history)
            self.clients.append(client)
            client.start()
        for each in stage.clients:
            await each.close()
        async with asyncio.timeout(QUIET):
            for client in self.clients:
                await client.ready()

    async def run(
        self, fault: Callable[[], Awaitable[None]], *, pipelined: int = 3, silent: Sequence[RecordingClient] = ()
    ) -> Outcome:
        """Let everybody but the `silent` write while `fault` happens; then wait until it is quiet, and check.

        The silent may be gone in the end.
        """
        going = True
        present = [each for each in self.clients if each not in silent]

        async def writer(client: RecordingClient) -> None:
            while going:
                await client.write(self.channel_id)

        writers = [asyncio.create_task(writer(client)) for client in present for _ in range(pipelined)]
        await fault()
        ended = time.monotonic()
        going = False
        async with asyncio.timeout(QUIET * 3):
            await asyncio.gather(*writers)
        stored = await asyncio.to_thread(stored_messages, self._database)
        ids = {each.message_id for each in stored if each.channel_id == self.channel_id}
        await self._until_right(present, ids)
        settled = time.monotonic() - ended
        async with asyncio.timeout(QUIET):
            views = [view for client in present for view in await client.views()]
        return Outcome(self.history, broken(self.history, stored, views), self.clients, settled)

    async def _until_right(self, clients: Sequence[RecordingClient], ids: set[int]) -> None:
        """Wait until everybody sees these messages, or for too long: that is found by who compares."""

        def is_right() -> bool:
            return all(client.messages.get(self.channel_id, {}).keys() == ids for client in clients)

        deadline = time.monotonic() + QUIET
        while time.monotonic() < deadline and not is_right():  # noqa: ASYNC110 - several kinds of things make it so
            await asyncio.sleep(0.02)

    async def close(self) -> None:
        """End all clients."""
        for client in self.clients:
            await client.stop()
