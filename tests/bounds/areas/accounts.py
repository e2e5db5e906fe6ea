"""Accounts and sessions."""

from __future__ import annotations

from ..row import Bound, Default

TITLE = "Accounts and sessions"

ROWS = (
    Bound(
        what="Passwords that are hashed at the same time, and that wait for it",
        many="{} and {}",
        beyond="`unavailable`",
        set_at=(
            Default("asnity_server.api.passwords", "Passwords", "threads"),
            Default("asnity_server.api.passwords", "Passwords", "waiting"),
        ),
        tests=("tests/api/test_accounts.py::test_hashing_waits_in_a_bounded_queue",),
        holds=(
            "asnity_server.api.passwords:Passwords._threads",
            "asnity_server.api.passwords:Passwords._run",
        ),
    ),
)
