"""Members of a community: listed, looked up, leaving and removed."""

from __future__ import annotations

from asnity_server.api.storage.paging import page_of
from asnity_server.db.transaction import ReadTx, Row, WriteTx
from asnity_server.protocol import requests, responses
from asnity_server.protocol.errors import Invalid
from asnity_server.protocol.limits import IDS

from .access import Caller, authorize_in_community
from .membership import leave_community
from .moderation import ban, clean_reason, kick, require_another_owner
from .storage import row_mapping

BY_NAME = f"{row_mapping.MEMBER}, u.username_key"


def by_name(row: Row) -> str:
    """Return the sort key of a row of `BY_NAME`."""
    key: str = row[8]
    return key


def list_members(view: ReadTx, caller: Caller, request: requests.OfCommunityPage) -> responses.Members:
    """A community's members, by name."""
    authorize_in_community(view, "see-community", caller, request.community_id)
    found = view.all(
        f"SELECT {BY_NAME} FROM memberships m JOIN users u ON u.id = m.user_id"
        " WHERE m.community_id = ? AND u.username_key > ? ORDER BY u.username_key LIMIT ?",
        (request.community_id, request.cursor or "", request.limit + 1),
    )
    told, cursor = page_of(found, request.limit, by_name)
    return responses.Members(members=tuple(row_mapping.member(row, view.now) for row in told), cursor=cursor)


def find_users(view: ReadTx, caller: Caller, request: requests.UsersById) -> responses.UsersFound:
    """People by their ids: members, and those who left but are still named by what they wrote."""
    authorize_in_community(view, "see-community", caller, request.community_id)
    ids = [each for each in request.ids.split(",") if each]
    if len(ids) > IDS:
        raise Invalid(f"At most {IDS} people per request.", field="ids")
    users = row_mapping.users_by_id(view, caller.user_id, request.community_id, ids)
    former = {each for (each,) in view.all(_FORMER, (request.community_id, row_mapping.json_list(list(users))))}
    return responses.UsersFound(users={key: each for key, each in users.items() if not each.former or key in former})


_FORMER = "SELECT user_id FROM former_members WHERE community_id = ? AND user_id IN (SELECT value FROM json_each(?))"


def remove_member(tx: WriteTx, caller: Caller, request: requests.RemoveMember) -> None:
    """Leave, kick a member, or ban one."""
    target = caller.user_id if request.user_id == "me" else request.user_id
    reason = clean_reason(request.reason)
    if target != caller.user_id:
        (ban if request.ban else kick)(tx, caller, request.community_id, target, reason)
        return
    standing = authorize_in_community(tx, "leave-community", caller, request.community_id)
    if request.ban:
        raise Invalid("You can't ban yourself.", field="ban")
    assert standing.role is not None, "who may leave is a member"
    require_another_owner(tx, request.community_id, standing.role)
    leave_community(tx, request.community_id, target, "left")
