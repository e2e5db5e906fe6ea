"""The table of styles for the pieces of lines, in colours of the theme.

A table instead of component classes: the style sheet would match each of them for each widget, several times before
the first picture.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace


class PieceStyle(msgspec.Struct, frozen=True):
    """Colours are names of the theme (`foreground`, `accent` …), with an alpha each."""

    color: str = "foreground"
    alpha: float = 1.0
    back: str | None = None
    back_alpha: float = 1.0
    bold: bool = False
    italic: bool = False
    underline: bool = False
    strike: bool = False


STYLES: dict[str, PieceStyle] = {
    # everywhere
    "plain": PieceStyle(),
    "strong": PieceStyle(bold=True),
    "dim": PieceStyle(alpha=0.58),
    "faint": PieceStyle(alpha=0.42),
    "heading": PieceStyle(alpha=0.48),
    "accent": PieceStyle("accent"),
    "error": PieceStyle("error"),
    "good": PieceStyle("success"),
    "key": PieceStyle("accent", bold=True),
    "hint-key": PieceStyle(alpha=0.85),
    "bar": PieceStyle("accent"),
    # lists
    "online": PieceStyle("success"),
    "away": PieceStyle("warning"),
    "offline": PieceStyle(alpha=0.42),
    "badge": PieceStyle("accent", bold=True),
    "count": PieceStyle(bold=True),
    "hit": PieceStyle("accent", bold=True),
    # messages
    "text": PieceStyle(),
    "author": PieceStyle(bold=True),
    "me": PieceStyle(alpha=0.75, bold=True),
    "time": PieceStyle(alpha=0.45),
    "pending": PieceStyle(alpha=0.5),
    "pending-mark": PieceStyle(alpha=0.5),
    "failed-mark": PieceStyle("error", bold=True),
    "reason": PieceStyle("error"),
    "hint": PieceStyle(alpha=0.6),
    "edited": PieceStyle(alpha=0.45),
    "deleted": PieceStyle(alpha=0.42, italic=True),
    "system": PieceStyle(alpha=0.58),
    "reactions": PieceStyle(alpha=0.75),
    "my-reaction": PieceStyle("accent", bold=True),
    "quote": PieceStyle(alpha=0.5),
    "link": PieceStyle(underline=True),
    "link-host": PieceStyle(alpha=0.55),
    "lead": PieceStyle(alpha=0.35),
    "marker": PieceStyle(alpha=0.6),
    "code": PieceStyle(back="foreground", back_alpha=0.07),
    "code-comment": PieceStyle(alpha=0.55, back="foreground", back_alpha=0.07, italic=True),
    "code-keyword": PieceStyle("accent", back="foreground", back_alpha=0.07),
    "code-string": PieceStyle("success", back="foreground", back_alpha=0.07),
    "code-number": PieceStyle("warning", back="foreground", back_alpha=0.07),
    "code-name": PieceStyle("secondary", back="foreground", back_alpha=0.07),
    "code-deleted": PieceStyle("error", back="foreground", back_alpha=0.07),
    "mention": PieceStyle(bold=True),
    "called": PieceStyle("accent", bold=True),
    "called-mark": PieceStyle("accent", bold=True),
    "gap": PieceStyle(alpha=0.6),
    "day": PieceStyle(alpha=0.6),
    "day-rule": PieceStyle(alpha=0.18),
    "new": PieceStyle("accent", bold=True),
    "new-rule": PieceStyle("accent", alpha=0.6),
    "chip": PieceStyle("background", back="accent", bold=True),
    "empty": PieceStyle(alpha=0.5),
}
"""Pieces, by name."""


def style_of(style: str) -> PieceStyle:
    """The look of a piece by its style: a name of `STYLES`, perhaps with `+` and letters.

    `b` bold, `i` italic, `s` struck through, `d` dim.
    """
    name, _, marks = style.partition("+")
    look = STYLES[name]
    if not marks:
        return look
    return replace(
        look,
        bold=look.bold or "b" in marks,
        italic=look.italic or "i" in marks,
        strike=look.strike or "s" in marks,
        alpha=look.alpha * (0.5 if "d" in marks else 1),
    )


BACKGROUNDS: dict[str, tuple[str, float]] = {
    "base": ("background", 0.0),
    "current": ("foreground", 0.08),
    "cursor": ("foreground", 0.12),
    "current-cursor": ("foreground", 0.18),
    "marked": ("accent", 0.08),
    "marked-cursor": ("accent", 0.22),
}
"""What a line stands on, laid over the widget's own background."""
