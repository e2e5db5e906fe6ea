"""The deployments that are compared: one program, an API with gateways, and the original's shape in Node."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from asnity_server.bus import Bus
from asnity_server.db.database import Database
from asnity_server.db.migrations import migrate
from asnity_server.programs.program_settings import API_OPTIONS, GATEWAY_OPTIONS
from tests.benchmarks.delivery.subjects import World, anybody, community_of_all, crowded, sync_of
from tests.benchmarks.program import Program
from tests.unlimited import UNLIMITED, unlimited

LISTENS = r"listens on http://[^:]+:(\d+)"
PYTHON = (sys.executable, "-m", "asnity_server")
EMBEDDED, SPLIT, NODE = "embedded", "split", "node"


class Deployment:
    """Running programs, with a folder of their own and people in their database."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.folder = Path(tempfile.mkdtemp(prefix="asnity-reach-"))
        self.programs: dict[str, Program] = {}
        """By a name such as api or g1."""
        self.http_port = 0
        self.socket_ports: list[int] = []
        self.worlds: list[World] = []
        """One community for each number of people that was asked for."""
        self.further: list[tuple[str, str]] = []
        """Further communities of people of the first, and a channel of each."""

    @property
    def world(self) -> World:
        """The first community."""
        return self.worlds[0]

    def cpu(self) -> dict[str, float]:
        """Seconds of CPU that each program used so far."""
        return {name: program.cpu() for name, program in self.programs.items()}

    def disk(self) -> float:
        """See `sync_of`."""
        return sync_of(self.folder)

    def stop(self) -> None:
        """End all, with their data."""
        for program in reversed(self.programs.values()):
            program.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass(frozen=True)
class People:
    """The people that a deployment begins with."""

    crowds: tuple[int, ...]
    """So many, in a community of their own for each number."""
    further: int = 0
    """So many further communities with people of the first."""
    in_further: int = 0
    """So many of them in each."""


async def _populate(deployment: Deployment, people: People) -> None:
    path = deployment.folder / "asnity.db"
    await asyncio.to_thread(migrate, path)
    database = await Database.open(path, deliver=Bus().publish)
    first: list[str] = []
    for number, count in enumerate(people.crowds):
        world, ids = await crowded(database, count, f"crowd{number}member")
        deployment.worlds.append(world)
        first = first or ids
    for _ in range(people.further):
        deployment.further.append(await community_of_all(database, first[: people.in_further]))
    await database.close()


async def embedded(people: People, *, core: int = 0) -> Deployment:
    """API and gateway in one program."""
    deployment = Deployment(EMBEDDED)
    await _populate(deployment, people)
    command = [*PYTHON, "--port", "0", "--data", str(deployment.folder), *UNLIMITED]
    deployment.programs["server"] = program = Program(command, core=core, sign=LISTENS)
    deployment.http_port = program.port
    deployment.socket_ports.append(program.port)
    return deployment


async def split(
    people: People, *, gateways: int = 1, core: int = 0, gateway_core: int = 0, drain: float = 30
) -> Deployment:
    """An API program, and gateways linked to it over a Unix socket."""
    deployment = Deployment(SPLIT)
    await _populate(deployment, people)
    link = f"unix:{deployment.folder / 'link.sock'}"
    command = [*PYTHON, "api", "--port", "0", "--data", str(deployment.folder), "--link", link, *unlimited(API_OPTIONS)]
    deployment.programs["api"] = api = Program(command, core=core, sign=LISTENS)
    deployment.http_port = api.port
    for number in range(1, gateways + 1):
        name = f"g{number}"
        command = [*PYTHON, "gateway", "--api", link, "--name", name, "--port", "0", "--drain", f"{drain:.0f}"]
        command += unlimited(GATEWAY_OPTIONS)
        deployment.programs[name] = gateway = Program(command, core=gateway_core, sign=LISTENS)
        deployment.socket_ports.append(gateway.port)
    return deployment


async def node_over_http(people: People, modules: Path, *, core: int = 0) -> Deployment:
    """A socket server in Node that asks an API server in Node over HTTP. It has no accounts: any token will do."""
    deployment = Deployment(NODE)
    deployment.worlds = [anybody(count) for count in people.crowds]
    for script in ("api.js", "gateway.js"):
        shutil.copy(Path(__file__).parent / "node" / script, modules / script)
    command = ["node", str(modules / "api.js"), str(deployment.folder / "chat.db")]
    deployment.programs["api"] = api = Program(command, core=core, sign=r"listening (\d+)")
    command = ["node", str(modules / "gateway.js"), str(api.port)]
    deployment.programs["g1"] = gateway = Program(command, core=core, sign=r"listening (\d+)")
    deployment.http_port = api.port
    deployment.socket_ports.append(gateway.port)
    return deployment
