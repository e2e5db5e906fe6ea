"""Search queries parsed, resolved and completed."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from asnity_server.protocol.models import Community, User
from asnity_tui.state.completion import search_query
from asnity_tui.state.completion.search_query import QueryError, QueryFilter, SearchQuery, parse
from asnity_tui.state.store import Store

from .making import BOB, GENERAL, HERE, ME, THEN, channel, counters

OTHER = "otheraaaaaaa"
THERE = "therecomaaaa"
TODAY = date(2026, 11, 22)  # a Sunday


def user(user_id: str, username: str, display_name: str) -> User:
    return User(id=user_id, username=username, display_name=display_name, status_text="")


@pytest.fixture
def store() -> Store:
    """Two communities with a `general` each, `random` in the first, a direct channel with bob."""
    store = Store()
    store.me = user(ME, "alice", "Alice")
    people = (store.me, user(BOB, "bob", "Bob B"), user(OTHER, "minji", "민지"))
    store.users = {each.id: each for each in people}
    for community_id, name in ((HERE, "Mandarin Lab"), (THERE, "Open Source")):
        made = Community(id=community_id, name=name, description="", rev=1, created_at=THEN, invites_by="members")
        community = store.add_community(made, "member")
        names = ("general", "random") if community_id == HERE else ("general",)
        for number, each in enumerate(names):
            made_channel = channel(
                id=f"{community_id}-{'ab'[number] * 8}", community_id=community_id, name=each
            ).channel
            store.add_channel(community, made_channel, muted=False, counters=counters(0))
    direct = channel(id=f"{HERE}-dddddddd", kind="direct", name="", members=(ME, BOB)).channel
    store.add_channel(store.communities[HERE], direct, muted=False, counters=counters(0))
    return store


def test_words_and_filters() -> None:
    assert parse("hello world") == SearchQuery("hello world", ())
    assert parse('the from:bob "build is green" in:#general') == SearchQuery(
        'the "build is green"', (QueryFilter("from", "bob", 4, 12), QueryFilter("in", "#general", 30, 41))
    )
    assert parse('FROM:"Bob B" 귤') == SearchQuery("귤", (QueryFilter("from", "Bob B", 0, 12),))
    assert parse('"from:bob" xfrom:bob http://x from:') == SearchQuery(
        '"from:bob" xfrom:bob http://x', (QueryFilter("from", "", 30, 35),)
    )
    assert parse('community:"Mandarin La').filters == (QueryFilter("community", "Mandarin La", 0, 22),)
    assert parse("  ") == SearchQuery("", ())


@settings(max_examples=50)
@given(st.text(alphabet='ab:" frominetc', max_size=30))
def test_anything_can_be_taken_apart(text: str) -> None:
    found = parse(text)
    for each in found.filters:
        assert text[each.start : each.end].lower().startswith(f"{each.name}:")
        assert search_query.filter_at(text, each.end) == each
        assert search_query.filter_at(text, each.start) != each


def test_one_of_a_kind() -> None:
    twice = parse("x from:alice from:bob")
    with pytest.raises(QueryError) as caught:
        twice.filter("from")
    assert (caught.value.start, caught.value.end) == (13, 21)
    assert parse("x from: from:bob").filter("from") == QueryFilter("from", "bob", 8, 16)
    assert parse("x").filter("in") is None


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2026-11-20", date(2026, 11, 20)),
        ("2026-1-2", date(2026, 1, 2)),
        ("2026-11", date(2026, 11, 1)),
        ("2025", date(2025, 1, 1)),
        ("today", TODAY),
        ("Yesterday", date(2026, 11, 21)),
        ("saturday", date(2026, 11, 21)),
        ("sun", date(2026, 11, 15)),
        ("3d", date(2026, 11, 19)),
        ("2w", date(2026, 11, 8)),
        ("", None),
        ("2026-13-01", None),
        ("20261120", None),
        ("9999w", None),
        ("0001-01-01", None),
        ("s", None),
        ("²d", None),
    ],
)
def test_days(value: str, day: date | None) -> None:
    filter_ = QueryFilter("after", value, 2, 9)
    if day is None:
        with pytest.raises(QueryError, match="A day looks like"):
            search_query.day_of(filter_, TODAY)
    else:
        assert search_query.day_of(filter_, TODAY) == day


def test_people(store: Store) -> None:
    def person(value: str) -> str:
        return search_query.person_of(store, QueryFilter("from", value, 0, 9))

    assert person("bob") == person("@BOB") == person("Bob B") == BOB
    assert person("민지") == person("minji") == OTHER
    assert person("me") == ME
    with pytest.raises(QueryError, match="No one"):
        person("bobby")
    with pytest.raises(QueryError, match="No one"):
        person("@")
    store.users["x"] = user("x", "bob2", "Bob B")
    with pytest.raises(QueryError, match="Several"):
        person("Bob B")


def test_communities_and_channels(store: Store) -> None:
    def community(value: str) -> str:
        return search_query.community_of(store, QueryFilter("community", value, 0, 9)).id

    def place(value: str, within: str | None = None, here: str | None = None) -> str:
        return search_query.channel_of(store, QueryFilter("in", value, 0, 9), within=within, here=here).id

    assert community("mandarin lab") == community("man") == HERE
    with pytest.raises(QueryError, match="a community with this name"):
        community("x")
    open_space = replace(store.communities[THERE].community, id="x", name="Open Space")
    store.add_community(open_space, "member")
    with pytest.raises(QueryError, match="Several"):
        community("open")
    del store.communities["x"]
    assert place("random") == place("#Random") == f"{HERE}-bbbbbbbb"
    with pytest.raises(QueryError, match="Add the community"):
        place("general")
    assert place("general", within=THERE) == f"{THERE}-aaaaaaaa"
    assert place("general", here=HERE) == GENERAL
    assert place("@bob") == f"{HERE}-dddddddd"
    with pytest.raises(QueryError, match="no conversation"):
        place("@minji")
    with pytest.raises(QueryError, match="aren't in a channel"):
        place("random", within=THERE)


def completed(store: Store, text: str, **more: str) -> list[str]:
    filter_ = search_query.filter_at(text, len(text))
    assert filter_ is not None
    return [each.insert for each in search_query.choices(store, filter_, **more)]  # type: ignore[arg-type]


def test_completion(store: Store) -> None:
    assert completed(store, "x from:b") == ["from:bob "]
    assert completed(store, "from:민") == ["from:minji "]
    assert len(completed(store, "from:")) == 3
    store.communities[HERE].presence = {OTHER: "online"}
    assert completed(store, "from:", here=HERE)[0] == "from:minji "
    assert completed(store, "in:#gen", here=THERE) == ["in:#general ", "in:#general "]
    filter_ = QueryFilter("in", "gen", 0, 6)
    assert [each.hint for each in search_query.choices(store, filter_, here=THERE)] == ["Open Source", "Mandarin Lab"]
    assert completed(store, "in:@b") == ["in:@bob "]
    assert completed(store, "community:man") == ['community:"Mandarin Lab" ']
    assert completed(store, "after:y") == ["after:yesterday "]
    assert completed(store, "from:zzz") == []
    assert [each.insert for each in search_query.names("hello fr", 8)] == ["from:"]
    assert search_query.names("hello ", 6) == search_query.names("from", 2) == ()


def test_taking_a_choice(store: Store) -> None:
    def taken(text: str, cursor: int) -> tuple[str, int]:
        filter_ = search_query.filter_at(text, cursor)
        assert filter_ is not None
        return search_query.applied(text, filter_, search_query.choices(store, filter_)[0])

    assert taken("from:b", 6) == ("from:bob ", 9)
    assert taken("x from:b green", 8) == ("x from:bob green", 11)
    text, cursor = taken("community:man", 13)
    assert parse(text).filters == (QueryFilter("community", "Mandarin Lab", 0, 24),)
    assert cursor == len(text)
