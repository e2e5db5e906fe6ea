"""Counters and timeline of one channel under everything that can overtake everything."""

from __future__ import annotations

from asnity_server.protocol.events import ReactionChat
from asnity_server.protocol.limits import MAX_INTEGER
from asnity_server.protocol.models import Counters, Message
from asnity_tui.state.changes import ChannelUpdated, NeedChanges, NeedCounters, TimelineChanged
from asnity_tui.state.channel import HELD_BACK_MAX, ChannelState
from asnity_tui.state.unread import Badge

from .making import BOB, GENERAL, ME, channel, counters, deleted, looks, message, messages, page

ALL = ((1, MAX_INTEGER),)


def opened(*held: Message, told: Counters, rev: int | None = None) -> ChannelState:
    """A channel with a timeline that holds these as the newest."""
    made = channel(told)
    made.open_timeline(told.rev if rev is None else rev).restore(held)
    return made


def items(made: ChannelState) -> list[int | str]:
    assert made.timeline is not None
    return looks(made.timeline)


# Steps


def test_the_next_step_counts_and_shows() -> None:
    made = opened(*messages(1, 3), told=counters(3, read=3))
    told = made.apply_step(message(4))
    assert TimelineChanged(GENERAL) in told
    assert ChannelUpdated(GENERAL) in told
    assert (made.counters, items(made)) == (counters(4, read=3, unread=1), [1, 2, 3, 4])


def test_a_step_comes_twice() -> None:
    made = opened(*messages(1, 3), told=counters(3, read=3))
    made.apply_step(message(4))
    assert made.apply_step(message(4)) == ()
    assert made.counters == counters(4, read=3, unread=1)


def test_a_step_that_is_too_early_is_held_back_until_the_missing_one_is_here() -> None:
    made = opened(*messages(1, 3), told=counters(3, read=3))
    assert made.apply_step(message(5)) == (NeedChanges(GENERAL),)
    assert items(made) == [1, 2, 3]
    made.apply_step(message(6))
    assert made.behind == "changes"
    told = made.apply_step(message(4))
    assert NeedChanges(GENERAL) not in told
    assert items(made) == [1, 2, 3, 4, 5, 6]
    assert made.counters == counters(6, read=3, unread=3)
    assert made.behind is None


def test_without_a_timeline_a_missing_step_only_needs_counters() -> None:
    made = channel(counters(3, read=3))
    assert made.apply_step(message(5)) == (NeedCounters(GENERAL),)
    made.apply_counters(counters(5, read=3, unread=2), ordered=True)
    assert made.counters == counters(5, read=3, unread=2)
    assert made.behind is None


def test_held_steps_follow_the_counters_that_fill_the_hole() -> None:
    made = channel(counters(3, read=3))
    made.apply_step(message(6))
    made.apply_counters(counters(5, read=3, unread=2), ordered=True)
    assert made.counters == counters(6, read=3, unread=3)
    assert made.behind is None


def test_the_steps_of_one_message_in_a_hole_are_counted_each_with_the_copy_before_it() -> None:
    made = opened(*messages(1, 3), told=counters(3, read=0, unread=3))
    made.apply_step(deleted(2, 6))
    made.apply_step(message(2, 5, mentions=(ME,)))
    made.apply_step(message(4))
    assert made.counters == counters(4, 6, read=0, unread=3)
    assert made.behind is None


def test_a_timeline_that_is_behind_does_not_hold_up_the_counters() -> None:
    made = opened(*messages(1, 3), told=counters(9, read=3, unread=6), rev=3)
    assert made.behind == "changes"
    assert NeedChanges(GENERAL) in made.apply_step(message(10))
    assert made.counters == counters(10, read=3, unread=7)
    made.repair(messages(4, 9), ALL, 9, counters(9, read=3, unread=6))
    assert items(made) == list(range(1, 11))
    assert made.behind is None


def test_more_than_can_be_held_back_is_asked_for_in_the_end() -> None:
    made = opened(*messages(1, 3), told=counters(3))
    last = 5 + HELD_BACK_MAX
    for each in range(5, last + 1):
        made.apply_step(message(each))
    made.apply_step(message(4))
    assert made.counters.rev == last - 1
    assert made.behind == "changes"


def test_a_step_that_the_server_knows_nothing_of_is_forgotten() -> None:
    made = opened(*messages(1, 3), told=counters(3, read=3))
    made.apply_step(message(2**40))
    asked_at = made.top
    made.apply_step(message(4))
    made.trust_answer(4, asked_at=asked_at)
    assert made.behind is None
    assert made.apply_step(message(5)) != ()
    assert items(made) == [1, 2, 3, 4, 5]


def test_what_was_told_after_the_question_is_not_forgotten() -> None:
    made = channel(counters(3, read=3))
    made.apply_step(message(5))
    asked_at = made.top
    made.apply_step(message(8))
    made.trust_answer(4, asked_at=asked_at)
    assert made.top == 8


# Acknowledgements and broadcasts


def test_the_acknowledgement_before_a_broadcast_that_is_still_missing() -> None:
    made = opened(*messages(1, 3), told=counters(3, read=3))
    mine = message(5, sender_id=ME, nonce="a")
    made.apply_step(mine)
    made.keep_own(mine)
    assert items(made) == [1, 2, 3, "3~5", 5]
    made.apply_step(message(4))
    assert items(made) == [1, 2, 3, 4, 5]
    assert made.counters == counters(5, read=3, unread=1)


def test_a_repeated_acknowledgement_of_something_long_known_changes_nothing() -> None:
    made = opened(*messages(1, 3), told=counters(3, read=3))
    assert made.apply_step(message(2, sender_id=ME)) == ()
    made.keep_own(message(2, sender_id=ME))
    assert items(made) == [1, 2, 3]


# Counts


def test_an_edit_or_deletion_of_a_held_unread_message_is_counted_exactly() -> None:
    made = opened(message(1), message(2, mentions=(ME,)), message(3), told=counters(3, unread=3, mentions=1))
    made.apply_step(deleted(2, 4))
    assert made.counters == counters(3, 4, unread=2)
    made.apply_step(message(3, 5, mentions_all=True))
    assert made.counters == counters(3, 5, unread=2, mentions=1)


def test_a_change_of_an_unread_message_that_is_not_held_is_asked_for() -> None:
    made = channel(counters(3, unread=3, mentions=1))
    assert made.apply_step(deleted(2, 4)) == (NeedCounters(GENERAL),)
    assert made.counters.rev == 4
    assert NeedCounters(GENERAL) in made.apply_step(message(4, 5)), "until it is answered"
    made.apply_counters(counters(4, 5, unread=3), ordered=True)
    assert made.behind is None


def test_a_copy_that_is_older_or_newer_than_the_counts_is_no_old_copy() -> None:
    behind = opened(message(1), message(2), told=counters(2, 4, unread=2, mentions=1), rev=2)
    assert NeedChanges(GENERAL) in behind.apply_step(deleted(2, 5))
    behind.repair([deleted(2, 5)], ALL, 5, counters(2, 4, unread=2, mentions=1))
    assert behind.behind == "counters", "the mention may have been this one's"
    ahead = opened(message(1), message(2), told=counters(2, unread=2, mentions=1))
    ahead.open_page(page(message(1), deleted(2, 3), rev=3))
    assert ahead.apply_step(deleted(2, 3))[-1] == NeedCounters(GENERAL)


def test_reactions_count_nothing() -> None:
    made = channel(counters(3, unread=3))
    assert made.apply_step(ReactionChat(channel_id=GENERAL, chat_id=2, rev=4, reactions={})) == ()
    assert made.counters == counters(3, 4, unread=3)


# Counters from the server


def test_counters_of_a_lower_rev_never_win() -> None:
    made = channel(counters(5, read=2, unread=3))
    for ordered in (True, False):
        made.apply_counters(counters(4, read=4), ordered=ordered, back=True)
    assert made.counters == counters(5, read=2, unread=3)


def test_an_uncertain_count_is_asked_for_again_after_an_answer_that_was_overtaken() -> None:
    made = channel(counters(5, unread=5, mentions=1))
    made.apply_step(deleted(2, 6))
    assert made.apply_counters(counters(5, unread=5, mentions=1), ordered=True) == (NeedCounters(GENERAL),)


def test_at_the_same_rev_the_later_word_of_the_socket_wins() -> None:
    made = channel(counters(5, unread=5))
    made.apply_counters(counters(5, read=3, unread=2), ordered=True)
    made.apply_counters(counters(5, read=1, unread=4), ordered=True)
    assert made.counters.read_id == 3, "a marker moves forward"
    made.apply_counters(counters(5, read=1, unread=4), ordered=True, back=True)
    assert made.counters.read_id == 1, "unless it was set back"


def test_at_the_same_rev_an_answer_over_http_with_another_marker_is_only_a_reason_to_ask() -> None:
    made = channel(counters(5, read=3, unread=2))
    assert made.apply_counters(counters(5, read=1, unread=4), ordered=False) == (NeedCounters(GENERAL),)
    assert made.counters == counters(5, read=3, unread=2)
    made.apply_counters(counters(5, read=3, unread=2), ordered=True)
    assert made.behind is None


def test_a_server_that_was_put_back_is_followed_from_there() -> None:
    made = opened(*messages(1, 9), told=counters(9, read=9))
    told = made.start_over(counters(4, read=4))
    assert NeedChanges(GENERAL) in told
    assert made.timeline is not None
    assert not made.timeline.loaded
    made.open_page(page(*messages(1, 4), rev=4))
    made.apply_step(message(5, content="another five"))
    assert items(made) == [1, 2, 3, 4, 5]
    assert made.counters == counters(5, read=4, unread=1)


# What I read


def test_what_i_read_shows_before_the_server_knows() -> None:
    made = opened(*messages(1, 5), told=counters(5, read=1, unread=4))
    assert made.read_up_to(3)
    assert (made.read_id, made.badge.unread, made.unconfirmed_read_id) == (3, 2, 3)
    assert not made.read_up_to(2)
    assert made.read_up_to(99)
    assert (made.read_id, made.badge.unread) == (5, 0)
    made.apply_step(message(6))
    assert made.badge.unread == 1
    made.apply_counters(counters(6, read=5, unread=1), ordered=True)
    assert made.unconfirmed_read_id is None
    assert made.badge.unread == 1


def test_what_can_not_be_counted_here_stays_as_the_server_says() -> None:
    made = channel(counters(5, read=1, unread=4))
    made.read_up_to(3)
    assert made.badge.unread == 4
    made.read_up_to(5)
    assert made.badge.unread == 0


def test_an_older_answer_does_not_undo_what_i_read_since() -> None:
    made = opened(*messages(1, 5), told=counters(5, read=1, unread=4))
    made.read_up_to(5)
    made.apply_counters(counters(5, read=3, unread=2), ordered=True)
    assert (made.read_id, made.badge.unread) == (5, 0)


def test_a_direct_channel_counts_every_message_as_one_to_me() -> None:
    made = channel(counters(3, unread=3), kind="direct", name="", members=(ME, BOB))
    assert made.badge == Badge(3, 3)
    made.muted = True
    assert made.badge == Badge(3, 0, muted=True)


def test_typing_ends_by_time_and_by_the_message() -> None:
    made = channel()
    made.typing.add(BOB, 1000)
    made.typing.add("cleo", 3000)
    assert made.typing.at(5999) == (BOB, "cleo")
    assert made.typing.at(6000) == ("cleo",)
    assert made.typing.remove("cleo")
    assert not made.typing.remove("cleo")
    assert made.typing.at(6000) == ()
