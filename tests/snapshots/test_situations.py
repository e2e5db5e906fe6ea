"""Pictures of situations that people find themselves in. Look at each before it is accepted."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from asnity_server.protocol.errors import ErrorInfo
from asnity_server.protocol.models import Wire
from asnity_server.protocol.requests import Typing
from asnity_server.protocol.routes import CHAT_NEW, HISTORY, TYPING
from asnity_tui.state.rows import Gap
from tests.fakes import FakeClient
from tests.tui.stage import Play, Stage

REFUSED = ErrorInfo(code="forbidden", message="You are muted until 10:30.")


@pytest.fixture
def stage() -> Stage:
    """A busy morning in three communities."""
    stage = Stage()
    server = stage.server
    everyone = (stage.mina, stage.bob, stage.minji, stage.dana)
    stage.lab = server.community("Mandarin Lab", stage.alice, *everyone)
    stage.general = server.general(stage.lab)
    server.world.channels[stage.general].topic = "Where we say hello"
    stage.random = server.channel(stage.lab, "random", stage.alice, *everyone, topic="Anything goes")
    release = server.channel(stage.lab, "release", stage.alice, *everyone)
    server.channel(stage.lab, "secret", stage.alice, stage.mina, private=True)
    stage.source = server.general(server.community("Open Source", stage.bob, stage.mina, stage.alice))
    golang = server.general(server.community("golang", stage.dana, stage.mina))
    server.clock.advance(days=-1)
    server.post(stage.general, stage.dana, "See you tomorrow!")
    server.clock.advance(days=1)
    server.post(stage.general, stage.alice, "Good morning! Did anyone try the new build?")
    server.post(stage.general, stage.alice, "It is on the usual host: https://example.org/builds/latest")
    server.clock.advance(minutes=1)
    edited = server.post(stage.general, stage.bob, "Works here. `asnity-server doctor` is gren")
    server.clock.advance(minutes=1)
    server.edit(stage.general, stage.bob, edited, "Works here. `asnity-server doctor` is green")
    last = server.post(stage.general, stage.minji, "귤 먹으러 올 사람? 🍊")
    server.read(stage.general, stage.mina, last)
    for number in range(4):
        server.post(stage.random, stage.bob, f"random thought {number + 1}")
    server.post(release, stage.alice, "@mina are the notes ready?")
    server.post(release, stage.alice, "@mina never mind, found them")
    for number in range(3):
        server.post(stage.source, stage.bob, f"@mina question {number + 1}")
    server.post(golang, stage.dana, "gofmt is quick today")
    return stage


class Nobody:
    """A listener who doesn't listen."""

    def event(self, community_id: str | None, name: str, payload: Wire) -> None:
        """Nothing."""

    def namespace_lost(self, community_id: str, error: ErrorInfo | None) -> None:
        """Nothing."""

    def connection_lost(self, reason: str) -> None:
        """Nothing."""


# Reading


def test_chat_messages_grouped_by_author_and_day(stage: Stage, picture: Callable[..., None]) -> None:
    picture(stage)


def test_chat_wide_with_members(stage: Stage, picture: Callable[..., None]) -> None:
    async def members(running: Play) -> None:
        await running.shows("online")
        await running.shows("owner")

    picture(stage, members, size=(130, 36))


@pytest.mark.slow
def test_chat_light_theme(stage: Stage, picture: Callable[..., None]) -> None:
    picture(stage, theme="asnity-light")


def test_chat_new_rule_and_chip_below(stage: Stage, picture: Callable[..., None]) -> None:
    for number in range(1, 41):
        stage.server.post(stage.random, stage.bob, f"news {number}")

    async def open_random(running: Play) -> None:
        await running.pilot.press("alt+down")
        await running.until(lambda: any("news 1" in line for line in running.lines()))
        await running.shows("▼ 22 new")

    picture(stage, open_random)


@pytest.mark.slow
def test_chat_mention_of_me(stage: Stage, picture: Callable[..., None]) -> None:
    async def open_release(running: Play) -> None:
        await running.pilot.press("ctrl+k", *"release", "enter")
        await running.shows("never mind")
        release = running.conversation.channel
        await running.until(lambda: release is not None and release.counts == (0, 0))

    picture(stage, open_release)


@pytest.mark.slow
def test_chat_deleted_and_quoted(stage: Stage, picture: Callable[..., None]) -> None:
    gone = stage.server.post(stage.general, stage.bob, "a secret")
    stage.server.delete(stage.general, stage.bob, gone)

    async def reply(running: Play) -> None:
        await running.shows("message deleted")
        await running.pilot.press("escape", "k", "r")
        await running.pilot.press(*"me too", "enter")
        await running.shows("> 민지")
        await running.pilot.press("escape", "k", "k", "r")
        await running.shows("Esc cancels")

    picture(stage, reply)


@pytest.mark.slow
def test_chat_hangul_han_kana_and_emoji(stage: Stage, picture: Callable[..., None]) -> None:
    server = stage.server
    server.clock.advance(minutes=10)
    server.post(
        stage.general,
        stage.minji,
        "오늘 저녁에 시간 되시는 분은 여섯 시까지 회의실로 와 주세요." + " 귤도 있습니다." * 3,
    )
    server.post(stage.general, stage.bob, "日本語の長い文章はどこでも折り返せます。「括弧」も、句読点も。" * 2)
    server.post(stage.general, stage.alice, "👩‍👩‍👧 👍🏽 🇰🇷 ❤️ 1️⃣ 🏳️‍🌈 café n\u0303 क्षि ⛹🏽‍♂️")

    async def seen(running: Play) -> None:
        await running.shows("café")

    picture(stage, seen, size=(80, 24))


@pytest.mark.slow
def test_chat_history_with_a_gap(stage: Stage, picture: Callable[..., None]) -> None:
    async def gap(running: Play) -> None:
        running.stage.client.go_offline()
        await running.shows("offline")
        for number in range(1, 301):
            stage.server.post(stage.general, stage.bob, f"while you were away {number}")
        running.stage.client.go_online()
        running.session.connect_now()
        await running.online()
        await running.until(lambda: any(isinstance(item, Gap) for item in running.conversation.view.rows.items))
        running.stage.client.faults.hold_requests(HISTORY)
        await running.pilot.press("escape", "g", "j")
        await running.shows("not loaded")
        await running.shows("Loading …")

    picture(stage, gap)


def test_chat_typing(stage: Stage, picture: Callable[..., None]) -> None:
    async def type_(running: Play) -> None:
        dana = FakeClient(stage.server, stage.dana)
        await dana.open(Nobody())
        await dana.enter(stage.lab)
        await dana.ask(stage.lab, TYPING, Typing(channel_id=stage.general))
        await running.shows("dana is typing…")
        await dana.close()

    picture(stage, type_)


@pytest.mark.slow
def test_chat_message_under_the_cursor(stage: Stage, picture: Callable[..., None]) -> None:
    async def move(running: Play) -> None:
        await running.pilot.press("escape", "k", "k")

    picture(stage, move)


@pytest.mark.slow
def test_chat_selected_text(stage: Stage, picture: Callable[..., None]) -> None:
    async def select(running: Play) -> None:
        view = running.conversation.view
        top = next(y for y, line in enumerate(running.lines()) if "Did anyone" in line)
        await running.pilot.mouse_down(view, offset=(8, top))
        await running.pilot.hover(view, offset=(20, top + 1))
        await running.pilot.mouse_up(view, offset=(20, top + 1))

    picture(stage, select)


def fold(stage: Stage, picture: Callable[..., None], size: tuple[int, int]) -> None:
    """A message of 60 lines under the cursor."""
    long = "\n".join(f"line {number} of what came out of the build" for number in range(1, 61))
    stage.server.post(stage.general, stage.bob, long)
    last = stage.server.post(stage.general, stage.alice, "That is long.")
    stage.server.read(stage.general, stage.mina, last)

    async def folded(running: Play) -> None:
        await running.shows("That is long.")
        await running.pilot.press("escape", "k")
        await running.shows("more lines")

    picture(stage, folded, size=size)


@pytest.mark.slow
def test_chat_long_message_folded_120_columns(stage: Stage, picture: Callable[..., None]) -> None:
    fold(stage, picture, (120, 36))


@pytest.mark.slow
def test_chat_long_message_folded_80_columns(stage: Stage, picture: Callable[..., None]) -> None:
    fold(stage, picture, (80, 24))


@pytest.mark.slow
def test_chat_long_message_folded_60_columns(stage: Stage, picture: Callable[..., None]) -> None:
    fold(stage, picture, (60, 20))


# Writing


@pytest.mark.slow
def test_chat_pending_and_failed(stage: Stage, picture: Callable[..., None]) -> None:
    async def send(running: Play) -> None:
        running.stage.client.faults.refuse_next(REFUSED, CHAT_NEW)
        await running.pilot.press(*"see you there", "enter")
        await running.shows("not sent")
        running.stage.client.faults.hold_requests(CHAT_NEW)
        await running.pilot.press(*"on my way", "enter")
        await running.shows("… on my way")

    picture(stage, send)


@pytest.mark.slow
def test_chat_offline_with_waiting_messages(stage: Stage, picture: Callable[..., None]) -> None:
    async def write(running: Play) -> None:
        running.stage.client.go_offline()
        await running.shows("offline")
        await running.pilot.press(*"this goes out later", "enter")
        await running.shows("1 waiting")

    picture(stage, write)


@pytest.mark.slow
def test_chat_composer_with_many_lines_and_little_room(stage: Stage, picture: Callable[..., None]) -> None:
    async def write(running: Play) -> None:
        running.conversation.composer.limit = 300
        running.conversation.composer.put("\n".join(f"line {number} of a longer message" for number in range(1, 10)))
        await running.shows("/ 300")

    picture(stage, write)


@pytest.mark.slow
def test_chat_editing_my_last(stage: Stage, picture: Callable[..., None]) -> None:
    async def edit(running: Play) -> None:
        await running.pilot.press(*"teh end", "enter")
        await running.until(lambda: "   teh end" in running.lines())
        await running.pilot.press("up")
        await running.shows("Editing")

    picture(stage, edit)


@pytest.mark.slow
def test_chat_draft_elsewhere(stage: Stage, picture: Callable[..., None]) -> None:
    async def leave(running: Play) -> None:
        await running.pilot.press(*"not yet", "alt+down")
        await running.shows("draft")

    picture(stage, leave)


# Small terminals


def test_chat_narrow_60_columns(stage: Stage, picture: Callable[..., None]) -> None:
    picture(stage, size=(60, 20))


@pytest.mark.slow
def test_chat_80_columns_with_lists_over_it(stage: Stage, picture: Callable[..., None]) -> None:
    async def lists(running: Play) -> None:
        await running.pilot.press("f2")
        await running.pilot.press("down")

    picture(stage, lists, size=(80, 24))


def test_chat_tiny_20_by_5(stage: Stage, picture: Callable[..., None]) -> None:
    picture(stage, size=(20, 5))


# Dialogs


@pytest.mark.slow
def test_go_to_lists_unread_first(stage: Stage, picture: Callable[..., None]) -> None:
    async def go_to(running: Play) -> None:
        await running.pilot.press("ctrl+k")
        await running.shows("Go to")

    picture(stage, go_to)


@pytest.mark.slow
def test_help_keys(stage: Stage, picture: Callable[..., None]) -> None:
    async def help_(running: Play) -> None:
        await running.pilot.press("f1")
        await running.shows("Navigation")

    picture(stage, help_)


@pytest.mark.slow
def test_confirm_delete(stage: Stage, picture: Callable[..., None]) -> None:
    async def delete(running: Play) -> None:
        await running.pilot.press(*"oops", "enter")
        await running.until(lambda: "   oops" in running.lines())
        await running.pilot.press("escape", "d")
        await running.shows("Delete this message?")

    picture(stage, delete)


@pytest.mark.slow
def test_create_channel_with_a_bad_name(stage: Stage, picture: Callable[..., None]) -> None:
    async def create(running: Play) -> None:
        running.chat.action_place("create-channel")
        await running.shows("Create a channel")
        await running.pilot.press(*"two words", "enter", "enter")
        await running.shows("letters, digits")

    picture(stage, create)


@pytest.mark.slow
def test_palette_finds_commands(stage: Stage, picture: Callable[..., None]) -> None:
    async def search(running: Play) -> None:
        await running.pilot.press("ctrl+p", *"chann")
        await running.shows("Create a channel")

    picture(stage, search)


# The first minutes


def test_first_minutes_empty(picture: Callable[..., None]) -> None:
    picture(Stage(), signed_in=False, make_demo=lambda: None)


@pytest.mark.slow
def test_first_minutes_wrong_password(picture: Callable[..., None]) -> None:
    async def enter(running: Play) -> None:
        await running.pilot.press(*"chat.example.org", "enter", *"mina", "enter", *"wrong word", "enter")
        await running.app.workers.wait_for_complete()

    picture(Stage(), enter, signed_in=False, make_demo=lambda: None)


@pytest.mark.slow
def test_first_minutes_unencrypted(picture: Callable[..., None]) -> None:
    async def enter(running: Play) -> None:
        await running.pilot.press(*"http://chat.example.org", "enter", *"mina", "enter", *"tangerine", "enter")
        await running.shows("unencrypted")

    picture(Stage(), enter, signed_in=False)


def test_no_community_yet(picture: Callable[..., None]) -> None:
    async def empty(running: Play) -> None:
        await running.shows("create or join a community")

    picture(Stage(), empty)
