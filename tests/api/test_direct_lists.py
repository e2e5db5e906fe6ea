"""Lists of direct channels: bounded, and gone through in slices where there are many."""

from __future__ import annotations

import sqlite3
from itertools import combinations
from pathlib import Path

import pytest

from asnity_server.api import direct_channels, direct_lists, members, membership, overview
from asnity_server.bus import ChannelEntered, ChannelExited
from asnity_server.db import migrations
from asnity_server.db.migrations import STEPS, migrate
from asnity_server.protocol import requests
from asnity_server.protocol.models import Community
from tests.api.harness import ApiHarness, Person

ROOM = 6


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists that have room for a few, gone through two by two."""
    monkeypatch.setattr(direct_lists, "DIRECTS", ROOM)
    monkeypatch.setattr(direct_lists, "SLICE", 2)


async def _flood(harness: ApiHarness, lab: Community, sender: Person, victim: Person, crowd: list[Person]) -> list[str]:
    """Twenty direct channels with others in them, too, and a message in each."""
    made = []
    for others in list(combinations(crowd, 3))[:20]:
        made.append(await _open(harness, lab, sender, victim, *others))
        await harness.post(sender, made[-1], "buy this")
    return made


async def _open(harness: ApiHarness, lab: Community, person: Person, *others: Person) -> str:
    harness.clock.now += 1000
    request = requests.OpenDirect(community_id=lab.id, user_ids=tuple(each.id for each in others))
    return (await harness.do(person, direct_channels.open_direct, request)).id


async def _directs(harness: ApiHarness, person: Person) -> list[str]:
    found = await harness.ask(person, overview.get_overview, requests.Empty())
    return [e.channel.id for each in found.communities for e in each.channels if e.channel.kind == "direct"]


async def _leave(harness: ApiHarness, lab: Community, person: Person) -> None:
    await harness.do(person, members.remove_member, requests.RemoveMember(community_id=lab.id, user_id="me"))


@pytest.mark.usefixtures("small")
async def test_a_list_has_room_for_so_many_and_closes_those_that_were_never_answered_first(harness: ApiHarness) -> None:
    alice, bob, eve, *crowd = await harness.people("alice", "bob", "eve", *(f"p{number}" for number in range(6)))
    lab = await harness.community(alice, bob, eve, *crowd)
    friends = await _open(harness, lab, alice, bob)
    await harness.post(alice, friends, "hello")
    await harness.post(bob, friends, "hello")
    harness.forget()
    made = await _flood(harness, lab, eve, bob, crowd)
    listed = await _directs(harness, bob)
    assert len(listed) == ROOM
    assert set(listed) == {friends, *made[-ROOM + 1 :]}
    lost = [each for each in harness.told(ChannelExited) if each.user_id == bob.id]
    assert [(each.channel_id, each.reason) for each in lost] == [(each, "closed") for each in made[: 1 - ROOM]]
    await harness.post(eve, made[0], "buy this again")
    assert made[0] in await _directs(harness, bob)


@pytest.mark.usefixtures("small")
async def test_who_opens_many_without_writing_keeps_a_listful_and_no_more_is_stored(harness: ApiHarness) -> None:
    eve, *crowd = await harness.people("eve", *(f"p{number}" for number in range(6)))
    lab = await harness.community(eve, *crowd)
    made = [await _open(harness, lab, eve, *others) for others in list(combinations(crowd, 3))[:20]]
    assert set(await _directs(harness, eve)) == set(made[-ROOM:])
    for table in ("channels WHERE kind = 'direct'", "directs"):
        assert await harness.sql(f"SELECT count(*) FROM {table}") == [(ROOM,)]
    assert await harness.sql("SELECT count(DISTINCT channel_id) FROM direct_people") == [(ROOM,)]
    await _leave(harness, lab, crowd[0])  # who doesn't list them leaves them alone
    assert len(await _directs(harness, eve)) == ROOM


async def test_leaving_takes_along_what_nobody_wrote_in(harness: ApiHarness) -> None:
    alice, bob, carol = await harness.people("alice", "bob", "carol")
    lab = await harness.community(carol, alice, bob)
    both = await _open(harness, lab, alice, carol)
    await _open(harness, lab, carol, alice)
    await _open(harness, lab, alice, bob)
    await _leave(harness, lab, alice)
    assert await harness.sql("SELECT id FROM channels WHERE kind = 'direct'") == [(both,)]


@pytest.mark.usefixtures("small")
async def test_who_comes_back_lists_them_again_in_slices(harness: ApiHarness) -> None:
    alice, bob, *crowd = await harness.people("alice", "bob", *(f"p{number}" for number in range(3)))
    lab = await harness.community(alice, bob, *crowd)
    made = [await _open(harness, lab, alice, bob, each) for each in crowd]
    for each in made:
        await harness.post(alice, each, "hello")
    await _leave(harness, lab, bob)
    await harness.enter(lab.id, bob)
    assert await _directs(harness, bob) == []
    harness.forget()
    await harness.run_errands()
    assert sorted(await _directs(harness, bob)) == sorted(made)
    assert {each.user_id for each in harness.told(ChannelEntered)} == {bob.id}


@pytest.mark.usefixtures("small")
async def test_who_was_flooded_comes_back_to_what_they_wrote_in_alone(harness: ApiHarness) -> None:
    alice, bob, eve, *crowd = await harness.people("alice", "bob", "eve", *(f"p{number}" for number in range(6)))
    lab = await harness.community(alice, bob, eve, *crowd)
    friends = await _open(harness, lab, alice, bob)
    await harness.post(bob, friends, "hello")
    made = await _flood(harness, lab, eve, bob, crowd)
    await _leave(harness, lab, bob)
    await harness.enter(lab.id, bob)
    await harness.run_errands()
    assert await _directs(harness, bob) == [friends]
    await harness.post(eve, made[0], "buy this again")
    assert sorted(await _directs(harness, bob)) == sorted([friends, made[0]])


@pytest.mark.usefixtures("small")
async def test_no_slice_of_an_errand_holds_the_writer_for_long(harness: ApiHarness) -> None:
    alice, bob, eve, *crowd = await harness.people("alice", "bob", "eve", *(f"p{number}" for number in range(6)))
    lab = await harness.community(alice, bob, eve, *crowd)
    await _flood(harness, lab, eve, bob, crowd)
    await harness.database.write(lambda tx: membership.queue_direct_list_task(tx, lab.id, eve.id, "ban"))
    slices = 0
    while True:
        harness.forget()
        if await harness.database.write(direct_lists.run_direct_list_task) == "done":
            break
        slices += 1
        in_each = len({each.channel_id for each in harness.told(ChannelExited)})
        assert in_each <= direct_lists.SLICE
    assert slices > 20 // direct_lists.SLICE
    assert await _directs(harness, bob) == []
    assert await _directs(harness, eve) != []


@pytest.mark.usefixtures("small")
async def test_who_leaves_in_the_middle_of_an_errand_gets_nothing_back(harness: ApiHarness) -> None:
    alice, bob, *crowd = await harness.people("alice", "bob", *(f"p{number}" for number in range(3)))
    lab = await harness.community(alice, bob, *crowd)
    for each in crowd:
        await harness.post(alice, await _open(harness, lab, alice, bob, each), "hello")
    await _leave(harness, lab, bob)
    await harness.enter(lab.id, bob)
    assert await harness.database.write(direct_lists.run_direct_list_task) == "more"
    await _leave(harness, lab, bob)
    assert await harness.database.write(direct_lists.run_direct_list_task) == "done"
    assert await harness.sql("SELECT 1 FROM channel_members WHERE user_id = ?", (bob.id,)) == []


async def test_a_message_asks_only_once_whether_everyone_lists_the_channel(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    channel_id = await _open(harness, lab, alice, bob)

    def known(tx: object) -> bool:
        return ("listed", channel_id) in tx.buffer.cached  # type: ignore[attr-defined]

    for expected in (False, True, True):  # the first one brings bob, and all is forgotten by that
        await harness.post(alice, channel_id, "hello")
        assert await harness.database.write(known) == expected


def test_an_old_file_comes_with_lists_that_have_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.db"
    before = [name for name, _ in STEPS].index("0009_direct_lists")
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "STEPS", STEPS[:before])
        migrate(path)
    connection = sqlite3.connect(path)
    _fill_as_it_was(connection, 600)
    connection.commit()
    connection.close()
    migrate(path)
    connection = sqlite3.connect(path)
    listed = {each for (each,) in connection.execute("SELECT channel_id FROM channel_members WHERE user_id = 'victim'")}
    assert len(listed) == 500
    assert "lab-answered" in listed
    assert "lab-empty" not in listed
    assert "lab-00599" in listed
    assert "lab-00001" not in listed
    assert connection.execute("SELECT 1 FROM channels WHERE id = 'lab-empty'").fetchall() == []
    assert connection.execute("SELECT count(*) FROM channels").fetchone() == (601,)
    connection.close()


def _fill_as_it_was(connection: sqlite3.Connection, count: int) -> None:
    for name in ("victim", "sender"):
        connection.execute("INSERT INTO users VALUES (?1, ?1, ?1, ?1, '', '', 0, NULL)", (name,))
    connection.execute("INSERT INTO communities VALUES ('lab', 'Lab', '', 'members', 0, 0)")
    places = [(f"lab-{number:05}", number, "sender") for number in range(count)]
    for channel_id, at, by in [*places, ("lab-answered", -1, "victim"), ("lab-empty", 10**9, "")]:
        connection.execute(
            "INSERT INTO channels (id, community_id, kind, name, created_at, last_id, last_at)"
            " VALUES (?, 'lab', 'direct', '', 0, ?, ?)",
            (channel_id, int(bool(by)), at),
        )
        for name in ("victim", "sender"):
            connection.execute(
                "INSERT INTO channel_members (channel_id, user_id, joined_at) VALUES (?, ?, 0)", (channel_id, name)
            )
        if by:
            connection.execute(
                "INSERT INTO messages (channel_id, id, rev, sender_id, type, content, created_at, updated_at)"
                " VALUES (?, 1, 1, ?, 'TEXT', 'x', 0, 0)",
                (channel_id, by),
            )
