"""Polling, and connections that begin with it."""

from __future__ import annotations

from ..row import Bound, Constant

TITLE = "Polling"

ROWS = (
    Bound(
        what="Packets in one polling request",
        many="{}",
        beyond="The request is refused with status 400, and the connection is closed.",
        set_at=(Constant("asnity_server.gateway.delivery.server", "POLLED"),),
        tests=("tests/lessons/test_hostile_input.py::test_too_many_packets_in_one_poll",),
    ),
)
