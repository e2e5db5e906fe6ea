"""Batches the frames of one commit for one room into one write per member. Pure: frames in, bytes out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

E = TypeVar("E")


class Batch(Generic[E]):
    """The frames for one room, in order; most members get them all, some get something else at some places."""

    __slots__ = ("_frames", "_length", "_own")

    def __init__(self) -> None:
        self._frames: list[bytes] = []
        self._length = 0
        self._own: dict[E, list[tuple[int, int, bytes]]] = {}
        # for each special member, ascending: from this offset to that one, it gets these bytes instead

    def add(self, frame: bytes, skip: Iterable[E]) -> None:
        """Add a frame for everyone in the room, but some."""
        start, self._length = self._length, self._length + len(frame)
        self._frames.append(frame)
        for endpoint in skip:
            self._own.setdefault(endpoint, []).append((start, self._length, b""))

    def insert(self, endpoint: E, frame: bytes) -> None:
        """Add a frame for one endpoint alone, at this place."""
        self._own.setdefault(endpoint, []).append((self._length, self._length, frame))

    def writes(self, members: Iterable[E]) -> Iterator[tuple[E, bytes]]:
        """Yield the bytes for each; who is no member gets what was inserted for them alone."""
        everything = self._frames[0] if len(self._frames) == 1 else b"".join(self._frames)
        if not self._own:
            if everything:
                for endpoint in members:
                    yield endpoint, everything
            return
        outside = dict.fromkeys(self._own)
        for endpoint in members:
            if endpoint in outside:
                del outside[endpoint]
                data = self._assembled(endpoint, everything)
                if data:
                    yield endpoint, data
            elif everything:
                yield endpoint, everything
        for endpoint in outside:
            data = b"".join(frame for _, _, frame in self._own[endpoint])
            if data:
                yield endpoint, data

    def _assembled(self, endpoint: E, everything: bytes) -> bytes:
        pieces: list[bytes] = []
        position = 0
        for start, end, frame in self._own[endpoint]:
            if start > position:
                pieces.append(everything[position:start])
            if frame:
                pieces.append(frame)
            position = end
        if position < len(everything):
            pieces.append(everything[position:])
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)
