"""What admins and owners do with a member: a role, silence for a time, the door."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from msgspec import UNSET

from asnity_server.protocol.errors import Invalid
from asnity_server.protocol.models import Member, Role
from asnity_tui.screens.dialogs.confirm import Confirm
from asnity_tui.screens.dialogs.flow import Flow
from asnity_tui.screens.dialogs.form import Form
from asnity_tui.screens.dialogs.menu import About, MenuEntry, entry
from asnity_tui.widgets.form_field import FormField, Values, whole_number
from asnity_tui.widgets.text.safe_text import harmless_line

from .arguments import target
from .availability import member_rule, myself, needs_admin, no_community
from .bridge import menu_entry
from .command import Command, Slash
from .context import CommandContext, Field

MUTE_MAX = 30 * 24 * 60
"""Minutes that a mute may last at most (the server's rule)."""


def _on_member(does: Callable[[Flow, About, Member], Awaitable[None]]) -> Callable[[About], Awaitable[None]]:
    """A flow about the member that a menu is about."""

    async def do(about: About) -> None:
        if about.member is not None:
            await does(Flow(about.screen), about, about.member)

    return do


def _if(may: Callable[[About, Member], bool]) -> Callable[[About], bool]:
    return lambda about: about.member is not None and may(about, about.member)


def _shown(member: Member) -> str:
    return harmless_line(member.user.display_name)


def _reason() -> FormField:
    return FormField("reason", "Reason", remark="optional; shown to them and in the audit log")


async def _mute(asking: Flow, about: About, member: Member) -> None:
    people = asking.session.people

    async def submit(values: Values) -> bool:
        minutes = whole_number(values["minutes"], "minutes")
        if minutes is None or minutes > MUTE_MAX:
            raise Invalid(f"Enter 1 to {MUTE_MAX}.", field="minutes")
        await people.mute(about.community_id, member.user.id, minutes * 60, reason=values["reason"])
        return True

    minutes = FormField("minutes", "Minutes", value="60", remark=f"at most {MUTE_MAX} (30 days)")
    text = "They can read, but not write, react, invite or create channels."
    form = Form(f"Mute {_shown(member)}", [minutes, _reason()], submit, text=text, button="Mute")
    if await asking.ask(form):
        asking.say(f"Muted {_shown(member)}.")


async def _unmute(asking: Flow, about: About, member: Member) -> None:
    question = asking.session.people.mute(about.community_id, member.user.id, 0)
    await asking.done(question, f"Unmuted {_shown(member)}.")


async def _ban(asking: Flow, about: About, member: Member) -> None:
    text = "They leave all channels and can't come back until they are unbanned."
    await _ban_person(asking, about, member.user.id, text)


async def _ban_person(asking: Flow, about: About, user_id: str, text: str) -> None:
    async def submit(values: Values) -> bool:
        await asking.session.people.ban(about.community_id, user_id, reason=values["reason"])
        return True

    name = asking.name(user_id)
    if await asking.ask(Form(f"Ban {name}?", [_reason()], submit, text=text, button="Ban", grave=True)):
        asking.say(f"Banned {name}.")


async def _ban_former(about: About) -> None:
    """Keep somebody out who has left."""
    if about.row is not None:
        text = "They have left already, and can't come back until they are unbanned."
        await _ban_person(Flow(about.screen), about, about.row.message.sender_id, text)


def _has_left(about: About) -> bool:
    """Whether the message is by somebody who isn't in the community any more."""
    community = about.screen.session.store.communities.get(about.community_id)
    return community is not None and about.row is not None and about.row.message.sender_id in community.former


def _give(role: Role, said: str) -> Callable[[Flow, About, Member], Awaitable[None]]:
    async def do(asking: Flow, about: About, member: Member) -> None:
        question = asking.session.people.set_role(about.community_id, member.user.id, role)
        await asking.done(question, f"{_shown(member)} is now {said}.")

    return do


async def _hand_over(asking: Flow, about: About, member: Member) -> None:
    name = _shown(member)
    text = f"{name} becomes the owner and you become an admin. Only the new owner can undo this."
    if await asking.ask(Confirm(f"Transfer ownership to {name}?", text, yes="Transfer", grave=True)):
        question = asking.session.people.hand_over(about.community_id, member.user.id)
        await asking.done(question, f"{name} is now the owner.")


async def _remove(asking: Flow, about: About, member: Member) -> None:
    if about.channel is None:
        return
    name, where = _shown(member), asking.screen.conversation.title(about.channel)
    text = "They stay in the community." if about.channel.channel.kind == "public" else "They need an invite to return."
    if await asking.ask(Confirm(f"Remove {name} from {where}?", text, yes="Remove", grave=True)):
        question = asking.session.people.remove_from_channel(about.channel.id, member.user.id)
        await asking.done(question, f"Removed {name} from {where}.")


def _is_muted(member: Member) -> bool:
    return isinstance(member.muted_until, str)


def _end_the_mute(about: About) -> str:
    until = about.member.muted_until if about.member is not None else UNSET
    return f"Unmute (until {Flow(about.screen).moment(until)})" if isinstance(until, str) else "Unmute"


_REASON = "optional; shown to them and in the audit log"

_may_kick = member_rule(
    lambda rights, member: rights.may_kick(member),
    lambda rights: rights.may_moderate,
    no_community,
    needs_admin("kick people"),
    myself,
    "Only those below you can be kicked.",
)


async def _kick(ctx: CommandContext, args: str) -> None:
    meant = await target(ctx, args, _may_kick, title="Kick whom?")
    if meant is None:
        return
    ctx, member, reason = meant

    async def submit(values: Values) -> bool:
        await ctx.session.people.kick(ctx.community_id, member.user.id, reason=values["reason"])
        return True

    text = "They leave all channels and need a new invite to come back. Invite links they made are revoked."
    fields = [Field("reason", "Reason", value=reason, remark=_REASON)]
    if await ctx.ui.form(f"Kick {_shown(member)}?", fields, submit, text=text, button="Kick", grave=True):
        ctx.ui.notify(f"Removed {_shown(member)}.")


KICK = Command(
    id="member.kick",
    title="Kick …",
    help="Remove from the community; they need a new invite",
    group="Communities and channels",
    menu=frozenset({"member"}),
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

COMMANDS: tuple[Command, ...] = (KICK,)

ORDER_ENTRIES: tuple[MenuEntry, ...] = (
    entry(
        "member",
        "member.mute",
        "Mute …",
        _on_member(_mute),
        may=_if(lambda about, member: about.rights.may_mute(member)),
        help="They can't write for a while",
    ),
    MenuEntry(
        id="member.unmute",
        kind="member",
        title=_end_the_mute,
        may=_if(lambda about, member: about.rights.may_mute(member) and _is_muted(member)),
        do=_on_member(_unmute),
    ),
    entry(
        "member",
        "member.remove",
        "Remove from this channel",
        _on_member(_remove),
        may=_if(lambda about, member: about.rights.may_remove(member)),
    ),
    menu_entry(KICK, "member"),
    entry(
        "member",
        "member.ban",
        "Ban …",
        _on_member(_ban),
        may=_if(lambda about, member: about.rights.may_ban(member)),
        help="Remove, and keep out until unbanned",
    ),
    entry(
        "message",
        "message.ban-former",
        "Ban the author, who has left …",
        _ban_former,
        may=lambda about: about.rights.may_lift_bans and _has_left(about),
        help="They can't join again",
    ),
    entry(
        "member",
        "member.promote",
        "Make an admin",
        _on_member(_give("admin", "an admin")),
        may=_if(lambda about, member: about.rights.may_set_role(member) and member.role == "member"),
    ),
    entry(
        "member",
        "member.demote",
        "Remove as admin",
        _on_member(_give("member", "a member")),
        may=_if(lambda about, member: about.rights.may_set_role(member) and member.role == "admin"),
    ),
    entry(
        "member",
        "member.hand-over",
        "Transfer ownership …",
        _on_member(_hand_over),
        may=_if(lambda about, member: about.rights.may_hand_over(member)),
        help="They become the owner, and you an admin",
    ),
)
"""What the menu of a member has for those who keep order."""
