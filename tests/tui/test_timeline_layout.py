"""The lines of timeline rows, and the places of the rows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from asnity_server.protocol.models import Reaction
from asnity_tui.state.rows import Gap, Item, Row
from asnity_tui.widgets.text.markdown import render
from asnity_tui.widgets.timeline.layout import RenderContext, RowHeader, header_of, layout_row
from asnity_tui.widgets.timeline.row_heights import RowHeights
from asnity_tui.widgets.timeline.row_index import RowIndex, key_of

from .making import ME, refused, render_context, row, rows, unsent
from .test_cell_width import texts


def shown(item: Item, place: RowHeader | None = None, width: int = 60) -> list[str]:
    """The lines of an item as text, without the spaces behind."""
    layout = layout_row(item, place or RowHeader(), render_context(), width)
    return ["".join(piece.text for piece in line).rstrip() for line in layout.lines]


def shown_in(where: RenderContext, item: Item) -> list[str]:
    """The same in a context of one's own."""
    layout = layout_row(item, RowHeader(), where, 60)
    return ["".join(piece.text for piece in line).rstrip() for line in layout.lines]


def test_author_and_time_stand_above_the_text() -> None:
    assert shown(row(1, "a", "Good morning")) == [" alice  10:02", "   Good morning"]


def test_my_own_rows_say_you() -> None:
    assert shown(row(1, ME, "hi"))[0] == " you  10:02"


def test_a_pending_row_has_its_mark_where_a_sent_one_has_none() -> None:
    assert shown(unsent("n", "on my way"), RowHeader(heading=False)) == [" … on my way"]


def test_a_failed_row_says_why_and_which_keys_help() -> None:
    failed = unsent("n", "see you there", refused("You are muted until 10:30."))
    assert shown(failed, RowHeader(heading=False), 80) == [
        " ! see you there",
        "   not sent: You are muted until 10:30 · alt+r retry  alt+e edit  alt+x discard",
    ]


def test_the_keys_of_a_failed_row_wrap_below_its_reason() -> None:
    failed = unsent("n", "see you there", refused("You are muted until 10:30."))
    assert shown(failed, RowHeader(heading=False), 40)[1:] == [
        "   not sent: You are muted until 10:30",
        "   alt+r retry",
        "   alt+e edit",
        "   alt+x discard",
    ]


def test_a_failed_deletion_can_not_be_edited() -> None:
    assert "edit" not in "\n".join(shown(unsent("n", "x", refused("No."), "delete"), width=80))


def test_remarks_stand_behind_the_text() -> None:
    edited = row(1, "a", "green", updated_at="2026-11-20T11:00:00.000Z")
    liked = row(2, "a", "귤", reactions={"🍊": Reaction(count=2, users=())})
    assert shown(edited)[1] == "   green  (edited)"
    assert shown(liked)[1] == "   귤   🍊 2"


def test_a_deleted_message_keeps_its_place() -> None:
    assert shown(row(1, "a", "", deleted_at="2026-11-20T11:00:00.000Z"))[1] == "   message deleted"


def test_a_mention_of_me_is_marked_and_coloured() -> None:
    layout = layout_row(row(1, "a", "@mina and @alice", mentions=(ME, "a")), RowHeader(), render_context(), 60)
    assert layout.marked
    assert [piece.style for piece in layout.lines[1]] == ["plain", "called-mark", "plain", "called", "text", "mention"]


@pytest.mark.parametrize("call", ["@channel", "@here", "@Everyone", "@all", "@all에게"])
def test_a_call_to_everybody_is_coloured_by_whatever_name(call: str) -> None:
    layout = layout_row(row(1, "a", f"{call} lunch", mentions_all=True), RowHeader(), render_context(), 60)
    assert layout.marked
    assert [piece.text for piece in layout.lines[1] if piece.style == "called"] == [call.removesuffix("에게")]


def test_a_reply_to_me_is_marked() -> None:
    layout = layout_row(row(2, "a", "so it is", reply_to=1, mentions=(ME,)), RowHeader(), render_context(), 60)
    assert layout.marked


def test_a_mention_in_code_is_text() -> None:
    layout = layout_row(row(1, "a", "`@mina` @mina", mentions=(ME,)), RowHeader(), render_context(), 60)
    assert [(piece.text, piece.style) for piece in layout.lines[1][3:]] == [("`@mina` ", "text"), ("@mina", "called")]


def test_what_is_not_loaded_is_counted() -> None:
    assert shown(Gap(3, 416, 412)) == [" ⋯ 412 messages not loaded"]


def test_rules_stand_above_the_heading() -> None:
    lines = shown(row(1, "a", "x"), RowHeader(day=True, new=True), 40)
    assert "Friday, 20 November" in lines[0]
    assert " new " in lines[1]
    assert lines[2] == " alice  10:02"


def test_messages_of_one_author_within_five_minutes_share_a_heading() -> None:
    first, soon, late, other = row(1, "a"), row(2, "a", minutes=4), row(3, "a", minutes=10), row(4, "b", minutes=10)
    headings = [
        header_of(item, before, render_context(), new_after=None).heading
        for before, item in ((None, first), (first, soon), (soon, late), (late, other))
    ]
    assert headings == [True, False, True, True]


def test_the_new_rule_stands_above_the_first_unread_only() -> None:
    some = rows(1, 4)
    places = [header_of(some[i], some[i - 1] if i else None, render_context(), new_after=2).new for i in range(4)]
    assert places == [False, False, True, False]


def test_links_end_where_the_sentence_goes_on() -> None:
    text = "See (https://example.org/a_(b)), https://example.org/c. ftp://x javascript:alert(1)"
    links = layout_row(row(1, "a", text), RowHeader(), render_context(), 60).links
    assert [(text[start:end], address) for start, end, address in links] == [
        ("https://example.org/a_(b)", "https://example.org/a_(b)"),
        ("https://example.org/c", "https://example.org/c"),
    ]


@given(texts, st.integers(min_value=8, max_value=120), st.booleans(), st.booleans())
def test_no_line_of_a_row_is_wider_than_the_pane(text: str, width: int, failed: bool, mine: bool) -> None:
    names = render_context(name_of=lambda _: text)
    item: Row = unsent("n", text, refused(text)) if failed else row(1, ME if mine else "a", text, reply_to=9)
    for line in layout_row(item, RowHeader(day=True, new=True), names, width).lines:
        assert cell_len("".join(piece.text for piece in line)) <= width


@given(texts, st.integers(min_value=8, max_value=60))
def test_the_lines_of_a_row_hold_its_text_at_the_offsets_they_say(text: str, width: int) -> None:
    layout = layout_row(row(1, "a", text), RowHeader(), render_context(), width)
    for line in layout.lines[1:]:
        for piece in line[3:]:
            if piece.style == "text":
                assert layout.text[piece.at : piece.at + len(piece.text)] == piece.text


@pytest.mark.slow
@given(
    st.lists(st.integers(min_value=1, max_value=9), min_size=1, max_size=400),
    st.data(),
)
def test_heights_are_summed_up_as_a_plain_list_would_be(heights: list[int], data: st.DataObject) -> None:
    index = RowHeights(heights)
    start = data.draw(st.integers(0, len(heights)))
    end = data.draw(st.integers(start, len(heights)))
    fresh = data.draw(st.lists(st.integers(1, 9), max_size=20))
    index.splice(start, end, fresh)
    heights[start:end] = fresh
    if heights:
        where = data.draw(st.integers(0, len(heights) - 1))
        index.set(where, 3)
        heights[where] = 3
        line = data.draw(st.integers(0, sum(heights) - 1))
        row_found, inside = index.find(line)
        assert sum(heights[:row_found]) + inside == line
        assert 0 <= inside < heights[row_found]
    assert [index.top(i) for i in range(len(heights) + 1)] == [sum(heights[:i]) for i in range(len(heights) + 1)]
    assert index.total == sum(heights)


@pytest.mark.slow
@given(st.data())
def test_exchanged_rows_are_measured_as_if_they_were_all_new(data: st.DataObject) -> None:
    """An index that kept what it knew equals one that starts from nothing, for all that comes and goes."""
    pool = rows(1, 40, text="word {} " * 9)
    index = RowIndex(render_context(), 40)
    for _ in range(data.draw(st.integers(1, 5))):
        low = data.draw(st.integers(0, 39))
        high = data.draw(st.integers(low, 40))
        items: list[Item] = list(pool[low:high])
        if items and data.draw(st.booleans()):
            at = data.draw(st.integers(0, len(items) - 1))
            items[at] = pool[low + at] = row(low + at + 1, "b", "changed " * 20, (low + at) / 3)
        if data.draw(st.booleans()):
            items.append(unsent("n", "pending"))
        index.replace(tuple(items))
        index.measure(0, len(items))
        fresh = RowIndex(render_context(), 40)
        fresh.reset(tuple(items), None)
        fresh.measure(0, len(items))
        assert [index.heights[i] for i in range(len(items))] == [fresh.heights[i] for i in range(len(items))]
        assert all(index.index_of(key_of(item)) == i for i, item in enumerate(items))


def test_a_row_that_changed_is_laid_once() -> None:
    old = row(1, "a", "hello")
    index = RowIndex(render_context(), 40)
    index.reset([old], None)
    index.layout(0)
    changed = row(1, "a", "hello, edited")
    index.replace([changed])
    layout = index.layout(0)
    assert layout.text == "hello, edited"
    assert index.layout(0) is layout
    assert index.index_of("m1") == 0


def long(lines: int) -> Row:
    """A message of so many lines."""
    return row(1, "a", "\n".join(f"line {number}" for number in range(1, lines + 1)))


def test_a_long_message_is_folded_behind_thirty_lines() -> None:
    assert shown(long(30))[-1] == "   line 30"
    assert shown(long(72))[-2:] == ["   line 30", "   … 42 more lines · Enter to show"]
    assert shown(long(31))[-1] == "   … 1 more line · Enter to show"
    folded = layout_row(long(72), RowHeader(), render_context(), 60)
    assert (folded.folded, len(folded.lines)) == (31, 32)
    assert folded.text.endswith("line 72")  # what is selected or copied is all of it
    whole = layout_row(long(72), RowHeader(), render_context(), 60, whole=True)
    assert (whole.folded, len(whole.lines)) == (None, 73)


def test_a_folded_message_keeps_what_is_said_about_it() -> None:
    edited = row(1, "a", long(50).message.content, updated_at="2026-11-20T11:00:00.000Z")
    assert shown(edited, width=80)[-1] == "   … 20 more lines · Enter to show  (edited)"


def test_an_action_says_who_acts() -> None:
    assert shown(row(1, "b", "/me waves"))[1] == "   * bob waves"
    assert shown(row(1, ME, "/me waves"))[1] == "   * mina waves"
    assert shown(row(1, "b", "/me"))[1] == "   /me"
    assert shown(row(1, "b", "say /me waves"))[1] == "   say /me waves"
    raw = layout_row(row(1, "b", "/me waves"), RowHeader(), render_context(), 60, raw=True)
    assert raw.text == "/me waves"


def test_an_action_has_its_markup_where_it_stands() -> None:
    told = row(1, "b", "/me **hugs** @mina, see https://x.org/\n- and\n- so", mentions=(ME,))
    layout = layout_row(told, RowHeader(), render_context(render=render), 60)
    assert "".join(piece.text for piece in layout.lines[1][3:]) == "* bob hugs @mina, see https://x.org/"
    assert [(piece.text, piece.style) for piece in layout.lines[1][3:] if piece.style != "text"] == [
        ("hugs", "text+b"),
        ("@mina", "called"),
        ("https://x.org/", "link"),
    ]
    assert all(layout.text.startswith(piece.text, piece.at) for line in layout.lines[1:] for piece in line[3:])
    assert layout.text[layout.links[0].start : layout.links[0].end] == "https://x.org/"


def test_an_answer_to_an_action_says_who_acted() -> None:
    acted = row(1, "b", "/me waves").message
    assert shown_in(render_context(message_of=lambda _: acted), row(2, "a", "hi", reply_to=1))[1] == "   > * bob waves"


def test_an_answer_quotes_what_it_answers_as_that_is_now() -> None:
    held = {1: row(1, "a", "the old text").message}
    index = RowIndex(render_context(message_of=held.get), 60)
    index.reset([row(2, "b", "an answer", reply_to=1)], None)

    def quoted() -> str:
        layout = index.layout(0)
        assert layout.quote is not None
        return "".join(piece.text for piece in layout.lines[layout.quote])

    assert "the old text" in quoted()
    held[1] = row(1, "a", "a new text").message
    assert "a new text" in quoted()
    held[1] = row(1, "a", "", deleted_at="2026-11-20T11:00:00.000Z").message
    assert "a deleted message" in quoted()
    del held[1]
    assert "an earlier message" in quoted()
