"""Letters while a message is selected: each does one thing, however fast they come, and words become text."""

from __future__ import annotations

from random import Random

import pytest
from textual import events
from textual.keys import _character_to_key

from asnity_tui.screens.dialogs.confirm import Confirm
from asnity_tui.screens.dialogs.emoji_picker import EmojiPicker
from asnity_tui.screens.dialogs.picker import Picker
from asnity_tui.widgets.text.hangul_keys import JAMO
from tests.slowly import mostly_slow

from .app_harness import AppHarness, RunningApp, populated_harness, run_app

SHIFT = 1
"""Seconds behind which Escape leads to the messages again."""


@pytest.fixture
def harness() -> AppHarness:
    """Two communities; the newest message is mina's own, with a link."""
    harness = populated_harness()
    harness.server.set_role(harness.lab, harness.mina, "admin")
    last = harness.server.post(harness.general, harness.mina, "see https://example.org/")
    harness.server.read(harness.general, harness.mina, last)
    return harness


def burst(running: RunningApp, text: str) -> None:
    """Type a text as fast as a paste without brackets, or a slow line, hands it over: all keys at once."""
    for letter in text:
        running.app.post_message(events.Key(_character_to_key(letter), letter))


async def selected(running: RunningApp) -> None:
    """Have the newest message selected."""
    await running.shows("example.org")
    await running.pilot.press("escape")
    await running.shows("MESSAGES")


async def test_the_mode_is_said_in_the_status_line_and_in_the_composer(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("Message #general")
        assert "MESSAGES" not in running.text()
        await selected(running)
        await running.shows("▌Esc: back to writing")
        await running.pilot.press("escape")
        await running.shows("Message #general")
        assert "MESSAGES" not in running.text()


@pytest.mark.parametrize("letter", mostly_slow(("h", "l", "Z", "7", "!", "안", "é", "ㅠ"), "h", "안"))
async def test_a_letter_without_a_meaning_starts_writing(harness: AppHarness, letter: str) -> None:
    async with run_app(harness) as running:
        await selected(running)
        burst(running, letter + "ere we go")
        await running.until(lambda: running.conversation.composer.text == letter + "ere we go")
        assert running.conversation.composer.has_focus


async def test_a_paste_is_written_too(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await selected(running)
        running.app.post_message(events.Paste("today\nis"))
        await running.until(lambda: running.conversation.composer.text == "today\nis")


async def test_letters_in_the_lists_are_written_too(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("example.org")
        await running.pilot.press("f2")
        await running.until(lambda: running.chat.sidebar.channels.has_focus)
        burst(running, "hello")
        await running.until(lambda: running.conversation.composer.text == "hello")


async def test_what_is_typed_behind_r_is_the_answer_however_fast(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await selected(running)
        burst(running, "red today")
        await running.until(lambda: running.conversation.composer.text == "ed today")
        await running.shows("> you: see")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "kind"),
    [("today", Confirm), ("do it", Confirm), ("ok then", Confirm), ("Um, yes", Confirm), ("mine", Picker)],
)
async def test_a_word_asks_at_most_one_question(harness: AppHarness, text: str, kind: type) -> None:
    async with run_app(harness) as running:
        await selected(running)
        burst(running, text)
        await running.until(lambda: isinstance(running.app.screen, kind))
        await running.pilot.pause()
        assert len(running.app.screen_stack) == 2
        if kind is Confirm:  # Enter at the end of the sentence does nothing
            running.app.post_message(events.Key("enter", "\r"))
            await running.until(lambda: running.app.screen is running.chat)
            assert running.harness.server.world.channels[harness.general].messages[-1].pinned is False
            assert not running.session.outbox.entries()


@pytest.mark.slow
async def test_what_follows_a_plus_is_looked_for_among_the_emoji(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await selected(running)
        burst(running, "+1 today")
        await running.until(
            lambda: isinstance(running.app.screen, EmojiPicker) and running.app.screen.field.value == "1 today"
        )
        assert len(running.app.screen_stack) == 2


@pytest.mark.parametrize("seed", mostly_slow(range(3), 0))
async def test_words_never_change_anything_for_anybody(harness: AppHarness, seed: int) -> None:
    random = Random(seed)
    letters = "abcdefghijklmnopqrstuvwxyz" + "aetoinrd" * 3 + "ABDERTUVXY 오늘은+,.!?" + "".join(JAMO.values())
    channel = harness.server.world.channels[harness.general]
    async with run_app(harness, size=(80, 24)) as running:
        await running.shows("example.org")
        before = repr((channel.messages, channel.seats[harness.mina.id]))
        for _ in range(12):
            harness.server.clock.advance(seconds=SHIFT)
            while not running.conversation.view.has_focus or running.app.screen is not running.chat:
                await running.pilot.press("escape")
            word = "".join(random.choices(letters, k=random.randint(1, 9)))
            burst(running, word)
            await running.pilot.pause()
            await running.until(lambda: not running.chat.message_keys.is_holding, what=word)
            assert not running.session.outbox.entries(), word
            while running.app.screen is not running.chat:
                await running.pilot.press("escape")
            running.conversation.composing.mode.set(None, "")
        assert repr((channel.messages, channel.seats[harness.mina.id])) == before


@pytest.mark.slow
async def test_escape_with_a_text_says_what_a_second_one_does(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("example.org")
        await running.pilot.press(*"half a", "escape")
        await running.shows("Esc again: messages")
        assert running.conversation.composer.has_focus
        await running.pilot.press("x", "escape")  # something else between: the second Escape is a first one
        assert running.conversation.composer.text == "half ax"
        assert running.conversation.composer.has_focus
        await running.pilot.press("escape")
        await running.shows("MESSAGES")
        await running.shows("Esc: back to writing")
        assert running.conversation.composer.text == "half ax"


@pytest.mark.slow
async def test_hammering_on_escape_ends_in_the_composer(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("example.org")
        await running.pilot.press(*["escape"] * 9)
        assert running.conversation.composer.has_focus
        harness.server.clock.advance(seconds=SHIFT)
        harness.clock.ahead = -50 * 365 * 24 * 3600 * 1000  # the machine's clock was set
        await running.pilot.press("escape")
        assert running.conversation.view.has_focus


@pytest.mark.slow
async def test_the_new_rule_goes_when_one_has_answered(harness: AppHarness) -> None:
    harness.server.post(harness.general, harness.alice, "a question")
    async with run_app(harness) as running:
        await running.shows(" new ")
        await running.pilot.press(*"answer", "enter")
        await running.shows("answer")
        await running.until(lambda: " new " not in "\n".join(running.lines()))
