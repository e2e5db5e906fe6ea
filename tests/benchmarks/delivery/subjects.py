"""The servers that are compared, each pinned to one core with a database of its own."""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from asnity_server.api import communities, membership
from asnity_server.api.access import Caller
from asnity_server.api.accounts import sessions, users
from asnity_server.bus import Bus
from asnity_server.db.database import Database
from asnity_server.db.migrations import migrate
from asnity_server.protocol import requests
from asnity_server.protocol.ids import namespace_of, new_id
from tests.benchmarks.program import Program
from tests.unlimited import UNLIMITED

SERVER_CORE = 0
SMALL = 16_384
"""Bytes: about what one message alone brings to the log."""


@dataclass(frozen=True)
class World:
    """A community with people in it."""

    tokens: list[str]
    community_id: str
    channel_id: str

    @property
    def namespace(self) -> str:
        """The namespace of its community."""
        return namespace_of(self.community_id)


async def crowded(database: Database, count: int, name: str = "member") -> tuple[World, list[str]]:
    """Fill a database with people and one community with all of them, and return it with their ids."""

    def people_work(tx: object) -> tuple[list[str], list[str]]:
        ids = [users.make_account(tx, f"{name}{n}", "", "none") for n in range(count)]  # type: ignore[arg-type]
        return ids, [sessions.new_session(tx, each, "benchmark") for each in ids]  # type: ignore[arg-type]

    ids, tokens = await database.write(people_work)
    community_id, channel_id = await community_of_all(database, ids)
    return World(tokens, community_id, channel_id), ids


async def community_of_all(database: Database, ids: list[str]) -> tuple[str, str]:
    """Make a community with some people in it, the first of whom owns it; returns its id and its channel's."""
    owner = Caller(ids[0], "none")
    made = await database.write(
        lambda tx: communities.create_community(tx, owner, requests.CreateCommunity(name="Crowd"))
    )
    for start in range(1, len(ids), 200):
        chunk = ids[start : start + 200]
        await database.write(lambda tx, chunk=chunk: [membership.enter_community(tx, made.id, each) for each in chunk])
    return made.id, await database.read(lambda view: membership.general_of(view, made.id))


async def populate(path: Path, count: int, others: int = 0) -> tuple[World, list[str]]:
    """Fill a new database: people, one community with all of them, and `others` with the first of them alone."""
    await asyncio.to_thread(migrate, path)
    database = await Database.open(path, deliver=Bus().publish)
    world, ids = await crowded(database, count)
    owner = Caller(ids[0], "none")
    more: list[str] = []
    for start in range(0, others, 200):
        size = min(200, others - start)
        found = await database.write(
            lambda tx, size=size: [
                communities.create_community(tx, owner, requests.CreateCommunity(name="Other")).id for _ in range(size)
            ]
        )
        more += found
    await database.close()
    return world, more


def anybody(count: int) -> World:
    """Name a world for a peer without accounts: any token will do."""
    community_id = new_id()
    return World([f"member{n}" for n in range(count)], community_id, f"{community_id}-abcdefgh")


def sync_of(folder: Path) -> float:
    """Milliseconds that the disk takes for a small write to be safe, at this moment: others may use it, too."""
    took = []
    descriptor = os.open(folder / "probe", os.O_CREAT | os.O_WRONLY)
    for number in range(40):
        os.pwrite(descriptor, os.urandom(SMALL), number * SMALL)
        begun = time.perf_counter()
        os.fdatasync(descriptor)
        took.append((time.perf_counter() - begun) * 1000)
    os.close(descriptor)
    return statistics.median(took)


class Subject:
    """A server process."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._program: Program
        self._folder = Path(tempfile.mkdtemp(prefix="asnity-benchmark-"))
        self.port = 0
        self.world: World
        self.others: list[str] = []

    async def start(self, people_count: int, others: int = 0) -> None:
        """Run it with that many people."""
        raise NotImplementedError

    def _run(self, command: list[str], sign: str) -> None:
        self._program = Program(command, core=SERVER_CORE, sign=sign)
        self.port = self._program.port

    def memory(self) -> int:
        """Resident bytes."""
        return self._program.memory()

    def cpu(self) -> float:
        """Seconds of CPU used so far."""
        return self._program.cpu()

    def disk(self) -> float:
        """See `sync_of`."""
        return sync_of(self._folder)

    def stop(self) -> None:
        """End it, with its data."""
        self._program.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


class Ours(Subject):
    """asnity-server, with everything on."""

    def __init__(self, delivery: str) -> None:
        super().__init__("asnity" if delivery == "fast" else "stock")
        self._delivery = delivery

    async def start(self, people_count: int, others: int = 0) -> None:
        """See `Subject`."""
        self.world, self.others = await populate(self._folder / "asnity.db", people_count, others)
        command = [sys.executable, "-m", "asnity_server", "--port", "0", "--data", str(self._folder), *UNLIMITED]
        self._run([*command, "--delivery", self._delivery], r"listens on http://[^:]+:(\d+)")


class Plain(Subject):
    """The same flow with python-socketio as its documentation teaches it, and sqlite3."""

    def __init__(self) -> None:
        super().__init__("plain")

    async def start(self, people_count: int, others: int = 0) -> None:
        """See `Subject`."""
        self.world = anybody(people_count)
        command = [sys.executable, "-m", f"{__package__}.plain_server", str(self._folder / "chat.db")]
        self._run(command, r"listening (\d+)")


class Node(Subject):
    """The same flow with socket.io and better-sqlite3."""

    def __init__(self, modules: Path) -> None:
        super().__init__("node")
        self._modules = modules

    async def start(self, people_count: int, others: int = 0) -> None:
        """See `Subject`."""
        self.world = anybody(people_count)
        script = Path(__file__).parent / "node" / "server.js"
        target = self._modules / "server.js"
        shutil.copy(script, target)
        self._run(["node", str(target), "0", str(self._folder / "chat.db")], r"listening (\d+)")


def node_modules() -> Path | str:
    """A folder with the Node peer's packages, or the reason why there is none."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "there is no Node here"
    folder = Path(tempfile.gettempdir()) / "asnity-benchmark-node"
    if not (folder / "node_modules" / "better-sqlite3" / "build").exists():
        folder.mkdir(exist_ok=True)
        shutil.copy(Path(__file__).parent / "node" / "package.json", folder)
        install = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock"]
        done = subprocess.run(install, cwd=folder, capture_output=True, text=True)
        if done.returncode:
            return f"npm could not install its packages: {done.stderr.strip().splitlines()[-1:]}"
    return folder
