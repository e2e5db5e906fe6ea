"""The presence book: who is present in a community, by whichever of the gateways they are connected."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from asnity_server.protocol.models import Presence


class PresenceBook:
    """Merges what gateways report: somebody is online where one of them says so, and away where none says more."""

    def __init__(self) -> None:
        self._reports: dict[str, dict[Hashable, dict[str, Presence]]] = {}
        """By community and gateway, those who aren't offline there."""
        self._merged: dict[str, dict[str, Presence]] = {}

    def of(self, community_id: str) -> Mapping[str, Presence]:
        """Return everyone in a community who isn't offline. Not to be changed."""
        return self._merged.get(community_id, {})

    def report(
        self, gateway: Hashable, community_id: str, people: Mapping[str, Presence], *, complete: bool
    ) -> dict[str, Presence]:
        """Take in what a gateway says (`complete`: and nobody else is there); returns what is different for all."""
        reports = self._reports.setdefault(community_id, {})
        known = reports.setdefault(gateway, {})
        touched = set(people) | (set(known) if complete else set())
        if complete:
            known.clear()
        for user_id, presence in people.items():
            if presence == "offline":
                known.pop(user_id, None)
            else:
                known[user_id] = presence
        if not known:
            del reports[gateway]
        changes = self._merge(community_id, touched)
        if not reports:
            del self._reports[community_id]
        return changes

    def lost(self, gateway: Hashable) -> dict[str, dict[str, Presence]]:
        """Forget a gateway; returns what is different in each community."""
        mine = [community_id for community_id, reports in self._reports.items() if gateway in reports]
        found = {community_id: self.report(gateway, community_id, {}, complete=True) for community_id in mine}
        return {community_id: changes for community_id, changes in found.items() if changes}

    def _merge(self, community_id: str, people: set[str]) -> dict[str, Presence]:
        merged = self._merged.setdefault(community_id, {})
        reports = self._reports[community_id].values()
        changes: dict[str, Presence] = {}
        for user_id in people:
            said = {report[user_id] for report in reports if user_id in report}
            now: Presence = "online" if "online" in said else "away" if said else "offline"
            if now != merged.get(user_id, "offline"):
                changes[user_id] = now
                if now == "offline":
                    del merged[user_id]
                else:
                    merged[user_id] = now
        if not merged:
            del self._merged[community_id]
        return changes
