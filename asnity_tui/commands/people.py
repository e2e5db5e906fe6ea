"""Commands that write to people directly."""

from __future__ import annotations

from asnity_tui.widgets.text.safe_text import harmless_line

from .arguments import find_member, split_first
from .availability import no_community
from .command import Command, Slash
from .context import CommandContext

_may_write = no_community


async def _open(ctx: CommandContext, args: str) -> None:
    """Open the direct channel with somebody, and say something there."""
    word, text = split_first(args, "/dm @person text")
    member = await find_member(ctx, word)
    channel_id = await ctx.ui.wait(ctx.session.directs.open(ctx.community_id, [member.user.id]))
    ctx.ui.navigation.go_to(channel_id)
    if text:
        await ctx.session.messages.send(channel_id, text)


async def _message(ctx: CommandContext, args: str) -> None:
    """Say something to somebody without going there; without a text, go there."""
    word, text = split_first(args, "/msg @person text")
    if not text:
        await _open(ctx, args)
        return
    member = await find_member(ctx, word)
    channel_id = await ctx.ui.wait(ctx.session.directs.open(ctx.community_id, [member.user.id]))
    await ctx.session.messages.send(channel_id, text)
    ctx.ui.notify(f"To {harmless_line(member.user.display_name)}: {harmless_line(text)[:60]}")


COMMANDS: tuple[Command, ...] = (
    Command(
        id="direct.send",
        title="Send a direct message",
        help="Without going there",
        group="Writing",
        slash=Slash(
            "msg",
            "@person [text]",
            "Send a direct message",
            aliases=("w", "whisper", "tell", "pm"),
            keywords="dm private write talk send",
            stays="with two words",
        ),
        available=_may_write,
        run=_message,
        palette=False,
    ),
    Command(
        id="direct.open",
        title="Open a direct message",
        help="And go there",
        group="Navigation",
        slash=Slash(
            "dm", "@person [text]", "Open a direct message", aliases=("query",), keywords="private message talk"
        ),
        available=_may_write,
        run=_open,
        palette=False,
    ),
)
