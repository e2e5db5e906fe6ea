"""Hooks of the app into Textual's app: each fails in words when a new version moves or changes it."""

from __future__ import annotations

import inspect
from typing import Any, ClassVar

import pytest
from textual import events
from textual.actions import SkipAction
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.notifications import Notification, Notify
from textual.screen import Screen
from textual.widgets import Input, Label

from .private_names import relies_on


class Ends(App[None]):
    """An app that notes how it ends, and has one way to it that fails."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__()
        self.calls: list[object] = []
        self.error = error

    def on_ready(self) -> None:
        if self.error is not None:
            raise self.error
        self._return_code = 3
        self._exception = ValueError("put in")
        self._close_messages_no_wait()

    def _handle_exception(self, error: Exception) -> None:
        self.calls.append(error)
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        self.calls.append("fatal")
        self._close_messages_no_wait()

    def panic(self, *renderables: Any) -> None:
        self.calls.append("panic")
        self._close_messages_no_wait()


@relies_on("_handle_exception", "_fatal_error", "_exception")
async def test_an_error_goes_through_the_methods_that_keep_what_was_written_and_show_no_variables() -> None:
    error = ValueError("ours")
    app = Ends(error)
    await app.run_async(headless=True)
    assert app.calls == [error, "fatal"], (
        f"an error in a handler led to {app.calls}, not to _handle_exception(error) and _fatal_error(): drafts would "
        "be lost, or passwords shown among the variables"
    )
    assert app._exception is error, "Textual no longer keeps the error that ended it in _exception: it isn't told"
    assert app.return_code == 1

    class Told(Exception):
        def __rich__(self) -> str:
            return "told"

    app = Ends(Told())
    await app.run_async(headless=True)
    assert app.calls[1:] == ["panic"], "an error that Rich can show no longer ends in panic: it would be shown by both"


@relies_on("_close_messages_no_wait", "_return_code", "_exception")
async def test_the_app_can_be_ended_at_once_with_a_return_code() -> None:
    app = Ends()
    await app.run_async(headless=True)  # it comes back, or this test runs out of time
    assert app.return_code == 3, "return_code no longer is what is put in _return_code: a crash would look like success"
    assert not app.calls, "_close_messages_no_wait no longer ends without an error"


@relies_on("_driver")
async def test_the_app_has_its_driver_while_it_runs() -> None:
    app: App[None] = App()
    assert app._driver is None, "an app has a driver before it runs: the terminal would be restored that nobody took"
    async with app.run_test():
        assert isinstance(app._driver, Driver), "an app keeps its driver elsewhere: no bell, no rescue, no ctrl+z"
        assert list(inspect.signature(app._driver.write).parameters) == ["data"]
        app._driver.flush()


@relies_on("_clipboard")
async def test_what_is_put_in_the_clipboard_is_what_is_pasted_inside() -> None:
    app: App[None] = App()
    app._clipboard = "copied"
    assert app.clipboard == "copied", "ctrl+v inside no longer pastes what is put in _clipboard"


class Toasts(App[None]):
    """An app that notes what is shown when a toast comes, and wants none that says no."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[list[str]] = []

    def on_notify(self, event: Notify) -> None:
        self.shown.append([each.message for each in self._notifications])
        if event.notification.message == "no":
            event.prevent_default()


@relies_on("_notifications", "_unnotify", "textual.notifications.Notify")
async def test_toasts_can_be_left_out_before_they_show_and_taken_away_after() -> None:
    app = Toasts()
    async with app.run_test() as pilot:
        for text in ("one", "no", "two"):
            app.notify(text)
        await pilot.pause()
        assert app.shown == [[], ["one"], ["one"]], (
            f"a toast is in _notifications before on_notify is asked, or after prevent_default: {app.shown}"
        )
        first: Notification = next(iter(app._notifications))
        assert (first.message, first.severity) == ("one", "information"), (
            "_notifications no longer begin with the oldest"
        )
        app._unnotify(first, refresh=False)
        assert [each.message for each in app._notifications] == ["two"], "_unnotify no longer takes a toast away"


class Other(Screen[None]):
    """A screen that is another one."""


class Screens(App[None]):
    """An app that notes for which screens styles are read, and whether they are there already."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[tuple[str, bool]] = []

    def _load_screen_css(self, screen: Screen[Any]) -> None:
        self.read.append((type(screen).__name__, screen.is_mounted))
        super()._load_screen_css(screen)


@relies_on("_load_screen_css", "_push_result_callback")
async def test_styles_are_read_for_each_screen_but_the_first_before_it_is_there() -> None:
    app = Screens()
    async with app.run_test():
        assert app.read == [], (
            "Textual reads styles for the first screen itself now: get_default_screen needn't any more"
        )
        with pytest.raises(IndexError):  # the first screen has a callback of its own now: on_mount needn't give it one
            await app.switch_screen(Other())

    app = Screens()
    async with app.run_test():
        first: Any = app.screen
        first._push_result_callback(app, None)
        await app.switch_screen(Other())
        assert isinstance(app.screen, Other), "a first screen that was given a callback can't be switched from any more"
        await app.push_screen(Other())
        assert app.read == [("Other", False)] * 2, (
            f"Textual reads the styles of a screen elsewhere, or when it is painted: {app.read}. Dialogs have none"
        )


@relies_on("_mounted_event")
async def test_a_screen_tells_when_it_is_there_with_the_focus_where_it_begins() -> None:
    class Form(Screen[None]):
        def compose(self) -> ComposeResult:
            yield Input()

    app: App[None] = App()
    async with app.run_test():
        form: Any = Form()
        assert not form._mounted_event.is_set(), "a screen is told to be there before it is"
        app.push_screen(form)
        await form._mounted_event.wait()
        assert (form.is_mounted, len(form.query(Input))) == (True, 1), "_mounted_event comes too early: keys are lost"


class Behind(events.Event):
    """An event that goes the way of a key."""


class Way(App[None]):
    """An app that notes what comes up to it."""

    def __init__(self) -> None:
        super().__init__()
        self.came: list[object] = []

    def compose(self) -> ComposeResult:
        yield Input()
        yield Label()

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, Behind | events.Key):
            self.came.append((type(event).__name__, event.is_forwarded))
        if isinstance(event, Behind) and not event.is_forwarded:
            (self.focused or self.screen)._forward_event(event)
        elif not isinstance(event, Behind):
            await super().on_event(event)


@relies_on("_forward_event")
@pytest.mark.parametrize("focus", [True, False])
async def test_an_event_goes_behind_a_key_through_what_has_the_focus_and_comes_back_to_the_app(focus: bool) -> None:
    app = Way()
    async with app.run_test() as pilot:
        app.set_focus(app.query_one(Input) if focus else None)
        await pilot.pause()
        app.came.clear()
        app.post_message(events.Key("f9", None))
        app.post_message(Behind())
        await pilot.pause()
        assert app.came == [("Key", False), ("Behind", False), ("Key", True), ("Behind", True)], (
            f"what is handed on with _forward_event doesn't come back behind a key: {app.came}. Letters would overtake "
            "an Enter before them"
        )


@relies_on("textual.actions.SkipAction")
async def test_an_action_that_skips_leaves_the_key_to_the_next() -> None:
    class Skips(Input):
        BINDINGS: ClassVar[list[BindingType]] = [Binding("f9", "mine", "Mine")]

        def action_mine(self) -> None:
            raise SkipAction

    class Next(App[None]):
        BINDINGS: ClassVar[list[BindingType]] = [Binding("f9", "next", "Next")]
        taken = False

        def compose(self) -> ComposeResult:
            yield Skips()

        def action_next(self) -> None:
            self.taken = True

    app = Next()
    async with app.run_test() as pilot:
        await pilot.press("f9")
        assert app.taken, "SkipAction no longer leaves a key to what is further out: ctrl+c and ctrl+z do nothing"
