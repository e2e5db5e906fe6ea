"""The connection comes up, breaks, comes back, and what was missed is there."""

from __future__ import annotations

import pytest

from asnity_server.protocol import routes
from asnity_server.protocol.errors import ErrorInfo
from asnity_server.protocol.events import Resync
from asnity_tui.client.transport.client import Unreachable
from asnity_tui.state import changes as facts

from .session_harness import SessionHarness, quiet


async def test_it_comes_up_and_everything_is_live(harness: SessionHarness) -> None:
    harness.posts(harness.random, 3)
    assert harness.session.connection.status == "offline"
    await harness.begin()
    assert harness.session.connection.status == "online"
    assert harness.session.store.communities[harness.lab].joined
    assert harness.channel(harness.random).badge.unread == 3
    assert harness.session.connection.server is not None
    assert harness.client.asked.count("join") == 1
    assert harness.facts.count(facts.ConnectionChanged()) >= 2


async def test_events_arrive(live: SessionHarness) -> None:
    live.server.post(live.random, live.bob, "hi @alice")
    await quiet()
    assert live.channel(live.random).badge.mentions == 1
    assert facts.MessageArrived(live.random, 1, True) in live.facts


async def test_a_burst_is_told_without_repetition(live: SessionHarness) -> None:
    bursts: list[int] = []
    live.session.publisher.subscribe(lambda told: bursts.append(len(told)))
    live.facts.clear()
    for _ in range(50):
        live.server.post(live.random, live.bob, "hi", type="SYSTEM")
        live.server.read(live.random, live.alice, 0)
    live.server.post(live.random, live.bob, "hi")
    await quiet()
    assert live.facts.count(facts.ChannelUpdated(live.random)) == 1
    assert len(bursts) == 1


async def test_unreachable_it_waits_longer_each_time_with_jitter(harness: SessionHarness) -> None:
    harness.client.go_offline()
    await harness.begin()
    waits = []
    for _ in range(7):
        connection = harness.session.connection.state
        assert (connection.status, connection.reason) == ("offline", "The server can't be reached.")
        assert connection.retry_at is not None
        waits.append((connection.retry_at - harness.clock.now()) / 1000)
        await harness.clock.advance(waits[-1])
    assert waits == [0.5, 1, 2, 4, 8, 15, 15], "the middle of what the jitter allows"
    harness.client.go_online()
    harness.session.connection.connect_now()
    await quiet()
    assert harness.session.connection.status == "online"


async def test_what_happened_while_the_line_was_cut_is_there_when_it_is_back(live: SessionHarness) -> None:
    live.posts(live.general, 3)
    await quiet()
    live.session.open_channel(live.general)
    await quiet()
    live.client.cut("The cable was pulled.")
    await quiet()
    assert live.session.connection.status == "offline"
    assert live.session.connection.state.reason == "The cable was pulled."
    assert not live.session.store.communities[live.lab].joined
    live.server.post(live.general, live.bob, "while away")
    live.server.edit(live.general, live.bob, 2, "two")
    live.server.delete(live.general, live.bob, 3)
    await live.clock.advance(1)
    assert live.session.connection.status == "online"
    assert live.shown(live.general) == ["1", "two", "", "while away"]
    assert live.channel(live.general).badge.unread == 3
    assert not live.told(facts.MessageArrived)[3:], "what is caught up with doesn't ring"


async def test_after_a_long_absence_only_the_newest_is_loaded(live: SessionHarness) -> None:
    live.posts(live.general, 5)
    live.session.open_channel(live.general)
    await quiet()
    live.client.cut()
    live.posts(live.general, 300)
    await live.clock.advance(1)
    assert live.shown(live.general)[:7] == ["1", "2", "3", "4", "5", "~250", "251"]
    assert live.shown(live.general)[-1] == "300"


async def test_without_an_answer_the_connection_is_given_up_and_made_again(live: SessionHarness) -> None:
    live.client.faults.lose_next_answer(routes.CHAT_NEW)
    nonce = await live.session.messages.send(live.general, "once")
    await quiet()
    assert live.session.connection.status == "offline"
    entry = live.session.outbox.get(nonce)
    assert entry is not None
    assert (entry.state, entry.reason) == ("waiting", "no-answer")
    await live.clock.advance(1)
    assert live.session.connection.status == "online"
    assert live.stored(live.general) == ["once"]
    assert not len(live.session.outbox)


async def test_a_late_answer_of_an_old_connection_does_not_end_the_new_one(live: SessionHarness) -> None:
    live.client.faults.hold_requests(routes.READ)
    live.posts(live.general, 1)
    await quiet()
    live.session.read_markers.read_up_to(live.general, 1)
    await live.clock.advance(1)
    live.client.cut()
    live.client.faults.release()
    await live.clock.advance(1)
    assert live.session.connection.status == "online"
    assert live.channel(live.general).counters.read_id == 1


async def test_a_connection_that_breaks_at_once_is_not_asked_for_without_pause(live: SessionHarness) -> None:
    waits = []
    for _ in range(4):
        live.client.cut()
        await quiet()
        connection = live.session.connection.state
        assert connection.retry_at is not None
        waits.append((connection.retry_at - live.clock.now()) / 1000)
        await live.clock.advance(waits[-1])
        assert live.session.connection.status == "online"
    assert waits == [0.5, 1, 2, 4]
    await live.clock.advance(60)
    live.client.cut()
    await quiet()
    assert (live.session.connection.state.retry_at or 0) - live.clock.now() == 500


# Communities


async def test_a_community_that_is_gained_is_entered_without_touching_the_others(live: SessionHarness) -> None:
    other = live.server.community("Other", live.bob, live.alice)
    await quiet()
    assert live.session.store.communities[other].joined
    assert live.session.store.communities[other].role == "member"
    live.server.post(live.server.general(other), live.bob, "welcome @alice")
    await quiet()
    assert live.session.store.communities[other].badge.mentions == 1
    assert live.session.connection.status == "online"
    assert live.client.asked.count("join") == 2


async def test_a_community_that_is_lost_leaves_the_others_alone(live: SessionHarness) -> None:
    other = live.server.community("Other", live.bob, live.alice)
    await quiet()
    live.client.faults.hold_requests(routes.CHAT_NEW)
    await live.session.messages.send(live.server.general(other), "too late")
    await quiet()
    live.server.kick(other, live.alice)
    await live.clock.advance(2)
    assert list(live.session.store.communities) == [live.lab]
    assert facts.CommunityLost(other, "Other", "kicked") in live.facts
    assert live.session.connection.status == "online"
    assert [each.state for each in live.session.outbox.entries()] == ["failed"]


async def test_what_was_gained_and_lost_while_away_shows(live: SessionHarness) -> None:
    live.client.go_offline()
    await quiet()
    other = live.server.community("Other", live.bob, live.alice)
    live.server.kick(live.lab, live.alice)
    live.client.go_online()
    await live.clock.advance(2)
    assert list(live.session.store.communities) == [other]
    assert live.session.store.communities[other].joined
    assert facts.CommunityLost(live.lab, "Lab", None) in live.facts


async def test_a_community_that_is_added_while_the_overview_is_on_its_way_is_not_missed(
    harness: SessionHarness,
) -> None:
    harness.client.faults.hold_answers(routes.OVERVIEW)
    await harness.begin()
    other = harness.server.community("Other", harness.bob, harness.alice)
    await quiet()
    harness.client.faults.release()
    await quiet()
    assert set(harness.session.store.communities) == {harness.lab, other}
    assert all(each.joined for each in harness.session.store.communities.values())


async def test_a_namespace_that_is_closed_for_no_reason_is_entered_again(live: SessionHarness) -> None:
    live.session.open_channel(live.general)
    await quiet()
    connection = live.server.world.connections[0]
    connection.communities.discard(live.lab)
    connection.rooms.clear()
    connection.sink.namespace_lost(live.lab, None)
    await quiet()
    assert not live.session.store.communities[live.lab].joined
    live.server.post(live.general, live.bob, "meanwhile")
    await live.clock.advance(1)
    assert live.session.store.communities[live.lab].joined
    assert live.shown(live.general) == ["meanwhile"]


async def test_a_join_that_is_refused_for_now_is_tried_again_and_holds_up_nothing(harness: SessionHarness) -> None:
    other = harness.server.community("Other", harness.bob, harness.alice)
    harness.client.faults.refuse_next(ErrorInfo(code="unavailable", message="Busy."), routes.JOIN)
    await harness.begin()
    joined = {each.id: each.joined for each in harness.session.store.communities.values()}
    assert sorted(joined.values()) == [False, True]
    assert harness.session.connection.status == "online"
    await harness.clock.advance(1)
    assert all(each.joined for each in harness.session.store.communities.values())
    assert other in joined


# Comparing


async def test_regaining_the_focus_compares(live: SessionHarness) -> None:
    await live.clock.advance(20)
    live.client.faults.drop_events(2)
    live.posts(live.random, 2)
    await quiet()
    assert live.channel(live.random).badge.unread == 0
    live.session.connection.check_now()
    await quiet()
    assert live.channel(live.random).badge.unread == 2
    asked = live.client.count("join")
    live.session.connection.check_now()
    await quiet()
    assert live.client.count("join") == asked, "it has just compared"


async def test_regaining_the_focus_offline_connects_at_once(harness: SessionHarness) -> None:
    harness.client.go_offline()
    await harness.begin()
    await harness.clock.advance(60)
    harness.client.go_online()
    harness.session.connection.check_now()
    await quiet()
    assert harness.session.connection.status == "online"


async def test_an_overview_that_is_refused_for_now_is_asked_for_again(live: SessionHarness) -> None:
    busy = ErrorInfo(code="unavailable", message="Busy.")
    live.client.faults.refuse_next(busy, routes.OVERVIEW, times=2)
    live.client.faults.drop_events(name="community-removed")
    live.server.kick(live.lab, live.alice)
    await live.clock.advance(10)
    assert live.session.store.communities == {}


async def test_every_five_minutes_it_compares(live: SessionHarness) -> None:
    live.client.faults.drop_events(name="read-marker")
    live.posts(live.random, 2)
    live.server.read(live.random, live.alice, 2)
    await quiet()
    assert live.channel(live.random).badge.unread == 2
    await live.clock.advance(300)
    assert live.channel(live.random).badge.unread == 0


async def test_told_to_compare_it_does_so_within_moments(live: SessionHarness) -> None:
    live.client.faults.drop_events(name="new-chat")
    live.posts(live.random, 1)
    live.server.world.tell_community(live.lab, "resync", Resync())
    await live.clock.advance(2)
    assert live.channel(live.random).badge.unread == 1


# Signing in and out


async def test_a_session_that_is_ended_waits_for_the_password(live: SessionHarness) -> None:
    live.server.world.end_session(live.server.world.sessions[live.client.token or ""], "password-changed")
    await quiet()
    assert live.session.connection.status == "signed-out"
    assert live.told(facts.SignedOut) == [facts.SignedOut("password-changed")]
    nonce = await live.session.messages.send(live.general, "kept")
    await live.clock.advance(100)
    assert live.session.connection.status == "signed-out"
    assert live.session.outbox.get(nonce) is not None
    token = await live.session.sign_in_again("tangerine")
    await quiet()
    assert (live.session.connection.status, live.client.token) == ("online", token)
    assert live.stored(live.general) == ["kept"]


async def test_a_token_that_was_revoked_while_away(harness: SessionHarness) -> None:
    del harness.server.world.sessions[harness.client.token or ""]
    await harness.begin()
    assert harness.session.connection.status == "signed-out"
    assert harness.told(facts.SignedOut) == [facts.SignedOut(None)]


async def test_signing_out_forgets_everything(live: SessionHarness) -> None:
    await live.clock.advance(10)
    assert live.storage.sidebar is not None
    await live.session.sign_out()
    assert live.server.world.sessions == {}
    assert live.storage.sidebar is None
    assert live.storage.closed
    assert live.session.connection.status == "closed"
    assert live.told(facts.SignedOut) == []


async def test_signing_out_without_a_server_forgets_nothing(live: SessionHarness) -> None:
    await live.clock.advance(10)
    live.client.go_offline()
    with pytest.raises(Unreachable):
        await live.session.sign_out()
    assert live.storage.sidebar is not None
    live.client.go_online()
    await live.clock.advance(5)
    assert live.session.connection.status == "online"
