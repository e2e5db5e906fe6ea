"""Tests of asking over a link that isn't there, comes late or asks too much."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from asnity_server.bus import Outcome
from asnity_server.link import client, frames
from asnity_server.link.client import LinkClient
from asnity_server.link.frames import Malformed
from asnity_server.link.gateway_link import GatewayLink
from asnity_server.link.interests import Interests
from asnity_server.link.stream import Stream
from asnity_server.protocol import requests
from asnity_server.rate_limits import Rates

from .test_stream import Owner

WELCOME = frames.Welcome(frames.VERSION, "", "secret", False, True, 0, "generation", 1, 0, 0, Rates())


async def _nobody(make: Callable[[], Stream]) -> Stream:
    raise ConnectionRefusedError(111, "Connection refused")


class Deaf:
    """Receives nothing."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


def _ask(number: int) -> frames.Frame:
    return frames.Authorize(number, "token", None)


async def test_asks_are_held_in_order_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PATIENCE", 0.05)
    link = LinkClient([_nobody], Deaf(), name="g1")  # type: ignore[arg-type]
    link.start()
    refused: list[int] = []
    done = asyncio.Event()

    def answered(number: int, outcome: Outcome[Any]) -> None:
        assert outcome.error is not None
        assert outcome.error.code == "unavailable"
        refused.append(number)
        if len(refused) == client.HELD + 1:
            done.set()

    for number in range(client.HELD + 1):
        link.ask(_ask, lambda outcome, number=number: answered(number, outcome))
    assert link.held == client.HELD
    async with asyncio.timeout(20):
        await done.wait()
    assert refused == [client.HELD, *range(client.HELD)], "what is one too many at once, the others in their order"
    assert link.problem.sentence == "The API can't be reached: connection refused."
    await link.close()


async def test_a_gateway_is_told_of_so_many_communities_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asnity_server.link.interests.COMMUNITIES", 3)
    interests, link = Interests(), GatewayLink("g1", None)
    for number in range(3):
        interests.begin(link, f"community {number}")
    interests.begin(link, "community 1")
    with pytest.raises(Malformed):
        interests.begin(link, "one more")
    interests.end_all(link)
    assert not interests.of("community 1")


async def test_what_is_asked_in_one_turn_crosses_in_one_frame_and_in_its_order() -> None:
    came: list[frames.Up] = []
    linked, all_came = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    class Receiver(Deaf):
        held = ("", 0, 0)

        def welcomed(self, welcome: frames.Welcome) -> None:
            """See `LinkReceiver`."""
            linked.set()

    class Far(Owner):
        def frame(self, stream: Stream, payload: bytes) -> None:
            """See `StreamOwner`."""
            came.append(frames.decode_up(payload))
            if b"the last" in payload:
                all_came.set()

    ends = socket.socketpair()
    link = LinkClient([], Receiver(), name="g1")  # type: ignore[arg-type]
    _, near = await loop.create_connection(lambda: Stream(link), sock=ends[0])
    _, far = await loop.create_connection(lambda: Stream(Far()), sock=ends[1])
    far.send(frames.encode(WELCOME))
    await linked.wait()

    def say(content: str) -> None:
        request = requests.NewChat(channel_id="aaaaaaaaaaaa-bbbbbbbb", content=content)
        link.ask(lambda number: frames.AskNewChat(number, "s", "c", "aaaaaaaaaaaa", (), request), lambda outcome: None)

    say("1")
    say("2")
    link.ask(_ask, lambda outcome: None)
    say("3")
    for _ in range(frames.GATHERED):
        say("more")
    say("the last")
    await all_came.wait()
    assert [type(each).__name__ for each in came] == ["Hello", "AskBatch", "Authorize", "AskBatch", "AskBatch"]
    asked = [each.request.content for frame in came if isinstance(frame, frames.AskBatch) for each in frame.asks]
    assert asked == ["1", "2", "3", *["more"] * frames.GATHERED, "the last"]
    near.close("")
    far.close("")


async def test_what_is_said_while_the_link_is_greeted_crosses_once() -> None:
    came: list[frames.Up] = []
    welcomed, beaten = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    class Receiver(Deaf):
        held = ("", 0, 0)

        def welcomed(self, welcome: frames.Welcome) -> None:
            """See `LinkReceiver`."""
            welcomed.set()

    class Far(Owner):
        def frame(self, stream: Stream, payload: bytes) -> None:
            """See `StreamOwner`."""
            came.append(frames.decode_up(payload))
            if isinstance(came[-1], frames.SessionsLeft):
                beaten.set()

    async def connect() -> tuple[Stream, Stream]:
        ends = socket.socketpair()
        _, near = await loop.create_connection(lambda: Stream(link), sock=ends[0])
        _, far = await loop.create_connection(lambda: Stream(Far()), sock=ends[1])
        return near, far

    link = LinkClient([], Receiver(), name="g1")  # type: ignore[arg-type]
    near, far = await connect()
    far.send(frames.encode(WELCOME))
    await welcomed.wait()
    near.close("cut by the test")
    welcomed.clear()
    near, far = await connect()
    link.say(frames.Interest(("said before it goes on",), ()))
    far.send(frames.encode(replace(WELCOME, resumed=True)))
    await welcomed.wait()
    link.say(frames.SessionsLeft(("said last",)))
    await beaten.wait()
    assert [type(each).__name__ for each in came] == ["Hello", "Hello", "Interest", "SessionsLeft"]
    near.close("")
    far.close("")


async def test_a_link_that_cant_go_on_begins_anew() -> None:
    hellos: list[frames.Hello] = []
    welcomed, came = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    class Receiver(Deaf):
        held = ("", 0, 0)

        def welcomed(self, welcome: frames.Welcome) -> None:
            """See `LinkReceiver`."""
            welcomed.set()

    class Far(Owner):
        def frame(self, stream: Stream, payload: bytes) -> None:
            """See `StreamOwner`."""
            frame = frames.decode_up(payload)
            assert isinstance(frame, frames.Hello)
            hellos.append(frame)
            came.set()

    async def connect() -> Stream:
        ends = socket.socketpair()
        await loop.create_connection(lambda: Stream(link), sock=ends[0])
        _, far = await loop.create_connection(lambda: Stream(Far()), sock=ends[1])
        await came.wait()
        came.clear()
        return far

    link = LinkClient([], Receiver(), name="g1")  # type: ignore[arg-type]
    far = await connect()
    far.send(frames.encode(WELCOME))
    await welcomed.wait()
    far.close("cut by the test")
    while link.is_linked:  # noqa: ASYNC110
        await asyncio.sleep(0)
    far = await connect()
    far.send(frames.encode(replace(WELCOME, resumed=True, received=5)))  # more than it was sent
    while link.is_linked or not far.closed:  # noqa: ASYNC110
        await asyncio.sleep(0)
    (await connect()).close("")
    assert [each.resume for each in hellos] == ["", "secret", ""]
    await link.close()
