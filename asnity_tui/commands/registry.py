"""The registry: every command, in the order in which lists show them.

Keys, the palette, menus, slash commands with their completion, the list of keys and docs/keys.md are made from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from asnity_tui.widgets.text.hangul_keys import with_jamo

from . import (
    account,
    channel_settings,
    channels,
    communities,
    invites,
    members,
    messages,
    moderation,
    navigation,
    notifications,
    program,
    view,
    writing,
)
from .command import Command

REGISTRY: tuple[Command, ...] = (
    *navigation.COMMANDS,
    *view.OF_SCREEN,
    *view.OF_CHANNEL,
    *notifications.READING,
    *channels.MUTING,
    *notifications.LEVELS,
    *view.OF_PEOPLE,
    *writing.COMMANDS,
    *members.COMMANDS,
    *moderation.COMMANDS,
    *invites.COMMANDS,
    *communities.COMMANDS,
    *channels.COMMANDS,
    *channel_settings.COMMANDS,
    *account.COMMANDS,
    *notifications.COMMANDS,
    *program.COMMANDS,
    *messages.COMMANDS,
    moderation.BAN_AUTHOR,
)

BY_ID: Mapping[str, Command] = {each.id: each for each in REGISTRY}


def key_table() -> str:
    """The table of bindings.py: the keys of the chat screen, and those of messages with the jamo on the same keys."""
    keyed = [each for each in REGISTRY if each.keys]
    screen = [each for each in keyed if each.group != "In the messages"]
    of_messages = [each for each in keyed if each.group == "In the messages"]
    taken = {key for each in of_messages for key in each.keys.split(",")}
    lines = ["SCREEN_KEYS: tuple[tuple[str, str, bool], ...] = ("]
    lines += [f'    ("{each.id}", "{each.keys}", {each.priority}),' for each in screen]
    lines += [")", "MESSAGE_KEYS: tuple[tuple[str, str], ...] = ("]
    lines += [
        f'    ("{each.id}", "{with_jamo(each.keys, capitals=_is_free(each.keys, taken))}"),' for each in of_messages
    ]
    return "\n".join([*lines, ")\n"])


def _is_free(keys: str, taken: set[str]) -> bool:
    """Whether the small letters of a command's capitals do nothing else."""
    mine = keys.split(",")
    return all(each.lower() in mine or each.lower() not in taken for each in mine if len(each) == 1)


if __name__ == "__main__":
    path = Path(__file__).parent / "bindings.py"
    before, _, rest = path.read_text(encoding="utf-8").partition("# <keys>\n")
    path.write_text(f"{before}# <keys>\n{key_table()}# </keys>{rest.partition('# </keys>')[2]}", encoding="utf-8")
