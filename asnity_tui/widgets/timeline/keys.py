"""The keys of the messages, with what each does: the timeline, the palette, menus and documents are made from them."""

from __future__ import annotations

from textual.binding import Binding

from asnity_tui.widgets.text.hangul_keys import with_jamo

from .messages import Act


def _act(key: str, act: Act, description: str, tooltip: str, *, capitals: bool = False) -> Binding:
    return Binding(
        with_jamo(key, capitals=capitals),
        f"act('{act}')",
        description,
        tooltip=tooltip,
        id=f"message.{act}",
        show=False,
    )


def _own(key: str, action: str, description: str, tooltip: str) -> Binding:
    keys = with_jamo(key, capitals=key != "V")  # ㅍ is on both, and turns the raw text
    return Binding(keys, action, description, tooltip=tooltip, id=f"message.{action}", show=False)


TIMELINE_KEYS: tuple[Binding, ...] = (
    Binding(with_jamo("j,down"), "move(1)", "Next message", id="timeline.next", show=False),
    Binding(with_jamo("k,up"), "move(-1)", "Previous message", id="timeline.previous", show=False),
    Binding(with_jamo("g,home"), "first", "Oldest loaded", id="timeline.first", show=False),
    Binding("G,end", "newest", "Newest", id="timeline.newest", show=False),
    Binding("pageup", "page(-1)", "Page up", id="timeline.page-up", show=False),
    Binding("pagedown", "page(1)", "Page down", id="timeline.page-down", show=False),
    Binding("enter", "enter", "Write, show a long message, or load missing ones", id="timeline.enter", show=False),
    Binding(with_jamo("escape,i"), "leave", "Write", id="timeline.leave", show=False),
    _act("r", "reply", "Reply", "Reply to this message; retries a failed one"),
    _act("e", "edit", "Edit", "Edit your message; brings a failed one back to the composer"),
    _own("v", "raw", "Raw text", "Show the text as written, or formatted"),
    _act("p", "origin", "Go to the original message", "The message that this one replies to"),
    _act("plus", "react", "React", "Add an emoji reaction, or remove yours"),
    _act("w", "reactors", "Who reacted", "Everyone who reacted to this message"),
    _act("d", "delete", "Delete", "Delete your message permanently"),
    _act("y", "copy", "Copy text", "Copy the text of this message, or of all that are selected"),
    _act("greater_than_sign", "quote", "Copy as quote", "The same, quoted with > and its author"),
    _own("V", "range", "Select several", "Select from here to the cursor; y or > copies them"),
    _act("o", "open-link", "Open link", "Open the link in this message"),
    _act("t", "pin", "Pin", "Pin this message for everyone in the channel, or unpin it"),
    _act("Y", "copy-link", "Copy link", "Copy a link to this message"),
    _act("m", "menu", "Menu", "Everything you can do with this message"),
    _act("U", "unread-from", "Unread from here", "Mark this message and everything after it as unread", capitals=True),
    _act("R", "retry", "Retry", "Send a failed message again"),
    _act("E", "take-back", "Edit failed", "Bring a failed message back to the composer"),
    _act("X,x", "discard", "Discard", "Discard a failed message", capitals=True),
)
"""Those whose ids begin with `message.` do something with the message under the cursor."""
