"""Menus: what may be done with a message, a member or a channel, to choose from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from asnity_server.protocol.models import Member
from asnity_tui.screens.chat.screen import ChatScreen
from asnity_tui.state.channel import ChannelState
from asnity_tui.state.rights import Rights
from asnity_tui.state.rows import Row
from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.styles import spans

from .picker import Picker

Kind: TypeAlias = Literal["message", "member", "channel", "community"]


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a menu is about, and on which screen it was asked for."""

    screen: ChatScreen
    rights: Rights
    """Mine in the channel, or where there is none, in the community."""
    community_id: str
    channel: ChannelState | None = None
    """The channel that it is about, or in which the message or the member was chosen."""
    member: Member | None = None
    row: Row | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuEntry:
    """Something that can be done; it is listed where `may` says so."""

    id: str
    kind: Kind
    title: Callable[[About], str]
    """Harmless words."""
    may: Callable[[About], bool]
    do: Callable[[About], Awaitable[None]]
    key: str = ""
    """The key that does it without the menu, as people write it."""
    help: str = ""


def entry(
    kind: Kind,
    id: str,
    title: str,
    do: Callable[[About], Awaitable[None]],
    *,
    may: Callable[[About], bool] = lambda about: True,
    key: str = "",
    help: str = "",
) -> MenuEntry:
    """An entry with a title that is always the same."""
    return MenuEntry(id=id, kind=kind, title=lambda about: title, may=may, do=do, key=key, help=help)


class Menu(Picker):
    """Answers the id of the chosen entry, or None."""

    def __init__(self, title: str, entries: tuple[MenuEntry, ...], about: About) -> None:
        options = [
            Option(
                each.id, spans((each.title(about), "plain"), (f"  {each.help}", "faint")), spans((each.key, "accent"))
            )
            for each in entries
        ]
        super().__init__(title, options, nothing="No actions available.")
