"""Commands about what I write, and about what wasn't sent."""

from __future__ import annotations

from collections.abc import Awaitable

from asnity_tui.widgets.text.rich_body import ACTION

from .arguments import UsageError
from .availability import archived, muted, no_channel, rule
from .command import Availability, Command, Run, Slash, always
from .context import CommandContext

SHRUG = "¯\\_(ツ)_/¯"

may_post = rule(lambda rights: rights.may_post, no_channel, archived, muted)


async def _send(ctx: CommandContext, text: str) -> None:
    if ctx.channel is not None:
        await ctx.session.messages.send(ctx.channel.id, text)


async def _me(ctx: CommandContext, args: str) -> None:
    if not args:
        raise UsageError("Usage: /me waves")
    await _send(ctx, ACTION + args)


async def _shrug(ctx: CommandContext, args: str) -> None:
    await _send(ctx, f"{args} {SHRUG}".strip())


def _edit_last(ctx: CommandContext, args: str) -> None:
    ctx.ui.composer.edit_last()
    if args:
        ctx.ui.composer.replace(args)


# What wasn't sent


def _none_failed(ctx: CommandContext) -> str | None:
    return "No failed messages here." if ctx.ui.unsent.failed_here() is None else None


def _nothing_stuck(ctx: CommandContext) -> str | None:
    return None if ctx.ui.unsent.stuck_text() else _none_failed(ctx)


def _retry(ctx: CommandContext, args: str) -> Awaitable[None] | None:
    """Send it again; where nothing failed here, show what did elsewhere."""
    return None if ctx.ui.unsent.retry_here() else ctx.ui.unsent.list()


def _take_back(ctx: CommandContext, args: str) -> None:
    entry = ctx.ui.unsent.failed_here()
    if entry is not None:
        ctx.ui.unsent.take_back(entry.nonce)


def _copy(ctx: CommandContext, args: str) -> None:
    entry = ctx.ui.unsent.failed_here()
    ctx.ui.program.copy(ctx.ui.unsent.stuck_text() or (entry.content if entry is not None else ""))


def _discard(ctx: CommandContext, args: str) -> None:
    entry = ctx.ui.unsent.failed_here()
    if ctx.ui.unsent.stuck_text():
        ctx.ui.unsent.discard_text()
    elif entry is not None:
        ctx.ui.unsent.discard(entry.nonce)


def _no_failed_anywhere(ctx: CommandContext) -> str | None:
    return None if ctx.session.outbox.failed else "No failed messages."


async def _retry_all(ctx: CommandContext, args: str) -> None:
    failed = len(ctx.session.outbox.failed)
    many = "One message wasn't sent" if failed == 1 else f"{failed} messages weren't sent"
    if await ctx.ui.confirm("Retry all?", f"{many}.", yes="Retry"):
        ctx.session.sender.retry_all()


def _undo(ctx: CommandContext, args: str) -> None:
    """Bring back what was discarded or deleted last; where nothing was and nobody writes, ctrl+z is the shell's."""
    if ctx.ui.unsent.undo():
        return
    if ctx.ui.composer.has_focus:
        ctx.ui.notify("Nothing to undo.", timeout=2)
    else:
        ctx.ui.terminal.suspend()


def _unsent(id: str, title: str, help: str, keys: str, run: Run, available: Availability = always) -> Command:
    return Command(
        id=id, title=title, help=help, group="Writing", keys=keys, priority=True, available=available, run=run
    )


COMMANDS: tuple[Command, ...] = (
    Command(
        id="write.editor",
        title="Edit in your editor",
        help="$VISUAL or $EDITOR",
        group="Writing",
        keys="ctrl+o",
        priority=True,
        available=may_post,
        run=lambda ctx, args: ctx.ui.terminal.edit(),
        leads=False,
        exclusive=True,
    ),
    Command(
        id="retry.all",
        title="Retry all",
        help="Send all failed messages again; asks first",
        group="Writing",
        available=_no_failed_anywhere,
        run=_retry_all,
    ),
    _unsent("unsent.retry", "Retry", "Send the failed message again", "alt+r", _retry),
    _unsent(
        "unsent.edit",
        "Edit failed",
        "Bring the failed message back to the composer",
        "alt+e",
        _take_back,
        _none_failed,
    ),
    _unsent("unsent.copy", "Copy failed", "Copy the text that can't be sent", "alt+c", _copy, _nothing_stuck),
    _unsent("unsent.discard", "Discard", "Delete the failed message", "alt+x", _discard, _nothing_stuck),
    _unsent(
        "unsent.list",
        "Not sent",
        "All messages that weren't sent, in any channel",
        "alt+o",
        lambda ctx, args: ctx.ui.unsent.list(),
    ),
    Command(
        id="undo",
        title="Undo",
        help="Bring back what was deleted or discarded last; else, outside the composer, back to the shell",
        group="Writing",
        keys="ctrl+z",
        run=_undo,
    ),
    Command(
        id="write.me",
        title="Send an action",
        help="What you are doing",
        group="Writing",
        slash=Slash("me", "text", "Send an action: /me waves", keywords="emote", stays="always"),
        available=may_post,
        run=_me,
        leads=False,
        palette=False,
    ),
    Command(
        id="write.shrug",
        title="Shrug",
        help="",
        group="Writing",
        slash=Slash("shrug", "[text]", f"Send {SHRUG}", keywords="dunno", stays="always"),
        available=may_post,
        run=_shrug,
        leads=False,
        palette=False,
    ),
    Command(
        id="write.edit-last",
        title="Edit your last message",
        help="As ↑ in an empty composer",
        group="Writing",
        slash=Slash("edit", "[text]", "Edit your last message", keywords="change correct fix", stays="with words"),
        available=may_post,
        run=_edit_last,
        palette=False,
    ),
)
