"""Hooks of the composer into Textual's text area: each fails in words when a new version moves it."""

from __future__ import annotations

from textual import events
from textual._wrap import compute_wrap_offsets
from textual.app import App, ComposeResult
from textual.geometry import Offset
from textual.widgets import TextArea
from textual.widgets.text_area import Document, DocumentNavigator, WrappedDocument

from asnity_tui.widgets.text.tab_stops import TabbedDocument

from .private_names import relies_on


class Wrapped(WrappedDocument):
    """A wrapped text that notes for which width it is wrapped."""

    def __init__(self, document: Document) -> None:
        self.widths: list[tuple[int, int | None]] = []
        super().__init__(document)

    def wrap(self, width: int, tab_width: int | None = None) -> None:
        self.widths.append((width, tab_width))
        super().wrap(width, tab_width)


class Area(TextArea):
    """A text area that notes which of its private methods Textual calls."""

    def __init__(self, text: str = "") -> None:
        self.calls: list[str] = []
        super().__init__(text)

    def _set_document(self, text: str, language: str | None) -> None:
        self.calls.append(f"set {text!r} {language}")
        super()._set_document(text, language)
        assert isinstance(self.document, Document)
        assert self.document.text == text, "_set_document no longer makes the document that it is told to"
        self.own = Wrapped(self.document)
        self.wrapped_document = self.own
        self.navigator = DocumentNavigator(self.own)

    def _rewrap_and_refresh_virtual_size(self) -> None:
        self.calls.append("rewrap")
        super()._rewrap_and_refresh_virtual_size()

    def _recompute_cursor_offset(self) -> None:
        self.calls.append("cursor")
        super()._recompute_cursor_offset()

    def on_key(self, event: events.Key) -> None:
        self.calls.append(f"key {event.key} {self.text!r}")
        if event.key == "x":
            event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        self.calls.append(f"paste {self.text!r}")
        event.prevent_default()


class OneArea(App[None]):
    """A text area and nothing else."""

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self.area = Area(text)

    def compose(self) -> ComposeResult:
        yield self.area


@relies_on("_set_document", "_rewrap_and_refresh_virtual_size")
async def test_a_text_area_makes_and_wraps_its_document_by_what_is_overridden() -> None:
    app = OneArea("one")
    area = app.area
    assert "set 'one' None" in area.calls, "a text area no longer makes its first document by _set_document(text, None)"
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        wide = area.wrap_width
        assert "rewrap" in area.calls, "_rewrap_and_refresh_virtual_size isn't called for the first size any more"
        assert (wide, area.indent_width) in area.own.widths, (
            "_rewrap_and_refresh_virtual_size no longer wraps wrapped_document to (wrap_width, indent_width)"
        )
        area.calls.clear()
        await pilot.resize_terminal(20, 10)
        await pilot.pause()
        assert area.own.widths[-1][0] == wide - 20, "a text area isn't wrapped anew for another width"
        assert "rewrap" in area.calls, (
            "a text area of another width no longer calls _rewrap_and_refresh_virtual_size: the cursor leaves the sight"
        )
        area.calls.clear()
        area.load_text("two\nthree")
        assert "set 'two\\nthree' None" in area.calls, (
            "a text area takes another text without _set_document: tabs would be drawn where they aren't"
        )
        assert area.cursor_location == (0, 0), "a text area no longer begins at the start of another text"


@relies_on("_recompute_cursor_offset", "_cursor_offset")
async def test_a_text_area_reckons_where_the_cursor_shows_by_what_is_overridden() -> None:
    app = OneArea("one\ntwo words")
    area = app.area
    async with app.run_test(size=(40, 10)):
        area.move_cursor((1, 5))
        area.calls.clear()
        area.scroll_cursor_visible()
        assert "cursor" in area.calls, (
            "a text area no longer asks _recompute_cursor_offset before it scrolls to the cursor: an undo would fail"
        )
        assert area._cursor_offset == (5, 1), "_cursor_offset no longer is (x, y) of the cursor in the wrapped text"
        assert area.cursor_location == (1, 5)


async def test_keys_and_pastes_come_to_a_subclass_before_the_text_changes() -> None:
    app = OneArea()
    async with app.run_test() as pilot:
        app.area.focus()
        await pilot.press("a", "x")
        app.post_message(events.Paste("pasted"))
        await pilot.pause()
        for call in ("key a ''", "key x 'a'", "paste 'a'"):
            assert call in app.area.calls, f"a subclass of a text area doesn't get this before it: {call}"
        assert app.area.text == "a", "prevent_default no longer keeps a text area from writing: things come twice"


@relies_on(
    "_width",
    "_tab_width",
    "_wrap_offsets",
    "_tab_width_cache",
    "_offset_to_line_info",
    "_line_index_to_offsets",
    "textual._wrap.compute_wrap_offsets",
)
def test_a_wrapped_text_is_made_of_what_wrapping_with_tabs_sets() -> None:
    text = "one two three four\n\n한국어 문장은 두 칸\na-word-that-is-longer-than-a-line\nend"
    for width in (0, 5, 12, 80):
        document = Document(text if width < 80 else text + "\nx\ty\tz")
        stock, tabbed = WrappedDocument(document, width, 4), TabbedDocument(document, width, 4)
        kept = vars(stock).keys() - {"document"}
        assert kept == vars(tabbed).keys() - {"document", "_known"}, (
            f"Textual keeps {sorted(kept)} of a wrapped text: TabbedDocument.wrap leaves some of it as it was"
        )
        for each in (stock, tabbed):  # where a line has no tabs, the last of its tabs may be 0 cells wide
            each._tab_width_cache = [[tab for tab in line if tab] for line in each._tab_width_cache]
        for name in kept:
            assert vars(stock)[name] == vars(tabbed)[name], f"Textual puts something else in {name} at width {width}"


def test_a_wrapped_text_tells_places_from_what_wrapping_with_tabs_sets() -> None:
    wrapped = TabbedDocument(Document("ab\tc\nd"), 20, 4)
    wrapped._wrap_offsets, wrapped._offset_to_line_info = [[3], []], [(0, 0), (0, 1), (1, 0)]
    wrapped._line_index_to_offsets, wrapped._tab_width_cache = [[0, 1], [2]], [[9], []]
    assert wrapped.get_offsets(0) == [3], "Textual no longer takes where a line breaks from _wrap_offsets"
    assert wrapped.height == 3
    assert wrapped.get_tab_widths(0) == [9], "Textual no longer draws tabs as wide as _tab_width_cache says"
    assert wrapped.location_to_offset((1, 1)) == (1, 2), "Textual looks for lines elsewhere than _line_index_to_offsets"
    assert wrapped.offset_to_location(Offset(0, 1)) == (0, 3), (
        "Textual looks for what is on a line of the screen elsewhere than in _offset_to_line_info"
    )


@relies_on("textual._wrap.compute_wrap_offsets")
def test_words_break_where_textual_says_with_the_space_behind_them() -> None:
    for line, width, breaks in (
        ("one two", 4, [4]),
        ("one two", 7, []),
        ("abcdefgh", 3, [3, 6]),
        ("한국어", 4, [2]),
        ("a  b", 3, [3]),
    ):
        assert compute_wrap_offsets(line, width, 4) == breaks, f"Textual breaks {line!r} elsewhere at {width} cells"


@relies_on("_wrapped_document")
def test_moving_up_and_down_aims_for_the_column_that_was_put_in() -> None:
    wrapped = WrappedDocument(Document("a\nlonger line\nb"), 20, 4)
    navigator = DocumentNavigator(wrapped)
    assert navigator._wrapped_document is wrapped, "a navigator keeps its text elsewhere than in _wrapped_document"
    navigator.last_x_offset = 6
    assert navigator.get_location_below((0, 1)) == (1, 6), "down no longer aims for last_x_offset"
    assert navigator.get_location_above((2, 1)) == (1, 6), "up no longer aims for last_x_offset"
