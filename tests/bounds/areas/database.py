"""The writer and the readers."""

from __future__ import annotations

from ..row import Bound, Constant

TITLE = "Writing and reading"

_DATABASE = "asnity_server.db.database"

_READING = "asnity_server.db.readers"


def _of(kind: str, *names: str) -> tuple[Constant, ...]:
    return tuple(Constant(_READING, f"{kind}.{name}") for name in names)


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
        holds=("asnity_server.db.write_buffer:WriteBuffer._rows", "asnity_server.db.write_buffer:WriteBuffer._states"),
    ),
    Bound(
        what="Answers that the writer caches",
        many="{}",
        beyond="All of them are forgotten before the next commit, and asked for again.",
        set_at=(Constant("asnity_server.db.write_buffer", "CACHED"),),
        tests=("tests/api/test_write_buffer.py::test_of_too_many_cached_answers_none_is_kept",),
        holds=("asnity_server.db.write_buffer:WriteBuffer.cached",),
    ),
    Bound(
        what="Queries that run at the same time, those of one person, and searches",
        many="{}, of one person {}; and besides them {} searches, of one person {}",
        beyond="They wait; everybody's next one in turn.",
        set_at=(*_of("QUICK", "threads", "at_once"), *_of("LONG", "threads", "at_once")),
        tests=(
            "tests/api/test_readers.py::test_whoever_asks_much_at_once_lets_others_read",
            "tests/api/test_readers.py::test_everybody_has_a_turn",
            "tests/api/test_readers.py::test_all_devices_of_a_person_count_as_one",
        ),
        holds=(f"{_READING}:ReaderPool._running", f"{_READING}:ReaderPool._begin_some", f"{_READING}:_Reader.jobs"),
    ),
    Bound(
        what="Queries and searches of one person that wait",
        many="{} and {}",
        beyond="`rate-limited`",
        set_at=(*_of("QUICK", "each"), *_of("LONG", "each")),
        tests=("tests/api/test_readers.py::test_whoever_asks_much_at_once_lets_others_read",),
        holds=(f"{_READING}:_Queue.jobs",),
    ),
    Bound(
        what="Queries and searches of everybody that wait",
        many="{} and {}",
        beyond="`unavailable`",
        set_at=(*_of("QUICK", "waiting"), *_of("LONG", "waiting")),
        tests=(
            "tests/api/test_readers.py::test_too_much_of_everybody_is_refused",
            "tests/api/test_readers.py::test_everybody_has_a_turn",
        ),
        holds=(f"{_READING}:ReaderPool._queues", f"{_READING}:ReaderPool._ready"),
    ),
    Bound(
        what="The time that a query, and a search, runs",
        many="{} and {}",
        beyond="It is ended as `unavailable`. A search ends with what it has before that, where it has something.",
        set_at=(Constant(_READING, "QUICK.seconds", "seconds"), Constant(_READING, "LONG.seconds", "seconds")),
        tests=(
            "tests/api/test_readers.py::test_what_takes_too_long_is_ended",
            "tests/api/test_search.py::test_a_search_that_is_late_ends_with_what_it_has",
        ),
    ),
    Bound(
        what="Sessions whose owner is remembered, to know whose turn it is",
        many="{}",
        beyond="The one that was learned first is forgotten, and asked for again.",
        set_at=(Constant("asnity_server.api.service", "OWNERS"),),
        tests=("tests/api/test_readers.py::test_whose_a_session_is_is_remembered_for_so_many_and_for_none_that_ended",),
        holds=("asnity_server.api.service:Api._owners",),
    ),
    Bound(
        what="Rows that one search looks at",
        many="{}",
        beyond="The page ends there; it says where the next one goes on.",
        set_at=(Constant("asnity_server.api.search.search", "EXAMINED"),),
        tests=("tests/api/test_search.py::test_a_request_looks_at_so_much_and_says_where_to_go_on",),
    ),
    Bound(
        what="A step of the machine's clock that the server's time follows at once",
        many="{}, and {} until it is believed whatever its length",
        beyond="Time goes on as before until the clock has stood by it for a hundredth of the step.",
        set_at=(
            Constant("asnity_server.db.clock", "SLACK", "milliseconds"),
            Constant("asnity_server.db.clock", "DAY", "milliseconds"),
        ),
        tests=(
            "tests/unit/server/test_clock.py::test_a_step_is_believed_when_it_has_stood_long_enough_and_a_way_back_at_once",
            "tests/e2e/test_wrong_clock.py::test_while_the_clock_is_wrong_and_behind_that_all_is_as_it_was",
        ),
    ),
    Bound(
        what="The lead of a message's time over the server's",
        many="{}",
        beyond="The time goes back: what lies further ahead was written by a clock that was wrong.",
        set_at=(Constant("asnity_server.api.storage.clock_skew", "LEAD", "milliseconds"),),
        tests=("tests/api/test_clock_skew.py::test_no_time_leads_the_clock_by_more_than_a_minute",),
    ),
    Bound(
        what="Places that the search index is asked for at once, and words in all of them together",
        many="{} and {}",
        beyond="More places are asked for in several turns, with fewer words; what is proposed is looked at again.",
        set_at=(
            Constant("asnity_server.api.search.search", "SCOPES"),
            Constant("asnity_server.api.search.search", "ASKED"),
        ),
        tests=("tests/api/test_search.py::test_in_many_places_the_index_is_asked_for_few_words",),
    ),
    Bound(
        what="The time that the database is looked through at the start, after a crash and after a clean stop",
        many="{} and {}",
        beyond="The rest isn't looked at; damage that a query meets is noticed all the same.",
        set_at=(
            Constant("asnity_server.db.health", "UNCLEAN", "seconds"),
            Constant("asnity_server.db.health", "CLEAN", "seconds"),
        ),
        tests=(
            "tests/api/test_health.py::test_looking_takes_so_long_at_most_and_holds_nobody_up",
            "tests/api/test_health.py::test_a_damaged_page_that_somebody_meets_is_said_without_a_look_for_it",
        ),
    ),
    Bound(
        what="Proofs that the server can write",
        many="one every {}",
        beyond="Whoever asks meanwhile gets the last one, or waits for the same.",
        set_at=(Constant("asnity_server.api.storage.write_probe", "EVERY", "seconds"),),
        tests=(
            "tests/http/test_health.py::test_asking_makes_the_disk_work_once_a_second_at_most",
            "tests/http/test_health.py::test_all_who_ask_whether_it_can_write_are_told_together",
        ),
        holds=("asnity_server.api.storage.write_probe:WriteProbe.check",),
    ),
)

OURS = {
    "asnity_server.db.database:Database.__init__": "the one writing thread",
    "asnity_server.db.health:Health._files": "the three files of one database",
    "asnity_server.db.readers:ReaderPool._readers": "as many threads as queries may run at once",
    "asnity_server.db.readers:ReaderPool._idle": "those of the threads that have nothing to do",
    "asnity_server.db.readers:ReaderPool._look": "one timer for all that runs",
    "asnity_server.db.transaction:WriteTx": "lives for one piece of work, which has an end of its own",
    "asnity_server.db.write_buffer:BatchInsert._sql": "a statement for each of seven sizes",
    "asnity_server.api.storage.deferred_delete:SlicedJob._done": "one timer at a time: a slice follows on a slice",
    "asnity_server.app:Server._chore": "the program's own rounds, and one where another program has written",
    "asnity_server.app:Server._chores": "the program's own rounds, and one where another program has written",
    "asnity_server.app:Server._sites": "one for each address that it listens on",
}
