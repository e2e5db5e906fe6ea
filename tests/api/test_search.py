"""Search: what is found, and by whom."""

from __future__ import annotations

import re

import pytest

from asnity_server.api import channels, direct_channels, members
from asnity_server.api.search import search
from asnity_server.api.search.search_index import question
from asnity_server.api.search.search_terms import HIT, HIT_END, ParsedQuery
from asnity_server.protocol import requests
from asnity_server.protocol.errors import Invalid, NotFound
from asnity_server.protocol.times import to_wire
from tests.api.harness import ApiHarness

from .searching import found, index_everything, searched


@pytest.fixture(params=["not indexed", "indexed"])
def indexed(request: pytest.FixtureRequest) -> bool:
    """Whether the index has the messages, or they are looked through as they are."""
    return bool(request.param == "indexed")


async def test_newest_first_with_the_hit_marked(harness: ApiHarness, indexed: bool) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    plans = await harness.channel(alice, lab, "plans")
    await harness.post(alice, plans.id, "The first meeting")
    last = await harness.post(alice, plans.id, "no MEETING today, @alice")
    await harness.post(alice, plans.id, "we met")
    if indexed:
        await index_everything(harness)
    results = await searched(harness, alice, "meeting")
    assert [each.message.id for each in results.results] == [2, 1]
    assert results.results[0].message == last
    assert results.results[0].channel == plans
    assert results.results[0].snippet == f"no {HIT}MEETING{HIT_END} today, @alice"
    assert results.users[alice.id].username == "alice"
    assert await found(harness, bob, "meeting") == ["no MEETING today, @alice", "The first meeting"]  # a public channel


async def test_inside_words_of_scripts_without_spaces(harness: ApiHarness, indexed: bool) -> None:
    alice = await harness.person("alice")
    general = await harness.general(await harness.community(alice))
    for content in ("안녕하세요 여러분", "今天的会议改到三点", "今日の会議は三時", "an ordinary Café"):
        await harness.post(alice, general, content)
    if indexed:
        await index_everything(harness)
    for q, content in (
        ("하세", "안녕하세요 여러분"),
        ("여러", "안녕하세요 여러분"),
        ("녕", "안녕하세요 여러분"),
        ("会议", "今天的会议改到三点"),
        ("会議", "今日の会議は三時"),
        ("CAFE", "an ordinary Café"),
    ):
        assert await found(harness, alice, q) == [content], q
    assert await found(harness, alice, "안세") == []


async def test_only_what_one_may_read(harness: ApiHarness, indexed: bool) -> None:
    """Not other communities, not private and direct channels that one isn't in, not what one was thrown out of."""
    alice, bob, carol, eve = await harness.people("alice", "bob", "carol", "eve")
    lab, works = await harness.community(alice, bob, carol), await harness.community(eve)
    secret = await harness.channel(alice, lab, "secret", carol, kind="private")
    public = await harness.channel(alice, lab, "public")
    direct = await harness.do(
        alice, direct_channels.open_direct, requests.OpenDirect(community_id=lab.id, user_ids=(carol.id,))
    )
    for where in (secret.id, public.id, direct.id):
        await harness.post(alice, where, f"treasure in {where}")
    await harness.post(eve, await harness.general(works), "treasure elsewhere")
    if indexed:
        await index_everything(harness)
    everywhere = {f"treasure in {each.id}" for each in (secret, public, direct)}
    assert set(await found(harness, alice, "treasure")) == set(await found(harness, carol, "treasure")) == everywhere
    assert await found(harness, bob, "treasure") == [f"treasure in {public.id}"]
    assert await found(harness, eve, "treasure") == ["treasure elsewhere"]
    for channel in (secret, direct):
        with pytest.raises(NotFound):
            await searched(harness, bob, "treasure", channel_id=channel.id)
    with pytest.raises(NotFound):
        await searched(harness, eve, "treasure", community_id=lab.id)
    await harness.kick(alice, lab, carol)
    assert await found(harness, carol, "treasure") == []
    with pytest.raises(NotFound):
        await searched(harness, carol, "treasure", channel_id=public.id)


async def test_nothing_of_where_one_no_longer_is(harness: ApiHarness, indexed: bool) -> None:
    """Left, put out, banned: from that moment on, whatever the index has of it."""
    alice, bob, carol, dan = await harness.people("alice", "bob", "carol", "dan")
    lab, works = await harness.community(alice, bob, carol, dan), await harness.community(dan)
    secret = await harness.channel(alice, lab, "secret", bob, carol, dan, kind="private")
    public = await harness.channel(alice, lab, "public", bob)
    await harness.post(alice, secret.id, "treasure in secret")
    await harness.post(alice, public.id, "treasure in public")
    await harness.post(dan, await harness.general(works), "treasure of mine")
    if indexed:
        await index_everything(harness)
    for person in (bob, carol, dan):
        assert "treasure in secret" in await found(harness, person, "treasure")
    for channel in (secret, public):
        await harness.do(bob, channels.remove_member, requests.OfChannelMember(channel_id=channel.id, user_id="me"))
    put_out = requests.OfChannelMember(channel_id=secret.id, user_id=carol.id)
    await harness.do(alice, channels.remove_member, put_out)
    ban = requests.RemoveMember(community_id=lab.id, user_id=dan.id, ban=True)
    await harness.do(alice, members.remove_member, ban)
    for person in (bob, carol):
        assert await found(harness, person, "treasure") == ["treasure in public"]
        with pytest.raises(NotFound):
            await searched(harness, person, "treasure", channel_id=secret.id)
    assert await found(harness, dan, "treasure") == ["treasure of mine"]
    for place in ({"community_id": lab.id}, {"channel_id": secret.id}, {"channel_id": public.id}):
        with pytest.raises(NotFound):
            await searched(harness, dan, "treasure", **place)
    await harness.do(alice, channels.add_member, put_out)
    assert "treasure in secret" in await found(harness, carol, "treasure")


async def test_nothing_of_others_is_looked_at(
    harness: ApiHarness, indexed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even to find out that it isn't for the one who asks: the time that it took would tell that it is there."""
    alice, bob, carol = await harness.people("alice", "bob", "carol")
    lab, works = await harness.community(alice, bob, carol), await harness.community(bob)
    secret = await harness.channel(bob, lab, "secret", kind="private")
    direct = await harness.do(
        bob, direct_channels.open_direct, requests.OpenDirect(community_id=lab.id, user_ids=(carol.id,))
    )
    hers = await harness.channel(alice, lab, "hers", kind="private")
    await harness.post(alice, hers.id, "a treasure of hers")
    await harness.post(bob, await harness.general(lab), "a treasure for all")
    theirs = [await harness.general(works), secret.id, direct.id]
    hidden = [await harness.post(bob, channel_id, "a hidden treasure") for channel_id in theirs for _ in range(3)]
    if indexed:
        await index_everything(harness)
    for message in hidden[::3]:  # known to the index as they were, and looked through as they are
        await harness.edit(bob, message, "an edited treasure")
    looked_at: list[str] = []
    matches = ParsedQuery.matches

    def watched(query: ParsedQuery, text: str) -> bool:
        looked_at.append(text)
        return matches(query, text)

    monkeypatch.setattr(ParsedQuery, "matches", watched)
    asked: list[str] = []
    monkeypatch.setattr(search, "question", lambda *args, **more: asked.append(question(*args, **more)) or asked[-1])
    for place in ({}, {"community_id": lab.id}, {"sender_id": bob.id}, {"after": "2020-01-01T00:00:00Z"}):
        for q in ("treasure", "trea", "t", '"hidden treasure"', "nowhere"):
            await searched(harness, alice, q, **place)
    assert set(looked_at) == {"a treasure of hers", "a treasure for all"}
    named = {name for each in asked for name in re.findall(r'"_?([a-z2-7]+)', each)}
    assert named == {lab.id, hers.id.replace("-", "")}


async def test_in_many_places_the_index_is_asked_for_few_words(
    harness: ApiHarness, indexed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several times, for so many places each, and for a part of what is looked for: all of it is looked at again."""
    for name, value in (("SCOPES", 2), ("ASKED", 2)):
        monkeypatch.setattr(search, name, value)
    asked: list[str] = []
    monkeypatch.setattr(search, "question", lambda *args, **more: asked.append(question(*args, **more)) or asked[-1])
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    places = [(await harness.channel(alice, lab, f"place-{number}", kind="private")).id for number in range(5)]
    for number in range(20):
        await harness.post(alice, places[number % 5], f"note {number} {'red' if number % 3 else 'blue'} word")
    await harness.channel(alice, lab, "empty", kind="private")  # nothing is asked about it
    if indexed:
        await index_everything(harness)
    assert await found(harness, alice, "note red wor") == [f"note {n} red word" for n in range(19, -1, -1) if n % 3]
    assert [each.count('"') // 2 for each in asked] == [2, 2, 2]


async def test_filters(harness: ApiHarness, indexed: bool) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab, works = await harness.community(alice, bob), await harness.community(bob, alice)
    plans = await harness.channel(alice, lab, "plans", bob, kind="private")
    start = harness.clock.now
    for person, where in ((alice, plans.id), (bob, plans.id), (alice, await harness.general(lab))):
        await harness.post(person, where, f"note {person.name} {harness.clock.now - start}")
        harness.clock.forward(40 * 3600 * 1000)
    await harness.post(alice, await harness.general(works), "note elsewhere")
    if indexed:
        await index_everything(harness)
    first, second, third = "note alice 0", "note bob 144000000", "note alice 288000000"
    assert await found(harness, alice, "note", community_id=lab.id) == [third, second, first]
    assert await found(harness, alice, "note", channel_id=plans.id) == [second, first]
    assert await found(harness, alice, "note", channel_id=plans.id, community_id=lab.id) == [second, first]
    assert await found(harness, alice, "note", sender_id=alice.id) == ["note elsewhere", third, first]
    assert await found(harness, alice, "note", sender_id=alice.id, community_id=lab.id) == [third, first]
    moment = start + 40 * 3600 * 1000
    assert await found(harness, alice, "note", before=to_wire(moment)) == [first]
    assert await found(harness, alice, "note", after=to_wire(moment), community_id=lab.id) == [third, second]
    assert await found(harness, alice, "note", after=to_wire(moment), before=to_wire(moment + 1)) == [second]
    with pytest.raises(NotFound):
        await searched(harness, alice, "note", channel_id=plans.id, community_id=works.id)
    with pytest.raises(Invalid):
        await searched(harness, alice, "note", before="yesterday")


async def test_filters_alone_list_what_they_leave_over(harness: ApiHarness, indexed: bool) -> None:
    """Newest first, without what was deleted, what nobody wrote, and what one may not read."""
    alice, bob = await harness.people("alice", "bob")
    lab, works = await harness.community(alice, bob), await harness.community(bob)
    general, secret = await harness.general(lab), (await harness.channel(alice, lab, "secret", kind="private")).id
    start = harness.clock.now
    doomed = await harness.post(alice, general, "deleted")
    for person, where, content in (
        (alice, general, "one"),
        (bob, general, "two"),
        (alice, secret, "three"),
        (bob, await harness.general(works), "four"),
        (alice, general, "five"),
    ):
        harness.clock.forward(3600 * 1000)
        await harness.post(person, where, content)
    if indexed:
        await index_everything(harness)
    await harness.delete(alice, doomed)
    assert await found(harness, alice, "", sender_id=alice.id) == ["five", "three", "one"]
    assert await found(harness, bob, "", sender_id=alice.id) == ["five", "one"]
    assert await found(harness, bob, "", sender_id=bob.id) == ["four", "two"]
    assert await found(harness, alice, "", channel_id=secret) == ["three"]
    assert await found(harness, bob, "  ", community_id=lab.id) == ["five", "two", "one"]
    assert await found(harness, bob, "", community_id=lab.id, sender_id=bob.id) == ["two"]
    noon = to_wire(start + 3 * 3600 * 1000)
    assert await found(harness, alice, "", before=noon) == ["two", "one"]
    assert await found(harness, bob, "", after=noon) == ["five", "four"]
    assert await found(harness, bob, "", after=noon, channel_id=general) == ["five"]
    snippets = [each.snippet for each in (await searched(harness, alice, "", channel_id=secret)).results]
    assert snippets == ["three"]
    with pytest.raises(Invalid):
        await searched(harness, alice, "")
    with pytest.raises(NotFound):
        await searched(harness, bob, "", channel_id=secret)


async def test_times_alone_go_on_page_by_page(
    harness: ApiHarness, indexed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where most is not for me, and where I am in more private channels than the index is asked for at once."""
    for name, value in (("EXAMINED", 10), ("WINDOW", 10)):
        monkeypatch.setattr(search, name, value)
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    general, secret = await harness.general(lab), (await harness.channel(bob, lab, "secret", kind="private")).id
    for number in range(24):
        await harness.post(*((alice, general) if number % 8 == 0 else (bob, secret)), f"note {number}")
    if indexed:
        await index_everything(harness)

    async def all_pages() -> list[str]:
        so_far: list[str] = []
        page = None
        while page is None or isinstance(page.cursor, str):
            cursor = page.cursor if page is not None and isinstance(page.cursor, str) else None
            page = await searched(harness, alice, "", after="2020-01-01T00:00:00Z", limit=2, cursor=cursor)
            so_far += [each.message.content for each in page.results]
        return so_far

    expected = ["note 16", "note 8", "note 0"]
    assert await all_pages() == expected
    monkeypatch.setattr(search, "SCOPES", 1)
    assert await all_pages() == expected


async def test_times_decide_even_where_the_clock_went_back(harness: ApiHarness, indexed: bool) -> None:
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    general, plans = await harness.general(lab), (await harness.channel(alice, lab, "plans")).id
    start = harness.clock.now
    harness.clock.forward(20 * 3600 * 1000)
    await harness.post(alice, general, "note from tomorrow")
    harness.clock.forward(-20 * 3600 * 1000)
    await harness.post(alice, plans, "note from today")
    if indexed:
        await index_everything(harness)
    assert await found(harness, alice, "note", before=to_wire(start + 1)) == ["note from today"]
    assert await found(harness, alice, "note", after=to_wire(start + 1)) == ["note from tomorrow"]


async def test_pages_go_on_where_they_ended(harness: ApiHarness, indexed: bool) -> None:
    alice = await harness.person("alice")
    general = await harness.general(await harness.community(alice))
    for number in range(25):
        await harness.post(alice, general, f"note {number}")
    if indexed:
        await index_everything(harness)
        for number in range(25, 30):
            await harness.post(alice, general, f"note {number}")
    expected = [f"note {number}" for number in reversed(range(30 if indexed else 25))]
    so_far: list[str] = []
    cursor: str | None = None
    while True:
        page = await searched(harness, alice, "note", limit=10, cursor=cursor)
        so_far += [each.message.content for each in page.results]
        if not isinstance(page.cursor, str):
            break
        assert len(page.results) == 10
        cursor = page.cursor
    assert so_far == expected
    for nonsense in ("x", "-1", "1.5", "１"):
        with pytest.raises(Invalid):
            await searched(harness, alice, "note", cursor=nonsense)


async def test_a_request_looks_at_so_much_and_says_where_to_go_on(
    harness: ApiHarness, indexed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "EXAMINED", 10)
    monkeypatch.setattr(search, "WINDOW", 10)
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    secret = await harness.channel(bob, lab, "secret", kind="private")
    mine = await harness.post(alice, await harness.general(lab), "note of mine")
    for _ in range(30):
        await harness.post(bob, secret.id, "note of his")
    if indexed:
        await index_everything(harness)
        assert await found(harness, alice, "note") == [mine.content]  # the index is asked for what she may read
        return
    pages, cursor = 0, None
    so_far: list[str] = []
    while pages == 0 or cursor is not None:
        page = await searched(harness, alice, "note", cursor=cursor)
        so_far += [each.message.content for each in page.results]
        cursor = page.cursor if isinstance(page.cursor, str) else None
        pages += 1
    assert (so_far, pages) == ([mine.content], 4)


async def test_a_search_that_is_late_ends_with_what_it_has(
    harness: ApiHarness, indexed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page of one message at least, so that asking again comes to an end."""
    alice = await harness.person("alice")
    general = await harness.general(await harness.community(alice))
    for number in range(4):
        await harness.post(alice, general, f"note {number}")
    if indexed:
        await index_everything(harness)
    monkeypatch.setattr("asnity_server.db.readers._BoundedReadTx.is_late", lambda view: True)
    so_far: list[list[str]] = []
    cursor: str | None = None
    while not so_far or cursor is not None:
        page = await searched(harness, alice, "note", cursor=cursor)
        so_far.append([each.message.content for each in page.results])
        cursor = page.cursor if isinstance(page.cursor, str) else None
    assert so_far == [["note 3"], ["note 2"], ["note 1"], ["note 0"]]


async def test_what_one_types_is_no_syntax(harness: ApiHarness, indexed: bool) -> None:
    alice = await harness.person("alice")
    general = await harness.general(await harness.community(alice))
    await harness.post(alice, general, "alpha OR beta NOT gamma; terms:alpha* NEAR(alpha) - ^ (")
    if indexed:
        await index_everything(harness)
    for q in ("NOT", "or alpha", "NEAR(", "terms:alpha", "alpha*", "^alpha", '"alpha', "(alpha", "-alpha", "alpha AND"):
        expected = 0 if q == "alpha AND" else 1
        assert len(await found(harness, alice, q)) == expected, q
    assert await found(harness, alice, "_palpha") == []
    for sender_id in ("v$ a b", '"', "", "OR", alice.id.upper(), f"{alice.id} {alice.id}"):
        assert await found(harness, alice, "alpha", sender_id=sender_id) == [], sender_id


async def test_edits_and_deletions_show_at_once(harness: ApiHarness, indexed: bool) -> None:
    alice = await harness.person("alice")
    general = await harness.general(await harness.community(alice))
    first = await harness.post(alice, general, "the old words")
    second = await harness.post(alice, general, "other old words")
    if indexed:
        await index_everything(harness)
    await harness.edit(alice, first, "the new words")
    await harness.delete(alice, second)
    assert await found(harness, alice, "old") == []
    assert await found(harness, alice, "new") == await found(harness, alice, "words") == ["the new words"]
    await harness.edit(alice, first, "the old words")
    assert await found(harness, alice, "old") == ["the old words"]
