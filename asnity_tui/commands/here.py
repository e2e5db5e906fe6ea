"""What menus have for the channel and the community on the screen, as commands."""

from __future__ import annotations

from asnity_tui.screens.chat.screen import ChatScreen
from asnity_tui.screens.dialogs.menu import About, MenuEntry
from asnity_tui.state.rights import rights_at, rights_in

from .bridge import context_of
from .menus import MENUS
from .registry import BY_ID


def about_here(screen: ChatScreen) -> About | None:
    """The open channel and its community; None where there is no community yet."""
    community_id = screen.navigation.community_id
    if community_id is None:
        return None
    store, now, channel_id = screen.session.store, screen.conversation.now(), screen.conversation.channel_id
    channel = store.channel(channel_id) if channel_id is not None else None
    rights = rights_at(store, channel.id, now) if channel is not None else rights_in(store, community_id, now)
    return About(screen=screen, rights=rights, community_id=community_id, channel=channel)


def _entry(id: str) -> MenuEntry:
    return next(each for each in MENUS if each.id == id)


def may_here(about: About | None, id: str) -> bool:
    """Whether I may do what an entry does, where I am."""
    if id in BY_ID:
        return about is not None and BY_ID[id].available(context_of(about)) is None
    return about is not None and _entry(id).may(about)


async def do_here(screen: ChatScreen, id: str) -> None:
    """Do what an entry does, where I am."""
    if id in BY_ID:
        await screen.commands.do(BY_ID[id], screen.commands.written_context())
        return
    about = about_here(screen)
    if about is not None and _entry(id).may(about):
        await _entry(id).do(about)
    else:
        screen.notify("You can't do this here.", severity="warning", timeout=3, markup=False)
