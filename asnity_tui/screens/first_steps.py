"""The dialog of first steps: says to a new account where it is, and offers how to begin."""

from __future__ import annotations

import asyncio
from typing import ClassVar
from urllib.parse import urlsplit

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Button, Static

from asnity_tui.client.storage.accounts import SavedAccount
from asnity_tui.screens.chat.screen import ChatScreen
from asnity_tui.screens.dialogs.dialog import Dialog
from asnity_tui.widgets.text.safe_text import harmless, harmless_line

CHOICES = {
    "create": "Create a community",
    "join": "Join with an invite",
    "invite": "Invite people",
    "look": "Look around",
}
"""Ways to begin, by the answer of the dialog."""


class FirstSteps(Dialog[str]):
    """Answers one of `CHOICES`; Escape looks around."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", "Next", id="welcome.next", show=False),
        Binding("up", "app.focus_previous", "Previous", id="welcome.previous", show=False),
    ]

    def __init__(self, username: str, server: str, community: str = "") -> None:
        """`server` is its name and address; `community` the one that the invite led into, if any."""
        super().__init__(f"Welcome, {username}")
        into = f" and joined {community}" if community else ""
        self._text = f"You have an account on {server}{into}."
        self._choices = ("invite", "create", "join", "look") if community else ("create", "join", "look")
        self._inside = bool(community)

    def body(self) -> ComposeResult:
        """Say where one is, and offer ways to begin."""
        yield Static(Content(harmless(self._text)), classes="dialog-text")
        if not self._inside:
            told = "People talk in communities: create one and invite others, or join one with an invite."
            yield Static(Content(told), classes="dialog-text")
        with Vertical(id="first-steps"):
            for choice in self._choices:
                yield Button(Content(CHOICES[choice]), id=choice, compact=True)
        yield Static(Content("Enter chooses · Esc looks around · F1 shows all keys"), classes="dialog-hints")

    def on_mount(self) -> None:
        """Begin at what most people want: to a community's newcomer, that is to look around."""
        self.query_one("#look" if self._inside else "#create", Button).focus()

    @on(Button.Pressed)
    def _chosen(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id)


async def offer_first_steps(screen: ChatScreen, saved: SavedAccount) -> None:
    """Welcome a new account as soon as the server has told what it knows, and begin with what is chosen."""
    session, told = screen.session, asyncio.Event()
    end = session.publisher.subscribe(lambda facts: told.set() if session.connection.status == "online" else None)
    try:
        if session.connection.status != "online":
            await told.wait()
    finally:
        end()
    first = next(iter(session.store.communities.values()), None)
    host = urlsplit(saved.server).netloc
    info = session.connection.server
    server = f"{info.name} ({host})" if info is not None and info.name else host
    community = harmless_line(first.community.name) if first is not None else ""
    chosen = await screen.app.push_screen_wait(FirstSteps(saved.username, harmless_line(server), community))
    if chosen in ("create", "join"):
        screen.action_command(f"community.{chosen}")
    elif chosen == "invite":
        screen.action_command("community.invite")
