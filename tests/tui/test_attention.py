"""Being told outside of the program, being away, and wanting to be left alone."""

from __future__ import annotations

import pytest
from textual import events

from .stage import Stage, play, settled_stage


@pytest.fixture
def stage() -> Stage:
    """Two communities; in one of them mina has read everything."""
    return settled_stage()


@pytest.mark.slow
async def test_only_what_is_wanted_is_told_and_only_while_nobody_looks(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = stage.server
    async with play(stage) as running:
        await running.shows("hello 5")
        told: list[str] = []
        monkeypatch.setattr(running.chat.attention, "_alert", told.append)
        store, choices = running.session.store, running.session.choices

        async def say(text: str) -> None:
            """Somebody says something in the other community, a while later."""
            server.clock.advance(seconds=10)
            id = server.post(stage.source, stage.bob, text)
            channel = store.channel(stage.source)
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
        choices.set_level(stage.source, "all")
        await say("for everybody")
        assert told[1:] == ["New in #general (Open Source)"]
        choices.set_level(stage.source, "nothing")
        await say("@mina hush")
        choices.set_level(stage.source, "all")
        running.chat.action_do_not_disturb()
        await running.shows("do not disturb")
        await say("@mina hush")
        assert len(told) == 2
        await running.pilot.press("alt+z")
        await running.until(lambda: "do not disturb" not in running.text())
        running.app.post_message(events.AppBlur())
        await running.pilot.pause()
        # and of many at once, one
        for _ in range(5):
            server.post(stage.source, stage.bob, "@mina many")
        await running.until(lambda: len(told) == 3)


async def test_who_touches_nothing_is_away_until_the_next_key(stage: Stage) -> None:
    async with play(stage) as running:
        await running.shows("hello 5")
        store = running.session.store
        stage.server.clock.advance(minutes=11)
        running.chat.tick()
        await running.until(lambda: store.communities[stage.lab].presence.get(stage.mina.id) == "away")
        assert running.chat.attention.looks_away, "this terminal never told of its focus"
        await running.pilot.press("x")
        await running.until(lambda: store.communities[stage.lab].presence.get(stage.mina.id) == "online")
        assert not running.chat.attention.looks_away
