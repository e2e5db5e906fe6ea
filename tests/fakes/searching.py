"""How the model server searches: it looks at everything, with the rule by which texts are found."""

from __future__ import annotations

from asnity_server.api.search.search_terms import asked
from asnity_server.protocol import requests, responses, times
from asnity_server.protocol.errors import AsnityError, NotFound
from asnity_server.protocol.ids import community_of
from asnity_server.protocol.models import Message

from . import messages
from .model import Account
from .paging import paged
from .world import World


def search(world: World, account: Account, request: requests.Search) -> responses.SearchResults:
    filters = (request.community_id, request.channel_id, request.sender_id, request.before, request.after)
    query = asked(request.q, filtered=any(each is not None for each in filters))
    before = None if request.before is None else times.from_wire(request.before, field="before")
    after = None if request.after is None else times.from_wire(request.after, field="after")
    if request.community_id is not None:
        world.community(account, request.community_id)
    if request.channel_id is not None:
        world.visible(account, request.channel_id)
        if request.community_id not in (None, community_of(request.channel_id)):
            raise NotFound("There is no such channel.")

    def fits(message: Message) -> bool:
        moment = times.from_wire(message.created_at)
        return (
            message.type == "TEXT"
            and message.deleted_at is None
            and request.community_id in (None, message.community_id)
            and request.channel_id in (None, message.channel_id)
            and request.sender_id in (None, message.sender_id)
            and (before is None or moment < before)
            and (after is None or moment >= after)
            and query.matches(message.content)
            and _readable(world, account, message.channel_id)
        )

    existing = ((world.channels.get(channel_id), chat_id) for channel_id, chat_id in reversed(world.written))
    written = (channel.messages[chat_id - 1] for channel, chat_id in existing if channel is not None)
    told, cursor = paged([each for each in written if fits(each)], request)
    hits = tuple(
        responses.SearchHit(
            message=each,
            channel=world.channels[each.channel_id].as_channel(),
            snippet=query.snippet(each.content),
        )
        for each in told
    )
    users = world.users(account, request.community_id, messages.named(list(told)))
    return responses.SearchResults(results=hits, users=users, cursor=cursor)


def _readable(world: World, account: Account, channel_id: str) -> bool:
    try:
        world.visible(account, channel_id)
    except AsnityError:
        return False
    return True
