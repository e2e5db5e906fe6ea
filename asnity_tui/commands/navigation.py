"""Commands that go somewhere: to channels, to unread messages, to a day, to what is found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from asnity_server.protocol.errors import Invalid
from asnity_server.protocol.text import name_key
from asnity_tui.state.dates import InvalidDate, moment_of_day, parse_day

from .arguments import UsageError
from .availability import no_channel
from .command import Availability, Command, Run, Slash, always
from .context import CommandContext, Field, Values
from .screen_parts import NavigationUI


def _go(
    id: str,
    title: str,
    help: str,
    keys: str,
    run: Run,
    *,
    slash: Slash | None = None,
    available: Availability = always,
    leads: bool = True,
    exclusive: bool = False,
    series: str = "",
) -> Command:
    return Command(
        id=id,
        title=title,
        help=help,
        group="Navigation",
        keys=keys,
        priority=True,
        slash=slash,
        available=available,
        run=run,
        leads=leads,
        exclusive=exclusive,
        series=series,
    )


def _step(does: Callable[[NavigationUI], None]) -> Run:
    return lambda ctx, args: does(ctx.ui.navigation)


def _number(number: int) -> Command:
    return _go(
        f"channel.{number}",
        f"Go to number {number}",
        "Of the unread channels; if there are none, of the list",
        f"alt+{number}",
        _step(lambda navigation: navigation.go_to_number(number)),
        series="Go to number 1 … 9",
    )


async def _go_to(ctx: CommandContext, args: str) -> None:
    """To a message by its link, to a channel of mine by its name; without a word, the quick switch."""
    if not args:
        await ctx.ui.lookup.quick_switch()
        return
    place = ctx.ui.lookup.place_of(args)
    if place is not None:
        ctx.ui.navigation.go_to(place.channel_id, at=place.message_id)
        return
    key = name_key(args.removeprefix("#"))
    store = ctx.session.store
    here = [ctx.community] if ctx.community is not None else []
    for community in (*here, *store.communities.values()):
        for channel in community.channels.values():
            if name_key(store.title_of(channel)) == key:
                ctx.ui.navigation.go_to(channel.id)
                return
    raise UsageError(f"You aren't in a channel called {args.removeprefix('#')}.")


async def _go_to_link(ctx: CommandContext, args: str) -> None:
    async def submit(values: Values) -> tuple[str, int]:
        place = ctx.ui.lookup.place_of(values["link"])
        if place is None:
            raise Invalid("That isn't a link to a message you can read.", field="link")
        if not place.is_of(ctx.session.store.generation):
            raise Invalid("The server was restored from a backup: this may be a different message now.", field="link")
        return place.channel_id, place.message_id

    found = await ctx.ui.form("Go to a message", [Field("link", "Link to a message")], submit, button="Go")
    if found is not None:
        ctx.ui.navigation.go_to(found[0], at=found[1])


async def _go_to_day(ctx: CommandContext, args: str) -> None:
    zone, channel = ctx.ui.zone, ctx.channel
    if channel is None:
        return

    async def submit(values: Values) -> int:
        today = datetime.fromtimestamp(ctx.now / 1000, zone).date()
        try:
            return moment_of_day(parse_day(values["day"], today), zone)
        except InvalidDate:
            raise Invalid("That isn't a day.", field="day") from None

    fields = [Field("day", "Day", remark="20 Nov, 2026-11-20, yesterday, monday, 3 days ago")]
    moment = await ctx.ui.form("Go to a day", fields, submit, button="Go")
    if moment is not None:
        await ctx.ui.lookup.day(channel.id, moment)


COMMANDS: tuple[Command, ...] = (
    _go(
        "go.to",
        "Go to …",
        "Channels and people in all communities; unread first",
        "ctrl+k",
        _go_to,
        slash=Slash(
            "goto",
            "[#channel or link]",
            "Go to a channel or message",
            aliases=("go", "buffer", "switch", "jump"),
            keywords="open channel window permalink",
        ),
    ),
    _go(
        "catch-up",
        "Catch up",
        "Mentions, direct messages and unread channels in all communities",
        "alt+i",
        lambda ctx, args: ctx.ui.lookup.catch_up(),
    ),
    _go(
        "search",
        "Search",
        "In all communities, with from: in: before: after: community:",
        "ctrl+f",
        lambda ctx, args: ctx.ui.lookup.search(args or None),
        slash=Slash(
            "search",
            "[words]",
            "Search messages",
            aliases=("find", "grep", "lastlog"),
            keywords="look history from filter",
        ),
    ),
    _go(
        "channel.previous",
        "Previous channel",
        "The channel above in the list",
        "alt+up",
        _step(lambda navigation: navigation.go_to_neighbour(-1)),
    ),
    _go(
        "channel.next",
        "Next channel",
        "The channel below in the list",
        "alt+down",
        _step(lambda navigation: navigation.go_to_neighbour(1)),
    ),
    _go(
        "unread.previous",
        "Previous unread channel",
        "In any community",
        "alt+shift+up",
        _step(lambda navigation: navigation.go_to_unread(-1)),
    ),
    _go(
        "unread.next",
        "Next unread channel",
        "In any community",
        "alt+shift+down",
        _step(lambda navigation: navigation.go_to_unread(1)),
    ),
    _go(
        "unread.best",
        "Next unread (mentions first)",
        "Mentions, then direct messages, then the rest; then back",
        "alt+a",
        _step(lambda navigation: navigation.go_to_best_unread()),
    ),
    _go(
        "community.previous",
        "Previous community",
        "The one above in the rail",
        "alt+pageup",
        _step(lambda navigation: navigation.go_to_next_community(-1)),
    ),
    _go(
        "community.next",
        "Next community",
        "The one below in the rail",
        "alt+pagedown",
        _step(lambda navigation: navigation.go_to_next_community(1)),
    ),
    _go(
        "channel.last",
        "Last channel",
        "The one you were in before",
        "alt+s",
        _step(lambda navigation: navigation.go_back()),
    ),
    _go(
        "unread.first",
        "First unread message",
        "Where you left off",
        "alt+u",
        lambda ctx, args: ctx.ui.timeline.go_to_first_unread(),
        available=no_channel,
    ),
    _go(
        "mention.previous",
        "Previous mention",
        "Further up in this channel",
        "alt+p",
        lambda ctx, args: ctx.ui.lookup.mention(-1),
        available=no_channel,
        leads=False,
        exclusive=True,
    ),
    _go(
        "mention.next",
        "Next mention",
        "Further down in this channel",
        "alt+n",
        lambda ctx, args: ctx.ui.lookup.mention(1),
        available=no_channel,
        leads=False,
        exclusive=True,
    ),
    _go(
        "go.day",
        "Go to a day",
        "The first message of that day in this channel",
        "alt+g",
        _go_to_day,
        available=no_channel,
    ),
    _go("go.link", "Go to a message link", "In any of your channels", "alt+l", _go_to_link),
    _go(
        "timeline.end",
        "Newest message",
        "Jump to the end",
        "alt+end",
        lambda ctx, args: ctx.ui.timeline.go_to_newest(),
        available=no_channel,
    ),
    *map(_number, range(1, 10)),
)
