"""The server's metrics in Prometheus' text format: how much, never who or what."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from asnity_server.api.service import Api
from asnity_server.gateway.delivery.connection_limit import ConnectionLimit
from asnity_server.gateway.gateway import Gateway
from asnity_server.http.connections import HttpConnections
from asnity_server.http.errors import RequestCounts

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


class Metrics:
    """Collects all counters when they are asked for."""

    def __init__(
        self,
        api: Api,
        gateway: Gateway,
        connection_limit: ConnectionLimit,
        connections: HttpConnections,
        counts: RequestCounts,
    ) -> None:
        self._api = api
        self._gateway = gateway
        self._connection_limit = connection_limit
        self._http = connections
        self._counts = counts

    def text(self) -> str:
        """All of them in Prometheus' text format, version 0.0.4."""
        return render([*self._server(), *self._writing(), *self._talking()])

    def _server(self) -> Iterator[Metric]:
        yield Metric("asnity_info", "gauge", "The running version.", {(("version", __version__),): 1})
        usage = resource.getrusage(resource.RUSAGE_SELF)
        seconds = usage.ru_utime + usage.ru_stime
        yield _one("process_cpu_seconds_total", "counter", "Processor time used, in seconds.", seconds)
        yield _one("process_resident_memory_bytes", "gauge", "Memory in use.", _resident(usage.ru_maxrss))

    def _writing(self) -> Iterator[Metric]:
        load = self._api.database.load()
        intact = not self._api.database.health.problem
        yield _one("asnity_database_intact", "gauge", "1 while nothing is wrong with the database's files.", intact)
        yield _one("asnity_commits_total", "counter", "Transactions on disk.", load.commits)
        yield _one("asnity_works_total", "counter", "Pieces of work in them, refused ones included.", load.works)
        yield _one("asnity_write_queue", "gauge", "Pieces of work that wait for the writer.", load.waiting)
        yield _one("asnity_read_queue", "gauge", "Queries that run or wait.", load.reading)
        yield _one("asnity_search_queue", "gauge", "Searches that run or wait.", load.searching)

    def _talking(self) -> Iterator[Metric]:
        gateway = self._gateway
        yield _one("asnity_connections", "gauge", "Open sockets.", gateway.connections)
        yield _one("asnity_connected_sessions", "gauge", "Sessions with an open socket.", gateway.sessions)
        messages: dict[Labels, float] = {
            (("change", change),): count for change, count in gateway.dispatcher.messages().items()
        }
        yield Metric("asnity_messages_total", "counter", "Messages stored, edited and deleted.", messages)
        asked: dict[Labels, float] = {
            (("door", "http"),): self._counts.requests,
            (("door", "socket"),): gateway.requests,
        }
        yield Metric("asnity_requests_total", "counter", "Requests by the door that they came through.", asked)
        refused: dict[Labels, float] = {}
        for door, counts in (("http", self._counts.refusals), ("socket", gateway.refusals)):
            refused |= {(("code", code), ("door", door)): count for code, count in sorted(counts.items())}
        yield Metric("asnity_refusals_total", "counter", "Requests that were refused, by door and code.", refused)
        turned_away = self._connection_limit.refused
        yield _one("asnity_connections_refused_total", "counter", "Sockets beyond an address's limit.", turned_away)
        yield from self._asking()

    def _asking(self) -> Iterator[Metric]:
        http = self._http
        yield _one("asnity_http_connections", "gauge", "Open connections that speak HTTP.", len(http))
        yield _one("asnity_http_connections_refused_total", "counter", "Those beyond a limit.", http.refused)
        late = "Those that were ended, as they asked nothing or didn't read their answer."
        yield _one("asnity_http_connections_dropped_total", "counter", late, http.dropped)


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
