"""Requests and two communities for tests of the socket."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from asnity_server.protocol import requests, routes
from asnity_tui.client.transport.socket import SocketTransport
from tests.fakes.raw_server import Line

HERE, THERE = "comaaaaaaaab", "comaaaaaaaac"
GENERAL = f"{HERE}-aaaaaaaa"
TYPING = {"channelId": GENERAL, "userId": "useraaaaaaab"}


def namespace(community_id: str) -> str:
    """A community's namespace."""
    return f"/socket/commu-{community_id}"


Dial = Callable[..., Awaitable[SocketTransport]]


async def say_done(line: Line, where: str, number: int, data: list[Any]) -> None:
    """Answer any request with success."""
    await line.acknowledge(where, number, {"ok": True})


def ask_typing(door: SocketTransport, community_id: str = HERE) -> Any:
    """Ask for something small."""
    return door.ask(community_id, routes.TYPING, requests.Typing(channel_id=GENERAL))
