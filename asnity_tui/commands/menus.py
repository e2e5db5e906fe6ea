"""Menus: what can be done with a message, a member, a channel or a community."""

from __future__ import annotations

from collections.abc import Mapping

from asnity_server.protocol.models import Member
from asnity_tui.state.community import PresenceStatus
from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import spans

from .context import CommandContext, MenuKind
from .palette import first_key
from .registry import REGISTRY


def menu_options(kind: MenuKind, ctx: CommandContext, keymap: Mapping[str, str]) -> list[Option]:
    """The commands of a menu that can be done, in the order of the registry."""
    found = [each for each in REGISTRY if kind in each.menu and each.available(ctx) is None]
    return [
        Option(
            each.id,
            spans((each.title_for(ctx), "plain"), (f"  {each.help}", "faint")),
            spans((first_key(each, keymap) if kind == "message" else each.hint, "accent")),
        )
        for each in found
    ]


def menu_title(kind: MenuKind, ctx: CommandContext) -> str:
    """Say in one line or two what a menu is about."""
    if kind == "member" and ctx.member is not None:
        return whois(
            ctx.member, ctx.community.presence_of(ctx.member.user.id) if ctx.community is not None else "unknown"
        )
    if kind == "message" and ctx.row is not None:
        return ctx.ui.timeline.one_line(ctx.row.message, named=True)[:80]
    if kind == "channel" and ctx.channel is not None:
        return ctx.ui.title_of(ctx.channel)
    return harmless_line(ctx.community.community.name) if ctx.community is not None else ""


def whois(member: Member, seen: PresenceStatus) -> str:
    """Tell who somebody is: names, presence, role, and what they say of themselves on a line of its own."""
    told = [harmless_line(member.user.display_name), f"@{harmless_line(member.user.username)}"]
    told += [seen] if seen != "unknown" else []
    told += [member.role] if member.role != "member" else []
    status = harmless_line(member.user.status_text)
    return " · ".join(told) + (f"\n{status}" if status else "")
