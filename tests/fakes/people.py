"""Members as the model server tells them."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import UNSET, UnsetType

from asnity_server.api.lookalikes import look_alike
from asnity_server.protocol import text, times
from asnity_server.protocol.errors import Conflict, Forbidden, NotFound
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
        raise Forbidden("Only admins can do this.")
    if target is None or target.id not in community.members:
        raise NotFound("Member not found.")
    if rank <= RANK[community.members[target.id].role]:
        raise Forbidden("You can't do this to someone with your role or a higher one.")
    return target


def by_name(member: Member) -> str:
    """The key that lists of people are sorted by."""
    return text.name_key(member.user.username)


def require_distinct(name: str, others: Iterable[str], *, field: str) -> None:
    """Raise `Conflict` where a name looks like another one. One by one, as a model may."""
    for other in others:
        if look_alike(name, other):
            raise Conflict(f'This looks like the name "{other}". Choose another one.', field=field)


def names_beside(world: World, account: Account, community_ids: Iterable[str]) -> list[str]:
    """The names of everybody else in some communities."""
    ids = {each for community_id in community_ids for each in world.communities[community_id].members} - {account.id}
    return [name for each in sorted(ids) for name in (world.accounts[each].username, world.accounts[each].display_name)]
