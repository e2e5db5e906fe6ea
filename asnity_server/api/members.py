"""Members of a community: listed, looked up, leaving, kicked."""

from __future__ import annotations

from asnity_server.db.work import Row, Tx, View
from asnity_server.protocol import answers, requests
from asnity_server.protocol.errors import Invalid, NotFound
from asnity_server.protocol.limits import IDS
from asnity_server.protocol.models import Member
from asnity_server.protocol.times import to_wire

from . import rows
from .membership import leave_community
from .paging import cut
from .permissions import last_owner
from .standing import Caller, in_community

MEMBER = f"{rows.USER}, m.role, m.joined_at, u.username_key"


def member(row: Row) -> Member:
    """A row of `MEMBER`."""
    return Member(user=rows.user(row), role=row[4], joined_at=to_wire(row[5]))


def by_name(row: Row) -> str:
    """What lists of people are sorted by, of a row of `MEMBER`."""
    key: str = row[6]
    return key


def list_members(view: View, caller: Caller, request: requests.OfCommunityPage) -> answers.Members:
    """A community's members, by name."""
    in_community(view, "see-community", caller, request.community_id)
    found = view.all(
        f"SELECT {MEMBER} FROM memberships m JOIN users u ON u.id = m.user_id"
        " WHERE m.community_id = ? AND u.username_key > ? ORDER BY u.username_key LIMIT ?",
        (request.community_id, request.cursor or "", request.limit + 1),
    )
    told, cursor = cut(found, request.limit, by_name)
    return answers.Members(members=tuple(member(row) for row in told), cursor=cursor)


def find_users(view: View, caller: Caller, request: requests.UsersById) -> answers.UsersFound:
    """People by their ids: members, and those who left but are still named by what they wrote."""
    in_community(view, "see-community", caller, request.community_id)
    ids = [each for each in request.ids.split(",") if each]
    if len(ids) > IDS:
        raise Invalid(f"At most {IDS} people can be asked for at once.", field="ids")
    users = rows.users_by_id(view, request.community_id, ids)
    former = {each for (each,) in view.all(_FORMER, (request.community_id, rows.json_list(list(users))))}
    return answers.UsersFound(users={key: each for key, each in users.items() if not each.former or key in former})


_FORMER = "SELECT user_id FROM former_members WHERE community_id = ? AND user_id IN (SELECT value FROM json_each(?))"


def remove_member(tx: Tx, caller: Caller, request: requests.RemoveMember) -> None:
    """Kick a member, or leave."""
    target = caller.user_id if request.user_id == "me" else request.user_id
    if target == caller.user_id:
        standing = in_community(tx, "leave-community", caller, request.community_id)
        owners = "SELECT count(*) FROM memberships WHERE community_id = ? AND role = 'owner'"
        assert standing.role is not None, "who may leave is a member"
        stuck = last_owner(tx.value(owners, (request.community_id,)), standing.role)
        if stuck is not None:
            raise stuck
        leave_community(tx, request.community_id, target, "left")
        return
    in_community(tx, "kick-member", caller, request.community_id, target=target)
    if request.ban:
        raise NotFound("There are no bans on this server yet.")
    # a link that the kicked person made would let them in again
    tx.run("DELETE FROM invites WHERE community_id = ? AND creator_id = ?", (request.community_id, target))
    leave_community(tx, request.community_id, target, "kicked")
