"""The table of bounds: the rows of all areas, as docs/bounds.md has them."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass

from . import areas
from .row import Bound

HEAD = "| what is bounded | how many, how long | what happens beyond | where it is set |\n|---|---|---|---|"


@dataclass(frozen=True)
class Area:
    """A section of the document."""

    name: str
    title: str
    rows: tuple[Bound, ...]
    ours: Mapping[str, str]
    """Containers and calls that no row bounds, each with the reason why no stranger can make them grow."""

    @property
    def table(self) -> str:
        """The section's rows."""
        return "\n".join([HEAD, *(each.line for each in self.rows)])


@functools.cache
def all_areas() -> tuple[Area, ...]:
    """Every module of `areas`."""
    found = []
    for each in sorted(pkgutil.iter_modules(areas.__path__), key=lambda module: module.name):
        module = importlib.import_module(f"{areas.__name__}.{each.name}")
        found.append(Area(each.name, module.TITLE, tuple(module.ROWS), getattr(module, "OURS", {})))
    return tuple(found)
