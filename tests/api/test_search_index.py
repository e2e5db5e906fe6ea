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
from tests.api.harness import ApiHarness, Person

from .searching import clear, found, index_everything, searched


async def test_deleted_text_leaves_the_files(harness: ApiHarness) -> None:
    """FTS5 keeps the words of what it deletes until its parts are merged; the write-ahead log keeps old pages."""
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    general = await harness.general(lab)
    doomed = await harness.channel(alice, lab, "doomed")
    secrets = [b"xylophonist", "풍뎅이".encode()[:6], b"harpsichord", b"clavichord"]
    deleted = await harness.post(alice, general, "a lost xylophonist")
    edited = await harness.post(alice, general, "잃어버린 풍뎅이")
    await harness.post(alice, doomed.id, "a lost harpsichord")
    await asyncio.gather(*(harness.post(alice, general, f"life goes on {number}") for number in range(200)))
    await index_everything(harness)
    waiting = await harness.post(alice, general, "a lost clavichord")

    def traces() -> list[bytes]:
        data = b"".join(file.read_bytes() for file in harness.path.parent.iterdir())
        return [secret for secret in secrets if secret in data]

    assert await asyncio.to_thread(traces) == secrets
    await harness.delete(alice, deleted)
    await harness.edit(alice, edited, "harmless")
    await harness.delete(alice, waiting)
    await harness.do(alice, channels.delete_channel, requests.OfChannel(channel_id=doomed.id))
    await clear(harness)
    async with asyncio.timeout(20):
        while await asyncio.to_thread(traces):  # the log is emptied by the writer, beside everything else
            await harness.post(alice, general, "and on")
    assert await found(harness, alice, "harmless") == ["harmless"]
    assert len(await found(harness, alice, "life", limit=100)) == 100
    assert await harness.sql("SELECT stale FROM search_state") == [(0,)]


async def test_numbers_that_are_given_again_mean_the_new_messages(harness: ApiHarness) -> None:
    """SQLite gives the numbers of the newest rows again once these are deleted."""
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    general, doomed = await harness.general(lab), (await harness.channel(alice, lab, "doomed")).id
    await harness.post(alice, general, "note kept")
    for number in range(5):
        await harness.post(alice, doomed, f"note doomed shared {number}")
    await index_everything(harness)
    await harness.do(alice, channels.delete_channel, requests.OfChannel(channel_id=doomed))
    await harness.erased()
    for number in range(3):
        await harness.post(alice, general, f"note new shared {number}")
    assert (await harness.sql("SELECT max(seq) FROM messages")) == [(4,)]
    expected = ["note new shared 2", "note new shared 1", "note new shared 0"]
    assert await found(harness, alice, "shared") == expected
    await index_everything(harness)
    assert await found(harness, alice, "shared") == expected
    assert await found(harness, alice, "doomed") == []


async def test_a_deleted_community_leaves_nothing_to_find(harness: ApiHarness) -> None:
    alice = await harness.person("alice")
    lab, works = await harness.community(alice), await harness.community(alice)
    for each in (lab, works):
        await harness.post(alice, await harness.general(each), f"note in {each.id}")
    await index_everything(harness)
    await harness.do(alice, communities.delete_community, requests.OfCommunity(community_id=lab.id))
    assert await found(harness, alice, "note") == [f"note in {works.id}"]
    await clear(harness)
    assert await found(harness, alice, "note") == [f"note in {works.id}"]


async def test_an_index_of_other_rules_is_made_anew(harness: ApiHarness) -> None:
    alice = await harness.person("alice")
    general = await harness.general(await harness.community(alice))
    await harness.post(alice, general, "note")
    await index_everything(harness)
    await harness.database.write(lambda tx: tx.run("UPDATE search_state SET rules = 'of another Unicode'"))
    assert await found(harness, alice, "note") == ["note"]  # looked through as it is
    message = await harness.post(alice, general, "another note")
    await harness.delete(alice, message)
    indexer = Indexer(harness.database)
    assert await indexer.work()
    assert not await indexer.work()
    await index_everything(harness)
    assert await found(harness, alice, "note") == ["note"]


async def test_an_index_that_is_made_anew_knows_as_well_how_far_times_run_back(harness: ApiHarness) -> None:
    """If it took the time of the newest message for that of one before the oldest, every time would be everywhere."""
    alice = await harness.person("alice")
    general = await harness.general(await harness.community(alice))
    for step in (0, 3_600_000, -60_000, 3_600_000):
        harness.clock.forward(step)
        await harness.post(alice, general, "note")
    await index_everything(harness)
    before = await harness.sql("SELECT latest, slack FROM search_state")
    assert before == [(harness.clock.now, 0)]  # a channel's times don't run back
    await harness.database.write(lambda tx: tx.run("UPDATE search_state SET rules = 'of another Unicode'"))
    await index_everything(harness)
    assert await harness.sql("SELECT latest, slack FROM search_state") == before


async def test_an_index_of_an_earlier_schema_is_made_anew(harness: ApiHarness) -> None:
    alice = await harness.person("alice")
    general = await harness.general(await harness.community(alice))
    for content in ("builds are green", "a red one"):
        await harness.post(alice, general, content)
    await index_everything(harness)
    await harness.database.write(lambda tx: [tx.run(each) for each in EARLIER.split(";") if each.strip()])
    assert await found(harness, alice, "green") == ["builds are green"]
    await harness.reopen()  # brings the schema up to date
    assert await found(harness, alice, "buil") == ["builds are green"]  # looked through as it is
    indexer = Indexer(harness.database)
    while await indexer.work():
        pass
    await index_everything(harness)
    assert await found(harness, alice, "buil") == ["builds are green"]
    assert await _terms_that_are_too_many(harness) == set()


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


async def test_the_indexer_keeps_up_and_rests(harness: ApiHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_index, "UNINDEXED", 20)
    monkeypatch.setattr(search_index, "PIECE", 8)
    alice = await harness.person("alice")
    general = await harness.general(await harness.community(alice))
    messages = [await harness.post(alice, general, f"note {number}") for number in range(50)]
    now = [100.0]

    def clock() -> float:
        now[0] += 1.0
        return now[0]

    indexer = Indexer(harness.database, clock=clock)
    while await indexer.work():
        pass
    indexed: int = (await harness.sql("SELECT indexed FROM search_state"))[0][0]
    assert 50 - 20 <= indexed < 50 - 20 + 8
    await harness.delete(alice, messages[49])  # waits outside the index
    assert not await indexer.work()
    await harness.delete(alice, messages[0])
    while await indexer.work():
        pass
    assert await harness.sql("SELECT stale FROM search_state") == [(0,)]
    await harness.delete(alice, messages[1])
    assert await indexer.work()
    assert not await indexer.work()  # it has cleared only just now
    assert await harness.sql("SELECT stale FROM search_state") == [(1,)]
    now[0] += 10_000
    while await indexer.work():
        pass
    assert await harness.sql("SELECT stale FROM search_state") == [(0,)]
    assert len(await found(harness, alice, "note", limit=100)) == 47


async def test_nothing_is_written_into_an_index_that_is_being_cleared(
    harness: ApiHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The merging would begin anew, and on a busy server never end; what waits is found all the same."""
    monkeypatch.setattr(search_index, "PIECE", 128)  # so few pieces that they aren't one part already
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    general, doomed = await harness.general(lab), (await harness.channel(alice, lab, "doomed")).id
    first = await harness.post(alice, general, "an old word")
    second = await harness.post(alice, general, "another old word")
    await harness.post(alice, doomed, "the last old word")
    await asyncio.gather(*(harness.post(alice, general, f"life goes on {number}") for number in range(200)))
    await index_everything(harness)
    await harness.delete(alice, second)
    await harness.database.write(search_index.settle_some)
    assert await harness.database.write(search_index.begin_clearing)
    before = await _written(harness)
    indexer = Indexer(harness.database)
    await harness.edit(alice, first, "a new word")
    await harness.do(alice, channels.delete_channel, requests.OfChannel(channel_id=doomed))
    assert await harness.database.write(deferred_delete.delete_slice) == "later"
    assert await _written(harness) == before
    assert (await found(harness, alice, "new word"), await found(harness, alice, "old")) == (["a new word"], [])
    assert await indexer.work()
    assert await _written(harness) != before
    await harness.reopen()  # a restart goes on with it
    await _work(harness)
    assert await harness.sql("SELECT clearing FROM search_state") == [(0,)]
    await harness.erased()
    await _work(harness)
    assert await harness.sql("SELECT stale, clearing FROM search_state") == [(0, 0)]
    assert (await found(harness, alice, "new word"), await found(harness, alice, "old")) == (["a new word"], [])
    assert await _terms_that_are_too_many(harness) == set()


async def _written(harness: ApiHarness) -> list[tuple[object, ...]]:
    return await harness.sql("SELECT id, block FROM search_data ORDER BY id")


async def _work(harness: ApiHarness) -> None:
    """Let an indexer do everything that there is to do."""
    indexer = Indexer(harness.database)
    while await indexer.work():
        pass


async def _terms_that_are_too_many(harness: ApiHarness) -> set[tuple[int, str]]:
    """What the index knows and shouldn't, or should and doesn't."""
    entries = await harness.sql(f"{search_index._ENTRIES} WHERE m.seq <= (SELECT indexed FROM search_state)")
    texts = [search_index._entry(row) for row in entries if row[4]]
    expected = {(seq, term) for seq, text in texts for term in text.split()}

    def known() -> set[tuple[int, str]]:
        with closing(sqlite3.connect(harness.path)) as connection:
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
    harness: ApiHarness, monkeypatch: pytest.MonkeyPatch, steps: list[tuple[str, int, int, str]]
) -> None:
    for name, value in (("UNINDEXED", 1), ("PIECE", 2), ("PAGES", 1), ("REST", 0)):
        monkeypatch.setattr(search_index, name, value)
    monkeypatch.setattr(deferred_delete, "MESSAGES", 2)
    people = [await _somebody(harness, name) for name in ("alice", "bob")]
    lab = await harness.community(*people)
    places = [
        await harness.general(lab),
        (await harness.channel(people[0], lab, "both", people[1])).id,
        (await harness.channel(people[0], lab, "hers", kind="private")).id,
        (await harness.channel(people[1], lab, "his", kind="private")).id,
    ]
    indexer = Indexer(harness.database)
    messages: list[tuple[int, Message]] = []
    for step, who, number, content in steps:
        if step == "post" and number in MAY[who]:
            messages.append((number, await harness.post(people[who], places[number], content)))
        elif step in ("edit", "delete") and messages:
            at = number % len(messages)
            place, old = messages[at]
            author = next(each for each in people if each.id == old.sender_id)
            if old.deleted_at is None:
                change = harness.delete(author, old) if step == "delete" else harness.edit(author, old, content)
                messages[at] = place, await change
        elif step == "work":
            await indexer.work()
        elif step == "erase":
            await harness.database.write(deferred_delete.delete_slice)
        elif step == "drop":
            await harness.do(people[0], channels.delete_channel, requests.OfChannel(channel_id=places[1]))
            places[1] = (await harness.channel(people[0], lab, "both", people[1])).id
            messages = [each for each in messages if each[0] != 1]
    await _compare(harness, people, lab.id, messages)
    await _work(harness)  # nothing is erased while the index is being cleared
    await harness.erased()
    while await indexer.work():
        pass
    await _compare(harness, people, lab.id, messages)
    assert await _terms_that_are_too_many(harness) == set()


MAY = ({0, 1, 2}, {0, 1, 3})
"""Which of the channels each of the two may read."""


async def _compare(
    harness: ApiHarness, people: list[Person], community_id: str, messages: list[tuple[int, Message]]
) -> None:
    for who, person in enumerate(people):
        for q in ("red", "랑", "강색", "blue", "gre", "ro"):
            expected = [
                (each.channel_id, each.id)
                for place, each in reversed(messages)
                if place in MAY[who] and (f" {q}" in f" {each.content.lower()}" or (q > "가" and q in each.content))
            ]
            results = (await searched(harness, person, q, limit=100, community_id=community_id)).results
            assert [(each.message.channel_id, each.message.id) for each in results] == expected


async def _somebody(harness: ApiHarness, name: str) -> Person:
    rows = await harness.sql("SELECT id FROM users WHERE username = ?", (name,))
    return await harness.device(Person(name, rows[0][0], "")) if rows else await harness.person(name)
