"""A member is told the same of all that happens in a community over both ways of delivery."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asnity_server.api import channels
from asnity_server.gateway.delivery.fast import FastDelivery
from asnity_server.gateway.delivery.stock import StockDelivery
from asnity_server.protocol import requests
from asnity_server.protocol.ids import namespace_of
from tests.gateway.harness import Client, GatewayHarness, Person

WHO = st.integers(0, 2)
STEP = st.one_of(
    st.tuples(st.just("say"), WHO, st.booleans()),
    st.tuples(st.just("burst"), WHO, st.booleans()),
    st.tuples(st.just("edit"), WHO, st.booleans()),
    st.tuples(st.just("read"), WHO, st.booleans()),
    st.tuples(st.just("typing"), WHO, st.booleans()),
    st.tuples(st.just("join"), WHO, st.booleans()),
    st.tuples(st.just("invite"), WHO, st.booleans()),
    st.tuples(st.just("leave"), WHO, st.booleans()),
    st.tuples(st.just("kick"), st.integers(1, 2), st.booleans()),
)

VARYING = ("createdAt", "updatedAt", "joinedAt", "presence")
"""What depends on when a thing was done."""


class Story:
    """The same steps in a new community of one harness."""

    def __init__(self, harness: GatewayHarness) -> None:
        self._harness = harness
        self._names: dict[str, str] = {}

    async def tell(self, steps: list[tuple[str, int, bool]], number: int) -> list[list[str]]:
        """Carry the steps out; what each client was told and answered, with ids by name."""
        people = [await self._harness.person(f"{name}{number}") for name in ("alice", "bob", "carol")]
        lab = await self._harness.community(*people)
        self._channels = [
            await self._harness.general(lab),
            await self._harness.channel(people[0], lab, "secret", people[1]),
        ]
        known = {"LAB": lab, "GENERAL": self._channels[0], "SECRET": self._channels[1]}
        known["GENERATION"] = self._harness.database.generation
        self._names = {real: name for name, real in known.items()}
        self._names |= {person.id: person.name[: -len(str(number))].upper() for person in people}
        clients = [await self._harness.client(person, lab, join=index > 0) for index, person in enumerate(people)]
        answers: list[list[object]] = [[], [], []]
        gone: set[int] = set()
        for kind, who, secret in steps:
            if who not in gone:
                found = await self._step(kind, people, clients[who], lab, who, self._channels[secret])
                answers[who].append(found)
                if kind == "kick":
                    gone.add(who)
        for who, client in enumerate(clients):
            if who not in gone:
                await client.ask(lab, "typing", {"channelId": "fence"})  # all that was told before is here
            else:
                await client.until(lambda client=client: namespace_of(lab) not in client.sio.namespaces)
            await client.sio.disconnect()
        return [
            [self._plain([e.event, e.data]) for e in c.told if e.event != "presence"]
            + [self._plain(a) for a in answers[n]]
            for n, c in enumerate(clients)
        ]

    async def _step(self, kind: str, people: list[Person], client: Client, lab: str, who: int, channel: str) -> Any:
        new = {"chatType": "new", "channelId": channel, "content": f"{kind} by {who}"}
        if kind == "say":
            return await client.ask(lab, "chat", new)
        if kind == "burst":
            return await asyncio.gather(*(client.ask(lab, "chat", {**new, "content": str(n)}) for n in range(5)))
        if kind == "edit":
            return await client.ask(lab, "chat", {**new, "chatType": "modify", "chatId": 1})
        if kind == "read":
            return await client.ask(lab, "read", {"channelId": channel, "readId": 3})
        if kind in ("typing", "join"):
            return await client.ask(lab, kind, {"channelId": channel} if kind == "typing" else {})
        if kind == "invite":
            everyone = [person.id for person in people]
            return await client.ask(lab, "invite-users-to-channel", {"channelId": channel, "users": everyone})
        if kind == "kick":
            return await self._harness.kick(people[0], lab, people[who])
        request = requests.OfChannelMember(channel_id=self._channels[1], user_id="me")
        try:
            return await self._harness.do(people[who], channels.remove_member, request)
        except Exception as error:
            return type(error).__name__

    def _plain(self, value: object) -> str:
        def clean(each: Any) -> Any:
            if isinstance(each, dict):
                return {clean(k): clean(v) for k, v in each.items() if k not in VARYING}
            if isinstance(each, list):
                found = [clean(one) for one in each]
                # what comes by id comes in another order where ids are random
                return sorted(found, key=lambda one: json.dumps(one, sort_keys=True)) if _by_id(found) else found
            return self._names.get(each, each) if isinstance(each, str) else each

        text = json.dumps(clean(value), sort_keys=True)
        for name in ("alice", "bob", "carol"):
            text = "".join(
                part if index == 0 else name + part.lstrip("0123456789") for index, part in enumerate(text.split(name))
            )
        return text


def _by_id(found: list[Any]) -> bool:
    return all(isinstance(one, dict) and "channelId" in one and "lastId" in one for one in found)


@pytest.mark.parametrize("examples", [6, pytest.param(40, marks=pytest.mark.slow)])
async def test_members_are_told_the_same_on_both_paths(tmp_path: Path, examples: int) -> None:
    harnesses = [
        GatewayHarness(tmp_path / "fast.db", FastDelivery()),
        GatewayHarness(tmp_path / "stock.db", StockDelivery()),
    ]
    for harness in harnesses:
        await harness.open()
    loop = asyncio.get_running_loop()
    numbers = iter(range(1_000_000))

    @settings(max_examples=examples, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.lists(STEP, min_size=1, max_size=12))
    def run(steps: list[tuple[str, int, bool]]) -> None:
        number = next(numbers)
        told = [
            asyncio.run_coroutine_threadsafe(Story(harness).tell(steps, number), loop).result(30)
            for harness in harnesses
        ]
        assert told[0] == told[1]

    try:
        await asyncio.to_thread(run)
    finally:
        for harness in harnesses:
            await harness.close()
