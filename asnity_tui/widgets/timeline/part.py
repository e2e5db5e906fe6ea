"""Nodes that are written in parts: Textual's work for a new class of nodes is done for the whole one only."""

from __future__ import annotations

from typing import Any


class Part:
    """The first base of such a node. `class More(Base, part=True)` is a part, of which there are no nodes.

    For each class of nodes Textual looks through the bases for keys, styles and reactive attributes, a third of a
    millisecond that every start waits for. The last class, which the nodes are of, finds what its parts have.
    """

    def __init_subclass__(cls, *, part: bool = False, **more: Any) -> None:
        if not part:
            super().__init_subclass__(**more)
