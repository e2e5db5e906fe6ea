"""Queries of the search index, put to a real FTS5 table."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asnity_server.api.search.search_index import entries_of, question, scope_of
from asnity_server.api.search.search_terms import Term, parse
from asnity_server.db.migrations import migrate
from asnity_server.protocol.errors import Invalid
from asnity_server.protocol.models import Kind

ANYTHING = st.text(max_size=30) | st.text(st.sampled_from("aB1_ .\"'*^+-:(){}\0\n\ud800é안ｶﾞ"), max_size=20)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """A file with an empty index."""
    path = tmp_path_factory.mktemp("index") / "asnity.db"
    migrate(path)
    connection = sqlite3.connect(path, isolation_level=None)
    yield connection
    connection.close()


def _ask(index: sqlite3.Connection, asked: str) -> list[tuple[int]]:
    return index.execute("SELECT rowid FROM search WHERE search MATCH ?", (asked,)).fetchall()


PLACE: tuple[str, Kind] = ("abcdefghijkl-mnopqrst", "public")
ELSEWHERE: list[tuple[str, Kind]] = [
    ("abcdefghijkl-mnopqrst", "private"), ("abcdefghijkl-aaaaaaaa", "direct"), ("bbbbbbbbbbbb-mnopqrst", "public")
]  # fmt: skip
SENDER = "zyxwvutsrqpo"


@settings(max_examples=50)
@given(text=ANYTHING, q=ANYTHING, part=st.integers(0, 30))
def test_whatever_matches_is_proposed_to_who_may_read_it(
    index: sqlite3.Connection, text: str, q: str, part: int
) -> None:
    scope, others = scope_of(*PLACE), [scope_of(*each) for each in ELSEWHERE]
    for wanted in (q, text[part : part + 3], text):
        try:
            query = parse(wanted.replace('"', " "))
        except Invalid:
            continue
        index.execute("BEGIN")
        entries = entries_of(*PLACE, SENDER, text)
        index.execute("INSERT INTO search (rowid, terms) VALUES (1, ?)", (" ".join(entries),))
        found = [
            _ask(index, question(query.terms, [*others, scope], **more))
            for more in ({}, {"sender_id": SENDER}, {"channel_id": PLACE[0]})
        ]
        elsewhere = _ask(index, question(query.terms, others))
        index.execute("ROLLBACK")
        if query.matches(text):
            assert found == [[(1,)]] * 3
        assert elsewhere == []


@settings(max_examples=100)
@given(st.lists(st.builds(Term, ANYTHING, st.booleans()), max_size=4), ANYTHING | st.none(), st.booleans())
def test_the_index_is_asked_for_nothing_but_what_begins_with_a_place(
    terms: list[Term], sender_id: str | None, filtered: bool
) -> None:
    """Entries of other places cost no time, so that none can be told from it."""
    scopes = [scope_of(*each) for each in (PLACE, *ELSEWHERE)]
    asked = question(terms, scopes, sender_id=sender_id, channel_id=PLACE[0] if filtered else None)
    tokens = re.findall(r'"([^"]*)"', asked)
    assert tokens
    for token in tokens:
        assert re.fullmatch(f"_?({'|'.join(scopes)})(_.*)?", token, re.DOTALL), token


def test_no_place_begins_like_another() -> None:
    """A community's id is the beginning of its channels': what is asked for ends the place with a sign of its own."""
    asked = question([Term("abcd", True)], ["abcdefghijkl"])
    entries = entries_of("abcdefghijkl-mnopqrst", "private", SENDER, "abcd")
    assert not any(each.startswith(asked.strip('()" *')) for each in entries)


@settings(max_examples=50)
@given(st.lists(ANYTHING, min_size=1, max_size=4), st.booleans(), st.integers(1, 3))
def test_nothing_is_syntax_and_nothing_is_a_phrase(
    index: sqlite3.Connection, texts: list[str], beginning: bool, places: int
) -> None:
    """A sender is whatever a stranger says it is."""
    scopes = [scope_of(*each) for each in ELSEWHERE[:places]]
    terms = [Term(each, beginning) for each in texts]
    assert _ask(index, question(terms, scopes, sender_id=texts[0])) == []
    assert _ask(index, question([], scopes, sender_id=texts[0])) == []
