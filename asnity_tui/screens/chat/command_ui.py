"""The chat screen as commands know it: dialogs, waiting for the server, and the parts that commands act on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, TypeVar

from textual.screen import Screen

from asnity_server.protocol.errors import Invalid
from asnity_server.protocol.models import Message
from asnity_server.protocol.times import from_wire
from asnity_tui.client.sync.session import Session
from asnity_tui.commands.context import Field, MenusUI, Severity, Values
from asnity_tui.screens.messages import SignOutRequested
from asnity_tui.screens.pending import PendingRequests
from asnity_tui.state.channel import ChannelState
from asnity_tui.state.rows import Row, Sent
from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.message_text import as_quote, as_text
from asnity_tui.widgets.text.relative_time import relative_time
from asnity_tui.widgets.text.safe_text import harmless, harmless_line
from asnity_tui.widgets.timeline.layout import is_action, one_line

from .conversation import Conversation
from .lookup import Lookup
from .navigation import Navigation
from .sidebar import Panes
from .status import StatusLine
from .terminal_loan import TerminalLoan
from .unsent import UnsentMessages

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatParts:
    """The parts of the chat screen that commands act on."""

    screen: Screen[Any]
    """Dialogs come over it, and it runs what takes time."""
    session: Session
    conversation: Conversation
    navigation: Navigation
    lookup: Lookup
    panes: Panes
    unsent: UnsentMessages
    terminal: TerminalLoan
    status_line: StatusLine
    requests: PendingRequests
    server: str
    zone: tzinfo | None
    keys: Mapping[str, str]
    """Those that the settings change."""


class ChatTimeline:
    """The messages of the open channel, as commands know them."""

    def __init__(self, parts: ChatParts) -> None:
        self._parts = parts
        self._conversation = parts.conversation
        self._view = parts.conversation.view

    @property
    def current(self) -> Row | None:
        """The message under the cursor."""
        return self._view.current if isinstance(self._view.current, Row) else None

    @property
    def chosen(self) -> tuple[Row, ...]:
        """All messages that are selected, oldest first; else the one under the cursor."""
        return self._view.range.messages()

    def newest_sent(self) -> Row | None:
        """The newest text that others can see."""
        for row in reversed(self._view.rows.items):
            text = isinstance(row, Row) and isinstance(row.delivery, Sent) and row.message.type == "TEXT"
            if isinstance(row, Row) and text and row.message.deleted_at is None:
                return row
        return None

    def go_to_first_unread(self) -> None:
        """Go to where I left off."""
        self._conversation.timeline.go_to_first_unread()

    def go_to_newest(self) -> None:
        """Go to the end."""
        self._conversation.timeline.go_to_newest()

    def open_at(self, channel_id: str, message_id: int) -> None:
        """Mark a message of a channel, loaded if it isn't."""
        self._conversation.open(channel_id, at=message_id)

    def mark_new_after(self, channel_id: str, message_id: int | None) -> None:
        """Draw the rule of new messages behind one, or none, if this channel is open."""
        if channel_id == self._conversation.channel_id:
            self._view.set_new_after(message_id)

    def _select(self, row: Row) -> None:
        index = self._view.rows.index_of(row.key)
        self._view.focus()
        if index is not None and self.current is not row:
            self._view.cursor.put(index)
            self._view.scroll_position.reveal(index)

    def toggle_raw(self, row: Row) -> None:
        """Show the text of a message as it was written, or formatted again."""
        self._select(row)
        self._view.toggle_raw()

    def toggle_range(self, row: Row) -> None:
        """Begin to select several messages at one, or end that."""
        self._select(row)
        self._view.toggle_range()

    def end_range(self) -> None:
        """Select nothing any more."""
        if self._view.range.is_marking:
            self._view.toggle_range()

    def links_of(self, row: Row) -> tuple[str, ...]:
        """Answer where the links of a message lead, in order."""
        return self._view.rows.links_of(row)

    def text_of(self, rows: Sequence[Row], *, quoted: bool) -> str:
        """Turn messages into a text to paste elsewhere."""
        return (as_quote if quoted else as_text)(rows, self._view.rows.context)

    def one_line(self, message: Message, *, named: bool = False) -> str:
        """Put a message into one line, with its author if `named`."""
        said = one_line(message, self._view.rows.context)
        name = harmless_line(self._parts.session.store.name_of(message.sender_id))
        return f"{name}: {said}" if named and not is_action(message) else said


class ChatComposer:
    """The text that is being written, as commands know it."""

    def __init__(self, parts: ChatParts) -> None:
        self._parts = parts
        self._conversation = parts.conversation
        self._composer = parts.conversation.composer

    @property
    def text(self) -> str:
        """The text."""
        return self._composer.text

    @property
    def has_focus(self) -> bool:
        """Whether letters are written."""
        return self._composer.has_focus

    def begin(self, text: str) -> None:
        """Put a text into the composer, with the focus there."""
        self._composer.put(text)
        self._composer.focus()

    def focus(self) -> None:
        """Go on writing."""
        self._composer.focus()

    def replace(self, text: str) -> None:
        """Exchange the text for another, as one step that can be undone."""
        self._composer.exchange(text, len(text))

    def reply(self, message: Message, text: str | None = None) -> None:
        """Answer a message, with `text` in the composer if there is any."""
        self._conversation.composing.reply(message, text)

    def edit(self, message_id: int, text: str) -> None:
        """Change the text of a message."""
        self._conversation.composing.edit(message_id, text)

    def edit_last(self) -> None:
        """Bring my last message to the composer."""
        self._conversation.unsent.edit_last()

    async def with_emoji(self, text: str) -> str:
        """Put emoji in the place of their short names."""
        return (await self._conversation.emoji.names()).replace(text)

    async def choose_emoji(self, title: str, used: Sequence[str], mine: Sequence[str]) -> str | None:
        """Have an emoji chosen; `used` stand first, `mine` are there already."""
        from asnity_tui.screens.dialogs.emoji_picker import EmojiPicker  # late: the first picture has no dialog

        picker = EmojiPicker(title, await self._conversation.emoji.names(), used, mine)
        return await self._parts.screen.app.push_screen_wait(picker)


class ChatProgram:
    """The program around the chat screen, as commands know it."""

    def __init__(self, parts: ChatParts) -> None:
        self._parts = parts
        self._screen = parts.screen

    @property
    def theme(self) -> str:
        """The name of the theme."""
        return self._screen.app.theme

    @property
    def themes(self) -> Sequence[str]:
        """The names of all themes."""
        return list(self._screen.app.available_themes)

    def use_theme(self, name: str) -> None:
        """Change the colours."""
        self._screen.app.theme = name

    def show_keys(self) -> None:
        """List all keys."""
        from asnity_tui.screens.help import Help  # late: the first picture has no dialog

        self._screen.app.push_screen(Help(self._parts.keys))

    def copy(self, text: str) -> None:
        """Put a text onto the clipboard."""
        self._screen.app.copy_to_clipboard(text)

    def open_url(self, url: str) -> None:
        """Open an address outside; a message link that I can read is gone to here."""
        self._screen.app.open_url(url)

    def clear_notices(self) -> None:
        """Take notices off the screen."""
        self._screen.app.clear_notifications()

    def draw_status(self) -> None:
        """Draw the status line anew."""
        self._parts.status_line.draw()

    def sign_out(self) -> None:
        """Forget this account on this machine."""
        self._screen.post_message(SignOutRequested())

    async def quit(self) -> None:
        """End the program."""
        await self._screen.app.action_quit()


class ChatCommandUI:
    """Implements `CommandUI` over the chat screen; dialogs are imported when they are first asked for."""

    def __init__(self, parts: ChatParts, menus: MenusUI) -> None:
        self._parts = parts
        self._screen = parts.screen
        self.menus = menus
        self.navigation = parts.navigation
        self.lookup = parts.lookup
        self.panes = parts.panes
        self.terminal = parts.terminal
        self.timeline = ChatTimeline(parts)
        self.composer = ChatComposer(parts)
        self.unsent = parts.unsent
        self.program = ChatProgram(parts)

    @property
    def server(self) -> str:
        """The server's address."""
        return self._parts.server

    @property
    def zone(self) -> tzinfo | None:
        """The time zone; None: wherever this machine says it is."""
        return self._parts.zone

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
        return await self._parts.requests.wait(question, doing)

    async def answer(self, question: Awaitable[T], doing: str = "Waiting for the server") -> T | None:
        """Ask the server; None where it was given up or refused, which is said."""
        return await self._parts.requests.answer(question, doing)

    def notify(self, text: str, *, severity: Severity = "information", timeout: float | None = 3) -> None:
        """Say something in passing."""
        self._screen.notify(harmless(text), severity=severity, timeout=timeout, markup=False)

    def title_of(self, channel: ChannelState) -> str:
        """Name a channel."""
        return self._parts.conversation.title(channel)

    def moment(self, wire: str) -> str:
        """Word a moment of the server."""
        try:
            return relative_time(from_wire(wire), now=self._parts.conversation.now(), zone=self.zone)
        except (Invalid, ValueError, OverflowError, OSError):
            return harmless_line(wire)  # no moment, or none that this machine has a calendar for
