"""The Textual app: brings authenticator, session, screens, themes and keys together."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import tzinfo
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from textual import events, on, work
from textual.screen import ModalScreen, Screen

from asnity_tui.client.clock import Clock
from asnity_tui.client.sign_in import Authenticator
from asnity_tui.client.storage.accounts import SavedAccount
from asnity_tui.client.sync.session import Session
from asnity_tui.screens.chat.screen import ChatScreen
from asnity_tui.screens.messages import DemoRequested, SignedIn, SignOutRequested
from asnity_tui.screens.worker_errors import ReportsWorkerErrors
from asnity_tui.terminal.clipboard import Clipboard
from asnity_tui.terminal.key_order import Acted
from asnity_tui.terminal.terminal_driver import TerminalDriver
from asnity_tui.terminal.terminal_notify import Wish, alert
from asnity_tui.widgets.composer import Composer
from asnity_tui.widgets.text.hangul_keys import with_jamo
from asnity_tui.widgets.text.safe_text import harmless_line

from . import themes
from .lifecycle import Lives
from .quit_keys import Leaving

_HELD = frozenset(("alt", "ctrl", "meta", "super", "hyper"))
"""With one of these a key is no letter."""


class Demo(Protocol):
    """A server inside with people who talk; `demo.Demo` is the real one."""

    async def start(self) -> tuple[Authenticator, SavedAccount]:
        """Begin; how to get in, and as whom."""

    async def stop(self) -> None:
        """Everything is gone afterwards."""


DIALOGS = Path(__file__).parent / "dialogs.tcss"
"""Styles that the first picture of a conversation doesn't need."""


class AsnityApp(ReportsWorkerErrors, Lives, Leaving, themes.Themed):
    """One account on one server, or the way to it.

    Whatever the first picture of a conversation doesn't need is imported when it is.
    """

    TITLE = "Asnity"
    CSS_PATH = Path(__file__).parent / "asnity.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-narrow"), (90, "-medium"), (120, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (16, "-high")]  # noqa: RUF012

    def __init__(
        self,
        authenticator: Authenticator,
        *,
        clock: Clock,
        zone: tzinfo | None,
        server: str = "",
        saved: SavedAccount | None = None,
        link: str = "",
        theme: str = "asnity-dark",
        keep_theme: Callable[[str], None] | None = None,
        notify: Wish = "auto",
        keys: Mapping[str, str] | None = None,
        troubles: Iterable[str] = (),
        make_demo: Callable[[], Awaitable[Demo]] | None = None,
        demo: bool = False,
        clipboard: Clipboard | None = None,
        hold: int = 0,
        painted: Callable[[], None] | None = None,
        driver_class: type[TerminalDriver] | None = None,
    ) -> None:
        """`saved` is who is signed in, and comes with the `link` of an invite; `server` is for who isn't.

        `troubles` are sentences about the settings; `make_demo` makes the demo, where it is offered, and `demo` begins
        with it. `clipboard` is the way to it; the terminal's own, if there is none. `hold` is for how many seconds a
        new message can be taken back; `keep_theme` keeps another theme for the next
        start; `painted` is told when the first picture is on the screen.
        """
        super().__init__(driver_class=driver_class)
        self.session: Session | None = None
        self._authenticator = authenticator
        self._clock = clock
        self._zone = zone
        self._server = server
        self._saved = saved
        self._link = link
        self._wish = notify
        self._keep_theme = keep_theme
        self._keys = dict(keys or {})
        self._troubles = tuple(troubles)
        self._make_demo = make_demo
        self._begin_with_demo = demo
        self._demo: Demo | None = None
        self._clipboard_ways = clipboard
        self._hold = hold
        self._painted = painted
        self.register_own_themes()
        if theme in self.available_themes:
            begin_with = theme
        else:
            begin_with = themes.DARK.name
            self._troubles += (f"There is no theme {harmless_line(theme)}.",)
        self.begin_with_theme(begin_with)
        self.set_keymap(
            {
                id: with_jamo(each) if id.startswith(("message.", "timeline.", "list.")) else each
                for id, each in self._keys.items()
            }
        )

    def watch_theme(self, before: str, name: str) -> None:
        """Another theme was chosen: the next start has it, too."""
        if self._keep_theme is None or name == before:
            return
        try:
            self._keep_theme(name)
        except OSError as error:
            reason = (error.strerror or "unknown error").lower()
            self.notify(f"The next start won't have this theme: {reason}", severity="warning", markup=False)

    def get_default_screen(self) -> Screen[None]:
        """Begin in the conversation, as remembered, or with the welcome screen; there is no other screen below."""
        if self._saved is not None:
            first: Screen[None] = self._chat(self._saved, self._authenticator)
        else:
            first = self._loading_screen() if self._begin_with_demo else self._welcome_screen()
        self._fit(first)
        self._load_screen_css(first)
        return first

    async def on_mount(self) -> None:
        """Connect once something is painted."""
        # Switching takes one of these from the screen that goes, and Textual gives the first screen none.
        first: Any = self.screen  # both are private
        first._push_result_callback(self, None)
        # Keys that come before there is a field for them would be lost.
        await first._mounted_event.wait()
        for trouble in self._troubles:
            self.notify(trouble, title="Settings", severity="warning", markup=False)
        self.call_after_refresh(self._something_is_painted)

    def _something_is_painted(self) -> None:
        self._something_was_painted = True
        if self._painted is not None:
            self._painted()
        if self.session is not None:
            self.session.start()
            if self._link and isinstance(self.screen, ChatScreen):
                self.screen.join_community(self._link)
        elif self._begin_with_demo:
            self._want_demo()

    def _load_screen_css(self, screen: Screen[Any]) -> None:
        """Read the styles of dialogs with the first of them: reading them costs more than showing a conversation."""
        if not isinstance(screen, ChatScreen) and not self.stylesheet.has_source(str(DIALOGS), ""):
            self.stylesheet.read(DIALOGS)
            self.stylesheet.reparse()
        super()._load_screen_css(screen)

    def _fit(self, screen: Screen[None]) -> None:
        """Give a screen the classes for this size from the start, so that it isn't styled twice."""
        for length, points in (
            (self.size.width, self.HORIZONTAL_BREAKPOINTS),
            (self.size.height, self.VERTICAL_BREAKPOINTS),
        ):
            name = next(name for least, name in reversed(points) if length >= least)
            screen.update_classes({name: True}, update=False)

    def _loading_screen(self) -> Screen[None]:
        from asnity_tui.screens.loading import LoadingScreen  # late: see above

        return LoadingScreen("Starting the demo …")

    def _welcome_screen(self) -> Screen[None]:
        from asnity_tui.screens.welcome import WelcomeScreen  # late: see above

        return WelcomeScreen(self._authenticator, server=self._server, demo=self._make_demo is not None)

    def _chat(self, saved: SavedAccount, authenticator: Authenticator) -> ChatScreen:
        self._saved, self._authenticator = saved, authenticator
        self.session = authenticator.open_session(saved)
        self.session.hold_ms = self._hold * 1000
        return ChatScreen(
            self.session,
            clock=self._clock,
            zone=self._zone,
            server=saved.server,
            account=self._account(saved),
            keys=self._keys,
            alert=self._alert,
            signed_in_again=self._keep_token,
        )

    def _account(self, saved: SavedAccount) -> tuple[str, str]:
        if self._demo is not None:
            return "demo", "nothing is kept"
        return harmless_line(saved.username), harmless_line(urlsplit(saved.server).netloc)

    # Going in and out

    @on(SignedIn)
    async def _entered(self, event: SignedIn) -> None:
        await self._show_chat(event.saved, self._authenticator)
        if event.new:
            self._welcome(event.saved)

    @work(exclusive=True, group="welcome", exit_on_error=False)
    async def _welcome(self, saved: SavedAccount) -> None:
        """Say where one is, and what comes first."""
        from asnity_tui.screens.first_steps import offer_first_steps  # late: see above

        if isinstance(self.screen, ChatScreen):
            await offer_first_steps(self.screen, saved)

    async def _show_chat(self, saved: SavedAccount, authenticator: Authenticator) -> None:
        await self.switch_screen(self._chat(saved, authenticator))
        if self.session is not None:
            self.session.start()

    @on(DemoRequested)
    def _want_demo(self) -> None:
        self._start_demo()

    @work(exclusive=True, group="demo")
    async def _start_demo(self) -> None:
        if self._make_demo is not None and self._demo is None:
            self._demo = await self._make_demo()
            try:
                authenticator, saved = await self._demo.start()
            except OSError as error:
                self._demo = None
                self.notify(f"The demo can't start: {error.strerror or error}", severity="error", markup=False)
                await self.switch_screen(self._welcome_screen())
            else:
                await self._show_chat(saved, authenticator)

    @on(SignOutRequested)
    def _want_sign_out(self) -> None:
        self._sign_out()

    @work(exclusive=True, group="sign-out", exit_on_error=False)
    async def _sign_out(self) -> None:
        session, saved = self.session, self._saved
        if session is None or saved is None or not isinstance(self.screen, ChatScreen):
            return
        if not await self.screen.requests.done(session.sign_out()):
            return
        self._forget(saved)
        self.session = self._saved = None
        self._server = saved.server
        await self.switch_screen(self._welcome_screen())

    def _forget(self, saved: SavedAccount) -> None:
        try:
            self._authenticator.forget(saved)
        except OSError as error:
            self.notify(
                f"The account couldn't be removed from this machine: {error.strerror}", severity="error", markup=False
            )

    def _keep_token(self, token: str) -> None:
        """Signed in again: the new token counts from now on."""
        if self._saved is None:
            return
        old = self._saved
        self._saved = SavedAccount(server=old.server, user_id=old.user_id, username=old.username, token=token)
        try:
            self._authenticator.keep(self._saved)
        except OSError as error:
            self.notify(
                f"You have to sign in again at the next start: {error.strerror}", severity="warning", markup=False
            )

    async def action_quit(self) -> None:
        """Keep what is unsent, say goodbye, and go."""
        await self.close_all()
        self.exit()

    async def close_parts(self) -> None:
        """Session and demo."""
        try:
            if self.session is not None:
                await self.session.close()
        finally:
            if self._demo is not None:
                await self._demo.stop()

    # The terminal

    def open_url(self, url: str, *, new_tab: bool = True) -> None:
        """Open an address outside; the link to a message that I can read is gone to here."""
        screen = self.screen
        if not isinstance(screen, ChatScreen) or not screen.lookup.follow(url):
            super().open_url(url, new_tab=new_tab)

    async def on_event(self, event: events.Event) -> None:
        """Whatever the person does shows that somebody is there.

        What is held with ctrl or alt is a command, never a letter in a text.
        """
        if isinstance(event, Acted):
            if event.is_forwarded:
                event.done.set()
            else:
                (self.focused or self.screen)._forward_event(event)
            return
        if isinstance(event, events.Key) and not _HELD.isdisjoint(event.key.split("+")[:-1]):
            event.character = None
        if isinstance(event, events.Key | events.Paste | events.MouseDown | events.MouseScrollDown):
            for screen in self.screen_stack:
                if isinstance(screen, ChatScreen):
                    screen.activity.touched()
                    if isinstance(event, events.Key | events.Paste) and await self._taken(screen, event):
                        return
        if isinstance(event, events.Key) and event.key not in ("ctrl+c", "ctrl+d"):
            self.stay()
        leads = isinstance(event, events.Key) and not event.is_forwarded and not event.is_printable
        if leads and isinstance(self.screen.focused, Composer):
            await self.screen.focused.caught_up()
        await super().on_event(event)

    async def _taken(self, chat: ChatScreen, event: events.Key | events.Paste) -> bool:
        """Whether the chat screen deals with a key before Textual does, or lets it wait."""
        if event.is_forwarded:  # it comes back from what has the focus
            return False
        keys = chat.message_keys
        return keys.holds(event) or (chat is self.screen and await keys.take(event))

    def on_app_focus(self, event: events.AppFocus) -> None:
        """The terminal has the focus."""
        self._focus(True)

    def on_app_blur(self, event: events.AppBlur) -> None:
        """The terminal has lost the focus."""
        self._focus(False)

    def _focus(self, focused: bool) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, ChatScreen):
                screen.focus_changed(focused)

    def _alert(self, text: str) -> None:
        sequence = alert(self._wish, os.environ, text)
        if sequence and self._driver is not None:
            self._driver.write(sequence)
            self._driver.flush()

    def copy_to_clipboard(self, text: str) -> None:
        """Copy by the best way there is, and say which it was."""
        self._clipboard = text  # what Textual pastes inside
        self._copy(text)

    @work(group="copy", exclusive=True, exit_on_error=False)
    async def _copy(self, text: str) -> None:
        tell_terminal = super().copy_to_clipboard
        if self._clipboard_ways is None:
            tell_terminal(text)
            way = "through the terminal"
        else:
            way = await self._clipboard_ways.copy(text, tell_terminal)
        self.notify(f"Copied {way}.", timeout=3, markup=False)

    def terminal_back(self) -> None:
        """Everything is drawn anew, and the connection looked at: it may have been long."""
        super().terminal_back()
        self._focus(True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Over a dialog there is no palette: its key belongs to the dialog."""
        return not (action == "command_palette" and isinstance(self.screen, ModalScreen))

    def action_command_palette(self) -> None:
        """Everything that can be done here."""
        self._ask_what_to_do()

    @work(exclusive=True, group="palette", exit_on_error=False)
    async def _ask_what_to_do(self) -> None:
        from asnity_tui.commands.palette import ask  # late: see above

        await ask(self)
