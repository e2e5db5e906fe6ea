"""The outbox of entries that the server hasn't confirmed: queued, sending, then gone, waiting or failed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

from msgspec.structs import replace

from asnity_server.protocol.errors import ErrorInfo, is_restored

from .outbox_entry import EntryKind, OutboxEntry, WaitReason

INTERNAL_TRIES = 3
"""How often something is sent that the server answers with `internal`, before it counts as failed."""

WAIT_MIN, WAIT_MAX = 1.0, 30.0
"""Seconds before the first, and at most before any, new attempt at what was refused for a passing reason."""

_MENDS_ITSELF: dict[str, WaitReason] = {
    "unauthorized": "signed-out",
    "rate-limited": "rate-limited",
    "unavailable": "unavailable",
    "internal": "internal",
}
"""Error codes that trying again may mend, and what is waited for then. All others fail at once."""


class Outbox:
    """Unsent things of all channels, in the order they were written. Widgets read; only the session changes it.

    One of each channel is sent at a time; a waiting one holds back those after it. One that failed doesn't, nor a
    deletion that can still be taken back.
    """

    def __init__(self) -> None:
        self._channels: dict[str, dict[str, OutboxEntry]] = {}
        self._channel_of: dict[str, str] = {}

    # Looking

    def __len__(self) -> int:
        """How many there are, failed ones included."""
        return len(self._channel_of)

    def get(self, nonce: str) -> OutboxEntry | None:
        """One entry, while it is unsent."""
        channel_id = self._channel_of.get(nonce)
        return None if channel_id is None else self._channels[channel_id][nonce]

    def entries(self) -> Sequence[OutboxEntry]:
        """All of them, in order."""
        return tuple(self._channels[channel_id][nonce] for nonce, channel_id in self._channel_of.items())

    def of_channel(self, channel_id: str) -> Sequence[OutboxEntry]:
        """Those of one channel, in order."""
        return tuple(self._channels.get(channel_id, {}).values())

    @property
    def waiting(self) -> int:
        """How many are on their way or wait (everything that hasn't failed)."""
        return sum(each.state != "failed" for each in self.entries())

    @property
    def failed(self) -> Sequence[OutboxEntry]:
        """Those that need a decision of the person."""
        return tuple(each for each in self.entries() if each.state == "failed")

    def can_take_back(self, nonce: str) -> bool:
        """Whether it can be edited again or discarded: it failed, or was certainly never stored."""
        entry = self.get(nonce)
        return entry is not None and (entry.state == "failed" or (entry.state != "sending" and not entry.unknown))

    def ready(self, now: int, may_send: Callable[[OutboxEntry], bool]) -> Sequence[OutboxEntry]:
        """Find the entries to send at `now` (milliseconds): the head of each channel, if it is due and `may_send`."""
        heads = (self._head(channel_id) for channel_id in self._channels)
        return tuple(
            head
            for head in heads
            if head is not None and (head.state == "queued" or _is_due(head, now)) and may_send(head)
        )

    def next_due(self, now: int) -> int | None:
        """The earliest time after `now` (milliseconds) at which something that waits is to be looked at, if any."""
        heads = (self._head(channel_id) for channel_id in self._channels)
        waiting = [head for head in heads if head is not None and head.state == "waiting"]
        waiting += (each for each in self.entries() if _stands_aside(each))
        times = (each.not_before for each in waiting)
        return min((time for time in times if time is not None and time > now), default=None)

    def _head(self, channel_id: str) -> OutboxEntry | None:
        entries = self._channels[channel_id].values()
        return next((each for each in entries if each.state != "failed" and not _stands_aside(each)), None)

    # Changing

    def add(self, entry: OutboxEntry) -> None:
        """Put an entry after the others; one that is already here stays as it is."""
        if entry.nonce not in self._channel_of:
            self._channel_of[entry.nonce] = entry.channel_id
            self._channels.setdefault(entry.channel_id, {})[entry.nonce] = entry

    def restore(self, entries: Iterable[OutboxEntry]) -> Sequence[OutboxEntry]:
        """Take in what was kept on disk; answers those that weren't here, as they stand now.

        What was being sent has an unknown outcome, and what waited for a time doesn't any more: the server will say
        so again, and the clock may have been set since.
        """
        new = [_restored(each) for each in entries if each.nonce not in self._channel_of]
        for each in new:
            self.add(each)
        return tuple(new)

    def begin(self, nonce: str) -> OutboxEntry:
        """A request is about to leave for it: while it is `sending`, the server may have it."""
        return self._put(nonce, state="sending", reason=None, not_before=None)

    def kept(self, nonce: str) -> None:
        """It is on the disk by now."""
        if nonce in self._channel_of:
            self._put(nonce, unkept=False)

    def settle(self, nonce: str) -> OutboxEntry | None:
        """The server has it; answers what it was, or None if that was known already."""
        channel_id = self._channel_of.pop(nonce, None)
        if channel_id is None:
            return None
        entry = self._channels[channel_id].pop(nonce)
        if not self._channels[channel_id]:
            del self._channels[channel_id]
        return entry

    def refuse(self, nonce: str, error: ErrorInfo, now: int) -> OutboxEntry | None:
        """The server refused it: it waits if trying again may mend that, else it failed. None if it is gone."""
        entry = self.get(nonce)
        if entry is None:
            return None
        reason = _MENDS_ITSELF.get(error.code)
        attempts = entry.attempts + 1 if entry.error is not None and entry.error.code == error.code else 1
        if reason is None or (reason == "internal" and attempts >= INTERNAL_TRIES):
            return self._put(nonce, state="failed", error=error, attempts=attempts, unknown=False)
        wait = None
        if reason != "signed-out":
            pause = min(WAIT_MIN * 2 ** (attempts - 1), WAIT_MAX)
            told = error.retry_after
            seconds = pause if told is None else max(told, 0.1) if reason == "rate-limited" else max(told, pause)
            wait = now + round(seconds * 1000)
        return self._put(
            nonce,
            state="waiting",
            reason=reason,
            error=error,
            attempts=attempts,
            not_before=wait,
            unknown=entry.unknown or reason in ("internal", "unavailable"),
        )

    def hold(self, nonce: str, reason: Literal["no-answer", "offline", "signed-out"]) -> OutboxEntry | None:
        """It got no answer, or couldn't leave (the others); it waits for the connection. None if it is gone."""
        entry = self.get(nonce)
        if entry is None:
            return None
        unknown = entry.unknown or reason == "no-answer"
        return self._put(nonce, state="waiting", reason=reason, not_before=None, unknown=unknown)

    def release(self, community_id: str) -> Sequence[OutboxEntry]:
        """The connection serves this community: what waited for that is queued again. Answers those."""
        waited = (
            each
            for each in self.entries()
            if each.community_id == community_id and each.state == "waiting" and each.not_before is None
        )
        return tuple(self._put(each.nonce, state="queued", reason=None) for each in waited)

    def hold_back(self, reason: WaitReason) -> Sequence[OutboxEntry]:
        """There is no connection: everything that isn't under way waits for it. Answers those that changed."""
        queued = [each for each in self.entries() if each.state == "queued" or _waits_for_line(each, reason)]
        return tuple(self._put(each.nonce, state="waiting", reason=reason, not_before=None) for each in queued)

    def end_holds(
        self, now: int, may_send: Callable[[OutboxEntry], bool], reason: Literal["offline", "signed-out"]
    ) -> Sequence[OutboxEntry]:
        """End undo periods that are over: a deletion is queued, and entries that can't go now wait.

        Answers those that changed.
        """
        due = [each for each in self.entries() if each.reason == "undo" and _is_due(each, now)]
        return tuple(
            self._put(each.nonce, state="queued", reason=None, not_before=None)
            if may_send(each)
            else self._put(each.nonce, reason=reason, not_before=None)
            for each in due
            if each.kind == "delete" or not may_send(each)
        )

    def hurry(self, channel_id: str | None = None) -> Sequence[OutboxEntry]:
        """Nobody will take back any more what is held for that: everything, or the texts of one channel.

        Answers those that changed.
        """
        held = [
            each
            for each in self.entries()
            if each.reason == "undo"
            and (channel_id is None or (each.channel_id == channel_id and each.kind != "delete"))
        ]
        return tuple(self._put(each.nonce, state="queued", reason=None, not_before=None) for each in held)

    def fail_channel(self, channel_id: str, error: ErrorInfo, place: str = "") -> Sequence[OutboxEntry]:
        """The channel, which was called `place`, is lost: what was still to go there failed. Answers those."""
        if place:
            for each in self.of_channel(channel_id):
                self._put(each.nonce, place=place)
        return tuple(
            self._put(each.nonce, state="failed", error=error, reason=None, not_before=None)
            for each in self.of_channel(channel_id)
            if each.state != "failed"
        )

    def fail_restored(self, generation: str) -> tuple[Sequence[OutboxEntry], Sequence[OutboxEntry]]:
        """The server was restored: what names a message of another generation must not hit the one that has its id now.

        Answers the edits and replies that failed, and the deletions, which are gone: there is nothing in them to keep.
        """
        stale = [each for each in self.entries() if _is_stale(each, generation)]
        failed = [
            self._put(each.nonce, state="failed", error=_RESTORED[each.kind], reason=None, not_before=None)
            for each in stale
            if each.kind != "delete"
        ]
        dropped = [each for each in stale if each.kind == "delete" and self.settle(each.nonce)]
        return failed, dropped

    def retry(self, nonce: str) -> OutboxEntry | None:
        """Queue a failed or waiting entry again, in its old place; None if it is gone, on its way, or nobody's edit.

        A reply to a message from before the server was restored goes as a message of its own.
        """
        entry = self.get(nonce)
        if entry is None or entry.state == "sending":
            return None
        if entry.error is not None and is_restored(entry.error):
            if entry.kind != "new":
                return None
            self._put(nonce, reply_to=None)
        return self._put(nonce, state="queued", reason=None, error=None, not_before=None, attempts=0)

    def take_back(self, nonce: str) -> OutboxEntry | None:
        """Remove and answer an entry that the person wants to change or discard; None if it may be on its way."""
        return self.settle(nonce) if self.can_take_back(nonce) else None

    def _put(self, nonce: str, **changes: Any) -> OutboxEntry:
        channel_id = self._channel_of[nonce]
        entry = self._channels[channel_id][nonce] = replace(self._channels[channel_id][nonce], **changes)
        return entry


_RESTORED: dict[EntryKind, ErrorInfo] = {
    "modify": ErrorInfo(
        code="conflict",
        field="generation",
        message="This server was restored from a backup: this edit may change a different message now.",
    ),
    "new": ErrorInfo(
        code="conflict",
        field="generation",
        message="This server was restored from a backup: this may reply to a different message now."
        " Retry sends it without the reply.",
    ),
}
"""Why something that names a message waits for its author, after the server was restored."""


def _is_stale(entry: OutboxEntry, generation: str) -> bool:
    """Whether it names a message by an id of another generation, and nobody was told yet."""
    names_one = entry.chat_id is not None or entry.reply_to is not None
    told = entry.error is not None and is_restored(entry.error)
    return names_one and not told and entry.generation not in ("", generation)


def _stands_aside(entry: OutboxEntry) -> bool:
    """Whether those after it needn't wait for it: a deletion that can still be taken back."""
    return entry.kind == "delete" and entry.reason == "undo"


def _is_due(entry: OutboxEntry, now: int) -> bool:
    return entry.state == "waiting" and entry.not_before is not None and now >= entry.not_before


def _waits_for_line(entry: OutboxEntry, reason: WaitReason) -> bool:
    """Whether it waits for the connection, for another reason than the one that holds now."""
    return entry.state == "waiting" and entry.not_before is None and entry.reason not in (reason, "no-answer")


def _restored(entry: OutboxEntry) -> OutboxEntry:
    if entry.state == "failed":
        return entry
    return replace(
        entry, state="queued", reason=None, not_before=None, unknown=entry.unknown or entry.state == "sending"
    )
