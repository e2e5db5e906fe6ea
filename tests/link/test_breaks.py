"""Tests of what becomes of those who sit at gateways when something is lost, or ends for good."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from asnity_server.api import mending, messages
from asnity_server.api.access import Caller
from asnity_server.bus import MessagePosted
from asnity_server.db.transaction import WriteTx
from asnity_server.link import frames, recent_commits, server
from asnity_server.programs.gateway_program import GatewayProgram
from asnity_server.programs.program_settings import GatewaySettings
from asnity_server.protocol import requests

from .harness import LinkHarness


async def test_a_commit_that_is_lost_in_silence_is_noticed_by_the_beat_and_told_to_whom_it_concerns(
    harness: LinkHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob, carol = [await harness.person(name) for name in ("alice", "bob", "carol")]
    lab = await harness.community(alice, bob, carol)
    secret = await harness.channel(alice, lab, "secret", bob)
    general = await harness.general(lab)
    a = await harness.client_at(0, alice, lab)
    b, c = await harness.client_at(1, bob, lab), await harness.client_at(1, carol, lab)
    assert (await a.say(general, "before"))["written"] is True
    await asyncio.gather(b.expect("new-chat"), c.expect("new-chat"))
    monkeypatch.setattr(mending, "MARGIN", 0)  # what was told shortly before isn't told again
    backend = harness.gateways[1].backend
    told = backend.told

    def forgets(commit: frames.Told) -> None:
        if not any(isinstance(change, MessagePosted) for work in commit.works for change in work.changes):
            told(commit)

    monkeypatch.setattr(backend, "told", forgets)
    assert (await a.say(secret, "lost"))["written"] is True
    monkeypatch.setattr(backend, "told", told)
    await b.expect("resync")
    assert (await b.say(general, "and so on"))["written"] is True
    assert [each["content"] for each in await c.expect("new-chat", 2)] == ["before", "and so on"]
    assert c.events("resync") == a.events("resync") == []
    assert (await b.ask(lab, "join", {}))["ok"] is True
    assert len(b.events("resync")) == 1


async def test_what_is_not_kept_until_a_gateway_says_what_it_wants_to_hear_makes_it_compare(
    harness: LinkHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    a, b = await harness.client_at(0, alice, lab), await harness.client_at(1, bob, lab)
    assert (await a.say(general, "before"))["written"] is True
    await b.expect("new-chat")
    monkeypatch.setattr(recent_commits, "COMMITS", 0)
    link, late = harness.gateways[1].backend.link, []
    say = link.say
    monkeypatch.setattr(link, "say", late.append)
    await harness.close_api()
    await harness.open_api()
    await harness.listen()
    async with asyncio.timeout(20):
        while not any(isinstance(each, frames.Interest) for each in late):  # noqa: ASYNC110
            await asyncio.sleep(0)
    assert (await a.say(general, "meanwhile"))["written"] is True
    monkeypatch.setattr(link, "say", say)
    for frame in late:
        say(frame)
    await b.expect("resync")
    assert (await a.say(general, "after"))["written"] is True
    assert (await b.expect("new-chat", 2))[-1]["content"] == "after"
    assert a.events("resync") == []


@pytest.mark.parametrize("kept", [0, recent_commits.COMMITS], ids=["compares", "is told late"])
async def test_an_answer_before_what_was_missed_hides_nothing_of_it(
    harness: LinkHarness, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    a, b = await harness.client_at(0, alice, lab), await harness.client_at(1, bob, lab)
    assert (await a.say(general, "before"))["written"] is True
    await b.expect("new-chat")
    monkeypatch.setattr(recent_commits, "COMMITS", kept)
    link, late = harness.gateways[1].backend.link, []
    say = link.say
    monkeypatch.setattr(link, "say", late.append)
    await harness.close_api()
    await harness.open_api()
    await harness.listen()
    async with asyncio.timeout(20):
        while not any(isinstance(each, frames.Interest) for each in late):  # noqa: ASYNC110
            await asyncio.sleep(0)
    assert (await a.say(general, "meanwhile"))["written"] is True
    await link.answer_of(lambda number: frames.Prove(number, ()))
    monkeypatch.setattr(link, "say", say)
    for frame in late:
        say(frame)
    if kept:
        assert [each["content"] for each in await b.expect("new-chat", 2)] == ["before", "meanwhile"]
        assert b.events("resync") == []
    else:
        await b.expect("resync")


async def test_a_change_that_cannot_be_told_keeps_nobody_from_their_answer_and_makes_others_compare(
    harness: LinkHarness,
) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    a, b = await harness.client_at(0, alice, lab), await harness.client_at(1, bob, lab)

    def post(tx: WriteTx, caller: Caller, request: requests.NewChat) -> None:
        messages.post(tx, caller, request)
        tx.changes[:] = [msgspec.structs.replace(each, origin=object()) for each in tx.changes]  # type: ignore[type-var]

    await harness.do(alice, post, requests.NewChat(channel_id=general, content="broken"))
    assert (await a.say(general, "whole"))["written"] is True
    await b.expect("resync")
    await a.expect("resync")


async def test_an_answer_that_finds_no_link_comes_when_it_goes_on(harness: LinkHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    a, b = await harness.client_at(0, alice, lab), await harness.client_at(1, bob, lab)
    gateway = harness.gateways[0]
    submitted = asyncio.Event()
    submit = harness.api.database.submit

    def cuts(*args: Any) -> None:
        submit(*args)
        submitted.set()

    harness.api.database.submit = cuts  # type: ignore[method-assign]
    asked = asyncio.ensure_future(a.say(general, "hello", nonce="n1"))
    await submitted.wait()
    gateway.cut()  # it is carried out, and the answer finds no link
    assert (await asked)["written"] is True, "what was answered meanwhile is told when the link goes on"
    assert [each["content"] for each in await b.expect("new-chat")] == ["hello"]
    assert a.events("new-chat") == []


async def test_people_of_a_gateway_that_does_not_come_back_are_gone_after_a_while(
    harness: LinkHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "AWAY", 0.05)
    alice, bob, carol = [await harness.person(name) for name in ("alice", "bob", "carol")]
    lab = await harness.community(alice, bob, carol)
    a = await harness.client_at(0, alice, lab)
    await harness.client_at(1, bob, lab)
    await harness.client_at(1, carol, lab)
    await harness.client_at(0, carol, lab)
    everybody = {each.id: "online" for each in (alice, bob, carol)}
    async with asyncio.timeout(20):
        while (await a.ask(lab, "join", {}))["presence"] != everybody:  # noqa: ASYNC110
            await asyncio.sleep(0)
    await harness.gateways[1].backend.link.close()
    await a.until(lambda: {bob.id: "offline"} in [each["changes"] for each in a.events("presence")])
    assert (await a.ask(lab, "join", {}))["presence"] == {alice.id: "online", carol.id: "online"}


async def test_another_history_closes_all_connections_and_lets_them_come_again(harness: LinkHarness) -> None:
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    a = await harness.client_at(0, alice, lab)
    gateway = harness.gateways[0]
    await harness.close_api()
    await harness.open_api()
    harness.links._generation = "another"
    await harness.listen()
    async with asyncio.timeout(20):
        while a.sio.connected or gateway.gateway.connections:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    again = await harness.client_at(0, alice, lab)
    assert (await again.say(await harness.general(lab), "anew"))["written"] is True
    assert gateway.linked.mending.mends == 0


@pytest.mark.parametrize(("name", "begins"), [("g1", "g1-"), ("", "")])
async def test_connections_are_named_after_the_program_that_has_them(tmp_path: Path, name: str, begins: str) -> None:
    settings = GatewaySettings(port=0, api=(f"unix:{tmp_path}/nobody.sock",), gateway_name=name, drain=0)
    async with GatewayProgram(settings) as program, aiohttp.ClientSession(program.url) as http:
        async with http.get("/socket.io/?EIO=4&transport=polling") as answer:
            sid = json.loads((await answer.text())[1:])["sid"]
        assert sid.startswith(begins)
        assert len(sid) == len(begins) + 20
