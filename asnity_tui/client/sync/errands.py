"""Communities, channels, people: what screens ask a session for most, under short names."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from asnity_server.protocol.models import Channel, Community, Invite, User
from asnity_server.protocol.responses import ChannelMembers, Channels, InvitePreview, Invites
from asnity_tui.client.resources.communities import Places

from .context import Context
from .preferences import Preferences
from .read_markers import ReadMarkers

if TYPE_CHECKING:
    from asnity_tui.client.resources.account import AccountApi
    from asnity_tui.client.resources.moderation import ModerationApi
    from asnity_tui.client.resources.reactions import ReactionsApi
    from asnity_tui.client.resources.search import MessageSearch

    from .catch_up import CatchUpLoader


class Errands:
    """All methods ask the server: they raise `AsnityError`, `NoAnswer` or `Unreachable`."""

    places: Places
    preferences: Preferences
    open_channel_id: str | None
    _context: Context
    _read_markers: ReadMarkers

    # What the first picture doesn't need, loaded when it is asked for

    @cached_property
    def people(self) -> ModerationApi:
        """Roles, bans, direct channels."""
        from asnity_tui.client.resources.moderation import ModerationApi  # late: see above

        return ModerationApi(self._context, self.places)

    @cached_property
    def account(self) -> AccountApi:
        """My own account."""
        from asnity_tui.client.resources.account import AccountApi  # late: see above

        return AccountApi(self._context)

    @cached_property
    def marks(self) -> ReactionsApi:
        """Reactions and pins."""
        from asnity_tui.client.resources.reactions import ReactionsApi  # late: see above

        return ReactionsApi(self._context, self.preferences.used_emoji)

    @cached_property
    def search(self) -> MessageSearch:
        """Searches."""
        from asnity_tui.client.resources.search import MessageSearch  # late: see above

        return MessageSearch(self._context, lambda: self.open_channel_id)

    @cached_property
    def catch_up(self) -> CatchUpLoader:
        """What was missed."""
        from .catch_up import CatchUpLoader  # late: see above

        return CatchUpLoader(self._context, self._read_markers)

    # Communities and channels

    async def create_community(self, name: str, description: str = "") -> Community:
        """Make a community; it is in the store when this returns."""
        return await self.places.create_community(name, description)

    async def preview_invite(self, code: str) -> InvitePreview:
        """What an invite leads to; `code` may be the whole link."""
        return await self.places.preview_invite(code)

    async def accept_invite(self, code: str) -> Community:
        """Join by an invite; `code` may be the whole link."""
        return await self.places.accept_invite(code)

    async def leave_community(self, community_id: str) -> None:
        """Leave a community."""
        await self.places.leave_community(community_id)

    async def create_invite(
        self, community_id: str, *, expires_in: int | None = None, max_uses: int | None = None
    ) -> Invite:
        """Create an invite link that lets people in; `expires_in` in seconds."""
        return await self.places.create_invite(community_id, expires_in=expires_in, max_uses=max_uses)

    async def invites(self, community_id: str, cursor: str | None = None) -> Invites:
        """A community's invites, newest first, 100 at a time."""
        return await self.places.invites(community_id, cursor)

    async def withdraw_invite(self, community_id: str, code: str) -> None:
        """Create an invite link useless."""
        await self.places.withdraw_invite(community_id, code)

    async def load_members(self, community_id: str) -> None:
        """Fill `CommunityState.members` with everyone; events keep it right from then on."""
        await self.places.load_members(community_id)

    async def load_people(self, channel_id: str) -> None:
        """Fill `ChannelState.people` with everyone in a channel; events keep it right from then on."""
        await self.places.load_people(channel_id)

    async def know_people(self) -> None:
        """Fill the members of all communities, once: for finding people by name."""
        await self.places.know_people()

    async def channel_members(self, channel_id: str, cursor: str | None = None) -> ChannelMembers:
        """People in a channel, by name, 100 at a time."""
        return await self.places.channel_members(channel_id, cursor)

    async def create_channel(self, community_id: str, name: str, *, private: bool = False, topic: str = "") -> Channel:
        """Make a channel; it is in the store when this returns."""
        return await self.places.create_channel(community_id, name, private=private, topic=topic)

    async def browse_channels(self, community_id: str, cursor: str | None = None) -> Channels:
        """Public channels and mine, by name, 100 at a time."""
        return await self.places.browse_channels(community_id, cursor)

    async def join_channel(self, channel_id: str) -> Channel:
        """Join a public channel; it is in the store when this returns."""
        return await self.places.join_channel(channel_id)

    async def leave_channel(self, channel_id: str) -> None:
        """Leave a channel."""
        await self.places.leave_channel(channel_id)

    async def invite_to_channel(self, channel_id: str, user_ids: Sequence[str]) -> Sequence[tuple[User, str]]:
        """Put people of the community into a channel; answers who was refused, and why in words."""
        return await self.places.invite_to_channel(channel_id, user_ids)

    async def change_name(self, display_name: str) -> User:
        """Change what others see as my name."""
        return await self.places.change_name(display_name)
