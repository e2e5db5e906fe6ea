"""`asnity-tui tail`: new messages as they come, each once and in order, across every break of the connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import msgspec

from asnity_server.protocol import ids, limits, requests, routes, times
from asnity_server.protocol.errors import AsnityError, RateLimited, Unavailable
from asnity_server.protocol.models import Message, User
from asnity_server.protocol.responses import MessagePage
from asnity_tui.client.clock import Clock
from asnity_tui.client.storage.null_storage import NullStorage
from asnity_tui.client.sync.session import Session
from asnity_tui.client.transport.client import REQUEST_ERRORS, ChatClient, NoAnswer, Unreachable
from asnity_tui.client.transport.tap import TappedClient
from asnity_tui.state.changes import CommunityLive, ConnectionChanged, Fact, Restored
from asnity_tui.state.store import Store, shown_name

from .outcome import CommandRefused, exit_for

AGAIN_AFTER = 2.0
"""Seconds before what couldn't be asked is asked again."""

WAITING_MAX = 1_000
"""Messages that wait to be shown; of more, only how far each channel has come is kept, and they are asked for."""

PEOPLE_MAX = 10_000
"""People whose names are kept; of more, they are asked for again."""


class Seen(msgspec.Struct, frozen=True):
    """A message, and what it takes to show it. Its texts are as others wrote them: not harmless yet."""

    message: Message
    sender: str
    channel: str
    """The channel's name; of a direct channel the people in it."""
    direct: bool
    community: str
    to_me: bool
    """It mentions me, or stands in a direct channel, and isn't mine."""


class Tail:
    """Follows channels through a session of its own, which shows me as away and marks nothing as read."""

    def __init__(
        self,
        client: ChatClient,
        show: Callable[[Seen], None],
        *,
        say: Callable[[str], None],
        clock: Clock,
        wanted: Callable[[Store], frozenset[str] | None] = lambda store: None,
        before: int = 0,
    ) -> None:
        """`show` is given each message; `say` a sentence when the connection is lost or back.

        `wanted` answers the channels to follow, once it is known which there are (None: all of mine); what it raises
        ends this. `before`: how many of a channel's messages that are there already are shown first.
        """
        self._client = client
        self._session = Session(TappedClient(client, self._heard), NullStorage(), clock=clock)
        self._show = show
        self._say = say
        self._clock = clock
        self._wanted = wanted
        self._before = before
        self._places: frozenset[str] | None = None
        self._shown: dict[str, int] = {}
        self._shown_at: dict[str, int] = {}
        """When the last message that was shown was written, or since when there is nothing to show."""
        self._people: dict[str, User] = {}
        self._work: asyncio.Queue[tuple[str, int, Message | None]] = asyncio.Queue()
        self._late: dict[str, int] = {}
        """How far the channels have come of which too much waits."""
        self._begun = asyncio.Event()
        self._ended = asyncio.Event()
        self._end_with: Exception | None = None

    async def run(self) -> None:
        """Follow until cancelled.

        Raises what ends it: signed out, no connection to begin with, or what `wanted` and `show` raise.
        """
        self._session.publisher.subscribe(self._changed)
        self._session.presence.set_idle(True)
        self._session.start()
        showing, ending = asyncio.ensure_future(self._show_for_ever()), asyncio.ensure_future(self._ended.wait())
        try:
            await asyncio.wait({showing, ending}, return_when=asyncio.FIRST_COMPLETED)
            if showing.done():
                showing.result()
            if self._end_with is not None:
                raise self._end_with
        finally:
            showing.cancel()
            ending.cancel()
            await asyncio.gather(showing, ending, return_exceptions=True)
            await self._session.close()

    # What comes

    def _heard(self, message: Message) -> None:
        if self._work.qsize() < WAITING_MAX:
            self._work.put_nowait((message.channel_id, message.id, message))
            return
        if message.channel_id not in self._late:
            self._work.put_nowait((message.channel_id, message.id, None))
        self._late[message.channel_id] = message.id

    def _changed(self, facts: Sequence[Fact]) -> None:
        for fact in facts:
            if isinstance(fact, Restored):
                self._say("The server was restored from a backup; showing what was written since.")
                self._work.put_nowait(("", 0, None))
            elif isinstance(fact, ConnectionChanged):
                self._connection_changed()
            elif isinstance(fact, CommunityLive):
                community = self._session.store.communities.get(fact.community_id)
                for channel in community.channels.values() if community is not None else ():
                    # the number as it is now: what comes from here on is heard
                    self._work.put_nowait((channel.id, channel.counters.last_id, None))

    def _connection_changed(self) -> None:
        state = self._session.connection.state
        if state.status == "signed-out":
            self._end(CommandRefused("You are signed out; start asnity-tui and sign in again."))
        elif state.status == "online" and not self._begun.is_set():
            self._begin()
        elif state.status == "offline" and state.reason and not self._begun.is_set():
            self._end(exit_for(Unreachable(state.reason)))
        elif state.status == "offline" and state.reason:
            self._say(f"{state.reason} Trying again …")

    def _begin(self) -> None:
        try:
            self._places = self._wanted(self._session.store)
        except Exception as error:  # whatever it is: it is raised where this is run
            self._end(error)
        else:
            self._begun.set()

    def _end(self, error: Exception) -> None:
        self._end_with = self._end_with or error
        self._ended.set()

    # What is shown

    async def _show_for_ever(self) -> None:
        await self._begun.wait()
        while True:
            channel_id, last_id, message = await self._work.get()
            if message is None:
                last_id = max(last_id, self._late.pop(channel_id, 0))
            if not channel_id:
                self._shown.clear()  # ids mean other messages now; times still mean the same
            elif self._places is None or channel_id in self._places:
                await self._take(channel_id, last_id, message)

    async def _take(self, channel_id: str, last_id: int, message: Message | None) -> None:
        """Show what there is up to `last_id`, which `message` is where it was heard."""
        if channel_id not in self._shown:
            known = last_id if message is None else last_id - 1
            if channel_id in self._shown_at:
                known = min(known, await self._written_until(channel_id, self._shown_at[channel_id], known))
            else:
                known, self._shown_at[channel_id] = max(known - self._before, 0), self._clock.wall()
            self._shown[channel_id] = known
        if message is not None and last_id == self._shown[channel_id] + 1:
            return await self._put(message)
        while self._shown[channel_id] < last_id:
            page = await self._page(channel_id)
            if page is None or not page.messages:
                return
            self._learn(page.users)
            for each in page.messages:
                await self._put(each)

    async def _written_until(self, channel_id: str, moment: int, known: int) -> int:
        """The last message that was written up to a moment; `known` where that can't be asked."""
        page = await self._page(channel_id, at=times.to_wire(moment + 1))
        behind = page.messages if page is not None else ()
        return next((each.id - 1 for each in behind if times.from_wire(each.created_at) > moment), known)

    async def _page(self, channel_id: str, *, at: str | None = None) -> MessagePage | None:
        """The messages behind those that were shown, or around a time; None where I may not read them any more."""
        after = self._shown[channel_id] if at is None else None
        request = requests.History(channel_id=channel_id, after=after, at=at, limit=limits.PAGE_MAX)
        while True:
            try:
                return await self._client.call(routes.HISTORY, request)
            except (NoAnswer, Unreachable, RateLimited, Unavailable) as error:
                pause = error.info.retry_after if isinstance(error, AsnityError) else None
                await self._clock.sleep(pause or AGAIN_AFTER)
            except AsnityError:
                return None

    async def _put(self, message: Message) -> None:
        if message.id <= self._shown[message.channel_id]:
            return
        self._shown[message.channel_id] = message.id
        self._shown_at[message.channel_id] = times.from_wire(message.created_at)
        store = self._session.store
        channel, community = store.channel(message.channel_id), store.communities.get(message.community_id)
        if channel is None or community is None or message.deleted_at is not None:
            return
        direct = channel.channel.kind == "direct"
        called = direct or message.mentions_all or store.my_id in message.mentions
        seen = Seen(
            message=message,
            sender=await self._name(message),
            channel=store.title_of(channel),
            direct=direct,
            community=community.community.name,
            to_me=called and message.sender_id != store.my_id,
        )
        self._show(seen)

    async def _name(self, message: Message) -> str:
        """Who wrote it; asked for where that isn't known yet, and left open where it can't be."""
        found = self._session.store.users.get(message.sender_id) or self._people.get(message.sender_id)
        if found is None:
            request = requests.UsersById(community_id=ids.community_of(message.channel_id), ids=message.sender_id)
            with suppress(*REQUEST_ERRORS):  # the message is worth more than the name
                self._learn((await self._client.call(routes.USERS, request)).users)
            found = self._people.get(message.sender_id)
        return self._session.store.name_of(message.sender_id) if found is None else shown_name(found)

    def _learn(self, users: Mapping[str, User]) -> None:
        """Keep who people are."""
        if len(self._people) >= PEOPLE_MAX:
            self._people.clear()
        self._people.update(users)
