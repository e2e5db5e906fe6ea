"""One account on one server while the program runs: everything the screens can ask for stands here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Literal, TypeAlias

import msgspec

from asnity_server.protocol.answers import Channels, InvitePreview, Invites, Members, ServerInfo
from asnity_server.protocol.models import Channel, Community, Invite, User

from ..state.changes import Fact
from ..state.entries import Entry
from ..state.outbox import Outbox
from ..state.rows import Gap
from ..state.store import Store
from .clock import Clock
from .contract import ChatClient
from .memory import Memory

Status: TypeAlias = Literal["offline", "connecting", "online", "signed-out", "closed"]


class Connection(msgspec.Struct, frozen=True):
    """How the line stands."""

    status: Status
    retry_at: int | None = None
    """When the next attempt begins (milliseconds since 1970), while offline."""
    round_trip_ms: int | None = None
    """How long the last acknowledged request took, while online."""
    reason: str = ""
    """Why it is offline or signed out, in words."""


class Session:
    """One account on one server. Screens read `store`, `outbox`, `connection`, and call the methods.

    No method waits for the network unless its docstring says "asks the server": those raise `AsnityError`,
    `NoAnswer` or `Unreachable`, whose texts `words` turns into a sentence.
    """

    store: Store
    outbox: Outbox
    connection: Connection
    open_channel_id: str | None
    """The channel on the screen."""
    server: ServerInfo | None
    """The server's name and limits, once known."""

    def __init__(self, client: ChatClient, memory: Memory, *, clock: Clock | None = None, random: Random | None = None):
        """`client.token` is set; `random` is for the jitter of reconnects."""
        raise NotImplementedError

    # Life

    def subscribe(self, callback: Callable[[Sequence[Fact]], None]) -> Callable[[], None]:
        """Be told what changed, in bursts without repetition, on the event loop; answers how to end it."""
        raise NotImplementedError

    def remember(self) -> None:
        """Fill the store from what is remembered: sidebar, outbox, drafts. Blocks for milliseconds; needs no loop."""
        raise NotImplementedError

    def start(self) -> None:
        """Begin to connect, and go on doing so until `close`. Needs a running loop; `remember` comes before."""
        raise NotImplementedError

    async def close(self) -> None:
        """Send what can be sent at once (the read marker), keep the rest, drop the connection, end all tasks."""
        raise NotImplementedError

    def connect_now(self) -> None:
        """Don't wait for the next attempt."""
        raise NotImplementedError

    def focus(self, focused: bool) -> None:
        """The terminal has the focus or has lost it; regaining it compares with the server."""
        raise NotImplementedError

    async def sign_out(self) -> None:
        """End this session on the server (if it can be reached), forget everything of it here, and close.

        Raises as whatever asks the server; then nothing is forgotten and it can be tried again.
        """
        raise NotImplementedError

    async def sign_in_again(self, password: str) -> str:
        """A new token for the same account, after `SignedOut`; asks the server. The caller keeps the token."""
        raise NotImplementedError

    # Writing

    async def send(self, channel_id: str, content: str, *, reply_to: int | None = None) -> str:
        """A new message: on disk and on the screen when this returns its nonce. Never waits for the network.

        Raises `Invalid` or `TooLarge` for text that no server takes, `NotKept` if the disk doesn't.
        """
        raise NotImplementedError

    async def edit(self, channel_id: str, message_id: int, content: str) -> str:
        """Give a message of mine new text; like `send`."""
        raise NotImplementedError

    async def delete(self, channel_id: str, message_id: int) -> str:
        """Delete a message; like `send`."""
        raise NotImplementedError

    def retry(self, nonce: str) -> None:
        """Send a failed (or waiting) entry again, now."""
        raise NotImplementedError

    def retry_all(self) -> int:
        """Send all failed entries again; answers how many."""
        raise NotImplementedError

    def take_back(self, nonce: str) -> Entry | None:
        """Remove an entry and answer it, so that its content goes back to the composer; None if it can't be."""
        raise NotImplementedError

    def discard(self, nonce: str) -> bool:
        """Remove an entry for good; False if it can't be (it may be on its way)."""
        raise NotImplementedError

    def typing(self, channel_id: str) -> None:
        """A letter was typed in the composer: others are told, at most every 3 s."""
        raise NotImplementedError

    def draft(self, channel_id: str) -> str:
        """A channel's unsent draft."""
        raise NotImplementedError

    def set_draft(self, channel_id: str, text: str) -> None:
        """Keep a draft (call it freely: it is written at most once a second)."""
        raise NotImplementedError

    def drafts(self) -> frozenset[str]:
        """Ids of the channels with a draft."""
        raise NotImplementedError

    # Reading

    def open_channel(self, channel_id: str) -> None:
        """Put a channel on the screen: what is remembered is in its timeline when this returns, the rest follows."""
        raise NotImplementedError

    def close_channel(self) -> None:
        """No channel is on the screen any more; its read marker goes out at once."""
        raise NotImplementedError

    def last_channel(self) -> str | None:
        """The channel that was open last, if I am still in it."""
        raise NotImplementedError

    def look_at(self, channel_id: str, first_id: int, last_id: int) -> None:
        """Which messages are on the screen: far from them is what may be dropped, near them what is loaded first."""
        raise NotImplementedError

    async def load_older(self, channel_id: str) -> None:
        """The page before the first held message; asks the server. One at a time: a second call waits for the first."""
        raise NotImplementedError

    async def load_newer(self, channel_id: str) -> None:
        """The page behind the last held message; asks the server."""
        raise NotImplementedError

    async def load_gap(self, channel_id: str, gap: Gap) -> None:
        """The newest page of a gap; asks the server."""
        raise NotImplementedError

    async def jump_to(self, channel_id: str, message_id: int) -> bool:
        """Make sure that a message and those around it are held; False if there is none such. Asks the server."""
        raise NotImplementedError

    async def jump_to_newest(self, channel_id: str) -> None:
        """Make sure that the newest messages are held; asks the server if they aren't."""
        raise NotImplementedError

    def read_up_to(self, channel_id: str, message_id: int) -> None:
        """Everything up to a message was seen; the server hears of it at most every 300 ms, once it can."""
        raise NotImplementedError

    async def mark_unread_from(self, channel_id: str, message_id: int) -> None:
        """This message and all behind it are unread again; asks the server."""
        raise NotImplementedError

    # Communities, channels, people: all of these ask the server

    async def create_community(self, name: str, description: str = "") -> Community:
        """Make a community; it appears in the store by itself."""
        raise NotImplementedError

    async def preview_invite(self, code: str) -> InvitePreview:
        """What an invite leads to; `code` may be the whole link."""
        raise NotImplementedError

    async def accept_invite(self, code: str) -> Community:
        """Join by an invite; `code` may be the whole link."""
        raise NotImplementedError

    async def leave_community(self, community_id: str) -> None:
        """Leave a community."""
        raise NotImplementedError

    async def create_invite(
        self, community_id: str, *, expires_in: int | None = None, max_uses: int | None = None
    ) -> Invite:
        """Make a link that lets people in; `expires_in` in seconds."""
        raise NotImplementedError

    async def invites(self, community_id: str) -> Invites:
        """A community's invites, newest first (the first 100)."""
        raise NotImplementedError

    async def withdraw_invite(self, community_id: str, code: str) -> None:
        """Make a link useless."""
        raise NotImplementedError

    async def load_members(self, community_id: str) -> None:
        """Fill `CommunityState.members` with everyone; events keep it right from then on."""
        raise NotImplementedError

    async def channel_members(self, channel_id: str, cursor: str | None = None) -> Members:
        """People in a channel, by name, 100 at a time."""
        raise NotImplementedError

    async def create_channel(self, community_id: str, name: str, *, private: bool = False, topic: str = "") -> Channel:
        """Make a channel; it appears in the store by itself."""
        raise NotImplementedError

    async def browse_channels(self, community_id: str, cursor: str | None = None) -> Channels:
        """Public channels and mine, by name, 100 at a time."""
        raise NotImplementedError

    async def join_channel(self, channel_id: str) -> Channel:
        """Join a public channel; it appears in the store by itself."""
        raise NotImplementedError

    async def leave_channel(self, channel_id: str) -> None:
        """Leave a channel."""
        raise NotImplementedError

    async def invite_to_channel(self, channel_id: str, user_ids: Sequence[str]) -> Sequence[tuple[User, str]]:
        """Put people of the community into a channel; answers who was refused, and why in words."""
        raise NotImplementedError

    async def change_name(self, display_name: str) -> User:
        """Change what others see as my name."""
        raise NotImplementedError


def words(error: Exception) -> str:
    """An error as one sentence for a person, without control characters."""
    raise NotImplementedError
