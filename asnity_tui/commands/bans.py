"""Bans: listed, and lifted."""

from __future__ import annotations

from asnity_server.protocol.models import Ban
from asnity_server.protocol.text import name_key
from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import spans

from .arguments import UsageError, by_words
from .availability import needs_admin, no_community, rule
from .command import Command, Slash
from .context import CommandContext

_may_unban = rule(lambda rights: rights.may_lift_bans, no_community, needs_admin("unban people"))


async def _list(ctx: CommandContext, args: str) -> None:
    """List who is banned; Enter unbans."""
    while True:
        found = {each.user_id: each for each in await _all_bans(ctx)}
        options = [_option(ctx, each) for each in found.values()]
        chosen = await ctx.ui.choose("Banned members", options, nothing="No banned members.")
        if chosen not in found:
            return
        await _ask_to_unban(ctx, chosen)


async def _all_bans(ctx: CommandContext) -> list[Ban]:
    return await ctx.ui.wait(ctx.session.moderation.bans(ctx.community_id).entries(lambda page: page.bans))


async def _ask_to_unban(ctx: CommandContext, user_id: str) -> None:
    if await ctx.ui.confirm(f"Unban {ctx.name(user_id)}?", "They can join again with an invite.", yes="Unban"):
        await _unban(ctx, user_id)


async def _unban(ctx: CommandContext, user_id: str) -> None:
    await ctx.ui.wait(ctx.session.moderation.unban(ctx.community_id, user_id))
    ctx.ui.notify(f"Unbanned {ctx.name(user_id)}.")


def _option(ctx: CommandContext, ban: Ban) -> Option:
    reason = f"  {harmless_line(ban.reason)}" if ban.reason else ""
    right = f"by {ctx.name(ban.by_id)}, {ctx.ui.moment(ban.created_at)}"
    return Option(ban.user_id, spans((ctx.name(ban.user_id), "plain"), (reason, "faint")), spans((right, "faint")))


async def _unban_by_name(ctx: CommandContext, args: str) -> None:
    name = args.removeprefix("@")
    users = ctx.session.store.users
    for ban in await _all_bans(ctx):
        user = users.get(ban.user_id)
        if user is not None and name_key(user.username) == name_key(name):
            await _unban(ctx, ban.user_id)
            return
    raise UsageError(f"No one called {name} is banned.")


BANS = Command(
    id="community.bans",
    title="Banned members",
    help="Who is banned, by whom and why; Enter unbans",
    group="Communities and channels",
    menu=frozenset({"community"}),
    available=_may_unban,
    run=_list,
)

UNBAN = Command(
    id="member.unban",
    title="Unban",
    help="",
    group="Communities and channels",
    available=_may_unban,
    run=_unban_by_name,
    palette=False,
)

UNBAN_BY_WORDS = by_words(
    "unban",
    "Unban",
    Slash("unban", "[@person]", "Unban someone", keywords="pardon unblock", stays="with words"),
    bare=BANS,
    worded=UNBAN,
)

COMMANDS: tuple[Command, ...] = (BANS, UNBAN, UNBAN_BY_WORDS)
