"""Preferences on disk, undoing what is held, being away, and dates, through the session."""

from __future__ import annotations

from asnity_server.protocol import routes
from asnity_server.protocol.errors import ErrorInfo
from asnity_server.protocol.times import from_wire
from asnity_tui.client.sync.session import Session
from asnity_tui.screens.all_members import load_all_members
from asnity_tui.state import changes as facts
from asnity_tui.state.rows import Gap, Waiting
from tests.fakes.storage import InMemoryStorage

from .session_harness import CountingClient, Middle, SessionHarness, quiet


async def test_choices_outlive_the_program(live: SessionHarness) -> None:
    choices = live.session.preferences
    assert (choices.level(live.general), choices.do_not_disturb) == ("mentions", False)
    choices.set_level(live.general, "all")
    choices.set_level(live.random, "nothing")
    choices.set_level(live.random, "mentions")
    choices.set_do_not_disturb(True)
    live.session.open_channel(live.random)
    live.session.open_channel(live.general)
    for emoji in ("🍊", "👍", "👍"):
        choices.used_emoji(emoji)
    await live.session.close()
    live.restart_program()
    again = live.session.preferences
    assert (again.level(live.general), again.level(live.random), again.do_not_disturb) == ("all", "mentions", True)
    assert again.recent() == (live.general, live.random)
    assert again.frequent_emoji(5) == ("👍", "🍊")
    assert again.frequent_emoji(1) == ("👍",)
    again.set_do_not_disturb(False)
    assert "do-not-disturb" not in live.storage.choices


async def test_what_makes_no_sense_on_disk_counts_as_not_chosen(harness: SessionHarness) -> None:
    harness.storage.choices = {
        f"level/{harness.general}": "loud",
        "emoji/🍊": "x",
        "visited/": "y",
    }
    harness.restart_program()
    assert harness.session.preferences.level(harness.general) == "mentions"
    assert harness.session.preferences.frequent_emoji(5) == harness.session.preferences.recent() == ()
    harness.session.preferences.used_emoji("🍊")
    assert harness.session.preferences.frequent_emoji(5) == ("🍊",)


async def test_a_lost_channel_is_forgotten(live: SessionHarness) -> None:
    live.session.open_channel(live.random)
    live.session.preferences.set_level(live.random, "all")
    await live.session.channels.leave(live.random)
    assert live.session.preferences.recent() == ()
    assert live.storage.choices == {}


async def test_reacting_counts_as_using_an_emoji(live: SessionHarness) -> None:
    live.posts(live.general, 1)
    live.session.open_channel(live.general)
    await quiet()
    live.session.reactions.react(live.general, 1, "🍊", True)
    await quiet()
    live.session.reactions.react(live.general, 1, "🍊", False)
    await quiet()
    assert live.session.preferences.frequent_emoji(5) == ("🍊",)
    assert live.storage.choices["emoji/🍊"] == 1


# Undo


async def test_a_held_message_can_be_taken_back_and_else_goes_when_its_time_comes(live: SessionHarness) -> None:
    live.session.open_channel(live.general)
    live.session.messages.hold_ms = 5_000
    await live.session.messages.send(live.general, "first")
    await live.clock.advance(2)
    (row,) = live.channel(live.general).timeline.items()  # type: ignore[union-attr]
    assert row.delivery == Waiting("undo", live.clock.now() + 3_000)  # type: ignore[union-attr]
    assert live.stored(live.general) == []
    await live.session.messages.send(live.general, "second", reply_to=1)
    await quiet()
    assert live.stored(live.general) == ["first"], "the next one lets it go"
    back = live.session.messages.undo_send(live.general)
    assert back is not None
    assert (back.content, back.reply_to) == ("second", 1)
    await live.clock.advance(3)
    assert live.stored(live.general) == ["first"]
    assert live.session.messages.undo_send(live.general) is None
    await live.session.messages.send(live.general, "third")
    await live.clock.advance(5)
    assert live.stored(live.general) == ["first", "third"]


async def test_held_offline_it_waits_for_the_connection_afterwards(live: SessionHarness) -> None:
    live.client.go_offline()
    await quiet()
    live.session.messages.hold_ms = 5_000
    live.session.open_channel(live.general)
    await live.session.messages.send(live.general, "hello")
    await live.clock.advance(6)
    (row,) = live.channel(live.general).timeline.items()  # type: ignore[union-attr]
    assert row.delivery == Waiting("offline", None)  # type: ignore[union-attr]
    assert live.session.messages.undo_send(live.general) is None
    live.client.go_online()
    await live.clock.advance(40)
    assert live.stored(live.general) == ["hello"]


async def test_a_held_message_can_be_sent_at_once_and_survives_a_restart(live: SessionHarness) -> None:
    live.session.messages.hold_ms = 5_000
    nonce = await live.session.messages.send(live.general, "now")
    live.session.sender.retry(nonce)
    await quiet()
    assert live.stored(live.general) == ["now"]
    await live.session.messages.send(live.general, "later")
    await live.session.close()
    live.restart_program()
    await live.begin()
    assert live.stored(live.general) == ["now", "later"]


# Being away


async def test_away_and_back_on_every_connection(live: SessionHarness) -> None:
    def seen() -> str:
        return live.server.world.presence(live.alice.id, live.lab)

    assert live.client.count("presence") == 0
    live.session.presence.set_idle(False)
    live.session.presence.set_idle(True)
    await quiet()
    assert seen() == "away"
    live.session.presence.set_idle(True)
    live.client.cut()
    await live.clock.advance(2)
    assert seen() == "away"
    assert live.client.count("presence") == 2
    live.client.faults.refuse_next(ErrorInfo(code="unavailable", message="Busy."), routes.PRESENCE)
    live.session.presence.set_idle(False)
    await quiet()
    assert seen() == "away"
    live.session.presence.set_idle(False)
    await quiet()
    assert seen() == "online"


async def test_idle_without_a_connection_is_told_with_the_next(harness: SessionHarness) -> None:
    harness.session.presence.set_idle(True)
    await harness.begin()
    assert harness.server.world.presence(harness.alice.id, harness.lab) == "away"


# Places in history


async def test_a_date_is_found(live: SessionHarness) -> None:
    for number in range(300):
        live.server.post(live.general, live.bob, f"{number + 1}")
        live.server.clock.advance(seconds=60)
    live.session.open_channel(live.general)
    await quiet()
    moment = from_wire(live.server.world.channels[live.general].messages[99].created_at)
    assert await live.session.history.jump_to_date(live.general, moment) == 100
    timeline = live.channel(live.general).timeline
    assert timeline is not None
    assert all(timeline.find(each) for each in range(80, 120))
    assert await live.session.history.jump_to_date(live.general, moment - 30_000) == 100
    assert await live.session.history.jump_to_date(live.general, 0) == 1
    assert await live.session.history.jump_to_date(live.general, live.clock.now() + 10**9) == 300
    assert await live.session.history.jump_to_date(live.random, moment) is None


async def test_a_gap_is_filled_from_either_end(live: SessionHarness) -> None:
    live.posts(live.general, 300)
    await quiet()
    live.session.open_channel(live.general)
    await quiet()
    assert await live.session.history.jump_to(live.general, 50)

    def gap() -> Gap:
        items = live.channel(live.general).timeline.items()  # type: ignore[union-attr]
        return next(each for each in items if isinstance(each, Gap))

    before = gap()
    await live.session.history.load_gap(live.general, before, forward=True)
    assert (gap().after_id, gap().before_id) == (before.after_id + 50, before.before_id)
    await live.session.history.load_gap(live.general, gap())
    assert (gap().after_id, gap().before_id) == (before.after_id + 50, before.before_id - 50)


async def test_people_of_all_communities_are_asked_for_once(live: SessionHarness) -> None:
    await load_all_members(live.session)
    await load_all_members(live.session)
    assert live.client.count("GET members") == 1
    assert len(live.session.store.communities[live.lab].members or ()) == 2


# Marked as unread elsewhere


async def test_marked_as_unread_on_another_device_nothing_is_read_by_itself(live: SessionHarness) -> None:
    live.posts(live.general, 10)
    other = Session(CountingClient(live.server, live.alice), InMemoryStorage(), clock=live.clock, random=Middle())
    other.start()
    live.session.open_channel(live.general)
    await quiet()
    live.session.read_markers.read_up_to(live.general, 10)
    await quiet()
    await other.read_markers.mark_unread_from(live.general, 4)
    await quiet()
    live.session.read_markers.read_up_to(live.general, 10)
    await live.clock.advance(1)
    assert live.channel(live.general).badge.unread == 7
    live.session.open_channel(live.general)
    live.session.read_markers.read_up_to(live.general, 10)
    await live.clock.advance(1)
    assert live.channel(live.general).badge.unread == 0
    # and where nobody could tell us, because we were offline
    live.client.go_offline()
    await quiet()
    await other.read_markers.mark_unread_from(live.general, 6)
    live.client.go_online()
    await live.clock.advance(40)
    assert live.session.connection.status == "online"
    live.session.read_markers.read_up_to(live.general, 10)
    await live.clock.advance(1)
    assert live.channel(live.general).badge.unread == 5
    assert facts.ChannelUpdated(live.general) in live.facts
    await other.close()


async def test_marked_as_unread_elsewhere_before_the_start_it_is_read_when_looked_at(live: SessionHarness) -> None:
    live.posts(live.general, 10)
    await quiet()
    live.session.open_channel(live.general)
    await quiet()
    live.session.read_markers.read_up_to(live.general, 10)
    await live.clock.advance(1)
    await live.session.close()
    live.server.read(live.general, live.alice, 3, set_back=True)
    live.restart_program()
    live.session.open_channel(live.general)
    await live.begin()
    assert live.channel(live.general).badge.unread == 7
    live.session.read_markers.read_up_to(live.general, 10)
    await live.clock.advance(1)
    assert live.channel(live.general).badge.unread == 0
