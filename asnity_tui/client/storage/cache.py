"""What we remember between starts: one SQLite file per server and account, which the first paint reads by itself."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from asnity_server.protocol.responses import Overview
from asnity_tui.state.outbox_entry import EntryKind, OutboxEntry

from .cache_file import SCHEMA, CacheFile, Newer, is_damage
from .cache_takeover import join_drafts, remove_entry, take_entries, write_drafts, write_entry
from .instances import Instance
from .storage import ELSEWHERE, NO_DRAFTS, STORED_MESSAGES_MAX, PreferenceValue, StorageError, StoredChannel, is_further
from .writer import CacheWriter, Work

T = TypeVar("T")

SETTLING = 2.0
"""Seconds for which a load waits at most for what is being written."""

SIDEBAR, _LAST_CHANNEL = "sidebar", "last-channel"
_CHOICE, _CHOICE_END = "choice/", "choice0"  # between them is every name that begins with the first


_UNDONE: Mapping[EntryKind, str] = {"new": "Not sent", "modify": "Not changed", "delete": "Not deleted"}


class _Chosen(msgspec.Struct, frozen=True, array_like=True):
    """One choice as it is kept."""

    value: PreferenceValue


class Cache:
    """The `Storage` of one window, in a file.

    `on_trouble(sentence)` is told what couldn't be read or kept; on the event loop once there is one. A file that can't
    be used at all is no reason not to start: then nothing is remembered, and `save_entry` says so.
    """

    def __init__(self, path: Path, on_trouble: Callable[[str], None]) -> None:
        self._on_trouble = on_trouble
        self._loop: asyncio.AbstractEventLoop | None = None
        self._file = CacheFile(path)
        self._window: Instance | None = None
        self._reader: sqlite3.Connection | None = None
        self._reading: int | None = None
        """Which file the reader has open, whatever it is called by now."""
        self._writing: int | None = None
        """Which file the writer has open."""
        self._unusable = ""
        self._last_trouble = ""
        self._closed = False
        self._writer = CacheWriter(self._open_writer, self._failed)
        self.owner = os.urandom(8).hex()
        self._open()

    # What is remembered

    def load_sidebar(self) -> Overview | None:
        """What the sidebar showed last."""
        return self._fact(SIDEBAR, Overview)

    def save_sidebar(self, overview: Overview) -> None:
        """Keep what the sidebar shows."""
        self._keep_fact(SIDEBAR, overview)

    def load_last_channel(self) -> str | None:
        """The channel that was open last."""
        return self._fact(_LAST_CHANNEL, str)

    def save_last_channel(self, channel_id: str) -> None:
        """Keep which channel is open."""
        self._keep_fact(_LAST_CHANNEL, channel_id)

    def load_channel(self, channel_id: str) -> StoredChannel | None:
        """The newest messages of a channel, if it was ever visited."""
        rows = self._select("SELECT remembered FROM channels WHERE channel_id = ?", channel_id)
        return _decoded(rows[0][0], StoredChannel) if rows else None

    def save_channel(self, channel_id: str, remembered: StoredChannel) -> None:
        """Keep these messages of a channel: the newest `STORED_MESSAGES_MAX` of them."""
        newest = msgspec.structs.replace(remembered, messages=remembered.messages[-STORED_MESSAGES_MAX:])

        def work(connection: sqlite3.Connection) -> None:
            data = msgspec.json.encode(newest)
            connection.execute("INSERT OR REPLACE INTO channels VALUES (?, ?)", (channel_id, data))

        self._later(work, ("channel", channel_id))

    def forget_channel(self, channel_id: str) -> None:
        """Remove a channel's messages."""
        self._execute("DELETE FROM channels WHERE channel_id = ?", (channel_id,), ("channel", channel_id))

    def load_drafts(self) -> Mapping[str, str]:
        """This window's drafts, by channel id, those of windows that are gone included."""
        owners = {str(owner) for (owner,) in self._select("SELECT DISTINCT owner FROM drafts")}
        for owner in sorted(owners - {self.owner}):
            self._take_over(owner, partial(join_drafts, gone=owner, owner=self.owner))
        return dict(self._select("SELECT channel_id, text FROM drafts WHERE owner = ?", self.owner))

    def save_draft(self, channel_id: str, text: str) -> None:
        """Keep a draft of this window; an empty one is removed."""
        self._later(partial(write_drafts, owner=self.owner, drafts={channel_id: text}), ("draft", channel_id))

    def load_preferences(self) -> Mapping[str, PreferenceValue]:
        """All that was chosen, by name."""
        rows = self._select("SELECT name, value FROM facts WHERE name >= ? AND name < ?", _CHOICE, _CHOICE_END)
        decoded = ((str(name).removeprefix(_CHOICE), _decoded(value, _Chosen)) for name, value in rows)
        return {name: chosen.value for name, chosen in decoded if chosen is not None}

    def save_preference(self, name: str, value: PreferenceValue | None) -> None:
        """Keep one choice; None removes it."""
        if value is None:
            self._execute("DELETE FROM facts WHERE name = ?", (_CHOICE + name,), ("fact", _CHOICE + name))
        else:
            self._keep_fact(_CHOICE + name, _Chosen(value))

    def save_read_marker(self, name: str, value: str) -> None:
        """Keep up to where somebody has read, unless a window has kept what is further."""

        def work(connection: sqlite3.Connection) -> None:
            if not is_further(_held(connection, _CHOICE + name), value):
                data = msgspec.json.encode(_Chosen(value))
                connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (_CHOICE + name, data))

        self._later(work, ("fact", _CHOICE + name))

    def drop_read_marker(self, name: str, value: str) -> None:
        """Remove it again, unless a window has kept what is further."""

        def work(connection: sqlite3.Connection) -> None:
            if not is_further(_held(connection, _CHOICE + name), value):
                connection.execute("DELETE FROM facts WHERE name = ?", (_CHOICE + name,))

        self._later(work, ("fact", _CHOICE + name))

    # The outbox

    def load_outbox(self) -> Sequence[OutboxEntry]:
        """Unsent things of this window, in order, those of windows that are gone included."""
        if self._unusable or self._closed:
            return ()
        owners = {str(owner) for (owner,) in self._select("SELECT DISTINCT owner FROM outbox")}
        for owner in sorted(owners - {self.owner}):
            self._take_over(owner, partial(take_entries, gone=owner, owner=self.owner))
        rows = self._select("SELECT entry FROM outbox WHERE owner = ? ORDER BY seq", self.owner)
        entries = (_decoded(data, OutboxEntry) for (data,) in rows)
        return [msgspec.structs.replace(each, owner=self.owner) for each in entries if each is not None]

    def _take_over(self, owner: str, work: Work[object]) -> None:
        """Make what a window left ours, if it is gone; nobody is what had no owner yet."""
        if self._window is None:
            return
        try:
            with self._window.gone(owner) if owner else nullcontext(True) as gone:
                if gone:
                    # Waited for under the lock of the gone one: no other window may find the same things.
                    self._writer.now(work).result(SETTLING)
        except (OSError, sqlite3.Error, TimeoutError) as error:
            self._trouble("Unsent messages of another window can't be loaded at the moment", error)

    async def save_entry(self, entry: OutboxEntry, drafts: Mapping[str, str] = NO_DRAFTS) -> None:
        """Keep an entry, and drafts without it; both are on disk when this returns. Raises `StorageError`."""
        if self._unusable or self._closed:
            raise StorageError(f"{_UNDONE[entry.kind]}: {_lowered(self._unusable or 'this window is closing.')}")
        self._meet_loop()
        work = partial(write_entry, entry=entry, owner=self.owner, drafts=drafts)
        try:
            await asyncio.wrap_future(self._writer.now(work))
        except (sqlite3.Error, OSError) as error:
            raise StorageError(f"{_UNDONE[entry.kind]}: it can't be saved on this disk ({_words(error)}).") from error

    def update_entry(self, entry: OutboxEntry) -> None:
        """Keep an entry's new state; nothing happens if it was dropped."""
        data = msgspec.json.encode(entry)
        self._execute("UPDATE outbox SET entry = ? WHERE nonce = ?", (data, entry.nonce))

    def delete_entry(self, nonce: str, drafts: Mapping[str, str] = NO_DRAFTS) -> None:
        """Forget an entry, and keep drafts with it."""
        self._later(partial(remove_entry, nonce=nonce, owner=self.owner, drafts=drafts), None)

    # The end

    async def forget(self) -> None:
        """Remove everything of this account."""
        if self._closed:
            return
        self._meet_loop()
        if not self._unusable:

            def work(connection: sqlite3.Connection) -> None:
                for table in ("facts", "channels", "drafts", "outbox"):
                    connection.execute(f"DELETE FROM {table}")

            try:
                await asyncio.wrap_future(self._writer.now(work))
            except (sqlite3.Error, OSError) as error:
                self._trouble("The cache can't be deleted", error)
        await self._finish(remove=True)

    async def close(self) -> None:
        """Write what is still to be written, and let go of the file and of this window's lock."""
        if not self._closed:
            await self._finish(remove=False)

    async def _finish(self, *, remove: bool) -> None:
        self._closed = True
        await asyncio.get_running_loop().run_in_executor(None, self._writer.close)
        self._drop_reader()
        if self._window is None:
            return
        try:
            if remove and not self._window.others():
                self._file.remove()
            self._window.close()
        except OSError as error:
            self._trouble("The cache can't be cleaned up", error)

    # The file

    def _open(self) -> None:
        """See whether the file can be used, and make it so where that is possible."""
        inode = None
        try:
            self._window = Instance(self._file.path.with_suffix(".windows"))
            self.owner = self._window.name
            inode = self._file.inode()
            version = self._file.version()
            if version > SCHEMA:
                self._set_aside("newer", inode)
            elif 0 < version < SCHEMA:
                self._file.writer().close()
        except Newer:
            self._unusable = "A newer version of Asnity is running with this account. Close it, or update this one."
            self._tell(self._unusable)
        except (sqlite3.Error, OSError) as error:
            if not is_damage(error) or not self._mended(inode):
                self._unusable = f"Nothing can be saved in {self._file.path.parent} ({_words(error)}). {ELSEWHERE}"
                self._tell(self._unusable)

    def _open_writer(self) -> sqlite3.Connection:
        """For the writer's thread."""
        connection = self._file.writer()
        self._writing = self._file.inode()
        return connection

    def _failed(self, error: Exception) -> bool:
        """For the writer's thread: why a batch wasn't written, and whether to try again."""
        if is_damage(error) and self._mended(self._writing or self._file.inode()):
            return True
        self._trouble("Drafts and unsent messages can't be saved", error)
        return False

    def _mended(self, inode: int | None) -> bool:
        """Whether there is a good file in place of the damaged one."""
        try:
            self._set_aside("damaged", inode)
        except (sqlite3.Error, OSError) as error:
            self._trouble("The damaged cache can't be set aside", error)
            return False
        return True

    def _set_aside(self, why: str, inode: int | None) -> None:
        if why == "newer" and self._window is not None and self._window.others():
            raise Newer
        done = self._file.set_aside(why, inode)
        if done is not None:
            what = "was damaged" if why == "damaged" else "is from a newer version"
            kept = (
                f"{done[1]} unsent message{'s were' if done[1] != 1 else ' was'} recovered"
                if done[1]
                else "it had no unsent messages"
            )
            self._tell(f"The local cache {what} and was set aside as {done[0].name}; {kept}.")

    # Reading and writing

    def _select(self, statement: str, *values: str) -> list[tuple[Any, ...]]:
        """Rows, as they are after everything that was saved before; none where they can't be read."""
        if self._unusable or self._closed:
            return []
        self._writer.flush(SETTLING)
        for _ in range(2):
            inode = self._file.inode()
            try:
                reader = self._opened_reader(inode)
                return [] if reader is None else reader.execute(statement, values).fetchall()
            except (sqlite3.Error, OSError) as error:
                self._drop_reader()
                if not is_damage(error) or not self._mended(inode):
                    self._trouble("The cache can't be read", error)
                    break
        return []

    def _opened_reader(self, inode: int | None) -> sqlite3.Connection | None:
        """A connection to the present file, if there is anything in it."""
        if self._reader is None or self._reading != inode:
            self._drop_reader()
            if self._file.version() != SCHEMA:
                return None
            self._reader, self._reading = self._file.reader(), inode
        return self._reader

    def _drop_reader(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()

    def _fact(self, name: str, kind: type[T]) -> T | None:
        rows = self._select("SELECT value FROM facts WHERE name = ?", name)
        return _decoded(rows[0][0], kind) if rows else None

    def _keep_fact(self, name: str, value: object) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, msgspec.json.encode(value)))

        self._later(work, ("fact", name))

    def _execute(self, statement: str, values: tuple[object, ...], key: object = None) -> None:
        self._later(lambda connection: connection.execute(statement, values), key)

    def _later(self, work: Work[object], key: object) -> None:
        if not self._unusable and not self._closed:
            self._meet_loop()
            self._writer.later(work, key=key)

    # Trouble

    def _meet_loop(self) -> None:
        if self._loop is None:
            # Without a loop yet, trouble is told directly.
            with suppress(RuntimeError):
                self._loop = asyncio.get_running_loop()

    def _trouble(self, what: str, error: BaseException) -> None:
        """Tell what went wrong, but the same thing only once in a row."""
        sentence = f"{what}: {_words(error)}."
        if sentence != self._last_trouble:
            self._last_trouble = sentence
            self._tell(sentence)

    def _tell(self, sentence: str) -> None:
        if self._loop is None or self._loop.is_closed():
            self._on_trouble(sentence)
        else:
            self._loop.call_soon_threadsafe(self._on_trouble, sentence)


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


def _words(error: BaseException) -> str:
    """An error of the operating system or of SQLite in as many words as they have for it."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__
