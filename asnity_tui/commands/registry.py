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

SYNONYMS: Mapping[str, str] = {
    "go.to": "jump switch switcher open find channel person conversation buffer window quick",
    "catch-up": "inbox activity missed unread notifications mentions overview",
    "search": "find grep look history messages lastlog filter from",
    "unread.best": "jump activity next",
    "unread.first": "jump new",
    "timeline.end": "bottom last latest scroll jump down",
    "mention.previous": "highlight ping",
    "mention.next": "highlight ping",
    "go.day": "date calendar time jump yesterday",
    "go.link": "url permalink jump",
    "view.channels": "sidebar list left pane hide buflist",
    "view.members": "sidebar people users nicklist who names right pane hide",
    "view.plain": "select copy mouse plain text raw bare",
    "channel.people": "members users who names list participants kick ban mute role",
    "channel.topic": "description subject purpose header whole full",
    "channel.pins": "pinned saved starred bookmarks",
    "channel.menu": "actions options more",
    "channel.read": "seen acknowledge unread clear",
    "channel.mute": "silence quiet hush ignore notifications",
    "channel.unmute": "unsilence loud notifications",
    "channel.tell-all": "notifications alerts sound every bell",
    "channel.tell-mentions": "notifications alerts highlights",
    "channel.tell-nothing": "notifications alerts off silence mute",
    "channel.create": "new add make room group private public",
    "channel.browse": "list join discover find channels rooms public directory",
    "channel.add-people": "invite add member",
    "channel.leave": "part exit quit close",
    "channel.close": "hide leave part dismiss remove direct message dm query",
    "channel.settings": "rename topic description edit name",
    "channel.archive": "close readonly freeze lock",
    "channel.delete": "remove destroy erase",
    "community.create": "new server workspace guild team make",
    "community.join": "invite server workspace guild team code",
    "community.invite": "link share add people member",
    "community.invites": "links revoke codes",
    "community.settings": "server workspace guild rename description edit",
    "community.audit": "log history moderation who admin",
    "community.bans": "unban banned blocked blacklist pardon",
    "community.leave": "part exit server workspace guild",
    "community.delete": "remove destroy erase server workspace guild",
    "write.editor": "vim vi nano emacs external compose",
    "retry.all": "resend failed again unsent outbox",
    "me.do-not-disturb": "dnd snooze pause notifications mute silence quiet busy",
    "me.name": "nick nickname rename display profile username",
    "me.password": "passphrase secret security credentials",
    "me.devices": "sessions logins signed security where computers",
    "connection.now": "reconnect online retry offline network",
    "theme": "dark light colours colors appearance look mode contrast",
    "settings": "preferences options configuration config prefs setup",
    "help": "keys shortcuts bindings manual hotkeys keyboard cheatsheet",
    "sign-out": "logout log out signout disconnect switch account",
    "quit": "exit close bye leave end stop",
    "message.reply": "answer respond thread quote",
    "message.react": "emoji reaction thumbs like",
    "message.edit": "change correct fix",
    "message.delete": "remove erase unsend",
    "message.copy": "yank clipboard",
    "message.quote": "clipboard cite",
    "message.pin": "star save bookmark unpin",
    "message.unread-from": "mark unread",
    "message.copy-link": "permalink url share",
    "message.open-link": "url browser",
    "message.raw": "source markdown",
    "message.range": "select several multiple",
    "message.origin": "parent thread replied",
    "message.retry": "resend again",
    "message.discard": "cancel throw away drop",
    "message.take-back": "cancel edit failed",
}
"""By the id of a command or of an entry of a menu."""


def synonyms_of(id: str) -> str:
    """The words for a command; those of its slash commands are in their table."""
    return SYNONYMS.get(id, "")


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
