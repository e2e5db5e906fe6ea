"""Slash commands: one table of them with what they do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from asnity_tui.state.completion import Command as Offered
from asnity_tui.widgets.inks import words as inked
from asnity_tui.widgets.timeline_keys import TIMELINE_KEYS

from . import slash_channels, slash_people
from .commands import COMMANDS
from .finding import Finding
from .here import do_here
from .pick import Option, Pick
from .slash_words import Refused


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """One command; `run` gets what stands behind its name, and raises `Refused` with a sentence where it makes no
    sense, or whatever asking the server raises."""

    name: str
    usage: str
    help: str
    run: Callable[[Finding, str], Awaitable[None]]


async def _help(screen: Finding, rest: str) -> None:
    """List the commands; choosing one begins it."""
    known = {each.name: each for each in SLASH_COMMANDS}
    name = rest.removeprefix("/").casefold()
    if name in known:
        found = known[name]
        screen.notify(f"/{found.name} {found.usage}\n{found.help}", timeout=8, markup=False)
        return
    if name:
        raise Refused(f"There is no command /{name}.")
    options = [
        Option(each.name, inked((f"/{each.name} ", "accent"), (each.usage, "plain")), inked((each.help, "faint")))
        for each in SLASH_COMMANDS
    ]
    chosen = await screen.app.push_screen_wait(Pick("Commands", options))
    if chosen is not None:
        composer = screen.conversation.composer
        composer.put(f"/{chosen} " if known[chosen].usage else f"/{chosen}")
        composer.focus()


def _action(action: str) -> Callable[[Finding, str], Awaitable[None]]:
    """A command of the palette."""

    async def run(screen: Finding, rest: str) -> None:
        await screen.run_action(action)

    return run


def _here(id: str) -> Callable[[Finding, str], Awaitable[None]]:
    """An entry of the menu of the open channel or its community."""

    async def run(screen: Finding, rest: str) -> None:
        await do_here(screen, id)

    return run


def _message(act: str) -> Callable[[Finding, str], Awaitable[None]]:
    """What a key does with the message under the cursor, or with the newest."""

    async def run(screen: Finding, rest: str) -> None:
        view = screen.conversation.view
        if view.current is None:
            view.go_to_newest()
        view.focus()
        screen.call_after_refresh(view.run_action, act)

    return run


_OWN: tuple[SlashCommand, ...] = (
    SlashCommand("help", "[command]", "List the slash commands", _help),
    SlashCommand("join", "[#channel or invite]", "Join a channel, or a community by its invite", slash_channels.join),
    SlashCommand("leave", "", "Leave this channel; asks first", _action("place('leave-channel')")),
    SlashCommand("create", "[#channel]", "Create a public channel", slash_channels.create),
    SlashCommand("topic", "[text]", "Change the topic of this channel", slash_channels.topic),
    SlashCommand("rename", "name", "Change the name of this channel", slash_channels.rename),
    SlashCommand("invite", "[@people]", "Add people to this channel, or make a link", slash_people.invite),
    SlashCommand("mute", "[@person time reason]", "Mute this channel, or a person for a while", slash_people.mute),
    SlashCommand("unmute", "[@person]", "Unmute this channel or a person", slash_people.unmute),
    SlashCommand("notify", "all, mentions or nothing", "Notifications for this channel", slash_channels.notify),
    SlashCommand("read", "", "Mark this channel as read", _here("channel.read")),
    SlashCommand("dm", "@person [text]", "Send a direct message", slash_people.write),
    SlashCommand("me", "text", "Send an action: /me waves", slash_people.me),
    SlashCommand("nick", "[name]", "Change your display name", slash_people.nick),
    SlashCommand("status", "[text]", "Set your status; without a text, clear it", slash_people.status),
    SlashCommand(
        "kick",
        "@person [reason]",
        "Kick somebody out of the community; they can come back with an invite",
        slash_people.kick,
    ),
    SlashCommand("ban", "@person [reason]", "Ban somebody from the community", slash_people.ban),
    SlashCommand("unban", "[@person]", "Unban somebody", slash_people.unban),
    SlashCommand("remove", "@person", "Remove somebody from this channel", slash_people.remove),
    SlashCommand("role", "@person admin or member", "Make somebody an admin, or a member again", slash_people.role),
    SlashCommand("search", "[words]", "Search messages", slash_channels.search),
    SlashCommand("goto", "[#channel or link]", "Go to a channel or message", slash_channels.go_to),
    SlashCommand("edit", "", "Edit your last message", slash_channels.edit_last),
)


def _going_on(sentence: str) -> str:
    """A sentence behind a colon."""
    return sentence[:1].lower() + sentence[1:]


def _all() -> tuple[SlashCommand, ...]:
    """Those with words of their own, what keys do with a message, then everything else in the palette under its id."""
    messages = (
        SlashCommand(each.id.removeprefix("message."), "", each.tooltip, _message(each.action))
        for each in TIMELINE_KEYS
        if each.id is not None and each.id.startswith("message.")
    )
    palette = (
        SlashCommand(each.id.replace(".", "-"), "", f"{each.title}: {_going_on(each.help)}", _action(each.action))
        for each in COMMANDS
    )
    found: dict[str, SlashCommand] = {}
    for each in (*_OWN, *messages, *palette):
        found.setdefault(each.name, each)
    return tuple(found.values())


SLASH_COMMANDS = _all()
"""Every command, with those first that take words."""

OFFERED = tuple(Offered(each.name, each.usage, each.help) for each in SLASH_COMMANDS)
"""The same, as completion sees them."""

BY_NAME = {each.name: each for each in SLASH_COMMANDS}
