"""Members as the model server tells them."""

from __future__ import annotations

from asnity_server.protocol import text, times
from asnity_server.protocol.models import Member

from .model import CommunityRecord
from .world import World


def as_member(world: World, community: CommunityRecord, user_id: str) -> Member:
    membership = community.members[user_id]
    return Member(
        user=world.accounts[user_id].as_user(), role=membership.role, joined_at=times.to_wire(membership.joined_at)
    )


def by_name(member: Member) -> str:
    """What lists of people are sorted by."""
    return text.name_key(member.user.username)
