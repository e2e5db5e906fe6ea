"""What the pieces of lines look like, by colours of the theme.

A table instead of component classes: the style sheet would match each of them for each widget, several times before
the first picture.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace


class Look(msgspec.Struct, frozen=True):
    """Colours are names of the theme (`foreground`, `accent` …), with an alpha each."""

    color: str = "foreground"
    alpha: float = 1.0
    back: str | None = None
    back_alpha: float = 1.0
    bold: bool = False
    italic: bool = False
    underline: bool = False
    strike: bool = False


LOOKS: dict[str, Look] = {
    # everywhere
    "plain": Look(),
    "strong": Look(bold=True),
    "dim": Look(alpha=0.58),
    "faint": Look(alpha=0.42),
    "heading": Look(alpha=0.48),
    "accent": Look("accent"),
    "error": Look("error"),
    "good": Look("success"),
    "key": Look("accent", bold=True),
    "hint-key": Look(alpha=0.85),
    "bar": Look("accent"),
    # lists
    "online": Look("success"),
    "away": Look("warning"),
    "offline": Look(alpha=0.42),
    "badge": Look("accent", bold=True),
    "count": Look(bold=True),
    "hit": Look("accent", bold=True),
    # messages
    "text": Look(),
    "author": Look(bold=True),
    "me": Look(alpha=0.75, bold=True),
    "time": Look(alpha=0.45),
    "pending": Look(alpha=0.5),
    "pending-mark": Look(alpha=0.5),
    "failed-mark": Look("error", bold=True),
    "reason": Look("error"),
    "hint": Look(alpha=0.6),
    "edited": Look(alpha=0.45),
    "deleted": Look(alpha=0.42, italic=True),
    "system": Look(alpha=0.58),
    "reactions": Look(alpha=0.75),
    "my-reaction": Look("accent", bold=True),
    "quote": Look(alpha=0.5),
    "link": Look(underline=True),
    "link-host": Look(alpha=0.55),
    "lead": Look(alpha=0.35),
    "marker": Look(alpha=0.6),
    "code": Look(back="foreground", back_alpha=0.07),
    "code-comment": Look(alpha=0.55, back="foreground", back_alpha=0.07, italic=True),
    "code-keyword": Look("accent", back="foreground", back_alpha=0.07),
    "code-string": Look("success", back="foreground", back_alpha=0.07),
    "code-number": Look("warning", back="foreground", back_alpha=0.07),
    "code-name": Look("secondary", back="foreground", back_alpha=0.07),
    "code-deleted": Look("error", back="foreground", back_alpha=0.07),
    "mention": Look(bold=True),
    "called": Look("accent", bold=True),
    "called-mark": Look("accent", bold=True),
    "gap": Look(alpha=0.6),
    "day": Look(alpha=0.6),
    "day-rule": Look(alpha=0.18),
    "new": Look("accent", bold=True),
    "new-rule": Look("accent", alpha=0.6),
    "chip": Look("background", back="accent", bold=True),
    "empty": Look(alpha=0.5),
}
"""Pieces, by name."""


def look_of(style: str) -> Look:
    """The look of a piece by its style: a name of `LOOKS`, perhaps with `+` and letters.

    `b` bold, `i` italic, `s` struck through, `d` dim.
    """
    name, _, marks = style.partition("+")
    look = LOOKS[name]
    if not marks:
        return look
    return replace(
        look,
        bold=look.bold or "b" in marks,
        italic=look.italic or "i" in marks,
        strike=look.strike or "s" in marks,
        alpha=look.alpha * (0.5 if "d" in marks else 1),
    )


GROUNDS: dict[str, tuple[str, float]] = {
    "ground": ("background", 0.0),
    "current": ("foreground", 0.08),
    "cursor": ("foreground", 0.12),
    "current-cursor": ("foreground", 0.18),
    "marked": ("accent", 0.08),
    "marked-cursor": ("accent", 0.22),
}
"""What a line stands on, laid over the widget's own background."""
