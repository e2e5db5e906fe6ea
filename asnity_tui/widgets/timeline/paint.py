"""Paints lines of the timeline as strips: styles from the theme, cursor, mentions and selected text."""

from __future__ import annotations

from collections.abc import Iterable

from rich.segment import Segment
from rich.style import Style
from textual.selection import Selection
from textual.strip import Strip

from asnity_tui.widgets.text.cell_width import fit, width_of, wrap
from asnity_tui.widgets.text.lru_cache import LruCache
from asnity_tui.widgets.text.rich_body import BEYOND, Piece, TextLink, selectable
from asnity_tui.widgets.text.styles import ThemeStyles

from .layout import RowLayout

STRIPS_MAX = 2_000


class Painter:
    """Makes strips, and keeps those that were made last."""

    def __init__(self, theme_styles: ThemeStyles, *, hyperlinks: bool = False) -> None:
        """`hyperlinks`: the terminal makes links of what is told to lead somewhere."""
        self.style = theme_styles.style
        self._hyperlinks = hyperlinks
        self._strips: LruCache[tuple[str, int, str], tuple[RowLayout, int, Strip]] = LruCache(STRIPS_MAX)

    def blank(self, width: int) -> Strip:
        """An empty line."""
        return Strip.blank(width, self.style("plain", "base"))

    def empty_line(self, text: str, upwards: int, width: int) -> Strip:
        """A line of what stands in an empty timeline; the last line has `upwards` 1."""
        lines = wrap(text, max(2, width - 4))
        if not 1 <= upwards <= len(lines):
            return self.blank(width)
        start, end = lines[-upwards]
        return self.line((Piece("   ", "plain", 0), Piece(text[start:end], "empty", 0)), 0, "base", width)

    def row_line(self, key: str, order: int, layout: RowLayout, number: int, *, width: int, cursor: bool) -> Strip:
        """One line of a row as it is without selection; `order` is what selections know the row by."""
        inside = number >= layout.rules
        background = ("marked-cursor" if cursor else "marked") if layout.marked else ("cursor" if cursor else "base")
        background = background if inside else "base"
        cache_key = (key, number, background)
        known = self._strips.get(cache_key)
        if known is not None and known[0] is layout and known[1] == width:
            return known[2]
        line = layout.lines[number]
        if cursor and inside:
            first = line[0]
            line = (Piece("▌", "bar", first.at), first._replace(text=first.text[1:]), *line[1:])
        strip = self.line(line, order, background, width, layout.links)
        self._strips.put(cache_key, (layout, width, strip))
        return strip

    def selected_line(
        self, order: int, layout: RowLayout, number: int, span: tuple[int, int], chosen: Style, *, width: int
    ) -> Strip:
        """One line of a row with the characters `span` of its text selected."""
        pieces: list[tuple[Piece, bool]] = []
        start, end = span
        for piece in layout.lines[number]:
            length = len(piece.text)
            if (
                piece.at < 0
                or piece.at >= BEYOND
                or piece.at + length <= start
                or piece.at >= end
                or not selectable(piece.style)
            ):
                pieces.append((piece, False))
                continue
            first, last = max(0, start - piece.at), min(length, end - piece.at)
            for low, high, inside in ((0, first, False), (first, last, True), (last, length, False)):
                if low < high:
                    pieces.append((Piece(piece.text[low:high], piece.style, piece.at + low), inside))
        background = "marked" if layout.marked and number >= layout.rules else "base"
        chosen = Style(bgcolor=chosen.bgcolor)
        segments = [
            Segment(
                piece.text,
                self.style(piece.style, background) + (chosen if inside else Style.null()) + _at(piece, order),
            )
            for piece, inside in pieces
        ]
        return self._filled(segments, background, width)

    def line(
        self, line: Iterable[Piece], order: int, background: str, width: int, links: Iterable[TextLink] = ()
    ) -> Strip:
        """Pieces as a strip of exactly `width` cells."""
        leads = _leads(links) if self._hyperlinks else {}
        segments = []
        for piece in line:
            if piece.text:
                style = self.style(piece.style, background) + _at(piece, order)
                if leads and piece.style.startswith("link"):
                    style += next((leads[each] for each in leads if each.start <= piece.at < each.end), Style.null())
                segments.append(Segment(piece.text, style))
        return self._filled(segments, background, width)

    def with_time(self, strip: Strip, time: str, layout: RowLayout, number: int, width: int) -> Strip:
        """A line under the cursor with the time at its right end, if it is the first where that covers nothing."""
        time += " "
        written = (sum(width_of(piece.text) for piece in line) for line in layout.lines[layout.rules :])
        first = next((at for at, used in enumerate(written, layout.rules) if used + 1 + width_of(time) <= width), None)
        if number != first:
            return strip
        return self.over_right(strip, time, "time", width, "marked-cursor" if layout.marked else "cursor")

    def over_right(self, strip: Strip, text: str, piece: str, width: int, background: str = "base") -> Strip:
        """`strip` with words laid over its right end."""
        text = fit(text, width)
        room = width - width_of(text)
        words = Strip([Segment(text, self.style(piece, background))], width_of(text))
        return Strip.join([_beginning(strip, room), words]) if room else words

    def _filled(self, segments: list[Segment], background: str, width: int) -> Strip:
        strip = Strip(segments)
        if strip.cell_length > width:
            strip = _beginning(strip, width)
        return strip.extend_cell_length(width, self.style("plain", background))


def chip_text(below: int) -> str:
    """The words of the chip that tells how many new messages stand below the screen."""
    return f" ▼ {below:,} new "


def _beginning(strip: Strip, width: int) -> Strip:
    """The first cells of a line; blank where a character would be cut (`Strip.crop` cuts inside of emoji)."""
    segments: list[Segment] = []
    left = width
    for segment in strip:
        text = fit(segment.text, left, more="")
        left -= width_of(text)
        if text != segment.text:
            segments.append(Segment(text + " " * left, segment.style))
            break
        segments.append(segment)
    return Strip(segments, width)


def _leads(links: Iterable[TextLink]) -> dict[TextLink, Style]:
    """A style for each link, by which the terminal knows where it leads; one with anything but ASCII in it has none."""
    safe = (each for each in links if each.address.isascii() and each.address.isprintable() and " " not in each.address)
    return {each: Style(link=each.address) for each in safe}


def _at(piece: Piece, order: int) -> Style:
    """Where a piece stands, so that Textual's text selection knows what the pointer is over."""
    return Style.from_meta({"offset": (piece.at, order)})


def span_in(selection: Selection, order: int, length: int) -> tuple[int, int] | None:
    """Which characters of a row's text are selected, or None."""
    span = selection.get_span(order)
    if span is None:
        return None
    start, end = span
    start = min(max(0, start), length)
    end = length if end == -1 else min(max(0, end), length)
    return (start, end) if start < end else None
