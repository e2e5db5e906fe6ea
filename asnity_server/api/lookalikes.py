"""Lookalike names: compares Unicode's skeletons (UTS #39), but for differences within ASCII."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from asnity_server.protocol.invisible import is_invisible

RULES = f"1, Unicode {unicodedata.unidata_version}"
"""Changes with whatever makes skeletons different."""


class _Piece(NamedTuple):
    """A letter of a skeleton, and which letter of the name it came from."""

    looks: str
    sign: str


def looks(name: str) -> frozenset[str]:
    """Return the skeletons of a name; names that have none of these in common don't look alike."""
    return frozenset("".join(piece.looks for piece in shape) for shape in _shapes(name))


def look_alike(one: str, other: str) -> bool:
    """Whether two names that are written in different letters look the same.

    Letters and digits of ASCII are told apart (`bob1` and `bobl`, `rn` and `m`), and accents are (`jose` and `josé`).
    """
    if (one.isascii() and other.isascii()) or one == other:
        return False
    return any(_differs(a, b) for a, b in zip(_shapes(one), _shapes(other), strict=True))


def _differs(one: list[_Piece], other: list[_Piece]) -> bool:
    """Whether two shapes are one, made from letters that differ beyond case and ASCII."""
    if [piece.looks for piece in one] != [piece.looks for piece in other]:
        return False
    return any(
        a.sign.casefold() != b.sign.casefold() and not (a.sign.isascii() and b.sign.isascii())
        for a, b in zip(one, other, strict=True)
    )


def _shapes(name: str) -> tuple[list[_Piece], list[_Piece]]:
    """A name as it is written, and in small letters: some letters look alike in one case only."""
    plain = " ".join(name.split())
    return _shape(plain), _shape(plain.casefold())


def _shape(text: str) -> list[_Piece]:
    return [
        _Piece(part, sign)
        for sign in _decomposed(text)
        if not is_invisible(sign)
        for part in unicodedata.normalize("NFD", _prototype(sign)).casefold()
    ]


def _prototype(sign: str) -> str:
    """Return a character's prototype; one that is another in a certain width or style has that one's."""
    table = _prototypes()
    plain = sign if sign in table else unicodedata.normalize("NFKC", sign)
    return "".join(table.get(each, each) for each in plain)


def _decomposed(text: str) -> str:
    """NFD, but Hangul syllables stay whole: their parts look like strokes of Han."""
    return "".join(
        sign if "\uac00" <= sign <= "\ud7a3" else unicodedata.normalize("NFD", sign)
        for sign in unicodedata.normalize("NFC", text)
    )


@cache
def _prototypes() -> dict[str, str]:
    """Read Unicode's table of prototypes, when the first name is compared."""
    table: dict[str, str] = {}
    for line in files(__package__).joinpath("confusables.txt").read_text(encoding="ascii").splitlines():
        if not line.startswith("#"):
            prototype, signs = ("".join(chr(int(code, 16)) for code in part.split()) for part in line.split(";"))
            table.update(dict.fromkeys(signs, prototype))
    return table
