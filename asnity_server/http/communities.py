"""HTTP operations on communities and their members."""

from __future__ import annotations

from collections.abc import Iterator

from asnity_server.api import audit, communities, members, moderation, overview
from asnity_server.api.service import Api
from asnity_server.protocol import routes

from .operations import Operation, change, change_in_slices, query


def operations(api: Api) -> Iterator[Operation]:
    """Routes under `/api/communities`, but for invites and channels."""
    yield query(api, routes.COMMUNITIES, communities.list_communities)
    yield change(api, routes.CREATE_COMMUNITY, communities.create_community)
    yield query(api, routes.COMMUNITY, communities.get_community)
    yield change(api, routes.PATCH_COMMUNITY, communities.patch_community)
    yield change_in_slices(api, routes.DELETE_COMMUNITY, communities.delete_community, api.deferred_deletes)
    yield query(api, routes.COMMUNITY_OVERVIEW, overview.get_community_overview)
    yield query(api, routes.MEMBERS, members.list_members)
    yield change(api, routes.PATCH_MEMBER, moderation.patch_member)
    yield change_in_slices(api, routes.REMOVE_MEMBER, members.remove_member, api.direct_list_tasks)
    yield query(api, routes.BANS, moderation.list_bans)
    yield change(api, routes.LIFT_BAN, moderation.lift_ban)
    yield query(api, routes.AUDIT, audit.list_audit)
    yield query(api, routes.USERS, members.find_users)
