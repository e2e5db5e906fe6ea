"""Slash commands about channels and ways to them."""

from __future__ import annotations

from typing import get_args

from asnity_server.protocol.text import name_key
from asnity_tui.screens.chat.screen import ChatScreen
from asnity_tui.state.notification_levels import NotificationLevel

from .arguments import UsageError, channel_here
from .old_channel_entries import tell_topic


async def topic(screen: ChatScreen, rest: str) -> None:
    """Give the open channel a topic; without a text, show the one it has."""
    channel = channel_here(screen)
    if rest:
        await screen.session.channels.change(channel.id, topic=rest)
    else:
        await tell_topic(screen, channel)


async def notify(screen: ChatScreen, rest: str) -> None:
    """What is told of the open channel."""
    channel = channel_here(screen)
    level = next((each for each in get_args(NotificationLevel) if each == rest.casefold()), None)
    if level is None:
        raise UsageError("Usage: /notify all, /notify mentions or /notify nothing")
    screen.session.preferences.set_level(channel.id, level)
    screen.notify(f"Notifications here: {level if level != 'all' else 'everything'}.", timeout=3, markup=False)


async def search(screen: ChatScreen, rest: str) -> None:
    """Look for words."""
    screen.run_flow(screen.lookup.search(rest))


async def go_to(screen: ChatScreen, rest: str) -> None:
    """To a message by its link, to a channel of mine by its name; without a word, the quick switch."""
    if not rest:
        screen.action_go_to()
        return
    place = screen.lookup.place_of(rest)
    if place is not None:
        screen.navigation.go_to(place.channel_id, at=place.message_id)
        return
    key = name_key(rest.removeprefix("#"))
    store = screen.session.store
    here = [screen.navigation.community] if screen.navigation.community is not None else []
    for community in (*here, *store.communities.values()):
        for channel in community.channels.values():
            if name_key(store.title_of(channel)) == key:
                screen.navigation.go_to(channel.id)
                return
    raise UsageError(f"You aren't in a channel called {rest.removeprefix('#')}.")
