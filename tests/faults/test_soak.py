"""A minute of everything at once: 500 clients come, go, stall and are cut while 20 write."""

from __future__ import annotations

import asyncio
import functools
import random
import re
from pathlib import Path

import pytest

from asnity_server.api import messages
from asnity_server.api.access import load_caller_by_token
from asnity_server.api.accounts.sessions import token_hash
from asnity_server.bus import Bus
from asnity_server.db.database import Database
from asnity_server.protocol.requests import PostMessage
from tests.benchmarks.delivery.generator import Wire
from tests.benchmarks.delivery.subjects import World, populate

from .process import PATIENCE, ServerProcess

HISTORY = 30_000
SECONDS, WARM_UP = 60.0, 30.0
"""The first round fills every cache and pool (the memory then stays as it is); the second one is looked at."""
CLIENTS, SENDERS, FLAPPING, CUT, SLOW = 500, 20, 50, 30, 20
PAUSE = 0.25
"""Seconds between two messages of one sender."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

_TOLD = re.compile(rb'\["new-chat",\{"id":(\d+),')
_ANSWERED = re.compile(rb'\{"id":(\d+),[^}]*\}[^}]*\},"written":true|"chatInfo":\{"id":(\d+),')


class Member:
    """One client, and the ids that reached it, in the order in which they did."""

    def __init__(self, world: World, number: int, port: int) -> None:
        self._world = world
        self.number = number
        self._port = port
        self.told: list[int] = []
        self.acknowledged: list[int] = []
        self._carry = b""
        self.wire: Wire

    async def come(self) -> None:
        """Connect and enter the room."""
        loop = asyncio.get_running_loop()
        self.wire = Wire(loop, self._world.namespace)
        self._carry = b""
        await self.wire.connect(self._port)
        await self.wire.enter(self._world.tokens[self.number])
        self.wire.on_data = self._look
        await self.wire.join(self._world.channel_id)

    def _look(self, data: bytes) -> None:
        data = self._carry + data
        end = 0
        for found in _TOLD.finditer(data):
            self.told.append(int(found.group(1)))
            end = found.end()
        for found in _ANSWERED.finditer(data, 0):
            number = int(found.group(1) or found.group(2))
            if not self.acknowledged or self.acknowledged[-1] != number:
                self.acknowledged.append(number)
            end = max(end, found.end())
        self._carry = data[end:][-600:]

    async def write(self, until: float) -> None:
        """Write at a steady pace."""
        loop, count = asyncio.get_running_loop(), 0
        while loop.time() < until:
            count += 1
            self.wire.say(self._world.channel_id, f"{self.number}: {count}", f"{until}-{self.number}-{count}")
            await asyncio.sleep(PAUSE)

    async def come_and_go(self, until: float, *, cut: bool) -> None:
        """Leave or be cut, come back; what was told between is in order and without holes."""
        loop = asyncio.get_running_loop()
        chance = random.Random(self.number)
        while loop.time() < until:
            await asyncio.sleep(chance.uniform(0.5, 3))
            if cut:
                self.wire._transport.abort()
            else:
                self.wire.close()
            check_in_order(self.told)
            self.told = []
            await asyncio.sleep(chance.uniform(0, 0.5))
            await self.come()

    async def stall(self, until: float) -> None:
        """Read now and then."""
        loop, chance = asyncio.get_running_loop(), random.Random(self.number)
        while loop.time() < until:
            self.wire._transport.pause_reading()  # type: ignore[attr-defined]
            await asyncio.sleep(chance.uniform(0.5, 2))
            self.wire._transport.resume_reading()  # type: ignore[attr-defined]
            await asyncio.sleep(chance.uniform(0.1, 0.5))


def check_in_order(ids: list[int]) -> None:
    """Each once, ascending, nothing left out between the first and the last."""
    if ids:
        assert ids == list(range(ids[0], ids[0] + len(ids)))


def with_own(member: Member) -> list[int]:
    """List the messages that a sender was told of or got acknowledged."""
    return sorted(member.told + member.acknowledged)


async def repaired(server: ServerProcess, world: World, since: int) -> list[int]:
    """Everything beyond a rev, as a client that was cut asks for it."""
    found: list[int] = []
    while True:
        path = f"/api/channels/{world.channel_id}/changes?since={since}&limit=100"
        page = await server.call("GET", path, world.tokens[0])
        found += [each["id"] for each in page["messages"]]
        since = page["rev"]
        if not page["more"]:
            return found


async def write_history(path: Path, world: World) -> None:
    """Enough messages to fill the page cache of every connection to the database, which then grows no more."""
    database = await Database.open(path, deliver=Bus().publish)
    caller = await database.read(lambda view: load_caller_by_token(view, token_hash(world.tokens[0])))
    for number in range(HISTORY):
        request = PostMessage(channel_id=world.channel_id, content=f"{number} " + "history " * 20)
        work = functools.partial(messages.post, caller=caller, request=request)
        if number % 500 == 499:
            await database.write(work)
        else:
            database.submit(work, lambda outcome: None)
    await database.close()


def resident(server: ServerProcess) -> int:
    """The server's memory in KB."""
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1))  # type: ignore[union-attr]


async def a_round(server: ServerProcess, world: World, seconds: float) -> list[Member]:
    """All clients, for some time."""
    loop = asyncio.get_running_loop()
    members = [Member(world, number, server.port) for number in range(CLIENTS)]
    for start in range(0, CLIENTS, 50):
        await asyncio.gather(*(member.come() for member in members[start : start + 50]))
    until = loop.time() + seconds
    groups = iter(members)
    jobs = [next(groups).write(until) for _ in range(SENDERS)]
    jobs += [next(groups).come_and_go(until, cut=False) for _ in range(FLAPPING)]
    jobs += [next(groups).come_and_go(until, cut=True) for _ in range(CUT)]
    jobs += [next(groups).stall(until) for _ in range(SLOW)]
    await asyncio.gather(*jobs)
    return members


async def all_told(members: list[Member], last: int) -> None:
    """Wait until the newest message has reached everyone who stayed."""
    async with asyncio.timeout(PATIENCE):
        while not all(with_own(member)[-1:] == [last] for member in members):  # noqa: ASYNC110
            await asyncio.sleep(0.05)  # polled: what comes is counted in bytes, nothing tells of it


async def test_a_minute_of_everything(tmp_path: Path) -> None:
    world, _ = await populate(tmp_path / "asnity.db", CLIENTS)
    await write_history(tmp_path / "asnity.db", world)
    async with ServerProcess(tmp_path) as server:
        await asyncio.gather(*(repaired(server, world, 0) for _ in range(8)))
        for member in await a_round(server, world, WARM_UP):
            member.wire.close()
        await asyncio.sleep(3)
        before = resident(server)
        first = (await server.call("GET", f"/api/channels/{world.channel_id}/counters", world.tokens[0]))["lastId"]

        members = await a_round(server, world, SECONDS)
        last = (await server.call("GET", f"/api/channels/{world.channel_id}/counters", world.tokens[0]))["lastId"]
        stayed = [m for m in members if m.number < SENDERS or m.number >= SENDERS + FLAPPING + CUT + SLOW]
        await all_told(stayed, last)
        for member in stayed:
            assert with_own(member) == list(range(first + 1, last + 1)), member.number
            assert member.told == sorted(member.told)
        acknowledged = sorted(number for member in members[:SENDERS] for number in member.acknowledged)
        assert acknowledged == list(range(first + 1, last + 1))
        for member in members[SENDERS : SENDERS + FLAPPING + CUT]:
            check_in_order(member.told)
        assert await repaired(server, world, first) == list(range(first + 1, last + 1))

        for member in members:
            member.wire.close()
        await asyncio.sleep(3)
        after = resident(server)
        assert after <= before * 1.05, f"{before} KB before, {after} KB after"
        assert "Traceback" not in server.log
