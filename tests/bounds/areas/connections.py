"""Connections, and what waits for them."""

from __future__ import annotations

from ..row import Bound, Constant, Setting

TITLE = "Connections, and what waits for them"

_NAMESPACE = "asnity_server.gateway.namespace"
_SERVER = "asnity_server.gateway.delivery.server"

ROWS = (
    Bound(
        what="Sockets from one address",
        many="{}",
        beyond="The handshake is refused with status 429.",
        set_at=(Setting("limit_connections"),),
        tests=("tests/gateway/test_limits.py::test_one_connection_too_many_is_refused_in_words",),
        holds=(
            "asnity_server.gateway.delivery.doorman:Doorman._counts",
            "asnity_server.gateway.delivery.doorman:Doorman._addresses",
            "asnity_server.gateway.delivery.engine:LineServer._slots",
            "asnity_server.gateway.delivery.fast:FastDelivery._endpoints",
            "asnity_server.gateway.delivery.server:SocketServer.links",
            "asnity_server.gateway.namespace:Gateway._links",
            "asnity_server.gateway.presence:PresenceBook._away",
            "asnity_server.gateway.rooms:Rooms._by_link",
        ),
    ),
    Bound(
        what="The time until a connection is in a namespace",
        many="{}",
        beyond="It is closed.",
        set_at=(Constant(_NAMESPACE, "HOMELESS", "seconds"),),
        tests=("tests/gateway/test_hostile.py::test_who_never_enters_a_namespace_is_closed",),
        holds=(
            "asnity_server.gateway.namespace:Gateway.opened",
            "asnity_server.gateway.namespace:Gateway._check_home",
        ),
    ),
    Bound(
        what="The time until the next sign of life is asked for, and until it has to come",
        many="{} and {}",
        beyond="The connection is closed.",
        set_at=(Constant(_SERVER, "PING_INTERVAL", "seconds"), Constant(_SERVER, "PING_TIMEOUT", "seconds")),
        tests=("tests/gateway/test_transports.py::test_heartbeats_keep_the_living_and_cut_the_silent",),
        holds=("asnity_server.gateway.delivery.engine:LineServer._keep_sweeping",),
    ),
    Bound(
        what="Requests of a connection, in one namespace, that wait for their answers",
        many="{}",
        beyond="`rate-limited`",
        set_at=(Constant(_NAMESPACE, "WAITING"),),
        tests=("tests/gateway/test_hostile.py::test_too_many_requests_at_once_are_refused_and_the_others_done",),
    ),
    Bound(
        what="Bytes that wait for a socket whose client doesn't read",
        many="{}",
        beyond="From a quarter on, it isn't told of typing and presence; then it is closed.",
        set_at=(Constant("asnity_server.protocol.limits", "WRITE_BUDGET", "bytes"),),
        tests=("tests/gateway/test_transports.py::test_a_client_that_does_not_read_is_closed_and_holds_nobody_up",),
        holds=("asnity_server.gateway.delivery.stock:StockDelivery._backlog",),
    ),
)

OURS = {
    "asnity_server.gateway.rooms:Rooms._by_user": "ids of those who were let in, of whom a connection is one",
    "asnity_server.gateway.rooms:Rooms._by_session": "ids of sessions that were let in; a connection has few",
    "asnity_server.gateway.rooms:Rooms._by_namespace": "communities that somebody was let into, while they are in",
    "asnity_server.gateway.rooms:Seat.rooms": "channels that the person was let into, while they are in",
    "asnity_server.gateway.delivery.fast:FastDelivery._rooms": "channels that somebody was let into, while they are in",
    "asnity_server.gateway.delivery.fast:FastDelivery._streams": "what one commit says; emptied behind it",
    "asnity_server.gateway.delivery.batch:Stream": "what one commit says to one room; gone behind it",
    "asnity_server.gateway.delivery.stock:StockDelivery._todo": "what commits said and is being sent",
    "asnity_server.gateway.delivery.stock:StockDelivery._then": "one task for all connections",
    "asnity_server.gateway.delivery.engine:LineServer._dismissals": "one short task for a connection that is closed",
    "asnity_server.gateway.delivery.engine:LineServer.dismiss": "one short task for a connection that is closed",
    "asnity_server.gateway.delivery.line:Line._say_goodbye": "one timer for a connection that is closed, of 5 seconds",
    "asnity_server.gateway.delivery.server:SocketServer.end": "one timer for a connection that is closed, of 5 seconds",
    "asnity_server.gateway.presence:PresenceBook._present": "people who were let into a community and are connected",
    "asnity_server.gateway.presence:PresenceBook._before": "people whose presence changed within a second",
    "asnity_server.gateway.presence:PresenceBook._remember": "one timer for a community, a second long",
    "asnity_server.gateway.namespace:Gateway._asking": "namespaces that a connection waits to be let into",
}
