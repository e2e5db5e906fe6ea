"""Pages, steps, gaps and unsent rows of one timeline."""

from __future__ import annotations

import pytest

from asnity_server.protocol.errors import ErrorInfo
from asnity_server.protocol.events import ReactionChat
from asnity_server.protocol.limits import MAX_INTEGER
from asnity_server.protocol.models import Message, Reaction
from asnity_tui.state.rows import PENDING, Failed, Row, Waiting
from asnity_tui.state.timeline import Timeline

from .making import GENERAL, ME, deleted, entry, looks, message, messages, page

NO = ErrorInfo(code="forbidden", message="No.")


def timeline(*held: Message, rev: int = 100, last_id: int = 0) -> Timeline:
    """A timeline at `rev` that holds these as its newest."""
    made = Timeline(me=ME, rev=rev, last_id=last_id or (held[-1].id if held else 0))
    if held:
        made.restore(held)
    return made


def shown(made: Timeline, message_id: int) -> Row:
    row = made.row(message_id)
    assert row is not None
    assert row in made.items()
    return row


# Pages and gaps


def test_a_page_at_a_time() -> None:
    made = timeline(rev=100, last_id=100)
    assert not made.loaded
    assert made.merge_page(page(*messages(91, 100), rev=100))
    assert (made.loaded, made.has_older, made.has_newer) == (True, True, False)
    assert made.merge_page(page(*messages(86, 90), rev=100, newer=True))
    assert looks(made) == list(range(86, 101))
    assert (made.oldest_id, made.newest_id) == (86, 100)


def test_gaps_between_and_behind() -> None:
    made = timeline(rev=100, last_id=100)
    made.merge_page(page(*messages(1, 3), rev=100, newer=True))
    made.merge_page(page(*messages(50, 51), rev=100, newer=True))
    assert looks(made) == [1, 2, 3, "3~50", 50, 51, "51~101"]
    assert (made.has_older, made.has_newer) == (False, True)
    made.merge_page(page(*messages(48, 49), rev=100, newer=True))
    assert looks(made) == [1, 2, 3, "3~48", 48, 49, 50, 51, "51~101"]


def test_an_empty_channel_is_loaded_and_its_first_message_shows() -> None:
    made = timeline(rev=0)
    assert made.merge_page(page(rev=0))
    assert (made.loaded, made.has_older, made.has_newer) == (True, False, False)
    made.follow(message(1))
    assert looks(made) == [1]


def test_a_server_that_has_nothing_older_is_believed() -> None:
    made = timeline(rev=100, last_id=9)
    made.merge_page(page(*messages(5, 9), rev=100, older=False))
    assert not made.has_older


def test_a_page_that_is_newer_than_what_is_held_is_merged_by_the_revs_of_its_messages() -> None:
    made = timeline(*messages(1, 5), rev=5)
    assert made.merge_page(page(message(4, 7), message(5), message(6), rev=8))
    assert [made.find(each).rev for each in (4, 5, 6)] == [7, 5, 6]  # type: ignore[union-attr]
    assert made.rev == 5


def test_a_page_that_was_read_before_the_last_steps_is_brought_up_by_them() -> None:
    made = timeline(*messages(8, 10), rev=10)
    made.follow(deleted(3, 11))
    made.follow(ReactionChat(channel_id=GENERAL, chat_id=4, rev=12, reactions={"👍": Reaction(count=1, users=(ME,))}))
    assert made.merge_page(page(*messages(3, 7), rev=10, newer=True))
    assert made.find(3) == deleted(3, 11)
    liked = made.find(4)
    assert liked is not None
    assert (liked.rev, liked.reactions["👍"].count) == (12, 1)


def test_the_newest_page_gets_the_messages_that_came_while_it_was_under_way() -> None:
    made = timeline(rev=10, last_id=10)
    made.follow(message(11))
    made.follow(message(12))
    assert looks(made) == []
    assert made.merge_page(page(*messages(8, 10), rev=10))
    assert looks(made) == [8, 9, 10, 11, 12]


def test_a_page_older_than_the_remembered_steps_is_refused_as_a_whole() -> None:
    made = timeline(*messages(8, 10), rev=10)
    made.follow(deleted(3, 11))
    made.skip_to(20)
    made.follow(deleted(4, 21))
    version = made.version
    assert not made.merge_page(page(*messages(3, 7), rev=10, newer=True))
    assert not made.merge_page(page(*messages(3, 7), rev=19, newer=True))
    assert made.version == version
    assert made.merge_page(page(*messages(3, 7), rev=20, newer=True))
    assert made.find(4) == deleted(4, 21)


def test_a_stale_copy_never_brings_a_deleted_text_back() -> None:
    made = timeline(*messages(1, 5), rev=5)
    made.follow(deleted(3, 6))
    made.merge_page(page(*messages(1, 5), rev=6))
    made.merge_changes([message(3)], ((1, MAX_INTEGER),), 6)
    assert made.find(3) == deleted(3, 6)


def test_what_is_looked_at_stays_and_the_far_end_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asnity_tui.state.ranges.HELD_MAX", 20)
    monkeypatch.setattr("asnity_tui.state.ranges.HELD_SLACK", 5)
    made = timeline(*messages(81, 100), rev=100)
    made.look(81, 84)
    made.merge_page(page(*messages(71, 80), rev=100, newer=True))
    assert (made.oldest_id, made.has_newer) == (71, True)
    made.follow(message(101))
    assert looks(made)[-1] == f"{made.newest_id}~102"
    assert not made.missed_much, "the newest was let go of, not missed"
    made.stop_looking()
    made.merge_page(page(*messages(96, 101), rev=101))
    made.follow(message(102))
    assert looks(made)[-1] == 102


# Steps


def test_a_message_that_borders_on_nothing_held_only_widens_the_gap() -> None:
    made = timeline(rev=100, last_id=100)
    made.merge_page(page(*messages(40, 50), rev=100, newer=True))
    made.follow(message(101))
    assert looks(made)[-1] == "50~102"
    assert made.rev == 101


def test_my_own_message_stays_on_the_screen_beyond_missing_steps() -> None:
    made = timeline(*messages(1, 5), rev=5)
    mine = message(7, sender_id=ME, nonce="a")
    made.keep_own(mine)
    assert looks(made) == [1, 2, 3, 4, 5, "5~7", 7]
    made.follow(message(6))
    made.follow(mine)
    assert looks(made) == [1, 2, 3, 4, 5, 6, 7]
    assert made.rev == 7


def test_an_own_message_that_is_known_by_rev_is_not_put_back() -> None:
    made = timeline(*messages(91, 100), rev=100)
    made.keep_own(message(12, sender_id=ME, nonce="a"))
    assert looks(made) == list(range(91, 101))


# Repair


def test_repair_asks_for_what_is_held_and_what_was_missed_behind_it() -> None:
    made = timeline(*messages(91, 100), rev=100)
    made.merge_page(page(*messages(1, 5), rev=100, newer=True))
    assert made.ranges() == ((1, 5), (91, MAX_INTEGER))
    made.raise_last_id(101)
    assert made.ranges() == ((1, 5), (91, MAX_INTEGER))
    assert made.merge_changes([deleted(3, 102), message(101)], made.ranges(), 102)
    assert made.rev == 102
    assert looks(made) == [1, 2, 3, 4, 5, "5~91", *range(91, 102)]


def test_a_channel_that_was_empty_is_caught_up_with_too() -> None:
    made = timeline(rev=0)
    assert made.ranges() == ()
    made.merge_page(page(rev=0))
    made.raise_last_id(2)
    assert made.ranges() == ((1, MAX_INTEGER),)
    assert made.merge_changes(messages(1, 2), made.ranges(), 2)
    assert looks(made) == [1, 2]


def test_a_channel_that_was_empty_for_long_gets_its_newest_page() -> None:
    made = timeline(rev=0)
    made.merge_page(page(rev=0))
    made.raise_last_id(500)
    assert made.missed_much
    assert made.ranges() == ()


def test_after_a_long_absence_only_what_is_held_is_asked_for() -> None:
    made = timeline(*messages(91, 100), rev=100)
    made.raise_last_id(300)
    assert not made.missed_much
    made.raise_last_id(301)
    assert made.missed_much
    assert made.ranges() == ((91, 100),)
    made.merge_changes([], made.ranges(), 400)
    made.merge_page(page(*messages(252, 301), rev=400))
    assert looks(made)[9:12] == [100, "100~252", 252]
    assert not made.missed_much


def test_a_place_in_history_does_not_pull_in_the_newest() -> None:
    made = timeline(rev=100, last_id=900)
    made.merge_page(page(*messages(40, 50), rev=100, newer=True))
    assert not made.missed_much
    assert made.ranges() == ((40, 50),)


def test_a_repair_that_did_not_ask_for_everything_held_does_not_count() -> None:
    made = timeline(*messages(91, 100), rev=100)
    asked = made.ranges()
    made.merge_page(page(*messages(1, 5), rev=101, newer=True))
    assert not made.merge_changes([message(101)], asked, 110), "what became of 1 to 5 was not asked"
    assert made.rev == 100
    assert made.newest_id == 101


# Rows


def test_a_row_is_the_same_object_until_something_about_it_changes() -> None:
    made = timeline(*messages(1, 5), rev=5)
    before = made.items()
    assert made.items() is before
    made.follow(message(6))
    made.follow(deleted(2, 7))
    after = made.items()
    assert [one is other for one, other in zip(before, after, strict=False)] == [True, False, True, True, True]


def test_pending_messages_stand_at_the_end_in_the_order_written() -> None:
    made = timeline(*messages(1, 2), rev=2)
    a, b = entry("a"), entry("b")
    made.show([a, b])
    assert looks(made) == [1, 2, "a", "b"]
    row = made.items()[-1]
    assert isinstance(row, Row)
    assert (row.delivery, row.message.content, row.message.sender_id) == (PENDING, "text of b", ME)
    made.follow(message(3))
    assert looks(made) == [1, 2, 3, "a", "b"]
    assert made.items()[-1] is row


def test_a_sent_message_keeps_the_key_of_its_pending_row() -> None:
    made = timeline(*messages(1, 2), rev=2)
    made.show([entry("a")])
    pending = made.items()[-1]
    made.follow(message(3, sender_id=ME, nonce="a"))
    made.show([])
    sent = made.items()[-1]
    assert isinstance(pending, Row)
    assert isinstance(sent, Row)
    assert pending.key == sent.key
    assert sent.message.id == 3


def test_the_nonce_of_somebody_else_is_no_key() -> None:
    made = timeline(message(1, nonce="a"), message(2, nonce="a"), rev=2)
    keys = [each.key for each in made.items() if isinstance(each, Row)]
    assert len(set(keys)) == 2


def test_how_an_unsent_message_stands() -> None:
    made = timeline(message(1), rev=1)
    made.show([entry("a", state="waiting", reason="rate-limited", not_before=5), entry("b", state="failed", error=NO)])
    assert [each.delivery for each in made.items() if isinstance(each, Row)][1:] == [
        Waiting("rate-limited", 5),
        Failed(NO),
    ]


def test_an_edit_shows_at_once_and_the_old_text_comes_back_if_it_is_refused() -> None:
    made = timeline(*messages(1, 3), rev=3)
    old = shown(made, 2)
    made.show([entry("e", kind="modify", chat_id=2, content="new text")])
    row = shown(made, 2)
    assert (row.message.content, row.delivery, row.key) == ("new text", PENDING, old.key)
    assert made.find(2) == message(2)
    assert looks(made) == [1, 2, 3]
    made.show([entry("e", kind="modify", chat_id=2, content="new text", state="failed", error=NO)])
    row = shown(made, 2)
    assert (row.message.content, row.delivery) == ("text 2", Failed(NO))
    assert row.entry is not None
    assert row.entry.content == "new text"
    made.show([])
    assert shown(made, 2).message == message(2)


def test_a_deletion_shows_at_once_and_is_undone_if_it_is_refused() -> None:
    made = timeline(*messages(1, 3), rev=3)
    made.show([entry("d", kind="delete", chat_id=2, content="")])
    row = shown(made, 2)
    assert row.message.content == ""
    assert row.message.deleted_at is not None
    made.show([entry("d", kind="delete", chat_id=2, content="", state="failed", error=NO)])
    assert shown(made, 2).message == message(2)


def test_of_two_edits_the_later_shows_but_a_failed_one_hides_nothing_under_way() -> None:
    made = timeline(*messages(1, 3), rev=3)
    one = entry("one", kind="modify", chat_id=2, content="one")
    two = entry("two", kind="modify", chat_id=2, content="two")
    made.show([one, two])
    assert shown(made, 2).message.content == "two"
    made.show([one, entry("two", kind="modify", chat_id=2, content="two", state="failed", error=NO)])
    assert shown(made, 2).message.content == "one"
    made.show([entry("one", kind="modify", chat_id=2, content="one", state="failed", error=NO), two])
    assert shown(made, 2).message.content == "two"


def test_an_edit_of_what_is_not_held_shows_when_it_is_loaded() -> None:
    made = timeline(*messages(6, 9), rev=9)
    made.show([entry("e", kind="modify", chat_id=3, content="new text")])
    assert looks(made) == [6, 7, 8, 9]
    made.merge_page(page(*messages(1, 5), rev=9, newer=True))
    assert shown(made, 3).message.content == "new text"


def test_a_changed_row_stays_the_same_object_too() -> None:
    made = timeline(*messages(1, 3), rev=3)
    made.show([entry("e", kind="modify", chat_id=2, content="new text")])
    row = shown(made, 2)
    made.follow(message(4))
    assert shown(made, 2) is row
    made.follow(message(2, 5, pinned=True))
    assert shown(made, 2) is not row
    assert shown(made, 2).message.pinned


# Reading


def test_what_is_behind_a_message_is_told_only_if_all_of_it_is_held() -> None:
    made = timeline(*messages(5, 9), rev=9)
    assert made.messages_after(9) == ()
    assert [each.id for each in made.messages_after(7) or ()] == [8, 9]
    assert [each.id for each in made.messages_after(4) or ()] == [5, 6, 7, 8, 9]
    assert made.messages_after(3) is None
    made.raise_last_id(10)
    assert made.messages_after(7) is None


def test_what_is_remembered_is_the_newest_and_only_if_it_is_held() -> None:
    made = timeline(*messages(1, 9), rev=9)
    assert [each.id for each in made.newest(3)] == [7, 8, 9]
    made.raise_last_id(12)
    assert made.newest(3) == ()
