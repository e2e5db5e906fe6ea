"""Commands about what is told: of a channel, or of anything at all."""

from __future__ import annotations

from typing import get_args

from asnity_tui.state.notification_levels import NotificationLevel

from .arguments import UsageError
from .availability import every, no_channel
from .command import Command, Slash
from .context import CommandContext


def _nothing_unread(ctx: CommandContext) -> str | None:
    return "Nothing is unread here." if ctx.channel is not None and not ctx.channel.counts[0] else None


def _mark_read(ctx: CommandContext, args: str) -> None:
    if ctx.channel is not None:
        ctx.session.catch_up.mark_read([ctx.channel.id])
        ctx.ui.timeline.mark_new_after(ctx.channel.id, None)


def _level(level: NotificationLevel, title: str) -> Command:
    """The choice of what is told of a channel while the terminal isn't in front."""

    def choose(ctx: CommandContext, args: str) -> None:
        if ctx.channel is not None:
            ctx.session.preferences.set_level(ctx.channel.id, level)

    def label(ctx: CommandContext) -> str:
        now = ctx.channel is not None and ctx.session.preferences.level(ctx.channel.id) == level
        return f"{title} ✓" if now else title

    return Command(
        id=f"channel.tell-{level}",
        title=title,
        help="",
        group="Reading",
        menu=frozenset({"channel"}),
        available=no_channel,
        run=choose,
        label=label,
    )


def _notify(ctx: CommandContext, args: str) -> None:
    level = next((each for each in get_args(NotificationLevel) if each == args.casefold()), None)
    if level is None or ctx.channel is None:
        raise UsageError("Usage: /notify all, /notify mentions or /notify nothing")
    ctx.session.preferences.set_level(ctx.channel.id, level)
    ctx.ui.notify(f"Notifications here: {level if level != 'all' else 'everything'}.")


def _do_not_disturb(ctx: CommandContext, args: str) -> None:
    """Tell nothing outside of the program any more, or again."""
    preferences = ctx.session.preferences
    preferences.set_do_not_disturb(not preferences.do_not_disturb)
    ctx.ui.program.draw_status()


READING: tuple[Command, ...] = (
    Command(
        id="channel.read",
        title="Mark this channel as read",
        help="",
        group="Reading",
        slash=Slash("read", help="Mark this channel as read", keywords="seen unread", stays="always"),
        menu=frozenset({"channel"}),
        available=every(no_channel, _nothing_unread),
        run=_mark_read,
    ),
)

LEVELS: tuple[Command, ...] = (
    _level("all", "Notify: all messages"),
    _level("mentions", "Notify: mentions only"),
    _level("nothing", "Notify: nothing"),
    Command(
        id="channel.notify",
        title="Notifications for this channel",
        help="All messages, mentions or nothing",
        group="Reading",
        slash=Slash(
            "notify",
            "all, mentions or nothing",
            "Notifications for this channel",
            keywords="alerts bell sound quiet",
            stays="always",
        ),
        available=no_channel,
        run=_notify,
        palette=False,
    ),
)
"""The choice of what is told of one channel."""

COMMANDS: tuple[Command, ...] = (
    Command(
        id="me.do-not-disturb",
        title="Do not disturb",
        help="No notifications, until you turn it off",
        group="Account and program",
        keys="alt+z",
        priority=True,
        slash=Slash(
            "dnd",
            help="Do not disturb: no notifications, until you turn it off",
            keywords="snooze pause mute silence quiet busy notifications",
            stays="always",
        ),
        run=_do_not_disturb,
    ),
)
