"""Connections, and what waits for them."""

from __future__ import annotations

from ..row import Bound, Constant, Setting

TITLE = "Connections, and what waits for them"

_NAMESPACE = "asnity_server.gateway.gateway"
_SERVER = "asnity_server.gateway.delivery.socketio_server"
_BUDGET = "asnity_server.gateway.delivery.budget"
_LINKS = "asnity_server.gateway.connections"
_BACKLOG = "asnity_server.gateway.delivery.backlog"
_HTTP = "asnity_server.http.connections"

ROWS = (
    Bound(
        what="Sockets from one address",
        many="{}",
        beyond="The handshake is refused with status 429.",
        set_at=(Setting("limit_connections"),),
        tests=("tests/gateway/test_limits.py::test_one_connection_too_many_is_refused_in_words",),
        holds=(
            "asnity_server.gateway.delivery.connection_limit:ConnectionLimit._counts",
            "asnity_server.gateway.delivery.connection_limit:ConnectionLimit._addresses",
            "asnity_server.gateway.delivery.engineio_server:WebSocketServer._slots",
            "asnity_server.gateway.delivery.fast:FastDelivery._endpoints",
            "asnity_server.gateway.delivery.socketio_server:SocketServer.connection_ids",
            "asnity_server.gateway.connections:OpenConnections._connections",
            "asnity_server.gateway.presence:PresenceTracker._away",
            "asnity_server.gateway.rooms:Rooms._by_connection",
        ),
    ),
    Bound(
        what="Connections that speak HTTP from one address, for each socket that it may have",
        many="{}",
        beyond="It is told so (status 429) and closed. Connections of trusted proxies aren't counted.",
        set_at=(Constant(_HTTP, "SHARE"),),
        tests=("tests/http/test_connections.py::test_an_address_has_so_many_connections_and_the_next_is_told",),
        holds=(
            "asnity_server.http.connections:HttpConnections._connections",
            "asnity_server.http.connections:HttpConnections._counts",
            "asnity_server.http.connections:HttpConnections._large",
        ),
    ),
    Bound(
        what="Files that are kept free of connections, of those that the system allows",
        many="{}",
        beyond="The connection that has asked nothing for longest is ended; if none is, the newcomer (status 503).",
        set_at=(Constant(_HTTP, "SPARE"),),
        tests=(
            "tests/http/test_connections.py::test_where_there_is_no_room_who_asks_nothing_makes_place_for_who_comes",
        ),
    ),
    Bound(
        what="The time for the first request of a connection",
        many="{}",
        beyond="It is closed.",
        set_at=(Constant(_HTTP, "FIRST", "seconds"),),
        tests=("tests/http/test_connections.py::test_the_first_request_has_to_come_soon",),
        holds=(
            "asnity_server.http.connections:HttpConnections.opened",
            "asnity_server.http.connections:HttpConnections._sweep",
        ),
    ),
    Bound(
        what="The time that an answer may wait to be read, and the bytes of a second for which it has another one",
        many="{} and {}",
        beyond="The connection is closed.",
        set_at=(Constant(_HTTP, "UNREAD", "seconds"), Constant(_HTTP, "SLOWEST", "bytes")),
        tests=(
            "tests/http/test_connections.py::test_an_answer_that_is_not_read_is_not_kept_for_ever",
            "tests/http/test_connections.py::test_who_reads_slowly_has_the_time_that_it_takes",
        ),
    ),
    Bound(
        what="Bytes of answers above 64 KB that one person, and that all together, leave unread",
        many="{} and {}",
        beyond="`rate-limited` for that person, `unavailable` for all; smaller answers go on.",
        set_at=(Constant(_HTTP, "UNREAD_OF_ONE", "bytes"), Constant(_HTTP, "UNREAD_OF_ALL", "bytes")),
        tests=(
            "tests/http/test_connections.py::test_of_large_answers_one_leaves_so_much_unread_and_all_together_so_much",
        ),
    ),
    Bound(
        what="Bytes that the system is asked to take of what a client doesn't read",
        many="{}",
        beyond="They wait in the server, where they are counted.",
        set_at=(Constant("asnity_server.listening", "SENDING", "bytes"),),
        tests=("tests/http/test_connections.py::test_the_system_takes_little_of_what_is_not_read",),
    ),
    Bound(
        what="The time until a connection is in a namespace",
        many="{}",
        beyond="It is closed.",
        set_at=(Constant(_NAMESPACE, "HOMELESS", "seconds"),),
        tests=("tests/gateway/test_hostile.py::test_who_never_enters_a_namespace_is_closed",),
        holds=(
            "asnity_server.gateway.gateway:Gateway.opened",
            "asnity_server.gateway.gateway:Gateway._check_home",
        ),
    ),
    Bound(
        what="The time until the next sign of life is asked for, and until it has to come",
        many="{} and {}",
        beyond="The connection is closed.",
        set_at=(Constant(_SERVER, "PING_INTERVAL", "seconds"), Constant(_SERVER, "PING_TIMEOUT", "seconds")),
        tests=("tests/gateway/test_transports.py::test_heartbeats_keep_the_living_and_cut_the_silent",),
        holds=("asnity_server.gateway.delivery.engineio_server:WebSocketServer._keep_sweeping",),
    ),
    Bound(
        what="Packets of a socket, every 4 KB of which count as one more",
        many="{}",
        beyond="Nothing more is read from it until there is room again.",
        set_at=(Setting("limit_packets"),),
        tests=(
            "tests/gateway/test_greedy.py::test_of_a_flood_of_pings_no_more_is_taken_than_the_budget",
            "tests/gateway/test_greedy.py::test_of_large_packets_fewer_are_taken",
        ),
        holds=("asnity_server.gateway.delivery.websocket:WebSocketConnection._wait_for_turn",),
    ),
    Bound(
        what="The time in which a socket may always want to send more than that",
        many="{}",
        beyond="It is closed (status 1008).",
        set_at=(Constant(_BUDGET, "PATIENCE", "seconds"),),
        tests=("tests/gateway/test_greedy.py::test_who_never_stops_wanting_more_is_closed",),
    ),
    Bound(
        what="Packets of a socket that are looked at in a row, and sockets with more whose turn it is at once",
        many="{} and {}",
        beyond="What is left waits until everybody else had a turn; nothing more is read meanwhile.",
        set_at=(Constant(_BUDGET, "TURN"), Constant(_BUDGET, "AT_ONCE")),
        tests=("tests/gateway/test_greedy.py::test_between_a_few_packets_everyone_else_has_a_turn",),
        holds=("asnity_server.gateway.delivery.budget:TurnQueue._waiting",),
    ),
    Bound(
        what="Requests of a socket, and namespaces that it asks for, that wait for their answers",
        many="{}",
        beyond="Nothing more is taken from it until half of them are answered. A `join` counts for several.",
        set_at=(Constant(_LINKS, "HELD"),),
        tests=(
            "tests/gateway/test_greedy.py::test_no_more_of_a_connection_waits_for_the_writer_than_a_little",
            "tests/gateway/test_greedy.py::test_namespaces_asked_for_wait_no_more_than_requests_do",
        ),
        holds=("asnity_server.gateway.connections:OpenConnection.asking",),
    ),
    Bound(
        what="Joins of all connections that are carried out at once",
        many="{}",
        beyond="They wait for their turns, and what their connections ask next behind them.",
        set_at=(Constant("asnity_server.gateway.join_limit", "AT_ONCE"),),
        tests=(
            "tests/gateway/test_limits.py::test_a_crowd_joins_bit_by_bit_and_each_in_their_order",
            "tests/unit/server/test_join_limit.py::test_no_more_joins_are_carried_out_than_may_and_nothing_overtakes",
        ),
        holds=("asnity_server.gateway.join_limit:JoinLimit.waiting",),
    ),
    Bound(
        what="The time for which a gateway that ends waits for the last answers",
        many="{}",
        beyond="The connections that wait for them are closed.",
        set_at=(Constant("asnity_server.gateway.draining", "LAST_ANSWERS", "seconds"),),
        tests=("tests/link/test_draining.py::test_the_last_answers_are_not_waited_for_forever",),
        holds=("asnity_server.gateway.connections:OpenConnections.answered",),
    ),
    Bound(
        what="The time for which it is remembered that a session ended",
        many="{}",
        beyond="Whoever was to be let in by it is refused by the database.",
        set_at=(Constant("asnity_server.gateway.ended_sessions", "REMEMBERED", "seconds"),),
        tests=("tests/unit/server/test_ended_sessions.py::test_a_session_that_ended_is_remembered_for_a_while",),
        holds=("asnity_server.gateway.ended_sessions:EndedSessions._ended_at",),
    ),
    Bound(
        what="The same of a connection that polls",
        many="{}",
        beyond="`rate-limited`",
        set_at=(Constant(_LINKS, "WAITING"),),
        tests=("tests/gateway/test_hostile.py::test_too_many_requests_at_once_are_refused_and_the_others_done",),
    ),
    Bound(
        what="Refusals of namespaces, and of requests outside any, on one connection",
        many="{}",
        beyond="It is closed.",
        set_at=(Constant(_LINKS, "OFFENCES"),),
        tests=("tests/gateway/test_greedy.py::test_who_keeps_asking_for_what_nobody_has_is_closed",),
    ),
    Bound(
        what="Bytes that wait for all connections of one person, and for everyone's, beyond 64 KB for each",
        many="{} and {}",
        beyond="The fullest connection of whoever has most is closed, one after the other.",
        set_at=(Constant(_BACKLOG, "OF_ONE", "bytes"), Constant(_BACKLOG, "OF_ALL", "bytes")),
        tests=(
            "tests/gateway/test_unread.py::test_what_one_leaves_unread_on_all_connections_has_a_bound",
            "tests/unit/delivery/test_backlog.py::test_after_a_look_no_more_waits_than_one_and_all_may_have",
        ),
        holds=(
            "asnity_server.gateway.delivery.backlog:Backlog._late",
            "asnity_server.gateway.delivery.backlog:Backlog.grows",
            "asnity_server.gateway.delivery.backlog:Backlog._look",
        ),
    ),
    Bound(
        what="The time that more than that may wait, and the bytes of a second for which there is another one",
        many="{} and {}",
        beyond="The connection is closed.",
        set_at=(Constant(_BACKLOG, "BEHIND", "seconds"), Constant(_BACKLOG, "SLOWEST", "bytes")),
        tests=(
            "tests/gateway/test_unread.py::test_who_is_behind_for_too_long_is_closed",
            "tests/unit/delivery/test_backlog.py::test_a_little_may_wait_for_as_long_as_it_likes_and_much_may_not",
        ),
    ),
    Bound(
        what="Bytes that wait for a socket whose client doesn't read",
        many="{}",
        beyond="From a quarter on, it isn't told of typing and presence; then it is closed.",
        set_at=(Constant("asnity_server.protocol.limits", "WRITE_BUDGET", "bytes"),),
        tests=("tests/gateway/test_transports.py::test_a_client_that_does_not_read_is_closed_and_holds_nobody_up",),
    ),
)

OURS = {
    "asnity_server.gateway.rooms:Rooms._by_user": "ids of those who were let in, of whom a connection is one",
    "asnity_server.gateway.rooms:Rooms._by_session": "ids of sessions that were let in; a connection has few",
    "asnity_server.gateway.rooms:Rooms._by_namespace": "communities that somebody was let into, while they are in",
    "asnity_server.gateway.rooms:Membership.rooms": "channels that the person was let into, while they are in",
    "asnity_server.gateway.delivery.fast:FastDelivery._rooms": "channels that somebody was let into, while they are in",
    "asnity_server.gateway.delivery.fast:FastDelivery._batches": "what one commit says; emptied behind it",
    "asnity_server.gateway.delivery.batch:Batch": "what one commit says to one room; gone behind it",
    "asnity_server.gateway.delivery.stock:StockDelivery._todo": "what commits said and is being sent",
    "asnity_server.gateway.delivery.stock:StockDelivery._then": "one task for all connections",
    "asnity_server.gateway.delivery.websocket:WebSocketConnection._say_goodbye": "one timer of 5 seconds, once",
    "asnity_server.gateway.presence:PresenceTracker._present": "people who were let into a community and are connected",
    "asnity_server.gateway.presence:PresenceTracker._before": "people whose presence changed within a second",
    "asnity_server.gateway.presence:PresenceTracker._remember": "one timer for a community, a second long",
}
