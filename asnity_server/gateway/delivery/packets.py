"""Socket.IO packets as text: parsed without trusting them, encoded once for everyone.

The form is that of the Socket.IO protocol, version 5: type, namespace, acknowledgement id, JSON.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR, BINARY_EVENT, BINARY_ACK = range(7)

_LONGEST_ID = 16
"""Digits of an acknowledgement id: more than any client counts to, and safe as an integer everywhere."""

_LONGEST_NAMESPACE = 64
"""Signs of a namespace: more than any has, as what isn't one is told back to whoever asks for it."""

_HEADER = re.compile(r"([0-6])(?:([0-9]{1,10})-)?(?:(/[^,]*)(?:,|\Z))?([0-9]*)")
"""Type, count of attachments, namespace, acknowledgement id; what is left is JSON."""

_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])
_STRING = msgspec.json.Decoder(str)
_ENCODER = msgspec.json.Encoder()


class _Json:
    """msgspec in the shape of the standard library's json module, for libraries that take one."""

    @staticmethod
    def dumps(value: object, **options: object) -> str:
        """Encode JSON without spaces; the options of the standard library are of no use here."""
        return _ENCODER.encode(value).decode()

    @staticmethod
    def loads(text: str, **options: object) -> object:
        """Decode JSON to plain types."""
        value: object = msgspec.json.decode(text)
        return value


JSON = _Json()


class BadPacket(ValueError):
    """Raised for what is no Socket.IO packet: its sender speaks another protocol, and the connection ends."""


class Incoming(NamedTuple):
    """A packet as it came, its JSON not decoded yet."""

    type: int
    namespace: str
    id: int | None
    json: str


def parse(text: str) -> Incoming:
    """Parse a packet. Raises `BadPacket`."""
    return _parse_request(text) or _parse_any(text)


def _parse_request(text: str) -> Incoming | None:
    """Parse an event with an acknowledgement id, as nearly every packet is: the same as `_parse_any`, faster."""
    if not text.startswith("2/"):
        return None
    comma = text.find(",")
    bracket = text.find("[", comma)
    number = text[comma + 1 : bracket]
    if not 0 < comma < bracket <= comma + 1 + _LONGEST_ID or not (number.isdigit() and number.isascii()):
        return None
    namespace = text[1:comma]
    return (
        None
        if "?" in namespace or comma > _LONGEST_NAMESPACE
        else Incoming(EVENT, namespace, int(number), text[bracket:])
    )


def _parse_any(text: str) -> Incoming:
    found = _HEADER.match(text)
    if found is None:
        raise BadPacket("not a packet's beginning")
    kind, attachments, namespace, number = found.groups()
    if (kind in "56") != (attachments is not None):
        raise BadPacket("attachments in the wrong place")
    if len(number) > _LONGEST_ID:
        raise BadPacket("acknowledgement id too long")
    place = "/" if namespace is None else namespace.partition("?")[0]
    if len(place) > _LONGEST_NAMESPACE:
        raise BadPacket("namespace too long")
    return Incoming(int(kind), place, int(number) if number else None, text[found.end() :])


def event_of(json: str) -> tuple[str, list[msgspec.Raw]]:
    """Return an EVENT's name and its arguments, still raw. Raises `BadPacket`."""
    try:
        name, *arguments = _ARRAY.decode(json)
        return _STRING.decode(name), arguments
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise BadPacket("an event is an array that begins with its name") from None


def frame_payload(kind: int, namespace: str, data: object, number: int | None = None) -> bytes:
    """Encode a packet as an Engine.IO message, in bytes."""
    place = "" if namespace == "/" else f"{namespace},"
    counted = "" if number is None else number
    return f"4{kind}{place}{counted}".encode() + _ENCODER.encode(data)


def payload(kind: int, namespace: str, data: object, number: int | None = None) -> str:
    """Encode a packet to send; `data` may be structs."""
    place = "" if namespace == "/" else f"{namespace},"
    counted = "" if number is None else str(number)
    return f"{kind}{place}{counted}{_ENCODER.encode(data).decode()}"


def disconnect(namespace: str) -> str:
    """Encode the packet that ends one namespace."""
    return f"{DISCONNECT}{namespace},"
