"""Opening channels, loading their history, and repairing what was missed."""

from __future__ import annotations

import asyncio

import pytest

from asnity_server.protocol import routes
from asnity_server.protocol.errors import ErrorInfo, Unavailable
from asnity_tui.state import changes as facts
from asnity_tui.state.rows import Gap

from .session_harness import SessionHarness, quiet


@pytest.fixture
async def long(live: SessionHarness) -> SessionHarness:
    """`general` with 200 messages, the newest 50 loaded and on the screen."""
    live.posts(live.general, 200)
    await quiet()
    live.session.open_channel(live.general)
    await quiet()
    return live


def ids(harness: SessionHarness) -> tuple[int | None, int | None]:
    timeline = harness.channel(harness.general).timeline
    assert timeline is not None
    return timeline.oldest_id, timeline.newest_id


async def test_opening_loads_the_newest_page(long: SessionHarness) -> None:
    assert ids(long) == (151, 200)
    assert long.client.count("GET messages") == 1
    assert long.session.open_channel_id == long.general
    assert facts.TimelineChanged(long.general) in long.facts


async def test_opened_before_the_connection_is_up_it_fills_when_it_is(harness: SessionHarness) -> None:
    harness.posts(harness.general, 3)
    harness.restart_program()
    await harness.begin()
    await harness.session.close()
    harness.restart_program()
    harness.client.go_offline()
    await harness.begin()
    harness.session.open_channel(harness.general)
    await harness.clock.advance(1)
    assert harness.shown(harness.general) == []
    harness.client.go_online()
    await harness.clock.advance(30)
    assert harness.shown(harness.general) == ["1", "2", "3"]


async def test_a_page_up_at_a_time_until_the_beginning(long: SessionHarness) -> None:
    for oldest in (101, 51, 1, 1):
        await long.session.history.load_older(long.general)
        assert ids(long) == (oldest, 200)
    assert long.client.count("GET messages") == 4
    await long.session.history.load_newer(long.general)
    assert long.client.count("GET messages") == 4


async def test_who_asks_for_a_page_that_is_on_its_way_waits_for_the_same(long: SessionHarness) -> None:
    await asyncio.gather(*(long.session.history.load_older(long.general) for _ in range(5)))
    assert ids(long) == (101, 200)


async def test_a_page_that_fails_is_told_to_whoever_asked(long: SessionHarness) -> None:
    long.client.faults.refuse_next(ErrorInfo(code="unavailable", message="Busy."), routes.HISTORY)
    with pytest.raises(Unavailable):
        await long.session.history.load_older(long.general)
    await long.session.history.load_older(long.general)
    assert ids(long) == (101, 200)


async def test_jumping_and_coming_back(long: SessionHarness) -> None:
    assert await long.session.history.jump_to(long.general, 30)
    assert long.shown(long.general)[0] == "5"
    gaps = [each for each in long.channel(long.general).timeline.items() if isinstance(each, Gap)]  # type: ignore[union-attr]
    assert gaps == [Gap(54, 151, 96)]
    await long.session.history.load_gap(long.general, gaps[0])
    assert "~46" in long.shown(long.general)
    assert await long.session.history.jump_to(long.general, 31)
    assert not await long.session.history.jump_to(long.general, 999)
    asked = long.client.count("GET messages")
    await long.session.history.jump_to_newest(long.general)
    assert long.client.count("GET messages") == asked, "it is held"


async def test_from_a_place_in_history_to_the_newest(live: SessionHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asnity_tui.state.ranges.HELD_MAX", 60)
    monkeypatch.setattr("asnity_tui.state.ranges.HELD_SLACK", 10)
    live.posts(live.general, 300)
    await quiet()
    live.session.open_channel(live.general)
    await quiet()
    await live.session.history.jump_to(live.general, 30)
    live.session.history.look_at(live.general, 25, 35)
    await live.session.history.load_newer(live.general)
    assert ids(live)[1] != 300
    live.server.post(live.general, live.bob, "301")
    await quiet()
    await live.session.history.load_newer(live.general)
    await live.session.history.jump_to_newest(live.general)
    assert ids(live)[1] == 301
    live.server.post(live.general, live.bob, "302")
    await quiet()
    assert live.shown(live.general)[-1] == "302"


async def test_a_page_that_events_overtook_is_brought_up_to_date_before_it_shows(
    long: SessionHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    long.client.faults.hold_answers(routes.HISTORY)
    loading = asyncio.ensure_future(long.session.history.load_older(long.general))
    await quiet()
    long.server.delete(long.general, long.bob, 120)
    await quiet()
    timeline = long.channel(long.general).timeline
    assert timeline is not None
    timeline._log.clear()  # as if more had happened than is remembered
    long.client.faults.release()
    await loading
    found = timeline.find(120)
    assert found is not None
    assert found.deleted_at is not None
    assert long.client.count("GET changes") == 1


# Repair


async def test_a_step_that_comes_late_is_waited_for(long: SessionHarness) -> None:
    long.client.faults.hold_events()
    long.posts(long.general, 2)
    await quiet()
    long.client.faults.held_events.reverse()
    long.client.release_events()
    await long.clock.advance(2)
    assert ids(long) == (151, 202)
    assert long.client.count("GET changes") == 0


async def test_a_step_that_is_lost_is_asked_for_after_half_a_second(long: SessionHarness) -> None:
    long.client.faults.drop_events()
    long.posts(long.general, 2)
    await long.clock.advance(0.4)
    assert ids(long) == (151, 200)
    await long.clock.advance(0.2)
    assert ids(long) == (151, 202)
    assert long.client.count("GET changes") == 1
    assert long.channel(long.general).counters == long.server.world.counters(
        long.alice, long.server.world.channels[long.general]
    )


async def test_a_repair_that_is_refused_for_now_is_tried_again(long: SessionHarness) -> None:
    long.client.faults.drop_events()
    long.client.faults.refuse_next(ErrorInfo(code="unavailable", message="Busy."), routes.CHANGES, times=2)
    long.posts(long.general, 2)
    await long.clock.advance(0.6)
    assert ids(long) == (151, 200)
    await long.clock.advance(20)
    assert ids(long) == (151, 202)


async def test_a_channel_that_was_never_opened_only_needs_its_counters(live: SessionHarness) -> None:
    live.client.faults.drop_events()
    live.posts(live.random, 3)
    await live.clock.advance(1)
    assert live.channel(live.random).badge.unread == 3
    assert live.client.count("GET changes") == 0
    assert live.client.count("GET messages") == 0


async def test_channels_that_were_visited_are_repaired_behind_the_one_on_the_screen(long: SessionHarness) -> None:
    long.session.open_channel(long.random)
    await quiet()
    long.client.cut()
    long.server.post(long.random, long.bob, "here")
    long.server.post(long.general, long.bob, "there")
    await long.clock.advance(2)
    assert long.shown(long.random) == ["here"]
    assert long.shown(long.general)[-1] == "there"


async def test_a_step_that_the_server_never_took_ends_no_repair_in_a_circle(long: SessionHarness) -> None:
    record = long.server.world.channels[long.general]
    from_nowhere = record.messages[-1].__class__(
        **{each: getattr(record.messages[-1], each) for each in record.messages[-1].__struct_fields__}
        | {"id": 9999, "rev": 9999}
    )
    long.server.world.tell_room(record, "new-chat", from_nowhere)
    await long.clock.advance(10)
    asked = long.client.count("GET changes")
    assert asked <= 2
    await long.clock.advance(60)
    assert long.client.count("GET changes") == asked
    long.server.post(long.general, long.bob, "goes on")
    await quiet()
    assert long.shown(long.general)[-1] == "goes on"


async def test_strangers_get_their_names(live: SessionHarness) -> None:
    cleo = live.server.person("cleo", "Cleo")
    live.client.faults.drop_events(3)
    live.server.add_member(live.lab, cleo)
    live.server.post(live.general, cleo, "hi")
    live.server.post(live.general, cleo, "there")
    await live.clock.advance(2)
    live.session.open_channel(live.general)
    await live.clock.advance(2)
    assert live.session.store.name_of(cleo.id) == "Cleo"


async def test_an_unknown_channel_makes_it_look(live: SessionHarness) -> None:
    live.client.faults.drop_events(name="invited-to-channel")
    made = live.server.channel(live.lab, "new", live.bob, live.alice)
    live.server.post(made, live.bob, "hi")
    await live.clock.advance(2)
    assert live.channel(made).badge.unread == 1


async def test_more_channels_than_are_kept_in_memory(live: SessionHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asnity_tui.client.sync.persistence.TIMELINES_MAX", 1)
    live.posts(live.general, 2)
    live.session.open_channel(live.general)
    await quiet()
    live.session.open_channel(live.random)
    await quiet()
    assert live.channel(live.general).timeline is None
    live.server.post(live.general, live.bob, "3")
    await quiet()
    live.session.open_channel(live.general)
    assert live.shown(live.general) == ["1", "2", "~1"]
    await quiet()
    assert live.shown(live.general) == ["1", "2", "3"]
