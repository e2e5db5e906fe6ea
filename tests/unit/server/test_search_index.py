"""What the search index is asked, put to a real FTS5 table."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asnity_server.api.indexing import question, term_of_channel, term_of_community, term_of_sender
from asnity_server.api.terms import Term, parse, terms_of
from asnity_server.db.migrations import migrate
from asnity_server.protocol.errors import Invalid

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


@settings(max_examples=50)
@given(text=ANYTHING, q=ANYTHING, part=st.integers(0, 30))
def test_whatever_matches_is_proposed(index: sqlite3.Connection, text: str, q: str, part: int) -> None:
    for wanted in (q, text[part : part + 3], text):
        try:
            query = parse(wanted.replace('"', " "))
        except Invalid:
            continue
        index.execute("BEGIN")
        index.execute("INSERT INTO search (rowid, terms) VALUES (1, ?)", (" ".join(terms_of(text)),))
        found = _ask(index, question(query.terms))
        index.execute("ROLLBACK")
        if query.matches(text):
            assert found == [(1,)]


@settings(max_examples=50)
@given(st.lists(ANYTHING, min_size=1, max_size=4), st.booleans(), st.integers(0, 3))
def test_nothing_is_syntax_and_nothing_is_a_phrase(
    index: sqlite3.Connection, texts: list[str], beginning: bool, places: int
) -> None:
    """A place or a sender is whatever a stranger says it is."""
    terms = [Term(term_of_sender(texts[0])), *(Term(each, beginning) for each in texts)]
    assert _ask(index, question(terms, texts[:places])) == []
    assert _ask(index, question([Term("x")], [term_of_channel(texts[0]), term_of_community(texts[0])])) == []
