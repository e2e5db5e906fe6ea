"""The text area for writing messages: grows with the text, sends with Enter, and refuses a text that is too long."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from typing import ClassVar, Literal, Protocol

from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import EditResult

from asnity_server.protocol import limits
from asnity_tui.widgets.text.safe_text import TAB, harmless_draft, harmless_line
from asnity_tui.widgets.text.tab_stops import TabbedDocument, TabbedNavigator

NEAR = 200
"""From so many characters before the limit on, the room that is left is shown."""

_TYPED_BY_US = frozenset({":", "\u200d", *map(chr, range(0xE0020, 0xE0080))})
"""The end of an emoji's name, and what emoji are joined with, which TextArea takes for keys that write nothing."""


CATCH_UP = 0.5
"""Seconds at most for which a key waits for those before it."""


class ComposerHost(Protocol):
    """The owner of a composer, called at the very key, as keys typed after it may belong elsewhere."""

    def offer(self) -> None:
        """See what is to be offered for the text as it stands."""

    def take_offer(self) -> bool:
        """Put what is offered into the text; False if nothing is."""

    def submit(self, text: str) -> None:
        """Enter: the text may be sent, and is taken out of the composer then."""

    def hurry(self) -> None:
        """Enter in an empty composer: what is held so that it could be taken back goes now."""


class Composer(TextArea):
    """A text area of one to ten lines."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "Send", id="composer.send", show=False),
        Binding("tab", "complete", "Complete", id="composer.complete", show=False),
        Binding("shift+tab", "complete_back", "Previous completion", id="composer.complete-back", show=False),
        Binding("ctrl+j,alt+enter,shift+enter", "newline", "New line", id="composer.newline", show=False),
        Binding("escape", "leave", "Go to the messages", id="composer.leave", show=False),
        Binding("alt+d", "delete_word_right", "Delete the word", id="composer.delete-word", show=False),
        Binding("alt+k", "delete_to_end_of_line", "Cut to the end of the line", id="composer.kill-line", show=False),
    ]

    class TooLong(Message):
        """Enter, but the text is longer than the server takes, by so many characters."""

        def __init__(self, excess: int) -> None:
            super().__init__()
            self.excess = excess

    class Complete(Message):
        """Something about what is offered."""

        def __init__(self, act: Literal["close", "next", "previous", "word", "word-before"]) -> None:
            super().__init__()
            self.act = act

    class EditLast(Message):
        """Up in an empty composer."""

    class Left(Message):
        """Escape."""

    def __init__(self, *, id: str | None = None) -> None:
        self.host: ComposerHost | None = None
        super().__init__(
            id=id,
            soft_wrap=True,
            show_line_numbers=False,
            highlight_cursor_line=False,
            tab_behavior="focus",
        )
        # What `compact=True` does, without styling it before it has a place.
        self.set_reactive(TextArea.compact, True)
        self.update_classes({"-textual-compact": True}, update=False)
        self.indent_width = TAB
        self.cursor_blink = False  # calmer, and an idle client does nothing
        self.limit = limits.CONTENT
        """Characters that the server takes."""
        self.offering = False
        """Something is offered for the word that is being written: arrows choose, Tab takes, Escape closes."""
        self.named: Callable[[str], tuple[int, str] | None] = lambda _: None
        """What the end of a text becomes once its last colon is typed, and from where on."""
        self.enter_takes = False
        """Enter takes it, too: it is more than what stands there already."""

    @property
    def at(self) -> int:
        """The cursor as an offset of the text."""
        row, column = self.cursor_location
        return sum(len(line) + 1 for line in self.document.lines[:row]) + column

    def exchange(self, text: str, at: int) -> None:
        """Put `text` in the place of what is there, with the cursor at an offset; ctrl+z takes it back."""
        text = harmless_draft(text)
        self.replace(text, (0, 0), self.document.end)
        before = text[:at]
        self.move_cursor((before.count("\n"), len(before) - before.rfind("\n") - 1))

    @property
    def used(self) -> int:
        """Characters that the server would count."""
        return len(unicodedata.normalize("NFC", self.text).rstrip())

    @property
    def room_words(self) -> str:
        """How much room is left, once that matters."""
        if len(self.text) < self.limit - NEAR or self.used < self.limit - NEAR:
            return ""
        return f"{self.used:,} / {self.limit:,}"

    def render_line(self, y: int) -> Strip:
        """A line; nothing while there is no room at all, as for a moment when the terminal is made smaller."""
        return super().render_line(y) if self.content_size.width > 1 else Strip.blank(self.size.width)

    def aim(self, target: str, why: str = "") -> None:
        """Say where the text will go, or `why` it can't."""
        told = why or (f"Message {harmless_line(target)}" if target else "")
        if self.placeholder != Content(told):
            self.placeholder = Content(told)

    def put(self, text: str) -> None:
        """Replace the text, with the cursor at its end."""
        self.load_text(harmless_draft(text))
        self.move_cursor(self.document.end)

    def put_before(self, text: str) -> None:
        """Put a text in front of what stands here, which may be what was typed since."""
        held = self.text
        self.put(text + (f"\n{held}" if held.strip() else ""))

    async def caught_up(self) -> None:
        """Wait until what was typed before is done: a key that leads elsewhere must not overtake it."""
        done = asyncio.Event()
        if self.call_later(done.set):
            with suppress(TimeoutError):
                await asyncio.wait_for(done.wait(), CATCH_UP)

    async def on_key(self, event: events.Key) -> None:
        """Do what a key of ours does in the order of the keys: the app would do it after letters typed meanwhile."""
        if event.key == "enter":
            event.prevent_default()  # TextArea would break the line; what Enter does is up to the bindings
        elif event.character is not None and event.character in _TYPED_BY_US and not self.read_only:
            event.prevent_default()
            event.stop()
            self._put_in_place(event.character)
            if event.character == ":":
                self._show_named()
            return
        if event.is_printable:
            return
        own = next((bindings for node, bindings in self.screen._modal_binding_chain if node is self), None)
        for binding in own.key_to_bindings.get(event.key, ()) if own is not None else ():
            if not binding.priority and await self.app.run_action(binding.action, self):
                event.prevent_default()
                event.stop()
                return

    def _show_named(self) -> None:
        """Show at once what was typed by its name: what is seen is what is sent. ctrl+z brings the name back."""
        row, column = self.cursor_location
        line = self.document[row][:column]
        lines = self.document.lines[:row]
        found = self.named("\n".join([*lines, line]))
        if found is not None:
            start = found[0] - sum(len(each) + 1 for each in lines)
            self.history.checkpoint()
            result = self.replace(found[1], (row, start), (row, column))
            self.history.checkpoint()
            self.move_cursor(result.end_location)

    async def on_paste(self, event: events.Paste) -> None:
        """A paste is one piece of text, whatever lines and control characters it has."""
        event.prevent_default()
        event.stop()
        text = harmless_draft(event.text.replace("\r\n", "\n").replace("\r", "\n"))
        if text and (result := self._put_in_place(text)):
            self.move_cursor(result.end_location)

    def _put_in_place(self, text: str) -> EditResult | None:
        """Type a text in place of the selection."""
        return None if self.read_only else self.replace(text, *self.selection, maintain_selection_offset=False)

    def _set_document(self, text: str, language: str | None) -> None:
        """Begin with another text."""
        super()._set_document(text, language)
        self.wrapped_document = TabbedDocument(self.document, self.wrap_width, self.indent_width)
        self.navigator = TabbedNavigator(self.wrapped_document)
        self._rewrap_and_refresh_virtual_size()

    def _recompute_cursor_offset(self) -> None:
        """Where the cursor shows. In an undo Textual asks while the cursor is yet after a text that has shrunk."""
        self._cursor_offset = self.wrapped_document.location_to_offset(self.clamp_visitable(self.cursor_location))

    def _rewrap_and_refresh_virtual_size(self) -> None:
        """Wrap anew, as for another width; the cursor stays in sight, and the terminal is told where it is."""
        super()._rewrap_and_refresh_virtual_size()
        if self.is_mounted:
            self.scroll_cursor_visible()
            if self.has_focus:
                self.app.cursor_position = self.cursor_screen_offset

    def action_send(self) -> None:
        """Hand the text over, if there is any and it isn't too long; what is offered comes before that."""
        if self.host is not None:
            self.host.offer()
        if not (self.offering and self.enter_takes and self._take_offer()):
            self.submit()

    def submit(self) -> None:
        """Hand the text over, whatever is offered."""
        if not self.text.strip():
            if self.host is not None and not self.text:
                self.host.hurry()
            return
        if self.used > self.limit:
            self.post_message(self.TooLong(self.used - self.limit))
        elif self.host is not None:
            self.host.submit(self.text)

    def _take_offer(self) -> bool:
        return self.host is not None and self.host.take_offer()

    def action_newline(self) -> None:
        """Break the line."""
        self._put_in_place("\n")

    def action_undo(self) -> None:
        """Take back what was typed last; where that is nothing, whatever else can be undone."""
        if not self.history.undo_stack:
            raise SkipAction
        super().action_undo()

    def action_delete_right(self) -> None:
        """Delete; in an empty composer ctrl+d means the end, as in a shell."""
        if not self.text:
            raise SkipAction
        super().action_delete_right()

    def action_leave(self) -> None:
        """Tell that Escape was pressed."""
        self.post_message(self.Complete("close") if self.offering else self.Left())

    def action_complete(self) -> None:
        """Complete; an empty composer is left for what is next on the screen."""
        if self.offering and self._take_offer():
            return
        if self.text:
            self.post_message(self.Complete("word"))
        else:
            self.screen.focus_next()

    def action_complete_back(self) -> None:
        """Go back to the previous completion; leave an empty composer for the pane before it."""
        if self.text:
            self.post_message(self.Complete("word-before"))
        else:
            self.screen.focus_previous()

    def action_cursor_up(self, select: bool = False) -> None:
        """Up; in an empty composer, my last message; in what is offered, the one above."""
        if self.offering and not select:
            self.post_message(self.Complete("previous"))
        elif not self.text and not select:
            self.post_message(self.EditLast())
        else:
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        """Down; in what is offered, the one below."""
        if self.offering and not select:
            self.post_message(self.Complete("next"))
        else:
            super().action_cursor_down(select)
