"""The way between the welcome screen, the demo and the chat screen, with the account that is signed in."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any
from urllib.parse import urlsplit

from textual.app import App
from textual.screen import Screen

from asnity_tui.client.clock import Clock
from asnity_tui.client.sign_in import Authenticator
from asnity_tui.client.storage.accounts import SavedAccount
from asnity_tui.client.sync.session import Session
from asnity_tui.screens.chat.screen import ChatScreen
from asnity_tui.terminal.app_terminal import AppTerminal
from asnity_tui.widgets.text.safe_text import harmless_line

from .app_options import AppOptions, Demo


class AccountFlow:
    """Opens and closes the session of one account at a time, and shows the screen that belongs to it."""

    def __init__(
        self,
        app: App[Any],
        terminal: AppTerminal,
        authenticator: Authenticator,
        options: AppOptions,
        *,
        clock: Clock,
        zone: tzinfo | None,
    ) -> None:
        self._app = app
        self._terminal = terminal
        self._options = options
        self._clock = clock
        self._zone = zone
        self._server = options.server
        self.authenticator = authenticator
        self.saved: SavedAccount | None = None
        self.session: Session | None = None
        self.demo: Demo | None = None

    def first_screen(self) -> Screen[None]:
        """Make the screen to begin with: the conversation, as remembered, or the welcome."""
        if self._options.saved is not None:
            return self._chat_screen(self._options.saved, self.authenticator)
        return self._loading_screen() if self._options.demo else self._welcome_screen()

    def connect(self) -> None:
        """Connect, or begin with the demo where that is wanted."""
        if self.session is not None:
            self.session.start()
            if self._options.invite_link and isinstance(self._app.screen, ChatScreen):
                self._app.screen.join_community(self._options.invite_link)
        elif self._options.demo:
            self.start_demo()

    def start_demo(self) -> None:
        """Start the demo beside everything else, and show it."""
        self._app.run_worker(self._start_demo(), exclusive=True, group="demo")

    async def _start_demo(self) -> None:
        if self._options.make_demo is None or self.demo is not None:
            return
        self.demo = await self._options.make_demo()
        try:
            authenticator, saved = await self.demo.start()
        except OSError as error:
            self.demo = None
            said = f"The demo can't start: {error.strerror or error}"
            self._app.notify(said, severity="error", markup=False)
            await self._app.switch_screen(self._welcome_screen())
        else:
            await self._show_chat(saved, authenticator)

    async def enter(self, saved: SavedAccount, *, is_new: bool) -> None:
        """Show the chat of somebody who has signed in; somebody new is offered what comes first."""
        await self._show_chat(saved, self.authenticator)
        if is_new:
            work = self._offer_first_steps(saved)
            self._app.run_worker(work, exclusive=True, group="welcome", exit_on_error=False)

    async def sign_out(self) -> None:
        """End the session at the server, forget the account here, and go back to the welcome screen."""
        session, saved, screen = self.session, self.saved, self._app.screen
        if session is None or saved is None or not isinstance(screen, ChatScreen):
            return
        if not await screen.requests.done(session.sign_out()):
            return
        try:
            self.authenticator.forget(saved)
        except OSError as error:
            said = f"The account couldn't be removed from this machine: {error.strerror}"
            self._app.notify(said, severity="error", markup=False)
        self.session = self.saved = None
        self._server = saved.server
        await self._app.switch_screen(self._welcome_screen())

    def keep_token(self, token: str) -> None:
        """Keep the token of a person who signed in again."""
        if self.saved is None:
            return
        old = self.saved
        self.saved = SavedAccount(server=old.server, user_id=old.user_id, username=old.username, token=token)
        try:
            self.authenticator.keep(self.saved)
        except OSError as error:
            said = f"You have to sign in again at the next start: {error.strerror}"
            self._app.notify(said, severity="warning", markup=False)

    def save_drafts(self) -> None:
        """Put what is written in the composer on the disk."""
        for screen in self._app.screen_stack:
            if isinstance(screen, ChatScreen):
                screen.conversation.composing.keep_draft()

    async def close(self) -> None:
        """Close the session, and end the demo."""
        try:
            if self.session is not None:
                await self.session.close()
        finally:
            if self.demo is not None:
                await self.demo.stop()

    # Screens

    async def _show_chat(self, saved: SavedAccount, authenticator: Authenticator) -> None:
        await self._app.switch_screen(self._chat_screen(saved, authenticator))
        if self.session is not None:
            self.session.start()

    def _chat_screen(self, saved: SavedAccount, authenticator: Authenticator) -> ChatScreen:
        self.saved, self.authenticator = saved, authenticator
        self.session = authenticator.open_session(saved)
        self.session.messages.hold_ms = self._options.undo_seconds * 1000
        if self.demo is not None:
            shown = "demo", "nothing is kept"
        else:
            shown = harmless_line(saved.username), harmless_line(urlsplit(saved.server).netloc)
        return ChatScreen(
            self.session,
            clock=self._clock,
            zone=self._zone,
            server=saved.server,
            account=shown,
            keys=self._options.keys,
            alert=self._terminal.notify,
            signed_in_again=self.keep_token,
        )

    def _loading_screen(self) -> Screen[None]:
        from asnity_tui.screens.loading import LoadingScreen  # start-up: for the demo alone

        return LoadingScreen("Starting the demo …")

    def _welcome_screen(self) -> Screen[None]:
        from asnity_tui.screens.welcome import WelcomeScreen  # start-up: most people are signed in

        return WelcomeScreen(self.authenticator, server=self._server, demo=self._options.make_demo is not None)

    async def _offer_first_steps(self, saved: SavedAccount) -> None:
        from asnity_tui.screens.first_steps import offer_first_steps  # start-up: for new accounts alone

        if isinstance(self._app.screen, ChatScreen):
            await offer_first_steps(self._app.screen, saved)
