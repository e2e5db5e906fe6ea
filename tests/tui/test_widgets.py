"""Lists, composer, status line and what they are made of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from msgspec import structs
from textual.app import App, ComposeResult
from textual.events import Paste
from textual.pilot import Pilot
from textual.widget import Widget

from asnity_server.protocol.models import Member
from asnity_tui import themes
from asnity_tui.state.community import PresenceStatus
from asnity_tui.state.outbox_entry import OutboxEntry as Unsent
from asnity_tui.state.unread import Badge
from asnity_tui.widgets.badges import channel_badge, community_badge
from asnity_tui.widgets.channel_list import BROWSE, ChannelList
from asnity_tui.widgets.community_rail import ADD, CommunityRail, monogram
from asnity_tui.widgets.composer import Composer
from asnity_tui.widgets.list_pane import ListEntry, ListPane
from asnity_tui.widgets.members_pane import MembersPane
from asnity_tui.widgets.status_bar import StatusBar, StatusInfo, waits_for
from asnity_tui.widgets.text.styles import Span, spans
from asnity_tui.widgets.text_bar import TextBar

from .test_next_channel import FULL, ME, A, community, entry, store
from .test_timeline import STYLES


class Holder(App[None]):
    """One widget."""

    CSS_PATH = STYLES

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget
        self.told: list[object] = []

    def compose(self) -> ComposeResult:
        for theme in themes.OWN:
            self.register_theme(theme)
        self.theme = "asnity-dark"
        if isinstance(self.widget, Composer):
            self.widget.host = self
        yield self.widget

    def on_list_pane_chosen(self, event: ListPane.Chosen) -> None:
        self.told.append(event.key)

    def offer(self) -> None:
        """Nothing is offered."""

    def take_offer(self) -> bool:
        return False

    def submit(self, text: str) -> None:
        self.told.append(text)

    def hurry(self) -> None:
        self.told.append("hurry")

    def on_composer_too_long(self, event: Composer.TooLong) -> None:
        self.told.append(event.excess)

    def on_composer_edit_last(self) -> None:
        self.told.append("edit last")

    def on_composer_left(self) -> None:
        self.told.append("left")

    def lines(self) -> list[str]:
        return [self.widget.render_line(y).text.rstrip() for y in range(self.widget.size.height)]


@asynccontextmanager
async def held(widget: Widget, size: tuple[int, int] = (24, 12)) -> AsyncIterator[tuple[Holder, Pilot[None]]]:
    app = Holder(widget)
    async with app.run_test(size=size) as pilot:
        yield app, pilot


def entries(*keys: str | None) -> list[ListEntry]:
    return [ListEntry(key, (Span(key or "head"),)) for key in keys]


# Lists


async def test_moving_through_a_list_opens_nothing() -> None:
    pane = ListPane()
    async with held(pane) as (app, pilot):
        pane.show(entries(None, "a", "b", None, "c"), current="a")
        await pilot.press("down", "j", "ㅓ", "up")
        assert pane.cursor == "b"
        assert app.told == []
        await pilot.press("enter")
        assert app.told == ["b"]


async def test_headings_are_skipped_and_the_ends_hold() -> None:
    pane = ListPane()
    async with held(pane) as (_, pilot):
        pane.show(entries(None, "a", None, "b"))
        await pilot.press("end", "down", "down")
        assert pane.cursor == "b"
        await pilot.press("home", "up")
        assert pane.cursor == "a"


async def test_the_cursor_stays_when_the_list_changes() -> None:
    pane = ListPane()
    async with held(pane) as (_, pilot):
        pane.show(entries("a", "b", "c"))
        await pilot.press("down")
        pane.show(entries("x", "a", "b", "c"))
        assert pane.cursor == "b"
        pane.show(entries("x", "y"))
        assert pane.cursor == "x"


async def test_a_click_chooses() -> None:
    pane = ListPane()
    async with held(pane) as (app, pilot):
        pane.show(entries(None, "a", "b"))
        await pilot.click(ListPane, offset=(2, 2))
        await pilot.click(ListPane, offset=(2, 0))
        await pilot.click(ListPane, offset=(2, 9))
        assert app.told == ["b"]


async def test_thousands_of_entries_are_paged_through() -> None:
    pane = ListPane()
    async with held(pane) as (app, pilot):
        pane.show(entries(*(f"member {number}" for number in range(16_000))))
        await pilot.press("pagedown", "pagedown")
        assert pane.cursor == "member 22"
        assert any("member 22" in line for line in app.lines())
        await pilot.press("end")
        assert "member 15999" in app.lines()[-1]


async def test_the_channel_list_shows_what_is_where() -> None:
    full = store(*FULL)
    full.communities[A].joined = True
    pane = ChannelList()
    async with held(pane) as (app, _):
        pane.fill(full.communities[A], current=f"{A}-generala", drafts={f"{A}-bobaaaaa"}, title_of=full.title_of, me=ME)
        assert app.lines()[:7] == [
            " Channels",
            "▌# general",
            " # random             3",
            " + more",
            "",
            " Direct",
            " ○ Bob         draft @2",
        ]
        assert [each.key for each in pane.entries][3] == BROWSE
        full.communities[A].joined = False
        pane.fill(full.communities[A], current=None, drafts=(), title_of=full.title_of, me=ME)
        assert app.lines()[6] == " · Bob               @2"  # without a connection nobody is known to be offline


async def test_a_channel_is_drawn_anew_only_when_something_about_it_changes() -> None:
    full = store(*FULL)
    lab = full.communities[A]
    pane = ChannelList()
    async with held(pane):
        pane.fill(lab, current=None, drafts=(), title_of=full.title_of, me=ME)
        before = {each.key: each for each in pane.entries if each.key}
        lab.joined = True
        lab.channels[f"{A}-randomaa"].muted = True
        pane.fill(lab, current=f"{A}-generala", drafts=(), title_of=full.title_of, me=ME)
        anew = {each.key for each in pane.entries if each.key and each is not before[each.key]}
        assert anew == {f"{A}-generala", f"{A}-randomaa", f"{A}-bobaaaaa", BROWSE}
        before = {each.key: each for each in pane.entries if each.key}
        pane.fill(lab, current=f"{A}-generala", drafts={f"{A}-randomaa"}, title_of=full.title_of, me=ME)
        assert {each.key for each in pane.entries if each.key and each is not before[each.key]} == {
            f"{A}-randomaa",
            BROWSE,
        }


async def test_muted_channels_only_show_mentions() -> None:
    full = store(community(A, "Lab", entry(A, "general", 5), entry(A, "loud", 7, 1)))
    for channel in full.communities[A].channels.values():
        channel.muted = True
    pane = ChannelList()
    async with held(pane) as (app, _):
        pane.fill(full.communities[A], current=None, drafts=(), title_of=full.title_of, me=ME)
        assert app.lines()[1].split()[1:] == ["general"]
        assert app.lines()[2].split() == ["#", "loud", "@1"]


async def test_the_rail_shows_letters_and_what_is_new() -> None:
    full = store(*FULL, community("cccccccccccc", "quiet place", entry("cccccccccccc", "general", 2)))
    pane = CommunityRail()
    async with held(pane, (7, 12)) as (app, _):
        pane.fill(list(full.communities.values()), current=A)
        assert app.lines()[:7] == ["▌LA 2", "", " OS 2", "", " QP •", "", " +"]
        assert pane.entries[-1].key == ADD


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Mandarin Lab", "ML"), ("golang", "GO"), ("귤 농장", "귤"), ("x", "X "), ("", "? "), ("👩‍👩‍👧 family", "👩‍👩‍👧")],
)
def test_a_monogram_takes_two_cells(name: str, letters: str) -> None:
    assert monogram(name) == letters


def test_counts_stop_where_the_server_stops_counting() -> None:
    assert channel_badge(Badge(100, 0)) == (Span("99+", "count"),)
    assert channel_badge(Badge(7, 3)) == (Span("@3", "badge"),)
    assert channel_badge(Badge()) == ()
    assert community_badge(Badge(4, 0, whole=True)) == (Span("•", "count"),)
    assert community_badge(Badge(4, 2, whole=True)) == (Span("2", "badge"),)


async def test_members_who_are_here_stand_first() -> None:
    users = store(*FULL).users
    pane = MembersPane()
    async with held(pane) as (app, _):
        pane.say("Not loaded: you are offline.")
        assert app.lines()[1:3] == [" Not loaded: you are", " offline."]
        members = [
            Member(user=users["bob"], role="owner", joined_at=""),
            Member(user=users[ME], role="member", joined_at="", muted_until="1970-01-01T00:00:01.000Z"),
        ]
        presence: dict[str, PresenceStatus] = {ME: "away", "bob": "offline"}
        pane.fill(members, presence.__getitem__, ME, now=999)
        assert app.lines()[2] == "▌◐ mina (you)     muted"
        pane.fill(members, presence.__getitem__, ME, now=1000)
        assert app.lines()[:4] == [" 2 members · 1 online", "", "▌◐ mina (you)      away", " ○ Bob            owner"]


async def test_members_show_their_status_and_nobody_is_called_offline_without_a_connection() -> None:
    users = store(*FULL).users
    pane = MembersPane()
    async with held(pane) as (app, _):
        bob = Member(user=structs.replace(users["bob"], status_text="on \x1b[1mholiday"), role="member", joined_at="")
        pane.fill([bob], lambda _: "unknown", ME, note="you are offline")
        lines = app.lines()
        assert lines[:2] == [" 1 member", " you are offline"]
        assert lines[2].startswith("▌· Bob  on ")
        assert "\x1b" not in lines[2]


# Lines


async def test_what_has_no_room_is_cut_on_the_left() -> None:
    bar = TextBar()
    async with held(bar, (12, 1)) as (app, _):
        bar.say(spans("a long left side"), spans("right"))
        assert app.lines() == ["a lon… right"]


async def test_hints_give_way_to_what_matters() -> None:
    bar = StatusBar()
    async with held(bar, (56, 1)) as (app, _):
        hints = (("F1", "help"), ("ctrl+k", "go to"), ("ctrl+p", "commands"))
        bar.tell(StatusInfo("online", round_trip_ms=12, hints=hints))
        assert app.lines()[0] == " ● connected 12 ms                F1 help  ctrl+k go to"
        bar.tell(StatusInfo("offline", retry_in=7, waiting=2, waits_for="for the connection", failed=1, hints=hints))
        assert app.lines()[0] == " ○ offline · next try in 7 s · 2 waiting for the conn…"


def test_the_status_line_says_what_is_waited_for() -> None:
    waiting = Unsent(
        nonce="n",
        community_id="x",
        channel_id="c",
        kind="new",
        created_at=0,
        state="waiting",
        reason="rate-limited",
        not_before=4_200,
    )
    assert waits_for([waiting], 1_000) == "to write again in 4 s"
    assert waits_for([], 0) == ""


# The composer


async def test_enter_hands_the_text_over_at_the_very_key() -> None:
    composer = Composer()
    async with held(composer, (40, 14)) as (app, pilot):
        await pilot.press(*"hello", "enter", *"!")
        assert app.told == ["hello"]
        composer.put_before("taken back")
        assert composer.text == "taken back\nhello!"


@pytest.mark.slow
async def test_ctrl_j_breaks_the_line_and_the_composer_grows_to_ten() -> None:
    composer = Composer()
    async with held(composer, (40, 20)) as (_, pilot):
        assert composer.size.height == 1
        await pilot.press("a", "ctrl+j", "b", "shift+enter", "c")
        assert composer.text == "a\nb\nc"
        assert composer.size.height == 3
        await pilot.press(*["ctrl+j"] * 20)
        assert composer.size.height == 10


async def test_a_paste_of_many_lines_is_one_text_without_control_characters() -> None:
    composer = Composer()
    async with held(composer, (40, 14)) as (app, pilot):
        composer.post_message(Paste("one\r\ntwo\rthree\x1b[31m\x00"))
        await pilot.pause()
        assert app.told == []
        assert composer.text == "one\ntwo\nthree␛[31m␀"


async def test_what_is_too_long_is_refused_before_it_is_cleared() -> None:
    composer = Composer()
    async with held(composer, (40, 14)) as (app, pilot):
        composer.limit = 10
        composer.put("한글" * 6)
        await pilot.press("enter")
        assert app.told == [2]
        assert composer.text == "한글" * 6
        assert composer.room_words == "12 / 10"


async def test_the_room_that_is_left_shows_near_the_limit_only() -> None:
    composer = Composer()
    async with held(composer):
        composer.put("x" * 3_799)
        assert composer.room_words == ""
        composer.put("x" * 3_800)
        assert composer.room_words == "3,800 / 4,000"


async def test_up_in_an_empty_composer_means_my_last_message() -> None:
    composer = Composer()
    async with held(composer) as (app, pilot):
        await pilot.press("up", "a", "up", "escape")
        assert app.told == ["edit last", "left"]


async def test_nothing_but_white_space_is_not_sent() -> None:
    composer = Composer()
    async with held(composer) as (app, pilot):
        await pilot.press("space", "ctrl+j", "enter")
        assert app.told == []


async def test_hangul_that_is_committed_arrives_as_it_is() -> None:
    composer = Composer()
    async with held(composer) as (app, pilot):
        await pilot.press(*"안녕하세요", "enter")
        assert app.told == ["안녕하세요"]
