"""The search index: behind the messages, and without a trace of what was deleted."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asnity_server.api import channels, communities
from asnity_server.api.search import search_index
from asnity_server.api.search.search_index import Indexer
from asnity_server.api.storage import deferred_delete
from asnity_server.protocol import requests
from asnity_server.protocol.models import Message

from .house import House, Person
from .searching import clear, found, index_everything, searched


async def test_deleted_text_leaves_the_files(house: House) -> None:
    """FTS5 keeps the words of what it deletes until its parts are merged; the write-ahead log keeps old pages."""
    alice = await house.person("alice")
    lab = await house.community(alice)
    general = await house.general(lab)
    doomed = await house.channel(alice, lab, "doomed")
    secrets = [b"xylophonist", "풍뎅이".encode()[:6], b"harpsichord", b"clavichord"]
    deleted = await house.post(alice, general, "a lost xylophonist")
    edited = await house.post(alice, general, "잃어버린 풍뎅이")
    await house.post(alice, doomed.id, "a lost harpsichord")
    await asyncio.gather(*(house.post(alice, general, f"life goes on {number}") for number in range(200)))
    await index_everything(house)
    waiting = await house.post(alice, general, "a lost clavichord")

    def traces() -> list[bytes]:
        data = b"".join(file.read_bytes() for file in house.path.parent.iterdir())
        return [secret for secret in secrets if secret in data]

    assert await asyncio.to_thread(traces) == secrets
    await house.delete(alice, deleted)
    await house.edit(alice, edited, "harmless")
    await house.delete(alice, waiting)
    await house.do(alice, channels.delete_channel, requests.OfChannel(channel_id=doomed.id))
    await clear(house)
    async with asyncio.timeout(20):
        while await asyncio.to_thread(traces):  # the log is emptied by the writer, beside everything else
            await house.post(alice, general, "and on")
    assert await found(house, alice, "harmless") == ["harmless"]
    assert len(await found(house, alice, "life", limit=100)) == 100
    assert await house.sql("SELECT stale FROM search_state") == [(0,)]


async def test_numbers_that_are_given_again_mean_the_new_messages(house: House) -> None:
    """SQLite gives the numbers of the newest rows again once these are deleted."""
    alice = await house.person("alice")
    lab = await house.community(alice)
    general, doomed = await house.general(lab), (await house.channel(alice, lab, "doomed")).id
    await house.post(alice, general, "note kept")
    for number in range(5):
        await house.post(alice, doomed, f"note doomed shared {number}")
    await index_everything(house)
    await house.do(alice, channels.delete_channel, requests.OfChannel(channel_id=doomed))
    await house.erased()
    for number in range(3):
        await house.post(alice, general, f"note new shared {number}")
    assert (await house.sql("SELECT max(seq) FROM messages")) == [(4,)]
    expected = ["note new shared 2", "note new shared 1", "note new shared 0"]
    assert await found(house, alice, "shared") == expected
    await index_everything(house)
    assert await found(house, alice, "shared") == expected
    assert await found(house, alice, "doomed") == []


async def test_a_deleted_community_leaves_nothing_to_find(house: House) -> None:
    alice = await house.person("alice")
    lab, works = await house.community(alice), await house.community(alice)
    for each in (lab, works):
        await house.post(alice, await house.general(each), f"note in {each.id}")
    await index_everything(house)
    await house.do(alice, communities.delete_community, requests.OfCommunity(community_id=lab.id))
    assert await found(house, alice, "note") == [f"note in {works.id}"]
    await clear(house)
    assert await found(house, alice, "note") == [f"note in {works.id}"]


async def test_an_index_of_other_rules_is_made_anew(house: House) -> None:
    alice = await house.person("alice")
    general = await house.general(await house.community(alice))
    await house.post(alice, general, "note")
    await index_everything(house)
    await house.database.write(lambda tx: tx.run("UPDATE search_state SET rules = 'of another Unicode'"))
    assert await found(house, alice, "note") == ["note"]  # looked through as it is
    message = await house.post(alice, general, "another note")
    await house.delete(alice, message)
    indexer = Indexer(house.database)
    assert await indexer.work()
    assert not await indexer.work()
    await index_everything(house)
    assert await found(house, alice, "note") == ["note"]


async def test_an_index_that_is_made_anew_knows_as_well_how_far_times_run_back(house: House) -> None:
    """If it took the time of the newest message for that of one before the oldest, every time would be everywhere."""
    alice = await house.person("alice")
    general = await house.general(await house.community(alice))
    for step in (0, 3_600_000, -60_000, 3_600_000):
        house.clock.forward(step)
        await house.post(alice, general, "note")
    await index_everything(house)
    before = await house.sql("SELECT latest, slack FROM search_state")
    assert before == [(house.clock.now, 0)]  # a channel's times don't run back
    await house.database.write(lambda tx: tx.run("UPDATE search_state SET rules = 'of another Unicode'"))
    await index_everything(house)
    assert await house.sql("SELECT latest, slack FROM search_state") == before


async def test_an_index_of_an_earlier_schema_is_made_anew(house: House) -> None:
    alice = await house.person("alice")
    general = await house.general(await house.community(alice))
    for content in ("builds are green", "a red one"):
        await house.post(alice, general, content)
    await index_everything(house)
    await house.database.write(lambda tx: [tx.run(each) for each in EARLIER.split(";") if each.strip()])
    assert await found(house, alice, "green") == ["builds are green"]
    await house.reopen()  # brings the schema up to date
    assert await found(house, alice, "buil") == ["builds are green"]  # looked through as it is
    indexer = Indexer(house.database)
    while await indexer.work():
        pass
    await index_everything(house)
    assert await found(house, alice, "buil") == ["builds are green"]
    assert await _terms_that_are_too_many(house) == set()


EARLIER = """
CREATE VIRTUAL TABLE plain USING fts5(
    terms, content='', columnsize=0, detail=none, tokenize="ascii tokenchars '_'"
);
INSERT INTO plain (rowid, terms) VALUES (1, 'builds are green');
DROP TABLE search;
ALTER TABLE plain RENAME TO search;
DELETE FROM _sqlite_migrations WHERE name IN ('0004_beginnings', '0011_places');
UPDATE search_state SET rules = '1, of an earlier version'
"""
"""Takes a file back to what the first release made."""


async def test_the_indexer_keeps_up_and_rests(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_index, "UNINDEXED", 20)
    monkeypatch.setattr(search_index, "PIECE", 8)
    alice = await house.person("alice")
    general = await house.general(await house.community(alice))
    messages = [await house.post(alice, general, f"note {number}") for number in range(50)]
    now = [100.0]

    def clock() -> float:
        now[0] += 1.0
        return now[0]

    indexer = Indexer(house.database, clock=clock)
    while await indexer.work():
        pass
    indexed: int = (await house.sql("SELECT indexed FROM search_state"))[0][0]
    assert 50 - 20 <= indexed < 50 - 20 + 8
    await house.delete(alice, messages[49])  # waits outside the index
    assert not await indexer.work()
    await house.delete(alice, messages[0])
    while await indexer.work():
        pass
    assert await house.sql("SELECT stale FROM search_state") == [(0,)]
    await house.delete(alice, messages[1])
    assert await indexer.work()
    assert not await indexer.work()  # it has cleared only just now
    assert await house.sql("SELECT stale FROM search_state") == [(1,)]
    now[0] += 10_000
    while await indexer.work():
        pass
    assert await house.sql("SELECT stale FROM search_state") == [(0,)]
    assert len(await found(house, alice, "note", limit=100)) == 47


async def test_nothing_is_written_into_an_index_that_is_being_cleared(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The merging would begin anew, and on a busy server never end; what waits is found all the same."""
    monkeypatch.setattr(search_index, "PIECE", 128)  # so few pieces that they aren't one part already
    alice = await house.person("alice")
    lab = await house.community(alice)
    general, doomed = await house.general(lab), (await house.channel(alice, lab, "doomed")).id
    first = await house.post(alice, general, "an old word")
    second = await house.post(alice, general, "another old word")
    await house.post(alice, doomed, "the last old word")
    await asyncio.gather(*(house.post(alice, general, f"life goes on {number}") for number in range(200)))
    await index_everything(house)
    await house.delete(alice, second)
    await house.database.write(search_index.settle_some)
    assert await house.database.write(search_index.begin_clearing)
    before = await _written(house)
    indexer = Indexer(house.database)
    await house.edit(alice, first, "a new word")
    await house.do(alice, channels.delete_channel, requests.OfChannel(channel_id=doomed))
    assert await house.database.write(deferred_delete.delete_slice) == "later"
    assert await _written(house) == before
    assert (await found(house, alice, "new word"), await found(house, alice, "old")) == (["a new word"], [])
    assert await indexer.work()
    assert await _written(house) != before
    await house.reopen()  # a restart goes on with it
    await _work(house)
    assert await house.sql("SELECT clearing FROM search_state") == [(0,)]
    await house.erased()
    await _work(house)
    assert await house.sql("SELECT stale, clearing FROM search_state") == [(0, 0)]
    assert (await found(house, alice, "new word"), await found(house, alice, "old")) == (["a new word"], [])
    assert await _terms_that_are_too_many(house) == set()


async def _written(house: House) -> list[tuple[object, ...]]:
    return await house.sql("SELECT id, block FROM search_data ORDER BY id")


async def _work(house: House) -> None:
    """Let an indexer do everything that there is to do."""
    indexer = Indexer(house.database)
    while await indexer.work():
        pass


async def _terms_that_are_too_many(house: House) -> set[tuple[int, str]]:
    """What the index knows and shouldn't, or should and doesn't."""
    entries = await house.sql(f"{search_index._ENTRIES} WHERE m.seq <= (SELECT indexed FROM search_state)")
    texts = [search_index._entry(row) for row in entries if row[4]]
    expected = {(seq, term) for seq, text in texts for term in text.split()}

    def known() -> set[tuple[int, str]]:
        with closing(sqlite3.connect(house.path)) as connection:
            connection.execute("INSERT INTO search (search) VALUES ('integrity-check')")
            connection.rollback()
            connection.execute("CREATE VIRTUAL TABLE temp.known USING fts5vocab('main', 'search', 'instance')")
            return set(connection.execute("SELECT doc, term FROM temp.known"))

    return await asyncio.to_thread(known) ^ expected


WORDS = st.sampled_from(["red", "blue red", "빨강색", "ROT", "green", "파랑색"])
PERSON, NUMBER = st.integers(0, 1), st.integers(0, 8)
STEPS = st.lists(
    st.tuples(st.just("post"), PERSON, st.integers(0, 3), WORDS)
    | st.tuples(st.sampled_from(["edit", "delete"]), PERSON, NUMBER, WORDS)
    | st.tuples(st.sampled_from(["work", "erase", "drop"]), st.just(0), st.just(0), st.just("")),
    min_size=8,
    max_size=25,
)


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
async def test_search_equals_looking_at_everything(
    house: House, monkeypatch: pytest.MonkeyPatch, steps: list[tuple[str, int, int, str]]
) -> None:
    for name, value in (("UNINDEXED", 1), ("PIECE", 2), ("PAGES", 1), ("REST", 0)):
        monkeypatch.setattr(search_index, name, value)
    monkeypatch.setattr(deferred_delete, "MESSAGES", 2)
    people = [await _somebody(house, name) for name in ("alice", "bob")]
    lab = await house.community(*people)
    places = [
        await house.general(lab),
        (await house.channel(people[0], lab, "both", people[1])).id,
        (await house.channel(people[0], lab, "hers", kind="private")).id,
        (await house.channel(people[1], lab, "his", kind="private")).id,
    ]
    indexer = Indexer(house.database)
    messages: list[tuple[int, Message]] = []
    for step, who, number, content in steps:
        if step == "post" and number in MAY[who]:
            messages.append((number, await house.post(people[who], places[number], content)))
        elif step in ("edit", "delete") and messages:
            at = number % len(messages)
            place, old = messages[at]
            author = next(each for each in people if each.id == old.sender_id)
            if old.deleted_at is None:
                change = house.delete(author, old) if step == "delete" else house.edit(author, old, content)
                messages[at] = place, await change
        elif step == "work":
            await indexer.work()
        elif step == "erase":
            await house.database.write(deferred_delete.delete_slice)
        elif step == "drop":
            await house.do(people[0], channels.delete_channel, requests.OfChannel(channel_id=places[1]))
            places[1] = (await house.channel(people[0], lab, "both", people[1])).id
            messages = [each for each in messages if each[0] != 1]
    await _compare(house, people, lab.id, messages)
    await _work(house)  # nothing is erased while the index is being cleared
    await house.erased()
    while await indexer.work():
        pass
    await _compare(house, people, lab.id, messages)
    assert await _terms_that_are_too_many(house) == set()


MAY = ({0, 1, 2}, {0, 1, 3})
"""Which of the channels each of the two may read."""


async def _compare(house: House, people: list[Person], community_id: str, messages: list[tuple[int, Message]]) -> None:
    for who, person in enumerate(people):
        for q in ("red", "랑", "강색", "blue", "gre", "ro"):
            expected = [
                (each.channel_id, each.id)
                for place, each in reversed(messages)
                if place in MAY[who] and (f" {q}" in f" {each.content.lower()}" or (q > "가" and q in each.content))
            ]
            results = (await searched(house, person, q, limit=100, community_id=community_id)).results
            assert [(each.message.channel_id, each.message.id) for each in results] == expected


async def _somebody(house: House, name: str) -> Person:
    rows = await house.sql("SELECT id FROM users WHERE username = ?", (name,))
    return await house.device(Person(name, rows[0][0], "")) if rows else await house.person(name)
