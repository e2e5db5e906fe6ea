"""Hooks of `gateway/delivery` into the libraries: each fails in words when a new version moves it."""

from __future__ import annotations

import inspect

import engineio
import pytest
import socketio
from aiohttp import web, web_protocol
from engineio import async_socket, base_socket
from engineio.async_drivers import aiohttp as driver

from asnity_server.gateway.delivery import engineio_server, polling, socketio_server, stock


def source(thing: object) -> str:
    """The text of a function or class."""
    return inspect.getsource(thing)  # type: ignore[arg-type]


def test_socketio_registers_its_handlers_as_methods_that_can_be_overridden() -> None:
    text = source(socketio.AsyncServer.__init__) + source(socketio.base_server.BaseServer.__init__)
    for name in ("connect", "message"):
        assert f"self.eio.on('{name}', self._handle_eio_{name})" in text, (
            f"python-socketio no longer takes Engine.IO's {name} with _handle_eio_{name}: SocketServer isn't called"
        )
        assert hasattr(socketio_server.SocketServer, f"_handle_eio_{name}")


def test_socketio_asks_for_the_class_of_its_engine() -> None:
    assert "self._engineio_server_class()" in source(socketio.base_server.BaseServer.__init__), (
        "python-socketio no longer asks _engineio_server_class: websockets would not be lines"
    )


def test_engineio_takes_the_websocket_driver_from_its_table() -> None:
    assert "self.server._async['websocket'](" in source(async_socket.AsyncSocket._upgrade_websocket), (
        "engineio no longer takes the websocket driver from server._async: use_websocket has no effect"
    )
    assert "self._websocket_handler, self.server)" in source(async_socket.AsyncSocket._upgrade_websocket), (
        "engineio no longer gives the driver a bound method of the socket: Upgrade finds no polling socket"
    )


def test_engineio_makes_its_sockets_where_the_class_can_be_swapped() -> None:
    text = source(engineio.AsyncServer._handle_connect)
    assert "s = async_socket.AsyncSocket(self, sid)" in text, "engineio makes its sockets elsewhere now"
    assert text.index("self.sockets[sid] = s") < text.index("self._trigger_event('connect'"), (
        "engineio tells of a connection before the socket is in its table: PollingSocket isn't put in"
    )


def test_engineio_hands_websocket_connections_to_the_method_that_is_overridden() -> None:
    text = source(engineio.AsyncServer.handle_request)
    assert "await self._handle_connect(environ, transport," in text, (
        "engineio no longer opens connections with _handle_connect(environ, transport, …): lines are never opened"
    )
    assert "if not isinstance(r, dict):\n            return r" in text, "engineio no longer passes on a ready response"


def test_a_line_has_what_engineio_asks_its_sockets_for() -> None:
    hub = engineio_server.WebSocketEngine(async_mode="aiohttp")
    line = engineio_server.WebSocketConnection(hub, "sid")
    text = source(engineio.AsyncServer.handle_request)
    for name in ("connected", "upgraded", "closed"):
        assert f".{name}" in text, f"engineio no longer looks at a socket's {name}"
        assert hasattr(line, name)
    assert hasattr(line, "closing")
    assert "upgrading" in source(base_socket.BaseSocket.__init__), "engineio marks upgrades differently now"


def test_engineio_polls_and_ends_its_sockets_by_the_methods_that_are_overridden() -> None:
    text = source(engineio.AsyncServer.handle_request)
    assert "await socket.handle_get_request(" in text, "engineio polls in another way: polls may wait for ever"
    assert "self.queue = self.server.create_queue()" in source(base_socket.BaseSocket), (
        "engineio makes its queues elsewhere: nothing bounds what waits for a client"
    )
    assert "s.schedule_ping()" in source(engineio.AsyncServer._handle_connect), (
        "engineio begins its heartbeats elsewhere: silent clients stay for ever"
    )
    own = vars(polling.PollingSocket)
    waiting = [
        name
        for name, method in inspect.getmembers(async_socket.AsyncSocket, inspect.isfunction)
        if "queue.join()" in source(method)
    ]
    assert waiting == ["close"], "engineio waits for silent clients in other places than close"
    for name in ("close", "send", "check_ping_timeout", "schedule_ping", "handle_get_request", "receive"):
        assert callable(getattr(async_socket.AsyncSocket, name)), f"engineio's sockets have no {name} any more"
        assert name in own


def test_engineio_posts_by_what_is_replaced() -> None:
    text = source(engineio.AsyncServer.handle_request)
    for part in ("elif method == 'POST':", "self._cors_allowed_origins(environ)", "self._make_response("):
        assert part in text, "engineio takes posts in another way: what is read here may be read twice, or unchecked"


def test_engineio_starts_no_service_task_of_its_own_for_lines() -> None:
    assert "monitor_clients" in inspect.signature(engineio.base_server.BaseServer.__init__).parameters, (
        "engineio has no monitor_clients any more: its service task would look at lines"
    )


def test_engineio_gives_the_aiohttp_request_along() -> None:
    assert "'aiohttp.request': request" in source(driver.translate_request), (
        "engineio no longer gives the aiohttp request along: no transport can be taken over"
    )


def test_the_stock_driver_is_the_librarys_but_for_compression() -> None:
    text = source(driver.WebSocket.__call__)
    assert "WebSocketResponse(" in text, "engineio opens aiohttp's websockets differently now"
    assert "await self.handler(self)" in text, "engineio's driver runs its handler differently now"
    assert "compress=False" in source(stock.WebSocket)


@pytest.mark.parametrize("name", ["_message_tail", "_force_close", "_current_request", "_waiter", "_request_count"])
def test_aiohttp_keeps_what_take_over_and_connections_need(name: str) -> None:
    assert name in web_protocol.RequestHandler.__slots__, f"aiohttp's request handler has no {name} any more"


def test_aiohttp_takes_it_from_prepare_that_a_client_is_gone() -> None:
    text = source(web_protocol.RequestHandler.finish_response)
    for part in ("prepare_meth = resp.prepare", "except ConnectionError:"):
        assert part in text, "aiohttp sends responses differently now: DetachedResponse would be sent into a line"


def test_aiohttp_lets_go_of_a_transport_that_it_does_not_have() -> None:
    lost = source(web_protocol.RequestHandler.connection_lost)
    assert "self.force_close()" in lost, "aiohttp ends a lost connection differently now"
    assert "if self.transport is not None:" in source(web_protocol.RequestHandler.force_close), (
        "aiohttp closes its transport without looking whether it has one: detach_transport would close the line"
    )
    assert "if not self._force_close:" in source(web_protocol.RequestHandler.start), (
        "aiohttp's request loop no longer ends by itself after force_close"
    )


def test_aiohttp_tells_its_server_of_connections() -> None:
    made = source(web_protocol.RequestHandler.connection_made)
    assert "self._manager.connection_made(self, real_transport)" in made, "aiohttp tells of no connections any more"
    lost = source(web_protocol.RequestHandler.connection_lost)
    assert "self._manager.connection_lost(self, exc)" in lost, "aiohttp doesn't tell that connections are gone"
    assert "_make_handler(" in source(web.AppRunner._make_server), "aiohttp makes its server elsewhere now"
