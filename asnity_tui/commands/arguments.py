"""Arguments of slash commands: people, channels, times."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from asnity_server.protocol.errors import Invalid
from asnity_server.protocol.models import Member, User
from asnity_server.protocol.text import name_key
from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import spans as inked

from .availability import either
from .command import Availability, Command, Slash
from .context import CommandContext, Field, Values

_TIME = re.compile(r"(\d{1,6})(s|m|h|d|w)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


class UsageError(Exception):
    """A command makes no sense like this; the message is a sentence for the person."""


def split_first(rest: str, usage: str) -> tuple[str, str]:
    """The first word and what stands behind it. Raises `UsageError`, with how it is used, where there is no word."""
    word, _, behind = rest.partition(" ")
    if not word:
        raise UsageError(f"Usage: {usage}")
    return word, behind.strip()


def duration(word: str) -> int:
    """Seconds of `90s`, `10m`, `2h`, `1d` or `1w`. Raises `UsageError`."""
    found = _TIME.fullmatch(word)
    if found is None:
        raise UsageError("Enter a time such as 90s, 10m, 2h, 1d or 1w.")
    return int(found.group(1)) * _SECONDS[found.group(2)]


def _meant(word: str, members: list[Member]) -> Member | None:
    key = name_key(word.removeprefix("@"))

    def called(user: User) -> bool:
        return name_key(user.username) == key

    by_handle = [each for each in members if called(each.user)]
    by_name = [each for each in members if name_key(each.user.display_name) == key]
    found = by_handle or by_name
    return found[0] if len(found) == 1 else None


async def perform(command: Command, ctx: CommandContext, args: str = "") -> None:
    """Do another command as a part of one. Raises `UsageError` where it can't be done."""
    why = command.available(ctx)
    if why is not None:
        raise UsageError(why)
    doing = command.run(ctx, args)
    if doing is not None:
        await doing


def by_words(id: str, title: str, slash: Slash, *, bare: Command, worded: Command) -> Command:
    """A slash command that does one command without words, and another with them."""
    return Command(
        id=id,
        title=title,
        help="",
        group="Communities and channels",
        slash=slash,
        available=either(bare.available, worded.available),
        run=lambda ctx, args: perform(worded if args else bare, ctx, args),
        palette=False,
    )


async def confirm_name(
    ctx: CommandContext, title: str, text: str, name: str, delete: Callable[[], Awaitable[object]]
) -> bool:
    """Delete permanently, once the name was typed; answers whether it is done."""
    shown = harmless_line(name)

    async def submit(values: Values) -> bool:
        if name_key(values["name"].strip().removeprefix("#")) != name_key(shown):
            raise Invalid("That isn't the name.", field="name")
        await delete()
        return True

    fields = [Field("name", "Type its name to confirm", remark=shown)]
    return bool(await ctx.ui.form(title, fields, submit, text=text, button="Delete permanently", grave=True))


async def find_member(ctx: CommandContext, word: str) -> Member:
    """Find the member of the community by a name, with or without its `@`. Raises `UsageError` if there is none."""
    if ctx.community is None:
        raise UsageError("You aren't in a community.")
    if ctx.community.members is None:
        await ctx.ui.wait(ctx.session.members.load(ctx.community.id), "Loading members")
    found = _meant(word, list((ctx.community.members or {}).values()))
    if found is None:
        raise UsageError(f"There is no member called {word.removeprefix('@')}.")
    return found


def known_member(ctx: CommandContext, user_id: str) -> Member | None:
    """A person who is in the community, as far as is known; None for me and for those who have left."""
    store, community = ctx.session.store, ctx.community
    user = store.users.get(user_id)
    if community is None or user is None or user_id in (store.my_id, *community.former):
        return None
    here = (ctx.channel.people or {}).get(user_id) if ctx.channel is not None else None
    known = here or (community.members or {}).get(user_id)
    return known or Member(user=user, role="member", joined_at="")


async def target(
    ctx: CommandContext, args: str, available: Availability, *, title: str
) -> tuple[CommandContext, Member, str] | None:
    """The member that a command is about, with the words behind it: the one of the menu, of the first word, or chosen.

    `available` is the rule of the command: those for whom it gives a reason aren't listed. None where it was given up.
    Raises `UsageError` where there is no such member, or where the rule refuses this one.
    """
    if ctx.member is not None:
        return ctx, ctx.member, args
    if ctx.community is None:
        raise UsageError("You aren't in a community.")
    word, _, behind = args.partition(" ")
    if word:
        found = await find_member(ctx, word)
    else:
        if ctx.community.members is None:
            await ctx.ui.wait(ctx.session.members.load(ctx.community.id), "Loading members")
        members = ctx.community.members or {}
        able = [each for each in members.values() if available(ctx.about_member(each)) is None]
        chosen = await ctx.ui.choose(title, [_option(each) for each in able])
        if chosen is None:
            return None
        found = members[chosen]
    about = ctx.about_member(found)
    why = available(about)
    if why is not None:
        raise UsageError(why)
    return about, found, behind.strip()


def _option(member: Member) -> Option:
    name, handle = harmless_line(member.user.display_name), harmless_line(member.user.username)
    role = member.role if member.role != "member" else ""
    return Option(member.user.id, inked((name, "plain"), (f"  @{handle}", "faint")), inked((role, "faint")))
