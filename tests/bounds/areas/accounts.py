"""Accounts and sessions."""

from __future__ import annotations

from ..row import Bound, Constant, Default, Setting

TITLE = "Accounts and sessions"

_SESSIONS = "tests/api/test_sessions.py"

ROWS = (
    Bound(
        what="Devices that one person is signed in on",
        many="{}",
        beyond="The session that wasn't used for longest ends.",
        set_at=(Constant("asnity_server.protocol.limits", "SESSIONS"),),
        tests=(
            f"{_SESSIONS}::test_beyond_a_hundred_the_session_ends_that_was_not_used_for_longest",
            "tests/contract/test_accounts.py"
            "::test_beyond_so_many_devices_the_one_that_was_unused_for_longest_is_signed_out",
        ),
        holds=("table:sessions",),
    ),
    Bound(
        what="Days that a session lasts without use",
        many="{}",
        beyond="It ends: its token is `unauthorized`. An open connection is use.",
        set_at=(Setting("session_days"),),
        tests=(
            f"{_SESSIONS}::test_a_session_that_was_not_used_for_its_lifetime_is_none_any_more",
            "tests/e2e/test_unused_sessions.py::test_a_session_that_was_not_used_for_90_days",
        ),
    ),
    Bound(
        what="Sessions that one piece of work ends or notes as used",
        many="{}",
        beyond="The others are next.",
        set_at=(Constant("asnity_server.api.accounts.sessions", "SLICE"),),
        tests=(f"{_SESSIONS}::test_many_unused_sessions_end_in_slices",),
    ),
    Bound(
        what="Passwords that are hashed at the same time, and that wait for it",
        many="{} and {}, and as many more of people who sign in where they did before, or change theirs: one each",
        beyond="`unavailable`",
        set_at=(
            Default("asnity_server.api.accounts.passwords", "Passwords", "threads"),
            Default("asnity_server.api.accounts.passwords", "Passwords", "waiting"),
        ),
        tests=(
            "tests/api/test_accounts.py::test_hashing_waits_in_a_bounded_queue",
            "tests/api/test_accounts.py::test_who_is_known_goes_before_any_number_of_strangers_once_at_a_time",
        ),
        holds=(
            "asnity_server.api.accounts.passwords:Passwords._threads",
            "asnity_server.api.accounts.passwords:Passwords._in_turn",
            "asnity_server.api.accounts.passwords:Passwords._known",
            "asnity_server.api.accounts.passwords:Passwords._first",
            "asnity_server.api.accounts.passwords:Passwords._others",
        ),
    ),
)
