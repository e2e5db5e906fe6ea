"""Everything that can be done on the chat screen, to choose from: commands, menus, keys of messages, slash commands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from textual.app import App
from textual.binding import Binding

from asnity_tui.screens.chat.screen import ChatScreen
from asnity_tui.screens.dialogs.menu import About
from asnity_tui.screens.dialogs.picker import Picker
from asnity_tui.screens.help import all_keys
from asnity_tui.state.rows import Row
from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.styles import spans
from asnity_tui.widgets.timeline.view import TimelineView

from .command import Command
from .here import about_here, may_here
from .keys_in_force import shown
from .menus import MENUS
from .messages import MAY
from .old_registry import COMMANDS
from .registry import REGISTRY
from .slash_commands import SLASH_COMMANDS
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
"""What one looks for among settings, in this order."""


@dataclass(frozen=True, slots=True)
class Doing:
    """Something that can be done."""

    option: Option
    do: Callable[[], Awaitable[object]]


def doings(screen: ChatScreen) -> list[Doing]:
    """What I may do where I am, with the channel, its community, and the message under the cursor."""
    keys = {each.id: shown(each.keys[0]) for each in all_keys(screen.keys) if each.keys}
    about = about_here(screen)
    return [
        *_commands(screen, about, keys),
        *_registered(screen, keys),
        *_messages(screen, about, keys),
        *_menus(about, {*(each.id for each in COMMANDS), *(each.id for each in REGISTRY)}),
        *_written(screen, about),
    ]


def _commands(screen: ChatScreen, about: About | None, keys: dict[str, str]) -> Iterable[Doing]:
    for each in COMMANDS:
        if not each.in_menu or may_here(about, each.id):
            option = _option(each.id, each.title, each.help, keys.get(each.id, ""))
            yield Doing(option, _action(screen, each.action))


def _registered(screen: ChatScreen, keys: dict[str, str]) -> Iterable[Doing]:
    ctx, old = screen.commands.context(), {each.id for each in COMMANDS}
    for each in REGISTRY:
        if each.palette and each.id not in old and each.available(ctx) is None:
            yield Doing(_option(each.id, each.title_for(ctx), each.help, keys.get(each.id, "")), _start(screen, each))


def _start(screen: ChatScreen, command: Command) -> Callable[[], Awaitable[object]]:
    async def do() -> None:
        screen.commands.start(command, screen.commands.context())

    return do


def _action(screen: ChatScreen, action: str) -> Callable[[], Awaitable[object]]:
    return lambda: screen.app.run_action(action, screen)


def _messages(screen: ChatScreen, about: About | None, keys: dict[str, str]) -> Iterable[Doing]:
    """What keys do with a message: all of them while none is under the cursor."""
    view = screen.conversation.view
    row = view.current if isinstance(view.current, Row) else None
    for each in TimelineView.BINDINGS:
        if not isinstance(each, Binding) or not each.id or not each.id.startswith("message.") or about is None:
            continue
        meant = About(
            screen=screen, rights=about.rights, community_id=about.community_id, channel=about.channel, row=row
        )
        may = MAY.get(each.id)
        if (row is None or may is None or may(meant)) and (each.id != "message.pin" or about.rights.may_pin):
            option = _option(each.id, f"Message: {each.description}", each.tooltip, keys.get(each.id, ""))
            yield Doing(option, _key(screen, each.action))


def _key(screen: ChatScreen, action: str) -> Callable[[], Awaitable[object]]:
    return lambda: screen.app.run_action(action, screen.conversation.view)


def _menus(about: About | None, known: set[str]) -> Iterable[Doing]:
    """What stands in the menus of the open channel and its community alone."""
    if about is None:
        return
    kinds = {"community": "Community", **({"channel": "Channel"} if about.channel is not None else {})}
    for each in MENUS:
        if each.kind in kinds and each.id not in known and each.may(about):
            title = each.title(about)
            title = title if ":" in title else f"{kinds[each.kind]}: {title}"
            option = _option(each.id, title, each.help, each.key)
            yield Doing(option, _entry(each.do, about))


def _entry(do: Callable[[About], Awaitable[None]], about: About) -> Callable[[], Awaitable[object]]:
    return lambda: do(about)


def _written(screen: ChatScreen, about: About | None) -> Iterable[Doing]:
    """Slash commands that take words: the composer begins with one, unless something is being written there."""
    if screen.conversation.composer.text:
        return
    for each in SLASH_COMMANDS:
        if each.usage and each.may(about):
            also = " ".join((*each.aliases, each.keywords))
            option = Option(
                f"/{each.name}",
                spans((f"/{each.name} {each.usage}", "plain"), (f"  {each.help}", "faint")),
                also=also,
            )
            yield Doing(option, _begin(screen, each.name))


def _begin(screen: ChatScreen, name: str) -> Callable[[], Awaitable[object]]:
    async def do() -> None:
        composer = screen.conversation.composer
        composer.put(f"/{name} ")
        composer.focus()

    return do


def _option(id: str, title: str, help: str, key: str) -> Option:
    return Option(id, spans((title, "plain"), (f"  {help}", "faint")), spans((key, "accent")), also=synonyms_of(id))


async def choose(app: App[None], title: str, found: Sequence[Doing]) -> None:
    """Ask what to do, and do it."""
    chosen = await app.push_screen_wait(Picker(title, [each.option for each in found]))
    for each in found:
        if each.option.key == chosen:
            await each.do()


async def choose_setting(screen: ChatScreen) -> None:
    """Everything that one looks for among settings."""
    known = {each.option.key: each for each in doings(screen)}
    await choose(screen.app, "Settings", [known[id] for id in SETTINGS if id in known])


def theme_options(themes: Iterable[str], current: str) -> list[Option]:
    """Themes to choose from, our own first."""
    ordered = sorted(themes, key=lambda name: (not name.startswith("asnity"), name))
    return [
        Option(each, spans((each, "plain")), spans(("now" if each == current else "", "faint"))) for each in ordered
    ]


async def choose_theme(app: App[None]) -> None:
    """Ask for the colours."""
    theme = await app.push_screen_wait(Picker("Theme", theme_options(app.available_themes, app.theme)))
    app.theme = theme or app.theme
