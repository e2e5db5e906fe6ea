"""One community for one cell of the matrix: the person whom it is about, and everything that they may ask for."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from asnity_server.api import channels, communities, members, membership, messages, moderation
from asnity_server.api.access import Caller
from asnity_server.api.accounts import sessions, users
from asnity_server.api.accounts.passwords import Passwords
from asnity_server.api.invites import InviteLinks
from asnity_server.db.transaction import ReadTx, WriteTx
from asnity_server.protocol import requests
from asnity_server.protocol.models import Role
from tests.topology.deployment import CHEAP, Deployment

from .table import Column

INSIDE: tuple[Column, ...] = ("member", "removed", "banned", "muted", "admin", "owner")
"""Who is, or once was, in the private channel."""


@dataclass(frozen=True)
class Scenario:
    """Ids of what there is, and the token of who asks."""

    actor: str
    """Their username."""
    actor_id: str
    token: str | None
    session_id: str
    """A session of theirs (of somebody else's, for a stranger)."""
    other_session_id: str
    community_id: str
    channel_id: str
    own_id: int
    """A message that the actor wrote, if they ever could."""
    other_id: int
    """One that the owner's friend wrote."""
    code: str
    own_code: str
    target_id: str
    """A plain member who is in the channel."""
    guest_id: str
    """A plain member who isn't."""
    top_id: str
    """An admin."""
    outcast_id: str
    """Somebody who is banned."""


class ScenarioBuilder:
    """A whole server, on which scenes are set up."""

    def __init__(self, server: Deployment) -> None:
        self.server = server
        passwords = Passwords(CHEAP)
        self._hash = passwords.hash_here("tangerine")
        passwords.close()
        self._numbers = itertools.count()

    async def set_up(self, column: Column) -> Scenario:
        """A new scenario, in one transaction."""
        return await self.server.write(lambda tx: self._build(tx, column))

    def _person(self, tx: WriteTx, name: str) -> tuple[Caller, str]:
        user_id = users.make_account(tx, f"{name}-{next(self._numbers)}", name, self._hash)
        token = sessions.new_session(tx, user_id, "test")
        session_id: str = tx.value("SELECT id FROM sessions WHERE user_id = ?", (user_id,))
        return Caller(user_id, session_id), token

    def _build(self, tx: WriteTx, column: Column) -> Scenario:
        (owner, owner_token), (friend, _), (guest, _), (top, _), (outcast, _) = (
            self._person(tx, each) for each in ("owner", "friend", "guest", "top", "outcast")
        )
        actor, token = (owner, owner_token) if column == "owner" else self._person(tx, column)
        lab = communities.create_community(tx, owner, requests.CreateCommunity(name="Lab")).id
        for each in (friend, guest, top, outcast):
            membership.enter_community(tx, lab, each.user_id)
        self._role(tx, owner, lab, top, "admin")
        private = requests.CreateChannel(community_id=lab, name="plans", kind="private")
        plans = channels.create_channel(tx, owner, private).id
        membership.enter_channel(tx, plans, friend.user_id)
        invites = InviteLinks(lambda: self.server.url)
        link = invites.create(tx, owner, requests.CreateInvite(community_id=lab)).code
        other = messages.post(tx, friend, requests.PostMessage(channel_id=plans, content="theirs")).id
        own, own_link = other, link
        if column in (*INSIDE, "outside") and column != "owner":
            membership.enter_community(tx, lab, actor.user_id)
        if column in (*INSIDE, "outside"):
            own_link = invites.create(tx, actor, requests.CreateInvite(community_id=lab)).code
        if column in INSIDE:
            membership.enter_channel(tx, plans, actor.user_id)
            own = messages.post(tx, actor, requests.PostMessage(channel_id=plans, content="mine")).id
        self._become(tx, owner, lab, actor, column)
        members.remove_member(tx, owner, _removal(lab, outcast, ban=True))
        return Scenario(
            actor=tx.value("SELECT username FROM users WHERE id = ?", (actor.user_id,)),
            actor_id=actor.user_id,
            token=None if column == "stranger" else token,
            session_id=actor.session_id,
            other_session_id=friend.session_id,
            community_id=lab,
            channel_id=plans,
            own_id=own,
            other_id=other,
            code=link,
            own_code=own_link,
            target_id=friend.user_id,
            guest_id=guest.user_id,
            top_id=top.user_id,
            outcast_id=outcast.user_id,
        )

    @staticmethod
    def _role(tx: WriteTx, owner: Caller, community_id: str, member: Caller, role: Role) -> None:
        request = requests.PatchMember(community_id=community_id, user_id=member.user_id, role=role)
        moderation.patch_member(tx, owner, request)

    def _become(self, tx: WriteTx, owner: Caller, lab: str, actor: Caller, column: Column) -> None:
        """What makes the actor who they are."""
        if column == "admin":
            self._role(tx, owner, lab, actor, "admin")
        elif column == "muted":
            muted = requests.PatchMember(community_id=lab, user_id=actor.user_id, muted_for=3600)
            moderation.patch_member(tx, owner, muted)
        elif column in ("removed", "banned"):
            members.remove_member(tx, owner, _removal(lab, actor, ban=column == "banned"))
        elif column == "elsewhere":
            communities.create_community(tx, actor, requests.CreateCommunity(name="Elsewhere"))

    async def picture(self) -> dict[str, list[Any]]:
        """Everything that is stored, but what merely asking changes."""

        def look(view: ReadTx) -> dict[str, list[Any]]:
            tables = view.all(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
                " AND name NOT LIKE '%search%' AND name NOT IN ('pulse', 'sessions', 'shards')"
            )
            return {name: view.all(f"SELECT * FROM {name}") for (name,) in tables}

        return await self.server.read(look)


def _removal(community_id: str, member: Caller, *, ban: bool) -> requests.RemoveMember:
    return requests.RemoveMember(community_id=community_id, user_id=member.user_id, ban=ban)
