"""What text may be: the rules for content, names and mentions."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator

from . import limits
from .errors import Invalid, TooLarge
from .patterns import Pattern

_FORBIDDEN = Pattern("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""C0 but tab and line feed, DEL, C1, the two line separators, lone surrogates."""

_FORBIDDEN_IN_LINE = Pattern(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\ufeff]"
)
"""One-line texts (names, topics) refuse line breaks, tabs and direction controls too."""

_FENCE = Pattern(r"^ {0,3}(`{3,})([^`\n]*)$", re.MULTILINE)
_TICKS = Pattern("`+")
_CJK = Pattern(
    "[\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3038-\u303b\u3040-\u30ff\u3130-\u318f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9f\U0001aff0-\U0001b16f\U00020000-\U0003ffff]"
)
"""Hangul, Han and Kana: the scripts whose particles follow a name without a space."""

EVERYONE = "channel"
"""`@channel` reaches everyone in the channel; no account may have this name."""

CALLS_ALL = (EVERYONE, "everyone", "here", "all")
"""What people type for that, as they do elsewhere; all of these mean the same."""

RESERVED = frozenset({*CALLS_ALL, "me", "asnity", "system"})
"""Usernames that would be mistaken for something else."""


def clean_content(text: str, *, field: str = "content") -> str:
    """Message content as it is stored: NFC, without trailing white space.

    Raises `Invalid` for forbidden characters and for nothing at all, `TooLarge` above `limits.CONTENT` code points.
    """
    if len(text) > limits.CONTENT * 4:  # NFC shrinks at most by this much (UAX #15, 3.0 of Hangul and below)
        raise TooLarge(f"A message has at most {limits.CONTENT:,} characters.", field=field)
    bad = _FORBIDDEN.search(text)
    if bad:
        raise Invalid(f"The text has a character that is not allowed (U+{ord(bad.group()):04X}).", field=field)
    text = unicodedata.normalize("NFC", text).rstrip()
    if not text:
        raise Invalid("A message can't be empty.", field=field)
    if len(text) > limits.CONTENT:
        raise TooLarge(f"A message has at most {limits.CONTENT:,} characters.", field=field)
    return text


def clean_line(text: str, *, field: str, longest: int, shortest: int = 0) -> str:
    """A one-line text (display name, topic …) as it is stored: NFC, trimmed at both ends.

    Raises `Invalid`, naming `field`, for control characters and for a length outside `shortest`…`longest` code points.
    """
    if len(text) <= longest * 4 and not _FORBIDDEN_IN_LINE.search(text):
        text = unicodedata.normalize("NFC", text).strip()
        if shortest <= len(text) <= longest:
            return text
        if len(text) < shortest and shortest == 1:
            raise Invalid("This can't be empty.", field=field)
        raise Invalid(
            f"This has {shortest} to {longest} characters." if shortest else f"This has at most {longest} characters.",
            field=field,
        )
    if len(text) > longest * 4:
        raise Invalid(f"This has at most {longest} characters.", field=field)
    raise Invalid("Control characters are not allowed here.", field=field)


def clean_name(text: str, *, field: str, longest: int, shortest: int) -> str:
    """A username or channel name as it is stored: NFKC, letters and digits of any script, `_` and `-`.

    Raises `Invalid`, naming `field`, for anything else and for a length outside `shortest`…`longest`.
    """
    if len(text) > longest * 4:
        raise Invalid(f"A name has {shortest} to {longest} characters.", field=field)
    name = unicodedata.normalize("NFKC", text)
    if not shortest <= len(name) <= longest:
        raise Invalid(f"A name has {shortest} to {longest} characters.", field=field)
    if not all(_in_name(sign) for sign in name) or not any(sign.isalnum() for sign in name):
        raise Invalid("A name has letters, digits, _ and - only.", field=field)
    return name


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
    """What makes two names the same: NFKC and case folding."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def _in_name(sign: str) -> bool:
    """Letters, digits and the marks that letters of many scripts need."""
    return sign in "_-" or unicodedata.category(sign)[0] in "LN" or unicodedata.category(sign) in ("Mn", "Mc")


def code_spans(content: str) -> list[tuple[int, int]]:
    """Where `content` is code, fenced or between backticks, as ascending (start, end) offsets.

    The rule is CommonMark's (sections 4.5 and 6.1): an unclosed fence runs to the end, unclosed backticks are text.
    """
    spans: list[tuple[int, int]] = []
    position = 0
    while fence := _FENCE.search(content, position):
        end = _closing_fence(content, fence)
        spans += _inline_code(content, position, fence.start())
        spans.append((fence.start(), end))
        position = end
    return spans + _inline_code(content, position, len(content))


def _closing_fence(content: str, opening: re.Match[str]) -> int:
    """Where the block that `opening` begins ends: after a fence at least as long and without a word behind it."""
    for fence in _FENCE.finditer(content, opening.end()):
        if len(fence.group(1)) >= len(opening.group(1)) and not fence.group(2).strip():
            return fence.end()
    return len(content)


def _inline_code(content: str, start: int, end: int) -> list[tuple[int, int]]:
    """Code between equally long runs of backticks, in one pass over the runs (never quadratic in the text)."""
    runs = [match.span() for match in _TICKS.finditer(content, start, end)]
    later: dict[int, list[int]] = {}
    for index in range(len(runs) - 1, -1, -1):
        later.setdefault(runs[index][1] - runs[index][0], []).append(index)
    spans: list[tuple[int, int]] = []
    index = 0
    while index < len(runs):
        same = later[runs[index][1] - runs[index][0]]
        while same and same[-1] <= index:
            same.pop()
        if same:
            spans.append((runs[index][0], runs[same[-1]][1]))
            index = same[-1]
        index += 1
    return spans


def mention_runs(content: str) -> list[str]:
    """Each run of name characters behind an `@` that stands outside of code, in order, as typed.

    An `@` inside a word (as in an e-mail address) begins none; one behind Hangul, Han or Kana does.
    """
    if "@" not in content:
        return []
    spans = code_spans(content)
    runs = []
    at = content.find("@")
    while at >= 0:
        end = _name_end(content, at + 1)
        before = content[at - 1] if at else " "
        inside_word = before == "@" or ((before.isalnum() or before == "_") and not _CJK.match(before))
        if end > at + 1 and not inside_word and not _is_inside(spans, at):
            runs.append(content[at + 1 : end])
        at = content.find("@", end)
    return runs


def _is_inside(spans: list[tuple[int, int]], position: int) -> bool:
    """Whether a position lies in one of some ascending spans."""
    index = bisect_right(spans, position, key=lambda span: span[0])
    return index > 0 and position < spans[index - 1][1]


def _name_end(content: str, start: int) -> int:
    """Where the run of name characters that begins at `start` ends."""
    end = start
    while end < len(content) and _in_name(content[end]):
        end += 1
    return end


def mention_keys(run: str) -> Iterator[str]:
    """The name keys that a run may mean, best first.

    The whole run; then, longest first, each beginning that is followed by Hangul, Han or Kana: so `@민지가` reaches
    민지, and `@bobby` never reaches bob.
    """
    yield name_key(run)
    for end in range(min(len(run) - 1, limits.USERNAME), 0, -1):
        if _CJK.match(run[end]):
            yield name_key(run[:end])
