"""Reactions of mine that show before the server knows them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from asnity_server.protocol.events import ReactionChat
from asnity_server.protocol.limits import REACTION_USERS
from asnity_server.protocol.models import Reaction
from asnity_tui.state.pending_overlay import has_reacted, with_reaction
from asnity_tui.state.timeline import Timeline

from .making import BOB, GENERAL, ME, deleted, entry, message, messages, page


def loaded(last: int = 3) -> Timeline:
    timeline = Timeline(me=ME, rev=last, last_id=last)
    timeline.merge_page(page(*messages(1, last), rev=last))
    return timeline


def shown(timeline: Timeline, message_id: int) -> dict[str, tuple[int, tuple[str, ...]]]:
    row = timeline.row(message_id)
    assert row is not None
    assert any(each is row for each in timeline.items())
    return {emoji: (each.count, each.users) for emoji, each in row.message.reactions.items()}


def test_a_reaction_shows_at_once_and_goes_again() -> None:
    timeline = loaded()
    before = timeline.items()
    timeline.react(2, "👍", True)
    assert shown(timeline, 2) == {"👍": (1, (ME,))}
    assert timeline.items()[0] is before[0]
    assert timeline.find(2) == message(2)
    version = timeline.version
    timeline.react(2, "👍", True)
    assert timeline.version == version
    timeline.react(2, "👍", None)
    assert shown(timeline, 2) == {}
    assert list(timeline.items()) == list(before)


def test_the_row_stays_the_same_while_nothing_changes_and_follows_what_others_do() -> None:
    timeline = loaded()
    timeline.react(2, "👍", True)
    row = timeline.row(2)
    timeline.follow(message(4))
    assert timeline.row(2) is row
    theirs = {"👍": Reaction(count=1, users=(BOB,)), "🍊": Reaction(count=1, users=(BOB,))}
    timeline.follow(ReactionChat(channel_id=GENERAL, chat_id=2, rev=5, reactions=theirs))
    assert shown(timeline, 2) == {"👍": (2, (BOB, ME)), "🍊": (1, (BOB,))}
    timeline.react(2, "🍊", False)
    assert shown(timeline, 2)["🍊"] == (1, (BOB,))
    timeline.react(2, "🍊", None)


def test_taking_one_back_and_putting_others() -> None:
    timeline = Timeline(me=ME, rev=1, last_id=1)
    mine = {"👍": Reaction(count=2, users=(ME, BOB)), "🍊": Reaction(count=1, users=(ME,))}
    timeline.merge_page(page(message(1, reactions=mine), rev=1))
    timeline.react(1, "👍", False)
    timeline.react(1, "🍊", False)
    timeline.react(1, "🎉", True)
    assert shown(timeline, 1) == {"👍": (1, (BOB,)), "🎉": (1, (ME,))}


def test_a_pending_edit_and_a_reaction_lie_over_one_message() -> None:
    timeline = loaded()
    timeline.show([entry("a", kind="modify", chat_id=2, content="new")])
    timeline.react(2, "👍", True)
    row = timeline.row(2)
    assert row is not None
    assert (row.message.content, list(row.message.reactions)) == ("new", ["👍"])
    timeline.show([])
    assert shown(timeline, 2) == {"👍": (1, (ME,))}


def test_nothing_is_put_under_a_deleted_message_or_one_that_isnt_held() -> None:
    timeline = loaded()
    timeline.react(2, "👍", True)
    timeline.react(9, "👍", True)
    timeline.follow(deleted(2, 4))
    assert shown(timeline, 2) == {}
    assert timeline.row(9) is None


def test_in_a_crowd_the_person_is_believed() -> None:
    names = tuple(f"user{number:08}" for number in range(REACTION_USERS))
    crowded = message(1, reactions={"👍": Reaction(count=30, users=names)})
    assert has_reacted(crowded, "👍", ME) is None
    assert with_reaction(crowded, "👍", ME, on=True).reactions["👍"] == Reaction(count=31, users=names)
    assert with_reaction(crowded, "👍", ME, on=False).reactions["👍"] == Reaction(count=29, users=names)


@settings(max_examples=30)
@given(st.lists(st.sampled_from([BOB, ME, "x", "y"]), unique=True), st.booleans())
def test_putting_and_taking_back_are_opposites(users: list[str], on: bool) -> None:
    reactions = {"👍": Reaction(count=len(users), users=tuple(users))} if users else {}
    before = message(1, reactions=reactions)
    after = with_reaction(before, "👍", ME, on=on)
    assert has_reacted(after, "👍", ME) is on
    back = with_reaction(after, "👍", ME, on=ME in users).reactions
    assert {emoji: (each.count, set(each.users)) for emoji, each in back.items()} == {
        emoji: (each.count, set(each.users)) for emoji, each in reactions.items()
    }
