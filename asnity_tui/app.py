"""The Textual app: composes session, screens, terminal and keys."""

from __future__ import annotations

import logging
from datetime import tzinfo
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from textual import events, on, work
from textual.app import App
from textual.notifications import Notify
from textual.screen import ModalScreen, Screen
from textual.timer import Timer

from asnity_tui.client.clock import Clock
from asnity_tui.client.sign_in import Authenticator
from asnity_tui.client.sync.session import Session
from asnity_tui.screens.chat.screen import ChatScreen
from asnity_tui.screens.messages import DemoRequested, SignInCompleted, SignOutRequested
from asnity_tui.screens.worker_errors import ReportsWorkerErrors
from asnity_tui.terminal.app_terminal import AppTerminal
from asnity_tui.terminal.terminal_driver import TerminalDriver
from asnity_tui.widgets.text.hangul_keys import with_jamo
from asnity_tui.widgets.text.safe_text import harmless_line

from . import themes, toasts
from .account_flow import AccountFlow
from .app_options import AppOptions
from .input_router import InputRouter, QuitKeys, chat_screens
from .shutdown import Shutdown

DIALOG_STYLES = Path(__file__).parent / "dialogs.tcss"
"""Styles that the first picture of a conversation doesn't need."""

REPAINT_AFTER = 0.15
"""Seconds after which a terminal that changed its size isn't being dragged any more."""

log = logging.getLogger("asnity_tui")


class AsnityApp(ReportsWorkerErrors, App[None]):
    """One account on one server, or the way to it.

    Whatever the first picture of a conversation doesn't need is imported when it is.
    """

    TITLE = "Asnity"
    CSS_PATH = Path(__file__).parent / "asnity.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-narrow"), (90, "-medium"), (120, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (16, "-high")]  # noqa: RUF012

    _has_theme = False

    def __init__(
        self,
        authenticator: Authenticator,
        options: AppOptions,
        *,
        clock: Clock,
        zone: tzinfo | None,
        driver_class: type[TerminalDriver] | None = None,
    ) -> None:
        super().__init__(driver_class=driver_class)
        self._options = options
        self._is_painted = False
        self._repaint: Timer | None = None
        self.terminal = AppTerminal(self, notify_by=options.notify)
        self.account = AccountFlow(self, self.terminal, authenticator, options, clock=clock, zone=zone)
        self.shutdown = Shutdown(
            self.terminal,
            save_drafts=self.account.save_drafts,
            close=self.account.close,
            exit=lambda status: self.exit(return_code=status),
        )
        self._quit_keys = QuitKeys(self)
        self._input = InputRouter(self, self._quit_keys)
        wanted = options.theme if options.theme in themes.register_own(self) else themes.DARK.name
        self._has_theme = True
        themes.begin_with(self, wanted)
        self.set_keymap(
            {
                id: with_jamo(each) if id.startswith(("message.", "timeline.", "list.")) else each
                for id, each in options.keys.items()
            }
        )

    @property
    def session(self) -> Session | None:
        """The session of the account that is signed in."""
        return self.account.session

    # The first picture

    def get_default_screen(self) -> Screen[None]:
        """Begin in the conversation, as remembered, or with the welcome screen; there is no other screen below."""
        first = self.account.first_screen()
        # The classes for this size come at once, so that it isn't styled twice.
        for length, points in (
            (self.size.width, self.HORIZONTAL_BREAKPOINTS),
            (self.size.height, self.VERTICAL_BREAKPOINTS),
        ):
            name = next(name for least, name in reversed(points) if length >= least)
            first.update_classes({name: True}, update=False)
        self._load_screen_css(first)
        return first

    async def on_mount(self) -> None:
        """Connect once something is painted."""
        # Switching takes one of these from the screen that goes, and Textual gives the first screen none.
        first: Any = self.screen  # both are private
        first._push_result_callback(self, None)
        # Keys that come before there is a field for them would be lost.
        await first._mounted_event.wait()
        for trouble in self._options.troubles:
            self.notify(trouble, title="Settings", severity="warning", markup=False)
        if self._options.theme not in self.available_themes:
            unknown = f"There is no theme {harmless_line(self._options.theme)}."
            self.notify(unknown, title="Settings", severity="warning", markup=False)
        self.call_after_refresh(self._first_painted)

    def _first_painted(self) -> None:
        self._is_painted = True
        if self._options.on_first_paint is not None:
            self._options.on_first_paint()
        self.account.connect()

    def _load_screen_css(self, screen: Screen[Any]) -> None:
        """Read the styles of dialogs with the first of them: reading them costs more than showing a conversation."""
        if not isinstance(screen, ChatScreen) and not self.stylesheet.has_source(str(DIALOG_STYLES), ""):
            self.stylesheet.read(DIALOG_STYLES)
            self.stylesheet.reparse()
        super()._load_screen_css(screen)

    def get_css_variables(self) -> dict[str, str]:
        """Return the colours; Textual asks before it can know the theme, and reckoning them takes a while."""
        return super().get_css_variables() if self._has_theme else {}

    def watch_theme(self, before: str, name: str) -> None:
        """Save another theme for the next start."""
        if self._options.save_theme is None or name == before:
            return
        try:
            self._options.save_theme(name)
        except OSError as error:
            reason = (error.strerror or "unknown error").lower()
            self.notify(f"The next start won't have this theme: {reason}", severity="warning", markup=False)

    # The account

    @on(SignInCompleted)
    async def _signed_in(self, event: SignInCompleted) -> None:
        await self.account.enter(event.saved, is_new=event.new)

    @on(DemoRequested)
    def _demo_requested(self) -> None:
        self.account.start_demo()

    @on(SignOutRequested)
    @work(exclusive=True, group="sign-out", exit_on_error=False)
    async def _sign_out_requested(self) -> None:
        await self.account.sign_out()

    # The end

    async def action_quit(self) -> None:
        """Save what is unsent, say goodbye, and go."""
        await self.shutdown.close_all()
        self.exit()

    @property
    def broken(self) -> Exception | None:
        """The mistake of ours that ended it."""
        return self._exception

    def _handle_exception(self, error: Exception) -> None:
        """Leave after a mistake of ours; what was written comes first."""
        super()._handle_exception(error)
        try:
            self.account.save_drafts()
        except Exception:
            log.exception("A draft can't be kept.")

    def _fatal_error(self) -> None:
        """Only leave: it is told when the terminal is as it was.

        Textual's own way shows the variables of every function on the way, passwords and messages among them.
        """
        self.bell()
        self._close_messages_no_wait()

    def panic(self, *renderables: RenderableType) -> None:
        """Leave for a reason that only Textual knows."""
        self._return_code = 1
        if self._exception is None:
            self._exception = RuntimeError(" ".join(str(each) for each in renderables))
        self._close_messages_no_wait()

    # Input

    async def on_event(self, event: events.Event) -> None:
        """Look at input before Textual does."""
        if not await self._input.take(event):
            await super().on_event(event)

    def action_help_quit(self) -> None:
        """Say how to quit, or do it. (Textual binds ctrl+c to this where nothing nearer wants it.)"""
        self._quit_keys.press("ctrl+c")

    def key_ctrl_c(self) -> None:
        """Do the same in dialogs, which no binding of the app reaches."""
        self._quit_keys.press("ctrl+c")

    def key_ctrl_d(self) -> None:
        """End the input: in an empty composer, or where nothing is written."""
        if not isinstance(self.screen, ModalScreen):
            self._quit_keys.press("ctrl+d")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keep the palette out of dialogs: its key belongs to them."""
        return not (action == "command_palette" and isinstance(self.screen, ModalScreen))

    def action_command_palette(self) -> None:
        """Offer everything that can be done here."""
        from asnity_tui.screens.palette import open_palette  # start-up: opened by a key

        self.run_worker(open_palette(self), exclusive=True, group="palette", exit_on_error=False)

    # The terminal

    @on(events.AppFocus)
    @on(events.AppBlur)
    def _focus_changed(self, event: events.AppFocus | events.AppBlur) -> None:
        self._set_focused(isinstance(event, events.AppFocus))

    def _set_focused(self, focused: bool) -> None:
        for screen in chat_screens(self):
            screen.focus_changed(focused)

    def on_resize(self) -> None:
        """Paint all of it once the terminal rests: what it did to the picture meanwhile, nobody tells.

        Made smaller and as large as before within a moment, it has cut off half of a picture that we take to be there.
        """
        if self._repaint is not None:
            self._repaint.reset()
        elif self._is_painted:
            self._repaint = self.set_timer(REPAINT_AFTER, self._paint_anew)

    def _paint_anew(self) -> None:
        self._repaint = None
        if self.screen_stack:  # none is left at the end
            self.screen.refresh()

    def terminal_back(self) -> None:
        """Draw everything anew, and look at the connection: it may have been long."""
        self.call_later(self.refresh, layout=True)
        self._set_focused(True)

    def terminal_lost(self) -> None:
        """Go: nobody can see or type anything any more."""
        self.shutdown.hang_up()

    # What is told

    def on_notify(self, event: Notify) -> None:
        """Keep toasts few."""
        toasts.make_room(self, event)

    def open_url(self, url: str, *, new_tab: bool = True) -> None:
        """Open an address outside; the link to a message that I can read is gone to here."""
        screen = self.screen
        if not isinstance(screen, ChatScreen) or not screen.lookup.follow(url):
            super().open_url(url, new_tab=new_tab)

    def copy_to_clipboard(self, text: str) -> None:
        """Copy by the best way there is, and say which it was."""
        self._clipboard = text  # what Textual pastes inside
        self._copy(text)

    @work(group="copy", exclusive=True, exit_on_error=False)
    async def _copy(self, text: str) -> None:
        tell_terminal = super().copy_to_clipboard
        if self._options.clipboard is None:
            tell_terminal(text)
            way = "through the terminal"
        else:
            way = await self._options.clipboard.copy(text, tell_terminal)
        self.notify(f"Copied {way}.", timeout=3, markup=False)
