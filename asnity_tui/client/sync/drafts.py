"""Drafts by channel: saves them a while after they changed, or in the same step as the entry that was made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from asnity_tui.client.clock import Clock
from asnity_tui.client.storage.storage import Storage
from asnity_tui.state.changes import DraftChanged

from .publisher import Publisher
from .tasks import Tasks

DRAFT_AFTER = 1.0
"""Seconds after a letter before a draft is written: a crash costs no more than these."""

_CLOSED = "closed/"
"""What a channel was called, and what became of it, while what was written there is still a draft."""


class SubmittedText(msgspec.Struct, frozen=True, eq=False):
    """A text that left the composer to be sent, and isn't in the outbox yet."""

    channel_id: str
    text: str


class Drafts:
    """Unsent texts of the composer. On the disk a text is a draft until it is in the outbox, and never both."""

    def __init__(self, storage: Storage, publisher: Publisher, tasks: Tasks, clock: Clock) -> None:
        self._storage = storage
        self._publisher = publisher
        self._tasks = tasks
        self._clock = clock
        self._texts: dict[str, str] = {}
        self._submitted: list[SubmittedText] = []
        self._changed: set[str] = set()
        self._touched: set[str] = set()
        self._waiting = False
        self.closed: dict[str, str] = {}
        """Channels that closed while they were on the screen: what each was called, and what became of it."""

    def load(self) -> None:
        """Take in what is remembered."""
        self._texts = dict(self._storage.load_drafts())

    def get(self, channel_id: str) -> str:
        """A channel's unsent draft."""
        return self._texts.get(channel_id, "")

    def all(self) -> Mapping[str, str]:
        """The drafts, by channel id."""
        return self._texts

    def ids(self) -> frozenset[str]:
        """The channels with a draft."""
        return frozenset(self._texts)

    def set(self, channel_id: str, text: str) -> None:
        """Keep a draft; written a second later, however often it changes."""
        if text == self._texts.get(channel_id, ""):
            return
        had = channel_id in self._texts
        if text:
            self._texts[channel_id] = text
        else:
            del self._texts[channel_id]
        if had != bool(text):
            self._publisher.publish((DraftChanged(channel_id),))
        self._change(channel_id)

    def submit(self, channel_id: str, text: str) -> SubmittedText:
        """A text leaves the composer to be sent: the disk has it as a draft until it is in the outbox."""
        submitted = SubmittedText(channel_id, text)
        self._submitted.append(submitted)
        self._change(channel_id)
        return submitted

    def settle(self, submitted: SubmittedText | None) -> None:
        """A submitted text is elsewhere now: in the outbox, or in the composer again."""
        if submitted is not None and submitted in self._submitted:
            self._submitted.remove(submitted)
            self._change(submitted.channel_id)

    def take_changes(self) -> Mapping[str, str]:
        """Every draft as the disk shall have it, for those that it doesn't have so: the caller writes them."""
        changed, self._changed = self._changed, set()
        drafts = {channel_id: self._as_saved(channel_id) for channel_id in changed}
        for channel_id in self.closed.keys() & {each for each, text in drafts.items() if text}:
            self._storage.save_preference(_CLOSED + channel_id, self.closed[channel_id])
        return drafts

    def restore_changes(self, channel_ids: Iterable[str]) -> None:
        """Take back changes that couldn't be written."""
        for channel_id in channel_ids:
            self._change(channel_id)

    def save(self, *, again: bool = False) -> None:
        """Write what changed; `again`: whatever changed since the start, as the disk may not have taken all of it."""
        self._changed |= self._touched if again else set()
        for channel_id, text in self.take_changes().items():
            self._storage.save_draft(channel_id, text)

    def _as_saved(self, channel_id: str) -> str:
        submitted = [each.text for each in self._submitted if each.channel_id == channel_id]
        return "\n".join(each for each in (*submitted, self.get(channel_id)) if each)

    def _change(self, channel_id: str) -> None:
        self._changed.add(channel_id)
        self._touched.add(channel_id)
        if not self._waiting and self._tasks.is_open:
            self._waiting = True
            self._tasks.start(self._save_later())

    async def _save_later(self) -> None:
        await self._clock.sleep(DRAFT_AFTER)
        self._waiting = False
        self.save()

    # Channels that closed

    def close(self, channel_id: str, said: str) -> None:
        """A channel closed while its draft is written: `said` is what it was called and why, for the next start."""
        self.closed[channel_id] = said
        if channel_id in self._texts:  # it may have been written before, and not change any more
            self._storage.save_preference(_CLOSED + channel_id, said)

    def said_of(self, channel_id: str) -> str:
        """The name and reason that were kept when a channel closed, perhaps before this start."""
        said = self._storage.load_preferences().get(_CLOSED + channel_id)
        return said if isinstance(said, str) else ""

    def forget_closed(self, channel_id: str) -> None:
        """Nothing of a closed channel is a draft any more."""
        self.closed.pop(channel_id, None)
        self._storage.save_preference(_CLOSED + channel_id, None)
