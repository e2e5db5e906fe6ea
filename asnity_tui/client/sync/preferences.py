"""Preferences of a person on this machine, and where they were: saved one small thing at a time.

Each thing is kept by itself, so that two instances of one account don't undo each other's choices.
"""

from __future__ import annotations

from typing import get_args

from asnity_tui.client.clock import Clock
from asnity_tui.client.storage.storage import PreferenceValue, Storage
from asnity_tui.state.changes import Change, ChannelLost, ChannelUpdated
from asnity_tui.state.notification_levels import DEFAULT_LEVEL, NotificationLevel
from asnity_tui.state.store import Store

from .publisher import Publisher

_LEVEL, _VISITED, _EMOJI, _REPLY = "level/", "visited/", "emoji/", "reply/"
_DO_NOT_DISTURB = "do-not-disturb"


class Preferences:
    """Levels, do-not-disturb, visits, replies, emoji. Nothing here waits or raises."""

    def __init__(self, store: Store, storage: Storage, publisher: Publisher, clock: Clock) -> None:
        self._store = store
        self._storage = storage
        self._publisher = publisher
        self._clock = clock
        self._held: dict[str, PreferenceValue] = {}
        self._recent: tuple[str, ...] | None = None
        publisher.watch(self._watch, ChannelLost)

    def load(self) -> None:
        """Take in what is remembered."""
        self._held = dict(self._storage.load_preferences())
        self._recent = None

    # What is told

    def level(self, channel_id: str) -> NotificationLevel:
        """The notification level of a channel."""
        held = self._held.get(_LEVEL + channel_id)
        return next((each for each in get_args(NotificationLevel) if each == held), DEFAULT_LEVEL)

    def set_level(self, channel_id: str, level: NotificationLevel) -> None:
        """Choose what is told of a channel."""
        self._put(_LEVEL + channel_id, None if level == DEFAULT_LEVEL else level)
        self._publisher.publish((ChannelUpdated(channel_id),))

    @property
    def do_not_disturb(self) -> bool:
        """Nothing is told at all."""
        return self._held.get(_DO_NOT_DISTURB) is True

    def set_do_not_disturb(self, on: bool) -> None:
        """Have nothing told, or something again."""
        self._put(_DO_NOT_DISTURB, on or None)

    def visit(self, channel_id: str) -> None:
        """A channel is opened."""
        last = max((held for name, held in self._visits()), default=0)
        # two visits within a millisecond have an order, too
        self._put(_VISITED + channel_id, max(self._clock.wall(), last + 1))
        self._recent = None

    def recent(self) -> tuple[str, ...]:
        """The channels that I visited and am still in, newest first."""
        if self._recent is None:
            visits = sorted(self._visits(), key=lambda each: -each[1])
            self._recent = tuple(name.removeprefix(_VISITED) for name, _ in visits)
        return tuple(each for each in self._recent if self._store.channel(each) is not None)

    def _visits(self) -> list[tuple[str, int]]:
        return [
            (name, held) for name, held in self._held.items() if name.startswith(_VISITED) and isinstance(held, int)
        ]

    # What a draft answers

    def reply_to(self, channel_id: str) -> int | None:
        """The message that a channel's draft answers."""
        generation, _, number = str(self._held.get(_REPLY + channel_id, "")).rpartition(" ")
        return int(number) if number.isdecimal() and generation == self._store.generation else None

    def set_reply_to(self, channel_id: str, message_id: int | None) -> None:
        """A channel's draft answers a message from now on, or none."""
        generation = self._store.generation
        self._put(_REPLY + channel_id, f"{generation} {message_id}" if message_id is not None else None)

    # Emoji

    def used_emoji(self, emoji: str) -> None:
        """An emoji was used (reacting counts by itself)."""
        held = self._held.get(_EMOJI + emoji)
        self._put(_EMOJI + emoji, (held if isinstance(held, int) else 0) + 1)

    def frequent_emoji(self, limit: int) -> tuple[str, ...]:
        """The emoji that I use most, most used first."""
        used = [(name, held) for name, held in self._held.items() if name.startswith(_EMOJI) and isinstance(held, int)]
        used.sort(key=lambda each: -each[1])
        return tuple(name.removeprefix(_EMOJI) for name, _ in used[:limit])

    # Keeping

    def _put(self, name: str, value: PreferenceValue | None) -> None:
        if value == self._held.get(name):
            return
        if value is None:
            del self._held[name]
        else:
            self._held[name] = value
        self._storage.save_preference(name, value)

    def _watch(self, change: Change) -> None:
        if isinstance(change, ChannelLost):
            for kind in (_LEVEL, _VISITED, _REPLY):
                self._put(kind + change.channel_id, None)
            self._recent = None
