"""The scripts that are written without spaces around names and addresses."""

from __future__ import annotations

from .lazy_patterns import LazyPattern

CJK_RANGES = (
    "\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3038-\u303b\u3040-\u30ff\u3130-\u318f\u31a0-\u31bf"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9f"
    "\U0001aff0-\U0001b16f\U00020000-\U0003ffff"
)
"""Hangul, Han and Kana, as the inside of a character class."""

CJK = LazyPattern(f"[{CJK_RANGES}]")
"""Hangul, Han and Kana: the scripts whose particles follow a name without a space."""

UNSPACED = LazyPattern(f"[{CJK_RANGES}\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
"""Those, and Thai, Lao, Burmese and Khmer: words follow an address without a space."""
