"""Channels and people that `#general` and `@bob` name on the command line."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence

import click

from asnity_server.protocol import limits, requests, routes
from asnity_server.protocol.models import User
from asnity_server.protocol.responses import Members
from asnity_server.protocol.text import name_key
from asnity_tui.client.resources.paging import Pages
from asnity_tui.client.transport.client import ChatClient
from asnity_tui.state.channel import ChannelState
from asnity_tui.state.completion import search_query
from asnity_tui.state.completion.search_query import QueryError, QueryFilter
from asnity_tui.state.store import Store

from .outcome import CommandRefused


class TargetNotFound(Exception):
    """No such channel or person is known here, or several are; the text is a sentence for a person."""

    def __init__(self, sentence: str, *, several: bool = False) -> None:
        super().__init__(sentence)
        self.several = several


def check_target(place: str) -> str:
    """Check that a place can be one, and return it. Raises `click.UsageError`."""
    place = place.strip()
    if len(place) < 2 or place[0] not in "#@":
        raise click.UsageError('A place is a channel ("#general") or a person ("@bob"); shells want # in quotes.')
    return place


def find_community(store: Store, name: str | None) -> str | None:
    """Find the community that is named, by its name or the beginning of it; its id. Raises `TargetNotFound`."""
    if name is None:
        return None
    try:
        return search_query.community_of(store, QueryFilter("community", name, 0, 0)).id
    except QueryError as error:
        raise TargetNotFound(error.sentence, several=error.several) from None


def find_channel(store: Store, place: str, community: str | None) -> ChannelState:
    """Find one of my channels, or the direct channel with a person. Raises `TargetNotFound`."""
    within = find_community(store, community)
    try:
        return search_query.channel_of(store, QueryFilter("in", place, 0, 0), within=within, here=None)
    except QueryError as error:
        sentence = error.sentence.replace("Add the community.", "Give it with --community.")
        raise TargetNotFound(sentence, several=error.several) from None


def find_channels(store: Store, places: Sequence[str], community: str | None) -> frozenset[str] | None:
    """Find the channels that these places name; without any all of a community, or (None) of all.

    Raises `CommandRefused`.
    """
    try:
        within = find_community(store, community)
        if places:
            return frozenset(find_channel(store, each, community).id for each in places)
    except TargetNotFound as error:
        raise CommandRefused(str(error)) from None
    return None if within is None else frozenset(store.communities[within].channels)


async def open_direct(client: ChatClient, store: Store, place: str, community: str | None) -> str:
    """Open the direct channel with a person, who may be new to me; its id.

    Raises `TargetNotFound`, or as `ChatClient.call` does.
    """
    within = find_community(store, community)
    wanted = name_key(place.removeprefix("@"))
    for community_id in store.communities:
        if within in (None, community_id):
            person = await _member(client, community_id, wanted)
            if person is not None:
                request = requests.OpenDirect(community_id=community_id, user_ids=(person.id,))
                return (await client.call(routes.OPEN_DIRECT, request)).id
    raise TargetNotFound(f"There is no {place} in your communities.")


async def _member(client: ChatClient, community_id: str, wanted: str) -> User | None:
    def fetch(cursor: str | None) -> Awaitable[Members]:
        request = requests.OfCommunityPage(community_id=community_id, limit=limits.PAGE_MAX, cursor=cursor)
        return client.call(routes.MEMBERS, request)

    async for page in Pages(fetch):
        for member in page.members:
            if name_key(member.user.username) == wanted:
                return member.user
        if not page.members:
            break
    return None
