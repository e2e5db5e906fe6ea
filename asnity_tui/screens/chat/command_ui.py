"""The chat screen as commands know it: dialogs, waiting for the server, ways to other places."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, TypeVar

from asnity_server.protocol.errors import Invalid
from asnity_server.protocol.times import from_wire
from asnity_tui.commands.context import Field, Severity, Values
from asnity_tui.state.channel import ChannelState
from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.relative_time import relative_time
from asnity_tui.widgets.text.safe_text import harmless_line

if TYPE_CHECKING:
    from .screen import ChatScreen

T = TypeVar("T")


class ChatCommandUI:
    """Implements `CommandUI` over the chat screen; dialogs are imported when they are first asked for."""

    def __init__(self, screen: ChatScreen) -> None:
        self._screen = screen
        self.navigation = screen.navigation

    @property
    def server(self) -> str:
        """The server's address."""
        return self._screen.server

    @property
    def zone(self) -> tzinfo | None:
        """The time zone; None: wherever this machine says it is."""
        return self._screen.zone

    # Asking the person

    async def confirm(self, title: str, text: str, *, yes: str, grave: bool = False) -> bool:
        """Ask a question."""
        from asnity_tui.screens.dialogs.confirm import Confirm  # late: the first picture has no dialog

        question = Confirm(title, text, yes=yes, grave=grave)
        return await self._screen.app.push_screen_wait(question) is True

    async def form(
        self,
        title: str,
        fields: Sequence[Field],
        submit: Callable[[Values], Awaitable[T]],
        *,
        text: str = "",
        button: str = "OK",
        boxes: Sequence[tuple[str, str]] = (),
        ticked: Collection[str] = (),
        grave: bool = False,
    ) -> T | None:
        """Have fields filled in."""
        from asnity_tui.screens.dialogs.form import Form  # late: the first picture has no dialog
        from asnity_tui.widgets.form_field import FormField  # late: see above

        inputs = [
            FormField(each.name, each.label, value=each.value, secret=each.secret, remark=each.remark)
            for each in fields
        ]
        form = Form(title, inputs, submit, text=text, button=button, boxes=boxes, ticked=ticked, grave=grave)
        return await self._screen.app.push_screen_wait(form)

    async def choose(self, title: str, options: Sequence[Option], *, nothing: str = "No matches.") -> str | None:
        """Have one chosen."""
        from asnity_tui.screens.dialogs.picker import Picker  # late: the first picture has no dialog

        return await self._screen.app.push_screen_wait(Picker(title, options, nothing=nothing))

    async def show(self, title: str, text: str) -> None:
        """Show a text."""
        from asnity_tui.screens.dialogs.text import TextDialog  # late: the first picture has no dialog

        await self._screen.app.push_screen_wait(TextDialog(title, text))

    async def show_link(self, title: str, url: str) -> None:
        """Show a link to copy."""
        from asnity_tui.screens.dialogs.links import LinkDialog  # late: the first picture has no dialog

        await self._screen.app.push_screen_wait(LinkDialog(title, url))

    # Asking the server, and saying how it went

    async def wait(self, question: Awaitable[T], doing: str = "Waiting for the server") -> T:
        """Ask the server, and show that it takes time."""
        return await self._screen.requests.wait(question, doing)

    def notify(self, text: str, *, severity: Severity = "information", timeout: float | None = 3) -> None:
        """Say something in passing."""
        self._screen.notify(harmless_line(text), severity=severity, timeout=timeout, markup=False)

    def title_of(self, channel: ChannelState) -> str:
        """Name a channel."""
        return self._screen.conversation.title(channel)

    def moment(self, wire: str) -> str:
        """Word a moment of the server."""
        try:
            return relative_time(from_wire(wire), now=self._screen.conversation.now(), zone=self.zone)
        except (Invalid, ValueError, OverflowError, OSError):
            return harmless_line(wire)  # no moment, or none that this machine has a calendar for
