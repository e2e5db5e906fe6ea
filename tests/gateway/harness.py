"""A gateway over a real database, people in it, and real Socket.IO clients that remember what they were told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import socketio
from aiohttp import web

from asnity_server.api import channels, communities, members, membership
from asnity_server.api.access import Caller
from asnity_server.api.accounts import sessions, users
from asnity_server.api.service import Api, HostSettings
from asnity_server.api.socket_backend import LocalBackend
from asnity_server.bus import Bus
from asnity_server.db.database import Database
from asnity_server.db.migrations import migrate
from asnity_server.gateway.delivery.interface import Delivery
from asnity_server.gateway.gateway import Gateway
from asnity_server.protocol import requests
from asnity_server.protocol.ids import USER_NAMESPACE, namespace_of
from asnity_server.rate_limits import Rates

PATIENCE = 20.0
"""Seconds to wait for what must come; nothing waits this long unless it is broken."""


@dataclass
class Person:
    """An account with one session."""

    name: str
    id: str
    token: str

    def caller(self) -> Caller:
        """As whom works of the API run."""
        return Caller(self.id, self.token)


@dataclass
class ReceivedEvent:
    """One event that a client got."""

    namespace: str
    event: str
    data: dict[str, Any]


@dataclass
class Client:
    """A standard Socket.IO client and everything it was told."""

    sio: socketio.AsyncClient
    told: list[ReceivedEvent] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def events(self, name: str | None = None) -> list[dict[str, Any]]:
        """List the events that it was told, of one kind or all."""
        return [each.data for each in self.told if name is None or each.event == name]

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until something told makes it true."""
        async with asyncio.timeout(PATIENCE):
            while not true():
                self.news.clear()
                await self.news.wait()

    async def expect(self, name: str, count: int = 1) -> list[dict[str, Any]]:
        """Wait for that many events of a kind."""
        await self.until(lambda: len(self.events(name)) >= count)
        return self.events(name)

    async def ask(self, community_id: str, event: str, *payload: object) -> Any:
        """Ask, and wait for the acknowledgement."""
        data = payload[0] if len(payload) == 1 else payload
        return await self.sio.call(event, data, namespace=namespace_of(community_id), timeout=PATIENCE)

    async def say(self, channel_id: str, content: str, **more: object) -> Any:
        """Write a message."""
        payload = {"chatType": "new", "channelId": channel_id, "content": content, **more}
        return await self.ask(channel_id[:12], "chat", payload)

    def remember(self, namespace: str, event: str, data: Any = None) -> None:
        """An event came."""
        self.told.append(ReceivedEvent(namespace, event, data))
        self.news.set()


class GatewayHarness:
    """A running gateway, and shortcuts to fill it."""

    def __init__(self, path: Path, delivery: Delivery, rates: Rates | None = None) -> None:
        self._path = path
        self._rates = rates or Rates()
        self.delivery = delivery
        self.clients: list[Client] = []

    async def open(self) -> None:
        """Start listening."""
        await asyncio.to_thread(migrate, self._path)
        bus = Bus()
        self.database = await Database.open(self._path, deliver=bus.publish)
        self.api = Api(self.database, HostSettings(rates=self._rates))
        later = asyncio.get_running_loop().call_later
        self.gateway = Gateway(LocalBackend(self.api), self.delivery, later=later)
        bus.attach(self.gateway.dispatcher.receive)
        app = web.Application()
        self.delivery.attach(app, self.gateway)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port: int = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}"

    async def close(self) -> None:
        """Stop everything."""
        for client in self.clients:
            if client.sio.connected:
                await client.sio.disconnect()
        await self.delivery.shut_down()
        await self._runner.cleanup()
        await self.database.close()

    async def person(self, name: str) -> Person:
        """A new account, signed in."""

        def work(tx: Any) -> tuple[str, str]:
            user_id = users.make_account(tx, name, name, "no password")
            return user_id, sessions.new_session(tx, user_id, "test")

        user_id, token = await self.database.write(work)
        return Person(name, user_id, token)

    async def session(self, person: Person) -> Person:
        """The same person on another device."""
        token = await self.database.write(lambda tx: sessions.new_session(tx, person.id, "other"))
        return Person(person.name, person.id, token)

    async def do(self, person: Person, work: Callable[..., Any], request: Any) -> Any:
        """Do something over the API's own policy, as HTTP would."""
        return await self.api.change(person.token, work, request)

    async def community(self, owner: Person, *others: Person) -> str:
        """A new community with these people in it."""
        made = await self.do(owner, communities.create_community, requests.CreateCommunity(name="Lab"))
        for other in others:
            await self.database.write(lambda tx, other=other: membership.enter_community(tx, made.id, other.id))
        return str(made.id)

    async def general(self, community_id: str) -> str:
        """The channel that everyone is in."""
        return await self.database.read(lambda view: membership.general_of(view, community_id))

    async def channel(self, owner: Person, community_id: str, name: str, *others: Person, kind: str = "private") -> str:
        """A new channel with these people in it."""
        request = requests.CreateChannel(community_id=community_id, name=name, kind=kind)  # type: ignore[arg-type]
        made = await self.do(owner, channels.create_channel, request)
        for other in others:
            await self.add(owner, made.id, other)
        return str(made.id)

    async def add(self, host: Person, channel_id: str, guest: Person) -> None:
        """Put somebody into a channel."""
        await self.do(host, channels.add_member, requests.OfChannelMember(channel_id=channel_id, user_id=guest.id))

    async def kick(self, host: Person, community_id: str, guest: Person) -> None:
        """Throw somebody out of a community."""
        await self.do(host, members.remove_member, requests.RemoveMember(community_id=community_id, user_id=guest.id))

    async def client(
        self, person: Person, *community_ids: str, join: bool = True, own: bool = False, transports: Any = None
    ) -> Client:
        """Connect a standard client, and enter all rooms."""
        sio = socketio.AsyncClient(reconnection=False)
        client = Client(sio)
        namespaces = [namespace_of(each) for each in community_ids] + ([USER_NAMESPACE] if own else [])
        for namespace in namespaces:
            sio.on("*", lambda event, *data, at=namespace: client.remember(at, event, *data), namespace=namespace)
        self.clients.append(client)
        await sio.connect(
            self.url,
            namespaces=namespaces,
            auth={"token": person.token},
            transports=transports or ["websocket"],
            wait_timeout=PATIENCE,
        )
        if join:
            for community_id in community_ids:
                assert (await client.ask(community_id, "join", {}))["ok"] is True
        return client
