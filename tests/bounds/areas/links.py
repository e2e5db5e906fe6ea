"""Frames that cross a link between an API program and a gateway, and asks that wait for one."""

from __future__ import annotations

from ..row import Bound, Constant

TITLE = "Links between programs"

_TESTS = "tests/link/test_stream.py"
_RESUMED = "tests/link/test_resumption.py"
_ASKING = "tests/link/test_client.py"

ROWS = (
    Bound(
        what="A frame",
        many="{} bytes",
        beyond="The link ends; the gateway links again.",
        set_at=(Constant("asnity_server.link.frames", "LONGEST"),),
        tests=(f"{_TESTS}::test_a_frame_that_is_too_long_ends_the_connection",),
    ),
    Bound(
        what="Bytes that wait for the other end of a link",
        many="{}",
        beyond="The link ends; the gateway links again and goes on, or mends.",
        set_at=(Constant("asnity_server.link.stream", "BUDGET"),),
        tests=(f"{_TESTS}::test_an_end_that_does_not_read_is_cut_off",),
    ),
    Bound(
        what="Reasons why there is no link that are logged once",
        many="{}",
        beyond="All of them are logged once more.",
        set_at=(Constant("asnity_server.link.problem", "MOST_LOGGED"),),
        tests=("tests/link/test_problem.py::test_what_was_logged_is_forgotten_beyond_a_bound",),
        holds=("asnity_server.link.problem:LinkProblem._logged",),
    ),
    Bound(
        what="Frames that are kept until the other end confirms them, and their bytes",
        many="{} and {}",
        beyond="The oldest are forgotten: after a cut from before that, the gateway mends.",
        set_at=(
            Constant("asnity_server.link.resumption", "FRAMES"),
            Constant("asnity_server.link.resumption", "BYTES"),
        ),
        tests=(f"{_RESUMED}::test_what_is_kept_is_bounded",),
        holds=("asnity_server.link.resumption:Unconfirmed._frames",),
    ),
    Bound(
        what="Commits that are kept for gateways that come late, and their bytes",
        many="{} and {}",
        beyond="The oldest are forgotten: a gateway that lacks one of them mends.",
        set_at=(
            Constant("asnity_server.link.recent_commits", "COMMITS"),
            Constant("asnity_server.link.recent_commits", "BYTES"),
        ),
        tests=("tests/link/test_recent_commits.py::test_what_is_kept_is_bounded",),
        holds=("asnity_server.link.recent_commits:RecentCommits._commits",),
    ),
    Bound(
        what="Asks that a gateway holds while it has no link, and how long",
        many="{} for {} seconds",
        beyond="`unavailable`.",
        set_at=(
            Constant("asnity_server.link.client", "HELD"),
            Constant("asnity_server.link.client", "PATIENCE"),
        ),
        tests=(f"{_ASKING}::test_asks_are_held_in_order_up_to_a_bound",),
        holds=("asnity_server.link.client:LinkClient._held", "asnity_server.link.client:LinkClient.ask"),
    ),
    Bound(
        what="Communities that a gateway is told of",
        many="{}",
        beyond="The link ends.",
        set_at=(Constant("asnity_server.link.frames", "COMMUNITIES"),),
        tests=(f"{_ASKING}::test_a_gateway_is_told_of_so_many_communities_at_most",),
        holds=(
            "asnity_server.link.gateway_link:GatewayLink.interest",
            "asnity_server.link.gateway_link:GatewayLink.mending",
            "asnity_server.link.interests:Interests._links",
        ),
    ),
    Bound(
        what="Communities that a question after a break is about, and people in them, or channels of these, at which no"
        " further one is added",
        many="{}, {} and {}",
        beyond="The next question, answered behind what others ask.",
        set_at=(
            Constant("asnity_server.mend", "SLICE"),
            Constant("asnity_server.mend", "SEATS"),
            Constant("asnity_server.mend", "CHANNELS"),
        ),
        tests=("tests/unit/server/test_mending.py::test_it_asks_for_about_as_much_at_a_time",),
    ),
    Bound(
        what="People in the communities of one such question, their channels, and people in their own namespace",
        many="{}, {} and {}",
        beyond="The link ends.",
        set_at=(
            Constant("asnity_server.mend", "USERS"),
            Constant("asnity_server.mend", "ROOMS"),
            Constant("asnity_server.mend", "PEOPLE"),
        ),
        tests=("tests/api/test_mending.py::test_one_request_asks_for_so_much_and_no_more",),
    ),
)

_SEATED = "of those who have a seat here, whose connections are bounded"
_TIMER = "one timer at a time"

OURS = {
    "asnity_server.programs.broadcast:LinkedGateways._servers": "one for each address in the settings",
    "asnity_server.programs.gateway_program:GatewayProgram._sites": "one for each address that the host means",
    "asnity_server.gateway.linked_gateway:LinkedGateway._tasks": "one for each foreign write",
    "asnity_server.gateway.linked_gateway:LinkedGateway.sessions_may_have_ended": "one for each foreign write",
    "asnity_server.gateway.mending:Mending._expelled": _SEATED,
    "asnity_server.gateway.mending:ToldRevs._revs": _SEATED,
    "asnity_server.gateway.remote_backend:RemoteBackend._interest": _SEATED,
    "asnity_server.gateway.remote_backend:RemoteBackend._limits": "by type of request, a table of the program's own",
    "asnity_server.gateway.remote_backend:RemoteBackend._tokens": _SEATED,
    "asnity_server.gateway.remote_backend:RemoteBackend._wanted_at": _SEATED,
    "asnity_server.link.asks:Asks._carry_out": "asks of gateways, which the host runs",
    "asnity_server.link.asks:Asks._tasks": "asks of gateways, which the host runs",
    "asnity_server.link.client:LinkClient._fail_held": _TIMER,
    "asnity_server.link.client:LinkClient._gathered": "sent beyond `GATHERED`, or at the end of the turn",
    "asnity_server.link.client:LinkClient._waiting": "the unanswered requests of connections, bounded for each",
    "asnity_server.link.client:LinkClient.lost": _TIMER,
    "asnity_server.link.client:LinkClient.start": "one task for the whole run",
    "asnity_server.link.gateway_link:GatewayLink._works": "told at the end of the commit or the turn",
    "asnity_server.link.gateway_link:GatewayLink.deferred": "bounded by `DEFERRED`, beyond which the link ends",
    "asnity_server.gateway.presence:PresenceTracker._elsewhere": "the members of communities that have a seat here",
    "asnity_server.link.presence_book:PresenceBook._merged": "people with a session that a gateway proved",
    "asnity_server.link.presence_book:PresenceBook._reports": "people with a session that a gateway proved",
    "asnity_server.link.presence_relay:PresenceRelay.__init__": _TIMER,
    "asnity_server.link.gateway_link:ProvenSessions._counts": "of those with a seat at a gateway, which the host runs",
    "asnity_server.link.gateway_link:ProvenSessions._owners": "of those with a seat at a gateway, which the host runs",
    "asnity_server.link.stream:Stream._buffer": "one frame, which is bounded",
    "asnity_server.link.stream:Stream._out": "written at the end of the turn, within the budget",
    "asnity_server.link.server:LinkServer.__init__": _TIMER,
    "asnity_server.link.server:LinkServer._beats": _TIMER,
    "asnity_server.link.server:LinkServer._by_stream": "gateways, which the host runs",
    "asnity_server.link.server:LinkServer._greeting": "gateways, which the host runs, for five seconds",
    "asnity_server.link.server:LinkServer._links": "gateways, which the host runs; forgotten when away",
    "asnity_server.link.server:LinkServer.lost": "one timer for each gateway that is away",
    "asnity_server.link.server:LinkServer.opened": "one timer for each connection of the host's programs",
}
