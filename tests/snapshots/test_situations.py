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
from tests.tui.app_harness import AppHarness, RunningApp

REFUSED = ErrorInfo(code="forbidden", message="You are muted until 10:30.")


@pytest.fixture
def harness() -> AppHarness:
    """A busy morning in three communities."""
    harness = AppHarness()
    server = harness.server
    everyone = (harness.mina, harness.bob, harness.minji, harness.dana)
    harness.lab = server.community("Mandarin Lab", harness.alice, *everyone)
    harness.general = server.general(harness.lab)
    server.world.channels[harness.general].topic = "Where we say hello"
    harness.random = server.channel(harness.lab, "random", harness.alice, *everyone, topic="Anything goes")
    release = server.channel(harness.lab, "release", harness.alice, *everyone)
    server.channel(harness.lab, "secret", harness.alice, harness.mina, private=True)
    harness.source = server.general(server.community("Open Source", harness.bob, harness.mina, harness.alice))
    golang = server.general(server.community("golang", harness.dana, harness.mina))
    server.clock.advance(days=-1)
    server.post(harness.general, harness.dana, "See you tomorrow!")
    server.clock.advance(days=1)
    server.post(harness.general, harness.alice, "Good morning! Did anyone try the new build?")
    server.post(harness.general, harness.alice, "It is on the usual host: https://example.org/builds/latest")
    server.clock.advance(minutes=1)
    edited = server.post(harness.general, harness.bob, "Works here. `asnity-server doctor` is gren")
    server.clock.advance(minutes=1)
    server.edit(harness.general, harness.bob, edited, "Works here. `asnity-server doctor` is green")
    last = server.post(harness.general, harness.minji, "귤 먹으러 올 사람? 🍊")
    server.read(harness.general, harness.mina, last)
    for number in range(4):
        server.post(harness.random, harness.bob, f"random thought {number + 1}")
    server.post(release, harness.alice, "@mina are the notes ready?")
    server.post(release, harness.alice, "@mina never mind, found them")
    for number in range(3):
        server.post(harness.source, harness.bob, f"@mina question {number + 1}")
    server.post(golang, harness.dana, "gofmt is quick today")
    return harness


class Nobody:
    """A listener who doesn't listen."""

    def event(self, community_id: str | None, name: str, payload: Wire) -> None:
        """Nothing."""

    def namespace_lost(self, community_id: str, error: ErrorInfo | None) -> None:
        """Nothing."""

    def connection_lost(self, reason: str) -> None:
        """Nothing."""


# Reading


def test_chat_messages_grouped_by_author_and_day(harness: AppHarness, picture: Callable[..., None]) -> None:
    picture(harness)


def test_chat_wide_with_members(harness: AppHarness, picture: Callable[..., None]) -> None:
    async def members(running: RunningApp) -> None:
        await running.shows("online")
        await running.shows("owner")

    picture(harness, members, size=(130, 36))


@pytest.mark.slow
def test_chat_light_theme(harness: AppHarness, picture: Callable[..., None]) -> None:
    picture(harness, theme="asnity-light")


def test_chat_new_rule_and_chip_below(harness: AppHarness, picture: Callable[..., None]) -> None:
    for number in range(1, 41):
        harness.server.post(harness.random, harness.bob, f"news {number}")

    async def open_random(running: RunningApp) -> None:
        await running.pilot.press("alt+down")
        await running.until(lambda: any("news 1" in line for line in running.lines()))
        await running.shows("▼ 22 new")

    picture(harness, open_random)


@pytest.mark.slow
def test_chat_mention_of_me(harness: AppHarness, picture: Callable[..., None]) -> None:
    async def open_release(running: RunningApp) -> None:
        await running.pilot.press("ctrl+k", *"release", "enter")
        await running.shows("never mind")
        release = running.conversation.channel
        await running.until(lambda: release is not None and release.counts == (0, 0))

    picture(harness, open_release)


@pytest.mark.slow
def test_chat_deleted_and_quoted(harness: AppHarness, picture: Callable[..., None]) -> None:
    gone = harness.server.post(harness.general, harness.bob, "a secret")
    harness.server.delete(harness.general, harness.bob, gone)

    async def reply(running: RunningApp) -> None:
        await running.shows("message deleted")
        await running.pilot.press("escape", "k", "r")
        await running.pilot.press(*"me too", "enter")
        await running.shows("> 민지")
        await running.pilot.press("escape", "k", "k", "r")
        await running.shows("Esc cancels")

    picture(harness, reply)


@pytest.mark.slow
def test_chat_hangul_han_kana_and_emoji(harness: AppHarness, picture: Callable[..., None]) -> None:
    server = harness.server
    server.clock.advance(minutes=10)
    server.post(
        harness.general,
        harness.minji,
        "오늘 저녁에 시간 되시는 분은 여섯 시까지 회의실로 와 주세요." + " 귤도 있습니다." * 3,
    )
    server.post(harness.general, harness.bob, "日本語の長い文章はどこでも折り返せます。「括弧」も、句読点も。" * 2)
    server.post(harness.general, harness.alice, "👩‍👩‍👧 👍🏽 🇰🇷 ❤️ 1️⃣ 🏳️‍🌈 café n\u0303 क्षि ⛹🏽‍♂️")

    async def seen(running: RunningApp) -> None:
        await running.shows("café")

    picture(harness, seen, size=(80, 24))


@pytest.mark.slow
def test_chat_history_with_a_gap(harness: AppHarness, picture: Callable[..., None]) -> None:
    async def gap(running: RunningApp) -> None:
        running.harness.client.go_offline()
        await running.shows("offline")
        for number in range(1, 301):
            harness.server.post(harness.general, harness.bob, f"while you were away {number}")
        running.harness.client.go_online()
        running.session.connection.connect_now()
        await running.online()
        await running.until(lambda: any(isinstance(item, Gap) for item in running.conversation.view.rows.items))
        running.harness.client.faults.hold_requests(HISTORY)
        await running.pilot.press("escape", "g", "j")
        await running.shows("not loaded")
        await running.shows("Loading …")

    picture(harness, gap)


def test_chat_typing(harness: AppHarness, picture: Callable[..., None]) -> None:
    async def type_(running: RunningApp) -> None:
        dana = FakeClient(harness.server, harness.dana)
        await dana.open(Nobody())
        await dana.enter(harness.lab)
        await dana.ask(harness.lab, TYPING, Typing(channel_id=harness.general))
        await running.shows("dana is typing…")
        await dana.close()

    picture(harness, type_)


@pytest.mark.slow
def test_chat_message_under_the_cursor(harness: AppHarness, picture: Callable[..., None]) -> None:
    async def move(running: RunningApp) -> None:
        await running.pilot.press("escape", "k", "k")

    picture(harness, move)


@pytest.mark.slow
def test_chat_selected_text(harness: AppHarness, picture: Callable[..., None]) -> None:
    async def select(running: RunningApp) -> None:
        view = running.conversation.view
        top = next(y for y, line in enumerate(running.lines()) if "Did anyone" in line)
        await running.pilot.mouse_down(view, offset=(8, top))
        await running.pilot.hover(view, offset=(20, top + 1))
        await running.pilot.mouse_up(view, offset=(20, top + 1))

    picture(harness, select)


def fold(harness: AppHarness, picture: Callable[..., None], size: tuple[int, int]) -> None:
    """A message of 60 lines under the cursor."""
    long = "\n".join(f"line {number} of what came out of the build" for number in range(1, 61))
    harness.server.post(harness.general, harness.bob, long)
    last = harness.server.post(harness.general, harness.alice, "That is long.")
    harness.server.read(harness.general, harness.mina, last)

    async def folded(running: RunningApp) -> None:
        await running.shows("That is long.")
        await running.pilot.press("escape", "k")
        await running.shows("more lines")

    picture(harness, folded, size=size)


@pytest.mark.slow
def test_chat_long_message_folded_120_columns(harness: AppHarness, picture: Callable[..., None]) -> None:
    fold(harness, picture, (120, 36))


@pytest.mark.slow
def test_chat_long_message_folded_80_columns(harness: AppHarness, picture: Callable[..., None]) -> None:
    fold(harness, picture, (80, 24))


@pytest.mark.slow
def test_chat_long_message_folded_60_columns(harness: AppHarness, picture: Callable[..., None]) -> None:
    fold(harness, picture, (60, 20))


# Writing


@pytest.mark.slow
def test_chat_pending_and_failed(harness: AppHarness, picture: Callable[..., None]) -> None:
    async def send(running: RunningApp) -> None:
        running.harness.client.faults.refuse_next(REFUSED, CHAT_NEW)
        await running.pilot.press(*"see you there", "enter")
        await running.shows("not sent")
        running.harness.client.faults.hold_requests(CHAT_NEW)
        await running.pilot.press(*"on my way", "enter")
        await running.shows("… on my way")

    picture(harness, send)


@pytest.mark.slow
def test_chat_offline_with_waiting_messages(harness: AppHarness, picture: Callable[..., None]) -> None:
    async def write(running: RunningApp) -> None:
        running.harness.client.go_offline()
        await running.shows("offline")
        await running.pilot.press(*"this goes out later", "enter")
        await running.shows("1 waiting")

    picture(harness, write)


@pytest.mark.slow
def test_chat_composer_with_many_lines_and_little_room(harness: AppHarness, picture: Callable[..., None]) -> None:
    async def write(running: RunningApp) -> None:
        running.conversation.composer.limit = 300
        running.conversation.composer.put("\n".join(f"line {number} of a longer message" for number in range(1, 10)))
        await running.shows("/ 300")

    picture(harness, write)


@pytest.mark.slow
def test_chat_editing_my_last(harness: AppHarness, picture: Callable[..., None]) -> None:
    async def edit(running: RunningApp) -> None:
        await running.pilot.press(*"teh end", "enter")
        await running.until(lambda: "   teh end" in running.lines())
        await running.pilot.press("up")
        await running.shows("Editing")

    picture(harness, edit)


@pytest.mark.slow
def test_chat_draft_elsewhere(harness: AppHarness, picture: Callable[..., None]) -> None:
    async def leave(running: RunningApp) -> None:
        await running.pilot.press(*"not yet", "alt+down")
        await running.shows("draft")

    picture(harness, leave)


# Small terminals


def test_chat_narrow_60_columns(harness: AppHarness, picture: Callable[..., None]) -> None:
    picture(harness, size=(60, 20))


@pytest.mark.slow
def test_chat_80_columns_with_lists_over_it(harness: AppHarness, picture: Callable[..., None]) -> None:
    async def lists(running: RunningApp) -> None:
        await running.pilot.press("f2")
        await running.pilot.press("down")

    picture(harness, lists, size=(80, 24))


def test_chat_tiny_20_by_5(harness: AppHarness, picture: Callable[..., None]) -> None:
    picture(harness, size=(20, 5))


# Dialogs


@pytest.mark.slow
def test_go_to_lists_unread_first(harness: AppHarness, picture: Callable[..., None]) -> None:
    async def go_to(running: RunningApp) -> None:
        await running.pilot.press("ctrl+k")
        await running.shows("Go to")

    picture(harness, go_to)


@pytest.mark.slow
def test_help_keys(harness: AppHarness, picture: Callable[..., None]) -> None:
    async def help_(running: RunningApp) -> None:
        await running.pilot.press("f1")
        await running.shows("Navigation")

    picture(harness, help_)


@pytest.mark.slow
def test_confirm_delete(harness: AppHarness, picture: Callable[..., None]) -> None:
    async def delete(running: RunningApp) -> None:
        await running.pilot.press(*"oops", "enter")
        await running.until(lambda: "   oops" in running.lines())
        await running.pilot.press("escape", "d")
        await running.shows("Delete this message?")

    picture(harness, delete)


@pytest.mark.slow
def test_create_channel_with_a_bad_name(harness: AppHarness, picture: Callable[..., None]) -> None:
    async def create(running: RunningApp) -> None:
        running.chat.action_command("channel.create")
        await running.shows("Create a channel")
        await running.pilot.press(*"two words", "enter", "enter")
        await running.shows("letters, digits")

    picture(harness, create)


@pytest.mark.slow
def test_palette_finds_commands(harness: AppHarness, picture: Callable[..., None]) -> None:
    async def search(running: RunningApp) -> None:
        await running.pilot.press("ctrl+p", *"chann")
        await running.shows("Create a channel")

    picture(harness, search)


# The welcome screen


def test_welcome_empty(picture: Callable[..., None]) -> None:
    picture(AppHarness(), signed_in=False, make_demo=lambda: None)


@pytest.mark.slow
def test_welcome_wrong_password(picture: Callable[..., None]) -> None:
    async def enter(running: RunningApp) -> None:
        await running.pilot.press(*"chat.example.org", "enter", *"mina", "enter", *"wrong word", "enter")
        await running.app.workers.wait_for_complete()

    picture(AppHarness(), enter, signed_in=False, make_demo=lambda: None)


@pytest.mark.slow
def test_welcome_unencrypted(picture: Callable[..., None]) -> None:
    async def enter(running: RunningApp) -> None:
        await running.pilot.press(*"http://chat.example.org", "enter", *"mina", "enter", *"tangerine", "enter")
        await running.shows("unencrypted")

    picture(AppHarness(), enter, signed_in=False)


def test_no_community_yet(picture: Callable[..., None]) -> None:
    async def empty(running: RunningApp) -> None:
        await running.shows("create or join a community")

    picture(AppHarness(), empty)
