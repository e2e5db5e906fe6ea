"""Persistence for the next start: saves the sidebar and visited channels a while after they changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from asnity_tui.client.clock import Clock
from asnity_tui.client.storage.storage import STORED_MESSAGES_MAX, PreferenceValue, Storage, StorageError, StoredChannel
from asnity_tui.state.changes import (
    Change,
    ChannelLost,
    ChannelUpdated,
    CommunitiesChanged,
    CommunityChanged,
    TimelineChanged,
    UsersChanged,
    describe_removal,
)
from asnity_tui.state.history import open_timeline
from asnity_tui.state.reconcile import apply_overview, current_overview
from asnity_tui.state.store import Store

from .drafts import Drafts, SubmittedText
from .publisher import Publisher
from .tasks import Tasks

KEEP_AFTER = 5.0
"""Seconds after a change before it is written: a crash costs no more than asking the server again."""

_READ = "read/"

TIMELINES_MAX = 20
"""Channels whose messages stay in memory; of those visited before, only what is on the disk is left."""


class AddFailed(Protocol):
    """Puts what was written for a channel that I am no longer in beside what failed."""

    async def __call__(self, channel_id: str, content: str, *, place: str, why: str, submitted: SubmittedText) -> None:
        """On disk when this returns. Raises `StorageError`."""


class Persistence:
    """Watches what changes and lets the memory know."""

    def __init__(
        self,
        store: Store,
        storage: Storage,
        drafts: Drafts,
        publisher: Publisher,
        tasks: Tasks,
        clock: Clock,
        *,
        add_failed: AddFailed,
        on_screen: Callable[[], str | None],
    ) -> None:
        """`add_failed` puts a text beside what failed; `on_screen` is the open channel."""
        self._store = store
        self._storage = storage
        self._publisher = publisher
        self._tasks = tasks
        self._clock = clock
        self._drafts = drafts
        self._add_failed = add_failed
        self._on_screen = on_screen
        self._sidebar_changed = False
        self._changed: set[str] = set()
        self._visited: dict[str, None] = {}
        self._reading: dict[str, PreferenceValue] = {}
        """What is kept of what was read, by its name among the choices."""
        self._waiting = False
        sidebar = (ChannelUpdated, CommunityChanged, CommunitiesChanged, UsersChanged)
        publisher.watch(self._watch, TimelineChanged, ChannelLost, *sidebar)

    # Loading

    def load(self) -> None:
        """Take in what is remembered of the sidebar, and the drafts."""
        overview = self._storage.load_sidebar()
        if overview is not None:
            self._publisher.publish(apply_overview(self._store, overview, asked_at=self._store.serial))
        self._drafts.load()
        self._load_reading()
        self._sidebar_changed = False

    def _load_reading(self) -> None:
        """Take up what was read without a connection; the server is told when there is one."""
        for name, kept in self._storage.load_preferences().items():
            if name.startswith(_READ):
                channel = self._store.channel(name.removeprefix(_READ))
                self._reading[name] = kept
                generation, _, number = str(kept).rpartition(" ")
                read_id = int(number) if number.isdecimal() and generation in ("", self._store.generation) else 0
                if channel is not None:
                    channel.read_up_to(read_id)

    def last_channel(self) -> str | None:
        """The channel that was open last, if I am still in it."""
        channel_id = self._storage.load_last_channel()
        return channel_id if channel_id is not None and self._store.channel(channel_id) is not None else None

    def visit(self, channel_id: str) -> None:
        """A channel is opened: what is remembered of it is in its timeline when this returns."""
        self._storage.save_last_channel(channel_id)
        self._visited.pop(channel_id, None)
        self._visited[channel_id] = None
        channel = self._store.channel(channel_id)
        if channel is not None and channel.timeline is None:
            remembered = self._storage.load_channel(channel_id)
            if remembered is None or remembered.generation not in ("", self._store.generation):
                self._publisher.publish(open_timeline(self._store, channel_id))
            else:
                community = self._store.communities.get(channel.channel.community_id)
                known = {each.id: each for each in remembered.users if each.id not in self._store.users}
                self._publisher.publish(self._store.learn_users(community, known))
                rev, messages = remembered.rev, remembered.messages
                self._publisher.publish(open_timeline(self._store, channel_id, rev=rev, messages=messages))
        while len(self._visited) > TIMELINES_MAX:
            self._leave(next(iter(self._visited)))

    def _leave(self, channel_id: str) -> None:
        """Let go of the messages of a channel that was visited long ago."""
        self._save_channel(channel_id)
        del self._visited[channel_id]
        channel = self._store.channel(channel_id)
        if channel is not None:
            channel.timeline = None

    # Keeping

    def save(self) -> None:
        """Write everything that changed."""
        self._drafts.save(again=not self._tasks.is_open)
        changed, self._changed = self._changed, set()
        for channel_id in changed:
            self._save_channel(channel_id)
        self._save_reading()
        overview = current_overview(self._store) if self._sidebar_changed else None
        self._sidebar_changed = False
        if overview is not None:
            self._storage.save_sidebar(overview)

    def _save_reading(self) -> None:
        """Write up to where I have read, as far as the server doesn't know it."""
        channels = (channel for each in self._store.communities.values() for channel in each.channels.values())
        now: dict[str, PreferenceValue] = {
            _READ + each.id: f"{self._store.generation} {each.unconfirmed_read_id}"
            for each in channels
            if each.unconfirmed_read_id is not None
        }
        for name in {*now, *self._reading}:
            read_id, before = now.get(name), self._reading.get(name)
            if read_id is not None and read_id != before:
                self._storage.save_read_marker(name, str(read_id))
            elif read_id is None and before is not None:
                self._storage.drop_read_marker(name, str(before))
        self._reading = now

    def _save_channel(self, channel_id: str) -> None:
        channel = self._store.channel(channel_id)
        if channel is None or channel.timeline is None:
            return
        messages = channel.timeline.newest(STORED_MESSAGES_MAX)
        if messages:
            named = {each.sender_id for each in messages}.union(*(each.mentions for each in messages))
            users = tuple(self._store.users[each] for each in sorted(named) if each in self._store.users)
            remembered = StoredChannel(
                rev=channel.timeline.rev, messages=tuple(messages), users=users, generation=self._store.generation
            )
            self._storage.save_channel(channel_id, remembered)

    def _watch(self, change: Change) -> None:
        match change:
            case TimelineChanged(channel_id):
                self._changed.add(channel_id)
            case ChannelLost():
                self._lost(change)
                return
            case _:
                self._sidebar_changed = True
        if isinstance(change, CommunitiesChanged) and self._tasks.is_open:
            self._keep_strays()
        if not self._waiting and self._tasks.is_open:
            self._waiting = True
            self._tasks.start(self._save_later())

    def _lost(self, lost: ChannelLost) -> None:
        """I am no longer in a channel: its messages are forgotten, but not what I was writing there."""
        channel_id = lost.channel_id
        self._visited.pop(channel_id, None)
        self._changed.discard(channel_id)
        self._storage.forget_channel(channel_id)
        why = f"{describe_removal(lost.place, lost.reason)}."
        if channel_id == self._on_screen():
            self._drafts.close(channel_id, f"{lost.place}\n{why}")
        elif self._tasks.is_open:
            self.keep_text(channel_id, self._drafts.get(channel_id), place=lost.place, why=why)

    def _keep_strays(self) -> None:
        """Drafts for channels that I turn out not to be in any more."""
        for channel_id, text in list(self._drafts.all().items()):
            if self._store.channel(channel_id) is None and channel_id not in self._drafts.closed:
                place, _, why = self._drafts.said_of(channel_id).partition("\n")
                self.keep_text(channel_id, text, place=place, why=why)

    def keep_text(self, channel_id: str, text: str, *, place: str = "", why: str = "") -> None:
        """Put what was written for a channel that I am no longer in beside what failed; until then it is a draft."""
        self._drafts.closed.setdefault(channel_id, f"{place}\n{why}")
        self._drafts.set(channel_id, "")
        if text.strip():
            submitted = self._drafts.submit(channel_id, text)
            self._tasks.start(self._keep(submitted, place, why))
        else:
            self._drafts.forget_closed(channel_id)

    async def _keep(self, submitted: SubmittedText, place: str, why: str) -> None:
        channel_id = submitted.channel_id
        try:
            await self._add_failed(channel_id, submitted.text, place=place, why=why, submitted=submitted)
        except StorageError as error:
            self._publisher.notice(error)
            self._drafts.set(channel_id, submitted.text)
        else:
            self._drafts.forget_closed(channel_id)
        finally:
            self._drafts.settle(submitted)

    async def _save_later(self) -> None:
        await self._clock.sleep(KEEP_AFTER)
        self._waiting = False
        self.save()
