"""Options of one start of the app."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

import msgspec

from asnity_tui.client.sign_in import Authenticator
from asnity_tui.client.storage.accounts import SavedAccount
from asnity_tui.terminal.clipboard import Clipboard
from asnity_tui.terminal.terminal_notify import NotifyBy

from . import themes


class Demo(Protocol):
    """A server inside with people who talk, as `demo.world.DemoWorld` is."""

    async def start(self) -> tuple[Authenticator, SavedAccount]:
        """Begin; how to sign in, and as whom."""

    async def stop(self) -> None:
        """End it; everything is gone afterwards."""


class AppOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How one start of the app differs from another."""

    server: str = ""
    """The address of a server, for a person who isn't signed in."""
    saved: SavedAccount | None = None
    """The account that is signed in."""
    invite_link: str = ""
    """The link of an invite to accept, for a person who is signed in."""
    theme: str = themes.DARK.name
    save_theme: Callable[[str], None] | None = None
    """Saves another theme for the next start. May raise `OSError`."""
    notify: NotifyBy = "auto"
    keys: Mapping[str, str] = {}
    """Keys of the settings by the id of what they do."""
    troubles: tuple[str, ...] = ()
    """Sentences about the settings."""
    make_demo: Callable[[], Awaitable[Demo]] | None = None
    """Makes the demo, where it is offered."""
    demo: bool = False
    """Begin with the demo."""
    clipboard: Clipboard | None = None
    """The way to the clipboard; the terminal's own, if there is none."""
    undo_seconds: int = 0
    """Seconds for which a new message can be taken back."""
    on_first_paint: Callable[[], None] | None = None
    """Called when the first picture is on the screen."""
