"""Ways to take a TCP stream apart, as networks do: the proxy passes on each piece as a segment of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

Pieces = Callable[[int, bytes], Iterator[bytes]]
"""Takes apart what was read; the number says how many bytes of the connection, in this direction, came before it."""


def whole(position: int, chunk: bytes) -> Iterator[bytes]:
    """As it was read."""
    yield chunk


def single_bytes(position: int, chunk: bytes) -> Iterator[bytes]:
    """Byte by byte, so inside every character, header and frame."""
    for index in range(len(chunk)):
        yield chunk[index : index + 1]


def of_size(size: int) -> Pieces:
    """Pieces of one size, such as the 1,400 bytes that a packet of most networks holds."""

    def pieces(position: int, chunk: bytes) -> Iterator[bytes]:
        for index in range(0, len(chunk), size):
            yield chunk[index : index + size]

    return pieces


def cut_at(*places: int) -> Pieces:
    """In two at each of some places of the connection's stream, and nowhere else."""

    def pieces(position: int, chunk: bytes) -> Iterator[bytes]:
        start = 0
        for place in sorted(places):
            end = place - position
            if start < end < len(chunk):
                yield chunk[start:end]
                start = end
        yield chunk[start:]

    return pieces


def in_two(place: int) -> Pieces:
    """In two at a place of what was read, so with a client that writes one thing at a time, at a place of that."""

    def pieces(position: int, chunk: bytes) -> Iterator[bytes]:
        yield from (each for each in (chunk[:place], chunk[place:]) if each)

    return pieces
