"""Polling, and connections that begin with it."""

from __future__ import annotations

from ..row import Bound, Constant

TITLE = "Polling"

_POLLING = "asnity_server.gateway.delivery.polling"

ROWS = (
    Bound(
        what="Packets in one polling request",
        many="{}",
        beyond="The request is refused with status 400, and the connection is closed.",
        set_at=(Constant(_POLLING, "POLLED"),),
        tests=(
            "tests/lessons/test_hostile_input.py::test_too_many_packets_in_one_poll",
            "tests/gateway/test_polling.py::test_a_post_that_is_no_engine_io_is_refused_and_leaves_nothing_behind",
        ),
    ),
    Bound(
        what="Packets of one polling request that are heard before everyone else has a turn",
        many="{}",
        beyond="The others are heard in the next turn, and over the budget of packets, when there is one again.",
        set_at=(Constant("asnity_server.gateway.delivery.budget", "TURN"),),
        tests=("tests/gateway/test_polling.py::test_a_full_post_lets_everyone_else_have_turns",),
    ),
    Bound(
        what="Packets in the answer to one poll",
        many="{}",
        beyond="The next poll brings the others.",
        set_at=(Constant(_POLLING, "ANSWERED"),),
        tests=("tests/gateway/test_polling.py::test_an_answer_has_no_more_packets_than_the_librarys_client_takes",),
    ),
    Bound(
        what="The time in which a client takes the answer to its poll",
        many="{}",
        beyond="The connection that it polls by is cut.",
        set_at=(Constant(_POLLING, "SENDING_TIME", "seconds"),),
        tests=("tests/gateway/test_polling.py::test_an_answer_that_is_not_read_is_given_up",),
    ),
    Bound(
        what="The time that a connection which is closed has to take its last packets",
        many="{}",
        beyond="It is forgotten, with what it didn't take.",
        set_at=(Constant(_POLLING, "FAREWELL", "seconds"),),
        tests=("tests/gateway/test_polling.py::test_who_never_comes_back_is_forgotten_after_a_farewell",),
        holds=(f"{_POLLING}:PollingSocket._wait",),
    ),
    Bound(
        what="The time that a polling client may try out a websocket, one for each connection",
        many="{}",
        beyond="The websocket is closed, and polling goes on; a second one meanwhile is refused with status 400.",
        set_at=(Constant(_POLLING, "PROBE_TIME", "seconds"),),
        tests=(
            "tests/gateway/test_upgrading.py::test_a_websocket_that_does_not_take_over_in_time_is_closed",
            "tests/gateway/test_upgrading.py::"
            "test_a_second_websocket_beside_the_same_polling_is_refused_and_the_first_goes_on",
            "tests/gateway/test_upgrading.py::test_what_is_tried_out_is_counted_at_the_door",
        ),
        holds=(f"{_POLLING}:PollingSocket.begin_probe",),
    ),
    Bound(
        what="The time that a poll waits while a websocket is tried out",
        many="{}",
        beyond="It is answered that there is nothing new.",
        set_at=(Constant(_POLLING, "BESIDE_A_PROBE", "seconds"),),
        tests=("tests/gateway/test_upgrading.py::test_a_client_that_waits_for_its_poll_changes_over_at_once",),
    ),
    Bound(
        what="Bytes that a packet counts beside its own, among those that wait for a poll",
        many="{}",
        beyond="See the bytes that wait for a socket: the connection is closed.",
        set_at=(Constant(_POLLING, "PACKET", "bytes"),),
        tests=(
            "tests/gateway/test_polling.py::"
            "test_what_waits_for_a_client_that_never_polls_is_bounded_however_small_its_pieces",
        ),
    ),
)
