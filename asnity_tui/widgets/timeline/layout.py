"""Lays out one row of the timeline for a given width: rules, author, text, marks and reasons.

Pure: rows in, lines of named pieces out. The names are those of the timeline's component styles.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo

import msgspec

from asnity_server.protocol.errors import AsnityError
from asnity_server.protocol.models import Message
from asnity_server.protocol.text import EVERYONE, name_key
from asnity_server.protocol.times import from_wire
from asnity_tui.state.outbox_entry import EntryKind
from asnity_tui.state.rows import Failed, Gap, Item, Row, Sent, Waiting
from asnity_tui.widgets.text.cell_width import fit, width_of, wrap
from asnity_tui.widgets.text.rich_body import (
    ACTION,
    BEYOND,
    Piece,
    PieceLine,
    RichBody,
    StyleRange,
    TextLink,
    as_action,
    lines_of,
    overlaid,
    plain,
)
from asnity_tui.widgets.text.safe_text import harmless, harmless_line

INDENT = 3
"""Cells before the text: one for the cursor's bar, two for a mark (`…`, `!`, `@`). The author stands after the bar."""

TEXT_WIDTH_MAX = 100
"""The widest that text is set, in cells: longer lines are hard to read."""

GROUP = 5 * 60 * 1000
"""Milliseconds within which messages of one author share a heading."""

FOLD = 30
"""Lines of a message's text; of a longer one the rest shows when it is asked for."""

_VERB: dict[EntryKind, str] = {"new": "not sent", "modify": "edit not saved", "delete": "not deleted"}


class RenderContext(msgspec.Struct, frozen=True):
    """Everything that rows need for their layout beyond themselves."""

    me: str
    username: str
    zone: tzinfo | None
    """None: this machine's."""
    year: int
    """Days of other years are written with their year."""
    name_of: Callable[[str], str]
    """The name of a person by id, as it came from the server."""
    usernames: Callable[[str], str | None]
    """The username of a person by id, where it is known."""
    message_of: Callable[[int], Message | None]
    """A loaded message of the same channel by id."""
    render: Callable[[str], RichBody] = plain
    """Makes a rich body of a message's text."""


class RowHeader(msgspec.Struct, frozen=True):
    """The lines above a row that depend on the row before it."""

    heading: bool = True
    """The author and the time."""
    day: bool = False
    new: bool = False


class RowLayout(msgspec.Struct, frozen=True):
    """A row at one width."""

    lines: tuple[PieceLine, ...]
    rules: int
    """How many of the first lines are rules, which belong to no message."""
    text: str
    """What can be selected in it, without line breaks of our making."""
    marked: bool
    """It mentions me."""
    heading: bool = False
    links: tuple[TextLink, ...] = ()
    """Where the text leads."""
    quote: int | None = None
    """Which line says what is replied to."""
    folded: int | None = None
    """Which line says how much of the text doesn't show."""


def time_of(message: Message, zone: tzinfo | None) -> datetime | None:
    """When a message was written, or None if its time can't be read."""
    try:
        return datetime.fromtimestamp(from_wire(message.created_at) / 1000, zone)
    except (AsnityError, OverflowError, OSError, ValueError):
        return None


def header_of(
    item: Item, before: Item | None, context: RenderContext, *, new_after: int | None, apart: bool = False
) -> RowHeader:
    """Find the header of `item`, which follows on `before`, directly or with a gap between (`apart`).

    `new_after` is the id of the last message that was read, while the `new` rule shows.
    """
    if isinstance(item, Gap):
        return RowHeader(heading=False)
    message = item.message
    earlier = before.message if isinstance(before, Row) else None
    new = (
        new_after is not None
        and message.id > new_after
        and (earlier is None or earlier.id <= new_after)
        and message.id != 0
    )
    moment = time_of(message, context.zone)
    previous = time_of(earlier, context.zone) if earlier else None
    day = moment is not None and (previous is None or previous.date() != moment.date())
    if day and moment is not None and previous is not None and message.id == 0:
        # what isn't stored has this machine's time: it stands after the others, whatever that says
        day = moment.date() > previous.date()
    together = (
        not apart
        and earlier is not None
        and earlier.sender_id == message.sender_id
        and earlier.type == message.type
        and moment is not None
        and previous is not None
        and abs((moment - previous).total_seconds()) * 1000 < GROUP
    )
    return RowHeader(heading=message.type == "TEXT" and (not together or day or new), day=day, new=new)


def estimate(item: Item, place: RowHeader, width: int) -> int:
    """About how many lines `item` takes, reckoned from its length alone."""
    if isinstance(item, Gap):
        return 1
    room = text_width(width)
    content = item.message.content
    lines = place.heading + place.day + place.new + min(FOLD + 1, 1 + len(content) // room + content.count("\n"))
    return lines + (item.message.reply_to is not None) + isinstance(item.delivery, Failed)


def text_width(width: int) -> int:
    """The room for text in a pane of `width` cells."""
    return max(2, min(TEXT_WIDTH_MAX, width - INDENT - 1))


def layout_row(
    item: Item, place: RowHeader, context: RenderContext, width: int, *, raw: bool = False, whole: bool = False
) -> RowLayout:
    """The lines of `item` in a pane of `width` cells; `raw`: its text as it was written; `whole`: all of a long one."""
    if isinstance(item, Gap):
        return RowLayout((_gap(item, width),), 0, "", False)
    lines: list[PieceLine] = []
    message = item.message
    if place.day:
        lines.append(_rule(_day(message, context), "day", width))
    if place.new:
        lines.append(_rule("new", "new", width))
    rules = len(lines)
    if place.heading:
        lines.append(_heading(message, context, width))
    body = plain(message.content) if raw or message.type == "SYSTEM" else _rich_body(message, context)
    marked = mentions_me(message, context)
    quote = _quote(message, context, width)
    at = len(lines) if quote else None
    lines += quote
    said = _body(item, body, context, width, marked=marked, whole=whole)
    folded = next((len(lines) + n for n, line in enumerate(said) if any(piece.style == "gap" for piece in line)), None)
    lines += said
    lines += _reason(item, width)
    return RowLayout(tuple(lines), rules, body.text, marked, place.heading, body.links, at, folded)


def _rich_body(message: Message, context: RenderContext) -> RichBody:
    """The text of a message as it was meant."""
    body = context.render(message.content)
    if is_action(message) and body.text.startswith(ACTION):
        return as_action(body, harmless_line(context.name_of(message.sender_id)) or "?")
    return body


def is_action(message: Message) -> bool:
    """Whether it says what its author does, with their name in the sentence."""
    return message.content.startswith(ACTION)


def one_line(message: Message, context: RenderContext) -> str:
    """The text of a message in one line, with its marks of emphasis and the like taken away."""
    return harmless_line(_rich_body(message, context).text)


def mentions_me(message: Message, context: RenderContext) -> bool:
    """Whether somebody else calls me in `message`."""
    return message.sender_id != context.me and (context.me in message.mentions or message.mentions_all)


def author_of(message: Message, context: RenderContext) -> str:
    """Return the name of a message's author as one harmless line."""
    return "you" if message.sender_id == context.me else harmless_line(context.name_of(message.sender_id)) or "?"


def clock(message: Message, context: RenderContext) -> str:
    """The hour and minute of a message."""
    moment = time_of(message, context.zone)
    return f"{moment:%H:%M}" if moment else "--:--"


def _day(message: Message, context: RenderContext) -> str:
    moment = time_of(message, context.zone)
    if moment is None:
        return "unknown day"
    year = f" {moment.year}" if moment.year != context.year else ""
    return f"{moment:%A}, {moment.day} {moment:%B}{year}"


def _rule(word: str, style: str, width: int) -> PieceLine:
    """A rule across the text with a word in its middle."""
    room = max(0, min(width - 2, TEXT_WIDTH_MAX + 2))
    word = fit(f" {word} ", room)
    left = (room - width_of(word)) // 2
    right = room - width_of(word) - left
    return (
        Piece(" ", "plain", -BEYOND),
        Piece("─" * left, f"{style}-rule", -BEYOND),
        Piece(word, style, -BEYOND),
        Piece("─" * right, f"{style}-rule", -BEYOND),
    )


def _gap(gap: Gap, width: int) -> PieceLine:
    many = f"{gap.count:,} message{'s' if gap.count != 1 else ''} not loaded"
    return (Piece(" ", "plain", BEYOND), Piece(fit(f"⋯ {many}", max(0, width - 2)), "gap", BEYOND))


def _heading(message: Message, context: RenderContext, width: int) -> PieceLine:
    mine = message.sender_id == context.me
    time = clock(message, context)
    name = fit(author_of(message, context), max(2, min(TEXT_WIDTH_MAX, width - 3 - len(time) - 1)))
    pieces = [Piece(" ", "plain", -BEYOND), Piece(name, "me" if mine else "author", -BEYOND)]
    if 1 + width_of(name) + 2 + len(time) <= width:
        pieces.append(Piece(f"  {time}", "time", -BEYOND))
    return tuple(pieces)


def _quote(message: Message, context: RenderContext, width: int) -> list[PieceLine]:
    """The line that says what is replied to."""
    if message.reply_to is None or message.deleted_at is not None:
        return []
    origin = context.message_of(message.reply_to)
    if origin is None:
        told = "an earlier message"
    elif origin.deleted_at is not None:
        told = "a deleted message"
    else:
        said = one_line(origin, context)
        told = said if is_action(origin) else f"{author_of(origin, context)}: {said}"
    return [(Piece(" " * INDENT, "plain", -BEYOND), Piece(fit(f"> {told}", text_width(width)), "quote", -BEYOND))]


def _body(
    row: Row, body: RichBody, context: RenderContext, width: int, *, marked: bool, whole: bool
) -> list[PieceLine]:
    """The text itself, its marks before it and what is said about it after it."""
    message, room = row.message, text_width(width)
    if message.deleted_at is not None:
        said = [[Piece("message deleted", "deleted", BEYOND)]]
        if isinstance(row.delivery, Waiting) and row.delivery.reason == "undo":
            _append(said, "ctrl+z undo (10 s)", "hint", 2, room)
    elif message.type == "SYSTEM":
        said = lines_of(body, (), "system", room)
    else:
        style = "text" if isinstance(row.delivery, Sent | Failed) else "pending"
        spans = overlaid(body.spans, _mentions(message, body, context))
        said = lines_of(body, spans, style, room)
    if len(said) > FOLD and not whole:
        more = len(said) - FOLD
        said[FOLD:] = [
            [Piece(fit(f"… {more:,} more line{'s' if more != 1 else ''} · Enter to show", room), "gap", BEYOND)]
        ]
    if message.deleted_at is None:
        if message.updated_at != message.created_at and message.type == "TEXT":
            _append(said, "(edited)", "edited", 2, room)
        if isinstance(row.delivery, Waiting) and row.delivery.reason == "undo":
            _append(said, "sending in a moment · Esc to undo", "edited", 2, room)
        if row.entry is not None and row.entry.unkept:
            _append(said, "not saved on this disk", "edited", 2, room)
        if message.reactions:
            _put_reactions(said, message, context.me, room)
    mark, mark_style = _mark(row, marked=marked)
    return [
        (
            Piece(" ", "plain", line[0].at if line else 0),
            Piece(mark if index == 0 else " ", mark_style, line[0].at if line else 0),
            Piece(" ", "plain", line[0].at if line else 0),
            *line,
        )
        for index, line in enumerate(said)
    ]


def _mark(row: Row, *, marked: bool) -> tuple[str, str]:
    if isinstance(row.delivery, Failed):
        return "!", "failed-mark"
    if not isinstance(row.delivery, Sent):
        return "…", "pending-mark"
    return ("@", "called-mark") if marked else (" ", "plain")


def _put_reactions(lines: list[list[Piece]], message: Message, me: str, room: int) -> None:
    """Each emoji with how many put it there, in as many lines as that takes; mine stand out."""
    for index, (emoji, reaction) in enumerate(message.reactions.items()):
        style = "my-reaction" if me in reaction.users else "reactions"
        at = BEYOND + 1 + index
        _append(lines, f"{harmless_line(emoji)} {reaction.count}", style, 2 if index else 3, room, at=at)


def reaction_at(message: Message, at: int) -> str | None:
    """The emoji that a piece stands for, by where it stands."""
    index = at - BEYOND - 1
    return list(message.reactions)[index] if 0 <= index < len(message.reactions) else None


def _append(lines: list[list[Piece]], text: str, style: str, space: int, room: int, *, at: int = BEYOND) -> None:
    """Put a remark after the last line if there is room, else below it."""
    used = sum(width_of(piece.text) for piece in lines[-1]) if lines else room
    if lines and used + space + width_of(text) <= room:
        lines[-1] += [Piece(" " * space, "plain", BEYOND), Piece(text, style, at)]
    else:
        lines.append([Piece(fit(text, room), style, at)])


def _reason(row: Row, width: int) -> list[PieceLine]:
    """Why something of mine was refused, and the keys that help, as lines below it."""
    if not isinstance(row.delivery, Failed):
        return []
    kind = row.entry.kind if row.entry else "new"
    edit = [("alt+e", "edit")] if kind != "delete" else []
    keys = [("alt+r", "retry"), *edit, ("alt+x", "discard")]
    room = text_width(width)
    told = harmless_line(f"{_VERB[kind]}: {row.delivery.error.message.rstrip('.')}")
    lines = [[Piece(told[start:end], "reason", BEYOND)] for start, end in wrap(told, room)]
    hint = [Piece(" · ", "hint", BEYOND)]
    for letter, word in keys:
        hint += [Piece(letter, "key", BEYOND), Piece(f" {word}  ", "hint", BEYOND)]
    hint[-1] = hint[-1]._replace(text=hint[-1].text.rstrip())
    if sum(width_of(piece.text) for piece in lines[-1] + hint) <= room:
        lines[-1] += hint
    elif sum(width_of(piece.text) for piece in hint[1:]) <= room:
        lines.append(hint[1:])
    else:
        lines += [
            [Piece(fit(key, room), "key", BEYOND), Piece(fit(f" {word}", max(0, room - len(key))), "hint", BEYOND)]
            for key, word in keys
        ]
    return [(Piece(" " * INDENT, "plain", BEYOND), *line) for line in lines]


def _mentions(message: Message, body: RichBody, context: RenderContext) -> list[StyleRange]:
    """Where people are called by name who were found when the message was stored."""
    if not body.calls or not (message.mentions or message.mentions_all):
        return []
    from asnity_server.protocol.mentions import resolve_name  # late: few messages of the first picture call somebody

    called = {name_key(name): user for user in message.mentions if (name := context.usernames(user))}
    spans = []
    for start, run in body.calls:
        found = resolve_name(run, called)
        if found is not None and (found.key != EVERYONE or message.mentions_all):
            mine = found.key == EVERYONE or called[found.key] == context.me
            spans.append(
                StyleRange(start, start + 1 + len(harmless(run[: found.length])), "called" if mine else "mention")
            )
    return spans
