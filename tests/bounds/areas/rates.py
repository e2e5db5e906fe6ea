"""How often somebody may do something."""

from __future__ import annotations

from ..row import Bound, Default, Setting

TITLE = "How often"

_REFUSED = "`rate-limited`, with how long to wait; nothing happened."
_ATTEMPTS = "tests/api/test_accounts.py::test_ten_attempts_a_minute_by_address_and_by_account"
_KINDS = "tests/gateway/test_limits.py::test_each_kind_of_request_has_a_limit_of_its_own"
_ROUTES = "tests/http/test_limits.py::test_each_limited_route"

ROWS = (
    Bound(
        what="Attempts to sign in, and to sign up",
        many="{} and {}",
        beyond=_REFUSED,
        set_at=(Setting("limit_sign_in"), Setting("limit_sign_up")),
        tests=(_ATTEMPTS,),
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
        what="Typing notices of a person",
        many="{}",
        beyond=_REFUSED,
        set_at=(Setting("limit_typing"),),
        tests=(_KINDS,),
    ),
    Bound(
        what="Invite links that a person creates, and people they add to channels",
        many="{}",
        beyond=_REFUSED,
        set_at=(Setting("limit_invites"),),
        tests=(_KINDS, _ROUTES),
    ),
    Bound(
        what="Invite links opened from one address",
        many="{}",
        beyond=_REFUSED,
        set_at=(Setting("limit_looks"),),
        tests=("tests/http/test_invite_page.py::test_whoever_looks_too_often_is_told_when_to_come_back",),
    ),
    Bound(
        what="People and addresses that one rate remembers",
        many="{}",
        beyond="Those who are held back the least are forgotten; who is held back stays so.",
        set_at=(Default("asnity_server.api.ratelimit", "RateLimit", "keys"),),
        tests=("tests/unit/server/test_ratelimit.py::test_memory_is_bounded_and_who_is_held_back_stays_so",),
        holds=("asnity_server.api.ratelimit:RateLimit._full_at",),
    ),
)

OURS = {
    "asnity_server.gateway.backend:LocalBackend._limits": "by type of request, a table of the program's own",
    "asnity_server.gateway.namespace:Gateway.refusals": "by error code, of which the program has so many",
    "asnity_server.http.tally:Tally.refusals": "by error code, of which the program has so many",
    "asnity_server.gateway.dispatcher:Dispatcher._counts": "by type of change, of which the program has so many",
    "asnity_server.gateway.dispatcher:Dispatcher._handlers": "by type of change, a table of the program's own",
}
