"""Ranges of held messages with contiguous ids: found, merged, and dropped where they are too many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from asnity_server.protocol.models import Message

from .rows import SENT, Row, row_key

HELD_MAX = 5_000
"""Messages held at most; beyond it the end away from what is looked at is dropped."""

HELD_SLACK = 500
"""How many fewer are left after dropping, so that it happens once per so many."""

RANGES_MAX = 8
"""Ranges held at most: each costs a request when missed changes are asked for."""


class Range:
    """Rows of messages `first`, `first + 1`, …"""

    __slots__ = ("first", "rows")

    def __init__(self, first: int, rows: list[Row]) -> None:
        self.first = first
        self.rows = rows

    @property
    def last(self) -> int:
        """The last message's id."""
        return self.first + len(self.rows) - 1


class Ranges:
    """Disjoint ranges, ascending, never touching each other; a copy never gives way to one of a lower rev."""

    def __init__(self, me: str) -> None:
        self._me = me
        self._all: list[Range] = []

    def __iter__(self) -> Iterator[Range]:
        return iter(self._all)

    def __len__(self) -> int:
        """How many messages are held."""
        return sum(len(each.rows) for each in self._all)

    def __bool__(self) -> bool:
        return bool(self._all)

    @property
    def oldest(self) -> int | None:
        """The first held id."""
        return self._all[0].first if self._all else None

    @property
    def newest(self) -> int | None:
        """The last held id."""
        return self._all[-1].last if self._all else None

    @property
    def tail(self) -> Sequence[Row]:
        """The rows of the last range."""
        return self._all[-1].rows if self._all else ()

    def row(self, message_id: int) -> Row | None:
        """A held message's row."""
        for held in reversed(self._all):
            if held.first <= message_id:
                index = message_id - held.first
                return held.rows[index] if index < len(held.rows) else None
        return None

    def replace(self, message: Message) -> bool:
        """Take a newer copy of a held message; whether anything changed."""
        for held in reversed(self._all):
            if held.first <= message.id:
                index = message.id - held.first
                return index < len(held.rows) and self._take(held.rows, index, message)
        return False

    def extend(self, message: Message) -> bool:
        """Take a message that is held already, or borders on what is held; whether anything changed.

        The first message of a channel borders on its beginning.
        """
        if not self._all:
            return message.id == 1 and self.put((message,))
        last = self._all[-1]
        if message.id == last.last + 1:
            last.rows.append(self._row(message))
            return True
        if any(each.first - 1 <= message.id <= each.last + 1 for each in self._all):
            return self.put((message,))
        return False

    def put(self, messages: Iterable[Message]) -> bool:
        """Take messages with ascending ids, in new ranges where they border on none; whether anything changed."""
        changed = False
        run: list[Message] = []
        for message in messages:
            if run and message.id != run[-1].id + 1:
                changed |= self._put_run(run)
                run = []
            run.append(message)
        return (bool(run) and self._put_run(run)) or changed

    def _put_run(self, run: Sequence[Message]) -> bool:
        first, last = run[0].id, run[-1].id
        near = [each for each in self._all if each.first <= last + 1 and each.last >= first - 1]
        if not near:
            self._all.append(Range(first, [self._row(each) for each in run]))
            self._all.sort(key=lambda each: each.first)
            return True
        joined = near[0]
        changed = len(near) > 1 or first < joined.first
        if changed:
            joined = self._join(near, run)
        for message in run:
            if message.id > joined.last:
                joined.rows.append(self._row(message))
                changed = True
            else:
                changed |= self._take(joined.rows, message.id - joined.first, message)
        return changed

    def _join(self, near: Sequence[Range], run: Sequence[Message]) -> Range:
        """One range of all that is in `near`, and of what `run` has before, between and after them."""
        first = min(near[0].first, run[0].id)
        rows: list[Row] = []
        for held in near:
            begin = first + len(rows)
            rows += [self._row(each) for each in run if begin <= each.id < held.first]
            rows += held.rows
        joined = Range(first, rows)
        index = self._all.index(near[0])
        self._all[index : index + len(near)] = [joined]
        return joined

    def _take(self, rows: list[Row], index: int, message: Message) -> bool:
        if message.rev <= rows[index].message.rev:
            return False
        rows[index] = self._row(message)
        return True

    def _row(self, message: Message) -> Row:
        return Row(row_key(message, self._me), message, SENT, None)

    def bound(self, first: int, last: int) -> bool:
        """Drop what is too much, farthest from the messages `first` to `last`; whether anything was dropped."""
        dropped = False
        while len(self._all) > RANGES_MAX:
            self._all.remove(max(self._all, key=lambda each: max(each.first - last, first - each.last)))
            dropped = True
        held = len(self)
        if held <= HELD_MAX:
            return dropped
        excess = held - HELD_MAX + HELD_SLACK
        older = sum(min(max(first - each.first, 0), len(each.rows)) for each in self._all)
        newer = sum(min(max(each.last - last, 0), len(each.rows)) for each in self._all)
        if older >= newer:
            self._drop_oldest(min(excess, older))
        else:
            self._drop_newest(min(excess, newer))
        return True

    def _drop_oldest(self, excess: int) -> None:
        while excess and excess >= len(self._all[0].rows):
            excess -= len(self._all.pop(0).rows)
        del self._all[0].rows[:excess]
        self._all[0].first += excess

    def _drop_newest(self, excess: int) -> None:
        while excess and excess >= len(self._all[-1].rows):
            excess -= len(self._all.pop().rows)
        if excess:
            del self._all[-1].rows[-excess:]
