"""How much there is of a thing."""

from __future__ import annotations

from ..row import Bound, Constant

TITLE = "How much there is of a thing"

_LIMITS = "asnity_server.protocol.limits"

ROWS = (
    Bound(
        what="Pins of a channel",
        many="{}",
        beyond="`conflict`: one has to be unpinned first.",
        set_at=(Constant(_LIMITS, "PINS"),),
        tests=("tests/api/test_reactions.py::test_a_channel_has_fifty_pins_at_most",),
    ),
    Bound(
        what="Different emoji under a message",
        many="{}",
        beyond="`conflict`",
        set_at=(Constant(_LIMITS, "REACTIONS"),),
        tests=("tests/api/test_reactions.py::test_a_message_has_so_many_different_ones_at_most",),
    ),
    Bound(
        what="People that a message names for one emoji",
        many="{}",
        beyond="They are counted; a list of its own has them all, page by page.",
        set_at=(Constant(_LIMITS, "REACTION_USERS"),),
        tests=("tests/api/test_reactions.py::test_twenty_are_named_and_all_counted",),
    ),
    Bound(
        what="Unread messages and mentions that are counted",
        many="{}",
        beyond="The count stops; clients show 99+.",
        set_at=(Constant(_LIMITS, "COUNT_CAP"),),
        tests=(
            "tests/api/test_overview.py::test_counts_stop_at_a_hundred",
            "tests/unit/server/test_counting.py::test_whatever_the_length_and_the_mark",
        ),
    ),
)
