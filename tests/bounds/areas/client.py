"""The client: what a server, and the people on it, can make it keep."""

from __future__ import annotations

from ..row import Bound, Constant

TITLE = "The client"

ROWS = (
    Bound(
        what="An answer of a server",
        many="{}",
        beyond="It isn't read on; what was asked for failed.",
        set_at=(Constant("asnity_tui.client.http", "ANSWER_LIMIT", "bytes"),),
        tests=("tests/unit/client/test_http.py::test_an_answer_without_end_is_not_read_to_its_end",),
    ),
    Bound(
        what="Messages of a channel in memory",
        many="{}, in {} stretches",
        beyond="Those that are farthest from what is looked at go, and are loaded again when somebody looks there.",
        set_at=(
            Constant("asnity_tui.state.stretches", "HELD_MAX"),
            Constant("asnity_tui.state.stretches", "STRETCHES_MAX"),
        ),
        tests=(
            "tests/unit/state/test_stretches.py::test_what_is_too_much_goes_from_the_end_that_is_farther_from_the_eye",
            "tests/unit/state/test_stretches.py::test_of_too_many_stretches_the_farthest_goes",
        ),
    ),
    Bound(
        what="Changes of a channel that came before the one they follow on",
        many="{}",
        beyond="They are asked for instead.",
        set_at=(Constant("asnity_tui.state.channel", "HELD_BACK_MAX"),),
        tests=("tests/unit/state/test_channel.py::test_more_than_can_be_held_back_is_asked_for_in_the_end",),
    ),
    Bound(
        what="Channels whose messages are in memory",
        many="{}",
        beyond="The one that was left first is loaded from the cache again.",
        set_at=(Constant("asnity_tui.client.keeping", "TIMELINES_MAX"),),
        tests=("tests/unit/client_session/test_history.py::test_more_channels_than_are_kept_in_memory",),
    ),
)
