"""Two themes of our own, quiet greys with a warm cast and one accent, tangerine; and an app that begins with one."""

from __future__ import annotations

from textual.app import App
from textual.theme import Theme

from asnity_tui.widgets.timeline.part import Part

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


class Themed(Part, App[None], part=True):
    """The part of the app that has a theme from the start."""

    _has_theme = False

    def get_css_variables(self) -> dict[str, str]:
        """The colours; Textual asks for them before it can know the theme, and reckoning them takes a while."""
        return super().get_css_variables() if self._has_theme else {}

    def register_own_themes(self) -> None:
        """Offer our own beside Textual's."""
        for each in OWN:
            self.register_theme(each)

    def begin_with_theme(self, name: str) -> None:
        """Do what setting the theme does, without parsing all styles a second time before the first picture."""
        self._has_theme = True
        self.set_reactive(App.theme, name)
        self.stylesheet.set_variables(self.get_css_variables())
        dark = self.current_theme.dark
        self.update_classes({f"-theme-{name}": True, "-dark-mode": dark, "-light-mode": not dark}, update=False)
