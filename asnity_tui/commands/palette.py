"""The command palette and the settings: what can be done here, found by name or meaning, with the key that does it."""

from __future__ import annotations

from collections.abc import Mapping

from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.styles import spans

from .command import Command
from .context import CommandContext
from .keys_in_force import shown
from .registry import BY_ID, REGISTRY
from .slash import OFFERED, slash_of
from .synonyms import synonyms_of

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
