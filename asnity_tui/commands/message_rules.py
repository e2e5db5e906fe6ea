"""Rules of the commands on a message: the one that is meant, and why something can't be done with it."""

from __future__ import annotations

from collections.abc import Callable

from asnity_tui.state.outbox_entry import OutboxEntry
from asnity_tui.state.rights import Rights
from asnity_tui.state.rows import Failed, Row, Sent

from .availability import archived, every, muted, no_channel, rule
from .command import Availability
from .context import CommandContext


def row_of(ctx: CommandContext) -> Row | None:
    """The message that a command is about."""
    return ctx.row or ctx.ui.timeline.newest_sent()


def no_message(ctx: CommandContext) -> str | None:
    """There is no message to do something with."""
    return no_channel(ctx) or ("There are no messages here." if row_of(ctx) is None else None)


def _deleted(ctx: CommandContext) -> str | None:
    row = row_of(ctx)
    return "This message is deleted." if row is not None and row.message.deleted_at is not None else None


def _unsent(ctx: CommandContext) -> str | None:
    row = row_of(ctx)
    return "This message isn't sent." if row is not None and not isinstance(row.delivery, Sent) else None


def _notice(ctx: CommandContext) -> str | None:
    row = row_of(ctx)
    return "This is a notice, no message." if row is not None and row.message.type != "TEXT" else None


readable: Availability = every(no_message, _deleted)
is_sent: Availability = every(readable, _unsent)
is_text: Availability = every(is_sent, _notice)


def when(says: Callable[[Rights, Row], bool], why: str) -> Availability:
    """Allow what is so of the message, and of my rights; else say `why` not."""

    def available(ctx: CommandContext) -> str | None:
        row = row_of(ctx)
        return None if row is not None and says(ctx.rights, row) else why

    return available


def has_links(ctx: CommandContext) -> str | None:
    """There is no link in the message."""
    row = row_of(ctx)
    return None if row is not None and ctx.ui.timeline.links_of(row) else "There is no link in this message."


may_reply = every(is_text, rule(lambda rights: rights.may_post, archived, muted))
may_react = every(is_text, rule(lambda rights: rights.may_react, archived, muted))
may_edit = every(
    is_text,
    archived,
    muted,
    when(lambda rights, row: rights.may_edit(row.message), "Only your own messages can be edited."),
)
may_delete = every(
    is_text,
    archived,
    when(lambda rights, row: rights.may_delete(row.message), "Only your own messages can be deleted."),
)
may_pin = every(is_text, archived, when(lambda rights, row: rights.may_pin, "Only admins can pin messages."))


# What wasn't sent


def failed_of(ctx: CommandContext) -> OutboxEntry | None:
    """The failed message that a command is about: without one under the cursor, the newest here."""
    if ctx.row is None:
        return ctx.ui.unsent.failed_here()
    return ctx.row.entry if isinstance(ctx.row.delivery, Failed) else None


def not_failed(ctx: CommandContext) -> str | None:
    """There is no failed message to do something with."""
    if failed_of(ctx) is not None:
        return None
    if ctx.row is None:
        return "No failed messages here."
    return "This message was sent." if isinstance(ctx.row.delivery, Sent) else "This message may be on its way."
