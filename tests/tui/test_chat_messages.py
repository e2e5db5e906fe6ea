"""Writing and reading under a person's hands, on a model server."""

from __future__ import annotations

import pytest

from asnity_server.protocol.errors import ErrorInfo
from asnity_server.protocol.routes import CHAT_DELETE, CHAT_MODIFY, CHAT_NEW

from .app_harness import AppHarness, populated_harness, run_app

REFUSED = ErrorInfo(code="forbidden", message="You are muted until 10:30.")


@pytest.fixture
def harness() -> AppHarness:
    """Two communities; in one of them mina has read everything."""
    return populated_harness()


async def test_a_message_shows_at_once_and_is_stored(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        running.harness.client.faults.hold_answers(CHAT_NEW)
        await running.pilot.press(*"on my way", "enter")
        await running.until(lambda: " … on my way" in running.lines())
        assert running.conversation.composer.text == ""
        await running.shows("1 waiting")
        running.harness.client.faults.release()
        await running.until(lambda: "   on my way" in running.lines())
        assert "waiting" not in running.text()


@pytest.mark.slow
async def test_a_refused_message_says_why_and_can_be_retried(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        running.harness.client.faults.refuse_next(REFUSED, CHAT_NEW)
        await running.pilot.press(*"lost", "enter")
        await running.shows("not sent: You are muted until 10:30")
        await running.pilot.press(*"next", "enter")
        await running.until(lambda: "   next" in running.lines())
        await running.pilot.press("escape")
        view = running.conversation.view
        view.cursor.key = next(item.key for item in view.rows.items if item.message.content == "lost")  # type: ignore[union-attr]
        await running.pilot.press("R")
        await running.until(lambda: "   lost" in running.lines())
        assert "not sent" not in running.text()


@pytest.mark.slow
async def test_a_refused_message_comes_back_to_the_composer(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        running.harness.client.faults.refuse_next(REFUSED, CHAT_NEW)
        await running.pilot.press(*"lost", "enter")
        await running.shows("not sent")
        await running.pilot.press("escape", "E")
        await running.until(lambda: running.conversation.composer.text == "lost")
        assert running.conversation.composer.has_focus
        assert "not sent" not in running.text()


@pytest.mark.slow
async def test_a_refused_message_can_be_discarded(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        running.harness.client.faults.refuse_next(REFUSED, CHAT_NEW)
        await running.pilot.press(*"lost", "enter")
        await running.shows("! 1 not sent")
        await running.pilot.press("escape", "X")
        await running.until(lambda: "lost" not in running.text())
        assert len(running.session.outbox) == 0


@pytest.mark.slow
async def test_all_failed_ones_are_sent_again_after_asking(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        running.harness.client.faults.refuse_next(REFUSED, CHAT_NEW, times=2)
        await running.pilot.press(*"one", "enter", *"two", "enter")
        await running.shows("! 2 not sent")
        running.chat.action_command("retry.all")
        await running.shows("2 messages weren't sent.")
        await running.pilot.click("#yes")
        await running.until(lambda: len(running.session.outbox) == 0)
        await running.until(lambda: {"   one", "   two"} <= set(running.lines()))


@pytest.mark.slow
async def test_up_edits_my_last_message(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press(*"teh end", "enter")
        await running.until(lambda: "   teh end" in running.lines())
        await running.pilot.press("up")
        await running.shows("Editing")
        running.conversation.composer.put("the end")
        harness.server.clock.advance(seconds=5)
        await running.pilot.press("enter")
        await running.until(lambda: "   the end  (edited)" in running.lines())
        assert running.conversation.composer.text == ""
        assert running.conversation.composing.mode.current is None


@pytest.mark.slow
async def test_a_refused_edit_brings_the_old_text_back_and_the_new_one_to_the_composer(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press(*"first", "enter")
        await running.until(lambda: "   first" in running.lines())
        running.harness.client.faults.refuse_next(REFUSED, CHAT_MODIFY)
        await running.pilot.press("up")
        running.conversation.composer.put("second")
        await running.pilot.press("enter")
        await running.until(
            lambda: running.conversation.composer.text == "second" and running.conversation.composing.mode.current
        )
        await running.until(lambda: "   first" in running.lines())


@pytest.mark.slow
async def test_escape_leaves_editing_and_the_draft_is_there_again(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press(*"mine", "enter")
        await running.until(lambda: "   mine" in running.lines())
        await running.pilot.press("up", "x", "escape")
        assert running.conversation.composing.mode.current is None
        assert running.conversation.composer.text == ""
        assert running.conversation.composer.has_focus


@pytest.mark.slow
async def test_deleting_asks_first(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press(*"oops", "enter")
        await running.until(lambda: "   oops" in running.lines())
        running.harness.client.faults.hold_answers(CHAT_DELETE)
        await running.pilot.press("escape", "d")
        await running.shows("Delete this message?")
        await running.pilot.press("escape")
        await running.until(lambda: "Delete this" not in running.text())
        assert "   oops" in running.lines()
        await running.pilot.press("d")
        await running.shows("Delete this message?")
        await running.pilot.click("#yes")
        await running.until(lambda: " … message deleted  ctrl+z undo (10 s)" in running.lines())
        running.session.sender.release_held()
        await running.until(lambda: " … message deleted" in running.lines())
        running.harness.client.faults.release()
        await running.until(lambda: "   message deleted" in running.lines())


@pytest.mark.slow
async def test_only_my_own_messages_can_be_edited_or_deleted(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press("escape", "e")
        await running.shows("Only your own messages can be edited.")
        await running.pilot.press("d")
        await running.shows("Only your own messages can be deleted.")


@pytest.mark.slow
async def test_a_reply_quotes_what_it_answers(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press("escape", "r")
        await running.shows("> alice: hello 5")
        await running.pilot.press(*"indeed", "enter")
        await running.until(lambda: "   > alice: hello 5" in running.lines() and "   indeed" in running.lines())
        assert "Replying" not in running.text()


@pytest.mark.slow
async def test_drafts_stay_with_their_channel(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press(*"not yet")
        await running.pilot.press("alt+down")
        await running.shows("Message #random")
        assert running.conversation.composer.text == ""
        await running.shows("draft")
        await running.pilot.press("alt+up")
        assert running.conversation.composer.text == "not yet"


@pytest.mark.slow
async def test_a_badge_elsewhere_leads_there_and_back(harness: AppHarness) -> None:
    here = harness
    async with run_app(harness) as running:
        await running.shows("hello 5")
        harness.server.post(here.random, harness.bob, "anybody?")
        harness.server.post(here.source, harness.bob, "@mina look")
        await running.until(lambda: running.session.store.communities[here.source[:12]].badge.sign == "mention")
        await running.until(lambda: "OS 1" in running.text())
        await running.pilot.press("alt+a")
        await running.shows("@mina look")
        await running.pilot.press("alt+a")
        await running.shows("anybody?")
        await running.until(lambda: running.session.store.channel(here.random).badge.sign == "none")  # type: ignore[union-attr]
        await running.pilot.press("alt+a")
        await running.shows("hello 5")


@pytest.mark.slow
async def test_opening_a_channel_puts_me_at_the_first_unread(harness: AppHarness) -> None:
    here = harness
    for number in range(1, 61):
        harness.server.post(here.random, harness.bob, f"news {number}")
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press("alt+down")
        await running.until(lambda: any(" new " in line for line in running.lines()))
        await running.until(lambda: "   news 1" in running.lines())
        await running.shows("▼")
        assert running.session.store.channel(here.random).counts[0] > 0  # type: ignore[union-attr]
        await running.pilot.press("alt+end")
        await running.until(lambda: running.session.store.channel(here.random).counts[0] == 0)  # type: ignore[union-attr]


@pytest.mark.slow
@pytest.mark.parametrize("how", ["by /read", "elsewhere"])
async def test_what_is_read_is_not_counted_as_new_any_more(harness: AppHarness, how: str) -> None:
    here = harness
    last = [harness.server.post(here.random, harness.bob, f"news {number}") for number in range(1, 61)][-1]
    async with run_app(harness) as running:
        await running.pilot.press("alt+down")
        await running.shows("▼")
        if how == "elsewhere":
            harness.server.read(here.random, harness.mina, last)
        else:
            await running.pilot.press(*"/read", "enter")
        await running.until(lambda: running.session.store.channel(here.random).counts[0] == 0)  # type: ignore[union-attr]
        await running.until(lambda: "▼" not in running.text())
        assert "   news 1" in running.lines(), "nothing moved"
        assert ("─ new ─" in running.text()) == (how == "elsewhere")
        harness.server.post(here.random, harness.bob, "really new")
        await running.shows("▼ 1 new")


@pytest.mark.slow
async def test_nothing_is_read_while_the_terminal_has_no_focus(harness: AppHarness) -> None:
    here = harness
    async with run_app(harness) as running:
        await running.shows("hello 5")
        running.chat.focus_changed(False)
        harness.server.post(here.general, harness.bob, "are you there?")
        await running.shows("are you there?")
        await running.shows("new")
        assert running.session.store.channel(here.general).counts[0] == 1  # type: ignore[union-attr]
        running.chat.focus_changed(True)
        await running.until(lambda: running.session.store.channel(here.general).counts[0] == 0)  # type: ignore[union-attr]
        assert any(" new " in line for line in running.lines())
