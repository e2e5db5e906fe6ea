"""Slash commands about channels and ways to them."""

from __future__ import annotations

from typing import get_args

from asnity_server.protocol.errors import NotFound
from asnity_server.protocol.text import name_key
from asnity_tui.screens.chat.screen import ChatScreen
from asnity_tui.state.notification_levels import NotificationLevel

from .arguments import UsageError, channel_here, community_here, split_first
from .channels import tell_topic
from .here import about_here, do_here
from .places_dialogs import Places, require_here


async def join(screen: ChatScreen, rest: str) -> None:
    """A channel by its name, a community by its invite; without a word, a list."""
    word = rest.strip()
    if not word:
        screen.action_place("browse")
    elif "/" in word:
        try:
            joined = await screen.session.accept_invite(word)
        except NotFound:
            require_here(word, screen.server)
            raise
        state = screen.session.store.communities.get(joined.id)
        if state is not None and state.channels:
            screen.navigation.go_to(next(iter(state.channels)))
    else:
        await _join_channel(screen, word)


async def _join_channel(screen: ChatScreen, word: str) -> None:
    key = name_key(word.removeprefix("#"))
    community = community_here(screen)
    answer = await screen.session.browse_channels(community.id)
    while True:
        found = next((each for each in answer.channels if name_key(each.name) == key and each.kind != "direct"), None)
        if found is not None or not isinstance(answer.cursor, str):
            break
        answer = await screen.session.browse_channels(community.id, answer.cursor)
    if found is None:
        name = word.removeprefix("#")
        raise UsageError(f"There is no channel #{name} to join. Create it with /create {name}.")
    if screen.session.store.channel(found.id) is None:
        await screen.session.join_channel(found.id)
    screen.navigation.go_to(found.id)


async def leave(screen: ChatScreen, rest: str) -> None:
    """Leave a channel of this community, the open one without a name; asks first."""
    here, word = channel_here(screen), rest.partition(" ")[0]
    key = name_key(word.removeprefix("#"))
    channels = community_here(screen).channels.values()
    found = next((each for each in channels if key and name_key(each.channel.name) == key), None)
    if found is not None and found is not here:
        await Places(screen).leave_channel(found)
    elif found is None and word.startswith("#"):
        raise UsageError(f"You aren't in a channel called {word}.")
    else:  # anything else is why one leaves, as IRC has it
        about = about_here(screen)
        closes = about is not None and about.rights.leaving_closes
        await do_here(screen, "channel.close" if closes else "channel.leave")


async def create(screen: ChatScreen, rest: str) -> None:
    """A public channel; without a name, a form."""
    if not rest:
        screen.action_place("create-channel")
        return
    made = await screen.session.create_channel(community_here(screen).id, rest.removeprefix("#"))
    screen.navigation.go_to(made.id)


async def topic(screen: ChatScreen, rest: str) -> None:
    """Give the open channel a topic; without a text, show the one it has."""
    channel = channel_here(screen)
    if rest:
        await screen.session.places.change_channel(channel.id, topic=rest)
    else:
        await tell_topic(screen, channel)


async def rename(screen: ChatScreen, rest: str) -> None:
    """Give the open channel another name."""
    name, _ = split_first(rest, "/rename name")
    await screen.session.places.change_channel(channel_here(screen).id, name=name.removeprefix("#"))


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
