"""URLs in text: finds where one ends and the sentence goes on.

What RFC 3986 lets stand in an address, and letters of any script; but no bracket without its partner, no punctuation at
its end, no quotation mark, and no Hangul, Han or Kana behind a Latin word.
"""

from __future__ import annotations

import re

from .lazy_patterns import LazyPattern
from .scripts import CJK_RANGES, UNSPACED

_SCHEME = LazyPattern(r"https?://", re.IGNORECASE)
_NEVER = LazyPattern(
    '[\\s\x00-\x1f\x7f-\xa0<>"`\\\\^|\u00ab\u00bb\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2000-\u201f'
    "\u2022-\u2bff\u3000-\u3003\u3008-\u3020\u3030\u303d\u3164\ud800-\uf8ff\ufe00-\ufe6f\ufeff\uff01-\uff0f"
    "\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\uffa0\ufff0-\uffff\U0001f000-\U0001faff\U000e0000-\U000e0fff]"
)
"""White space, quotation marks, dashes, arrows, pictures, full-width punctuation, and what nobody sees."""

_DEEPEST = 5
"""Brackets within brackets that an address has at most."""

_BRACKETS = {")": "(", "]": "[", "}": "{"}
_SENTENCE = ".,;:!?'*\u00b7"
"""Punctuation that a sentence, or emphasis, puts after an address."""

_HOST = LazyPattern(
    r"https?://(?:[^\s/?#@]*@)?(?:\[[0-9a-f:.]+\]|[^\W_][^/?#@:\[\]]*)(?::[0-9]*)?(?=[/?#]|\Z)", re.IGNORECASE
)
_IPV6 = LazyPattern(r"\[[0-9a-f:.]+\]", re.IGNORECASE)
_NAMED = LazyPattern(r"[^\s/?#@]*@")
_PORT = LazyPattern(":[0-9]")
_GOES_ON = LazyPattern(f"[{CJK_RANGES}\\w-]*\\.[a-z]", re.IGNORECASE)
"""The rest of a host's name that mixes scripts."""

_EMPHASIS = LazyPattern(rf"(?:\*{{1,3}}|~~)[{CJK_RANGES}]")
"""The end of emphasis around an address, and a particle."""

_PARTICLE = LazyPattern(
    "(?:을|를|이|가|은|는|에|에서|에게|로|으로|와|과|도|의|만|까지|부터|랑|이랑|보다|처럼|라고|이라고|입니다|이에요|예요|요|を)"
    f"(?![{CJK_RANGES}])"
)
"""Particles that Korean and Japanese put after an address that ends in punctuation."""

_WRAPPED = "<>()[]{}\"'`“”‘’「」『』（）〈〉《》【】"
_BEHIND = _WRAPPED + ".,;:!?。、，！？…|"
_UNSEEN = LazyPattern(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)


def url_end(text: str, start: int, *, sentence: bool = True) -> int | None:
    """Return where the URL ends that begins at `start` with its scheme; None if there is none.

    `sentence`: punctuation at its end belongs to the sentence around it.
    """
    scheme = _SCHEME.match(text, start)
    if scheme is None:
        return None
    end = _reach(text, start, scheme.end())
    end = _trimmed(text, scheme.end(), end) if sentence else end
    return end if _HOST.match(text[start:end]) else None


def pasted_url(text: str) -> str:
    """The address or code in what a person copied with a bit of the sentence around it.

    Characters that nobody sees, quotation marks and brackets around it, and punctuation behind it are no part of it.
    """
    text = _UNSEEN.sub("", text).strip()
    scheme = _SCHEME.search(text)
    if scheme is not None and not text[: scheme.start()].strip(_WRAPPED + " "):
        end = url_end(text, scheme.start())
        whole = end is not None and not any(sign.isspace() for sign in text[end:].rstrip(_BEHIND + " "))
        return text[scheme.start() : end] if whole else text
    return text.lstrip(_WRAPPED).rstrip(_BEHIND) if not text.startswith("[") else text.rstrip(".,;!?")


def _reach(text: str, scheme: int, start: int) -> int:
    """As far as an address may go whose scheme stands at `scheme`; `start` is behind it.

    Of a quotation mark or an asterisk right before it, the next one ends it.
    """
    stop = text[scheme - 1] if scheme and text[scheme - 1] in "'*" else ""
    opened: list[tuple[str, int]] = []
    in_host = True
    latin = other = False  # what stands in the present word
    at = start
    while at < len(text):
        sign = text[at]
        if sign == stop or (sign in "*~" and _EMPHASIS.match(text, at)):
            break
        if sign.isascii() and sign.isalnum():
            latin = True
        elif in_host and sign in "[](){}',;":
            literal = _IPV6.match(text, at) if at == start else None
            if literal is None:
                break
            at = literal.end()
            continue
        elif _NEVER.match(sign) or (in_host and sign in ":!*$&=~+" and not _continues(text, at)):
            break
        elif sign in "([{":
            if len(opened) == _DEEPEST:
                break
            opened.append((sign, at))
            latin = other = False
        elif sign in ")]}":
            if not opened or opened.pop()[0] != _BRACKETS[sign]:
                break
            latin, other = True, False
        elif sign in ".,;:!?'\u00b7" and _SCHEME.match(text, at + 1):
            break
        elif UNSPACED.match(sign):
            if latin and not other and not (in_host and _GOES_ON.match(text, at)):
                break
            if not in_host and text[at - 1] in "/_-" and _PARTICLE.match(text, at) and _is_latin(text, start, at):
                break
            other = True
        elif not sign.isalnum():
            if in_host and sign in "/?#":
                if not _HOST.match(text[scheme:at]):
                    return start  # no need to go as far as it might, again for each that begins on the way
                in_host = False
            latin = other = False
        at += 1
    return opened[0][1] if opened and at >= opened[0][1] else at


def _is_latin(text: str, start: int, at: int) -> bool:
    """Whether the part of a path that ends at `at` is in ASCII."""
    return text[text.rfind("/", start, at) + 1 : at].isascii()


def _continues(text: str, at: int) -> bool:
    """Whether a sign in a host's part stands before a port, or in a name before the host."""
    return _PORT.match(text, at) is not None or _NAMED.match(text, at) is not None


def _trimmed(text: str, start: int, end: int) -> int:
    """Return where an address ends without the punctuation after it."""
    if text.endswith("'s", start, end):
        end -= 2
    while end > start and (text[end - 1] in _SENTENCE or text.endswith("~~", start, end)):
        end -= 1 if text[end - 1] != "~" else 2
    return end
