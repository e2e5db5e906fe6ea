"""Counting by events equals counting one by one, or says that it can't know."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from asnity_server.protocol.models import Message
from asnity_tui.state.unread import Badge, after_change, after_new, count, is_counted, is_mention, whole_badge

from .making import BOB, ME, counters, deleted, message


@pytest.mark.parametrize(
    ("given_", "counted", "mention"),
    [
        ({}, True, False),
        ({"mentions": (BOB, ME)}, True, True),
        ({"mentions_all": True}, True, True),
        ({"sender_id": ME, "mentions_all": True}, False, False),
        ({"type": "SYSTEM"}, False, False),
        ({"deleted_at": "2026-11-20T10:00:00.000Z", "mentions": (ME,)}, False, False),
    ],
)
def test_what_counts(given_: dict[str, object], counted: bool, mention: bool) -> None:
    assert is_counted(message(1, **given_), ME) is counted
    assert is_mention(message(1, **given_), ME) is mention


def test_my_own_message_is_read_if_everything_before_was() -> None:
    assert after_new(counters(4, read=4), message(5, sender_id=ME), ME).read_id == 5
    assert after_new(counters(4, read=2, unread=2), message(5, sender_id=ME), ME).read_id == 2


def test_a_change_of_what_is_read_counts_nothing() -> None:
    told = after_change(counters(9, read=5, unread=3, mentions=1), None, deleted(5, 10), ME)
    assert told == counters(9, 10, read=5, unread=3, mentions=1)


def test_a_change_without_the_old_copy_is_uncertain_only_where_it_matters() -> None:
    calm, meant = counters(9, read=5, unread=3), counters(9, read=5, unread=3, mentions=1)
    assert after_change(calm, None, message(7, 10), ME) == counters(9, 10, read=5, unread=3)
    assert after_change(calm, None, deleted(7, 10), ME) == counters(9, 10, read=5, unread=2)
    assert after_change(calm, None, message(7, 10, mentions=(ME,)), ME) is None
    assert after_change(meant, None, message(7, 10), ME) is None
    assert after_change(meant, None, deleted(7, 10), ME) is None
    assert after_change(meant, None, message(7, 10, sender_id=ME), ME) == counters(9, 10, read=5, unread=3, mentions=1)


def test_a_count_at_its_cap_rises_no_more_and_can_not_be_lowered() -> None:
    full = counters(200, read=1, unread=100, mentions=100)
    assert after_new(full, message(201, mentions_all=True), ME) == counters(201, read=1, unread=100, mentions=100)
    assert after_change(full, message(9), deleted(9, 201), ME) is None
    assert after_change(full, message(9, mentions=(ME,)), message(9, 201), ME) is None
    assert after_change(full, message(9), message(9, 201), ME) == counters(200, 201, read=1, unread=100, mentions=100)


_CHANGES = st.sampled_from(["plain", "mention", "delete"])
_SENDERS = st.sampled_from([BOB, BOB, ME])


@settings(derandomize=True, deadline=None)
@given(
    st.lists(
        st.tuples(st.just("new"), _SENDERS, _CHANGES) | st.tuples(st.just("change"), st.integers(0, 20), _CHANGES),
        max_size=40,
    ),
    st.integers(0, 10),
)
def test_counting_on_equals_counting_anew(history: list[tuple[str, str | int, str]], read: int) -> None:
    stored: list[Message] = []
    told = counters(0)
    for rev, (what, which, how) in enumerate(history, 1):
        mentions = (ME,) if how == "mention" else ()
        if what == "new":
            stored.append(message(len(stored) + 1, rev, sender_id=str(which), mentions=mentions))
            told = after_new(told, stored[-1], ME)
        elif stored:
            index = int(which) % len(stored)
            old = stored[index]
            gone = how == "delete" or old.deleted_at is not None
            new = deleted(old.id, rev) if gone else message(old.id, rev, mentions=mentions)
            stored[index] = replace(new, sender_id=old.sender_id)
            told = after_change(told, old, stored[index], ME) or pytest.fail("it is certain: the old copy is known")
        if len(stored) == read:
            told = replace(told, read_id=read, unread=0, mentions=0)
        assert (told.unread, told.mentions) == count(stored[told.read_id :], ME)


def test_badges() -> None:
    assert Badge().sign == "none"
    assert Badge(3).sign == "count"
    assert Badge(3, 1).sign == "mention"
    assert Badge(3, muted=True).sign == "none"
    assert Badge(3, 1, muted=True).sign == "mention"
    assert whole_badge([]).sign == "none"
    assert whole_badge([Badge(3), Badge(9, muted=True)]) == Badge(3, whole=True)
    assert whole_badge([Badge(3)]).sign == "dot"
    assert whole_badge([Badge(9, 2, muted=True), Badge(1, 1)]) == Badge(1, 3, whole=True)
    assert whole_badge([Badge(90, 90), Badge(90, 90)]) == Badge(100, 100, whole=True)
