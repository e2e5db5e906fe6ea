"""The log."""

from __future__ import annotations

from ..row import Bound, Constant

TITLE = "The log"

_LOGS = "asnity_server.logs"

ROWS = (
    Bound(
        what="Lines that one place in the code writes in a minute",
        many="{}",
        beyond="They are counted; the place's next line tells how many there were.",
        set_at=(Constant(_LOGS, "MOST"),),
        tests=(
            "tests/unit/server/test_logs.py::test_a_place_writes_so_many_lines_a_minute_and_then_counts",
            "tests/e2e/test_log.py::test_foreign_text_stays_on_the_line_that_is_about_it",
        ),
        holds=("asnity_server.logs:RateLimitFilter._places",),
    ),
    Bound(
        what="A line, and the errors behind an error that are told",
        many="{} characters, {} errors",
        beyond="The rest of the line is counted; errors further back are left out.",
        set_at=(Constant(_LOGS, "LONGEST"), Constant(_LOGS, "DEEPEST")),
        tests=("tests/unit/server/test_logs.py::test_a_line_has_an_end",),
    ),
)
