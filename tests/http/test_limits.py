"""Who is too fast over HTTP is told how long to wait, and counted together with their sockets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from asnity_server.api.ratelimit import Rate, Rates
from asnity_server.protocol import requests, routes
from asnity_server.protocol.errors import RateLimited

from .door import Door, open_door

THREE = Rate.parse("3+1/min")


async def _ask(door: Door, what: str, number: int, **ids: Any) -> None:
    alice, lab, general = ids["alice"], ids["lab"], ids["general"]
    table: dict[str, tuple[Any, Any]] = {
        "post": (routes.POST_MESSAGE, requests.PostMessage(channel_id=general, content=f"{number}")),
        "edit": (routes.EDIT_MESSAGE, requests.EditMessage(channel_id=general, chat_id=1, content=f"{number}")),
        "delete": (routes.DELETE_MESSAGE, requests.DeleteMessage(channel_id=general, chat_id=1)),
        "react": (routes.ADD_REACTION, requests.OfReaction(channel_id=general, chat_id=1, emoji="👍")),
        "take back": (routes.REMOVE_REACTION, requests.OfReaction(channel_id=general, chat_id=1, emoji="👍")),
        "invite": (routes.CREATE_INVITE, requests.CreateInvite(community_id=lab)),
        "put": (routes.ADD_CHANNEL_MEMBER, requests.OfChannelMember(channel_id=general, user_id=alice.id)),
    }
    await door.call(alice, *table[what])


@pytest.mark.parametrize("what", ["post", "edit", "delete", "react", "take back", "invite", "put"])
async def test_each_limited_route(tmp_path: Path, what: str) -> None:
    door = await open_door(tmp_path / "a.db", rates=Rates(messages=THREE, reactions=THREE, invites=THREE))
    alice, bob = await door.house.people("alice", "bob")
    lab = await door.house.community(alice, bob)
    general = await door.house.general(lab)
    await door.house.post(alice, general, "words")
    ids = {"alice": alice, "lab": lab.id, "general": general}
    for number in range(3):
        await _ask(door, what, number, **ids)
    with pytest.raises(RateLimited) as refused:
        await _ask(door, what, 3, **ids)
    assert refused.value.info.retry_after == 60
    if what not in ("edit", "delete"):  # another person is not held back
        await _ask(door, what, 4, **{**ids, "alice": bob})
    door.house.clock.forward(60_000)
    await _ask(door, what, 5, **ids)
    await door.close()
    await door.house.close()


async def test_both_doors_count_together(tmp_path: Path) -> None:
    door = await open_door(tmp_path / "a.db", rates=Rates(messages=THREE))
    alice = await door.house.person("alice")
    lab = await door.house.community(alice)
    for _ in range(3):
        door.house.api.rates.messages.take(alice.id)  # what the gateway does
    request = requests.PostMessage(channel_id=await door.house.general(lab), content="too much")
    with pytest.raises(RateLimited):
        await door.call(alice, routes.POST_MESSAGE, request)
    await door.close()
    await door.house.close()
