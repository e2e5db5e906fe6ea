"""The cache: keeps a session's storage in one SQLite file per server and account."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from asnity_server.protocol.responses import Overview
from asnity_tui.state.outbox_entry import EntryKind, OutboxEntry

from .cache_database import CacheDatabase, describe
from .storage import NO_DRAFTS, STORED_MESSAGES_MAX, PreferenceValue, StorageError, StoredChannel, is_further
from .writer import Work

T = TypeVar("T")

SIDEBAR, _LAST_CHANNEL = "sidebar", "last-channel"
_CHOICE, _CHOICE_END = "choice/", "choice0"  # between them is every name that begins with the first


_UNDONE: Mapping[EntryKind, str] = {"new": "Not sent", "modify": "Not changed", "delete": "Not deleted"}


class _Chosen(msgspec.Struct, frozen=True, array_like=True):
    """One choice as it is kept."""

    value: PreferenceValue


class Cache:
    """The `Storage` of one running instance, in a file; `on_trouble` is called as `CacheDatabase` says."""

    def __init__(self, path: Path, on_trouble: Callable[[str], None]) -> None:
        self._database = CacheDatabase(path, on_trouble)
        self.owner = self._database.owner

    # What is remembered

    def load_sidebar(self) -> Overview | None:
        """The sidebar as it showed last."""
        return self._fact(SIDEBAR, Overview)

    def save_sidebar(self, overview: Overview) -> None:
        """Keep what the sidebar shows."""
        self._save_fact(SIDEBAR, overview)

    def load_last_channel(self) -> str | None:
        """The channel that was open last."""
        return self._fact(_LAST_CHANNEL, str)

    def save_last_channel(self, channel_id: str) -> None:
        """Keep which channel is open."""
        self._save_fact(_LAST_CHANNEL, channel_id)

    def load_channel(self, channel_id: str) -> StoredChannel | None:
        """The newest messages of a channel, if it was ever visited."""
        rows = self._database.select("SELECT remembered FROM channels WHERE channel_id = ?", channel_id)
        return _decoded(rows[0][0], StoredChannel) if rows else None

    def save_channel(self, channel_id: str, remembered: StoredChannel) -> None:
        """Keep these messages of a channel: the newest `STORED_MESSAGES_MAX` of them."""
        newest = msgspec.structs.replace(remembered, messages=remembered.messages[-STORED_MESSAGES_MAX:])

        def work(connection: sqlite3.Connection) -> None:
            data = msgspec.json.encode(newest)
            connection.execute("INSERT OR REPLACE INTO channels VALUES (?, ?)", (channel_id, data))

        self._database.later(work, ("channel", channel_id))

    def forget_channel(self, channel_id: str) -> None:
        """Remove a channel's messages."""
        self._execute("DELETE FROM channels WHERE channel_id = ?", (channel_id,), ("channel", channel_id))

    def load_drafts(self) -> Mapping[str, str]:
        """This instance's drafts, by channel id, those of instances that are gone included."""
        owners = {str(owner) for (owner,) in self._database.select("SELECT DISTINCT owner FROM drafts")}
        for owner in sorted(owners - {self.owner}):
            self._take_over(owner, partial(_join_drafts, gone=owner, owner=self.owner))
        return dict(self._database.select("SELECT channel_id, text FROM drafts WHERE owner = ?", self.owner))

    def save_draft(self, channel_id: str, text: str) -> None:
        """Keep a draft of this instance; an empty one is removed."""
        self._database.later(partial(_write_drafts, owner=self.owner, drafts={channel_id: text}), ("draft", channel_id))

    def load_preferences(self) -> Mapping[str, PreferenceValue]:
        """All that was chosen, by name."""
        rows = self._database.select("SELECT name, value FROM facts WHERE name >= ? AND name < ?", _CHOICE, _CHOICE_END)
        decoded = ((str(name).removeprefix(_CHOICE), _decoded(value, _Chosen)) for name, value in rows)
        return {name: chosen.value for name, chosen in decoded if chosen is not None}

    def save_preference(self, name: str, value: PreferenceValue | None) -> None:
        """Keep one choice; None removes it."""
        if value is None:
            self._execute("DELETE FROM facts WHERE name = ?", (_CHOICE + name,), ("fact", _CHOICE + name))
        else:
            self._save_fact(_CHOICE + name, _Chosen(value))

    def save_read_marker(self, name: str, value: str) -> None:
        """Keep up to where somebody has read, unless an instance has kept what is further."""

        def work(connection: sqlite3.Connection) -> None:
            if not is_further(_held(connection, _CHOICE + name), value):
                data = msgspec.json.encode(_Chosen(value))
                connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (_CHOICE + name, data))

        self._database.later(work, ("fact", _CHOICE + name))

    def drop_read_marker(self, name: str, value: str) -> None:
        """Remove it again, unless an instance has kept what is further."""

        def work(connection: sqlite3.Connection) -> None:
            if not is_further(_held(connection, _CHOICE + name), value):
                connection.execute("DELETE FROM facts WHERE name = ?", (_CHOICE + name,))

        self._database.later(work, ("fact", _CHOICE + name))

    # The outbox

    def load_outbox(self) -> Sequence[OutboxEntry]:
        """Unsent things of this instance, in order, those of instances that are gone included."""
        if not self._database.is_usable:
            return ()
        owners = {str(owner) for (owner,) in self._database.select("SELECT DISTINCT owner FROM outbox")}
        for owner in sorted(owners - {self.owner}):
            self._take_over(owner, partial(_take_entries, gone=owner, owner=self.owner))
        rows = self._database.select("SELECT entry FROM outbox WHERE owner = ? ORDER BY seq", self.owner)
        entries = (_decoded(data, OutboxEntry) for (data,) in rows)
        return [msgspec.structs.replace(each, owner=self.owner) for each in entries if each is not None]

    def _take_over(self, owner: str, work: Work[object]) -> None:
        """Make what an instance left ours, if it is gone; nobody is what had no owner yet."""
        instance = self._database.instance
        if instance is None:
            return
        try:
            with instance.gone(owner) if owner else nullcontext(True) as gone:
                if gone:
                    # Waited for under the lock of the gone one: no other instance may find the same things.
                    self._database.now_blocking(work)
        except (OSError, sqlite3.Error, TimeoutError) as error:
            self._database.report_trouble("Unsent messages of another window can't be loaded at the moment", error)

    async def save_entry(self, entry: OutboxEntry, drafts: Mapping[str, str] = NO_DRAFTS) -> None:
        """Keep an entry, and drafts without it; both are on disk when this returns. Raises `StorageError`."""
        if not self._database.is_usable:
            raise StorageError(
                f"{_UNDONE[entry.kind]}: {_lowered(self._database.unusable or 'this window is closing.')}"
            )
        work = partial(_write_entry, entry=entry, owner=self.owner, drafts=drafts)
        try:
            await self._database.now(work)
        except (sqlite3.Error, OSError) as error:
            raise StorageError(f"{_UNDONE[entry.kind]}: it can't be saved on this disk ({describe(error)}).") from error

    def update_entry(self, entry: OutboxEntry) -> None:
        """Keep an entry's new state; nothing happens if it was dropped."""
        data = msgspec.json.encode(entry)
        self._execute("UPDATE outbox SET entry = ? WHERE nonce = ?", (data, entry.nonce))

    def delete_entry(self, nonce: str, drafts: Mapping[str, str] = NO_DRAFTS) -> None:
        """Forget an entry, and keep drafts with it."""
        self._database.later(partial(_remove_entry, nonce=nonce, owner=self.owner, drafts=drafts), None)

    # The end

    async def forget(self) -> None:
        """Remove everything of this account."""
        if self._database.is_closed:
            return
        if not self._database.unusable:

            def work(connection: sqlite3.Connection) -> None:
                for table in ("facts", "channels", "drafts", "outbox"):
                    connection.execute(f"DELETE FROM {table}")

            try:
                await self._database.now(work)
            except (sqlite3.Error, OSError) as error:
                self._database.report_trouble("The cache can't be deleted", error)
        await self._database.close(remove=True)

    async def close(self) -> None:
        """Write what is still to be written, and let go of the file and of this instance's lock."""
        if not self._database.is_closed:
            await self._database.close()

    def _fact(self, name: str, kind: type[T]) -> T | None:
        rows = self._database.select("SELECT value FROM facts WHERE name = ?", name)
        return _decoded(rows[0][0], kind) if rows else None

    def _save_fact(self, name: str, value: object) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, msgspec.json.encode(value)))

        self._database.later(work, ("fact", name))

    def _execute(self, statement: str, values: tuple[object, ...], key: Hashable = None) -> None:
        self._database.later(lambda connection: connection.execute(statement, values), key)


def _held(connection: sqlite3.Connection, name: str) -> PreferenceValue | None:
    row = connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    chosen = _decoded(row[0], _Chosen) if row is not None else None
    return chosen.value if chosen is not None else None


def _decoded(data: Any, kind: type[T]) -> T | None:
    """What was kept, or None where it was kept in a form that is no longer known."""
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeError, TypeError):
        return None


def _lowered(sentence: str) -> str:
    """A sentence as the end of another."""
    return sentence[:1].lower() + sentence[1:]


def _take_entries(connection: sqlite3.Connection, gone: str, owner: str) -> None:
    """Go on sending what an instance left."""
    connection.execute("UPDATE outbox SET owner = ? WHERE owner = ?", (owner, gone))


def _join_drafts(connection: sqlite3.Connection, gone: str, owner: str) -> None:
    """Put the drafts of an instance that is gone behind those of another; what is in both is there once."""
    for channel_id, text in connection.execute(
        "SELECT channel_id, text FROM drafts WHERE owner = ?", (gone,)
    ).fetchall():
        own = connection.execute("SELECT text FROM drafts WHERE channel_id = ? AND owner = ?", (channel_id, owner))
        held = next((str(each) for (each,) in own), "")
        if held and text not in held:
            text = text if held in text else f"{held}\n{text}"
        values = (channel_id, owner, text if text not in held else held)
        connection.execute("INSERT OR REPLACE INTO drafts (channel_id, owner, text) VALUES (?, ?, ?)", values)
    connection.execute("DELETE FROM drafts WHERE owner = ?", (gone,))


def _write_drafts(connection: sqlite3.Connection, owner: str, drafts: Mapping[str, str]) -> None:
    """Have these drafts of an instance, by channel; an empty one is removed."""
    for channel_id, text in drafts.items():
        if text:
            statement = "INSERT OR REPLACE INTO drafts (channel_id, owner, text) VALUES (?, ?, ?)"
            connection.execute(statement, (channel_id, owner, text))
        else:
            connection.execute("DELETE FROM drafts WHERE channel_id = ? AND owner = ?", (channel_id, owner))


def _write_entry(connection: sqlite3.Connection, entry: OutboxEntry, owner: str, drafts: Mapping[str, str]) -> None:
    """Have an unsent thing, and an instance's drafts as they are without it."""
    connection.execute(
        "INSERT INTO outbox (nonce, owner, entry) VALUES (?, ?, ?)"
        " ON CONFLICT (nonce) DO UPDATE SET owner = excluded.owner, entry = excluded.entry",
        (entry.nonce, entry.owner or owner, msgspec.json.encode(entry)),
    )
    _write_drafts(connection, owner, drafts)


def _remove_entry(connection: sqlite3.Connection, nonce: str, owner: str, drafts: Mapping[str, str]) -> None:
    """Have an unsent thing no more, and an instance's drafts as they are with what became of it."""
    connection.execute("DELETE FROM outbox WHERE nonce = ?", (nonce,))
    _write_drafts(connection, owner, drafts)
