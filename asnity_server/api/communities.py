"""Communities: created, listed, changed and deleted."""

from __future__ import annotations

from asnity_server.api.storage.deferred_delete import mark_community_deleted
from asnity_server.bus import CommunityExited, CommunityUpdated
from asnity_server.db.transaction import ReadTx, WriteTx
from asnity_server.protocol import limits, requests, responses, text
from asnity_server.protocol.ids import new_channel_id, new_id
from asnity_server.protocol.models import Community

from .access import Caller, authorize_in_community
from .audit import record
from .membership import enter_community, load_community, require_room
from .storage import row_mapping

GENERAL = "general"
"""The name that the channel of everyone has at first."""


def list_communities(view: ReadTx, caller: Caller, request: requests.Empty) -> responses.Communities:
    """The caller's communities, in the order in which they were joined."""
    found = view.all(
        f"SELECT {row_mapping.COMMUNITY} FROM memberships m JOIN communities c ON c.id = m.community_id"
        " WHERE m.user_id = ? ORDER BY m.joined_at, c.id",
        (caller.user_id,),
    )
    return responses.Communities(communities=tuple(row_mapping.community(row) for row in found))


def get_community(view: ReadTx, caller: Caller, request: requests.OfCommunity) -> Community:
    """One of the caller's communities."""
    authorize_in_community(view, "see-community", caller, request.community_id)
    return load_community(view, request.community_id)


def create_community(tx: WriteTx, caller: Caller, request: requests.CreateCommunity) -> Community:
    """Make a community with its channel `general`, the caller as its owner."""
    name, description = _clean_name(request.name), _clean_description(request.description)
    require_room(tx, caller.user_id)
    community_id = new_id()
    tx.run(
        "INSERT INTO communities (id, name, description, created_at) VALUES (?, ?, ?, ?)",
        (community_id, name, description, tx.now),
    )
    tx.run(
        "INSERT INTO channels (id, community_id, kind, name, name_key, is_general, created_at)"
        " VALUES (?, ?, 'public', ?, ?, 1, ?)",
        (new_channel_id(community_id), community_id, GENERAL, text.name_key(GENERAL), tx.now),
    )
    enter_community(tx, community_id, caller.user_id, "owner")
    return load_community(tx, community_id)


def patch_community(tx: WriteTx, caller: Caller, request: requests.PatchCommunity) -> Community:
    """Change a community's settings; all its members are told."""
    authorize_in_community(tx, "change-community", caller, request.community_id)
    before = load_community(tx, request.community_id)
    name = before.name if request.name is None else _clean_name(request.name)
    description = before.description if request.description is None else _clean_description(request.description)
    invites_by = request.invites_by or before.invites_by
    if (name, description, invites_by) == (before.name, before.description, before.invites_by):
        return before
    tx.run(
        "UPDATE communities SET name = ?, description = ?, invites_by = ?, rev = rev + 1 WHERE id = ?",
        (name, description, invites_by, request.community_id),
    )
    record(tx, caller, "community-changed", request.community_id, detail=name)
    community = load_community(tx, request.community_id)
    tx.publish(CommunityUpdated(community))
    return community


def delete_community(tx: WriteTx, caller: Caller, request: requests.OfCommunity) -> None:
    """Delete a community with everything in it, for ever. Its rows are erased behind this."""
    authorize_in_community(tx, "delete-community", caller, request.community_id)
    members = tx.all("SELECT user_id FROM memberships WHERE community_id = ?", (request.community_id,))
    mark_community_deleted(tx, request.community_id)
    for (user_id,) in members:
        tx.publish(CommunityExited(user_id, request.community_id, "deleted"))


def _clean_name(name: str) -> str:
    return text.clean_line(name, field="name", longest=limits.COMMUNITY_NAME, shortest=1)


def _clean_description(description: str) -> str:
    return text.clean_line(description, field="description", longest=limits.DESCRIPTION)
