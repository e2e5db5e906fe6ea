"""Recent commits: the changes that a gateway may lack which comes a little late."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Set
from typing import NamedTuple

from msgspec import Raw

COMMITS = 4_096
"""Commits that are kept at most."""
BYTES = 16 * 1024 * 1024
"""Bytes of them at most."""


class EncodedChange(NamedTuple):
    """A change as it crosses links, and whose it is."""

    community_id: str | None
    """None: of whoever is concerned, in whatever community."""
    change: Raw


class RecentCommits:
    """The changes of the last commits of a shard, encoded, each with its number."""

    def __init__(self, number: int) -> None:
        """`number` is that of the last commit before the first that will be kept."""
        self._floor = number
        self._commits: deque[tuple[int, tuple[EncodedChange, ...], int]] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._commits)

    def add(self, number: int, changes: tuple[EncodedChange, ...]) -> None:
        """Keep a commit."""
        size = sum(len(each.change) for each in changes)
        self._commits.append((number, changes, size))
        self._bytes += size
        while len(self._commits) > COMMITS or self._bytes > BYTES:
            self._floor, _, size = self._commits.popleft()
            self._bytes -= size

    def covers(self, number: int) -> bool:
        """Return whether everything behind the commit of that number is kept."""
        return number >= self._floor

    def beyond(self, number: int, communities: Set[str]) -> Iterator[tuple[int, list[Raw]]]:
        """Yield the commits behind `number`, with what concerns these communities; those with nothing are left out."""
        for found, changes, _ in self._commits:
            if found > number:
                wanted = [
                    each.change for each in changes if each.community_id is None or each.community_id in communities
                ]
                if wanted:
                    yield found, wanted
