"""Hooks of the client into python-socketio and python-engineio: each fails in words when a new version moves it."""

from __future__ import annotations

import inspect

import engineio
import engineio.base_client
import engineio.payload
import pytest
import socketio
import socketio.packet

from asnity_tui.client.transport.socketio_client import SocketIOClient

MOVED = (
    "python-socketio or python-engineio moved what client/transport/socketio_client.py holds on to: {}. "
    "See whether it still works."
)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("_send_packet", ["self", "pkt"]),
        ("_handle_eio_message", ["self", "data"]),
        ("_handle_eio_disconnect", ["self", "reason"]),
    ],
)
def test_private_methods_are_where_they_were(name: str, arguments: list[str]) -> None:
    method = getattr(socketio.AsyncClient, name, None)
    assert inspect.iscoroutinefunction(method), MOVED.format(f"AsyncClient.{name} is gone or no coroutine")
    assert list(inspect.signature(method).parameters) == arguments, MOVED.format(f"AsyncClient.{name}'s arguments")


async def test_attributes_are_where_they_were() -> None:
    library = SocketIOClient("http://127.0.0.1:9", lambda reason: None)
    assert library.eio.handlers["message"] == library._handle_eio_message, MOVED.format("who takes packets")
    assert library.eio.handlers["disconnect"] == library._handle_eio_disconnect, MOVED.format("who hears of the end")
    assert isinstance(library.namespaces, dict), MOVED.format("AsyncClient.namespaces")
    assert isinstance(library.callbacks, dict), MOVED.format("AsyncClient.callbacks")
    assert library._binary_packet is None, MOVED.format("AsyncClient._binary_packet")
    assert library.packet_class is socketio.packet.Packet, MOVED.format("AsyncClient.packet_class")
    for name in ("read_loop_task", "write_loop_task", "queue", "state", "http"):
        assert hasattr(library.eio, name), MOVED.format(f"engineio.AsyncClient.{name}")
    assert library.eio.state == "disconnected", MOVED.format("engineio.AsyncClient.state")
    assert isinstance(engineio.base_client.connected_clients, list), MOVED.format("connected_clients")
    assert isinstance(engineio.payload.Payload.max_decode_packets, int), MOVED.format("Payload.max_decode_packets")
    await library.hang_up()


def test_packets_for_one_namespace_look_as_the_protocol_says() -> None:
    connect = socketio.packet.Packet(socketio.packet.CONNECT, namespace="/a", data={"token": "t"})
    assert connect.encode() == '0/a,{"token":"t"}', MOVED.format("how a CONNECT is written")
    disconnect = socketio.packet.Packet(socketio.packet.DISCONNECT, namespace="/a")
    assert disconnect.encode() == "1/a,", MOVED.format("how a DISCONNECT is written")


async def test_the_library_keeps_no_client_that_hung_up() -> None:
    before = list(engineio.base_client.connected_clients)
    library = SocketIOClient("http://127.0.0.1:9", lambda reason: None)
    await library.hang_up()
    assert engineio.base_client.connected_clients == before
