"""Being told outside of the program, being away, and wanting to be left alone."""

from __future__ import annotations

import pytest
from textual import events

from .app_harness import AppHarness, populated_harness, run_app


@pytest.fixture
def harness() -> AppHarness:
    """Two communities; in one of them mina has read everything."""
    return populated_harness()


@pytest.mark.slow
async def test_only_what_is_wanted_is_told_and_only_while_nobody_looks(
    harness: AppHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = harness.server
    async with run_app(harness) as running:
        await running.shows("hello 5")
        told: list[str] = []
        monkeypatch.setattr(running.chat.notifications, "_alert", told.append)
        store, choices = running.session.store, running.session.preferences

        async def say(text: str) -> None:
            """Somebody says something in the other community, a while later."""
            server.clock.advance(seconds=10)
            id = server.post(harness.source, harness.bob, text)
            channel = store.channel(harness.source)
            await running.until(lambda: channel is not None and channel.counters.last_id == id)
            await running.pilot.pause()

        await say("@mina are you there?")
        assert told == [], "the terminal has the focus"
        running.app.post_message(events.AppBlur())
        await running.pilot.pause()
        await say("@mina hello?")
        assert told == ["You were mentioned in #general (Open Source)"]
        await say("not for mina")
        assert len(told) == 1
        choices.set_level(harness.source, "all")
        await say("for everybody")
        assert told[1:] == ["New in #general (Open Source)"]
        choices.set_level(harness.source, "nothing")
        await say("@mina hush")
        choices.set_level(harness.source, "all")
        running.chat.action_command("me.do-not-disturb")
        await running.shows("do not disturb")
        await say("@mina hush")
        assert len(told) == 2
        await running.pilot.press("alt+z")
        await running.until(lambda: "do not disturb" not in running.text())
        running.app.post_message(events.AppBlur())
        await running.pilot.pause()
        # and of many at once, one
        for _ in range(5):
            server.post(harness.source, harness.bob, "@mina many")
        await running.until(lambda: len(told) == 3)


async def test_who_touches_nothing_is_away_until_the_next_key(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        store = running.session.store
        harness.server.clock.advance(minutes=11)
        running.chat.tick()
        await running.until(lambda: store.communities[harness.lab].presence.get(harness.mina.id) == "away")
        assert running.chat.activity.looks_away, "this terminal never told of its focus"
        await running.pilot.press("x")
        await running.until(lambda: store.communities[harness.lab].presence.get(harness.mina.id) == "online")
        assert not running.chat.activity.looks_away
