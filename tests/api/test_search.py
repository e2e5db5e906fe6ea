"""Search: what is found, by whom, and what is no longer there to be found."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asnity_server.api import channels, communities, directs, erasure, indexing, members, search
from asnity_server.api.indexing import Indexer
from asnity_server.api.terms import HIT, HIT_END
from asnity_server.protocol import requests
from asnity_server.protocol.answers import SearchResults
from asnity_server.protocol.errors import Invalid, NotFound
from asnity_server.protocol.models import Message
from asnity_server.protocol.times import to_wire

from .house import House, Person


async def _search(house: House, person: Person, q: str, **more: Any) -> SearchResults:
    return await house.ask(person, search.search, requests.Search(q=q, **more))


async def _found(house: House, person: Person, q: str, **more: Any) -> list[str]:
    return [each.message.content for each in (await _search(house, person, q, **more)).results]


async def _index_everything(house: House) -> None:
    """Leave no message outside the index."""
    await house.database.write(indexing.start_anew_if_outdated)
    while await house.database.write(lambda tx: indexing.add_some(tx, unindexed=0)):
        pass


async def _clear(house: House) -> None:
    """Leave nothing in the index that was removed from it."""
    await house.erased()
    while await house.database.write(indexing.clear_some):
        pass


@pytest.fixture(params=["not indexed", "indexed"])
def indexed(request: pytest.FixtureRequest) -> bool:
    """Whether the index has the messages, or they are looked through as they are."""
    return bool(request.param == "indexed")


async def test_newest_first_with_the_hit_marked(house: House, indexed: bool) -> None:
    alice, bob = await house.people("alice", "bob")
    lab = await house.community(alice, bob)
    plans = await house.channel(alice, lab, "plans")
    await house.post(alice, plans.id, "The first meeting")
    last = await house.post(alice, plans.id, "no MEETING today, @alice")
    await house.post(alice, plans.id, "we met")
    if indexed:
        await _index_everything(house)
    results = await _search(house, alice, "meeting")
    assert [each.message.id for each in results.results] == [2, 1]
    assert results.results[0].message == last
    assert results.results[0].channel == plans
    assert results.results[0].snippet == f"no {HIT}MEETING{HIT_END} today, @alice"
    assert results.users[alice.id].username == "alice"
    assert await _found(house, bob, "meeting") == ["no MEETING today, @alice", "The first meeting"]  # a public channel


async def test_inside_words_of_scripts_without_spaces(house: House, indexed: bool) -> None:
    alice = await house.person("alice")
    general = await house.general(await house.community(alice))
    for content in ("안녕하세요 여러분", "今天的会议改到三点", "今日の会議は三時", "an ordinary Café"):
        await house.post(alice, general, content)
    if indexed:
        await _index_everything(house)
    for q, content in (
        ("하세", "안녕하세요 여러분"),
        ("여러", "안녕하세요 여러분"),
        ("녕", "안녕하세요 여러분"),
        ("会议", "今天的会议改到三点"),
        ("会議", "今日の会議は三時"),
        ("CAFE", "an ordinary Café"),
    ):
        assert await _found(house, alice, q) == [content], q
    assert await _found(house, alice, "안세") == []


async def test_only_what_one_may_read(house: House, indexed: bool) -> None:
    """Not other communities, not private and direct channels that one isn't in, not what one was thrown out of."""
    alice, bob, carol, eve = await house.people("alice", "bob", "carol", "eve")
    lab, works = await house.community(alice, bob, carol), await house.community(eve)
    secret = await house.channel(alice, lab, "secret", carol, kind="private")
    public = await house.channel(alice, lab, "public")
    direct = await house.do(alice, directs.open_direct, requests.OpenDirect(community_id=lab.id, user_ids=(carol.id,)))
    for where in (secret.id, public.id, direct.id):
        await house.post(alice, where, f"treasure in {where}")
    await house.post(eve, await house.general(works), "treasure elsewhere")
    if indexed:
        await _index_everything(house)
    everywhere = {f"treasure in {each.id}" for each in (secret, public, direct)}
    assert set(await _found(house, alice, "treasure")) == set(await _found(house, carol, "treasure")) == everywhere
    assert await _found(house, bob, "treasure") == [f"treasure in {public.id}"]
    assert await _found(house, eve, "treasure") == ["treasure elsewhere"]
    for channel in (secret, direct):
        with pytest.raises(NotFound):
            await _search(house, bob, "treasure", channel_id=channel.id)
    with pytest.raises(NotFound):
        await _search(house, eve, "treasure", community_id=lab.id)
    await house.kick(alice, lab, carol)
    assert await _found(house, carol, "treasure") == []
    with pytest.raises(NotFound):
        await _search(house, carol, "treasure", channel_id=public.id)


async def test_nothing_of_where_one_no_longer_is(house: House, indexed: bool) -> None:
    """Left, put out, banned: from that moment on, whatever the index has of it."""
    alice, bob, carol, dan = await house.people("alice", "bob", "carol", "dan")
    lab, works = await house.community(alice, bob, carol, dan), await house.community(dan)
    secret = await house.channel(alice, lab, "secret", bob, carol, dan, kind="private")
    public = await house.channel(alice, lab, "public", bob)
    await house.post(alice, secret.id, "treasure in secret")
    await house.post(alice, public.id, "treasure in public")
    await house.post(dan, await house.general(works), "treasure of mine")
    if indexed:
        await _index_everything(house)
    for person in (bob, carol, dan):
        assert "treasure in secret" in await _found(house, person, "treasure")
    for channel in (secret, public):
        await house.do(bob, channels.remove_member, requests.OfChannelMember(channel_id=channel.id, user_id="me"))
    put_out = requests.OfChannelMember(channel_id=secret.id, user_id=carol.id)
    await house.do(alice, channels.remove_member, put_out)
    ban = requests.RemoveMember(community_id=lab.id, user_id=dan.id, ban=True)
    await house.do(alice, members.remove_member, ban)
    for person in (bob, carol):
        assert await _found(house, person, "treasure") == ["treasure in public"]
        with pytest.raises(NotFound):
            await _search(house, person, "treasure", channel_id=secret.id)
    assert await _found(house, dan, "treasure") == ["treasure of mine"]
    for place in ({"community_id": lab.id}, {"channel_id": secret.id}, {"channel_id": public.id}):
        with pytest.raises(NotFound):
            await _search(house, dan, "treasure", **place)
    await house.do(alice, channels.add_member, put_out)
    assert "treasure in secret" in await _found(house, carol, "treasure")


async def test_filters(house: House, indexed: bool) -> None:
    alice, bob = await house.people("alice", "bob")
    lab, works = await house.community(alice, bob), await house.community(bob, alice)
    plans = await house.channel(alice, lab, "plans", bob, kind="private")
    start = house.clock.now
    for person, where in ((alice, plans.id), (bob, plans.id), (alice, await house.general(lab))):
        await house.post(person, where, f"note {person.name} {house.clock.now - start}")
        house.clock.forward(40 * 3600 * 1000)
    await house.post(alice, await house.general(works), "note elsewhere")
    if indexed:
        await _index_everything(house)
    first, second, third = "note alice 0", "note bob 144000000", "note alice 288000000"
    assert await _found(house, alice, "note", community_id=lab.id) == [third, second, first]
    assert await _found(house, alice, "note", channel_id=plans.id) == [second, first]
    assert await _found(house, alice, "note", channel_id=plans.id, community_id=lab.id) == [second, first]
    assert await _found(house, alice, "note", sender_id=alice.id) == ["note elsewhere", third, first]
    assert await _found(house, alice, "note", sender_id=alice.id, community_id=lab.id) == [third, first]
    moment = start + 40 * 3600 * 1000
    assert await _found(house, alice, "note", before=to_wire(moment)) == [first]
    assert await _found(house, alice, "note", after=to_wire(moment), community_id=lab.id) == [third, second]
    assert await _found(house, alice, "note", after=to_wire(moment), before=to_wire(moment + 1)) == [second]
    with pytest.raises(NotFound):
        await _search(house, alice, "note", channel_id=plans.id, community_id=works.id)
    with pytest.raises(Invalid):
        await _search(house, alice, "note", before="yesterday")


async def test_times_decide_even_where_the_clock_went_back(house: House, indexed: bool) -> None:
    alice = await house.person("alice")
    lab = await house.community(alice)
    general, plans = await house.general(lab), (await house.channel(alice, lab, "plans")).id
    start = house.clock.now
    house.clock.forward(20 * 3600 * 1000)
    await house.post(alice, general, "note from tomorrow")
    house.clock.forward(-20 * 3600 * 1000)
    await house.post(alice, plans, "note from today")
    if indexed:
        await _index_everything(house)
    assert await _found(house, alice, "note", before=to_wire(start + 1)) == ["note from today"]
    assert await _found(house, alice, "note", after=to_wire(start + 1)) == ["note from tomorrow"]


async def test_pages_go_on_where_they_ended(house: House, indexed: bool) -> None:
    alice = await house.person("alice")
    general = await house.general(await house.community(alice))
    for number in range(25):
        await house.post(alice, general, f"note {number}")
    if indexed:
        await _index_everything(house)
        for number in range(25, 30):
            await house.post(alice, general, f"note {number}")
    expected = [f"note {number}" for number in reversed(range(30 if indexed else 25))]
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = await _search(house, alice, "note", limit=10, cursor=cursor)
        found += [each.message.content for each in page.results]
        if not isinstance(page.cursor, str):
            break
        assert len(page.results) == 10
        cursor = page.cursor
    assert found == expected
    for nonsense in ("x", "-1", "1.5", "１"):
        with pytest.raises(Invalid):
            await _search(house, alice, "note", cursor=nonsense)


async def test_a_request_looks_at_so_much_and_says_where_to_go_on(
    house: House, indexed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "EXAMINED", 10)
    monkeypatch.setattr(search, "PATIENCE", 5)
    alice, bob = await house.people("alice", "bob")
    lab = await house.community(alice, bob)
    secret = await house.channel(bob, lab, "secret", kind="private")
    mine = await house.post(alice, await house.general(lab), "note of mine")
    for _ in range(30):
        await house.post(bob, secret.id, "note of his")
    if indexed:
        await _index_everything(house)
        assert await _found(house, alice, "note") == [mine.content]  # the index is asked for what she may read
        return
    pages, cursor = 0, None
    found: list[str] = []
    while pages == 0 or cursor is not None:
        page = await _search(house, alice, "note", cursor=cursor)
        found += [each.message.content for each in page.results]
        cursor = page.cursor if isinstance(page.cursor, str) else None
        pages += 1
    assert (found, pages) == ([mine.content], 4)


async def test_what_one_types_is_no_syntax(house: House, indexed: bool) -> None:
    alice = await house.person("alice")
    general = await house.general(await house.community(alice))
    await house.post(alice, general, "alpha OR beta NOT gamma; terms:alpha* NEAR(alpha) - ^ (")
    if indexed:
        await _index_everything(house)
    for q in ("NOT", "or alpha", "NEAR(", "terms:alpha", "alpha*", "^alpha", '"alpha', "(alpha", "-alpha", "alpha AND"):
        expected = 0 if q == "alpha AND" else 1
        assert len(await _found(house, alice, q)) == expected, q
    assert await _found(house, alice, "_palpha") == []
    for sender_id in ("v$ a b", '"', "", "OR", alice.id.upper(), f"{alice.id} {alice.id}"):
        assert await _found(house, alice, "alpha", sender_id=sender_id) == [], sender_id


async def test_edits_and_deletions_show_at_once(house: House, indexed: bool) -> None:
    alice = await house.person("alice")
    general = await house.general(await house.community(alice))
    first = await house.post(alice, general, "the old words")
    second = await house.post(alice, general, "other old words")
    if indexed:
        await _index_everything(house)
    await house.edit(alice, first, "the new words")
    await house.delete(alice, second)
    assert await _found(house, alice, "old") == []
    assert await _found(house, alice, "new") == await _found(house, alice, "words") == ["the new words"]
    await house.edit(alice, first, "the old words")
    assert await _found(house, alice, "old") == ["the old words"]


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
    for number in range(300):
        await house.post(alice, general, f"life goes on {number}")
    await _index_everything(house)
    waiting = await house.post(alice, general, "a lost clavichord")

    def traces() -> list[bytes]:
        data = b"".join(file.read_bytes() for file in house.path.parent.iterdir())
        return [secret for secret in secrets if secret in data]

    assert await asyncio.to_thread(traces) == secrets
    await house.delete(alice, deleted)
    await house.edit(alice, edited, "harmless")
    await house.delete(alice, waiting)
    await house.do(alice, channels.delete_channel, requests.OfChannel(channel_id=doomed.id))
    await _clear(house)
    async with asyncio.timeout(20):
        while await asyncio.to_thread(traces):  # the log is emptied by the writer, beside everything else
            await house.post(alice, general, "and on")
    assert await _found(house, alice, "harmless") == ["harmless"]
    assert len(await _found(house, alice, "life", limit=100)) == 100
    assert await house.sql("SELECT stale FROM search_state") == [(0,)]


async def test_numbers_that_are_given_again_mean_the_new_messages(house: House) -> None:
    """SQLite gives the numbers of the newest rows again once these are deleted."""
    alice = await house.person("alice")
    lab = await house.community(alice)
    general, doomed = await house.general(lab), (await house.channel(alice, lab, "doomed")).id
    await house.post(alice, general, "note kept")
    for number in range(5):
        await house.post(alice, doomed, f"note doomed shared {number}")
    await _index_everything(house)
    await house.do(alice, channels.delete_channel, requests.OfChannel(channel_id=doomed))
    await house.erased()
    for number in range(3):
        await house.post(alice, general, f"note new shared {number}")
    assert (await house.sql("SELECT max(seq) FROM messages")) == [(4,)]
    expected = ["note new shared 2", "note new shared 1", "note new shared 0"]
    assert await _found(house, alice, "shared") == expected
    await _index_everything(house)
    assert await _found(house, alice, "shared") == expected
    assert await _found(house, alice, "doomed") == []


async def test_a_deleted_community_leaves_nothing_to_find(house: House) -> None:
    alice = await house.person("alice")
    lab, works = await house.community(alice), await house.community(alice)
    for each in (lab, works):
        await house.post(alice, await house.general(each), f"note in {each.id}")
    await _index_everything(house)
    await house.do(alice, communities.delete_community, requests.OfCommunity(community_id=lab.id))
    assert await _found(house, alice, "note") == [f"note in {works.id}"]
    await _clear(house)
    assert await _found(house, alice, "note") == [f"note in {works.id}"]


async def test_an_index_of_other_rules_is_made_anew(house: House) -> None:
    alice = await house.person("alice")
    general = await house.general(await house.community(alice))
    await house.post(alice, general, "note")
    await _index_everything(house)
    await house.database.write(lambda tx: tx.run("UPDATE search_state SET rules = 'of another Unicode'"))
    assert await _found(house, alice, "note") == ["note"]  # looked through as it is
    message = await house.post(alice, general, "another note")
    await house.delete(alice, message)
    indexer = Indexer(house.database)
    assert await indexer.work()
    assert not await indexer.work()
    await _index_everything(house)
    assert await _found(house, alice, "note") == ["note"]


async def test_the_indexer_keeps_up_and_rests(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "UNINDEXED", 20)
    monkeypatch.setattr(indexing, "PIECE", 8)
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
    assert not await indexer.work()  # it has cleared only just now
    assert await house.sql("SELECT stale FROM search_state") == [(1,)]
    now[0] += 10_000
    while await indexer.work():
        pass
    assert await house.sql("SELECT stale FROM search_state") == [(0,)]
    assert len(await _found(house, alice, "note", limit=100)) == 47


STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("post"), st.integers(0, 1), st.integers(0, 3), st.sampled_from(["red", "blue red", "빨강색", "ROT"])
        ),
        st.tuples(st.just("edit"), st.integers(0, 1), st.integers(0, 30), st.sampled_from(["red", "green", "파랑색"])),
        st.tuples(st.just("delete"), st.integers(0, 1), st.integers(0, 30), st.just("")),
        st.tuples(st.sampled_from(["index", "erase", "clear", "drop"]), st.just(0), st.just(0), st.just("")),
    ),
    max_size=25,
)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
async def test_search_equals_looking_at_everything(house: House, steps: list[tuple[str, int, int, str]]) -> None:
    people = [await _somebody(house, name) for name in ("alice", "bob")]
    lab = await house.community(*people)
    places = [
        await house.general(lab),
        (await house.channel(people[0], lab, "both", people[1])).id,
        (await house.channel(people[0], lab, "hers", kind="private")).id,
        (await house.channel(people[1], lab, "his", kind="private")).id,
    ]
    may = [{0, 1, 2}, {0, 1, 3}]
    messages: list[tuple[int, Message]] = []
    for step, who, number, content in steps:
        if step == "post" and number in may[who]:
            messages.append((number, await house.post(people[who], places[number], content)))
        elif step in ("edit", "delete") and messages:
            at = number % len(messages)
            place, old = messages[at]
            author = next(each for each in people if each.id == old.sender_id)
            if old.deleted_at is None:
                change = house.delete(author, old) if step == "delete" else house.edit(author, old, content)
                messages[at] = place, await change
        elif step == "index":
            await _index_everything(house)
        elif step in ("erase", "clear"):
            await house.database.write(erasure.erase_some if step == "erase" else indexing.clear_some)
        elif step == "drop":
            await house.do(people[0], channels.delete_channel, requests.OfChannel(channel_id=places[1]))
            places[1] = (await house.channel(people[0], lab, "both", people[1])).id
            messages = [each for each in messages if each[0] != 1]
    for who, person in enumerate(people):
        for q in ("red", "랑", "강색", "blue", "green", "rot"):
            expected = [
                (each.channel_id, each.id)
                for place, each in reversed(messages)
                if place in may[who] and (q in each.content.lower().split() or (q > "가" and q in each.content))
            ]
            found = await _search(house, person, q, limit=100, community_id=lab.id)
            assert [(each.message.channel_id, each.message.id) for each in found.results] == expected


async def _somebody(house: House, name: str) -> Person:
    rows = await house.sql("SELECT id FROM users WHERE username = ?", (name,))
    return await house.device(Person(name, rows[0][0], "")) if rows else await house.person(name)
