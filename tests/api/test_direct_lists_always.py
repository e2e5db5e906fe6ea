"""Lists of direct channels, whatever people do: nobody lists what isn't theirs, and whoever is written to lists it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asnity_server.api import (
    channels,
    communities,
    direct_channels,
    direct_lists,
    members,
    membership,
    messages,
    overview,
)
from asnity_server.api.access import Caller
from asnity_server.api.accounts.users import make_account
from asnity_server.api.moderation import lift_ban
from asnity_server.bus import ChannelEntered, ChannelExited, MessagePosted
from asnity_server.db.connection import connect
from asnity_server.db.migrations import migrate
from asnity_server.db.transaction import WriteTx
from asnity_server.protocol import requests
from asnity_server.protocol.errors import AsnityError

ROOM = 3
NAMES = ("owner", "alice", "bob", "carol", "dave")
WHO = st.integers(1, len(NAMES) - 1)
"""Anybody but the owner, who keeps order."""

STEPS = st.one_of(
    st.tuples(st.just("open"), WHO, st.sets(WHO, min_size=1, max_size=3)),
    st.tuples(st.sampled_from(["say", "close", "list", "leave"]), WHO, st.integers(0, 7)),
    st.tuples(st.sampled_from(["go", "return", "ban", "errand"]), WHO, st.none()),
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with nothing in it but the schema."""
    path = tmp_path_factory.mktemp("directs") / "a.db"
    migrate(path)
    return path


class Town:
    """A community of a few people, whose works run one after the other."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.now = 1_800_000_000_000
        self.known: list[str] = []
        """Every direct channel that there ever was."""
        self.ids = [self.run(lambda tx, name=name: make_account(tx, name, name, "")) for name in NAMES]
        self.lab: str = self.do(0, communities.create_community, requests.CreateCommunity(name="Lab")).id
        for user_id in self.ids[1:]:
            self.run(lambda tx, user_id=user_id: membership.enter_community(tx, self.lab, user_id))
        self.listed: dict[str, set[str]] = {user_id: set() for user_id in self.ids}
        """By person, as a client that is told of everything has it."""

    def run(self, work: Any) -> Any:
        """A work that is refused leaves no trace."""
        self.now += 1000
        self.connection.execute("SAVEPOINT work")
        tx = WriteTx(self.connection, self.now)
        try:
            answer = work(tx)
        except AsnityError:
            self.connection.execute("ROLLBACK TO work")
            return None
        finally:
            self.connection.execute("RELEASE work")
        self.tell(tx.changes)
        return answer

    def do(self, who: int, work: Any, request: Any) -> Any:
        """Somebody asks for something."""
        return self.run(lambda tx: work(tx, Caller(self.ids[who], "session"), request))

    def tell(self, changes: list[object]) -> None:
        """Apply what clients are told to their lists."""
        for change in changes:
            if isinstance(change, ChannelEntered) and change.channel.kind == "direct":
                self.listed[change.user_id].add(change.channel.id)
            elif isinstance(change, ChannelExited):
                self.listed[change.user_id].discard(change.channel_id)
            elif isinstance(change, MessagePosted):
                self.reaches_everybody(change.message.channel_id)

    def reaches_everybody(self, channel_id: str) -> None:
        """A message puts a direct channel into the list of everybody who is in it and in the community."""
        there = "SELECT user_id FROM direct_people WHERE channel_id = ? AND NOT has_left"
        for (user_id,) in self.connection.execute(there, (channel_id,)):
            assert (channel_id in self.listed[user_id]) == self.is_member(user_id)

    def is_member(self, user_id: str) -> bool:
        found = self.connection.execute("SELECT 1 FROM memberships WHERE user_id = ?", (user_id,)).fetchone()
        return found is not None

    def step(self, what: str, who: int, with_: Any) -> None:
        """One thing that somebody does."""
        if what == "open":
            others = tuple(self.ids[each] for each in with_)
            made = self.do(
                who, direct_channels.open_direct, requests.OpenDirect(community_id=self.lab, user_ids=others)
            )
            if made is not None and made.id not in self.known:
                self.known.append(made.id)
        elif with_ is not None and self.known:
            self.authorize_in_channel(what, who, self.known[with_ % len(self.known)])
        elif what == "go":
            self.do(who, members.remove_member, requests.RemoveMember(community_id=self.lab, user_id="me"))
        elif what == "ban":
            banned = self.ids[who]
            self.do(0, members.remove_member, requests.RemoveMember(community_id=self.lab, user_id=banned, ban=True))
        elif what == "return":
            self.do(0, lift_ban, requests.OfMember(community_id=self.lab, user_id=self.ids[who]))
            self.run(lambda tx: membership.enter_community(tx, self.lab, self.ids[who]))
        elif what == "errand":
            self.run(direct_lists.run_direct_list_task)
        for user_id in self.ids:
            if not self.is_member(user_id):
                self.listed[user_id].clear()  # told once for all of it

    def authorize_in_channel(self, what: str, who: int, channel_id: str) -> None:
        if what == "say":
            self.do(who, messages.post, requests.PostMessage(channel_id=channel_id, content="words"))
        elif what == "leave":
            request = requests.OfChannelMember(channel_id=channel_id, user_id="me")
            self.do(who, channels.remove_member, request)
        else:
            closed = requests.PatchChannelMe(channel_id=channel_id, closed=what == "close")
            self.do(who, overview.patch_channel_me, closed)

    def check(self) -> None:
        """Check the invariants."""
        rows = self.connection.execute(
            "SELECT m.user_id, m.channel_id, p.user_id IS NOT NULL, b.user_id IS NOT NULL FROM channel_members m"
            " JOIN channels c ON c.id = m.channel_id AND c.kind = 'direct'"
            " LEFT JOIN direct_people p ON p.channel_id = c.id AND p.user_id = m.user_id AND NOT p.has_left"
            " LEFT JOIN memberships b ON b.community_id = c.community_id AND b.user_id = m.user_id"
        ).fetchall()
        assert all(theirs and member for _, _, theirs, member in rows)
        stored: dict[str, set[str]] = {user_id: set() for user_id in self.ids}
        for user_id, channel_id, _, _ in rows:
            stored[user_id].add(channel_id)
        assert stored == self.listed, "what people are told is what is stored"
        assert all(len(each) <= ROOM for each in stored.values())
        unwritten = {
            each for (each,) in self.connection.execute("SELECT id FROM channels WHERE kind = 'direct' AND last_id = 0")
        }
        assert unwritten <= {channel_id for each in stored.values() for channel_id in each}


@contextmanager
def _town(empty: Path) -> Iterator[Town]:
    source, copy = connect(empty, read_only=True), sqlite3.connect(":memory:", isolation_level=None)
    source.backup(copy)
    source.close()
    copy.execute("PRAGMA foreign_keys=ON")
    with patch.object(direct_lists, "DIRECTS", ROOM), patch.object(direct_lists, "SLICE", 2):
        yield Town(copy)
    copy.close()


@settings(max_examples=60)
@given(steps=st.lists(STEPS, max_size=40))
def test_lists_are_what_people_are_told_and_everyone_who_is_written_to_has_it(
    empty: Path, steps: list[tuple[str, int, Any]]
) -> None:
    with _town(empty) as town:
        for step in steps:
            town.step(*step)
            town.check()
