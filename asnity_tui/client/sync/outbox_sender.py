"""Sends queued outbox entries, applies their acknowledgements, and keeps the disk in step."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from msgspec.structs import replace

from asnity_server.protocol import ids, requests, routes
from asnity_server.protocol.errors import AsnityError, ErrorInfo
from asnity_server.protocol.models import Message
from asnity_tui.client.clock import Clock
from asnity_tui.client.storage.storage import Storage, StorageError
from asnity_tui.client.transport.client import NoAnswer, Unreachable
from asnity_tui.state.changes import Change, CommunityLive, OutboxChanged
from asnity_tui.state.events import apply_ack, apply_refusal
from asnity_tui.state.outbox_entry import OutboxEntry
from asnity_tui.state.store import Store

from .drafts import Drafts, SubmittedText
from .link import Link
from .publisher import Publisher
from .tasks import Tasks

ADOPT_EVERY = 60.0
"""Seconds between two looks for what instances that are gone left unsent."""

FINISH_EVERY = 0.01
"""Seconds between two looks at what is on its way while the session closes."""


class OutboxSender:
    """Sends the entries of the outbox whose turn it is, one of each channel at a time."""

    def __init__(
        self,
        link: Link,
        store: Store,
        storage: Storage,
        drafts: Drafts,
        publisher: Publisher,
        tasks: Tasks,
        clock: Clock,
    ) -> None:
        self._link = link
        self._store = store
        self._outbox = store.outbox
        self._storage = storage
        self._drafts = drafts
        self._publisher = publisher
        self._tasks = tasks
        self._clock = clock
        self._kept: dict[str, OutboxEntry] = {}
        """The entries as the disk knows them."""
        self._finished: set[str] = set()
        """What was sent or discarded while this runs: the disk may still answer it once."""
        self._pumping = False
        self._alarm: asyncio.Task[None] | None = None
        self._alarm_at: int | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        # a community that is live again may be what something overdue waited for
        publisher.watch(self._watch, OutboxChanged, CommunityLive)

    @property
    def owner(self) -> str:
        """The name of this running instance, which owns the entries."""
        return self._storage.owner

    # Adding and taking back

    async def add(self, entry: OutboxEntry, submitted: SubmittedText | None = None, *, unkept: bool = False) -> str:
        """Put an entry into the outbox; on disk when this returns its nonce. Raises `StorageError`.

        `submitted` is the text of the composer that it was made of. `unkept`: where the disk doesn't take it, it goes
        at once all the same, if there is a connection.
        """
        is_held = entry.reason == "undo"
        entry = await self._save_new(entry, submitted, unkept=unkept)
        if not is_held and not self._is_live(entry):
            self._outbox.hold(entry.nonce, self._link.waits_for)
        self._publisher.publish(self._store.show(entry))
        return entry.nonce

    async def _save_new(
        self, entry: OutboxEntry, submitted: SubmittedText | None, *, unkept: bool = False
    ) -> OutboxEntry:
        """Have an entry on the disk, and drafts as they are without it in the same step; the entry as it is then."""
        self._drafts.settle(submitted)
        drafts = self._drafts.take_changes()
        try:
            await self._storage.save_entry(entry, drafts)
        except StorageError:
            self._drafts.restore_changes(drafts)
            if not unkept or not self._is_live(entry):
                raise
            entry = replace(entry, unkept=True)
            if entry.kind != "delete":  # nothing is lost with a deletion
                entry = replace(entry, state="queued", reason=None, not_before=None)
        else:
            self._kept[entry.nonce] = entry
        self._outbox.add(entry)
        return entry

    async def save_unkept(self) -> None:
        """Try once more to write what the disk didn't take."""
        for entry in self._outbox.entries():
            if entry.unkept:
                kept = replace(entry, unkept=False)
                try:
                    await self._storage.save_entry(kept)
                except StorageError:
                    return  # it is shown at its row, and the next time comes
                self._kept[entry.nonce] = kept
                self._outbox.kept(entry.nonce)
                self._publisher.publish(self._store.show(entry))

    @property
    def unkept(self) -> Sequence[OutboxEntry]:
        """Entries that are neither sent nor on the disk."""
        return tuple(each for each in self._outbox.entries() if each.unkept)

    async def add_failed(
        self, channel_id: str, content: str, *, place: str, why: str, submitted: SubmittedText
    ) -> None:
        """Put what was written for a channel that I am no longer in beside what failed. Raises `StorageError`."""
        entry = OutboxEntry(
            nonce=ids.new_id(26),
            community_id=ids.community_of(channel_id),
            channel_id=channel_id,
            kind="new",
            content=content,
            created_at=self._clock.now(),
            state="failed",
            error=ErrorInfo(code="not-found", message=why or "You are no longer in this channel."),
            place=place,
            owner=self._storage.owner,
        )
        await self._save_new(entry, submitted)
        self._publisher.publish(self._store.show(entry))

    async def put_back(self, entry: OutboxEntry) -> None:
        """Have an entry again that was taken back. Raises `StorageError`."""
        self._finished.discard(entry.nonce)
        await self._save_new(entry, None)
        self._publisher.publish(self._store.show(entry))

    def retry(self, nonce: str) -> bool:
        """Send an entry again, now; False if it is gone or on its way, or I am no longer in its channel."""
        known = self._outbox.get(nonce)
        if known is None or self._store.channel(known.channel_id) is None:
            return False
        entry = self._outbox.retry(nonce)
        if entry is None:
            return False
        if not self._is_live(entry):
            self._outbox.hold(nonce, self._link.waits_for)
        self._publisher.publish(self._store.show(entry))
        return True

    def retry_all(self) -> int:
        """Send all failed entries again; answers how many."""
        return sum(self.retry(each.nonce) for each in self._outbox.failed)

    def take_back(self, nonce: str) -> OutboxEntry | None:
        """Remove an entry and answer it; None if it may be on its way."""
        entry = self._outbox.take_back(nonce)
        if entry is not None:
            self._publisher.publish(self._store.show(entry))
        return entry

    def release_held(self, channel_id: str | None = None) -> Sequence[OutboxEntry]:
        """Send what is held so that it could be taken back (the texts of one channel, or all); answers what that is."""
        released = self._outbox.hurry(channel_id)
        if not released:
            return ()
        self._publisher.publish(self._store.show(*released))
        self._pump()
        return released

    async def finish(self, channel_id: str | None = None) -> None:
        """Send what was only held so that it could be taken back; done when that is on its way or can't go.

        Of one channel, also what was on its way before.
        """
        waiting = {each.nonce for each in (*self.release_held(channel_id), *self.unkept)}
        if channel_id is not None:
            waiting = {each.nonce for each in self._outbox.of_channel(channel_id)}
        while any(self._is_leaving(nonce) for nonce in waiting):  # noqa: ASYNC110 - what is told then is for screens
            await asyncio.sleep(FINISH_EVERY)

    def _is_leaving(self, nonce: str) -> bool:
        entry = self._outbox.get(nonce)
        return entry is not None and entry.state in ("queued", "sending") and self._is_live(entry)

    # Disk

    def restore(self) -> None:
        """Take in what the disk has for this instance, and what instances that are gone left."""
        kept = [each for each in self._storage.load_outbox() if each.nonce not in self._finished]
        restored = self._outbox.restore(kept)
        self._kept.update((each.nonce, each) for each in kept if each.nonce not in self._kept)
        for entry in restored:
            if entry.state != "failed" and not self._is_live(entry):
                self._outbox.hold(entry.nonce, self._link.waits_for)
        if restored:
            self._publisher.publish(self._store.show(*restored))
            self._publisher.publish(self._store.fail_restored())
            if any(each.joined for each in self._store.communities.values()):
                self._publisher.publish(self._store.fail_strays())

    async def restore_forever(self) -> None:
        """Look from time to time for what instances that are gone left."""
        while True:
            await self._clock.sleep(ADOPT_EVERY)
            self.restore()
            await self.save_unkept()

    def save(self) -> None:
        """Let the disk know how everything stands."""
        for nonce in [each for each in self._kept if self._outbox.get(each) is None]:
            del self._kept[nonce]
            self._finished.add(nonce)
            self._storage.delete_entry(
                nonce, self._drafts.take_changes()
            )  # what was taken back is a draft from the same step on
        for entry in self._outbox.entries():
            if not entry.unkept and self._kept.get(entry.nonce) is not entry:
                self._kept[entry.nonce] = entry
                self._storage.update_entry(entry)

    # Sending

    def run_on(self, loop: asyncio.AbstractEventLoop) -> None:
        """There is an event loop: what is ready goes out on it."""
        self._loop = loop
        self._wake()

    def _watch(self, change: Change) -> None:
        self._wake()

    def _wake(self) -> None:
        """Look at the outbox on the next turn of the loop, however much changes on this one."""
        if self._loop is not None and not self._pumping:
            self._pumping = True
            self._loop.call_soon(self._pump)

    def _pump(self) -> None:
        self._pumping = False
        late = self._outbox.end_holds(self._clock.now(), self._is_live, self._link.waits_for)
        if late:
            self._publisher.publish(self._store.show(*late))
        for entry in self._outbox.ready(self._clock.now(), self._is_live):
            self._tasks.start(self._send(self._outbox.begin(entry.nonce)))
            self._publisher.publish(self._store.show(entry))
        self.save()
        self._set_alarm()

    def _is_live(self, entry: OutboxEntry) -> bool:
        return self._store.is_live(entry.channel_id)

    def _set_alarm(self) -> None:
        """Wake up when the next waiting entry is due."""
        due = self._outbox.next_due(self._clock.now())
        if due == self._alarm_at:
            return
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self._alarm_at = due
        if due is not None:
            self._alarm = self._tasks.start(self._ring(due))

    async def _ring(self, due: int) -> None:
        await self._clock.sleep(max(due - self._clock.now(), 0) / 1000)
        self._alarm = self._alarm_at = None
        self._wake()

    async def _send(self, entry: OutboxEntry) -> None:
        nonce = entry.nonce
        try:
            message = await _request(self._link, entry)
        except (NoAnswer, Unreachable) as error:
            held = self._outbox.hold(nonce, "no-answer" if isinstance(error, NoAnswer) else self._link.waits_for)
            if held is not None:
                released = self._outbox.release(entry.community_id) if self._is_live(entry) else ()
                self._publisher.publish(self._store.show(held, *released))
                await self.save_unkept()
        except AsnityError as error:
            self._publisher.publish(apply_refusal(self._store, nonce, error.info, self._clock.now()))
        else:
            self._publisher.publish(apply_ack(self._store, nonce, message))
        self._wake()


async def _request(link: Link, entry: OutboxEntry) -> Message:
    community, channel = entry.community_id, entry.channel_id
    if entry.kind == "new":
        new = requests.NewChat(channel_id=channel, content=entry.content, nonce=entry.nonce, reply_to=entry.reply_to)
        return (await link.ask(community, routes.CHAT_NEW, new)).chat_info
    chat_id = entry.chat_id or 0
    if entry.kind == "modify":
        change = requests.ModifyChat(channel_id=channel, chat_id=chat_id, content=entry.content, nonce=entry.nonce)
        return (await link.ask(community, routes.CHAT_MODIFY, change)).chat_info
    removal = requests.DeleteChat(channel_id=channel, chat_id=chat_id, nonce=entry.nonce)
    return (await link.ask(community, routes.CHAT_DELETE, removal)).chat_info
