"""The harness of the contract: people with devices, on a model server or on a real one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from asnity_server.config import ServerSettings, without_limits
from asnity_server.protocol import requests, routes
from asnity_server.protocol.errors import ErrorInfo
from asnity_server.protocol.models import Community, Message, User, Wire
from asnity_server.protocol.responses import JoinAnswer
from asnity_server.protocol.routes import A, R, Route, SocketRequest
from asnity_tui.client.transport.client import ChatClient
from asnity_tui.client.transport.remote import RemoteClient
from tests.fakes import FakeClient, FakeServer
from tests.slowly import mostly_slow
from tests.topology import TOPOLOGIES, topology_named
from tests.topology.deployment import Topology

W = TypeVar("W", bound=Wire)

PLACES = ["fake", *mostly_slow(TOPOLOGIES, "embedded", "apart")]
"""The model server, and the real one in each way to host it."""

PATIENCE = 10.0
"""Seconds after which what should have come counts as missing."""


@dataclass
class ReceivedEvent:
    """One thing that a listener was told."""

    community_id: str | None
    name: str
    payload: Wire | None


class Recorder:
    """A `Listener` that remembers, and lets a test wait for what it wants to see."""

    def __init__(self) -> None:
        self.told: list[ReceivedEvent] = []
        self.lost: list[str] = []
        self.lost_namespaces: list[str] = []
        self._something = asyncio.Event()

    def event(self, community_id: str | None, name: str, payload: Wire) -> None:
        self.told.append(ReceivedEvent(community_id, name, payload))
        self._something.set()

    def namespace_lost(self, community_id: str, error: ErrorInfo | None) -> None:
        self.lost_namespaces.append(community_id)
        self._something.set()

    def connection_lost(self, reason: str) -> None:
        self.lost.append(reason)
        self._something.set()

    def names(self) -> list[str]:
        """The names of all events, in order, presence left out: it comes whenever it likes."""
        return [each.name for each in self.told if each.name != "presence"]

    def payloads(self, name: str) -> list[Wire]:
        """List the payloads of one event."""
        return [each.payload for each in self.told if each.name == name and each.payload is not None]

    async def until(self, seen: Callable[[], object], what: str) -> None:
        """Wait until a condition holds. Fails, saying what was waited for, if it doesn't."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not seen():
                    self._something.clear()
                    await self._something.wait()
        except TimeoutError:
            raise AssertionError(f"{what} did not come; told: {self.names()}") from None

    async def get(self, name: str, kind: type[W], count: int = 1) -> W:
        """Wait for the `count`th event of a name, and return its payload."""
        await self.until(lambda: len(self.payloads(name)) >= count, f"{name} number {count}")
        payload = self.payloads(name)[count - 1]
        assert isinstance(payload, kind)
        return payload

    async def message(self, name: str = "new-chat", count: int = 1) -> Message:
        """Wait for the `count`th message of an event, and return it."""
        return await self.get(name, Message, count)


@dataclass
class Device:
    """One client of one person, with what it was told."""

    client: ChatClient
    user: User
    heard: Recorder = field(default_factory=Recorder)

    async def call(self, route: Route[R, A], request: R) -> A:
        return await self.client.call(route, request)

    async def ask(self, community_id: str | None, kind: SocketRequest[R, A], request: R) -> A:
        return await self.client.ask(community_id, kind, request)

    async def open(self, *community_ids: str) -> None:
        """Connect, enter and join."""
        await self.client.open(self.heard)
        for each in community_ids:
            await self.client.enter(each)
            await self.join(each)

    async def join(self, community_id: str) -> JoinAnswer:
        return await self.ask(community_id, routes.JOIN, requests.Join())

    async def say(self, channel_id: str, content: str, *, nonce: str | None = None) -> Message:
        """Post over the socket."""
        request = requests.NewChat(channel_id=channel_id, content=content, nonce=nonce)
        return (await self.ask(channel_id[:12], routes.CHAT_NEW, request)).chat_info

    async def found(self, name: str) -> Community:
        """Make a community."""
        return await self.call(routes.CREATE_COMMUNITY, requests.CreateCommunity(name=name))

    async def general(self, community_id: str) -> str:
        """The id of a community's `general`."""
        listed = await self.call(routes.CHANNELS, requests.OfCommunityPage(community_id=community_id))
        return next(each.id for each in listed.channels if each.name == "general")

    async def channel(self, community_id: str, name: str, *, private: bool = False) -> str:
        """Make a channel."""
        request = requests.CreateChannel(community_id=community_id, name=name, kind="private" if private else "public")
        return (await self.call(routes.CREATE_CHANNEL, request)).id

    async def let_in(self, community_id: str, *others: Device) -> None:
        """Bring others into a community by an invite."""
        invite = await self.call(routes.CREATE_INVITE, requests.CreateInvite(community_id=community_id))
        for each in others:
            await each.call(routes.ACCEPT_INVITE, requests.OfInvite(code=invite.code))


class ServerHarness(Protocol):
    """Something that people's clients can reach."""

    gateways: int
    """How many gateways its people are spread over."""

    async def client(self) -> ChatClient:
        """A client without an account."""

    async def person(self, username: str) -> Device:
        """A new account with its first device."""

    async def device(self, username: str) -> Device:
        """Another device of somebody."""


class SignUpHarness:
    """People sign up and in through the front door."""

    def __init__(self, make: Callable[[], ChatClient], gateways: int = 1) -> None:
        self._make = make
        self.gateways = gateways
        self.clients: list[ChatClient] = []

    async def client(self) -> ChatClient:
        client = self._make()
        self.clients.append(client)
        return client

    async def person(self, username: str) -> Device:
        client = await self.client()
        answer = await client.call(routes.SIGN_UP, requests.SignUp(username=username, password="tangerine"))
        client.token = answer.token
        return Device(client, answer.user)

    async def device(self, username: str) -> Device:
        client = await self.client()
        answer = await client.call(routes.SIGN_IN, requests.SignIn(username=username, password="tangerine"))
        client.token = answer.token
        return Device(client, answer.user)


def _settings(**limits: str) -> ServerSettings:
    return msgspec.structs.replace(without_limits(ServerSettings(port=0, registration="open")), **limits)


@asynccontextmanager
async def fake_harness(**limits: str) -> AsyncIterator[ServerHarness]:
    """A harness on the model server, without limits but those that are named (`limit_messages` …)."""
    server = FakeServer(rates=_settings(**limits).rates)
    harness = SignUpHarness(lambda: FakeClient(server))
    yield harness
    for each in harness.clients:
        await each.close()


def harness_on(place: str, folder: Path, **limits: str) -> AbstractAsyncContextManager[ServerHarness]:
    """A harness in one of `PLACES`, with the same limits in each."""
    return fake_harness(**limits) if place == "fake" else real_harness(topology_named(place), folder, **limits)


@asynccontextmanager
async def real_harness(topology: Topology, folder: Path, **limits: str) -> AsyncIterator[ServerHarness]:
    """A harness on a real server, reached over the network."""
    async with topology(msgspec.structs.replace(_settings(**limits), data=folder)) as server:
        harness = SignUpHarness(lambda: RemoteClient(server.url), len(server.socket_urls))
        yield harness
        for each in harness.clients:
            await each.close()
