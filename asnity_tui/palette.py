"""The command palette: everything that can be done here, found by name or meaning, with the key that does it."""

from __future__ import annotations

from textual.app import App

from .screens.chat import ChatScreen
from .screens.doings import Doing, choose, choose_theme, doings
from .screens.pick import Option
from .screens.synonyms import synonyms_of
from .widgets.inks import words


async def ask(app: App[None]) -> None:
    """Show the palette, and do what is chosen; before anybody is signed in there is the theme alone."""
    screen = app.screen
    option = Option("theme", words(("Theme", "plain"), ("  Change the colours", "faint")), also=synonyms_of("theme"))
    found = doings(screen) if isinstance(screen, ChatScreen) else [Doing(option, lambda: choose_theme(app))]
    await choose(app, "Commands", found)
