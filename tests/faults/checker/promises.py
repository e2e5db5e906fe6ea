"""Promises: what holds of every history, whatever happens to programs and lines meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from asnity_server.protocol.limits import COUNT_CAP

from .history import (
    Acknowledged,
    Entered,
    Entry,
    History,
    Joined,
    Lost,
    Refused,
    Removed,
    Resynced,
    Sent,
    SessionOver,
    StoredMessage,
    Told,
    View,
    Violation,
)


def broken(history: History, stored: Sequence[StoredMessage], views: Iterable[View]) -> list[Violation]:
    """Return every promise that a run broke, the shortest offending history first."""
    views = list(views)
    found = [
        *stored_once(history, stored),
        *dense_and_ascending(history, stored),
        *views_equal_the_log(stored, views),
        *silent_after_removal(history),
        *complete_from_join(history, stored),
        *in_order(history),
        *counted(stored, views),
    ]
    return sorted(found, key=lambda each: len(each.entries))


def stored_once(history: History, stored: Sequence[StoredMessage]) -> Iterator[Violation]:
    """Acknowledged means stored once, with that id; stored means sent."""
    by_nonce: dict[str, list[StoredMessage]] = {}
    for message in stored:
        if message.nonce is not None:
            by_nonce.setdefault(message.nonce, []).append(message)
    for messages in by_nonce.values():
        if len(messages) > 1:
            yield Violation("1: a message was stored twice", _of_nonce(history, messages[0].nonce), tuple(messages))
    for entry in history.of(Acknowledged):
        event = entry.event
        assert isinstance(event, Acknowledged)
        found = by_nonce.get(event.nonce, [])
        if event.message_id not in [each.message_id for each in found]:
            yield Violation("1: an acknowledged message isn't stored", _of_nonce(history, event.nonce), tuple(found))
    sent = {entry.event.nonce for entry in history.of(Sent) if isinstance(entry.event, Sent)}
    for nonce, messages in by_nonce.items():
        if nonce not in sent:
            yield Violation("1: something was stored that nobody sent", (), tuple(messages))


def dense_and_ascending(history: History, stored: Sequence[StoredMessage]) -> Iterator[Violation]:
    """Ids of a channel have no holes, revs are its own, and on each connection they ascend."""
    by_channel: dict[str, list[StoredMessage]] = {}
    for message in stored:
        by_channel.setdefault(message.channel_id, []).append(message)
    for channel_id, messages in by_channel.items():
        if sorted(each.message_id for each in messages) != list(range(1, len(messages) + 1)):
            yield Violation(f"2: the ids of {channel_id} have holes", (), tuple(messages[-5:]))
        if len({each.rev for each in messages}) != len(messages):
            yield Violation(f"2: revs of {channel_id} stand twice", (), tuple(messages[-5:]))
    for _, entries in history.connections():
        last: dict[str, Entry] = {}
        for entry in entries:
            if isinstance(entry.event, Told):
                before = last.get(entry.event.channel_id)
                if before is not None and isinstance(before.event, Told) and before.event.rev >= entry.event.rev:
                    yield Violation("2: revs don't ascend on a connection", (before, entry))
                last[entry.event.channel_id] = entry


def views_equal_the_log(stored: Sequence[StoredMessage], views: Iterable[View]) -> Iterator[Violation]:
    """After quiet, everybody sees what is stored, and nothing else."""
    logs: dict[str, dict[int, str]] = {}
    for message in stored:
        logs.setdefault(message.channel_id, {})[message.message_id] = message.content
    for view in views:
        log = logs.get(view.channel_id, {})
        if view.messages != log:
            missing, strange = sorted(log.keys() - view.messages.keys()), sorted(view.messages.keys() - log.keys())
            yield Violation(f"2: {view.client} lacks {missing[:5]} and has {strange[:5]} in {view.channel_id}", ())


def silent_after_removal(history: History) -> Iterator[Violation]:
    """Nothing of a community comes to a connection that was told of its removal, and nothing after a session's end."""
    for _, entries in history.connections():
        over: Entry | None = None
        out: dict[str, Entry] = {}
        for entry in entries:
            event = entry.event
            if isinstance(event, SessionOver):
                over = entry
            elif isinstance(event, Removed):
                out[event.community_id] = entry
            elif isinstance(event, Entered):
                out.pop(event.community_id, None)
            elif isinstance(event, Told):
                removal = over or out.get(event.channel_id[:12])
                if removal is not None:
                    yield Violation("3: something was told behind a removal", (removal, entry))


def complete_from_join(history: History, stored: Sequence[StoredMessage]) -> Iterator[Violation]:
    """From a join on, each connection is told everything, or to compare."""
    by_rev = {(each.channel_id, each.rev): each for each in stored}
    for _, entries in history.connections():
        joins: dict[str, Entry] = {}
        seen: dict[str, dict[int, Entry]] = {}
        for entry in entries:
            event = entry.event
            if isinstance(event, Joined):
                joins[event.channel_id] = entry
            elif isinstance(event, Resynced | Removed):  # a gap before it is repaired by it, though others came first
                for channel_id in [each for each in joins if each.startswith(event.community_id)]:
                    del joins[channel_id]
                    seen.pop(channel_id, None)
            elif isinstance(event, Told | Acknowledged):
                # what is told right behind a join may be noted before it, as who joins learns of it a little later
                seen.setdefault(event.channel_id, {})[event.rev] = entry
        for channel_id, join in joins.items():
            yield from _holes(join, seen.get(channel_id, {}), by_rev)


def _holes(join: Entry, seen: dict[int, Entry], stored: dict[tuple[str, int], StoredMessage]) -> Iterator[Violation]:
    assert isinstance(join.event, Joined)
    revs = sorted(rev for rev in seen if rev > join.event.rev)
    for rev in range(join.event.rev + 1, revs[-1] if revs else 0):
        message = stored.get((join.event.channel_id, rev))
        if rev not in seen and message is not None:
            behind = seen[min(each for each in revs if each > rev)]
            yield Violation("4: a connection wasn't told a message between two others", (join, behind), (message,))
            return


def in_order(history: History) -> Iterator[Violation]:
    """The requests of one connection took effect in their order."""
    for _, entries in history.connections():
        sent: dict[str, Entry] = {}
        last: dict[str, tuple[int, Entry]] = {}
        answers = {
            entry.event.nonce: entry
            for entry in entries
            if isinstance(entry.event, Acknowledged) and entry.event.attempt == 1
        }
        for entry in entries:
            if isinstance(entry.event, Sent) and entry.event.attempt == 1:
                sent[entry.event.nonce] = entry
                answer = answers.get(entry.event.nonce)
                if answer is None:
                    continue
                assert isinstance(answer.event, Acknowledged)
                before = last.get(entry.event.channel_id)
                if before is not None and before[0] >= answer.event.message_id:
                    yield Violation("5: requests of a connection changed their order", (before[1], entry, answer))
                last[entry.event.channel_id] = answer.event.message_id, entry


def counted(stored: Sequence[StoredMessage], views: Iterable[View]) -> Iterator[Violation]:
    """Counters are what counting gives: messages of others beyond the read marker."""
    for view in views:
        unread = sum(
            each.counts
            and each.channel_id == view.channel_id
            and each.sender_id != view.user_id
            and each.message_id > view.read_id
            for each in stored
        )
        unread = min(unread, COUNT_CAP)
        if unread != view.unread:
            yield Violation(f"6: {view.client} has {unread} unread in {view.channel_id} and is told {view.unread}", ())


def summary(history: History) -> dict[str, int]:
    """Count what a run was made of, so that an empty one doesn't pass for a good one."""
    return dict(Counter(type(each.event).__name__ for each in history.entries))


def _of_nonce(history: History, nonce: str | None) -> tuple[Entry, ...]:
    kinds = (Sent, Acknowledged, Refused, Told)
    return tuple(each for each in history.entries if isinstance(each.event, kinds) and each.event.nonce == nonce)


__all__ = ["Lost", "broken", "summary"]
