"""Slash commands: one table of them with what they do."""

from __future__ import annotations

from asnity_tui.state.slash_offers import Command
from asnity_tui.widgets.inks import words as inked
from asnity_tui.widgets.timeline_keys import TIMELINE_KEYS

from . import slash_channels, slash_me, slash_messages, slash_people
from .commands import COMMANDS
from .commands import Command as PaletteCommand
from .finding import Finding
from .here import about_here, may_here
from .pick import Option, Pick
from .slash_command import (
    May,
    SlashCommand,
    action,
    anyone,
    here,
    may_change,
    may_moderate,
    may_pin,
    may_post,
    place,
    right,
)
from .slash_words import Refused
from .synonyms import synonyms_of


async def _help(screen: Finding, rest: str) -> None:
    """List the commands; choosing one begins it."""
    name = rest.removeprefix("/").casefold()
    if name in BY_NAME:
        found = BY_NAME[name]
        screen.notify(f"/{found.name} {found.usage}\n{found.help}", timeout=8, markup=False)
        return
    if name:
        raise Refused(f"There is no command /{name}.")
    options = [
        Option(
            each.name,
            inked((f"/{each.name} ", "accent"), (each.usage, "plain")),
            inked((each.help, "faint")),
            also=" ".join((*each.aliases, each.keywords)),
        )
        for each in SLASH_COMMANDS
        if each.may(about_here(screen))
    ]
    chosen = await screen.app.push_screen_wait(Pick("Commands", options))
    if chosen is not None:
        composer = screen.conversation.composer
        composer.put(f"/{chosen} " if BY_NAME[chosen].usage else f"/{chosen}")
        composer.focus()


_OWN: tuple[SlashCommand, ...] = (
    SlashCommand(
        "msg",
        "@person [text]",
        "Send a direct message",
        slash_people.message,
        aliases=("w", "whisper", "tell", "pm"),
        keywords="dm private write talk send",
        everyday=True,
    ),
    SlashCommand(
        "join",
        "[#channel or invite]",
        "Join a channel, or a community by its invite",
        slash_channels.join,
        aliases=("j",),
        keywords="enter open channel community server",
        everyday=True,
    ),
    SlashCommand(
        "leave",
        "[#channel]",
        "Leave this channel; asks first",
        slash_channels.leave,
        aliases=("part",),
        keywords="close exit channel",
        everyday=True,
        may=right(lambda rights: rights.may_leave_channel),
    ),
    SlashCommand(
        "search",
        "[words]",
        "Search messages",
        slash_channels.search,
        aliases=("find", "grep", "lastlog"),
        keywords="look history from filter",
        everyday=True,
    ),
    SlashCommand(
        "goto",
        "[#channel or link]",
        "Go to a channel or message",
        slash_channels.go_to,
        aliases=("go", "buffer", "switch", "jump"),
        keywords="open channel window permalink",
        everyday=True,
    ),
    SlashCommand("me", "text", "Send an action: /me waves", slash_me.me, keywords="emote", everyday=True, may=may_post),
    SlashCommand(
        "shrug", "[text]", f"Send {slash_me.SHRUG}", slash_me.shrug, keywords="dunno", everyday=True, may=may_post
    ),
    SlashCommand(
        "reply",
        "[text]",
        "Reply to the newest message",
        slash_messages.reply,
        aliases=("r",),
        everyday=True,
        may=may_post,
        keywords="answer respond thread quote",
    ),
    SlashCommand(
        "react",
        "[emoji]",
        "React to the newest message",
        slash_messages.react,
        everyday=True,
        may=right(lambda rights: rights.may_react),
        keywords="emoji reaction thumbs like",
    ),
    SlashCommand(
        "edit",
        "[text]",
        "Edit your last message",
        slash_messages.edit,
        keywords="change correct fix",
        everyday=True,
        may=may_post,
    ),
    SlashCommand(
        "who",
        "[@person]",
        "List who is in this channel",
        slash_people.who,
        aliases=("names", "members"),
        keywords="users people nicklist",
        everyday=True,
    ),
    SlashCommand(
        "whois",
        "[@person]",
        "Show who somebody is",
        slash_people.whois,
        aliases=("whoami",),
        keywords="profile info account user server",
        everyday=True,
    ),
    SlashCommand(
        "list",
        "",
        "Browse channels to join",
        place("browse"),
        aliases=("channels",),
        keywords="browse rooms public directory discover",
        everyday=True,
    ),
    SlashCommand(
        "create",
        "[#channel]",
        "Create a public channel",
        slash_channels.create,
        keywords="new add channel room",
        everyday=True,
        may=right(lambda rights: rights.may_create_channel),
    ),
    SlashCommand(
        "invite",
        "[@people]",
        "Add people to this channel, or make a link",
        slash_people.invite,
        keywords="link add share",
        everyday=True,
        may=right(lambda rights: rights.may_invite or rights.may_make_invites),
    ),
    SlashCommand(
        "topic",
        "[text]",
        "Change the topic of this channel",
        slash_channels.topic,
        keywords="description purpose subject",
        everyday=True,
        may=right(lambda rights: rights.may_change_channel),
    ),
    SlashCommand(
        "mute",
        "[@person time reason]",
        "Mute this channel, or a person for a while",
        slash_people.mute,
        aliases=("silence",),
        keywords="quiet ignore gag notifications",
        everyday=True,
    ),
    SlashCommand(
        "nick", "[name]", "Change your display name", slash_me.nick, keywords="nickname rename profile", everyday=True
    ),
    SlashCommand(
        "status",
        "[text]",
        "Set your status; without a text, clear it",
        slash_me.status,
        keywords="mood busy",
        everyday=True,
    ),
    SlashCommand(
        "away",
        "[text]",
        "Show you as away; again, as back",
        slash_me.away,
        aliases=("afk", "brb"),
        keywords="back idle busy lunch",
        everyday=True,
    ),
    SlashCommand(
        "theme",
        "[name]",
        "Change the colours",
        slash_me.theme,
        keywords="dark light colors appearance look contrast",
        everyday=True,
    ),
    SlashCommand(
        "settings",
        "",
        "Change your settings",
        action("settings"),
        aliases=("set", "preferences", "prefs", "config", "options"),
        keywords="configuration setup",
        everyday=True,
    ),
    SlashCommand(
        "help",
        "[command]",
        "List the slash commands",
        _help,
        aliases=("commands", "h"),
        keywords="manual",
        everyday=True,
    ),
    SlashCommand(
        "quit",
        "",
        "Quit; what isn't sent goes out at the next start",
        action("leave_program"),
        aliases=("exit", "q", "bye"),
        keywords="close end stop leave",
        everyday=True,
    ),
    SlashCommand(
        "dm",
        "@person [text]",
        "Open a direct message",
        slash_people.write,
        aliases=("query",),
        keywords="private message talk",
    ),
    SlashCommand(
        "clear",
        "",
        "Clear notices and go to the newest message",
        slash_me.clear,
        aliases=("cls",),
        keywords="bottom dismiss wipe",
    ),
    SlashCommand("unmute", "[@person]", "Unmute this channel or a person", slash_people.unmute, keywords="unsilence"),
    SlashCommand(
        "notify",
        "all, mentions or nothing",
        "Notifications for this channel",
        slash_channels.notify,
        keywords="alerts bell sound quiet",
    ),
    SlashCommand("read", "", "Mark this channel as read", here("channel.read"), keywords="seen unread"),
    SlashCommand(
        "dnd",
        "",
        "Do not disturb: no notifications, until you turn it off",
        action("do_not_disturb"),
        keywords="snooze pause mute silence quiet busy notifications",
    ),
    SlashCommand("keys", "", "List all keys", action("help"), aliases=("shortcuts",), keywords="bindings hotkeys"),
    SlashCommand("pins", "", "Pinned messages of this channel", action("pins"), aliases=("pinned",)),
    SlashCommand(
        "logout",
        "",
        "Sign out: forget this account on this machine",
        action("sign_out"),
        aliases=("signout",),
        keywords="log out disconnect switch account",
    ),
    SlashCommand("rename", "name", "Change the name of this channel", slash_channels.rename, may=may_change),
    SlashCommand(
        "kick",
        "@person [reason]",
        "Kick somebody out of the community; they can come back with an invite",
        slash_people.kick,
        may=may_moderate,
        keywords="remove boot",
    ),
    SlashCommand(
        "ban",
        "@person [reason]",
        "Ban somebody from the community",
        slash_people.ban,
        may=may_moderate,
        keywords="block",
    ),
    SlashCommand(
        "unban", "[@person]", "Unban somebody", slash_people.unban, may=may_moderate, keywords="pardon unblock"
    ),
    SlashCommand(
        "remove",
        "@person",
        "Remove somebody from this channel",
        slash_people.remove,
        may=right(lambda rights: rights.may_remove_people),
        keywords="kick",
    ),
    SlashCommand(
        "role",
        "@person admin or member",
        "Make somebody an admin, or a member again",
        slash_people.role,
        may=right(lambda rights: rights.may_set_roles),
        keywords="op deop promote demote moderator permissions",
    ),
)


def _going_on(sentence: str) -> str:
    """A sentence behind a colon."""
    return sentence[:1].lower() + sentence[1:]


def _of_palette(command: PaletteCommand) -> SlashCommand:
    may: May = (lambda about: may_here(about, command.id)) if command.in_menu else anyone
    told = f"{command.title}: {_going_on(command.help)}"
    keywords = synonyms_of(command.id)
    return SlashCommand(command.id.replace(".", "-"), "", told, action(command.action), keywords=keywords, may=may)


def _all() -> tuple[SlashCommand, ...]:
    """Those with words of their own, what keys do with a message, then everything else in the palette under its id."""
    messages = (
        SlashCommand(
            each.id.removeprefix("message."),
            "",
            each.tooltip,
            slash_messages.act_on_it(each.action),
            keywords=synonyms_of(each.id),
            may=may_pin if each.id == "message.pin" else anyone,
        )
        for each in TIMELINE_KEYS
        if each.id is not None and each.id.startswith("message.")
    )
    found: dict[str, SlashCommand] = {}
    for each in (*_OWN, *messages, *map(_of_palette, COMMANDS)):
        found.setdefault(each.name, each)
    return tuple(found.values())


SLASH_COMMANDS = _all()
"""Every command, with those first that take words."""

BY_NAME = {name: each for each in SLASH_COMMANDS for name in (each.name, *each.aliases)}
"""By each of their names."""


def offered(screen: Finding) -> tuple[Command, ...]:
    """What I may do here, as completion sees it."""
    about = about_here(screen)
    return tuple(each.offered for each in SLASH_COMMANDS if each.may(about))


EVERYTHING = tuple(each.offered for each in SLASH_COMMANDS)
"""The same, whether I may or not."""
