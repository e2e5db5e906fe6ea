"""Reactions, pins, direct channels and mutes are told to those whom they concern and nobody else."""

from __future__ import annotations

import pytest

from asnity_server.api import direct_channels, overview, pins, reactions
from asnity_server.protocol import requests
from tests.gateway.harness import GatewayHarness


async def test_a_reaction_is_answered_to_the_one_and_told_to_the_others(harness: GatewayHarness) -> None:
    alice, bob, carol = [await harness.person(name) for name in ("alice", "bob", "carol")]
    lab = await harness.community(alice, bob, carol)
    plans = await harness.channel(alice, lab, "plans", bob)
    hers, his, outside = [await harness.client(each, lab) for each in (alice, bob, carol)]
    await hers.say(plans, "done")
    answer = await his.ask(lab, "react", {"channelId": plans, "chatId": 1, "emoji": "👍", "on": True})
    assert answer["ok"] is True
    told = {"channelId": plans, "chatId": 1, "rev": 2, "reactions": {"👍": {"count": 1, "users": [bob.id]}}}
    assert answer["chatInfo"]["reactions"] == told["reactions"]
    assert await hers.expect("reaction-chat") == [told]
    again = await his.ask(lab, "react", {"channelId": plans, "chatId": 1, "emoji": "👍", "on": True})
    assert again == answer
    over_http = requests.OfReaction(channel_id=plans, chat_id=1, emoji="👍")
    await harness.do(bob, reactions.remove, over_http)
    assert (await hers.expect("reaction-chat", 2))[1]["reactions"] == {}
    assert len(await his.expect("reaction-chat")) == 1  # what was asked over HTTP is told to the own sockets too
    assert outside.events("reaction-chat") == []


@pytest.mark.parametrize("emoji", ["", "a", "👍👍", "\x1b[31m", "x" * 33])
async def test_what_is_no_emoji_is_refused(harness: GatewayHarness, emoji: str) -> None:
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    general = await harness.general(lab)
    hers = await harness.client(alice, lab)
    await hers.say(general, "done")
    answer = await hers.ask(lab, "react", {"channelId": general, "chatId": 1, "emoji": emoji, "on": True})
    assert (answer["ok"], answer["error"]["code"], answer["error"]["field"]) == (False, "invalid", "emoji")


async def test_a_pin_comes_as_an_edit(harness: GatewayHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    his = await harness.client(bob, lab)
    written = (await his.say(general, "worth keeping"))["chatInfo"]
    await harness.do(alice, pins.pin, requests.OfMessage(channel_id=general, chat_id=1))
    assert await his.expect("modify-chat") == [{**written, "pinned": True, "rev": 2}]


async def test_a_direct_channel_is_entered_by_all_its_people_and_by_nobody_else(harness: GatewayHarness) -> None:
    alice, bob, carol = [await harness.person(name) for name in ("alice", "bob", "carol")]
    lab = await harness.community(alice, bob, carol)
    hers, his, outside = [await harness.client(each, lab) for each in (alice, bob, carol)]
    made = await harness.do(
        alice, direct_channels.open_direct, requests.OpenDirect(community_id=lab, user_ids=(bob.id,))
    )
    await hers.expect("invited-to-channel")
    assert his.events("invited-to-channel") == []
    await hers.say(made.id, "between us")
    for client in (hers, his):
        (told,) = await client.expect("invited-to-channel")
        assert told["channel"]["id"] == made.id
        assert set(told["channel"]["members"]) == set(told["users"]) == {alice.id, bob.id}
    assert [each["content"] for each in await his.expect("new-chat")] == ["between us"]
    await harness.kick(alice, lab, bob)
    await outside.expect("member-changed")
    await hers.say(made.id, "are you still there?")
    await harness.do(alice, reactions.add, requests.OfReaction(channel_id=made.id, chat_id=1, emoji="👋"))
    await hers.expect("reaction-chat")
    assert len(his.events("new-chat")) == 1
    assert his.events("reaction-chat") == []
    assert [each for each in outside.told if made.id in str(each.data)] == []


async def test_muting_is_told_to_my_own_devices_alone(harness: GatewayHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    desk, phone = await harness.client(bob, lab), await harness.client(await harness.session(bob), lab)
    hers = await harness.client(alice, lab)
    await harness.do(bob, overview.patch_channel_me, requests.PatchChannelMe(channel_id=general, muted=True))
    for client in (desk, phone):
        assert await client.expect("channel-me") == [{"channelId": general, "muted": True}]
    assert hers.events("channel-me") == []
