"""Obstacles to commands: why something can't be done here, in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from asnity_server.protocol.models import Member
from asnity_tui.state.rights import Rights
from asnity_tui.widgets.text.relative_time import relative_time

from .command import Availability
from .context import CommandContext

Obstacle: TypeAlias = Callable[[CommandContext], str | None]
"""The sentence about something that is in the way; None where it isn't."""


def rule(may: Callable[[Rights], bool], *obstacles: Obstacle | str) -> Availability:
    """Allow what my rights allow; else name the first obstacle that is there. A string is always there: the last."""

    def available(ctx: CommandContext) -> str | None:
        return None if may(ctx.rights) else _first(obstacles, ctx)

    return available


def member_rule(may: Callable[[Rights, Member | None], bool], *obstacles: Obstacle | str) -> Availability:
    """Allow what my rights allow with a member; where none is chosen yet, with some of them."""

    def available(ctx: CommandContext) -> str | None:
        return None if may(ctx.rights, ctx.member) else _first(obstacles, ctx)

    return available


def every(*rules: Availability) -> Availability:
    """Allow what all rules allow; else the first of their sentences."""

    def available(ctx: CommandContext) -> str | None:
        return next((why for each in rules if (why := each(ctx)) is not None), None)

    return available


def either(*rules: Availability) -> Availability:
    """Allow what one of the rules allows; else the first of their sentences."""

    def available(ctx: CommandContext) -> str | None:
        reasons = [each(ctx) for each in rules]
        return None if None in reasons else reasons[0]

    return available


def _first(obstacles: tuple[Obstacle | str, ...], ctx: CommandContext) -> str:
    for each in obstacles:
        why = each if isinstance(each, str) else each(ctx)
        if why is not None:
            return why
    return "This isn't possible here."


def no_community(ctx: CommandContext) -> str | None:
    """There is no community."""
    return "You aren't in a community." if ctx.community is None else None


def no_channel(ctx: CommandContext) -> str | None:
    """No channel is open."""
    return "No channel is open." if ctx.channel is None else None


def needs_admin(doing: str) -> Obstacle:
    """I am no admin; `doing` is what admins can do."""

    def obstacle(ctx: CommandContext) -> str | None:
        return f"Only admins can {doing}." if ctx.rights.role == "member" else None

    return obstacle


def needs_owner(doing: str) -> Obstacle:
    """I am not the owner; `doing` is what owners can do."""

    def obstacle(ctx: CommandContext) -> str | None:
        return f"Only the owner can {doing}." if ctx.rights.role != "owner" else None

    return obstacle


def archived(ctx: CommandContext) -> str | None:
    """The channel is archived."""
    return "This channel is archived." if ctx.channel is not None and ctx.channel.channel.archived else None


def muted(ctx: CommandContext) -> str | None:
    """I am muted."""
    until = ctx.rights.muted_until
    return f"You are muted until {relative_time(until, now=ctx.now, zone=ctx.ui.zone)}." if until else None


def direct(ctx: CommandContext) -> str | None:
    """The channel is a direct message."""
    is_direct = ctx.channel is not None and ctx.channel.channel.kind == "direct"
    return "This is a direct message." if is_direct else None


def general(ctx: CommandContext) -> str | None:
    """Everyone is in this channel."""
    return "Everyone is in this channel." if ctx.rights.general else None


def myself(ctx: CommandContext) -> str | None:
    """It is about me."""
    is_me = ctx.member is not None and ctx.member.user.id == ctx.rights.me
    return "You can't do this to yourself." if is_me else None
