"""Lines as they are drawn: exactly as wide as their pane, whatever people are called and write."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.color import Color
from textual.strip import Strip

from asnity_tui import themes
from asnity_tui.widgets.text.cell_width import clusters, fit
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import Span, ThemeStyles
from asnity_tui.widgets.timeline.layout import RowHeader, layout_row
from asnity_tui.widgets.timeline.paint import Painter

from .making import refused, render_context, row, unsent
from .test_cell_width import texts

INKS = ThemeStyles(themes.DARK.to_color_system().generate(), Color.parse("#18181b"))
words = st.lists(texts.map(harmless_line).map(Span), max_size=3)


def whole(strip: Strip, width: int) -> None:
    """A line is exactly so wide, and every piece of it is what it says."""
    assert strip.cell_length == width
    assert sum(cell_len(segment.text) for segment in strip) == width
    assert "\n" not in strip.text


@settings(max_examples=50)
@given(words, words, st.integers(min_value=1, max_value=50))
def test_a_line_with_words_at_both_ends_is_as_wide_as_its_pane(left: list[Span], right: list[Span], width: int) -> None:
    strip = INKS.strip(left, width, right=right)
    whole(strip, width)
    known = {sign for word in (*left, *right) for sign, _ in clusters(word.text)} | {" ", "…"}
    for segment in strip:
        assert {sign for sign, _ in clusters(segment.text)} <= known  # nothing is cut inside of a character


@settings(max_examples=50)
@given(texts, st.integers(min_value=4, max_value=60), st.booleans())
def test_every_line_of_a_row_is_as_wide_as_the_pane(text: str, width: int, cursor: bool) -> None:
    painter = Painter(INKS)
    items = [
        row(1, "k", text, reply_to=1, mentions=("meeeeeeeeeee",)),
        unsent("n", text, refused(text)),
    ]
    setting = render_context(name_of=lambda _: text, message_of=lambda _: items[0].message)
    for item in items:
        layout = layout_row(item, RowHeader(day=True, new=True), setting, width)
        for number in range(len(layout.lines)):
            strip = painter.row_line(item.key, 1, layout, number, width=width, cursor=cursor)
            whole(strip, width)
            chip = fit(f" ▼ {len(text):,} new ", width)
            whole(painter.over_right(strip, chip, "chip", width), width)
