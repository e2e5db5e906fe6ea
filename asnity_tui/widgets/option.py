"""Options of a list to choose from: how they show, and the words that they are found by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from asnity_server.protocol.text import name_key

from .list_pane import ListEntry
from .text.styles import Span


@dataclass(frozen=True, slots=True)
class Option:
    """One line to choose, or several that belong together."""

    key: str
    left: tuple[Span, ...]
    right: tuple[Span, ...] = ()
    below: tuple[tuple[Span, ...], ...] = ()
    """More lines that belong to it."""
    also: str = ""
    """Words by which it is found, too, that don't show: each by its beginning, after what shows."""

    @property
    def text(self) -> str:
        """The text that a query is compared with."""
        return name_key("".join(word.text for part in (self.left, self.right, *self.below) for word in part))

    def distance(self, words: Sequence[str]) -> int | None:
        """Rate how far words are from its title: 0 where that begins so; None where they don't all fit."""
        shows, also = self.text, f" {name_key(self.also)}"
        if not all(word in shows or f" {word}" in also for word in words):
            return None
        title = name_key("".join(word.text for word in self.left if word.style != "faint"))
        if all(word in title for word in words):
            return 0 if title.startswith(words[0]) else 1
        return 2 if all(f" {word}" in also for word in words) else 3

    def lines(self) -> list[ListEntry]:
        """Make lines of a list of it."""
        more = [ListEntry(None, each, part_of=self.key) for each in self.below]
        return [ListEntry(self.key, self.left, self.right), *more]


Search: TypeAlias = Callable[[str], Sequence[Option]]


def narrowed(options: Sequence[Option]) -> Search:
    """Make a search among options: those that have all words of the query, first those that are called so."""

    def search(query: str) -> Sequence[Option]:
        words = [name_key(word) for word in query.split()]
        if not words:
            return options
        found = [(distance, each) for each in options if (distance := each.distance(words)) is not None]
        return [each for _, each in sorted(found, key=lambda pair: pair[0])]

    return search
