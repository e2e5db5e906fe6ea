"""The panes beside the conversation: shown, hidden, given the focus, and put away where they lie over it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.screen import Screen

from asnity_tui.widgets.members_pane import MembersPane

from .conversation import Conversation
from .sidebar import Sidebar


class Panes:
    """Shows and hides sidebar and members by classes of the screen; its styles say where there is room beside."""

    def __init__(
        self,
        screen: Screen[Any],
        sidebar: Sidebar,
        conversation: Conversation,
        members: MembersPane,
        changed: Callable[[], None],
    ) -> None:
        """`changed` is called once other panes show."""
        self._screen = screen
        self._sidebar = sidebar
        self._conversation = conversation
        self._members = members
        self._changed = changed

    def toggle_channels(self) -> None:
        """Put the lists on the screen and the focus there; with the focus there already, put them away."""
        screen, channels = self._screen, self._sidebar.channels
        if self._sidebar.is_shown and channels.has_focus:
            screen.remove_class("-lists-open")
            if not screen.has_class("-narrow", "-tiny"):
                screen.add_class("-no-lists")
            self._conversation.composer.focus()
        else:
            screen.remove_class("-no-lists")
            screen.add_class("-lists-open")
            channels.focus()
        screen.call_after_refresh(self._changed)

    def toggle_members(self) -> None:
        """Put the members on the screen and the focus there; with the focus there already, put them away.

        Where there is no room beside the messages they lie over them.
        """
        screen, members = self._screen, self._members
        if members.display and members.has_focus:
            screen.remove_class("-members-open")
            screen.set_class(screen.has_class("-wide"), "-no-members")
            self._conversation.composer.focus()
        else:
            screen.remove_class("-no-members")
            screen.set_class(not screen.has_class("-wide"), "-members-open")
            members.focus()
        screen.call_after_refresh(self._changed)

    def uncover(self) -> None:
        """Put away what lies over the conversation."""
        self._screen.remove_class("-lists-open", "-members-open")

    def write(self) -> None:
        """Go back to writing; what lies over the conversation goes away."""
        self.uncover()
        self._conversation.composer.focus()
        self._screen.call_after_refresh(self._changed)
