"""How often somebody may do something."""

from __future__ import annotations

from ..row import Bound, Constant, Default, Setting

TITLE = "How often"

_REFUSED = "`rate-limited`, with how long to wait; nothing happened."
_ACCOUNTS = "tests/api/test_accounts.py"
_GUESSING = "tests/unit/server/test_password_guessing.py"
_KINDS = "tests/gateway/test_limits.py::test_each_kind_of_request_has_a_limit_of_its_own"
_ROUTES = "tests/http/test_limits.py::test_each_limited_route"

_EVERY_ROUTE = "tests/http/test_limits.py::test_every_route_that_changes_something_has_a_rate"
_EVERY_ASK = "tests/gateway/test_limits.py::test_every_request_has_a_rate"

ROWS = (
    Bound(
        what="Attempts to sign in to one account from one address, and to change a password in one session",
        many="{}",
        beyond=_REFUSED,
        set_at=(Setting("limit_sign_in"),),
        tests=(
            f"{_ACCOUNTS}::test_nobody_is_locked_out_by_wrong_passwords_from_elsewhere",
            f"{_ACCOUNTS}::test_a_stolen_session_does_not_guess_the_password_nor_keep_its_owner_from_changing_it",
        ),
    ),
    Bound(
        what="Attempts to sign in to any account from one address",
        many="as many at once, then {} times as fast",
        beyond=_REFUSED,
        set_at=(Constant("asnity_server.api.accounts.password_guessing", "ACCOUNTS"),),
        tests=(f"{_GUESSING}::test_one_address_tries_many_accounts_three_times_as_fast_as_one",),
    ),
    Bound(
        what="Attempts to sign in to one account from all addresses together where its owner hasn't signed in",
        many="{} times as many at once, then as fast",
        beyond=f"{_REFUSED} The owner can still sign in where they did before.",
        set_at=(Constant("asnity_server.api.accounts.password_guessing", "ADDRESSES"),),
        tests=(
            f"{_GUESSING}::test_one_account_is_not_tried_endlessly_from_many_addresses",
            f"{_ACCOUNTS}::test_a_password_is_not_guessed_from_many_addresses_and_its_owner_comes_in_where_they_were",
        ),
    ),
    Bound(
        what="People whose addresses are remembered after signing in, and addresses of one of them",
        many="{} and {}",
        beyond="Those who haven't been seen for longest are forgotten: strangers' attempts count against them, too.",
        set_at=(
            Constant("asnity_server.api.accounts.password_guessing", "KnownAddresses.PEOPLE"),
            Constant("asnity_server.api.accounts.password_guessing", "KnownAddresses.EACH"),
        ),
        tests=(f"{_GUESSING}::test_no_more_is_remembered_of_where_people_are_than_fits",),
        holds=("asnity_server.api.accounts.password_guessing:KnownAddresses._addresses",),
    ),
    Bound(
        what="Attempts to sign in, and to sign up, from one site of IPv6 (a /48)",
        many="{} times as many as from one address",
        beyond=_REFUSED,
        set_at=(Constant("asnity_server.api.accounts.password_guessing", "SITES"),),
        tests=(
            f"{_GUESSING}::test_all_the_networks_of_one_site_try_as_much_as_ten_addresses",
            f"{_GUESSING}::test_all_the_networks_of_one_site_sign_up_as_much_as_ten_addresses",
        ),
    ),
    Bound(
        what="Attempts to sign up from one address",
        many="{}",
        beyond=_REFUSED,
        set_at=(Setting("limit_sign_up"),),
        tests=(f"{_ACCOUNTS}::test_signing_up_ten_times_a_minute_from_one_address",),
    ),
    Bound(
        what="Messages written, edited and deleted by a person",
        many="{}",
        beyond=f"{_REFUSED} The client sends it again by itself.",
        set_at=(Setting("limit_messages"),),
        tests=(
            "tests/gateway/test_limits.py::test_messages_of_a_person_are_limited_on_all_devices_together",
            _ROUTES,
        ),
    ),
    Bound(
        what="Reactions of a person",
        many="{}",
        beyond=_REFUSED,
        set_at=(Setting("limit_reactions"),),
        tests=(_KINDS, _ROUTES),
    ),
    Bound(
        what="Direct messages that a person opens",
        many="{}",
        beyond=_REFUSED,
        set_at=(Setting("limit_directs"),),
        tests=(_EVERY_ROUTE, "tests/contract/test_limits.py::test_direct_messages_opened_over_the_limit"),
    ),
    Bound(
        what="Read markers that a person moves, and comparisons after reconnecting",
        many="{}",
        beyond=f"{_REFUSED} The client tells its read markers later.",
        set_at=(Setting("limit_markers"),),
        tests=(_EVERY_ROUTE, _EVERY_ASK),
    ),
    Bound(
        what="Everything else that a person changes, and (by session) sessions that are ended",
        many="{}",
        beyond=_REFUSED,
        set_at=(Setting("limit_changes"),),
        tests=(_EVERY_ROUTE, "tests/contract/test_limits.py::test_whatever_else_changes_something_counts_together"),
    ),
    Bound(
        what="Typing notices of a person, and changes between online and away",
        many="{}",
        beyond=_REFUSED,
        set_at=(Setting("limit_typing"),),
        tests=(_KINDS, _EVERY_ASK),
    ),
    Bound(
        what="Invite links that a person creates, and people they add to channels",
        many="{}",
        beyond=_REFUSED,
        set_at=(Setting("limit_invites"),),
        tests=(_KINDS, _ROUTES, "tests/gateway/test_limits.py::test_inviting_counts_people_and_not_requests"),
    ),
    Bound(
        what="Invite links opened from one address",
        many="{}",
        beyond=_REFUSED,
        set_at=(Setting("limit_looks"),),
        tests=("tests/http/test_invite_page.py::test_whoever_looks_too_often_is_told_when_to_come_back",),
    ),
    Bound(
        what="Characters that are remembered of a name or address that is counted",
        many="{}",
        beyond="Its digest is remembered instead.",
        set_at=(Constant("asnity_server.rate_limits", "LONG"),),
        tests=("tests/unit/server/test_rate_limits.py::test_whatever_a_key_is_little_of_it_is_kept",),
    ),
    Bound(
        what="People and addresses that one rate remembers",
        many="{}",
        beyond="Those who are held back the least are forgotten; who is held back stays so.",
        set_at=(Default("asnity_server.rate_limits", "RateLimit", "keys"),),
        tests=("tests/unit/server/test_rate_limits.py::test_memory_is_bounded_and_who_is_held_back_stays_so",),
        holds=("asnity_server.rate_limits:RateLimit._full_at",),
    ),
)

OURS = {
    "asnity_server.api.socket_backend:LocalBackend._limits": "by type of request, a table of the program's own",
    "asnity_server.gateway.gateway:Gateway.refusals": "by error code, of which the program has so many",
    "asnity_server.http.errors:RequestCounts.refusals": "by error code, of which the program has so many",
    "asnity_server.gateway.dispatcher:Dispatcher._counts": "by type of change, of which the program has so many",
    "asnity_server.gateway.dispatcher:Dispatcher._handlers": "by type of change, a table of the program's own",
}
