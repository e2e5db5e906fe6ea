"""The codec between bytes and structs: the only place where untyped data is read."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Generic, TypeVar

import msgspec

from .errors import AsnityError, ErrorInfo, Invalid, TooLarge
from .lazy_patterns import LazyPattern

T = TypeVar("T")

_ENCODER = msgspec.json.Encoder()
_AT_PATH = LazyPattern(r" - at `\$\.?(?P<path>[^`]*)`$")
_NAMED = LazyPattern(r"(?:missing required field|contains unknown field) `(?P<name>[^`]*)`")


_LENGTH = LazyPattern(r"Expected `(?P<kind>\w+)` of length (?P<sign><=|>=) (?P<number>\d+)")
_BOUND = LazyPattern(r"Expected `\w+` (?P<sign><=|>=|<|>) (?P<number>-?[\d.]+)")
_EXPECTED = LazyPattern(r"Expected `(?P<kinds>[^`]+)`")
_BOUNDS = {"<=": "at most", ">=": "at least", "<": "less than", ">": "more than"}
_KINDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


class Reader(Generic[T]):
    """Reads JSON as one kind of thing. For a union, making one takes longer than a small decoding."""

    __slots__ = ("_decode",)

    def __init__(self, kind: Any) -> None:
        self._decode: Callable[[bytes | str | msgspec.Raw], T] = msgspec.json.Decoder(kind).decode

    def read(self, data: bytes | str | msgspec.Raw) -> T:
        """`data` as that kind. Raises `Invalid`, naming the field where there is one."""
        try:
            return self._decode(data)
        except msgspec.ValidationError as error:
            raise _invalid(error) from None
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            raise Invalid("The body is not valid JSON.") from None


@cache
def _reader(kind: Any) -> Reader[Any]:
    return Reader(kind)


def encode(value: object) -> bytes:
    """`value` (structs, builtins) as JSON in UTF-8."""
    return _ENCODER.encode(value)


def to_builtins(value: object) -> Any:
    """`value` as plain JSON types, for libraries that encode by themselves."""
    return msgspec.to_builtins(value)


def decode(data: bytes | str, kind: type[T]) -> T:
    """JSON as a `kind`. Raises `Invalid`, naming the field where there is one."""
    key: Any = kind
    decoded: T = _reader(key).read(data)
    return decoded


def convert(value: object, kind: type[T], *, lax: bool = False) -> T:
    """Plain JSON types as a `kind`; `lax` reads numbers and booleans from strings, as query strings need.

    Raises `Invalid`, naming the field where there is one.
    """
    try:
        return msgspec.convert(value, type=kind, strict=not lax)
    except msgspec.ValidationError as error:
        raise _invalid(error) from None
    except (UnicodeError, RecursionError):
        raise Invalid("The request is not valid.") from None


def error_info(value: object) -> ErrorInfo:
    """The error that a server sent; what doesn't look like one becomes `internal` in words."""
    try:
        return msgspec.convert(value, type=ErrorInfo)
    except msgspec.ValidationError:
        return ErrorInfo(code="internal", message="The server sent an answer that can't be read.")


def _invalid(error: msgspec.ValidationError) -> AsnityError:
    """msgspec's words as ours: a sentence, and the path as the field."""
    text = str(error)
    where = _AT_PATH.search(text)
    field = where.group("path") if where else ""
    sentence = text[: where.start()] if where else text
    named = _NAMED.search(sentence)
    if named:
        field = f"{field}.{named.group('name')}".lstrip(".")
        unknown = "unknown" in sentence
        sentence = f"Unknown field: {named.group('name')}" if unknown else f"The field {named.group('name')} is missing"
        return Invalid(f"{_printable(sentence)}.", field=_printable(field) or None)
    told, kind = _in_words(sentence), TooLarge if field == "content" and "length <=" in sentence else Invalid
    return kind(told, field=_printable(field) or None)


def _in_words(sentence: str) -> str:
    """Turn msgspec's words on one value into a sentence for whoever filled in the field."""
    length, bound, expected = (each.search(sentence) for each in (_LENGTH, _BOUND, _EXPECTED))
    if length:
        number, unit = int(length["number"]), "character" if length["kind"] == "str" else "entries"
        many = f"{number:,} {unit}{'s' if unit == 'character' and number != 1 else ''}"
        if length["sign"] == "<=":
            return f"This can have at most {many}."
        return "This can't be empty." if number == 1 else f"This needs at least {many}."
    if bound:
        return f"This must be {_BOUNDS[bound['sign']]} {bound['number']}."
    if "matching regex" in sentence:
        return "This has characters that are not allowed here."
    if expected:
        kinds = [_KINDS.get(each, "something else") for each in expected["kinds"].split(" | ") if each != "null"]
        return f"This must be {' or '.join(dict.fromkeys(kinds)) or 'null'}."
    return "This is not one of the possible values."


def _printable(text: str) -> str:
    """msgspec quotes what was sent; an error text must never carry control characters back."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)[:200]
