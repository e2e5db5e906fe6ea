"""The API over a real SQLite file, people in it, and everything that was published."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from asnity_server.api import channels, communities, history, members, membership, messages, read_markers
from asnity_server.api.accounts import sessions, users
from asnity_server.api.accounts.passwords import HashCost
from asnity_server.api.service import Api, HostSettings, Query, Work
from asnity_server.db.database import Database
from asnity_server.db.migrations import migrate
from asnity_server.db.transaction import Commit, WriteTx
from asnity_server.protocol import requests
from asnity_server.protocol.models import Channel, Community, Counters, Kind, Message, Role

T = TypeVar("T")
Q = TypeVar("Q")
A = TypeVar("A")

CHEAP = HashCost(time=1, memory=8)
"""A hash that guards nothing and costs nothing."""


@dataclass(frozen=True)
class Person:
    """An account with one session."""

    name: str
    id: str
    token: str


class Clock:
    """Time that a test moves."""

    def __init__(self, now: int = 1_800_000_000_000) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def forward(self, milliseconds: int) -> None:
        """Let time pass."""
        self.now += milliseconds


class ApiHarness:
    """An API, and shortcuts to fill it; all of them go through the API's own works."""

    def __init__(self, path: Path, **hosting: Any) -> None:
        self.path = path
        self.clock = Clock()
        self.hosting = HostSettings(hash_cost=CHEAP, setup_code="set-up", **hosting)
        self.commits: list[Commit] = []

    async def open(self) -> ApiHarness:
        """Open the file, making it where there is none."""
        await asyncio.to_thread(migrate, self.path)
        self.database = await Database.open(self.path, deliver=self._deliver, clock=self.clock)
        self.api = Api(self.database, self.hosting, clock=lambda: self.clock.now / 1000)
        return self

    async def close(self) -> None:
        """Let go of it."""
        await self.database.close()
        self.api.close()

    async def reopen(self) -> None:
        """Restart the server."""
        await self.close()
        await self.open()

    def _deliver(self, commit: Commit) -> None:
        self.commits.append(commit)
        for work in commit.works:
            work.release()

    # What was told

    @property
    def changes(self) -> list[Any]:
        """Everything that was published, in order."""
        return [change for commit in self.commits for work in commit.works for change in work.changes]

    def told(self, kind: type[T]) -> list[T]:
        """List the changes of one kind that were published."""
        return [change for change in self.changes if isinstance(change, kind)]

    def forget(self) -> None:
        """Start listening anew."""
        self.commits.clear()

    # Who is there

    async def person(self, name: str) -> Person:
        """A new account, signed in."""

        def work(tx: WriteTx) -> Person:
            user_id = users.make_account(tx, name, name, "no password")
            return Person(name, user_id, sessions.new_session(tx, user_id, "test"))

        return await self.database.write(work)

    async def people(self, *names: str) -> list[Person]:
        """Several of them."""
        return [await self.person(name) for name in names]

    async def device(self, person: Person) -> Person:
        """The same person on one more device."""
        token = await self.database.write(lambda tx: sessions.new_session(tx, person.id, "other"))
        return Person(person.name, person.id, token)

    async def do(self, person: Person, work: Work[Q, A], request: Q) -> A:
        """Something that writes."""
        return await self.api.change(person.token, work, request)

    async def ask(self, person: Person, query: Query[Q, A], request: Q) -> A:
        """Something that reads."""
        return await self.api.query(person.token, query, request)

    async def sql(self, statement: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Read the tables themselves."""
        return await self.database.read(lambda view: view.all(statement, parameters))

    async def erased(self) -> None:
        """Wait until nothing of what was deleted is left to erase."""
        self.api.deferred_deletes.wake()
        async with asyncio.timeout(20):
            while await self.sql("SELECT 1 FROM erasures"):
                pass  # asking is waiting

    async def run_errands(self) -> None:
        """Wait until everyone's direct channels were gone through."""
        self.api.direct_list_tasks.wake()
        async with asyncio.timeout(20):
            while await self.sql("SELECT 1 FROM direct_errands"):
                pass  # asking is waiting

    # Communities and channels

    async def community(self, owner: Person, *others: Person, admins: Sequence[Person] = ()) -> Community:
        """A new community with these people in it."""
        made = await self.do(owner, communities.create_community, requests.CreateCommunity(name="Lab"))
        for other in (*others, *admins):
            await self.enter(made.id, other)
        for admin in admins:
            await self.role(made.id, admin, "admin")
        return made

    async def enter(self, community_id: str, person: Person) -> None:
        """Make somebody a member."""
        await self.database.write(lambda tx: membership.enter_community(tx, community_id, person.id))

    async def role(self, community_id: str, person: Person, role: Role) -> None:
        """Give a member a role."""
        await self.database.write(
            lambda tx: tx.run(
                "UPDATE memberships SET role = ? WHERE community_id = ? AND user_id = ?",
                (role, community_id, person.id),
            )
        )

    async def general(self, community: Community) -> str:
        """The id of the channel that everyone is in."""
        return await self.database.read(lambda view: membership.general_of(view, community.id))

    async def channel(
        self, owner: Person, community: Community, name: str, *others: Person, kind: Kind = "public"
    ) -> Channel:
        """A new channel with these people in it."""
        assert kind != "direct"
        request = requests.CreateChannel(community_id=community.id, name=name, kind=kind)
        made = await self.do(owner, channels.create_channel, request)
        for other in others:
            await self.database.write(lambda tx, other=other: membership.enter_channel(tx, made.id, other.id))
        return made

    async def kick(self, host: Person, community: Community, guest: Person) -> None:
        """Throw somebody out of a community."""
        request = requests.RemoveMember(community_id=community.id, user_id=guest.id)
        await self.do(host, members.remove_member, request)

    # Messages

    async def post(self, person: Person, channel_id: str, content: str, **more: Any) -> Message:
        """Write a message."""
        request = requests.PostMessage(channel_id=channel_id, content=content, **more)
        return await self.do(person, messages.post, request)

    async def edit(self, person: Person, message: Message, content: str, **more: Any) -> Message:
        """Change a message."""
        request = requests.EditMessage(channel_id=message.channel_id, chat_id=message.id, content=content, **more)
        return await self.do(person, messages.edit, request)

    async def delete(self, person: Person, message: Message, **more: Any) -> Message:
        """Delete a message."""
        request = requests.DeleteMessage(channel_id=message.channel_id, chat_id=message.id, **more)
        return await self.do(person, messages.delete, request)

    async def history(self, person: Person, channel_id: str, **more: Any) -> Any:
        """A page of messages."""
        return await self.ask(person, history.get_history, requests.History(channel_id=channel_id, **more))

    async def changes_since(self, person: Person, channel_id: str, since: int, **more: Any) -> Any:
        """List the changes of messages since a rev."""
        return await self.ask(person, history.get_changes, requests.Changes(channel_id=channel_id, since=since, **more))

    async def read(self, person: Person, channel_id: str, read_id: int, *, set_back: bool = False) -> Counters:
        """Move a read marker."""
        request = requests.MoveReadMarker(channel_id=channel_id, read_id=read_id, set_back=set_back)
        return await self.do(person, read_markers.move_read_marker, request)

    async def counters(self, person: Person, channel_id: str) -> Counters:
        """Count a channel for somebody."""
        return await self.ask(person, read_markers.get_counters, requests.OfChannel(channel_id=channel_id))
