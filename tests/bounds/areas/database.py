"""The writer and the readers."""

from __future__ import annotations

from ..row import Bound, Constant, Default

TITLE = "Writing and reading"

_DATABASE = "asnity_server.db.database"

ROWS = (
    Bound(
        what="Pieces of work that wait for the writer",
        many="{}",
        beyond="`unavailable`",
        set_at=(Constant(_DATABASE, "Database.WAITING"),),
        tests=("tests/api/test_database.py::test_too_much_that_waits_is_refused",),
        holds=(
            "asnity_server.db.database:Database._queue",
            "asnity_server.db.database:Database._gathered",
        ),
    ),
    Bound(
        what="Pieces of work in one commit, at which no more are taken",
        many="{}",
        beyond="They are in the next one.",
        set_at=(Constant(_DATABASE, "Database.BATCH"),),
        tests=("tests/api/test_database.py::test_a_commit_has_so_much_in_it_at_most",),
        holds=("asnity_server.db.ahead:Ahead._rows", "asnity_server.db.ahead:Ahead._states"),
    ),
    Bound(
        what="Facts that the writer remembers",
        many="{}",
        beyond="All of them are forgotten before the next commit, and asked for again.",
        set_at=(Constant("asnity_server.db.ahead", "FACTS"),),
        tests=("tests/api/test_ahead.py::test_of_too_many_facts_none_is_kept",),
        holds=("asnity_server.db.ahead:Ahead.facts",),
    ),
    Bound(
        what="Queries that run at the same time, and those that run or wait",
        many="{} and {}",
        beyond="`unavailable`",
        set_at=(Default(_DATABASE, "Database.open", "readers"), Constant(_DATABASE, "Database.READING")),
        tests=("tests/api/test_database.py::test_too_many_queries_are_refused",),
        holds=(
            "asnity_server.db.database:Database._readers",
            "asnity_server.db.database:Database._open_readers",
            "asnity_server.db.database:Database.read",
        ),
    ),
    Bound(
        what="Rows that one search looks at",
        many="{}",
        beyond="The page ends there; it says where the next one goes on.",
        set_at=(Constant("asnity_server.api.search", "EXAMINED"),),
        tests=("tests/api/test_search.py::test_a_request_looks_at_so_much_and_says_where_to_go_on",),
    ),
    Bound(
        what="Proofs that the server can write",
        many="one every {}",
        beyond="Whoever asks meanwhile gets the last one.",
        set_at=(Constant("asnity_server.api.pulse", "EVERY", "seconds"),),
        tests=("tests/http/test_hosting.py::test_asking_makes_the_disk_work_once_a_second_at_most",),
    ),
)

OURS = {
    "asnity_server.db.database:Database.__init__": "the one writing thread",
    "asnity_server.db.database:Database.close": "two waits at the end",
    "asnity_server.db.work:Tx": "lives for one piece of work, which has an end of its own",
    "asnity_server.db.ahead:Insertion._sql": "a statement for each of seven sizes",
    "asnity_server.api.erasure:Eraser._done": "one timer at a time: a slice follows on a slice",
    "asnity_server.app:Server._chore": "the program's own rounds, and one where another program has written",
    "asnity_server.app:Server._chores": "the program's own rounds, and one where another program has written",
    "asnity_server.app:Server._sites": "one for each address that it listens on",
}
