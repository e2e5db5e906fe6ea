"""Moderation: mutes, kicks, bans and roles, by the rights of a role."""

from __future__ import annotations

from asnity_server.protocol.errors import Invalid
from asnity_server.protocol.models import Member, Role
from asnity_tui.state.rights import Rights
from asnity_tui.widgets.form_field import whole_number
from asnity_tui.widgets.text.safe_text import harmless_line

from .arguments import UsageError, duration, perform, target
from .availability import (
    direct,
    every,
    general,
    member_rule,
    myself,
    needs_admin,
    needs_owner,
    no_channel,
    no_community,
)
from .command import Availability, Command, Run, Slash
from .context import CommandContext, Field, MenuKind, Values

MUTE_MAX = 30 * 24 * 60
"""Minutes that a mute may last at most (the server's rule)."""

_MEMBER: frozenset[MenuKind] = frozenset({"member"})


def _shown(member: Member) -> str:
    return harmless_line(member.user.display_name)


def _reason(reason: str = "") -> Field:
    return Field("reason", "Reason", value=reason, remark="optional; shown to them and in the audit log")


def _below_me(doing: str, done: str) -> Availability:
    """Allow admins with members below them; `doing` and `done` say what ("kick people", "kicked")."""
    last = f"Only those below you can be {done}."
    return member_rule(Rights.may_moderate, no_community, needs_admin(doing), myself, last)


# Mutes

_may_mute = _below_me("mute people", "muted")


async def _mute(ctx: CommandContext, args: str) -> None:
    meant = await target(ctx, args, _may_mute, title="Mute whom?")
    if meant is None:
        return
    ctx, member, words = meant
    time, _, reason = words.partition(" ")
    if time:
        await ctx.ui.wait(_mute_for(ctx, member, duration(time), reason.strip()))
    else:

        async def submit(values: Values) -> str:
            minutes = whole_number(values["minutes"], "minutes")
            if minutes is None or minutes > MUTE_MAX:
                raise Invalid(f"Enter 1 to {MUTE_MAX}.", field="minutes")
            await _mute_for(ctx, member, minutes * 60, values["reason"])
            return f"{minutes}m"

        fields = [Field("minutes", "Minutes", value="60", remark=f"at most {MUTE_MAX} (30 days)"), _reason()]
        text = "They can read, but not write, react, invite or create channels."
        time = await ctx.ui.form(f"Mute {_shown(member)}", fields, submit, text=text, button="Mute") or ""
    if time:
        ctx.ui.notify(f"Muted {_shown(member)} for {time}.")


async def _mute_for(ctx: CommandContext, member: Member, seconds: int, reason: str) -> None:
    await ctx.session.moderation.mute(ctx.community_id, member.user.id, seconds, reason=reason)


def _not_muted(ctx: CommandContext) -> str | None:
    if ctx.member is None or isinstance(ctx.member.muted_until, str):
        return None
    return f"{_shown(ctx.member)} isn't muted."


_may_unmute = every(_may_mute, _not_muted)


async def _unmute(ctx: CommandContext, args: str) -> None:
    meant = await target(ctx, args, _may_unmute, title="Unmute whom?")
    if meant is not None:
        ctx, member, _ = meant
        await ctx.ui.wait(ctx.session.moderation.mute(ctx.community_id, member.user.id, 0))
        ctx.ui.notify(f"Unmuted {_shown(member)}.")


def _unmute_label(ctx: CommandContext) -> str:
    until = ctx.member.muted_until if ctx.member is not None else None
    return f"Unmute (until {ctx.ui.moment(until)})" if isinstance(until, str) else "Unmute"


MUTE_MEMBER = Command(
    id="member.mute",
    title="Mute …",
    help="They can't write for a while",
    group="Communities and channels",
    menu=_MEMBER,
    available=_may_mute,
    run=_mute,
)

UNMUTE_MEMBER = Command(
    id="member.unmute",
    title="Unmute",
    help="",
    group="Communities and channels",
    menu=_MEMBER,
    available=_may_unmute,
    run=_unmute,
    label=_unmute_label,
)

# Removing people

_may_remove = member_rule(
    Rights.may_remove,
    no_community,
    needs_admin("remove people"),
    no_channel,
    direct,
    general,
    myself,
    "Only those below you can be removed.",
)


async def _remove(ctx: CommandContext, args: str) -> None:
    meant = await target(ctx, args, _may_remove, title="Remove whom from this channel?")
    if meant is None or ctx.channel is None:
        return
    ctx, member, _ = meant
    channel = ctx.channel
    if channel is None:
        return
    name, where = _shown(member), ctx.ui.title_of(channel)
    text = "They stay in the community." if channel.channel.kind == "public" else "They need an invite to return."
    if await ctx.ui.confirm(f"Remove {name} from {where}?", text, yes="Remove", grave=True):
        await ctx.ui.wait(ctx.session.members.remove_from_channel(channel.id, member.user.id))
        ctx.ui.notify(f"Removed {name} from {where}.")


REMOVE = Command(
    id="member.remove",
    title="Remove from this channel",
    help="",
    group="Communities and channels",
    menu=_MEMBER,
    slash=Slash("remove", "@person", "Remove someone from this channel", keywords="kick", stays="always"),
    available=_may_remove,
    run=_remove,
)

_may_kick = _below_me("kick people", "kicked")


async def _kick(ctx: CommandContext, args: str) -> None:
    meant = await target(ctx, args, _may_kick, title="Kick whom?")
    if meant is None:
        return
    ctx, member, reason = meant

    async def submit(values: Values) -> bool:
        await ctx.session.moderation.kick(ctx.community_id, member.user.id, reason=values["reason"])
        return True

    text = "They leave all channels and need a new invite to come back. Invite links they made are revoked."
    if await ctx.ui.form(f"Kick {_shown(member)}?", [_reason(reason)], submit, text=text, button="Kick", grave=True):
        ctx.ui.notify(f"Removed {_shown(member)}.")


KICK = Command(
    id="member.kick",
    title="Kick …",
    help="Remove from the community; they need a new invite",
    group="Communities and channels",
    menu=_MEMBER,
    slash=Slash(
        "kick",
        "@person [reason]",
        "Remove someone from the community; they need a new invite",
        keywords="remove boot",
        stays="always",
    ),
    available=_may_kick,
    run=_kick,
)

# Bans

_may_ban = _below_me("ban people", "banned")


async def _ban(ctx: CommandContext, args: str) -> None:
    meant = await target(ctx, args, _may_ban, title="Ban whom?")
    if meant is not None:
        ctx, member, reason = meant
        text = "They leave all channels and can't come back until they are unbanned."
        await _ask_to_ban(ctx, member.user.id, text, reason)


async def _ask_to_ban(ctx: CommandContext, user_id: str, text: str, reason: str = "") -> None:
    async def submit(values: Values) -> bool:
        await ctx.session.moderation.ban(ctx.community_id, user_id, reason=values["reason"])
        return True

    name = ctx.name(user_id)
    if await ctx.ui.form(f"Ban {name}?", [_reason(reason)], submit, text=text, button="Ban", grave=True):
        ctx.ui.notify(f"Banned {name}.")


BAN = Command(
    id="member.ban",
    title="Ban …",
    help="Remove, and keep out until unbanned",
    group="Communities and channels",
    menu=_MEMBER,
    slash=Slash("ban", "@person [reason]", "Ban someone from the community", keywords="block", stays="always"),
    available=_may_ban,
    run=_ban,
)


def _may_ban_author(ctx: CommandContext) -> str | None:
    """Allow it for authors who have left."""
    if ctx.row is None or ctx.community is None or ctx.row.message.sender_id not in ctx.community.former:
        return "Only for messages by someone who has left."
    return None if ctx.rights.may_lift_bans else "Only admins can ban people."


async def _ban_author(ctx: CommandContext, args: str) -> None:
    if ctx.row is not None:
        text = "They have left already, and can't come back until they are unbanned."
        await _ask_to_ban(ctx, ctx.row.message.sender_id, text)


BAN_AUTHOR = Command(
    id="message.ban-former",
    title="Ban the author, who has left …",
    help="They can't join again",
    group="In the messages",
    menu=frozenset({"message"}),
    available=_may_ban_author,
    run=_ban_author,
)

# Roles

_may_set_role = member_rule(
    Rights.may_set_role,
    no_community,
    needs_owner("change roles"),
    myself,
    "Only the roles of those below you can be changed.",
)


def _has_role(role: Role, otherwise: str) -> Availability:
    def available(ctx: CommandContext) -> str | None:
        if ctx.member is None or ctx.member.role == role:
            return None
        return f"{_shown(ctx.member)} {otherwise}."

    return available


def _give(role: Role, said: str, title: str, available: Availability) -> Run:
    async def run(ctx: CommandContext, args: str) -> None:
        meant = await target(ctx, args, available, title=title)
        if meant is not None:
            ctx, member, _ = meant
            await ctx.ui.wait(ctx.session.moderation.set_role(ctx.community_id, member.user.id, role))
            ctx.ui.notify(f"{_shown(member)} is now {said}.")

    return run


_may_promote = every(_may_set_role, _has_role("member", "is an admin already"))
_may_demote = every(_may_set_role, _has_role("admin", "is no admin"))

PROMOTE = Command(
    id="member.promote",
    title="Make an admin",
    help="",
    group="Communities and channels",
    menu=_MEMBER,
    available=_may_promote,
    run=_give("admin", "an admin", "Make whom an admin?", _may_promote),
)

DEMOTE = Command(
    id="member.demote",
    title="Remove as admin",
    help="",
    group="Communities and channels",
    menu=_MEMBER,
    available=_may_demote,
    run=_give("member", "a member", "Remove whom as admin?", _may_demote),
)


async def _set_role(ctx: CommandContext, args: str) -> None:
    command = {"admin": PROMOTE, "member": DEMOTE}.get(args.partition(" ")[2].strip())
    meant = await target(ctx, args, _may_set_role, title="Change whose role?") if command is not None else None
    if command is None or meant is None:
        raise UsageError("Usage: /role @person admin, or /role @person member")
    await perform(command, meant[0])


ROLE = Command(
    id="member.role",
    title="Change a role",
    help="",
    group="Communities and channels",
    slash=Slash(
        "role",
        "@person admin or member",
        "Make someone an admin, or a member again",
        keywords="op deop promote demote moderator permissions",
        stays="always",
    ),
    available=_may_set_role,
    run=_set_role,
    palette=False,
)

_may_hand_over = member_rule(
    Rights.may_hand_over,
    no_community,
    needs_owner("transfer ownership"),
    myself,
    "They are an owner already.",
)


async def _hand_over(ctx: CommandContext, args: str) -> None:
    meant = await target(ctx, args, _may_hand_over, title="Transfer ownership to whom?")
    if meant is None:
        return
    ctx, member, _ = meant
    name = _shown(member)
    text = f"{name} becomes the owner and you become an admin. Only the new owner can undo this."
    if await ctx.ui.confirm(f"Transfer ownership to {name}?", text, yes="Transfer", grave=True):
        await ctx.ui.wait(ctx.session.moderation.hand_over(ctx.community_id, member.user.id))
        ctx.ui.notify(f"{name} is now the owner.")


HAND_OVER = Command(
    id="member.hand-over",
    title="Transfer ownership …",
    help="They become the owner, and you an admin",
    group="Communities and channels",
    menu=_MEMBER,
    available=_may_hand_over,
    run=_hand_over,
)

COMMANDS: tuple[Command, ...] = (
    MUTE_MEMBER,
    UNMUTE_MEMBER,
    REMOVE,
    KICK,
    BAN,
    PROMOTE,
    DEMOTE,
    ROLE,
    HAND_OVER,
)
