"""Tests of a link at work: everything that crosses it, for people at different gateways."""

from __future__ import annotations

import asyncio

import pytest

from asnity_server.api import channels, mending, overview
from asnity_server.api.accounts import sessions
from asnity_server.link import recent_commits
from asnity_server.protocol import requests

from .harness import LinkHarness


async def test_a_message_reaches_people_at_both_gateways_and_its_sender_by_the_acknowledgement(
    harness: LinkHarness,
) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    a, b = await harness.client_at(0, alice, lab), await harness.client_at(1, bob, lab)
    answer = await a.say(general, "hello", nonce="n1")
    assert answer["written"] is True
    assert (await b.expect("new-chat"))[0] == answer["chatInfo"]
    assert a.events("new-chat") == []


async def test_a_cut_of_the_link_loses_nothing_and_fails_nothing(harness: LinkHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    a, b = await harness.client_at(0, alice, lab), await harness.client_at(1, bob, lab)
    for number in range(20):
        if number % 5 == 0:
            harness.gateways[number // 5 % 2].cut()
        assert (await a.say(general, f"message {number}", nonce=f"n{number}"))["written"] is True
    told = await b.expect("new-chat", 20)
    assert [each["content"] for each in told] == [f"message {number}" for number in range(20)]
    assert b.events("resync") == []
    assert [each.linked.mending.mends for each in harness.gateways] == [0, 0]


async def test_an_ordered_restart_of_the_api_costs_nobody_a_failed_request_or_a_resync(harness: LinkHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    a, b = await harness.client_at(0, alice, lab), await harness.client_at(1, bob, lab)
    assert (await a.say(general, "before"))["written"] is True
    await harness.close_api()
    await harness.open_api()
    await harness.listen()
    assert (await a.say(general, "after"))["written"] is True
    told = await b.expect("new-chat", 2)
    assert [each["content"] for each in told] == ["before", "after"]
    assert b.events("resync") == []


async def test_what_waits_for_a_proof_when_the_api_ends_is_asked_of_the_next(harness: LinkHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    a, b = await harness.client_at(0, alice, lab), await harness.client_at(1, bob, lab)
    await harness.close_api()
    await harness.open_api()
    backend, proofs = harness.links._asks._backend, []
    prove = backend.prove
    backend.prove = lambda tokens, on_done: prove(tokens, lambda outcome: proofs.append((on_done, outcome)))
    await harness.listen()
    asked = asyncio.ensure_future(a.say(general, "hello", nonce="n1"))
    async with asyncio.timeout(20):
        while len(proofs) < 2 or not any(link.deferred for link in harness.links.links):  # noqa: ASYNC110
            await asyncio.sleep(0)
    harness._listener.close()
    harness.links.stop_taking()
    await harness.database.close()
    for on_done, outcome in proofs:
        on_done(outcome)
    harness.links.close()
    harness.api.close()
    await harness.open_api()
    await harness.listen()
    assert (await asked)["written"] is True
    assert [each["content"] for each in await b.expect("new-chat")] == ["hello"]


async def test_what_a_gateway_missed_for_a_moment_is_told_late(harness: LinkHarness) -> None:
    alice, bob, carol = [await harness.person(name) for name in ("alice", "bob", "carol")]
    lab = await harness.community(alice, bob, carol)
    general = await harness.general(lab)
    b, c = await harness.client_at(1, bob, lab), await harness.client_at(1, carol, lab)
    await harness.close_api()
    await harness.open_api()
    await harness.post(alice, general, "missed")
    await harness.kick(alice, lab, bob)
    await harness.post(alice, general, "not for bob")
    await harness.listen()
    assert [each["content"] for each in await c.expect("new-chat", 2)] == ["missed", "not for bob"]
    assert [each["content"] for each in b.events("new-chat")] == ["missed"]
    assert [each["reason"] for each in b.events("community-removed")] == ["kicked"]
    assert c.events("resync") == []


async def test_who_was_removed_while_a_gateway_heard_nothing_is_out_once_it_hears_again(
    harness: LinkHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent_commits, "COMMITS", 0)
    alice, bob, carol = [await harness.person(name) for name in ("alice", "bob", "carol")]
    lab = await harness.community(alice, bob, carol)
    general = await harness.general(lab)
    other = await harness.channel(alice, lab, "other", carol)
    b, c = await harness.client_at(1, bob, lab), await harness.client_at(1, carol, lab)
    await harness.close_api()
    await harness.open_api()
    await harness.kick(alice, lab, bob)
    await harness.post(alice, general, "missed")
    await harness.listen()
    assert [each["reason"] for each in await b.expect("community-removed")] == ["kicked"]
    await c.expect("resync")
    assert (await c.say(other, "still here"))["written"] is True


async def test_what_no_rev_tells_is_told_once_a_gateway_hears_again(
    harness: LinkHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent_commits, "COMMITS", 0)
    monkeypatch.setattr(mending, "MARGIN", 0)  # what was told shortly before isn't told again
    alice, bob, carol = [await harness.person(name) for name in ("alice", "bob", "carol")]
    lab = await harness.community(alice, bob, carol)
    general = await harness.general(lab)
    secret = await harness.channel(alice, lab, "secret", bob)
    first, second = await harness.community(alice, bob), await harness.community(alice, carol)
    await harness.post(alice, general, "before")
    b, c = await harness.client_at(0, bob, lab), await harness.client_at(1, carol, lab)
    await harness.close_api()
    await harness.open_api()
    await harness.do(alice, channels.patch_channel, requests.PatchChannel(channel_id=secret, name="other"))
    await harness.do(bob, overview.patch_channel_me, requests.PatchChannelMe(channel_id=general, muted=True))
    await harness.kick(alice, first, bob)
    await harness.kick(alice, second, carol)
    third = await harness.community(alice, bob)
    await harness.listen()
    assert [each["name"] for each in await b.expect("channel-changed")] == ["other"]
    assert [each["muted"] for each in await b.expect("channel-me")] == [True]
    assert [each["community"]["id"] for each in await b.expect("community-added")] == [third]
    assert [each["communityId"] for each in await b.expect("community-removed")] == [first]
    assert [each["communityId"] for each in await c.expect("community-removed")] == [second]
    await b.expect("resync")
    assert c.events("channel-changed") == c.events("channel-me") == c.events("community-added") == []
    assert c.events("resync") == []


async def test_who_is_connected_to_one_gateway_is_present_at_the_other(harness: LinkHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice, bob)
    a = await harness.client_at(0, alice, lab)
    b = await harness.client_at(1, bob, lab)
    await a.until(lambda: {bob.id: "online"} in [each["changes"] for each in a.events("presence")])
    again = await harness.client_at(1, bob, lab)
    assert (await again.ask(lab, "join", {}))["presence"] == {alice.id: "online", bob.id: "online"}
    await b.sio.disconnect()
    await again.sio.disconnect()
    await a.until(lambda: {bob.id: "offline"} in [each["changes"] for each in a.events("presence")])


async def test_after_a_restart_of_the_api_nobody_seems_to_have_gone(harness: LinkHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice, bob)
    a = await harness.client_at(0, alice, lab)
    await harness.client_at(1, bob, lab)
    await a.until(lambda: {bob.id: "online"} in [each["changes"] for each in a.events("presence")])
    await harness.close_api()
    await harness.open_api()
    await harness.listen()
    assert (await a.say(await harness.general(lab), "after"))["written"] is True
    assert (await a.ask(lab, "join", {}))["presence"] == {alice.id: "online", bob.id: "online"}
    assert not [each for each in a.events("presence") if "offline" in each["changes"].values()]


async def test_typing_is_heard_at_the_other_gateway_and_not_by_oneself(harness: LinkHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    a, b = await harness.client_at(0, alice, lab), await harness.client_at(1, bob, lab)
    also = await harness.client_at(1, alice, lab)
    assert (await a.ask(lab, "typing", {"channelId": general}))["ok"] is True
    assert await b.expect("typing") == [{"channelId": general, "userId": alice.id}]
    assert (await also.ask(lab, "join", {}))["ok"] is True
    assert a.events("typing") == also.events("typing") == []


async def test_a_session_that_ends_is_over_at_every_gateway(harness: LinkHarness) -> None:
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    a, b = await harness.client_at(0, alice, lab), await harness.client_at(1, alice, lab)
    await harness.do(alice, sessions.sign_out, requests.Empty())
    assert await a.expect("session-ended")
    assert await b.expect("session-ended")
