"""The presence relay: tells each gateway who is present at the others."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from asnity_server.protocol.models import Presence

from .frames import Here
from .gateway_link import GatewayLink
from .interests import Interests
from .presence_book import PresenceBook

SETTLING = 10.0
"""Seconds after the start in which gateways come back and report: until then nobody is gone for not being named."""


class PresenceRelay:
    """Keeps the presence book, and sends what changes in it to the gateways that are told of the community."""

    def __init__(self, interests: Interests) -> None:
        self._interests = interests
        self._book = PresenceBook()
        self._settled = False
        self._timer = asyncio.get_running_loop().call_later(SETTLING, self._settle)

    def begin_interest(self, link: GatewayLink, community_id: str | None) -> None:
        """Tell a gateway of a community from here on, and who is there already."""
        if community_id is not None and self._interests.begin(link, community_id):
            people = dict(self._book.of(community_id))
            if people or self._settled:
                link.send(Here(community_id, people, self._settled))

    def report(self, link: GatewayLink, here: Here) -> None:
        """Take in what a gateway reports of those whose sessions it proved."""
        people = {
            user_id: presence
            for user_id, presence in here.people.items()
            if presence == "offline" or link.sessions.has_user(user_id)
        }
        changes = self._book.report(link, here.community_id, people, complete=here.complete)
        self._tell(here.community_id, changes)

    def lost(self, link: GatewayLink) -> None:
        """Forget a gateway that doesn't come back."""
        for community_id, changes in self._book.lost(link).items():
            self._tell(community_id, changes)

    def close(self) -> None:
        """Tell nothing any more."""
        self._timer.cancel()

    def _tell(self, community_id: str, changes: Mapping[str, Presence]) -> None:
        if changes:
            for link in self._interests.of(community_id):
                link.send(Here(community_id, dict(changes), False))

    def _settle(self) -> None:
        """Say who is present, and nobody else: who hasn't been reported by now is gone."""
        self._settled = True
        for community_id, links in self._interests.items():
            for link in links:
                link.send(Here(community_id, dict(self._book.of(community_id)), True))
