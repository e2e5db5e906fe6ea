"""Channels: browsed, created, joined, left, closed, muted, and people added to them."""

from __future__ import annotations

from typing import TypeVar

from asnity_server.protocol.models import Channel, Kind, Member
from asnity_server.protocol.text import name_key
from asnity_tui.state.channel import ChannelState
from asnity_tui.widgets.channel_list import DOTS, sign_of
from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import spans

from .arguments import UsageError, by_words, find_member
from .availability import archived, direct, every, general, muted, no_channel, no_community, rule
from .command import Command, Group, Slash
from .context import CommandContext, Field, MenuKind, Values, context_at
from .moderation import MUTE_MEMBER, UNMUTE_MEMBER

LISTED_MAX = 5_000
"""Channels or people that a list has at most."""

_GROUP: Group = "Communities and channels"

_CHANNEL: frozenset[MenuKind] = frozenset({"channel"})

T = TypeVar("T")


def _open(ctx: CommandContext, channel: Channel | None) -> None:
    if channel is not None:
        ctx.ui.navigation.go_to(channel.id)


# Creating and joining

_may_create = rule(lambda rights: rights.may_create_channel, no_community, muted)


async def _create(ctx: CommandContext, args: str) -> None:
    community = ctx.community
    if community is None:
        return
    if args:
        _open(ctx, await ctx.ui.wait(ctx.session.channels.create(community.id, args.removeprefix("#"))))
        return

    async def submit(values: Values) -> Channel:
        private = bool(values["private"])
        return await ctx.session.channels.create(community.id, values["name"], private=private, topic=values["topic"])

    ctx.ui.navigation.go_to_community(community)
    fields = [Field("name", "Name"), Field("topic", "Topic", remark="optional")]
    boxes = [("private", "Private: only invited people can see it")]
    _open(ctx, await ctx.ui.form("Create a channel", fields, submit, button="Create", boxes=boxes))


async def _browse(ctx: CommandContext, args: str) -> None:
    """List the community's channels; Enter joins one, or opens it."""
    community = ctx.community
    if community is None:
        return
    ctx.ui.navigation.go_to_community(community)
    channels, joined = await ctx.ui.wait(_all_channels(ctx))
    fresh = ctx.session.channels.mark_seen(community.id)
    options = [Option("+", spans(("+ ", "faint"), ("Create a channel", "plain")))]
    for channel in channels.values():
        if channel.kind == "direct":
            continue
        name, topic = harmless_line(channel.name), harmless_line(channel.topic)
        told = "joined" if channel.id in joined else "new" if channel.id in fresh else ""
        left = spans((sign_of(channel.kind), "faint"), (name, "plain"), (f"  {topic}", "faint"))
        options.append(Option(channel.id, left, spans((told, "faint"))))
    chosen = await ctx.ui.choose("Channels", options)
    if chosen == "+":
        await _create(ctx, "")
    elif chosen in joined:
        _open(ctx, channels.get(chosen))
    elif chosen is not None:
        _open(ctx, await ctx.ui.wait(ctx.session.channels.join(chosen)))


async def _all_channels(ctx: CommandContext) -> tuple[dict[str, Channel], set[str]]:
    """Every channel that I may see, by id, and those that I am in."""
    channels: dict[str, Channel] = {}
    joined: set[str] = set()
    async for page in ctx.session.channels.pages(ctx.community_id):
        channels.update((each.id, each) for each in page.channels)
        joined.update(page.joined)
        if not page.channels or len(channels) >= LISTED_MAX:
            break
    return channels, joined


async def join_by_name(ctx: CommandContext, name: str) -> None:
    """Join a channel of the community by its name, or open it where I am in it."""
    if ctx.community is None:
        raise UsageError("You aren't in a community.")
    name = name.removeprefix("#")
    channels, joined = await ctx.ui.wait(_all_channels(ctx))
    key = name_key(name)
    found = next((each for each in channels.values() if name_key(each.name) == key and each.kind != "direct"), None)
    if found is None:
        raise UsageError(f"There is no channel #{name} to join. Create it with /create {name}.")
    _open(ctx, found if found.id in joined else await ctx.ui.wait(ctx.session.channels.join(found.id)))


CREATE = Command(
    id="channel.create",
    title="Create a channel",
    help="Public or private",
    group=_GROUP,
    menu=frozenset({"community"}),
    slash=Slash("create", "[#channel]", "Create a public channel", keywords="new add channel room"),
    available=_may_create,
    run=_create,
)

BROWSE = Command(
    id="channel.browse",
    title="Browse channels",
    help="Public channels you can join",
    group=_GROUP,
    menu=frozenset({"community"}),
    slash=Slash(
        "list",
        help="Browse channels to join",
        aliases=("channels",),
        keywords="browse rooms public directory discover",
    ),
    available=no_community,
    run=_browse,
)

# Muting


def _is_muted(ctx: CommandContext) -> str | None:
    return "This channel is muted already." if ctx.channel is not None and ctx.channel.muted else None


def _is_not_muted(ctx: CommandContext) -> str | None:
    return "This channel isn't muted." if ctx.channel is not None and not ctx.channel.muted else None


async def _mute(ctx: CommandContext, args: str) -> None:
    if ctx.channel is not None:
        await ctx.ui.wait(ctx.session.channels.mute(ctx.channel.id, True))


async def _unmute(ctx: CommandContext, args: str) -> None:
    if ctx.channel is not None:
        await ctx.ui.wait(ctx.session.channels.mute(ctx.channel.id, False))


MUTE = Command(
    id="channel.mute",
    title="Mute this channel",
    help="Only mentions are shown in the list",
    group=_GROUP,
    menu=_CHANNEL,
    available=every(no_channel, _is_muted),
    run=_mute,
    leads=False,
)

UNMUTE = Command(
    id="channel.unmute",
    title="Unmute this channel",
    help="",
    group=_GROUP,
    menu=_CHANNEL,
    available=every(no_channel, _is_not_muted),
    run=_unmute,
    leads=False,
)

MUTE_BY_WORDS = by_words(
    "mute",
    "Mute",
    Slash(
        "mute",
        "[@person time reason]",
        "Mute this channel, or a person for a while",
        aliases=("silence",),
        keywords="quiet ignore gag notifications",
        stays="always",
    ),
    bare=MUTE,
    worded=MUTE_MEMBER,
)

UNMUTE_BY_WORDS = by_words(
    "unmute",
    "Unmute",
    Slash("unmute", "[@person]", "Unmute this channel or a person", keywords="unsilence", stays="always"),
    bare=UNMUTE,
    worded=UNMUTE_MEMBER,
)

# People

_may_add = rule(lambda rights: rights.may_invite, no_channel, direct, archived, muted)


async def _add_people(ctx: CommandContext, args: str) -> None:
    """Put members of the community into this channel: those of the words, or one who is chosen."""
    channel, community = ctx.channel, ctx.community
    if channel is None or community is None:
        return
    if args:
        user_ids = [(await find_member(ctx, word)).user.id for word in args.split()]
    else:
        ctx.ui.navigation.go_to(channel.id)
        chosen = await _choose_absent(ctx, channel)
        user_ids = [chosen] if chosen is not None else []
    if not user_ids:
        return
    refused = await ctx.ui.wait(ctx.session.members.add_to_channel(channel.id, user_ids))
    for user, why in refused:
        ctx.ui.notify(f"{user.display_name}: {why}", severity="error", timeout=None)
    if len(refused) < len(user_ids):
        ctx.ui.notify("Added.")


async def _choose_absent(ctx: CommandContext, channel: ChannelState) -> str | None:
    """Have a member of the community chosen who isn't in the channel; answers the id."""
    await ctx.ui.wait(ctx.session.members.load(ctx.community_id))
    pages = ctx.session.members.channel_pages(channel.id)
    there = {each.user.id for each in await ctx.ui.wait(pages.entries(lambda page: page.members, at_most=LISTED_MAX))}
    members = (ctx.community.members or {}) if ctx.community is not None else {}
    options = [_person(ctx, each) for each in members.values() if each.user.id not in there]
    title = f"Add to {ctx.ui.title_of(channel)}"
    return await ctx.ui.choose(title, options, nothing="Everyone is already in it.")


def _person(ctx: CommandContext, member: Member) -> Option:
    sign, style = DOTS[ctx.community.presence_of(member.user.id) if ctx.community is not None else "unknown"]
    name, handle = harmless_line(member.user.display_name), harmless_line(member.user.username)
    role = member.role if member.role != "member" else ""
    left = spans((f"{sign} ", style), (name, "plain"), (f"  @{handle}", "faint"))
    return Option(member.user.id, left, spans((role, "faint")))


ADD_PEOPLE = Command(
    id="channel.add-people",
    title="Add people to this channel",
    help="Members of the community",
    group=_GROUP,
    menu=_CHANNEL,
    available=_may_add,
    run=_add_people,
)

# Leaving

_AFTER_LEAVING: dict[Kind, str] = {
    "public": "You can join it again.",
    "private": "You need an invite to come back.",
    "direct": "You no longer get what the others write.",
}


def _closes(ctx: CommandContext) -> str | None:
    return "A direct message of two is closed, not left." if ctx.rights.leaving_closes else None


_may_leave = rule(lambda rights: rights.may_leave_channel and not rights.leaving_closes, no_channel, _closes, general)

_may_close = rule(
    lambda rights: rights.may_close_direct, no_channel, "Only direct messages are closed; leave this channel instead."
)


async def _leave(ctx: CommandContext, args: str) -> None:
    channel = ctx.channel
    if channel is None:
        return
    if not args:
        ctx.ui.navigation.go_to(channel.id)
    kind = channel.channel.kind
    title = f"Leave {ctx.ui.title_of(channel)}?"
    if await ctx.ui.confirm(title, _AFTER_LEAVING[kind], yes="Leave", grave=kind != "public"):
        await ctx.ui.wait(ctx.session.channels.leave(channel.id))
        ctx.ui.navigation.left_here()


async def _close(ctx: CommandContext, args: str) -> None:
    if ctx.channel is not None:
        await ctx.ui.wait(ctx.session.directs.close(ctx.channel.id))
        ctx.ui.navigation.left_here()


def _named(ctx: CommandContext, args: str) -> CommandContext:
    """Find the channel of the first word, else the open one: anything else is why one leaves, as IRC has it."""
    word = args.partition(" ")[0]
    key = name_key(word.removeprefix("#"))
    channels = ctx.community.channels.values() if ctx.community is not None else ()
    found = next((each for each in channels if key and name_key(each.channel.name) == key), None)
    if found is None and word.startswith("#"):
        raise UsageError(f"You aren't in a channel called {word}.")
    if found is None:
        return ctx
    return context_at(ctx.session, ctx.ui, ctx.community_id, found.id, ctx.now)


CLOSE = Command(
    id="channel.close",
    title="Close conversation",
    help="The next message brings it back",
    group=_GROUP,
    menu=_CHANNEL,
    slash=Slash(
        "close",
        help="Close this direct message; the next message brings it back",
        keywords="hide leave conversation dm",
    ),
    available=_may_close,
    run=_close,
)

LEAVE = Command(
    id="channel.leave",
    title="Leave this channel",
    help="Asks first",
    group=_GROUP,
    menu=_CHANNEL,
    slash=Slash(
        "leave", "[#channel]", "Leave this channel; asks first", aliases=("part",), keywords="close exit channel"
    ),
    available=_may_leave,
    run=_leave,
    about=_named,
    instead=CLOSE,
)

MUTING: tuple[Command, ...] = (MUTE, UNMUTE, MUTE_BY_WORDS, UNMUTE_BY_WORDS)

COMMANDS: tuple[Command, ...] = (ADD_PEOPLE, CLOSE, LEAVE)
"""Those of the open channel."""
