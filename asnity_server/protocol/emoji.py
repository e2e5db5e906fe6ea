"""Emoji: recognizes a single one, and brings it into one form.

The rule is Unicode's (UTS #51, "Unicode Emoji"): a picture; a sign that may be one; either with a skin tone, where it
shows people; a keycap; the flag of a region; one of the three tag flags; or up to four of the former joined by ZWJ.
All of these are one grapheme cluster (UAX #29, rules GB11 to GB13).
"""

from __future__ import annotations

from bisect import bisect_right

from .errors import Invalid

# Unicode 17.0, from emoji-data.txt, as the first sign of a range, the first behind it, and so on: Emoji_Presentation
# without the letters of flags; Emoji without Emoji_Presentation and ASCII; Emoji_Modifier_Base.
_PICTURES = (
    "\u231a\u231c\u23e9\u23ed\u23f0\u23f1\u23f3\u23f4\u25fd\u25ff\u2614\u2616\u2648\u2654\u267f\u2680\u2693\u2694"
    "\u26a1\u26a2\u26aa\u26ac\u26bd\u26bf\u26c4\u26c6\u26ce\u26cf\u26d4\u26d5\u26ea\u26eb\u26f2\u26f4\u26f5\u26f6"
    "\u26fa\u26fb\u26fd\u26fe\u2705\u2706\u270a\u270c\u2728\u2729\u274c\u274d\u274e\u274f\u2753\u2756\u2757\u2758"
    "\u2795\u2798\u27b0\u27b1\u27bf\u27c0\u2b1b\u2b1d\u2b50\u2b51\u2b55\u2b56\U0001f004\U0001f005"
    "\U0001f0cf\U0001f0d0\U0001f18e\U0001f18f\U0001f191\U0001f19b\U0001f201\U0001f202\U0001f21a\U0001f21b"
    "\U0001f22f\U0001f230\U0001f232\U0001f237\U0001f238\U0001f23b\U0001f250\U0001f252\U0001f300\U0001f321"
    "\U0001f32d\U0001f336\U0001f337\U0001f37d\U0001f37e\U0001f394\U0001f3a0\U0001f3cb\U0001f3cf\U0001f3d4"
    "\U0001f3e0\U0001f3f1\U0001f3f4\U0001f3f5\U0001f3f8\U0001f43f\U0001f440\U0001f441\U0001f442\U0001f4fd"
    "\U0001f4ff\U0001f53e\U0001f54b\U0001f54f\U0001f550\U0001f568\U0001f57a\U0001f57b\U0001f595\U0001f597"
    "\U0001f5a4\U0001f5a5\U0001f5fb\U0001f650\U0001f680\U0001f6c6\U0001f6cc\U0001f6cd\U0001f6d0\U0001f6d3"
    "\U0001f6d5\U0001f6d9\U0001f6dc\U0001f6e0\U0001f6eb\U0001f6ed\U0001f6f4\U0001f6fd\U0001f7e0\U0001f7ec"
    "\U0001f7f0\U0001f7f1\U0001f90c\U0001f93b\U0001f93c\U0001f946\U0001f947\U0001fa00\U0001fa70\U0001fa7d"
    "\U0001fa80\U0001fa8b\U0001fa8e\U0001fac7\U0001fac8\U0001fac9\U0001facd\U0001fadd\U0001fadf\U0001faeb"
    "\U0001faef\U0001faf9"
)
_SIGNS = (
    "\u00a9\u00aa\u00ae\u00af\u203c\u203d\u2049\u204a\u2122\u2123\u2139\u213a\u2194\u219a\u21a9\u21ab\u2328\u2329"
    "\u23cf\u23d0\u23ed\u23f0\u23f1\u23f3\u23f8\u23fb\u24c2\u24c3\u25aa\u25ac\u25b6\u25b7\u25c0\u25c1\u25fb\u25fd"
    "\u2600\u2605\u260e\u260f\u2611\u2612\u2618\u2619\u261d\u261e\u2620\u2621\u2622\u2624\u2626\u2627\u262a\u262b"
    "\u262e\u2630\u2638\u263b\u2640\u2641\u2642\u2643\u265f\u2661\u2663\u2664\u2665\u2667\u2668\u2669\u267b\u267c"
    "\u267e\u267f\u2692\u2693\u2694\u2698\u2699\u269a\u269b\u269d\u26a0\u26a1\u26a7\u26a8\u26b0\u26b2\u26c8\u26c9"
    "\u26cf\u26d0\u26d1\u26d2\u26d3\u26d4\u26e9\u26ea\u26f0\u26f2\u26f4\u26f5\u26f7\u26fa\u2702\u2703\u2708\u270a"
    "\u270c\u270e\u270f\u2710\u2712\u2713\u2714\u2715\u2716\u2717\u271d\u271e\u2721\u2722\u2733\u2735\u2744\u2745"
    "\u2747\u2748\u2763\u2765\u27a1\u27a2\u2934\u2936\u2b05\u2b08\u3030\u3031\u303d\u303e\u3297\u3298\u3299\u329a"
    "\U0001f170\U0001f172\U0001f17e\U0001f180\U0001f202\U0001f203\U0001f237\U0001f238\U0001f321\U0001f322"
    "\U0001f324\U0001f32d\U0001f336\U0001f337\U0001f37d\U0001f37e\U0001f396\U0001f398\U0001f399\U0001f39c"
    "\U0001f39e\U0001f3a0\U0001f3cb\U0001f3cf\U0001f3d4\U0001f3e0\U0001f3f3\U0001f3f4\U0001f3f5\U0001f3f6"
    "\U0001f3f7\U0001f3f8\U0001f43f\U0001f440\U0001f441\U0001f442\U0001f4fd\U0001f4fe\U0001f549\U0001f54b"
    "\U0001f56f\U0001f571\U0001f573\U0001f57a\U0001f587\U0001f588\U0001f58a\U0001f58e\U0001f590\U0001f591"
    "\U0001f5a5\U0001f5a6\U0001f5a8\U0001f5a9\U0001f5b1\U0001f5b3\U0001f5bc\U0001f5bd\U0001f5c2\U0001f5c5"
    "\U0001f5d1\U0001f5d4\U0001f5dc\U0001f5df\U0001f5e1\U0001f5e2\U0001f5e3\U0001f5e4\U0001f5e8\U0001f5e9"
    "\U0001f5ef\U0001f5f0\U0001f5f3\U0001f5f4\U0001f5fa\U0001f5fb\U0001f6cb\U0001f6cc\U0001f6cd\U0001f6d0"
    "\U0001f6e0\U0001f6e6\U0001f6e9\U0001f6ea\U0001f6f0\U0001f6f1\U0001f6f3\U0001f6f4"
)
_PEOPLE = (
    "\u261d\u261e\u26f9\u26fa\u270a\u270e\U0001f385\U0001f386\U0001f3c2\U0001f3c5\U0001f3c7\U0001f3c8"
    "\U0001f3ca\U0001f3cd\U0001f442\U0001f444\U0001f446\U0001f451\U0001f466\U0001f479\U0001f47c\U0001f47d"
    "\U0001f481\U0001f484\U0001f485\U0001f488\U0001f48f\U0001f490\U0001f491\U0001f492\U0001f4aa\U0001f4ab"
    "\U0001f574\U0001f576\U0001f57a\U0001f57b\U0001f590\U0001f591\U0001f595\U0001f597\U0001f645\U0001f648"
    "\U0001f64b\U0001f650\U0001f6a3\U0001f6a4\U0001f6b4\U0001f6b7\U0001f6c0\U0001f6c1\U0001f6cc\U0001f6cd"
    "\U0001f90c\U0001f90d\U0001f90f\U0001f910\U0001f918\U0001f920\U0001f926\U0001f927\U0001f930\U0001f93a"
    "\U0001f93c\U0001f93f\U0001f977\U0001f978\U0001f9b5\U0001f9b7\U0001f9b8\U0001f9ba\U0001f9bb\U0001f9bc"
    "\U0001f9cd\U0001f9d0\U0001f9d1\U0001f9de\U0001fac3\U0001fac6\U0001faf0\U0001faf9"
)
_REGIONS = (
    "ACDEFGILMOQRSTUWXZ BABDEFGHIJLMNOQRSTVWYZ CACDFGHIKLMNOPQRUVWXYZ DEGJKMOZ EACEGHRSTU FIJKMOR"
    " GABDEFGHILMNPQRSTUWY HKMNRTU ICDELMNOQRST JEMOP KEGHIMNPRWYZ LABCIKRSTUVY MACDEFGHKLMNOPQRSTUVWXYZ"
    " NACEFGILOPRUZ OM PAEFGHKLMNRSTWY QA REOSUW SABCDEGHIJKLMNORSTVXYZ TACDFGHJKLMNORTVWZ UAGMNSYZ VACEGINU WFS"
    " XK YET ZAMW"
)
"""Regions that have a flag (emoji-sequences.txt, RGI_Emoji_Flag_Sequence): a first letter with all its second ones."""

_FLAG_A = 0x1F1E6
"""REGIONAL INDICATOR SYMBOL LETTER A."""
_TAG = 0xE0000
_TAG_FLAGS = ("gbeng", "gbsct", "gbwls")
_PICTURE_MARK = "\N{VARIATION SELECTOR-16}"
_JOINER = "\N{ZERO WIDTH JOINER}"
_KEYCAP = "\N{COMBINING ENCLOSING KEYCAP}"
_TONES = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
_JOINED = 4
"""Parts that are joined at most: no emoji in use has more."""


def clean_emoji(text: str, *, field: str = "emoji") -> str:
    """A single emoji as it is kept: fully qualified, so that two ways to write one picture are the same reaction.

    Raises `Invalid`, naming `field`, for anything else.
    """
    found = _keycap(text) or _flag(text) or _joined(text)
    if found is None:
        raise Invalid("Enter exactly one emoji.", field=field)
    return found


def is_pictured(sign: str) -> bool:
    """Whether a character is a picture, or may be one."""
    return _is_among(_PICTURES, sign) or _is_among(_SIGNS, sign)


def _keycap(text: str) -> str | None:
    """A digit, # or * on a key."""
    key = text[:1]
    is_one = key != "" and key in "0123456789#*" and text[1:] in (_KEYCAP, _PICTURE_MARK + _KEYCAP)
    return key + _PICTURE_MARK + _KEYCAP if is_one else None


def _flag(text: str) -> str | None:
    """The flag of a region, in two letters or in tags behind a black flag."""
    if text[:1] == "\N{WAVING BLACK FLAG}" and len(text) > 2:
        name = "".join(chr(ord(sign) - _TAG) for sign in text[1:-1] if ord(sign) > _TAG)
        return text if text == text[0] + _tags(name) and name in _TAG_FLAGS else None
    letters = [ord(sign) - _FLAG_A for sign in text]
    if len(letters) != 2 or not all(0 <= letter < 26 for letter in letters):
        return None
    first, second = (chr(ord("A") + letter) for letter in letters)
    seconds = next((group[1:] for group in _REGIONS.split() if group[0] == first), "")
    return text if second in seconds else None


def _tags(name: str) -> str:
    return "".join(chr(_TAG + ord(sign)) for sign in name) + "\N{CANCEL TAG}"


def _joined(text: str) -> str | None:
    """Pictures, with a skin tone or without, that are joined to one."""
    parts = text.split(_JOINER)
    if len(parts) > _JOINED:
        return None
    whole = [_element(part) for part in parts]
    return _JOINER.join(each for each in whole if each) if all(whole) else None


def _element(part: str) -> str | None:
    """One picture. A sign that is text by default gets the mark that makes it a picture; what is one loses it."""
    sign, more = part[:1], part[1:]
    is_picture = _is_among(_PICTURES, sign)
    if not is_picture and not _is_among(_SIGNS, sign):
        return None
    if more and more in _TONES and len(more) == 1:
        return part if _is_among(_PEOPLE, sign) else None
    if more not in ("", _PICTURE_MARK):
        return None
    return sign if is_picture else sign + _PICTURE_MARK


def _is_among(ranges: str, sign: str) -> bool:
    """Whether a sign is in one of some ranges."""
    return sign != "" and bisect_right(ranges, sign) % 2 == 1
