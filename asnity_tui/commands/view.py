"""Commands that show something: panes, who is in a channel, its pins, its topic, its menu."""

from __future__ import annotations

from asnity_tui.state.people import presence_of
from asnity_tui.widgets.channel_header import topic_of

from .arguments import find_member
from .availability import no_channel, no_community
from .command import Command, Slash
from .context import CommandContext
from .members import choose_member


async def _people(ctx: CommandContext, args: str) -> None:
    """Who reads what is written here; choosing one leads to what may be done with them."""
    if args:
        await _whois(ctx, args)
    elif ctx.channel is not None:
        member = await choose_member(ctx, ctx.channel)
        if member is not None:
            await ctx.ui.menus.ask("member", ctx.about_member(member))


async def _whois(ctx: CommandContext, args: str) -> None:
    """Tell of a person; without a name, of me and where I am signed in."""
    store = ctx.session.store
    word = args.partition(" ")[0] or (store.me.username if store.me is not None else "")
    member = await find_member(ctx, word)
    user = member.user
    lines = [f"@{user.username} · {member.role} · {presence_of(store, ctx.community, user.id)}"]
    lines += [user.status_text] if user.status_text else []
    lines += [f"Signed in at {ctx.ui.server}"] if user.id == store.my_id else []
    await ctx.ui.show(user.display_name or user.username, "\n".join(lines))


async def _pins(ctx: CommandContext, args: str) -> None:
    if ctx.channel is not None:
        await ctx.ui.lookup.pins(ctx.channel.id)


async def _topic(ctx: CommandContext, args: str) -> None:
    """The whole topic, which the header may have no room for."""
    if ctx.channel is None:
        return
    title = ctx.ui.title_of(ctx.channel)
    direct = ctx.channel.channel.kind == "direct"
    heading = f"Status of {title}" if direct else f"Topic of {title}"
    nothing = "No status is set." if direct else "No topic is set. /topic and a text sets one."
    await ctx.ui.show(heading, topic_of(ctx.session.store, ctx.channel) or nothing)


async def _menu(ctx: CommandContext, args: str) -> None:
    await ctx.ui.menus.ask("channel", ctx)


TOPIC = Command(
    id="channel.topic",
    title="Topic of this channel",
    help="All of it; so does a click on it",
    group="Reading",
    keys="alt+t",
    menu=frozenset({"channel"}),
    available=no_channel,
    run=_topic,
    leads=False,
)

PROFILE = Command(
    id="member.profile",
    title="Profile of a person",
    help="Who somebody is; without a name, who you are",
    group="Reading",
    slash=Slash(
        "whois",
        "[@person]",
        "Show someone's profile",
        aliases=("whoami",),
        keywords="profile info account user server",
    ),
    available=no_community,
    run=_whois,
    palette=False,
)

OF_SCREEN: tuple[Command, ...] = (
    Command(
        id="view.channels",
        title="Channels",
        help="Show, hide or focus the lists",
        group="Reading",
        keys="f2",
        priority=True,
        run=lambda ctx, args: ctx.ui.panes.toggle_channels(),
    ),
    Command(
        id="view.members",
        title="Members",
        help="Show, hide or focus the member list",
        group="Reading",
        keys="f8",
        priority=True,
        run=lambda ctx, args: ctx.ui.panes.toggle_members(),
    ),
    Command(
        id="view.plain",
        title="Plain view",
        help="Only text, to select with the mouse",
        group="Reading",
        keys="f9",
        priority=True,
        run=lambda ctx, args: ctx.ui.terminal.show_plain(),
        leads=False,
        exclusive=True,
    ),
)
"""The panes, and what is shown in their place."""

OF_CHANNEL: tuple[Command, ...] = (
    TOPIC,
    Command(
        id="channel.pins",
        title="Pinned messages",
        help="In this channel; Enter goes to one",
        group="Reading",
        slash=Slash("pins", help="Pinned messages of this channel", aliases=("pinned",)),
        menu=frozenset({"channel"}),
        available=no_channel,
        run=_pins,
    ),
)
"""What is said of the open channel."""

OF_PEOPLE: tuple[Command, ...] = (
    Command(
        id="channel.people",
        title="Members of this channel",
        help="Who can read this channel; message one of them, and more",
        group="Reading",
        slash=Slash(
            "who",
            "[@person]",
            "List who is in this channel",
            aliases=("names", "members"),
            keywords="users people nicklist",
        ),
        menu=frozenset({"channel"}),
        available=no_channel,
        run=_people,
    ),
    PROFILE,
    Command(
        id="channel.menu",
        title="Channel menu",
        help="Everything you can do with this channel",
        group="Reading",
        keys="alt+m",
        available=no_channel,
        run=_menu,
    ),
)
"""Who is in the open channel, and everything else."""

COMMANDS: tuple[Command, ...] = (*OF_SCREEN, *OF_CHANNEL, *OF_PEOPLE)
