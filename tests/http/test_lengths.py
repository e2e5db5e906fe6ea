"""Everything that can be said has an end: what is as long as it may be is taken, and one more is refused in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from yarl import URL

from asnity_server.protocol import codec, limits, routes
from asnity_server.protocol.errors import Invalid
from asnity_server.protocol.requests import InviteUsers
from asnity_server.protocol.routes import Route
from tests.api.harness import Person
from tests.http.harness import HttpHarness, HttpResponse


@dataclass
class Scene:
    """Alice and Bob in her community, with one message of hers."""

    server: HttpHarness
    alice: Person
    bob: Person
    lab: str
    general: str

    async def send(self, route: Route[Any, Any], more: dict[str, Any]) -> HttpResponse:
        """One request, with what its path names put in; `more` says the rest."""
        ids = {"communityId": self.lab, "channelId": self.general, "chatId": "1", "userId": self.bob.id, "emoji": ""}
        path = route.path
        for name, value in ids.items():
            path = path.replace(f"{{{name}}}", str(more.pop(name, value)))
        url = URL(path, encoded=True)
        given: dict[str, Any] = {"params" if route.method in ("GET", "DELETE") else "json": more}
        return await self.server.send(route.method, url, self.alice, **given)


@pytest.fixture
async def scene(server: HttpHarness) -> Scene:
    """A place to say too much in."""
    alice, bob = await server.harness.people("alice", "bob")
    lab = await server.harness.community(alice, bob)
    general = await server.harness.general(lab)
    await server.harness.post(alice, general, "hello")
    return Scene(server, alice, bob, lab.id, general)


ids = ",".join
PASSWORD = "correct horse"

FIELDS: dict[str, tuple[Route[Any, Any], int, Callable[[int], dict[str, Any]]]] = {
    "username": (routes.SIGN_UP, limits.USERNAME, lambda n: {"username": "a" * n, "password": PASSWORD}),
    "password": (routes.SIGN_UP, limits.PASSWORD, lambda n: {"username": "carol", "password": "p" * n}),
    "device": (
        routes.SIGN_UP,
        limits.DEVICE,
        lambda n: {"username": "carol", "password": PASSWORD, "device": "d" * n},
    ),
    "displayName": (routes.PATCH_ME, limits.DISPLAY_NAME, lambda n: {"displayName": "귤" * n}),
    "statusText": (routes.PATCH_ME, limits.STATUS_TEXT, lambda n: {"statusText": "s" * n}),
    "name of a community": (routes.CREATE_COMMUNITY, limits.COMMUNITY_NAME, lambda n: {"name": "c" * n}),
    "description": (routes.PATCH_COMMUNITY, limits.DESCRIPTION, lambda n: {"description": "d" * n}),
    "name of a channel": (
        routes.CREATE_CHANNEL,
        limits.CHANNEL_NAME,
        lambda n: {"name": "c" * n, "kind": "public"},
    ),
    "topic": (routes.PATCH_CHANNEL, limits.TOPIC, lambda n: {"topic": "t" * n}),
    "reason": (routes.REMOVE_MEMBER, limits.REASON, lambda n: {"reason": "r" * n}),
    "mutedFor": (routes.PATCH_MEMBER, limits.MUTED_FOR, lambda n: {"mutedFor": n}),
    "expiresIn": (routes.CREATE_INVITE, limits.INVITE_FOR, lambda n: {"expiresIn": n}),
    "nonce": (routes.POST_MESSAGE, limits.NONCE, lambda n: {"content": "x", "nonce": "n" * n}),
    "q": (routes.SEARCH, limits.QUERY, lambda n: {"q": "q" * n}),
    "ids of people": (routes.USERS, limits.IDS, lambda n: {"ids": ids(f"user{number:08}" for number in range(n))}),
    "ids of messages": (routes.HISTORY, limits.IDS, lambda n: {"ids": ids(str(number) for number in range(1, n + 1))}),
    "limit": (routes.HISTORY, limits.PAGE_MAX, lambda n: {"limit": n}),
    "limit of people": (routes.MEMBERS, limits.PAGE_MAX, lambda n: {"limit": n}),
}


@pytest.mark.parametrize("field", FIELDS)
async def test_every_field_has_an_end(scene: Scene, field: str) -> None:
    route, longest, made = FIELDS[field]
    for beyond in (longest + 1, longest * 10):
        answer = await scene.send(route, made(beyond))
        assert (answer.status, answer.error["code"]) in ((400, "invalid"), (413, "too-large")), beyond
    assert (await scene.send(route, made(longest))).status == route.status


async def test_an_emoji_has_an_end(scene: Scene) -> None:
    for beyond in (limits.EMOJI + 1, limits.EMOJI * 20):
        answer = await scene.send(routes.ADD_REACTION, {"emoji": quote("👍" * beyond)})
        assert (answer.status, answer.error["code"]) == (400, "invalid")
    assert (await scene.send(routes.ADD_REACTION, {"emoji": quote("👨‍👩‍👧‍👦")})).status == 200


async def test_no_page_is_longer_than_told(scene: Scene) -> None:
    for number in range(limits.PAGE_MAX + 10):
        await scene.server.harness.post(scene.alice, scene.general, f"{number}")
    page = (await scene.send(routes.HISTORY, {"limit": limits.PAGE_MAX})).json
    assert (len(page["messages"]), page["hasOlder"]) == (limits.PAGE_MAX, True)


def test_people_that_one_brings_along_have_an_end() -> None:
    with pytest.raises(Invalid):
        codec.convert({"channelId": "c", "users": ["u"] * (limits.IDS + 1)}, InviteUsers)
