"""Tests of what is remembered of sessions that ended."""

from __future__ import annotations

from asnity_server.gateway.ended_sessions import REMEMBERED, EndedSessions


def test_a_session_that_ended_is_remembered_for_a_while() -> None:
    now = 0.0
    ended = EndedSessions(clock=lambda: now)
    ended.add(["a", "b"])
    now = REMEMBERED - 1
    ended.add(["a", "c"])
    assert [each in ended for each in "abcd"] == [True, True, True, False]
    now = REMEMBERED
    assert [each in ended for each in "abc"] == [True, False, True]
    ended.add([])
    assert len(ended) == 2
    now = 2 * REMEMBERED
    ended.add(["d"])
    assert len(ended) == 1
