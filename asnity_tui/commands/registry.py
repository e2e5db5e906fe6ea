"""The registry: every command, in the order in which lists show them."""

from __future__ import annotations

from collections.abc import Mapping

from . import account, channel_settings, channels, communities, invites, members, moderation
from .command import Command, MenuKind

REGISTRY: tuple[Command, ...] = (
    *members.COMMANDS,
    *moderation.COMMANDS,
    *channels.COMMANDS,
    *channel_settings.COMMANDS,
    *invites.COMMANDS,
    *communities.COMMANDS,
    *account.COMMANDS,
)

BY_ID: Mapping[str, Command] = {each.id: each for each in REGISTRY}

BY_SLASH: Mapping[str, Command] = {
    name: each for each in REGISTRY if each.slash is not None for name in (each.slash.name, *each.slash.aliases)
}
"""By each name of their slash commands."""


def in_menu(kind: MenuKind) -> tuple[Command, ...]:
    """The commands of a menu, available or not."""
    return tuple(each for each in REGISTRY if kind in each.menu)
