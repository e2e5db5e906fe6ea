"""The write buffer and its cache: never other than if each work had asked and written by itself."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from asnity_server.api import membership, messages, read_markers
from asnity_server.api.access import Caller
from asnity_server.db.transaction import WriteTx
from asnity_server.db.write_buffer import BatchInsert, WriteBuffer
from asnity_server.protocol import requests
from asnity_server.protocol.errors import Conflict, Internal
from tests.api.harness import ApiHarness

from .test_database import Notes

_NUMBERS = BatchInsert("INSERT INTO once (number, text) VALUES ", columns=2)


@pytest.fixture
async def notes(tmp_path: Path) -> AsyncIterator[Notes]:
    """A database with a table where a number stands once."""
    notes = Notes()
    await notes.open(tmp_path / "notes.db")
    await notes.database.write(lambda tx: tx.run("CREATE TABLE once (number INTEGER PRIMARY KEY, text TEXT)"))
    yield notes
    await notes.database.close()


def later(number: int, text: str = "") -> Callable[[WriteTx], int]:
    """Put a row off."""

    def work(tx: WriteTx) -> int:
        tx.buffer.insert(_NUMBERS, (number, text))
        tx.keep_cached()
        return number

    return work


def count(tx: WriteTx) -> int:
    """How many rows there are."""
    found: int = tx.value("SELECT count(*) FROM once")
    return found


async def test_buffered_rows_are_there_for_whoever_looks_and_after_the_commit(notes: Notes) -> None:
    found = await notes.at_once(*(later(number) for number in range(70)), count, later(70), later(71), count)
    assert found == [*range(70), 70, 70, 71, 72]
    assert await notes.database.read(lambda view: view.value("SELECT count(*) FROM once")) == 72


async def test_the_last_state_buffered_for_a_thing_counts(notes: Notes) -> None:
    def put(number: int, text: str) -> Callable[[WriteTx], None]:
        return lambda tx: tx.buffer.put("UPDATE once SET text = ? WHERE number = ?", number, (text, number))

    await notes.database.write(later(1))
    await notes.database.write(later(2))
    await notes.at_once(put(1, "a"), put(2, "b"), put(1, "c"))
    rows = await notes.database.read(lambda view: view.all("SELECT number, text FROM once ORDER BY number"))
    assert rows == [(1, "c"), (2, "b")]


async def test_what_cannot_be_written_fails_alone(notes: Notes, caplog: pytest.LogCaptureFixture) -> None:
    found = await notes.at_once(later(1), later(2), later(1), count, later(3))
    assert [type(each) for each in found] == [int, int, Internal, int, int]
    assert found[3] == 2
    assert await notes.database.read(lambda view: view.all("SELECT number FROM once")) == [(1,), (2,), (3,)]


async def test_a_work_that_fails_after_what_it_buffered_leaves_none_of_it(notes: Notes) -> None:
    def work(tx: WriteTx) -> None:
        tx.buffer.insert(_NUMBERS, (9, ""))
        raise Conflict("no")

    found = await notes.at_once(later(1), work, later(2))
    assert isinstance(found[1], Conflict)
    assert await notes.database.read(lambda view: view.all("SELECT number FROM once")) == [(1,), (2,)]


def learn(tx: WriteTx) -> bool:
    """Recall whether this was called before."""
    known = "known" in tx.buffer.cached
    tx.buffer.cached["known"] = True
    return known


async def test_cached_answers_go_with_other_writes_with_rollbacks_and_with_commits_of_others(notes: Notes) -> None:
    database = notes.database

    async def known() -> bool:
        first = await database.write(learn)
        assert await database.write(learn) is True
        return first

    assert await known() is False
    await database.write(later(1))
    await database.write(count)
    assert await known() is True
    await database.write(lambda tx: tx.run("UPDATE once SET text = 'x'"))
    assert await known() is False
    assert isinstance((await asyncio.gather(database.write(later(1)), return_exceptions=True))[0], Internal)
    assert await known() is False

    def elsewhere() -> None:
        with sqlite3.connect(notes.database._path) as other:
            other.execute("UPDATE once SET text = 'y'")
        other.close()

    await asyncio.to_thread(elsewhere)
    assert await known() is False


WHO = st.integers(0, 2)
STEP = st.one_of(
    st.tuples(st.just("post"), WHO, st.sampled_from(["one", "two", "@bob three", "@channel four"]), st.integers(0, 5)),
    st.tuples(st.just("post"), WHO, st.sampled_from(["one", "two"]), st.just(-1)),
    st.tuples(st.just("reply"), WHO, st.integers(1, 4), st.just(-1)),
    st.tuples(st.just("read"), WHO, st.integers(0, 6), st.integers(0, 1)),
    st.tuples(st.just("delete"), WHO, st.integers(1, 6), st.just(0)),
    st.tuples(st.just("edit"), WHO, st.integers(1, 6), st.just(0)),
    st.tuples(st.just("mute"), WHO, st.integers(0, 1), st.just(0)),
    st.tuples(st.just("archive"), st.just(0), st.integers(0, 1), st.just(0)),
    st.tuples(st.just("leave"), WHO, st.just(0), st.just(0)),
    st.tuples(st.just("enter"), WHO, st.just(0), st.just(0)),
    st.tuples(st.just("wait"), WHO, st.just(0), st.just(0)),
)
Step = tuple[str, int, Any, int]


def _say(who: int, nonce: int = -1) -> Step:
    return ("post", who, "one", nonce)


class Forgetful(WriteBuffer):
    """Buffers nothing and caches nothing."""

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, True if name == "careful" else Nothing() if name == "cached" else value)


class Nothing(dict[Any, Any]):
    """A buffer that keeps nothing."""

    def __setitem__(self, key: object, value: object) -> None:
        return None

    def __delitem__(self, key: object) -> None:
        return None


class Channel:
    """Three people and what they may do, in a harness of their own."""

    def __init__(self, harness: ApiHarness, *, forgetful: bool) -> None:
        self._harness = harness
        if forgetful:
            harness.database._buffer = Forgetful(harness.database._writer)

    async def open(self, number: int) -> None:
        """A new channel for the same people."""
        self._harness.clock.now += 100_000  # nobody is muted any more
        if number == 0:
            self._people = await self._harness.people("alice", "bob", "carol")
            self._lab = await self._harness.community(*self._people)
        self._channel = (await self._harness.channel(self._people[0], self._lab, f"c{number}", *self._people[1:])).id
        self._nonce = str(number)

    def _work(self, step: Step) -> Callable[[WriteTx], Any]:
        kind, who, what, more = step
        channel, caller = self._channel, Caller(self._people[who].id, "none", "link")
        if kind in ("post", "reply"):
            nonce = f"{self._nonce}-{more}" if more >= 0 else None
            content, reply_to = (what, None) if kind == "post" else ("re", what)
            new = requests.PostMessage(channel_id=channel, content=content, nonce=nonce, reply_to=reply_to)
            return lambda tx: messages.post(tx, caller, new)
        if kind == "read":
            read = requests.MoveReadMarker(channel_id=channel, read_id=what, set_back=bool(more))
            return lambda tx: read_markers.move_read_marker(tx, caller, read)
        if kind == "delete":
            return lambda tx: messages.delete(tx, caller, requests.DeleteMessage(channel_id=channel, chat_id=what))
        if kind == "edit":
            edit = requests.EditMessage(channel_id=channel, chat_id=what, content="edited")
            return lambda tx: messages.edit(tx, caller, edit)
        if kind == "mute":
            until = "UPDATE memberships SET muted_until = ? WHERE user_id = ?"
            return lambda tx: tx.run(until, (tx.now + 5_000 if what else 0, caller.user_id))
        if kind == "archive":
            return lambda tx: tx.run("UPDATE channels SET archived = ? WHERE id = ?", (what, channel))
        if kind == "leave":
            return lambda tx: membership.leave_channel(tx, channel, caller.user_id, "left")
        return lambda tx: membership.enter_channel(tx, channel, caller.user_id)

    async def tell(self, batches: list[list[Step]]) -> list[str]:
        """Carry out the steps, a commit for each list; what was answered, told and stored."""
        said: list[object] = []
        self._harness.forget()
        for batch in batches:
            self._harness.clock.now += 1_000
            if any(step[0] == "wait" for step in batch):
                self._harness.clock.now += 10_000
            works = [self._work(step) for step in batch if step[0] != "wait"]
            found = await asyncio.gather(
                *(self._harness.database.write(each) for each in works), return_exceptions=True
            )
            said += [(type(each).__name__, str(each)) for each in found]
        said += self._harness.changes
        stored: list[object] = []
        for table in ("messages", "mentions", "channel_members", "receipts"):
            stored += await self._harness.sql(f"SELECT * FROM {table} WHERE channel_id = ?", [self._channel])
        stored += await self._harness.sql("SELECT last_id, rev, last_at FROM channels WHERE id = ?", [self._channel])
        return [*map(self._plain, said), *sorted(map(self._plain, stored))]

    def _plain(self, thing: object) -> str:
        text = str(thing)
        for real, name in ((self._channel, "CHANNEL"), (self._lab.id, "LAB")):
            text = text.replace(real, name)
        for person in self._people:
            text = text.replace(person.id, person.name)
        return re.sub(r"b'(?:[^'\\]|\\.)*'|b\"[^\"]*\"", "HASH", text)


async def test_whatever_is_buffered_and_cached_comes_to_the_same(tmp_path: Path) -> None:
    harnesses = [await ApiHarness(tmp_path / name).open() for name in ("ahead.db", "careful.db")]
    # their writers meet a commit for each work or one for several, as it comes: that must make no difference either
    pair = [Channel(harness, forgetful=bool(index)) for index, harness in enumerate(harnesses)]
    loop, numbers = asyncio.get_running_loop(), iter(range(1_000_000))

    @settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.lists(STEP, min_size=1, max_size=6), min_size=1, max_size=6))
    # behind the others, caught up again; the same nonce twice at once; a mute that ends by itself; gone and back
    @example([[_say(0), _say(1), _say(0), ("read", 0, 6, 0), _say(0), ("read", 1, 1, 1), _say(1)]])
    @example([[_say(0, 1), _say(1, 1), _say(0, 1), _say(1)], [_say(0, 1), ("post", 0, "two", 1), _say(1)]])
    @example([[_say(1), ("mute", 1, 1, 0), _say(1)], [("wait", 1, 0, 0), _say(1), _say(1, 3)]])
    @example([[_say(1), ("leave", 1, 0, 0), _say(1), _say(0), ("enter", 1, 0, 0), _say(1)]])
    def run(batches: list[list[Step]]) -> None:
        number = next(numbers)

        async def both() -> list[list[str]]:
            for each in pair:
                await each.open(number)
            return [await each.tell(batches) for each in pair]

        told = asyncio.run_coroutine_threadsafe(both(), loop).result(30)
        assert told[0] == told[1]

    try:
        await asyncio.to_thread(run)
    finally:
        for harness in harnesses:
            await harness.close()


async def test_of_too_many_cached_answers_none_is_kept(notes: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asnity_server.db.database.CACHED", 3)
    known: list[int] = []

    def learn(tx: WriteTx) -> None:
        known.append(len(tx.buffer.cached))
        tx.buffer.cached[len(known)] = True
        tx.keep_cached()

    for _ in range(8):
        await notes.database.write(learn)
    assert known == [0, 1, 2, 3, 0, 1, 2, 3]  # the first one beyond is the last one of its kind


async def test_cached_answers_are_forgotten_where_a_work_goes_on_to_write_what_nobody_vouches_for(notes: Notes) -> None:
    def learn(tx: WriteTx) -> None:
        tx.buffer.cached["who"] = "a friend"
        tx.run("INSERT INTO once VALUES (1, 'a friend')")
        tx.keep_cached()

    def change(tx: WriteTx) -> None:
        learn_again(tx)
        tx.run("UPDATE once SET text = 'nobody'")

    def learn_again(tx: WriteTx) -> None:
        tx.run("UPDATE once SET text = 'a friend'")
        tx.keep_cached()

    def recall(tx: WriteTx) -> object:
        return tx.buffer.cached.get("who")

    assert await notes.at_once(learn, recall, change, recall) == [None, "a friend", None, None]
