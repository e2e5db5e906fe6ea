"""The parts of the screen that commands act on, each as far as commands know it; the chat screen owns them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from asnity_server.protocol.models import Message
from asnity_tui.state.community import CommunityState
from asnity_tui.state.message_link import MessageAddress
from asnity_tui.state.outbox_entry import OutboxEntry
from asnity_tui.state.rows import Row


class NavigationUI(Protocol):
    """Ways from one channel to another."""

    def go_to(self, channel_id: str, *, at: int | None = None) -> bool:
        """Open a channel of mine, with the message `at` marked, and go on writing; False if I am not in it."""

    def go_to_community(self, community: CommunityState) -> None:
        """Open the channel of a community where I was last, unless it is on the screen already."""

    def go_to_neighbour(self, direction: int) -> None:
        """Open the channel above (-1) or below (1)."""

    def go_to_number(self, number: int) -> None:
        """Open the channel with this number: of what is unread, or of the list."""

    def go_to_unread(self, direction: int) -> None:
        """Open the previous or next unread channel."""

    def go_to_best_unread(self) -> None:
        """Open the unread channel that matters most; when none is left, go back to where this began."""

    def go_to_next_community(self, direction: int) -> None:
        """Open the community above or below."""

    def go_back(self) -> None:
        """Open the channel that was open before."""

    async def write_to(self, community_id: str, user_ids: Sequence[str]) -> None:
        """Open the direct channel with people, made if there is none."""

    def left_here(self) -> None:
        """Go on elsewhere: the person left the open channel by themselves."""


class LookupUI(Protocol):
    """Asks what to look for, and opens what was found."""

    async def quick_switch(self) -> None:
        """Go to a channel or a person, found by a few letters."""

    async def catch_up(self) -> None:
        """List everything that was missed."""

    async def search(self, text: str | None = None) -> None:
        """Look for messages; None: go on with the last search."""

    async def pins(self, channel_id: str) -> None:
        """List what is pinned in a channel."""

    async def mention(self, direction: int) -> None:
        """Go to the previous or next message of the open channel that mentions me."""

    async def day(self, channel_id: str, moment: int) -> None:
        """Go to the first message of a day that begins at `moment` (milliseconds since 1970)."""

    def place_of(self, link: str) -> MessageAddress | None:
        """Answer where a link leads, if it is one to a message that I can read here."""


class PanesUI(Protocol):
    """The panes beside the conversation."""

    def toggle_channels(self) -> None:
        """Show the lists with the focus there, or put them away."""

    def toggle_members(self) -> None:
        """Show the members with the focus there, or put them away."""


class TimelineUI(Protocol):
    """The messages of the open channel."""

    @property
    def current(self) -> Row | None:
        """The message under the cursor."""

    def newest_sent(self) -> Row | None:
        """The newest text that others can see."""

    def go_to_first_unread(self) -> None:
        """Go to where I left off."""

    def go_to_newest(self) -> None:
        """Go to the end."""

    @property
    def chosen(self) -> tuple[Row, ...]:
        """All messages that are selected, oldest first; else the one under the cursor."""

    def open_at(self, channel_id: str, message_id: int) -> None:
        """Mark a message of a channel, loaded if it isn't."""

    def mark_new_after(self, channel_id: str, message_id: int | None) -> None:
        """Draw the rule of new messages behind one, or none, if this channel is open."""

    def toggle_raw(self, row: Row) -> None:
        """Show the text of a message as it was written, or formatted again."""

    def toggle_range(self, row: Row) -> None:
        """Begin to select several messages at one, or end that."""

    def end_range(self) -> None:
        """Select nothing any more."""

    def links_of(self, row: Row) -> tuple[str, ...]:
        """Answer where the links of a message lead, in order."""

    def text_of(self, rows: Sequence[Row], *, quoted: bool) -> str:
        """Turn messages into a text to paste elsewhere."""

    def one_line(self, message: Message, *, named: bool = False) -> str:
        """Put a message into one line, with its author if `named`."""


class ComposerUI(Protocol):
    """The text that is being written."""

    @property
    def text(self) -> str:
        """The text."""

    @property
    def has_focus(self) -> bool:
        """Whether letters are written."""

    def begin(self, text: str) -> None:
        """Put a text into the composer, with the focus there."""

    def focus(self) -> None:
        """Go on writing."""

    def replace(self, text: str) -> None:
        """Exchange the text for another, as one step that can be undone."""

    def reply(self, message: Message, text: str | None = None) -> None:
        """Answer a message, with `text` in the composer if there is any."""

    def edit(self, message_id: int, text: str) -> None:
        """Change the text of a message."""

    def edit_last(self) -> None:
        """Bring my last message to the composer."""

    async def with_emoji(self, text: str) -> str:
        """Put emoji in the place of their short names."""

    async def choose_emoji(self, title: str, used: Sequence[str], mine: Sequence[str]) -> str | None:
        """Have an emoji chosen; `used` stand first, `mine` are there already."""


class UnsentUI(Protocol):
    """Messages that weren't sent, and deletions that can be undone."""

    def failed_here(self) -> OutboxEntry | None:
        """The failed message under the cursor, else the newest of the open channel."""

    def stuck_text(self) -> str:
        """The text of the composer, where it can't be sent; else an empty one."""

    def retry_here(self) -> bool:
        """Send again what failed in the open channel; False if nothing did."""

    def retry(self, nonce: str) -> None:
        """Send a failed message again."""

    def take_back(self, nonce: str) -> None:
        """Bring a failed message back to the composer."""

    def discard(self, nonce: str) -> None:
        """Throw a failed message away; for a while that can be undone."""

    def discard_text(self) -> None:
        """Throw away the text of the composer; for a while that can be undone."""

    def delete(self, channel_id: str, message_id: int) -> None:
        """Delete a message; for a while that can be undone."""

    def undo(self) -> bool:
        """Bring back what was discarded or deleted last; False if nothing was."""

    async def list(self) -> None:
        """List everything that isn't sent."""


class TerminalUI(Protocol):
    """The terminal, lent to other programs."""

    async def edit(self) -> None:
        """Write in the person's own editor."""

    async def show_plain(self) -> None:
        """Show nothing but text, until a key is pressed."""

    def suspend(self) -> None:
        """Go to the background."""


class ProgramUI(Protocol):
    """The program around the screen."""

    @property
    def theme(self) -> str:
        """The name of the theme."""

    @property
    def themes(self) -> Sequence[str]:
        """The names of all themes."""

    def use_theme(self, name: str) -> None:
        """Change the colours."""

    def show_keys(self) -> None:
        """List all keys."""

    def copy(self, text: str) -> None:
        """Put a text onto the clipboard."""

    def open_url(self, url: str) -> None:
        """Open an address outside; a message link that I can read is gone to here."""

    def clear_notices(self) -> None:
        """Take notices off the screen."""

    def draw_status(self) -> None:
        """Draw the status line anew."""

    def sign_out(self) -> None:
        """Forget this account on this machine."""

    async def quit(self) -> None:
        """End the program."""
