"""WebSocket frames (RFC 6455, section 5): encoded once for everyone, parsed without waiting for anything."""

from __future__ import annotations

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
_CONTINUATION = 0x0
_KNOWN = frozenset({_CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG})

NORMAL, GOING_AWAY, PROTOCOL_ERROR, BAD_TEXT, POLICY, TOO_BIG = 1000, 1001, 1002, 1007, 1008, 1009
"""Status codes of a closing frame (section 7.4.1)."""


class BadFrame(ValueError):
    """Raised for bytes that a client may not send; `code` is the status to close with."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code


def frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """Encode one whole frame of a server: unmasked, so the same bytes serve everyone."""
    length = len(payload)
    first = 0x80 | opcode
    if length < 126:
        return bytes((first, length)) + payload
    if length < 65_536:
        return bytes((first, 126)) + length.to_bytes(2, "big") + payload
    return bytes((first, 127)) + length.to_bytes(8, "big") + payload


def closing(code: int) -> bytes:
    """Encode the frame that begins or answers the closing handshake."""
    return frame(code.to_bytes(2, "big"), CLOSE)


def unmask(mask: bytes | bytearray, payload: bytes | bytearray) -> bytes:
    """Undo (or do) the masking of a client's frame (section 5.3), in one step over the whole payload."""
    length = len(payload)
    if not length:
        return b""
    key = (mask * (length // 4 + 1))[:length]
    return (int.from_bytes(payload, "little") ^ int.from_bytes(key, "little")).to_bytes(length, "little")


_NO_END = 1 << 30

_Bytes = bytes | bytearray


class Parser:
    """Parses a client's bytes into whole messages and control frames.

    It keeps no more than one message of `limit` bytes and one read that isn't taken apart yet.
    """

    __slots__ = ("_fragments", "_limit", "_missing", "_opcode", "_position", "_rest", "_size", "more", "taken")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._rest: _Bytes = b""
        self._position = 0
        """The offset in the rest at which the unparsed bytes begin."""
        self._missing = 0
        """Bytes at least until there is another whole frame: with fewer, nobody looks."""
        self._fragments: list[bytes] | None = None
        self._opcode = 0
        self._size = 0
        self.taken = 0
        """Frames that the last call took, parts of messages included."""
        self.more = False
        """The last call left something that may be a whole frame."""

    def feed(self, data: bytes, most: int = _NO_END) -> list[tuple[int, bytes]]:
        """Return the messages and control frames in the next `most` frames that are whole, as (opcode, payload).

        With `more` there are more of them: feed nothing to get them. Raises `BadFrame`.
        """
        if not self._rest and self._fragments is None:
            payload = self._alone(data)
            if payload is not None:
                self.taken, self.more = 1, False
                return [(TEXT, payload)]
        whole = self._with_rest(data)
        found: list[tuple[int, bytes]] = []
        self.taken, self.more = 0, False
        if whole is None:
            return found
        position, available = self._position, len(whole)
        needed = 2
        while available - position >= 2:
            if self.taken == most:
                self._rest, self._position, self._missing, self.more = whole, position, 0, True
                return found
            start, length = self._header(whole, position, available)
            if length < 0 or start + 4 + length > available:
                needed = start + 4 + max(0, length) - position
                break
            payload = unmask(whole[start : start + 4], whole[start + 4 : start + 4 + length])
            self.taken += 1
            message = self._take(whole[position], payload)
            if message is not None:
                found.append(message)
            position = start + 4 + length
        rest = whole[position:]
        self._rest = bytearray(rest) if rest else b""
        self._position, self._missing = 0, needed - len(rest)
        return found

    def _with_rest(self, data: bytes) -> _Bytes | None:
        """All that isn't taken apart, with what came now; None while that can't hold a whole frame."""
        if not self._rest:
            self._position = 0
            return data
        if not data:
            return None if self._missing > 0 else self._rest
        if not isinstance(self._rest, bytearray) or self._position:
            self._rest, self._position = bytearray(self._rest[self._position :]), 0
        self._rest += data  # whoever sends byte by byte makes nobody copy or look at it all again
        self._missing -= len(data)
        return None if self._missing > 0 else self._rest

    def _alone(self, data: bytes) -> bytes | None:
        """The payload of what is one whole message of text and nothing else, as nearly everything is."""
        size = len(data)
        if size < 9 or data[0] != 0x80 | TEXT:
            return None
        length, start = data[1] - 0x80, 2
        if length == 126:
            length, start = data[2] << 8 | data[3], 4
        if not 0 <= length <= self._limit or start + 4 + length != size or data[1] == 0xFF:
            return None
        return unmask(data[start : start + 4], data[start + 4 :])

    def _header(self, data: _Bytes, position: int, available: int) -> tuple[int, int]:
        """Return where the mask begins and how long the payload is (-1: not enough bytes to know)."""
        first, second = data[position], data[position + 1]
        opcode = first & 0x0F
        if first & 0x70 or opcode not in _KNOWN:
            raise BadFrame(PROTOCOL_ERROR, "reserved bits or opcode")
        if not second & 0x80:
            raise BadFrame(PROTOCOL_ERROR, "a client's frame must be masked")
        length = second & 0x7F
        start = position + 2
        if opcode >= CLOSE and (length > 125 or not first & 0x80):
            raise BadFrame(PROTOCOL_ERROR, "a control frame is short and whole")
        if length >= 126:
            width = 2 if length == 126 else 8
            if available - start < width:
                return start, -1
            length = int.from_bytes(data[start : start + width], "big")
            start += width
        if length > self._limit or (opcode < CLOSE and self._size + length > self._limit):
            raise BadFrame(TOO_BIG, "a message is longer than allowed")
        return start, length

    def _take(self, first: int, payload: bytes) -> tuple[int, bytes] | None:
        opcode, last = first & 0x0F, bool(first & 0x80)
        if opcode >= CLOSE:
            return opcode, payload
        if opcode == _CONTINUATION:
            if self._fragments is None:
                raise BadFrame(PROTOCOL_ERROR, "nothing to continue")
        elif self._fragments is not None:
            raise BadFrame(PROTOCOL_ERROR, "a message inside a message")
        elif last:
            return opcode, payload
        else:
            self._fragments, self._opcode = [], opcode
        self._fragments.append(payload)
        # an empty fragment counts too, so that an endless run of them ends
        self._size += len(payload) + 1
        if not last:
            return None
        message = self._opcode, b"".join(self._fragments)
        self._fragments, self._size = None, 0
        return message
