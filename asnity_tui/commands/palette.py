"""The command palette: everything that can be done here, found by name or meaning, with the key that does it."""

from __future__ import annotations

from textual.app import App

from asnity_tui.screens.chat.screen import ChatScreen
from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.styles import spans

from .menu_entries import Doing, choose, choose_theme, doings
from .synonyms import synonyms_of


async def ask(app: App[None]) -> None:
    """Show the palette, and do what is chosen; before anybody is signed in there is the theme alone."""
    screen = app.screen
    option = Option("theme", spans(("Theme", "plain"), ("  Change the colours", "faint")), also=synonyms_of("theme"))
    found = doings(screen) if isinstance(screen, ChatScreen) else [Doing(option, lambda: choose_theme(app))]
    await choose(app, "Commands", found)
