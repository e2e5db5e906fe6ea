"""One account on one server while the program runs: composes the parts that screens read and ask."""

from __future__ import annotations

import asyncio
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING

from asnity_server.protocol import limits, requests, routes
from asnity_server.protocol.errors import NotFound, Unauthorized
from asnity_tui.client.clock import Backoff, Clock, SystemClock
from asnity_tui.client.resources.members import MembersApi, OwnMembership
from asnity_tui.client.resources.messages import MessagesApi
from asnity_tui.client.storage.storage import Storage
from asnity_tui.client.transport.client import ChatClient
from asnity_tui.state.changes import ChannelUpdated
from asnity_tui.state.store import Store

from .connection import Connection
from .drafts import Drafts
from .history import HistoryLoader
from .link import Link
from .namespaces import Namespaces
from .outbox_sender import OutboxSender
from .persistence import Persistence
from .preferences import Preferences
from .presence import Presence, TypingSignal
from .publisher import Publisher
from .read_markers import ReadMarkers
from .repair import Repair
from .tasks import Tasks

if TYPE_CHECKING:
    from asnity_tui.client.resources.account import AccountApi
    from asnity_tui.client.resources.channels import ChannelsApi
    from asnity_tui.client.resources.communities import CommunitiesApi
    from asnity_tui.client.resources.directs import DirectsApi
    from asnity_tui.client.resources.invites import InvitesApi
    from asnity_tui.client.resources.moderation import ModerationApi
    from asnity_tui.client.resources.pins import PinsApi
    from asnity_tui.client.resources.reactions import ReactionsApi
    from asnity_tui.client.resources.search import MessageSearch

    from .catch_up import CatchUpLoader

FINISH_WITHIN = 1.0
"""Seconds that closing waits at most for the last read markers, and for what was held so that it could be undone."""


class Session:
    """Owns the parts of a session: screens read `store`, `outbox` and `connection`, and call the part that does it.

    No method of a part waits for the network unless it says "asks the server": those raise `AsnityError`, `NoAnswer` or
    `Unreachable`, whose texts `error_text` turns into a sentence.
    """

    def __init__(
        self, client: ChatClient, storage: Storage, *, clock: Clock | None = None, random: Random | None = None
    ) -> None:
        """`client.token` is set; `random` is for the jitter of reconnects."""
        clock, backoff = clock or SystemClock(), Backoff(random or Random())
        self.store = store = Store()
        self.outbox = store.outbox
        self.open_channel_id: str | None = None
        """The channel on the screen."""
        self.publisher = publisher = Publisher()
        self._client = client
        self._storage = storage
        self._clock = clock
        self._tasks = tasks = Tasks(publisher)
        self._link = link = Link(client, store, publisher, clock)
        namespaces = Namespaces(client, link, store, publisher, tasks, clock, backoff)
        self.connection = Connection(client, link, namespaces, store, publisher, tasks, clock, backoff)
        self.history = HistoryLoader(link, store, publisher)
        self._repair = Repair(
            link,
            store,
            publisher,
            tasks,
            clock,
            backoff,
            self.history,
            refresh=self.connection.refresh,
            on_screen=self._on_screen,
        )
        self.drafts = Drafts(storage, publisher, tasks, clock)
        self.sender = OutboxSender(link, store, storage, self.drafts, publisher, tasks, clock)
        self.read_markers = ReadMarkers(link, store, publisher, tasks, clock)
        self.typing = TypingSignal(link, store, tasks, clock)
        self.messages = MessagesApi(store, clock, self.sender, self.read_markers, self.typing, self._content_limit)
        self.persistence = Persistence(
            store,
            storage,
            self.drafts,
            publisher,
            tasks,
            clock,
            add_failed=self.sender.add_failed,
            on_screen=self._on_screen,
        )
        self.own_membership = OwnMembership(store, publisher, self._repair)
        self.members = MembersApi(link, store, publisher, tasks)
        self.preferences = Preferences(store, storage, publisher, clock)
        self.presence = Presence(link, publisher, tasks)
        self._closed = False

    def _on_screen(self) -> str | None:
        return self.open_channel_id

    def _content_limit(self) -> int:
        server = self.connection.server
        return server.limits.content if server is not None else limits.CONTENT

    # Imported when they are asked for: the first picture needs none of them

    @cached_property
    def communities(self) -> CommunitiesApi:
        """My communities."""
        from asnity_tui.client.resources.communities import CommunitiesApi  # late: see above

        return CommunitiesApi(self._link, self.store, self.publisher, self._clock, self._repair)

    @cached_property
    def channels(self) -> ChannelsApi:
        """Public and private channels."""
        from asnity_tui.client.resources.channels import ChannelsApi  # late: see above

        return ChannelsApi(self._link, self.store, self.publisher, self.own_membership)

    @cached_property
    def directs(self) -> DirectsApi:
        """Direct channels."""
        from asnity_tui.client.resources.directs import DirectsApi  # late: see above

        return DirectsApi(self._link, self.store, self.own_membership, self.sender)

    @cached_property
    def invites(self) -> InvitesApi:
        """Invite links."""
        from asnity_tui.client.resources.invites import InvitesApi  # late: see above

        return InvitesApi(self._link, self.store, self.publisher, self.communities, self.own_membership)

    @cached_property
    def moderation(self) -> ModerationApi:
        """Roles, kicks, bans, mutes, the audit log."""
        from asnity_tui.client.resources.moderation import ModerationApi  # late: see above

        return ModerationApi(self._link, self.store, self.publisher)

    @cached_property
    def account(self) -> AccountApi:
        """My own account."""
        from asnity_tui.client.resources.account import AccountApi  # late: see above

        return AccountApi(self._link, self.store, self.publisher)

    @cached_property
    def reactions(self) -> ReactionsApi:
        """Reactions."""
        from asnity_tui.client.resources.reactions import ReactionsApi  # late: see above

        return ReactionsApi(self._link, self.store, self.publisher, self._tasks, self.preferences)

    @cached_property
    def pins(self) -> PinsApi:
        """Pinned messages."""
        from asnity_tui.client.resources.pins import PinsApi  # late: see above

        return PinsApi(self._link, self.store, self.publisher)

    @cached_property
    def search(self) -> MessageSearch:
        """Searches."""
        from asnity_tui.client.resources.search import MessageSearch  # late: see above

        return MessageSearch(self._link, self.store, self.publisher, self._on_screen)

    @cached_property
    def catch_up(self) -> CatchUpLoader:
        """Everything that is unread."""
        from .catch_up import CatchUpLoader  # late: see above

        return CatchUpLoader(self._link, self.store, self.publisher, self.read_markers)

    # From start to end

    def restore(self) -> None:
        """Fill the store from the storage: sidebar, outbox, drafts. Blocks for milliseconds; needs no loop."""
        self.persistence.load()
        self.preferences.load()
        self.sender.restore()

    def start(self) -> None:
        """Begin to connect, and go on doing so until `close`. Needs a running loop; `restore` comes before."""
        loop = asyncio.get_running_loop()
        self.publisher.run_on(loop)
        self._tasks.is_open = True
        self.sender.run_on(loop)
        for work in (self.connection.run(), self.connection.compare_forever(), self.sender.restore_forever()):
            self._tasks.start(work)

    async def close(self) -> None:
        """Send what can be sent at once (read marker, what could be undone), keep the rest, and end all."""
        if self._closed:
            return
        self._closed = True
        if self._tasks.is_open:
            finishing = {asyncio.ensure_future(each.finish()) for each in (self.read_markers, self.sender)}
            await asyncio.wait(finishing, timeout=FINISH_WITHIN)
            for each in finishing:
                each.cancel()
            await self.sender.save_unkept()
        try:
            await self._stop()
        finally:
            await self._storage.close()

    async def _stop(self) -> None:
        """End everything that runs; what there is to remember is handed over."""
        self._tasks.is_open = False
        self.sender.save()
        self.persistence.save()
        await self._tasks.end()
        await self.history.end()
        await self._client.close()
        self.connection.closed()

    async def sign_out(self) -> None:
        """End this session on the server (if it can be reached), forget everything of it here, and close.

        Raises as whatever asks the server; then nothing is forgotten and it can be tried again.
        """
        self.connection.leaving = True
        try:
            await self._client.call(routes.SIGN_OUT, requests.Empty())
        except Unauthorized:
            pass  # the server ended this session before, which is what is wanted
        except BaseException:
            self.connection.leaving = False
            raise
        self._closed = True
        await self._stop()
        await self._storage.forget()
        await self._storage.close()

    async def sign_in_again(self, password: str, *, device: str = "") -> str:
        """A new token for the same account, after `SignedOut`; asks the server. The caller keeps the token."""
        me = self.store.me
        if me is None:
            raise NotFound("No account is known here. Sign in again.")
        request = requests.SignIn(username=me.username, password=password, device=device)
        answer = await self._client.call(routes.SIGN_IN, request)
        self._client.token = answer.token
        self.connection.connect_now()
        return answer.token

    # The channel on the screen

    def open_channel(self, channel_id: str) -> None:
        """Put a channel on the screen: what is stored is in its timeline when this returns, the rest follows."""
        if self.open_channel_id != channel_id:
            self.close_channel()
        channel = self.store.channel(channel_id)
        if channel is None:
            return
        self.open_channel_id = channel_id
        channel.marked_unread = False
        self.persistence.visit(channel_id)
        self.preferences.visit(channel_id)
        self.publisher.publish((ChannelUpdated(channel_id), *channel.needs))

    def close_channel(self) -> None:
        """Take the channel off the screen; its read marker goes out at once."""
        channel_id, self.open_channel_id = self.open_channel_id, None
        channel = self.store.channel(channel_id) if channel_id is not None else None
        if channel is not None:
            self.read_markers.flush(channel.id)
            self.sender.release_held(channel.id)
            if channel.timeline is not None:
                channel.timeline.stop_looking()
