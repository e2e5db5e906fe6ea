"""Socket.IO packets as text: taken apart without trusting them, put together once for everyone.

The form is that of the Socket.IO protocol, version 5: type, namespace, acknowledgement id, JSON.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR, BINARY_EVENT, BINARY_ACK = range(7)

_LONGEST_ID = 16
"""Digits of an acknowledgement id: more than any client counts to, and safe as an integer everywhere."""

_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])
_STRING = msgspec.json.Decoder(str)
_ENCODER = msgspec.json.Encoder()


class _Json:
    """msgspec in the shape of the standard library's json module, for libraries that take one."""

    @staticmethod
    def dumps(value: object, **options: object) -> str:
        """JSON without spaces; the options of the standard library are of no use here."""
        return _ENCODER.encode(value).decode()

    @staticmethod
    def loads(text: str, **options: object) -> object:
        """Plain types from JSON."""
        value: object = msgspec.json.decode(text)
        return value


JSON = _Json()


class BadPacket(ValueError):
    """Not a Socket.IO packet: whoever sends this speaks another language, and the connection ends."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A packet as it came, its JSON not looked at yet."""

    type: int
    namespace: str
    id: int | None
    json: str


def parse(text: str) -> Incoming:
    """Take a packet apart. Raises `BadPacket`."""
    if not text or text[0] not in "0123456":
        raise BadPacket("unknown packet type")
    kind = int(text[0])
    position = 1
    if kind in (BINARY_EVENT, BINARY_ACK):
        dash = text.find("-", 1, 12)
        if dash < 2 or not _digits(text[1:dash]):
            raise BadPacket("no count of attachments")
        position = dash + 1
    namespace = "/"
    if text.startswith("/", position):
        comma = text.find(",", position)
        end = len(text) if comma < 0 else comma
        namespace = text[position:end].partition("?")[0]
        position = end if comma < 0 else end + 1
    end = position
    while end < len(text) and text[end] in "0123456789":
        end += 1
    if end - position > _LONGEST_ID:
        raise BadPacket("acknowledgement id too long")
    number = int(text[position:end]) if end > position else None
    return Incoming(kind, namespace, number, text[end:])


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def event_of(json: str) -> tuple[str, list[msgspec.Raw]]:
    """An EVENT's name and its arguments, still raw. Raises `BadPacket`."""
    try:
        name, *arguments = _ARRAY.decode(json)
        return _STRING.decode(name), arguments
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise BadPacket("an event is an array that begins with its name") from None


def payload(kind: int, namespace: str, data: object, number: int | None = None) -> str:
    """A packet to send, encoded once: `data` may be structs."""
    place = "" if namespace == "/" else f"{namespace},"
    counted = "" if number is None else str(number)
    return f"{kind}{place}{counted}{_ENCODER.encode(data).decode()}"


def disconnect(namespace: str) -> str:
    """The packet that ends one namespace."""
    return f"{DISCONNECT}{namespace},"
