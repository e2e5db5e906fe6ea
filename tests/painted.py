"""Reads an app's screen line by line, without changing what it shows next."""

from __future__ import annotations

from textual._context import visible_screen_stack
from textual.app import App
from textual.strip import Strip


def painted(app: App[None]) -> list[Strip]:
    """The lines of the screen, with the screens that shine through a dialog below it.

    A dialog drawn without being told of the screens below keeps that picture of itself: they must be named first.
    """
    visible_screen_stack.set(app._background_screens)
    return app.screen._compositor.render_strips()
