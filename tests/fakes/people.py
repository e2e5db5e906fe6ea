"""Members as the model server tells them."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from asnity_server.protocol import text, times
from asnity_server.protocol.errors import Forbidden, NotFound
from asnity_server.protocol.models import Member, Role

from .model import Account, CommunityRecord
from .world import World


def as_member(world: World, community: CommunityRecord, user_id: str) -> Member:
    membership = community.members[user_id]
    return Member(
        user=world.accounts[user_id].as_user(),
        role=membership.role,
        joined_at=times.to_wire(membership.joined_at),
        muted_until=told_mute(world, community, user_id),
    )


def told_mute(world: World, community: CommunityRecord, user_id: str) -> str | UnsetType:
    until = world.muted_until(community, user_id)
    return UNSET if until is None else times.to_wire(until)


RANK: dict[Role, int] = {"member": 1, "admin": 2, "owner": 3}


def require_above(community: CommunityRecord, account: Account, target: Account | None) -> Account:
    """The member that is meant. Raises what is answered to somebody who isn't an admin above them."""
    rank = RANK[community.members[account.id].role]
    if rank < RANK["admin"]:
        raise Forbidden("Only admins may do this.")
    if target is None or target.id not in community.members:
        raise NotFound("There is no such member.")
    if rank <= RANK[community.members[target.id].role]:
        raise Forbidden("You can't do this to somebody of your own role or above.")
    return target


def by_name(member: Member) -> str:
    """What lists of people are sorted by."""
    return text.name_key(member.user.username)
