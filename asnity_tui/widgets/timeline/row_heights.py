"""Maps lines of a long list to its rows when rows have different heights."""

from __future__ import annotations

from collections.abc import Iterable

BLOCK = 128
"""Rows whose heights are summed up together: a look-up walks over the blocks, then over the rows of one."""


class RowHeights:
    """Heights of rows, with sums per block: changing one and finding a line cost little in lists of thousands."""

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self._rows = list(heights)
        self._sums: list[int] = []
        self._total = 0
        self._sum_from(0)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> int:
        return self._rows[index]

    @property
    def total(self) -> int:
        """Lines of all rows together."""
        return self._total

    def set(self, index: int, height: int) -> int:
        """Give a row another height; by how much the rows after it move."""
        delta = height - self._rows[index]
        if delta:
            self._rows[index] = height
            self._sums[index // BLOCK] += delta
            self._total += delta
        return delta

    def splice(self, start: int, end: int, heights: Iterable[int]) -> None:
        """Put rows of these heights in the place of rows `start` to `end` (exclusive)."""
        self._rows[start:end] = heights
        self._sum_from(start // BLOCK)

    def top(self, index: int) -> int:
        """The first line of a row (of the end, where `index` is the number of rows)."""
        block = index // BLOCK
        return sum(self._sums[:block]) + sum(self._rows[block * BLOCK : index])

    def find(self, line: int) -> tuple[int, int]:
        """The row that has `line`, and which of its lines it is; beyond the ends, the nearest. There must be a row."""
        if line < 0:
            return 0, 0
        if line >= self._total:
            return len(self._rows) - 1, max(0, self._rows[-1] - 1)
        block = 0
        while line >= self._sums[block]:
            line -= self._sums[block]
            block += 1
        index = block * BLOCK
        while line >= self._rows[index]:
            line -= self._rows[index]
            index += 1
        return index, line

    def _sum_from(self, block: int) -> None:
        del self._sums[block:]
        self._sums += [sum(self._rows[at : at + BLOCK]) for at in range(block * BLOCK, len(self._rows), BLOCK)]
        self._total = sum(self._sums)
