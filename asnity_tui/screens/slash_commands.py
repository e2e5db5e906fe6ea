"""What can be written behind a slash: one table of commands with what they do."""

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
    SlashCommand("help", "[command]", "What can be written behind a slash", _help),
    SlashCommand("join", "[#channel or invite]", "Join a channel, or a community by its invite", slash_channels.join),
    SlashCommand("leave", "", "Leave this channel; asks first", _action("place('leave-channel')")),
    SlashCommand("create", "[#channel]", "Make a public channel", slash_channels.create),
    SlashCommand("topic", "[text]", "Change the topic of this channel", slash_channels.topic),
    SlashCommand("rename", "name", "Change the name of this channel", slash_channels.rename),
    SlashCommand("invite", "[@people]", "Add people to this channel, or make a link", slash_people.invite),
    SlashCommand("mute", "[@person time reason]", "Mute this channel, or a person for a time", slash_people.mute),
    SlashCommand("unmute", "[@person]", "Undo muting", slash_people.unmute),
    SlashCommand("notify", "all, mentions or nothing", "What is told of this channel", slash_channels.notify),
    SlashCommand("read", "", "Mark this channel as read", _here("channel.read")),
    SlashCommand("dm", "@person [text]", "Write to somebody in a direct channel", slash_people.write),
    SlashCommand("me", "text", "Say what you are doing", slash_people.me),
    SlashCommand("nick", "[name]", "Change the name that others see", slash_people.nick),
    SlashCommand("status", "[text]", "Say how you are; without a text, say nothing", slash_people.status),
    SlashCommand("kick", "@person [reason]", "Remove somebody, who may come back", slash_people.kick),
    SlashCommand("ban", "@person [reason]", "Remove somebody for good", slash_people.ban),
    SlashCommand("unban", "[@person]", "Lift a ban", slash_people.unban),
    SlashCommand("remove", "@person", "Remove somebody from this channel", slash_people.remove),
    SlashCommand("role", "@person admin or member", "Make an admin of somebody, or not any more", slash_people.role),
    SlashCommand("search", "[words]", "Search messages", slash_channels.search),
    SlashCommand("goto", "[#channel or link]", "Go somewhere", slash_channels.go_to),
    SlashCommand("edit", "", "Change your last message", slash_channels.edit_last),
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
