"""Menus, the palette and the settings: the commands that can be done, each found by name or meaning."""

from __future__ import annotations

from collections.abc import Mapping

from asnity_server.protocol.models import Member
from asnity_tui.state.community import PresenceStatus
from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import spans

from .bindings import shown
from .command import Command
from .context import CommandContext, MenuKind
from .registry import BY_ID, REGISTRY, synonyms_of
from .slash import OFFERED, slash_of

SETTINGS = (
    "theme",
    "me.name",
    "me.do-not-disturb",
    "channel.tell-all",
    "channel.tell-mentions",
    "channel.tell-nothing",
    "channel.mute",
    "channel.unmute",
    "channel.settings",
    "community.settings",
    "me.password",
    "me.devices",
)
"""Commands that one looks for among settings, in this order."""


def first_key(command: Command, keymap: Mapping[str, str]) -> str:
    """The key of a command as people write it; `keymap` has those that the settings change."""
    key = keymap.get(command.id, command.keys).split(",")[0]
    return shown(key) if key else ""


def command_option(command: Command, ctx: CommandContext, keymap: Mapping[str, str]) -> Option:
    """A command as a line to choose."""
    title = command.title_for(ctx)
    if command.group == "In the messages":
        title = f"Message: {title}"
    left = spans((title, "plain"), (f"  {command.help}", "faint"))
    return Option(command.id, left, spans((first_key(command, keymap), "accent")), also=synonyms_of(command.id))


def palette_options(ctx: CommandContext, keymap: Mapping[str, str]) -> list[Option]:
    """Every command that can be done here."""
    return [command_option(each, ctx, keymap) for each in REGISTRY if each.palette and each.available(ctx) is None]


def setting_options(ctx: CommandContext, keymap: Mapping[str, str]) -> list[Option]:
    """Everything that one looks for among settings."""
    found = [BY_ID[id] for id in SETTINGS]
    return [command_option(each, ctx, keymap) for each in found if each.available(ctx) is None]


def slash_options(ctx: CommandContext) -> list[Option]:
    """Slash commands that take words: choosing one begins the text."""
    found = [(each, slash_of(each)) for each in OFFERED if each.available(ctx) is None]
    return [
        Option(
            f"/{slash.name}",
            spans((f"/{slash.name} {slash.usage}", "plain"), (f"  {slash.help}", "faint")),
            also=" ".join((*slash.aliases, slash.keywords)),
        )
        for each, slash in found
        if slash.usage
    ]


def slash_help_options(ctx: CommandContext) -> list[Option]:
    """All slash commands that can be used here."""
    found = [slash_of(each) for each in OFFERED if each.available(ctx) is None]
    return [
        Option(
            each.name,
            spans((f"/{each.name} ", "accent"), (each.usage, "plain")),
            spans((each.help, "faint")),
            also=" ".join((*each.aliases, each.keywords)),
        )
        for each in found
    ]


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
