"""Invisible characters: finds those that belong to nothing visible, such as an emoji or a script that needs them."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right

from .emoji import is_pictured
from .lazy_patterns import LazyPattern

# Unicode 17.0, from DerivedCoreProperties.txt, as the first sign of a range, the first behind it, and so on.
_IGNORABLE = (
    "\u00ad\u00ae\u034f\u0350\u061c\u061d\u115f\u1161\u17b4\u17b6\u180b\u1810\u200b\u2010\u202a\u202f\u2060\u2070"
    "\u3164\u3165\ufe00\ufe10\ufeff\uff00\uffa0\uffa1\ufff0\ufff9\U0001bca0\U0001bca4\U0001d173\U0001d17b"
    "\U000e0000\U000e1000"
)
"""Default_Ignorable_Code_Point: what shows nothing by itself where it isn't supported."""

_UNSEEN = "\ufff9\ufffa\ufffb\U00016fe4"
"""Characters with another property that show nothing either: marks of annotations, a filler."""

_BLANK = "\u2800\u3000\ufffc\U0001d159"
"""Characters that are no white space and none of those, and yet show nothing."""

_MAYBE = LazyPattern("[^\x00-\xac\xae-\u034e\u0370-\u061b\u0620-\u115e\u3165-\ud7ff]")
"""Matches where an invisible character may be: most texts have none, and that is found quickly."""

_JOINER, _NON_JOINER = "\u200d", "\u200c"
_TEXT, _PICTURE = "\ufe0e", "\ufe0f"
_KEYCAP = "\u20e3"
_TAG_FLAG = LazyPattern("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{2,6}\U000e007f")
_TONES = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
_VIRAMA = 9
"""The combining class of the marks after which joiners choose a form (UAX #31, section 2.3)."""
_CURSIVE = "\u0600\u0900\u1800\u18b0\ua840\ua880\U00010ac0\U00010b00\U00010d00\U00010d40\U0001e900\U0001e960"
"""Scripts whose letters join, in ranges as above: Arabic and its neighbours, Mongolian, Phags-pa, Adlam."""


def is_invisible(sign: str) -> bool:
    """Whether a character shows nothing by itself."""
    return _is_among(_IGNORABLE, sign) or sign in _UNSEEN


def is_blank(text: str) -> bool:
    """Whether there is nothing to be seen in a text."""
    return all(sign.isspace() or sign in _BLANK or is_invisible(sign) for sign in text)


def stray_invisible(text: str) -> str | None:
    """The first invisible character of a text that belongs to nothing that is seen, if there is one."""
    if _MAYBE.search(text) is None:
        return None
    flags = [match.span() for match in _TAG_FLAG.finditer(text)]
    for index, sign in enumerate(text):
        if is_invisible(sign) and not any(start <= index < end for start, end in flags) and not _belongs(text, index):
            return sign
    return None


def _belongs(text: str, index: int) -> bool:
    """Whether the invisible character at `index` changes how what stands beside it is seen."""
    sign, before, behind = text[index], text[index - 1 : index], text[index + 1 : index + 2]
    if sign == _JOINER and _ends_emoji(text, index) and is_pictured(behind):
        return True
    if sign in (_JOINER, _NON_JOINER):
        return _shapes(before, behind)
    if sign in (_TEXT, _PICTURE):
        return is_pictured(before) or (before in tuple("0123456789#*") and behind == _KEYCAP) or _is_han(before)
    if "\ufe00" <= sign <= "\ufe0d" or "\U000e0100" <= sign <= "\U000e01ef":
        return _is_han(before)
    if sign in "\u180b\u180c\u180d\u180e\u180f":
        return "\u1820" <= before <= "\u18aa"
    return False


def _ends_emoji(text: str, index: int) -> bool:
    """Whether an emoji ends before `index`: a picture, with a selector or a skin tone or without."""
    before = text[index - 1 : index]
    return is_pictured(before) or (
        before != "" and before in _PICTURE + _TONES and is_pictured(text[index - 2 : index - 1])
    )


def _shapes(before: str, behind: str) -> bool:
    """Whether a joiner between these chooses how letters are written."""
    if before == "" or not unicodedata.category(before).startswith(("L", "M")):
        return False
    if unicodedata.combining(before) == _VIRAMA or (behind != "" and unicodedata.combining(behind) == _VIRAMA):
        return True
    return _is_among(_CURSIVE, before) and _is_among(_CURSIVE, behind)


def _is_han(sign: str) -> bool:
    """Whether this is a Han character: those have variants that selectors choose."""
    return (
        sign != ""
        and ("\u3400" <= sign <= "\u9fff" or "\uf900" <= sign <= "\ufaff" or sign >= "\U00020000")
        and (unicodedata.category(sign) == "Lo")
    )


def _is_among(ranges: str, sign: str) -> bool:
    """Whether a sign is in one of some ranges."""
    return sign != "" and bisect_right(ranges, sign) % 2 == 1
