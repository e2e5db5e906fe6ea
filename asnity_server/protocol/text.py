"""Rules for text: checks and cleans content and names."""

from __future__ import annotations

import unicodedata

from . import limits
from .errors import Invalid, TooLarge
from .invisible import is_blank, is_invisible, stray_invisible
from .lazy_patterns import LazyPattern

_FORBIDDEN = LazyPattern("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""C0 but tab and line feed, DEL, C1, the two line separators, lone surrogates."""

_FORBIDDEN_IN_LINE = LazyPattern(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\ufeff]"
)
"""One-line texts (names, topics) refuse line breaks, tabs and direction controls too."""

EVERYONE = "channel"
"""`@channel` reaches everyone in the channel; no account may have this name."""

CALLS_ALL = (EVERYONE, "everyone", "here", "all")
"""Spellings of a mention of everyone, as elsewhere; all of these mean the same."""

RESERVED = frozenset({*CALLS_ALL, "me", "asnity", "system"})
"""Usernames that would be mistaken for something else."""


def longest_written(longest: int) -> int:
    """How long a text may be as somebody types it, to have `longest` characters once it is normalised.

    NFC and NFKC shrink at most by this much (UAX #15, 3.0 of Hangul and below). Whatever is longer is refused before
    it is looked at any further: normalising can make it many times as long, too.
    """
    return longest * 4


def clean_content(text: str, *, field: str = "content") -> str:
    """Message content as it is stored: NFC, without trailing white space.

    Raises `Invalid` for forbidden characters and for nothing at all, `TooLarge` above `limits.CONTENT` code points.
    """
    if len(text) > longest_written(limits.CONTENT):
        raise TooLarge(f"A message has at most {limits.CONTENT:,} characters.", field=field)
    bad = _FORBIDDEN.search(text)
    if bad:
        raise Invalid(f"The text has a character that is not allowed (U+{ord(bad.group()):04X}).", field=field)
    text = unicodedata.normalize("NFC", text).rstrip()
    if is_blank(text):
        raise Invalid("A message can't be empty.", field=field)
    if len(text) > limits.CONTENT:
        raise TooLarge(f"A message has at most {limits.CONTENT:,} characters.", field=field)
    return text


def clean_line(text: str, *, field: str, longest: int, shortest: int = 0) -> str:
    """A one-line text (display name, topic …) as it is stored: NFC, trimmed at both ends.

    Raises `Invalid`, naming `field`, for control characters and for a length outside `shortest`…`longest` code points.
    """
    if len(text) <= longest_written(longest) and not _FORBIDDEN_IN_LINE.search(text):
        text = unicodedata.normalize("NFC", text).strip()
        stray = stray_invisible(text)
        if stray is not None:
            raise Invalid(f"This has an invisible character (U+{ord(stray):04X}).", field=field)
        if text and is_blank(text):
            raise Invalid("This has no visible characters.", field=field)
        if shortest <= len(text) <= longest:
            return text
        if len(text) < shortest and shortest == 1:
            raise Invalid("This can't be empty.", field=field)
        raise Invalid(
            f"This has {shortest} to {longest} characters." if shortest else f"This has at most {longest} characters.",
            field=field,
        )
    if len(text) > longest_written(longest):
        raise Invalid(f"This has at most {longest} characters.", field=field)
    raise Invalid("Control characters are not allowed here.", field=field)


def clean_name(text: str, *, field: str, longest: int, shortest: int) -> str:
    """A username or channel name as it is stored: NFKC, letters and digits of any script, `_` and `-`.

    Raises `Invalid`, naming `field`, for anything else and for a length outside `shortest`…`longest`.
    """
    if len(text) > longest_written(longest):
        raise Invalid(f"A name has {shortest} to {longest} characters.", field=field)
    hidden = next((sign for sign in text if is_invisible(sign)), None)
    if hidden is not None:
        raise Invalid(f"A name can't have invisible characters (U+{ord(hidden):04X}).", field=field)
    name = unicodedata.normalize("NFKC", text)
    if not shortest <= len(name) <= longest:
        raise Invalid(f"A name has {shortest} to {longest} characters.", field=field)
    if not all(in_name(sign) for sign in name) or not any(sign.isalnum() for sign in name):
        raise Invalid("A name can only have letters, digits, _ and -.", field=field)
    foreign = _foreign_mark(name)
    if foreign is not None:
        raise Invalid(f"A name can't have a mark of another script (U+{ord(foreign):04X}).", field=field)
    return name


def _foreign_mark(name: str) -> str | None:
    """The first mark that stands behind nothing of its own script, where some show nothing at all, if there is one.

    The script is the first word of a character's name in Unicode; marks for all scripts are called COMBINING or VEDIC.
    """
    script = ""
    for sign in name:
        word = unicodedata.name(sign, "").partition(" ")[0]
        if unicodedata.category(sign)[0] != "M":
            script = word
        elif word not in ("COMBINING", "VEDIC", script):
            return sign
    return None


def clean_username(text: str, *, field: str = "username") -> str:
    """A username as it is stored. Raises `Invalid` as `clean_name` does, and for reserved names."""
    name = clean_name(text, field=field, longest=limits.USERNAME, shortest=limits.NAME_MIN)
    if name_key(name) in RESERVED:
        raise Invalid("This name is reserved.", field=field)
    return name


def clean_channel_name(text: str, *, field: str = "name") -> str:
    """A channel's name as it is stored; a leading `#` is a habit and not part of it."""
    return clean_name(text.removeprefix("#"), field=field, longest=limits.CHANNEL_NAME, shortest=1)


def name_key(name: str) -> str:
    """Return the key by which two names are the same: NFKC and case folding."""
    if name.isascii():
        return name.lower()  # the same, without going through Unicode's tables
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def in_name(sign: str) -> bool:
    """Letters, digits and the marks that letters of many scripts need."""
    if sign.isascii():
        return sign.isalnum() or sign in "_-"
    category = unicodedata.category(sign)
    return (category[0] in "LN" or category in ("Mn", "Mc")) and not is_invisible(sign)
