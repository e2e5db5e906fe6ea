"""Wraps a text that has tabs, with stops that count from the start of each line on the screen.

Textual wraps and draws with stops from the start of the paragraph, and places the cursor with stops from the start of
the line on the screen; here it is the latter everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from textual._wrap import compute_wrap_offsets
from textual.widgets.text_area import DocumentBase, DocumentNavigator, Location, WrappedDocument

from .cell_width import clusters, width_of

_WORDS = re.compile(r"\S+\s*|\s+")
_RUNS = re.compile(r"\t|[^\t]+")


def break_offsets(line: str, width: int, tab: int) -> list[int]:
    """Find the offsets at which a paragraph breaks so that no line takes more than `width` cells, tabs included.

    As in Textual, words go with the white space after them, and what is longer than a line is cut.
    """
    if not width:
        return []
    if "\t" not in line:
        return compute_wrap_offsets(line, width, tab)
    breaks: list[int] = []
    used = at = 0
    for word in _WORDS.findall(line):
        after = _end(word, used, tab)
        if after > width and used:
            breaks.append(at)
            used, after = 0, _end(word, 0, tab)
        if after <= width:
            used = after
            at += len(word)
            continue
        for sign in _signs(word):
            after = _end(sign, used, tab)
            if after > width and used:
                breaks.append(at)
                after = _end(sign, 0, tab)
            used = after
            at += len(sign)
    return breaks


def tab_widths(line: str, breaks: Iterable[int], tab: int) -> list[int]:
    """The cells that each tab of a paragraph takes, one after the other."""
    found: list[int] = []
    if "\t" not in line:
        return found
    start = 0
    for end in (*breaks, len(line)):
        used = 0
        for run in _RUNS.findall(line[start:end]):
            after = _end(run, used, tab)
            if run == "\t":
                found.append(after - used)
            used = after
        start = end
    return found


def _end(text: str, column: int, tab: int) -> int:
    """The cells from the start of a line to the end of `text` that begins after `column` of them."""
    if "\t" not in text:
        return column + width_of(text)
    for run in _RUNS.findall(text):
        column += tab - column % tab if run == "\t" else width_of(run)
    return column


def _signs(text: str) -> Iterator[str]:
    """Tabs and clusters, none of which is cut."""
    for run in _RUNS.findall(text):
        yield from (run,) if run == "\t" else (cluster for cluster, _ in clusters(run))


class TabbedDocument(WrappedDocument):
    """A wrapped text with stops from the start of each line on the screen."""

    def __init__(self, document: DocumentBase, width: int, tab_width: int) -> None:
        self._known: tuple[int, int, dict[str, list[int]]] = (0, 0, {})
        """The width and the stops that it is wrapped for, and where each of its paragraphs breaks."""
        super().__init__(document, width, tab_width)

    def wrap(self, width: int, tab_width: int | None = None) -> None:
        """Wrap all of it; paragraphs that it had before at this width break where they did."""
        tab = tab_width or self._tab_width
        known = self._known[2] if self._known[:2] == (width, tab) else {}
        lines = self.document.lines
        breaks = [known[line] if line in known else break_offsets(line, width, tab) for line in lines]
        self._known = (width, tab, dict(zip(lines, breaks, strict=True)))
        self._width, self._tab_width, self._wrap_offsets = width, tab, breaks
        self._tab_width_cache = [tab_widths(line, each, tab) for line, each in zip(lines, breaks, strict=True)]
        self._offset_to_line_info = [(row, part) for row, each in enumerate(breaks) for part in range(len(each) + 1)]
        self._line_index_to_offsets = [[] for _ in lines]
        for y, (row, _) in enumerate(self._offset_to_line_info):
            self._line_index_to_offsets[row].append(y)

    def wrap_range(self, start: Location, old_end: Location, new_end: Location) -> None:
        """Wrap what an edit changed."""
        self.wrap(self._width)


class TabbedNavigator(DocumentNavigator):
    """Moves through such a text by what stands above and below on the screen."""

    def get_location_above(self, location: Location) -> Location:
        """Find the place one line up."""
        self._look_from(location)
        return super().get_location_above(location)

    def get_location_below(self, location: Location) -> Location:
        """Find the place one line down."""
        self._look_from(location)
        return super().get_location_below(location)

    def _look_from(self, location: Location) -> None:
        """Have it aim for the column of the cursor at least: by itself it doesn't count tabs there."""
        self.last_x_offset = max(self.last_x_offset, self._wrapped_document.location_to_offset(location).x)
