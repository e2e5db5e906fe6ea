"""Why there is no link: said once, though it is tried many times a minute."""

from __future__ import annotations

import pytest

from asnity_server.link.problem import MOST_LOGGED, LinkProblem


def test_each_reason_is_logged_once_until_there_is_a_link(caplog: pytest.LogCaptureFixture) -> None:
    problem = LinkProblem()
    for _ in range(3):
        problem.unreachable(ConnectionRefusedError(111, "Connection refused"))
        problem.unreachable(TimeoutError())
    assert problem.sentence == "The API can't be reached: nothing answers."
    assert len(caplog.messages) == 2
    problem.clear()
    assert problem.sentence == ""
    problem.unreachable(TimeoutError())
    assert len(caplog.messages) == 3


def test_what_was_logged_is_forgotten_beyond_a_bound(caplog: pytest.LogCaptureFixture) -> None:
    problem = LinkProblem()
    for number in range(MOST_LOGGED + 1):
        problem.report(f"reason {number}")
    problem.report("reason 0")
    assert len(caplog.messages) == MOST_LOGGED + 2
