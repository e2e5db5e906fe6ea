"""HTTP operations on channels and their members."""

from __future__ import annotations

from collections.abc import Iterator

from asnity_server.api import channels, direct_channels, overview
from asnity_server.api.service import Api
from asnity_server.protocol import routes

from .operations import Operation, change, change_in_slices, query


def operations(api: Api) -> Iterator[Operation]:
    """Routes under `/api/communities/{id}/channels` and `/api/channels`, but for messages."""
    yield query(api, routes.CHANNELS, channels.list_channels)
    yield change(api, routes.CREATE_CHANNEL, channels.create_channel)
    yield change(api, routes.OPEN_DIRECT, direct_channels.open_direct)
    yield query(api, routes.CHANNEL, channels.get_channel)
    yield change(api, routes.PATCH_CHANNEL, channels.patch_channel)
    yield change_in_slices(api, routes.DELETE_CHANNEL, channels.delete_channel, api.deferred_deletes)
    yield query(api, routes.CHANNEL_MEMBERS, channels.list_members)
    yield change(api, routes.ADD_CHANNEL_MEMBER, channels.add_member)
    yield change(api, routes.REMOVE_CHANNEL_MEMBER, channels.remove_member)
    yield change(api, routes.PATCH_CHANNEL_ME, overview.patch_channel_me)
