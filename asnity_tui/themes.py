"""Two themes of our own: quiet greys with a warm cast and one accent, tangerine."""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.theme import Theme

DARK = Theme(
    name="asnity-dark",
    primary="#f0913a",
    secondary="#c9a27c",
    accent="#f59b42",
    warning="#e6c07b",
    error="#f0716b",
    success="#8fbf83",
    foreground="#dedad4",
    background="#18181b",
    surface="#1f1f23",
    panel="#27272c",
    boost="#2e2e34",
    dark=True,
    variables={
        "border": "#3a3a41",
        "border-blurred": "#2c2c31",
        "block-cursor-background": "#f0913a",
        "block-cursor-foreground": "#18181b",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#2e2e34",
        "block-cursor-blurred-foreground": "#dedad4",
        "block-hover-background": "#27272c",
        "input-cursor-background": "#dedad4",
        "input-selection-background": "#f0913a 35%",
        "screen-selection-background": "#f0913a 35%",
        "scrollbar": "#34343a",
        "scrollbar-hover": "#46464e",
        "scrollbar-active": "#f0913a",
        "scrollbar-background": "#18181b",
        "scrollbar-background-hover": "#18181b",
        "scrollbar-background-active": "#18181b",
        "footer-key-foreground": "#f59b42",
        "link-color": "#f59b42",
    },
)

LIGHT = Theme(
    name="asnity-light",
    primary="#b85300",
    secondary="#8a6a48",
    accent="#bb5400",
    warning="#8f6400",
    error="#b8322a",
    success="#3f7a37",
    foreground="#2a2825",
    background="#fbfaf8",
    surface="#f3f1ed",
    panel="#e9e6e0",
    boost="#e1ddd5",
    dark=False,
    variables={
        "border": "#cfcabf",
        "border-blurred": "#dedad2",
        "block-cursor-background": "#b85300",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#e1ddd5",
        "block-cursor-blurred-foreground": "#2a2825",
        "block-hover-background": "#e9e6e0",
        "input-cursor-background": "#2a2825",
        "input-selection-background": "#f0913a 40%",
        "screen-selection-background": "#f0913a 40%",
        "scrollbar": "#d6d1c7",
        "scrollbar-hover": "#c2bcb0",
        "scrollbar-active": "#b85300",
        "scrollbar-background": "#fbfaf8",
        "scrollbar-background-hover": "#fbfaf8",
        "scrollbar-background-active": "#fbfaf8",
        "footer-key-foreground": "#bb5400",
        "link-color": "#bb5400",
    },
)

OWN = (DARK, LIGHT)


def register_own(app: App[Any]) -> set[str]:
    """Offer our own themes beside Textual's; answers the names of all."""
    for each in OWN:
        app.register_theme(each)
    return set(app.available_themes)


def begin_with(app: App[Any], name: str) -> None:
    """Do what setting the theme does, without parsing all styles a second time before the first picture."""
    app.set_reactive(App.theme, name)
    app.stylesheet.set_variables(app.get_css_variables())
    dark = app.current_theme.dark
    app.update_classes({f"-theme-{name}": True, "-dark-mode": dark, "-light-mode": not dark}, update=False)
