"""Storage of the client without files: what it remembers between starts, and its accounts."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from asnity_server.protocol.responses import Overview
from asnity_tui.client.storage.accounts import SavedAccount
from asnity_tui.client.storage.storage import NO_DRAFTS, PreferenceValue, StorageError, StoredChannel, is_further
from asnity_tui.state.outbox_entry import OutboxEntry


class InMemoryStorage:
    """A `Storage` without a file; `other` is what an instance of the client that is gone left unsent."""

    def __init__(self) -> None:
        self.owner = "window"
        self.sidebar: Overview | None = None
        self.channels: dict[str, StoredChannel] = {}
        self.outbox: dict[str, OutboxEntry] = {}
        self.other: list[OutboxEntry] = []
        self.drafts: dict[str, str] = {}
        self.last: str | None = None
        self.choices: dict[str, PreferenceValue] = {}
        self.full = False
        self.closed = False

    def load_sidebar(self) -> Overview | None:
        return self.sidebar

    def save_sidebar(self, overview: Overview) -> None:
        self.sidebar = overview

    def load_channel(self, channel_id: str) -> StoredChannel | None:
        return self.channels.get(channel_id)

    def save_channel(self, channel_id: str, remembered: StoredChannel) -> None:
        self.channels[channel_id] = remembered

    def forget_channel(self, channel_id: str) -> None:
        self.channels.pop(channel_id, None)

    def load_outbox(self) -> Sequence[OutboxEntry]:
        self.outbox.update((each.nonce, each) for each in self.other)
        self.other.clear()
        return list(self.outbox.values())

    async def save_entry(self, entry: OutboxEntry, drafts: Mapping[str, str] = NO_DRAFTS) -> None:
        await asyncio.sleep(0)
        if self.full:
            raise StorageError("The disk is full.")
        self.outbox[entry.nonce] = entry
        self._save_drafts(drafts)

    def update_entry(self, entry: OutboxEntry) -> None:
        if entry.nonce in self.outbox:
            self.outbox[entry.nonce] = entry

    def delete_entry(self, nonce: str, drafts: Mapping[str, str] = NO_DRAFTS) -> None:
        self._save_drafts(drafts)
        self.outbox.pop(nonce, None)

    def load_drafts(self) -> Mapping[str, str]:
        return dict(self.drafts)

    def save_draft(self, channel_id: str, text: str) -> None:
        if text:
            self.drafts[channel_id] = text
        else:
            self.drafts.pop(channel_id, None)

    def _save_drafts(self, drafts: Mapping[str, str]) -> None:
        for channel_id, text in drafts.items():
            self.save_draft(channel_id, text)

    def load_last_channel(self) -> str | None:
        return self.last

    def save_last_channel(self, channel_id: str) -> None:
        self.last = channel_id

    def load_preferences(self) -> Mapping[str, PreferenceValue]:
        return dict(self.choices)

    def save_preference(self, name: str, value: PreferenceValue | None) -> None:
        if value is None:
            self.choices.pop(name, None)
        else:
            self.choices[name] = value

    def save_read_marker(self, name: str, value: str) -> None:
        if not is_further(self.choices.get(name), value):
            self.choices[name] = value

    def drop_read_marker(self, name: str, value: str) -> None:
        if name in self.choices and not is_further(self.choices[name], value):
            del self.choices[name]

    async def forget(self) -> None:
        self.outbox, self.channels, self.drafts, self.sidebar, self.last = {}, {}, {}, None, None
        self.choices = {}

    async def close(self) -> None:
        self.closed = True


class InMemoryAccounts:
    """The saved accounts without a file."""

    def __init__(self, *sessions: SavedAccount) -> None:
        self.sessions = list(sessions)

    def load(self) -> tuple[SavedAccount, ...]:
        return tuple(self.sessions)

    def use(self, session: SavedAccount) -> None:
        self.sessions = [session, *(each for each in self.sessions if each.user_id != session.user_id)]

    def remove(self, session: SavedAccount) -> None:
        self.sessions.remove(session)
