"""Finds the people that a sent message mentions and who don't read it."""

from __future__ import annotations

from collections.abc import Awaitable

from asnity_server.protocol import ids, limits, requests, routes
from asnity_server.protocol.markup import mention_runs
from asnity_server.protocol.mentions import resolve_name
from asnity_server.protocol.models import Member, Message, User
from asnity_server.protocol.responses import ChannelMembers, Members
from asnity_server.protocol.text import EVERYONE, name_key
from asnity_tui.client.resources.paging import Pages
from asnity_tui.client.transport.client import REQUEST_ERRORS, ChatClient
from asnity_tui.widgets.text.safe_text import harmless_line

LOOKED_THROUGH_MAX = 2_000
"""Members who are looked through at most, for something that is only said beside."""


async def told_of(client: ChatClient, message: Message, *, to_person: bool) -> tuple[str, ...]:
    """Word the same harmlessly; nothing where the server doesn't answer: the message went out, which is what counts."""
    try:
        return tuple(map(harmless_line, await missed(client, message, to_person=to_person)))
    except REQUEST_ERRORS:
        return ()


async def missed(client: ChatClient, message: Message, *, to_person: bool) -> tuple[str, ...]:
    """Word who is mentioned, or written to directly, and doesn't read it; mostly nobody.

    Raises as `ChatClient.call` does.
    """
    runs = dict.fromkeys(mention_runs(message.content))
    called = [run for run in runs if (each := resolve_name(run, ())) is None or each.key != EVERYONE]
    if not to_person and not called:
        return ()
    inside = {each.user.id: each.user for each in await _in_channel(client, message.channel_id)}
    told = []
    if to_person:
        others = [each for each in inside.values() if each.id != message.sender_id]
        told += [f"{_name(each)} can't read this: account disabled." for each in others if each.disabled]
        told += [] if others else ["No one else can read this."]
    names = {name_key(each.username): each for each in inside.values()}
    if any(resolve_name(run, names) is None for run in called):
        members = await _in_community(client, ids.community_of(message.channel_id))
        names = {name_key(each.user.username): each.user for each in members} | names
    for run in called:
        found = resolve_name(run, names)
        user = names.get(found.key) if found is not None else None
        if user is not None and user.disabled:
            told.append(f"{_name(user)} can't read this: account disabled.")
        elif user is not None and user.id not in inside:
            told.append(f"{_name(user)} isn't in this channel, and isn't notified.")
    return tuple(dict.fromkeys(told))


def _name(user: User) -> str:
    return f"@{user.username}"


async def _in_channel(client: ChatClient, channel_id: str) -> list[Member]:
    def fetch(cursor: str | None) -> Awaitable[ChannelMembers]:
        asked = requests.OfChannelPage(channel_id=channel_id, limit=limits.PAGE_MAX, cursor=cursor)
        return client.call(routes.CHANNEL_MEMBERS, asked)

    return await Pages(fetch).entries(lambda page: page.members, at_most=LOOKED_THROUGH_MAX)


async def _in_community(client: ChatClient, community_id: str) -> list[Member]:
    def fetch(cursor: str | None) -> Awaitable[Members]:
        asked = requests.OfCommunityPage(community_id=community_id, limit=limits.PAGE_MAX, cursor=cursor)
        return client.call(routes.MEMBERS, asked)

    return await Pages(fetch).entries(lambda page: page.members, at_most=LOOKED_THROUGH_MAX)
