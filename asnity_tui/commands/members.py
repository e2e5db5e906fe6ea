"""Members: writing to them directly."""

from __future__ import annotations

from .arguments import target
from .availability import member_rule, myself, no_community
from .command import Command
from .context import CommandContext

_may_write = member_rule(
    lambda rights, member: rights.community is not None and (member is None or member.user.id != rights.me),
    no_community,
    myself,
)
"""Anybody but to myself; whoever is muted can only open what is there."""


async def _write(ctx: CommandContext, args: str) -> None:
    meant = await target(ctx, args, _may_write, title="Message whom?")
    if meant is not None:
        ctx, member, _ = meant
        ctx.ui.navigation.go_to(await ctx.ui.wait(ctx.session.directs.open(ctx.community_id, [member.user.id])))


WRITE = Command(
    id="member.write",
    title="Message",
    help="Direct message",
    group="Communities and channels",
    menu=frozenset({"member"}),
    hint="Enter",
    available=_may_write,
    run=_write,
    palette=False,
)

COMMANDS: tuple[Command, ...] = (WRITE,)
