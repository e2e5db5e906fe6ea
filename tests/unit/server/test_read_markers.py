"""Unread messages in long stretches, counted by subtraction and one by one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asnity_server.api.read_markers import counters_of
from asnity_server.db.connection import connect
from asnity_server.db.migrations import migrate
from asnity_server.db.transaction import ReadTx
from asnity_server.protocol.limits import COUNT_CAP

ME, OTHER = "meeeeeeeeeee", "otherrrrrrrr"

Look = Literal["plain", "mine", "deleted", "mine, deleted", "system", "for me", "for all", "for all, by me"]
LOOKS: tuple[Look, ...] = (
    "plain", "mine", "deleted", "mine, deleted", "system", "for me", "for all", "for all, by me",
)  # fmt: skip


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """A file with two people, a community and its channels."""
    path = tmp_path_factory.mktemp("counting") / "asnity.db"
    migrate(path)
    connection = connect(path)
    connection.execute("BEGIN")
    for user in (ME, OTHER):
        connection.execute("INSERT INTO users VALUES (?1, ?1, ?1, '', '', '', 0, NULL)", (user,))
    connection.execute("INSERT INTO communities (id, name, description, created_at) VALUES ('lab', 'Lab', '', 0)")
    for channel in ("here", "there"):
        connection.execute(
            "INSERT INTO channels (id, community_id, kind, name, name_key, created_at)"
            " VALUES (?1, 'lab', 'public', ?1, ?1, 0)",
            (channel,),
        )
    yield connection
    connection.close()


def _fill(connection: sqlite3.Connection, looks: list[Look], read_id: int) -> None:
    """A channel with these messages, and another with as many that have nothing to do with it."""
    for channel, shown in (("here", looks), ("there", ["plain", *looks[::-1]])):
        connection.executemany(
            "INSERT INTO messages (channel_id, id, rev, sender_id, type, content, created_at, updated_at, deleted_at,"
            " mentions_all) VALUES (?1, ?2, ?2, ?3, ?4, '', 0, 0, ?5, ?6)",
            [
                (
                    channel,
                    number,
                    ME if look.startswith("mine") or look.endswith("by me") else OTHER,
                    "SYSTEM" if look == "system" else "TEXT",
                    1 if "deleted" in look else None,
                    int("for all" in look),
                )
                for number, look in enumerate(shown, 1)
            ],
        )
        connection.executemany(
            "INSERT INTO mentions VALUES (?, ?, ?)",
            [(channel, ME, number) for number, look in enumerate(shown, 1) if look == "for me"],
        )
        connection.execute("UPDATE channels SET last_id = ?1, rev = ?1 WHERE id = ?2", (len(shown), channel))
        connection.execute("INSERT INTO channel_members VALUES (?, ?, ?, 0, 0, 0)", (channel, ME, read_id))


@settings(max_examples=50, deadline=None)
@given(
    runs=st.lists(st.tuples(st.sampled_from(LOOKS), st.sampled_from([1, 2, 30, 99, 100, 101, 200])), max_size=6),
    part=st.floats(0, 1),
)
def test_whatever_the_length_and_the_mark(
    connection: sqlite3.Connection, runs: list[tuple[Look, int]], part: float
) -> None:
    looks = [look for look, length in runs for _ in range(length)]
    read_id = round(len(looks) * part)
    connection.execute("SAVEPOINT example")
    try:
        _fill(connection, looks, read_id)
        counters = counters_of(ReadTx(connection, 0), "here", ME)
    finally:
        connection.execute("ROLLBACK TO example")
    beyond = looks[read_id:]
    unread = sum(each in ("plain", "for me", "for all") for each in beyond)
    mentions = sum(each in ("for me", "for all") for each in beyond)
    assert (counters.unread, counters.mentions) == (min(unread, COUNT_CAP), min(mentions, COUNT_CAP))
    assert (counters.last_id, counters.read_id) == (len(looks), read_id)
