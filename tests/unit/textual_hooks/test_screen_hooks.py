"""Hooks of screens and widgets into Textual's own: each fails in words when a new version moves it."""

from __future__ import annotations

import inspect
from typing import Any, ClassVar

import pytest
from textual import messages
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.css.scalar import Scalar
from textual.geometry import Size
from textual.screen import ModalScreen, Screen
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets._toast import ToastRack

from .private_names import relies_on


class Paints(Screen[None]):
    """A screen that notes when Textual paints, and which widgets ask for it."""

    def __init__(self) -> None:
        super().__init__()
        self.paints = 0
        self.asked: list[Widget] = []

    def _compositor_refresh(self) -> None:
        self.paints += 1
        super()._compositor_refresh()

    def on_update(self, message: messages.Update) -> None:
        self.asked.append(message.widget)


class Sizes:
    """Notes in which order a widget gets its size, is painted and is told."""

    calls: list[object]

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        own: Any = self
        before = own.outer_size
        changed = super()._size_updated(size, virtual_size, container_size, layout)  # type: ignore[misc]
        if changed:
            self.calls.append(("size", before, own.outer_size))
        assert isinstance(changed, bool)
        return changed

    def render_line(self, y: int) -> Strip:
        self.calls.append("paint")
        return Strip.blank(10)

    def on_resize(self) -> None:
        self.calls.append("told")


class Plain(Sizes, Widget):
    """A widget without scrolling."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = []


class Scrolls(Sizes, ScrollView, can_focus=True):
    """A widget that scrolls its lines, and has a key."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f2", "do", "Do", id="own.do"), Binding("f3", "do", "Do")]
    DEFAULT_CSS = "Scrolls { overflow-y: scroll; height: 4; }"

    def __init__(self) -> None:
        super().__init__()
        self.calls = []


class Shows(App[None]):
    """An app with one screen of such a widget."""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget

    def get_default_screen(self) -> Paints:
        self.first = Paints()
        return self.first

    def on_mount(self) -> None:
        self.screen.mount(self.widget)


@relies_on("_size_updated")
@pytest.mark.parametrize("kind", [Plain, Scrolls])
async def test_a_widget_gets_its_size_before_it_is_painted_and_is_told_after(kind: type[Plain | Scrolls]) -> None:
    widget = kind()
    app = Shows(widget)
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        for width in (40, 30):
            call = next(each for each in widget.calls if isinstance(each, tuple))
            assert call[2].width == width, f"_size_updated no longer sets the size: {call}"
            assert (not call[1]) == (width == 40), "outer_size no longer is empty before the first size alone"
            order = [each if isinstance(each, str) else each[0] for each in widget.calls]
            assert order.index("size") < order.index("paint"), (
                "a widget is painted before _size_updated: it shows for a moment what was laid for another size"
            )
            assert order.index("size") < order.index("told"), "a widget is told of its size before it has it"
            widget.calls.clear()
            if width == 40:
                await pilot.resize_terminal(30, 10)
                await pilot.pause()


@relies_on("_repaint_required")
async def test_a_widget_that_is_told_not_to_repaint_asks_for_nothing() -> None:
    widget = Scrolls()
    app = Shows(widget)
    async with app.run_test() as pilot:
        await pilot.pause()
        app.first.asked.clear()
        widget.refresh()
        assert widget._repaint_required, "refresh no longer notes in _repaint_required that there is something to paint"
        widget._repaint_required = False
        await pilot.pause()
        assert widget not in app.first.asked, "_repaint_required no longer decides: the first picture is painted twice"
        widget.refresh()
        await pilot.pause()
        assert widget in app.first.asked, "refresh no longer leads to an Update of the widget"


@relies_on("_scroll_update")
async def test_a_list_of_another_length_has_its_scrollbar_at_once() -> None:
    widget = Scrolls()
    app = Shows(widget)
    async with app.run_test() as pilot:
        await pilot.pause()
        size = Size(widget.size.width, 77)
        widget.set_reactive(Widget.virtual_size, size)
        widget._scroll_update(size)
        assert widget.vertical_scrollbar.window_virtual_size == 77, (
            "_scroll_update no longer tells the scrollbar how long the content is: it would show another place"
        )


@relies_on("_compositor_refresh", "_batch_count")
async def test_pictures_are_painted_by_what_is_overridden_and_lost_in_a_batch() -> None:
    widget = Scrolls()
    app = Shows(widget)
    async with app.run_test() as pilot:
        await pilot.pause()
        before = app.first.paints
        widget.refresh()
        await pilot.pause()
        assert app.first.paints > before, "Textual paints without _compositor_refresh: the first picture may be lost"
        assert app._batch_count == 0, "_batch_count no longer is 0 outside of a batch: nothing would be painted"
        with app.batch_update():
            assert app._batch_count == 1, "_batch_count no longer counts the batches"
        assert app._batch_count == 0
        display = inspect.getsource(App._display)
        assert "if self._batch_count:\n                return" in display, (
            "Textual no longer throws a picture away in a batch: _compositor_refresh needn't wait any more"
        )


@relies_on("_modal_binding_chain")
async def test_the_keys_in_force_are_those_of_the_focus_first_up_to_the_dialog() -> None:
    class Dialog(ModalScreen[None]):
        def compose(self) -> ComposeResult:
            yield Scrolls()

    app = Shows(Plain())
    app.set_keymap({"own.do": "f8"})
    async with app.run_test() as pilot:
        dialog = Dialog()
        await app.push_screen(dialog)
        widget = dialog.query_one(Scrolls)
        widget.focus()
        await pilot.pause()
        chain = dialog._modal_binding_chain
        assert [node for node, _ in chain] == [widget, dialog], (
            "_modal_binding_chain no longer goes from the focus to the dialog: keys would act behind it, or not at all"
        )
        keys = chain[0][1].key_to_bindings
        assert [key for key in ("f2", "f3", "f8") for each in keys.get(key, ()) if each.action == "do"] == [
            "f3",
            "f8",
        ], "_modal_binding_chain no longer has the keys that a person chose: the composer would do its own instead"
        assert keys["f3"][0].priority is False


@relies_on("textual.widgets._toast.ToastRack", "textual.css.scalar.Scalar")
async def test_each_screen_has_a_rack_of_toasts_that_textual_brings_back() -> None:
    app = Shows(Plain())
    async with app.run_test(notifications=True) as pilot:
        app.notify("toast", timeout=60)
        await pilot.pause()
        (rack,) = app.first.query_children(ToastRack)
        assert rack.display, "a rack is no longer displayed while there are toasts"
        rack.display = False
        await app.push_screen(Screen())
        assert len(app.screen.query_children(ToastRack)) == 1, "a screen has no rack of toasts of its own any more"
        app.pop_screen()
        await pilot.pause()
        assert rack.display, "Textual no longer brings back the toasts of a screen that shows again"
        rack.styles.max_height = 5
        assert rack.styles.max_height == Scalar.from_number(5), (
            "a height in lines is no longer kept as Scalar.from_number: toasts would be laid out with every picture"
        )
