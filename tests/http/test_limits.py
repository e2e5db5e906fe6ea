"""Limits over HTTP say how long to wait, and count a person's sockets too."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from asnity_server.protocol import requests, routes
from asnity_server.protocol.errors import RateLimited
from asnity_server.rate_limits import Rate, Rates
from tests.api.harness import Person
from tests.http.harness import HttpHarness, open_server

THREE = Rate.parse("3+1/min")


async def _ask(server: HttpHarness, what: str, number: int, **ids: Any) -> None:
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
    await server.call(alice, *table[what])


@pytest.mark.parametrize("what", ["post", "edit", "delete", "react", "take back", "invite", "put"])
async def test_each_limited_route(tmp_path: Path, what: str) -> None:
    server = await open_server(tmp_path / "a.db", rates=Rates(messages=THREE, reactions=THREE, invites=THREE))
    alice, bob = await server.harness.people("alice", "bob")
    lab = await server.harness.community(alice, bob)
    general = await server.harness.general(lab)
    await server.harness.post(alice, general, "words")
    ids = {"alice": alice, "lab": lab.id, "general": general}
    for number in range(3):
        await _ask(server, what, number, **ids)
    with pytest.raises(RateLimited) as refused:
        await _ask(server, what, 3, **ids)
    assert refused.value.info.retry_after == 60
    if what not in ("edit", "delete"):  # another person is not held back
        await _ask(server, what, 4, **{**ids, "alice": bob})
    server.harness.clock.forward(60_000)
    await _ask(server, what, 5, **ids)
    await server.close()
    await server.harness.close()


TWICE = Rate.parse("2+1/h")
GIVEN: dict[str, object] = {
    **dict.fromkeys(("communityId", "userId", "sessionId"), "aaaaaaaaaaaa"),
    **dict.fromkeys(("username", "name"), "somebody"),
    **dict.fromkeys(("password", "current", "new"), "correct horse battery"),
    "channelId": "aaaaaaaaaaaa-bbbbbbbb",
    "chatId": 1,
    "readId": 1,
    "code": "aaaaaaaaaaaaaaaa",
    "content": "words",
    "emoji": "👍",
    "kind": "public",
    "userIds": ["aaaaaaaaaaaa"],
}
"""Something for every field that is required anywhere."""


async def test_every_route_that_changes_something_has_a_rate(tmp_path: Path) -> None:
    rates = Rates(**{each.name: TWICE for each in fields(Rates)})
    server = await open_server(tmp_path / "a.db", registration="open", rates=rates)
    found = {}
    for number, route in enumerate(each for each in routes.ROUTES if each.method != "GET"):
        somebody = None if route.open else await server.harness.person(f"person{number}")
        found[f"{route.method} {route.path}"] = [await _answered(server, route, somebody) for _ in range(4)]
    signed_out = found.pop("POST /api/auth/sign-out")
    unlimited = {
        each: codes for each, codes in found.items() if [code == 429 for code in codes] != [False] * 2 + [True] * 2
    }
    assert unlimited == {}
    assert signed_out == [204, 401, 401, 401]  # a session can't be over more than once
    await server.close()
    await server.harness.close()


async def _answered(server: HttpHarness, route: routes.Route[Any, Any], person: Person | None) -> int:
    """The status of a request with something in every field that it must have."""
    given = {
        each.encode_name: GIVEN[each.encode_name] for each in msgspec.structs.fields(route.request) if each.required
    }
    path = re.sub(r"\{(\w+)\}", lambda name: quote(str(given.pop(name.group(1))), safe=""), route.path)
    body = {} if route.method == "DELETE" else {"json": given}
    answer = await server.send(route.method, path, person, **body)
    assert answer.status < 500
    assert answer.status != 400 or route is routes.PATCH_MEMBER, (path, answer.body)
    return answer.status


async def test_who_floods_a_route_cannot_keep_the_owner_of_the_account_from_ending_that_session(tmp_path: Path) -> None:
    server = await open_server(tmp_path / "a.db", rates=Rates(changes=TWICE))
    alice = await server.harness.person("alice")
    thief = await server.harness.device(alice)
    for _ in range(3):
        await server.send("PATCH", "/api/me", thief, json={})
        await server.send("DELETE", "/api/auth/sessions/aaaaaaaaaaaa", thief)
    assert (await server.send("PATCH", "/api/me", alice, json={})).status == 429
    assert (await server.send("DELETE", "/api/auth/sessions", alice)).status == 204
    assert (await server.send("GET", "/api/me", thief)).status == 401
    await server.close()
    await server.harness.close()


async def test_both_doors_count_together(tmp_path: Path) -> None:
    server = await open_server(tmp_path / "a.db", rates=Rates(messages=THREE))
    alice = await server.harness.person("alice")
    lab = await server.harness.community(alice)
    for _ in range(3):
        server.harness.api.rates.messages.take(alice.id)  # what the gateway does
    request = requests.PostMessage(channel_id=await server.harness.general(lab), content="too much")
    with pytest.raises(RateLimited):
        await server.call(alice, routes.POST_MESSAGE, request)
    await server.close()
    await server.harness.close()
