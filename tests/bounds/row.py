"""A bound, where the program sets it, and how its value is told."""

from __future__ import annotations

import importlib
import inspect
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, get_args, get_type_hints

import msgspec

from asnity_server.config import ServerSettings

Unit = Literal["", "bytes", "KB", "seconds", "milliseconds"]


class Source(Protocol):
    """The place where a value is set."""

    @property
    def value(self) -> Any:
        """The value as the program has it."""

    @property
    def unit(self) -> Unit:
        """The unit that it counts; nothing where that is told in words."""

    @property
    def place(self) -> tuple[str, str]:
        """Its name, and where it stands."""


@dataclass(frozen=True)
class Constant:
    """A constant of a module, or of a class in it (`Database.WAITING`)."""

    module: str
    name: str
    unit: Unit = ""

    @property
    def value(self) -> Any:
        """See `Source`."""
        found: Any = importlib.import_module(self.module)
        for part in self.name.split("."):
            found = getattr(found, part)
        return found

    @property
    def place(self) -> tuple[str, str]:
        """See `Source`."""
        return self.name, f"`{_file(self.module)}`"


@dataclass(frozen=True)
class Default:
    """The value of a parameter where nobody gives another one, as in `Default("asnity_server.x", "Thing", "most")`."""

    module: str
    callable: str
    parameter: str
    unit: Unit = ""

    @property
    def value(self) -> Any:
        """See `Source`."""
        function = Constant(self.module, self.callable).value
        return inspect.signature(function).parameters[self.parameter].default

    @property
    def place(self) -> tuple[str, str]:
        """See `Source`."""
        return f"{self.callable}({self.parameter}=…)", f"`{_file(self.module)}`"


@dataclass(frozen=True)
class Setting:
    """A setting of the server; its value is the default."""

    name: str
    unit: Unit = ""

    @property
    def value(self) -> Any:
        """See `Source`."""
        return next(each.default for each in msgspec.structs.fields(ServerSettings) if each.name == self.name)

    @property
    def place(self) -> tuple[str, str]:
        """See `Source`."""
        return self.name, "the settings"


@dataclass(frozen=True)
class Longest:
    """The `max_length` of a request's field (`Join.channels`), or of a type of fields (`Line`)."""

    name: str
    module: str = "asnity_server.protocol.requests"
    unit: Unit = ""

    @property
    def value(self) -> Any:
        """See `Source`."""
        owner, _, attribute = self.name.partition(".")
        found = Constant(self.module, owner).value
        if attribute:
            found = get_type_hints(found, include_extras=True)[attribute]
        lengths = [each.max_length for each in _metas(found) if each.max_length is not None]
        assert len(lengths) == 1, self.name
        return lengths[0]

    @property
    def place(self) -> tuple[str, str]:
        """See `Source`."""
        return self.name, f"`{_file(self.module)}`"


def _metas(kind: Any) -> list[msgspec.Meta]:
    """What is asked of the whole of a type, one that may be None included."""
    found = [each for each in getattr(kind, "__metadata__", ()) if isinstance(each, msgspec.Meta)]
    return found or [meta for part in get_args(kind) for meta in _metas(part)]


def _file(module: str) -> str:
    return module.replace(".", "/") + ".py"


@dataclass(frozen=True)
class Bound:
    """One row."""

    what: str
    """What is bounded."""
    many: str
    """How many, how long: with {} where the values of `set_at` stand, in their order."""
    beyond: str
    """What happens beyond."""
    set_at: tuple[Source, ...]
    tests: tuple[str, ...]
    """Tests that fill the bound and see what happens beyond, as `tests/area/test_thing.py::test_in_words`."""
    holds: tuple[str, ...] = field(default=())
    """The containers and calls of the program that it bounds, as `asnity_server.module:Class.attribute` (a container),
    `asnity_server.module:Class.method` (what starts a task, a timer or a thread) or `asnity_server.module:Class` (all
    of them in a class), and the tables of the database as `table:name`."""

    @property
    def filled(self) -> str:
        """`many` with its values."""
        return self.many.format(*(_shown(each.value, each.unit) for each in self.set_at))

    @property
    def line(self) -> str:
        """The row of the document."""
        names: dict[str, list[str]] = {}
        for each in self.set_at:
            name, where = each.place
            names.setdefault(where, []).append(f"`{name}`")
        places = "; ".join(f"{', '.join(found)} in {where}" for where, found in names.items())
        return f"| {self.what} | {self.filled} | {self.beyond} | {places} |"


_STEPS: dict[Unit, tuple[tuple[int, str], ...]] = {
    "": (),
    "KB": ((1, "KB"),),
    "bytes": ((1024 * 1024, "MB"), (1024, "KB"), (1, "bytes")),
    "seconds": ((24 * 3600, "days"), (3600, "h"), (60, "min"), (1, "s")),
    "milliseconds": ((24 * 3600_000, "days"), (3600_000, "h"), (60_000, "min"), (1000, "s"), (1, "ms")),
}


def _shown(value: Any, unit: Unit) -> str:
    """A value as people read it: 64 KB, 10 min, 20,000."""
    for size, name in _STEPS[unit]:
        if value % size == 0 and value >= (2 * size if name == "days" else size):
            return f"{int(value // size):,} {name}"
    if unit in ("seconds", "milliseconds"):
        return f"{value:g} {_STEPS[unit][-1][1]}"
    return f"{value:,}" if isinstance(value, int) else f"{value}"
