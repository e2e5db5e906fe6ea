"""Search through the session, from the text to the opened place."""

from __future__ import annotations

import asyncio
from datetime import UTC, date

import pytest

from asnity_server.protocol import routes
from asnity_tui.client.resources.search import parts_of
from asnity_tui.state.completion.search_query import QueryError
from asnity_tui.state.rows import Row

from .session_harness import SessionHarness, quiet

TODAY = date(2026, 11, 22)


async def found(harness: SessionHarness, text: str) -> list[str]:
    answer = await harness.session.search.find(text, today=TODAY, zone=UTC)
    assert answer is not None
    return [each.message.content for each in answer.hits]


async def test_words_and_filters(live: SessionHarness) -> None:
    live.server.post(live.general, live.bob, "the build is green")
    live.server.post(live.random, live.alice, "a green mandarin")
    other = live.server.community("Other Place", live.bob, live.alice)
    live.server.post(live.server.general(other), live.bob, "green again")
    await quiet()
    assert await found(live, "green") == ["green again", "a green mandarin", "the build is green"]
    assert await found(live, "green from:me") == ["a green mandarin"]
    assert await found(live, "green in:random") == ["a green mandarin"]
    assert await found(live, 'green community:"Other Place" from:bob') == ["green again"]
    assert await found(live, "green in:general community:lab") == ["the build is green"]
    live.session.open_channel(live.general)
    assert await found(live, "green in:general") == ["the build is green"]
    assert await found(live, "green after:2020") != []
    assert await found(live, "green before:2020") == []
    assert await found(live, "") == await found(live, "  ") == []
    assert await found(live, "gre") == await found(live, "green")
    assert await found(live, "from:bob") == ["green again", "the build is green"]
    assert await found(live, 'from:bob "') == ["green again", "the build is green"]
    assert await found(live, "in:general from:bob after:2020") == ["the build is green"]
    assert await found(live, "community:other") == ["green again"]
    assert await found(live, "after:2020") != []
    assert await found(live, "from:") == await found(live, "in: before:") == []
    with pytest.raises(QueryError, match="No one"):
        await found(live, "green from:nobody")


async def test_a_hit_says_where_and_who_and_is_opened_with_what_is_around_it(live: SessionHarness) -> None:
    live.posts(live.general, 100)
    live.server.post(live.general, live.bob, "the needle, here")
    live.posts(live.general, 100)
    await quiet()
    answer = await live.session.search.find("needle", today=TODAY, zone=UTC)
    assert answer is not None
    (hit,) = answer.hits
    assert (hit.title, hit.community, hit.sender, hit.mine) == ("general", "Lab", "Bob", True)
    assert hit.parts == (("the ", False), ("needle", True), (", here", False))
    assert not answer.more
    live.session.open_channel(hit.channel.id)
    await quiet()
    assert await live.session.history.jump_to(hit.channel.id, hit.message.id)
    timeline = live.channel(live.general).timeline
    assert timeline is not None
    assert isinstance(timeline.row(hit.message.id), Row)
    assert timeline.row(hit.message.id - 20) is not None
    assert timeline.row(hit.message.id + 20) is not None


async def test_page_by_page(live: SessionHarness) -> None:
    for number in range(50):
        live.server.post(live.general, live.bob, f"word {number}")
    first = await live.session.search.find("word", today=TODAY)
    assert first is not None
    assert (len(first.hits), first.more) == (20, True)
    second = await live.session.search.more()
    assert second is not None
    assert second.hits[:20] == first.hits
    third = await live.session.search.more()
    assert third is not None
    assert (len(third.hits), third.more) == (50, False)
    assert await live.session.search.more() is third
    assert live.client.count("GET search") == 3


async def test_a_later_search_outdates_the_one_before(live: SessionHarness) -> None:
    live.server.post(live.general, live.bob, "one two")
    live.client.faults.hold_answers(routes.SEARCH)
    tasks = [live.session.search.find(each, today=TODAY) for each in ("one", "two")]
    first, second = (asyncio.ensure_future(each) for each in tasks)
    await quiet()
    live.client.faults.release()
    assert await first is None
    answer = await second
    assert answer is not None
    assert answer.query.words == "two"
    live.client.faults.hold_answers(routes.SEARCH)
    third = asyncio.ensure_future(live.session.search.find("one", today=TODAY))
    await quiet()
    live.session.search.cancel()
    live.client.faults.release()
    assert await third is None
    assert await live.session.search.more() is None


async def test_a_channel_that_isnt_mine_is_named_all_the_same(live: SessionHarness) -> None:
    theirs = live.server.channel(live.lab, "theirs", live.bob)
    live.server.post(theirs, live.bob, "secret needle")
    answer = await live.session.search.find("needle", today=TODAY)
    assert answer is not None
    assert [(each.title, each.mine) for each in answer.hits] == [("theirs", False)]


def test_parts() -> None:
    assert parts_of("") == ()
    assert parts_of("a \x02b\x03 c \x02d\x03") == (("a ", False), ("b", True), (" c ", False), ("d", True))
    assert parts_of("\x03a\x02\x02b\x03") == (("a", False), ("b", True))
