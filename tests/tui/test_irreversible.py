"""Commands that can't be undone ask first, in the same words by slash, menu and palette; Escape changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from textual.widgets import Input

from tests.slowly import mostly_slow

from .app_harness import AppHarness, RunningApp, run_app


@dataclass(frozen=True)
class Way:
    """One way to one command."""

    title: str
    by: str
    """A line to write; else "member" or "channel": its menu; else "palette"."""
    asks: str
    warns: str
    person: bool = False
    """The palette asks about whom."""


KICKED = "They leave all channels and need a new invite"
BANNED = "They leave all channels and can't come back"
REMOVED = "They need an invite to return."
GIVEN = "you become an admin."
LEFT = "You need an invite to come back."
CHANNEL = "All its messages are deleted for everyone."
ALL = "All its channels and messages are deleted for everyone."

WAYS = (
    *(Way("kick …", by, "Kick bob?", KICKED, True) for by in ("/kick @bob no manners", "member", "palette")),
    *(Way("ban …", by, "Ban bob?", BANNED, True) for by in ("/ban @bob no manners", "member", "palette")),
    *(Way("remove from this", by, "from ▪secret?", REMOVED, True) for by in ("/remove @bob", "member", "palette")),
    *(Way("transfer", by, "Transfer ownership to bob?", GIVEN, True) for by in ("member", "palette")),
    *(Way("leave this channel", by, "Leave ▪secret?", LEFT) for by in ("/part #secret", "channel", "palette")),
    *(Way("delete this channel", by, "Delete ▪secret permanently?", CHANNEL) for by in ("channel", "palette")),
    Way("leave this channel", "/leave", "Leave ▪secret?", LEFT),
    Way("leave this community", "palette", "Leave Mandarin Lab?", "You need a new invite to come back."),
    Way("delete this community", "palette", "Delete Mandarin Lab permanently?", ALL),
    Way("sign out", "palette", "Sign out?", "removes the account's data"),
    Way("sign out", "/logout", "Sign out?", "removes the account's data"),
)


@pytest.fixture
def harness() -> AppHarness:
    """Mina owns a community and is in a private channel with bob."""
    harness = AppHarness()
    server = harness.server
    harness.lab = server.community("Mandarin Lab", harness.mina, harness.alice, harness.bob)
    harness.general = server.general(harness.lab)
    harness.random = server.channel(harness.lab, "secret", harness.mina, harness.bob, private=True)
    server.post(harness.random, harness.bob, "hello 5")
    return harness


async def says(running: RunningApp, words: str) -> None:
    """Put words into the field that has the focus, and press Enter."""
    field = running.app.focused
    assert isinstance(field, Input)
    field.value = words
    await running.pilot.press("enter")


async def go(running: RunningApp, way: Way) -> None:
    """Go a way up to its question."""
    if way.by.startswith("/"):
        running.conversation.composer.put(way.by)
        running.conversation.completions.autocomplete.close()
        await running.pilot.press("enter")
    elif way.by == "channel":
        await running.pilot.press("alt+m")
        await running.shows("Only mentions are shown in the list")
        await says(running, way.title)
    elif way.by == "member":
        await running.pilot.press("ctrl+p")
        await running.shows("Commands")
        await says(running, "members of this channel")
        await running.shows("Members of ▪secret")
        await says(running, "bob")
        await running.shows("Direct message")
        await says(running, way.title)
    else:
        await running.pilot.press("ctrl+p")
        await running.shows("Commands")
        await says(running, way.title)
        if way.person:
            await running.until(lambda: "whom" in running.text())
            await says(running, "bob")


@pytest.mark.parametrize("way", mostly_slow(WAYS, WAYS[0], WAYS[1]), ids=lambda way: f"{way.title} by {way.by}")
async def test_it_asks_and_warns_before_it_is_done(harness: AppHarness, way: Way) -> None:
    world = harness.server.world
    async with run_app(harness) as running:
        await running.shows("Mandarin Lab")
        running.chat.navigation.go_to(harness.random)
        await running.shows("hello 5")
        before = {id: each.role for id, each in world.communities[harness.lab].members.items()}
        inside = set(world.channels[harness.random].seats)
        await go(running, way)
        await running.shows(way.asks)
        await running.shows(way.warns.split(".")[0])
        if "no manners" in way.by:
            await running.shows("no manners")
        await running.pilot.press("escape")
        await running.until(lambda: running.app.screen is running.chat)
        assert {id: each.role for id, each in world.communities[harness.lab].members.items()} == before
        assert set(world.channels[harness.random].seats) == inside
        assert running.session.connection.status == "online"
