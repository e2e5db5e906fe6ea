"""The permission table, cell by cell, through the server."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from asnity_server.api import members
from asnity_server.api.membership import enter_channel, enter_community
from asnity_server.db.transaction import WriteTx
from asnity_server.protocol import requests, routes
from asnity_server.protocol.models import Channel, Community, Kind, Message
from asnity_server.protocol.routes import Route
from tests.api.harness import Person
from tests.http.harness import HttpHarness, open_server
from tests.permission_table import Row, channel_rows, community_rows

STATUS = {"Y": (200, 201, 204), "F": (403,), "N": (404,)}

SOCKET_ONLY = {"enter-room"}
"""What is asked of the socket alone; its own tests are held against the same table."""


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[HttpHarness]:
    """Cells are many, so that one server serves several of them."""
    server = await open_server(tmp_path / "asnity.db", registration="open")
    yield server
    await server.close()
    await server.harness.close()


class Scenario:
    """One community with the person whom a row is about, somebody else in the channel, and a plain member."""

    numbers = itertools.count()

    def __init__(self, server: HttpHarness) -> None:
        self.server = server
        self.harness = server.harness

    async def people(self) -> list[Person]:
        """New ones, so that nothing is left of the row before."""
        return await self.harness.people(*(f"person{next(self.numbers)}" for _ in range(3)))

    async def set_up(self, row: Row) -> None:
        """Build what the row speaks of."""
        self.actor, self.other, self.target = await self.people()
        self.community: Community = await self.harness.community(self.other, self.target)
        if row.role is not None:
            await self.harness.enter(self.community.id, self.actor)
            await self.harness.role(self.community.id, self.actor, row.role)
        if row.kind is not None:
            self.channel = await self._channel(row.kind)
            if row.inside:
                await self.harness.database.write(lambda tx: enter_channel(tx, self.channel.id, self.actor.id))
            author = self.actor if row.own else self.other
            self.message = await self._message(row, author)
        if row.action == "ban-former":
            leave = requests.RemoveMember(community_id=self.community.id, user_id="me")
            await self.harness.do(self.target, members.remove_member, leave)
        if row.action == "lift-ban":
            request = requests.RemoveMember(community_id=self.community.id, user_id=self.target.id, ban=True)
            await self.harness.do(self.other, members.remove_member, request)

    async def _channel(self, kind: Kind) -> Channel:
        channel = await self.harness.channel(self.other, self.community, "plans", self.target, kind="private")

        def become(tx: WriteTx) -> None:
            name = None if kind == "direct" else "plans"
            tx.run("UPDATE channels SET kind = ?, name_key = ? WHERE id = ?", (kind, name, channel.id))
            if kind == "direct":
                tx.run("INSERT INTO directs VALUES (?, 'nobody in particular', ?)", (self.community.id, channel.id))

        await self.harness.database.write(become)
        return channel

    async def _message(self, row: Row, author: Person) -> Message:
        """Something that the author wrote, back when they were in."""

        def borrow(tx: WriteTx) -> None:
            enter_community(tx, self.community.id, author.id)
            enter_channel(tx, self.channel.id, author.id)

        def give_back(tx: WriteTx) -> None:
            if row.role is None:
                tx.run("DELETE FROM memberships WHERE user_id = ?", (author.id,))
            if not row.inside:
                tx.run("DELETE FROM channel_members WHERE user_id = ?", (author.id,))

        await self.harness.database.write(borrow)
        message = await self.harness.post(author, self.channel.id, "words")
        if author is self.actor:
            await self.harness.database.write(give_back)
        return message

    def asked(self, row: Row) -> tuple[Route[Any, Any], Any]:
        """The route and the request that a row's action is."""
        where = {"community_id": self.community.id}
        if row.kind is None:
            return self._in_community(row, where)
        here = {"channel_id": self.channel.id}
        about = {**here, "chat_id": self.message.id}
        table: dict[str, tuple[Route[Any, Any], Any]] = {
            "see-channel": (routes.CHANNEL, requests.OfChannel(**here)),
            "read-history": (routes.HISTORY, requests.History(**here)),
            "move-read-marker": (routes.READ_MARKER, requests.MoveReadMarker(**here, read_id=1)),
            "join-channel": (routes.ADD_CHANNEL_MEMBER, requests.OfChannelMember(**here, user_id="me")),
            "leave-channel": (routes.REMOVE_CHANNEL_MEMBER, requests.OfChannelMember(**here, user_id="me")),
            "invite-to-channel": (
                routes.ADD_CHANNEL_MEMBER,
                requests.OfChannelMember(**here, user_id=self.target.id),
            ),
            "remove-from-channel": (
                routes.REMOVE_CHANNEL_MEMBER,
                requests.OfChannelMember(**here, user_id=self.target.id),
            ),
            "change-channel": (routes.PATCH_CHANNEL, requests.PatchChannel(**here, topic="new")),
            "archive-channel": (routes.PATCH_CHANNEL, requests.PatchChannel(**here, archived=True)),
            "delete-channel": (routes.DELETE_CHANNEL, requests.OfChannel(**here)),
            "post": (routes.POST_MESSAGE, requests.PostMessage(**here, content="words")),
            "mention-all": (routes.POST_MESSAGE, requests.PostMessage(**here, content="@channel words")),
            "edit-message": (routes.EDIT_MESSAGE, requests.EditMessage(**about, content="other words")),
            "delete-message": (routes.DELETE_MESSAGE, requests.DeleteMessage(**about)),
            "react": (routes.ADD_REACTION, requests.OfReaction(**about, emoji="👍")),
            "pin-message": (routes.PIN, requests.OfMessage(**about)),
            "mute-channel": (routes.PATCH_CHANNEL_ME, requests.PatchChannelMe(**here, muted=True)),
            "close-direct": (routes.PATCH_CHANNEL_ME, requests.PatchChannelMe(**here, closed=True)),
        }
        return table[row.action]

    def _in_community(self, row: Row, where: dict[str, str]) -> tuple[Route[Any, Any], Any]:
        table: dict[str, tuple[Route[Any, Any], Any]] = {
            "see-community": (routes.COMMUNITY, requests.OfCommunity(**where)),
            "create-channel": (routes.CREATE_CHANNEL, requests.CreateChannel(**where, name="new", kind="public")),
            "open-direct": (routes.OPEN_DIRECT, requests.OpenDirect(**where, user_ids=(self.target.id,))),
            "leave-community": (routes.REMOVE_MEMBER, requests.RemoveMember(**where, user_id="me")),
            "invite-to-community": (routes.CREATE_INVITE, requests.CreateInvite(**where)),
            "withdraw-invite": (routes.DELETE_INVITE, requests.OfCommunityInvite(**where, code=self.code)),
            "kick-member": (routes.REMOVE_MEMBER, requests.RemoveMember(**where, user_id=self.target.id)),
            "ban-member": (routes.REMOVE_MEMBER, requests.RemoveMember(**where, user_id=self.target.id, ban=True)),
            "ban-former": (routes.REMOVE_MEMBER, requests.RemoveMember(**where, user_id=self.target.id, ban=True)),
            "mute-member": (routes.PATCH_MEMBER, requests.PatchMember(**where, user_id=self.target.id, muted_for=60)),
            "change-role": (routes.PATCH_MEMBER, requests.PatchMember(**where, user_id=self.target.id, role="admin")),
            "see-bans": (routes.BANS, requests.OfCommunityPage(**where)),
            "lift-ban": (routes.LIFT_BAN, requests.OfMember(**where, user_id=self.target.id)),
            "see-audit": (routes.AUDIT, requests.OfCommunityPage(**where)),
            "change-community": (routes.PATCH_COMMUNITY, requests.PatchCommunity(**where, name="New")),
            "delete-community": (routes.DELETE_COMMUNITY, requests.OfCommunity(**where)),
        }
        return table[row.action]

    async def invite(self, row: Row) -> None:
        """The invite that some rows are about."""
        maker = self.actor if row.own else self.other

        def work(tx: WriteTx) -> None:
            tx.run(
                "INSERT INTO invites (code, community_id, creator_id, created_at) VALUES (?, ?, ?, 0)",
                (self.code, self.community.id, maker.id),
            )

        self.code = f"code-{next(self.numbers)}"
        await self.harness.database.write(work)


ROWS = [
    row
    for row in (*channel_rows(), *community_rows())
    if row.action not in SOCKET_ONLY
    # whoever is in a channel joins it once more without harm
    and not (row.action == "join-channel" and row.inside)
    and row.action != "see-invites"
]


@pytest.mark.parametrize("action", sorted({row.action for row in ROWS}))
@pytest.mark.slow
async def test_every_cell(server: HttpHarness, action: str) -> None:
    wrong = []
    for row in ROWS:
        if row.action != action:
            continue
        scenario = Scenario(server)
        await scenario.set_up(row)
        await scenario.invite(row)
        route, request = scenario.asked(row)
        answer = await server.ask(scenario.actor, route, request)
        if answer.status not in STATUS[row.verdict]:
            wrong.append((str(row), answer.status, answer.body))
    assert wrong == []


async def test_all_invites_are_seen_by_admins_and_ones_own_by_everyone(server: HttpHarness) -> None:
    for row in community_rows():
        if row.action != "see-invites":
            continue
        scenario = Scenario(server)
        await scenario.set_up(row)
        await scenario.invite(row)
        answer = await server.ask(
            scenario.actor, routes.INVITES, requests.OfCommunityPage(community_id=scenario.community.id)
        )
        if row.verdict == "N":
            assert answer.status == 404
        else:
            assert len(answer.json["invites"]) == (1 if row.verdict == "Y" else 0)


BODIES: dict[str, dict[str, object]] = {
    "/api/me/password": {"current": "tangerine", "new": "clementine"},
    "/api/communities": {"name": "Lab"},
    "/api/communities/{communityId}/channels": {"name": "plans", "kind": "public"},
    "/api/channels/{channelId}/messages": {"content": "words"},
    "/api/channels/{channelId}/messages/{chatId}": {"content": "words"},
    "/api/channels/{channelId}/read-marker": {"readId": 1},
    "/api/communities/{communityId}/direct": {"userIds": ["x"]},
}
QUERIES = {
    "/api/communities/{communityId}/users": "?ids=x",
    "/api/channels/{channelId}/changes": "?since=0",
    "/api/search": "?q=x",
}


async def test_nothing_without_a_session(server: HttpHarness) -> None:
    for route in routes.ROUTES:
        if route.open:
            continue
        path = route.path.replace("{chatId}", "1").replace("{", "").replace("}", "")
        if route.method == "GET":
            path += QUERIES.get(route.path, "")
        body = {} if route.method in ("GET", "DELETE") else {"json": BODIES.get(route.path, {})}
        for authorization in (None, "", "Bearer", "Bearer ", "Bearer asnity_nonsense", "Basic YTpi", "Bearer \u00e9"):
            headers = {} if authorization is None else {"Authorization": authorization}
            answer = await server.send(route.method, path, headers=headers, **body)
            assert (route.path, answer.status, answer.error["code"]) == (route.path, 401, "unauthorized")
            assert answer.headers["WWW-Authenticate"] == "Bearer"
