"""Notices around a channel, on a real terminal and a real server."""

from __future__ import annotations

from pathlib import Path

import pytest

from .terminal_harness import terminal_harness


@pytest.mark.slow
def test_who_reads_who_does_not_and_what_became_of_me(tmp_path: Path) -> None:
    with terminal_harness(tmp_path) as place:
        for name in ("alice", "bob", "carol"):
            place.person(name)
        garden = place.community("Garden", "alice", "bob", "carol")
        secret = place.channel(garden, "secret", "alice", private=True)
        bob = str(place.call("GET", "/api/me", "bob")["id"])
        place.call("PATCH", "/api/me", "alice", statusText="on holiday")
        with place.client("bob", width=120) as screen:
            screen.shows("3 members · 1 online", "alice  on holiday")
            place.call("PUT", f"/api/channels/{secret}/members/{bob}", "alice")
            screen.shows("▪ secret")
            screen.type("/goto #secret \r")
            screen.shows("Message ▪secret", "2 members · 1 online")
            screen.type("hello @carol x")
            screen.shows("@carol isn't in #secret: won't see this")
            screen.resize(60, 20)
            screen.shows("@carol isn't in #secret: won't see this")
            screen.resize(120, 30)
            member = f"/api/communities/{garden}/members/{bob}"
            place.call("PATCH", member, "alice", mutedFor=600)
            screen.shows("You are muted until")
            screen.type("\r")
            place.call("PATCH", member, "alice", mutedFor=0)
            screen.hides("You are muted until")
            screen.shows("hello @carol x")
            place.channel(garden, "release", "alice")
            screen.shows("New channel #release: /join #release", "1 new")
            place.call("DELETE", f"{member}?reason=enough", "alice")
            screen.shows("You were removed from Garden: enough")
            screen.hides("2 members")
