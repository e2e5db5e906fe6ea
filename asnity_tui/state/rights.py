"""My rights in communities and channels by the rules of the server, so that nothing is offered that it refuses."""

from __future__ import annotations

import msgspec
from msgspec import UnsetType

from asnity_server.protocol.models import Channel, Community, Invite, Member, Message, Role

from .community import CommunityState
from .store import Store

RANK: dict[Role, int] = {"member": 1, "admin": 2, "owner": 3}

CROWD = 50
"""People in a channel beyond which writing to `@channel` takes an admin (the server's rule)."""


class Rights(msgspec.Struct, frozen=True):
    """My rights in a community and, where it is asked about, in one of its channels.

    The server decides; this only spares people from trying. What depends on a channel is never allowed without one.
    """

    me: str
    role: Role
    community: Community | None
    """None: I am not in it, and may nothing."""
    channel: Channel | None = None
    """One of my channels."""
    general: bool = False
    """It is the one that everybody is in."""
    muted_until: int = 0
    """Until when I may read but not write, in milliseconds since 1970; 0: I may write."""

    # In the community

    @property
    def may_invite(self) -> bool:
        """Put people of the community into this channel."""
        return self._live and self._named and not self.muted_until

    @property
    def may_make_invites(self) -> bool:
        """Make links that let people into the community."""
        by_members = self.community is not None and self.community.invites_by == "members"
        return not self.muted_until and (by_members or self._is_admin) and self.community is not None

    def may_withdraw(self, invite: Invite) -> bool:
        """Make an invite useless."""
        return self.community is not None and (invite.creator_id == self.me or self._is_admin)

    @property
    def may_see_audit(self) -> bool:
        """See who did what to whom."""
        return self._is_admin

    @property
    def may_lift_bans(self) -> bool:
        """See who is banned, and lift it."""
        return self._is_admin

    @property
    def may_change_community(self) -> bool:
        """Change its name, its description, who may invite."""
        return self._is_owner

    @property
    def may_delete_community(self) -> bool:
        """Delete permanently."""
        return self._is_owner

    @property
    def may_create_channel(self) -> bool:
        """Make a channel."""
        return self.community is not None and not self.muted_until

    # With a member, or (None) with some members

    def may_moderate(self, member: Member | None = None) -> bool:
        """Mute, kick and ban those below me."""
        return self._is_admin and self._is_above(member)

    def may_set_role(self, member: Member | None = None) -> bool:
        """Make admins of members, or the other way round."""
        return self._is_owner and self._is_above(member)

    def may_hand_over(self, member: Member | None = None) -> bool:
        """Make a member the owner, and step down."""
        return self._is_owner and (member is None or (member.user.id != self.me and member.role != "owner"))

    def may_remove(self, member: Member | None = None) -> bool:
        """Remove those below me from this channel."""
        return self._is_admin and self._named and not self.general and self._is_above(member)

    # In the channel

    @property
    def may_post(self) -> bool:
        """Write."""
        return self._live and not self.muted_until

    @property
    def may_react(self) -> bool:
        """Put emoji under messages."""
        return self._live and not self.muted_until

    @property
    def may_pin(self) -> bool:
        """Pin and unpin messages."""
        return self._live and self._is_admin

    def may_edit(self, message: Message) -> bool:
        """Give a message new text."""
        return self.may_post and message.sender_id == self.me and _is_text(message)

    def may_delete(self, message: Message) -> bool:
        """Delete a message for ever."""
        return self._live and (message.sender_id == self.me or self._is_admin) and _is_text(message)

    def may_mention_all(self, people: int) -> bool:
        """Write to `@channel` where so many people are."""
        return self.may_post and (people <= CROWD or self._is_admin)

    @property
    def may_change_channel(self) -> bool:
        """Change its name and topic."""
        return self._is_admin and self._named

    @property
    def may_archive(self) -> bool:
        """Make it read-only, or end that."""
        return self._is_admin and self._named and not self.general

    @property
    def may_delete_channel(self) -> bool:
        """Delete it with everything in it."""
        return self._is_admin and self._named and not self.general

    @property
    def may_leave_channel(self) -> bool:
        """Leave it, so that messages there don't reach me any more; of a direct channel of two, that is closing it."""
        return self.channel is not None and not self.general

    @property
    def may_close_direct(self) -> bool:
        """Close it, until the next message."""
        return self.channel is not None and not self._named

    @property
    def leaving_closes(self) -> bool:
        """Nobody leaves a direct channel of two."""
        members = () if self.channel is None or isinstance(self.channel.members, UnsetType) else self.channel.members
        return self.may_close_direct and len(members) <= 2

    # What these rest on

    @property
    def _is_admin(self) -> bool:
        return self.community is not None and RANK[self.role] >= RANK["admin"]

    @property
    def _is_owner(self) -> bool:
        return self.community is not None and self.role == "owner"

    @property
    def _named(self) -> bool:
        return self.channel is not None and self.channel.kind != "direct"

    @property
    def _live(self) -> bool:
        return self.channel is not None and not self.channel.archived

    def _is_above(self, member: Member | None) -> bool:
        return member is None or RANK[self.role] > RANK[member.role]


def rights_in(store: Store, community_id: str, now: int) -> Rights:
    """My rights in a community at `now` (milliseconds since 1970)."""
    community = store.communities.get(community_id)
    if community is None:
        return Rights(me=store.my_id, role="member", community=None)
    return Rights(me=store.my_id, role=community.role, community=community.community, muted_until=_mute(community, now))


def rights_at(store: Store, channel_id: str, now: int) -> Rights:
    """My rights in a channel, and in its community; in one that isn't mine, none that need a channel."""
    state = store.channel(channel_id)
    if state is None:
        return Rights(me=store.my_id, role="member", community=None)
    community = store.communities[state.channel.community_id]
    return Rights(
        me=store.my_id,
        role=community.role,
        community=community.community,
        channel=state.channel,
        general=state.id == general_of(community),
        muted_until=_mute(community, now),
    )


def general_of(community: CommunityState) -> str | None:
    """The channel that a community was made with and that everybody is in; it may have another name by now."""
    first = [
        each.channel
        for each in community.channels.values()
        if each.channel.kind == "public" and each.channel.created_at == community.community.created_at
    ]
    first.sort(key=lambda each: each.name != "general")
    return first[0].id if first else None


def _mute(community: CommunityState, now: int) -> int:
    return community.muted_until if community.muted_until > now else 0


def _is_text(message: Message) -> bool:
    return message.type == "TEXT" and message.deleted_at is None
