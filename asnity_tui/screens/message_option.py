"""Messages as options of a list: author, place, time and text."""

from __future__ import annotations

from collections.abc import Sequence

from asnity_server.protocol.models import Message
from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.relative_time import relative_time
from asnity_tui.widgets.text.rich_body import ACTION
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import Span, spans
from asnity_tui.widgets.timeline.layout import RenderContext, time_of

LONGEST = 300
"""Characters of a message that are looked at for its line."""


def message_option(
    key: str,
    message: Message,
    context: RenderContext,
    now: int,
    *,
    place: str = "",
    parts: Sequence[tuple[str, bool]] = (),
) -> Option:
    """Make a message an option in two lines: who and when (`place`: and where), then the beginning of its text.

    `parts` are pieces of the text to be shown instead, each with whether it was looked for. `now` in milliseconds.
    """
    name = harmless_line(context.name_of(message.sender_id))
    head = spans((name, "author"), (f"  {place}" if place else "", "faint"))
    return Option(key, head, spans((when(message, context, now), "faint")), (text_line(message, parts, f"* {name} "),))


def when(message: Message, context: RenderContext, now: int) -> str:
    """Word the time of a message, seen from `now` (milliseconds since 1970)."""
    at = time_of(message, context.zone)
    return relative_time(int(at.timestamp() * 1000), now=now, zone=context.zone) if at is not None else ""


def text_line(message: Message, parts: Sequence[tuple[str, bool]] = (), actor: str = "") -> tuple[Span, ...]:
    """Word the text of a message in one line; `actor` stands before what somebody does."""
    if message.deleted_at is not None:
        return spans(("  ", "plain"), ("message deleted", "deleted"))
    pieces = parts or ((message.content[:LONGEST], False),)
    if message.content.startswith(ACTION) and pieces[0][0].startswith(ACTION):
        pieces = ((actor, False), (pieces[0][0].removeprefix(ACTION), pieces[0][1]), *pieces[1:])
    said = []
    for text, hit in pieces:
        before = " " if text[:1].isspace() else ""
        behind = " " if text[-1:].isspace() and text.strip() else ""
        said.append(Span(f"{before}{harmless_line(text.strip())}{behind}", "hit" if hit else "plain"))
    return (Span("  "), *(each for each in said if each.text))
