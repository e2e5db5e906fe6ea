"""The server's metrics in Prometheus' text format: how much, never who or what."""

from __future__ import annotations

import resource
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from asnity_server.db.database import Database
from asnity_server.gateway.delivery.connection_limit import ConnectionLimit
from asnity_server.gateway.gateway import Gateway
from asnity_server.gateway.mending import Mending
from asnity_server.gateway.remote_backend import RemoteBackend
from asnity_server.http.connections import HttpConnections
from asnity_server.link.server import LinkServer
from asnity_server.protocol.errors import Code

from . import __version__

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Metric:
    """One metric, with a value for each set of labels."""

    name: str
    kind: Literal["counter", "gauge"]
    meaning: str
    values: Mapping[Labels, float]


def _one(name: str, kind: Literal["counter", "gauge"], meaning: str, value: float) -> Metric:
    return Metric(name, kind, meaning, {(): value})


Doors = Mapping[str, tuple[int, Counter[Code]]]
"""By the door that requests come through: how many, and refusals by code."""


def of_process() -> Iterator[Metric]:
    """Yield the metrics of the running program."""
    yield Metric("asnity_info", "gauge", "The running version.", {(("version", __version__),): 1})
    usage = resource.getrusage(resource.RUSAGE_SELF)
    seconds = usage.ru_utime + usage.ru_stime
    yield _one("process_cpu_seconds_total", "counter", "Processor time used, in seconds.", seconds)
    yield _one("process_resident_memory_bytes", "gauge", "Memory in use.", _resident(usage.ru_maxrss))


def of_database(database: Database) -> Iterator[Metric]:
    """Yield the metrics of writing and reading."""
    load = database.load()
    intact = not database.health.problem
    yield _one("asnity_database_intact", "gauge", "1 while nothing is wrong with the database's files.", intact)
    yield _one("asnity_commits_total", "counter", "Transactions on disk.", load.commits)
    yield _one("asnity_works_total", "counter", "Pieces of work in them, refused ones included.", load.works)
    yield _one("asnity_write_queue", "gauge", "Pieces of work that wait for the writer.", load.waiting)
    yield _one("asnity_read_queue", "gauge", "Queries that run or wait.", load.reading)
    yield _one("asnity_search_queue", "gauge", "Searches that run or wait.", load.searching)


def of_gateway(gateway: Gateway, connection_limit: ConnectionLimit) -> Iterator[Metric]:
    """Yield the metrics of clients' sockets."""
    yield _one("asnity_connections", "gauge", "Open sockets.", gateway.connections)
    yield _one("asnity_connected_sessions", "gauge", "Sessions with an open socket.", gateway.sessions)
    messages: dict[Labels, float] = {
        (("change", change),): count for change, count in gateway.dispatcher.messages().items()
    }
    yield Metric("asnity_messages_total", "counter", "Messages stored, edited and deleted.", messages)
    turned_away = connection_limit.refused
    yield _one("asnity_connections_refused_total", "counter", "Sockets beyond an address's limit.", turned_away)


def of_doors(doors: Doors) -> Iterator[Metric]:
    """Yield the metrics of requests."""
    asked: dict[Labels, float] = {(("door", door),): requests for door, (requests, _) in doors.items()}
    yield Metric("asnity_requests_total", "counter", "Requests by the door that they came through.", asked)
    refused: dict[Labels, float] = {}
    for door, (_, refusals) in doors.items():
        refused |= {(("code", code), ("door", door)): count for code, count in sorted(refusals.items())}
    yield Metric("asnity_refusals_total", "counter", "Requests that were refused, by door and code.", refused)


def of_http(connections: HttpConnections) -> Iterator[Metric]:
    """Yield the metrics of connections that speak HTTP."""
    yield _one("asnity_http_connections", "gauge", "Open connections that speak HTTP.", len(connections))
    yield _one("asnity_http_connections_refused_total", "counter", "Those beyond a limit.", connections.refused)
    late = "Those that were ended, as they asked nothing or didn't read their answer."
    yield _one("asnity_http_connections_dropped_total", "counter", late, connections.dropped)


def of_link_server(links: LinkServer) -> Iterator[Metric]:
    """Yield the metrics of an API program's links."""
    epoch, number = links.position
    yield _one("asnity_shard_epoch", "gauge", "Starts of the program that writes.", epoch)
    yield _one("asnity_shard_number", "gauge", "The number of the last commit.", number)
    yield _one("asnity_gateways", "gauge", "Gateways that are linked.", links.linked)
    yield _one(
        "asnity_link_foreign_asks_total", "counter", "Asks for sessions not proven on their link.", links.foreign_asks
    )
    lag: dict[Labels, float] = {(("gateway", each.name),): each.unconfirmed for each in links.links}
    yield Metric("asnity_link_unconfirmed_frames", "gauge", "Frames that a gateway hasn't confirmed.", lag)


def of_link_client(backend: RemoteBackend, mending: Mending) -> Iterator[Metric]:
    """Yield the metrics of a gateway's link."""
    link = backend.link
    epoch, number = backend.sequence.position
    yield _one("asnity_linked", "gauge", "1 while the API is linked.", link.is_linked)
    yield _one("asnity_shard_epoch", "gauge", "The epoch of the API that tells.", epoch)
    yield _one("asnity_shard_number", "gauge", "The number of the commit up to which everything was told.", number)
    yield _one("asnity_link_breaks_total", "counter", "Links that were lost.", link.breaks)
    yield _one("asnity_link_round_trip_seconds", "gauge", "How long the last answer took.", link.round_trip)
    yield _one("asnity_asks_held", "gauge", "Asks that wait for a link.", link.held)
    yield _one("asnity_asks_unanswered", "gauge", "Asks that wait for their answer.", link.unanswered)
    sent, received = link.traffic
    sizes: dict[Labels, float] = {(("direction", "sent"),): sent, (("direction", "received"),): received}
    yield Metric("asnity_link_bytes_total", "counter", "Bytes over the link.", sizes)
    yield _one("asnity_mends_total", "counter", "Times that the gateway asked what still holds.", mending.mends)
    yield _one("asnity_resyncs_total", "counter", "Sockets that were told to compare.", mending.resyncs)


def _resident(largest: int) -> float:
    """Bytes at present where the system tells (proc(5)), else the most there ever were (getrusage(2))."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return largest * (1 if sys.platform == "darwin" else 1024)
    return pages * resource.getpagesize()


def render(metrics: Iterable[Metric]) -> str:
    """Figures as text. Labels are ours: nothing that somebody sent is ever among them."""
    lines = []
    for metric in metrics:
        lines += [f"# HELP {metric.name} {metric.meaning}", f"# TYPE {metric.name} {metric.kind}"]
        for labels, value in metric.values.items():
            shown = ",".join(f'{name}="{label}"' for name, label in labels)
            lines.append(f"{metric.name}{{{shown}}} {value:g}" if shown else f"{metric.name} {value:.17g}")
    return "\n".join(lines) + "\n"
