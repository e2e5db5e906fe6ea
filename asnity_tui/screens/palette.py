"""The command palette, wherever the person is: before they are signed in there is the theme alone."""

from __future__ import annotations

from textual.app import App

from asnity_tui.commands.program import theme_options
from asnity_tui.commands.registry import synonyms_of
from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.styles import spans

from .chat.screen import ChatScreen
from .dialogs.picker import Picker


async def open_palette(app: App[None]) -> None:
    """Offer what can be done, and do what is chosen."""
    if isinstance(app.screen, ChatScreen):
        await app.screen.commands.menus.palette()
        return
    told = spans(("Theme", "plain"), ("  Change the colours", "faint"))
    option = Option("theme", told, also=synonyms_of("theme"))
    if await app.push_screen_wait(Picker("Commands", [option])) is not None:
        theme = await app.push_screen_wait(Picker("Theme", theme_options(app.available_themes, app.theme)))
        app.theme = theme or app.theme
