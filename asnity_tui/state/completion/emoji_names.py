"""Finds emoji by their short names, as `emoji` from PyPI keeps them with each version of Unicode."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from asnity_server.protocol.emoji import clean_emoji
from asnity_server.protocol.errors import Invalid
from asnity_server.protocol.markup import unchanged_spans
from asnity_server.protocol.scripts import CJK_RANGES

from .fuzzy import match

_NAME = re.compile(r"[a-z0-9_+-]+")
_EDGE = f"(?:^|(?<=[\\s(\\[{{*~_>!?.,{CJK_RANGES}\u2600-\u27bf\ufe0f\U0001f000-\U0001faff]))"
"""What stands before a name: no letter and no digit, as in `root:x:0`, and no colon or slash, as in addresses."""

_CALLED = re.compile(_EDGE + r"(?::[a-z0-9_+-]+:)+(?![\w:/@-])", re.MULTILINE)
_EACH = re.compile(":([a-z0-9_+-]+):")
_LAST = re.compile(_EDGE + r":([a-z0-9_+-]+):\Z", re.MULTILINE)
_TONE = "_skin_tone"

USUAL = ("👍", "❤️", "😂", "🎉", "👀", "🙏", "✅", "😮", "😢", "🔥", "👏", "🤔")
"""What is offered to somebody who has used none yet."""


MINE = 300
"""How much better an emoji fits that I have used before."""


SCATTERED = 150
"""The best score of letters that stand apart: where others stand in a row, those are left out."""


class FoundEmoji(msgspec.Struct, frozen=True):
    """An emoji with the name that fits, and where the letters that were looked for stand in it."""

    emoji: str
    name: str
    positions: tuple[int, ...] = ()


class EmojiNames:
    """Emoji by their names; the first name of each is the one that people know."""

    def __init__(self, names: Mapping[str, Sequence[str]]) -> None:
        """`names` has those of each emoji, the best known first."""
        self._names = {emoji: tuple(each) for emoji, each in names.items()}
        self._emoji: dict[str, str] = {}
        for emoji, some in self._names.items():
            for name in some:
                self._emoji.setdefault(name, emoji)

    @classmethod
    def load(cls) -> EmojiNames:
        """All there are; takes some tenths of a second: call it in a thread."""
        from emoji import EMOJI_DATA, STATUS  # late: see above

        names: dict[str, list[str]] = {}
        for emoji, data in EMOJI_DATA.items():
            if data["status"] != STATUS["fully_qualified"] or _TONE in data["en"]:
                continue
            if not _is_known(emoji):
                continue  # newer than what servers take
            said = (each.strip(":").casefold() for each in (*data.get("alias", ()), data["en"]))
            names[emoji] = [each for each in dict.fromkeys(said) if _NAME.fullmatch(each)]
        return cls(names)

    def get(self, name: str) -> str | None:
        """The emoji of a name."""
        return self._emoji.get(name)

    def name(self, emoji: str) -> str:
        """Return the short name of an emoji, or nothing."""
        return next(iter(self._names.get(emoji, ())), "")

    def find(self, query: str, used: Sequence[str] = (), *, limit: int = 50) -> tuple[FoundEmoji, ...]:
        """Find emoji by a query, the best first; `used` are mine, most used first.

        Without a query those come, then the usual ones, then all.
        """
        if not query:
            some = dict.fromkeys((*used, *USUAL, *self._names))
            return tuple(FoundEmoji(each, self.name(each)) for each in list(some)[:limit])
        wanted = set(query.casefold())
        rank = {emoji: len(used) - place for place, emoji in enumerate(used)}
        ranked: list[tuple[int, int, str, FoundEmoji]] = []
        for emoji, names in self._names.items():
            fits = ((match(query, name), name) for name in names if all(letter in name for letter in wanted))
            found = [(fit.score, FoundEmoji(emoji, name, fit.positions)) for fit, name in fits if fit is not None]
            if found:
                score, best = max(found, key=lambda each: each[0])
                ranked.append((-score - MINE * (emoji in rank), -rank.get(emoji, 0), best.name, best))
        ranked.sort(key=lambda each: each[:3])
        in_a_row = [each for each in ranked if -each[0] > SCATTERED]
        return tuple(each[3] for each in (in_a_row or ranked)[:limit])

    def ending(self, text: str) -> tuple[int, str] | None:
        """The emoji whose name, between colons, `text` ends with, and where that begins; none in code or a word."""
        called = _LAST.search(text) if text.endswith(":") else None
        emoji = self.get(called.group(1)) if called else None
        if called is None or emoji is None or _is_left_alone(text, called.start()):
            return None
        return called.start(), emoji

    def replace(self, text: str) -> str:
        """`text` with emoji for their names between colons; code, addresses and words stay as they are."""
        if text.count(":") < 2:
            return text
        spans = unchanged_spans(text)

        def put(called: re.Match[str]) -> str:
            inside = any(start <= called.start() < end for start, end in spans)
            some = [self.get(name) for name in _EACH.findall(called.group())]
            return called.group() if inside or None in some else "".join(each for each in some if each)

        return _CALLED.sub(put, text)


def may_end_with_one(text: str) -> bool:
    """Whether `text` ends with what may be the name of an emoji."""
    return _LAST.search(text) is not None


def _is_left_alone(text: str, at: int) -> bool:
    """Whether what stands at `at` is code or an address, or code once the backticks before it are closed."""
    return any(start <= at < end for closing in ("", "`", "``") for start, end in unchanged_spans(text + closing))


def _is_known(emoji: str) -> bool:
    try:
        return clean_emoji(emoji) == emoji
    except Invalid:
        return False
