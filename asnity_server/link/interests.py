"""Interests: which gateways are told of which communities."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from .frames import COMMUNITIES, Malformed
from .gateway_link import GatewayLink


class Interests:
    """Indexes links by the communities that they want to be told of."""

    def __init__(self) -> None:
        self._links: dict[str, dict[GatewayLink, None]] = {}

    def of(self, community_id: str) -> Collection[GatewayLink]:
        """Return the links that are told of a community."""
        return self._links.get(community_id, {}).keys()

    def items(self) -> Iterator[tuple[str, Collection[GatewayLink]]]:
        """Yield every community, and the links that are told of it."""
        for community_id, links in self._links.items():
            yield community_id, links.keys()

    def begin(self, link: GatewayLink, community_id: str) -> bool:
        """Tell a gateway of a community from here on, before anything else is queued; returns whether that is new.

        Of one that is being mended, it is told once it knows what still holds there.
        """
        if community_id not in link.interest and community_id not in link.mending:
            if len(link.interest) >= COMMUNITIES:
                raise Malformed("it wants to be told of too many communities")
            link.interest.add(community_id)
            self._links.setdefault(community_id, {})[link] = None
            return True
        return False

    def _remove(self, link: GatewayLink, community_id: str) -> None:
        links = self._links.get(community_id)
        if links is not None:
            links.pop(link, None)
            if not links:
                del self._links[community_id]

    def end(self, link: GatewayLink, community_id: str) -> None:
        """Tell a gateway of a community no longer."""
        link.interest.discard(community_id)
        self._remove(link, community_id)

    def end_all(self, link: GatewayLink) -> None:
        """Tell a gateway of nothing any more."""
        for community_id in link.interest:
            self._remove(link, community_id)
        link.interest.clear()
