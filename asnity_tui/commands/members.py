"""Members: written to directly, and listed to choose one of them."""

from __future__ import annotations

from asnity_server.protocol.models import Member
from asnity_tui.state.channel import ChannelState
from asnity_tui.state.people import presence_of
from asnity_tui.state.rows import Row
from asnity_tui.widgets.channel_list import DOTS
from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import spans

from .arguments import find_member, known_member, split_first, target
from .availability import member_rule, myself, no_community
from .command import Command, Slash
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


async def _open_direct(ctx: CommandContext, args: str) -> None:
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
        await _open_direct(ctx, args)
        return
    member = await find_member(ctx, word)
    channel_id = await ctx.ui.wait(ctx.session.directs.open(ctx.community_id, [member.user.id]))
    await ctx.session.messages.send(channel_id, text)
    ctx.ui.notify(f"To {harmless_line(member.user.display_name)}: {harmless_line(text)[:60]}")


# Lists to choose from

LISTED_MAX = 5_000
"""People that are listed at most."""

_BETWEEN = " "
"""Between an emoji and the id of a person, in the key of a line."""


async def choose_member(ctx: CommandContext, channel: ChannelState) -> Member | None:
    """Show who is in a channel; answers who was chosen."""
    members = await ctx.ui.wait(_members(ctx, channel.id), "Loading members")
    options = []
    for member in members.values():
        sign, style = DOTS[presence_of(ctx.session.store, ctx.community, member.user.id)]
        handle = f"  @{harmless_line(member.user.username)}"
        name = harmless_line(member.user.display_name)
        role = "disabled" if member.user.disabled else member.role if member.role != "member" else ""
        status = harmless_line(member.user.status_text)
        left = spans((f"{sign} ", style), (name, "plain"), (handle, "faint"), (f"  {status}" if status else "", "dim"))
        options.append(Option(member.user.id, left, spans((role, "faint"))))
    chosen = await ctx.ui.choose(f"Members of {ctx.ui.title_of(channel)}", options)
    return members.get(chosen) if chosen is not None else None


async def _members(ctx: CommandContext, channel_id: str) -> dict[str, Member]:
    pages = ctx.session.members.channel_pages(channel_id)
    found = await pages.entries(lambda page: page.members, at_most=LISTED_MAX)
    return {each.user.id: each for each in found}


async def choose_reactor(ctx: CommandContext, row: Row) -> Member | None:
    """List who reacted, emoji by emoji; answers who was chosen, if it isn't me and they are still here."""
    reactions = row.message.reactions
    people = {emoji: reaction.users for emoji, reaction in reactions.items()}
    cut = [emoji for emoji, reaction in reactions.items() if reaction.count > len(reaction.users)]
    for emoji in cut:
        loading = ctx.session.reactions.reactors(row.message.channel_id, row.message.id, emoji)
        found = await ctx.ui.answer(loading, "Loading reactions")
        if found is None:
            break  # which was said; those who are known are listed
        people[emoji] = found
    options = [_option(ctx, emoji, user_id) for emoji, users in people.items() for user_id in users]
    missing = sum(max(0, reaction.count - len(people[emoji])) for emoji, reaction in reactions.items())
    if missing:
        options.append(Option("", spans((f"and {missing} more", "dim"))))
    told = "  ".join(f"{emoji} {reaction.count}" for emoji, reaction in reactions.items())
    chosen = await ctx.ui.choose(f"Reactions: {told}", options)
    return known_member(ctx, chosen.partition(_BETWEEN)[2]) if chosen else None


def _option(ctx: CommandContext, emoji: str, user_id: str) -> Option:
    store = ctx.session.store
    user = store.users.get(user_id)
    name = ctx.name(user_id) + (" (you)" if user_id == store.my_id else "")
    handle = f"  @{harmless_line(user.username)}" if user is not None else ""
    return Option(f"{emoji}{_BETWEEN}{user_id}", spans((f"{emoji}  ", "plain"), (name, "plain"), (handle, "faint")))


COMMANDS: tuple[Command, ...] = (
    WRITE,
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
        available=no_community,
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
        available=no_community,
        run=_open_direct,
        palette=False,
    ),
)
