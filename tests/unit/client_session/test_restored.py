"""A server that is put back to a backup: nothing that was known under the old ids is taken for what has them now."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asnity_server.protocol import requests, routes
from asnity_server.protocol.errors import Conflict, is_restored
from asnity_tui.client.sync.catch_up import MarkedRead
from asnity_tui.state.changes import Notice, Restored

from .session_harness import SessionHarness, quiet


class BackedUpHarness(SessionHarness):
    """Fifteen messages on the screen, the last five of them alice's, and a backup from when there were ten."""

    def __init__(self) -> None:
        super().__init__()
        self.posts(self.general, 10)
        self._backup = self.server.world.backup()
        for number in range(11, 16):
            self.server.post(self.general, self.alice, f"lost {number}")

    def restore(self) -> None:
        """The server goes on from the backup, with eight other messages behind it."""
        self.server.world.restore(self._backup)
        for number in range(1, 9):
            self.server.post(self.general, self.bob, f"new {number}")


@pytest.fixture
async def fifteen() -> AsyncIterator[BackedUpHarness]:
    """Alice looks at all of them."""
    harness = BackedUpHarness()
    await harness.begin()
    harness.session.open_channel(harness.general)
    await quiet()
    harness.session.read_markers.read_up_to(harness.general, 15)
    await harness.clock.advance(1)
    yield harness
    await harness.end()


PRESENT = [*(f"{number}" for number in range(1, 11)), *(f"new {number}" for number in range(1, 9))]


async def test_connected_while_the_server_is_restored(fifteen: BackedUpHarness) -> None:
    fifteen.restore()
    await fifteen.clock.advance(60)
    assert fifteen.shown(fifteen.general) == PRESENT
    assert fifteen.channel(fifteen.general).counts == (10 + 8, 0)
    assert fifteen.told(Restored)


async def test_away_while_the_server_is_restored(fifteen: BackedUpHarness) -> None:
    await fifteen.session.close()
    fifteen.restore()
    fifteen.restart_program()
    fifteen.session.open_channel(fifteen.general)
    assert fifteen.shown(fifteen.general)[-1] == "lost 15"  # what is remembered, until the server is heard
    await fifteen.begin()
    assert fifteen.shown(fifteen.general) == PRESENT


async def test_what_was_remembered_of_a_channel_that_is_opened_later_is_forgotten(fifteen: BackedUpHarness) -> None:
    await fifteen.session.close()
    fifteen.restore()
    fifteen.restart_program()
    await fifteen.begin()
    fifteen.session.open_channel(fifteen.general)
    assert "lost 15" not in fifteen.shown(fifteen.general)
    await quiet()
    assert fifteen.shown(fifteen.general) == PRESENT


async def test_the_same_backup_twice_is_another_history_each_time(fifteen: BackedUpHarness) -> None:
    for _ in range(2):
        fifteen.restore()
        await fifteen.clock.advance(60)
        assert fifteen.shown(fifteen.general) == PRESENT
    assert len(fifteen.told(Restored)) == 2


async def test_an_edit_that_waits_doesnt_hit_the_message_that_has_its_id_now(fifteen: BackedUpHarness) -> None:
    fifteen.client.go_offline()
    edit = await fifteen.session.messages.edit(fifteen.general, 12, "better words")
    reply = await fifteen.session.messages.send(fifteen.general, "an answer", reply_to=13)
    deletion = await fifteen.session.messages.delete(fifteen.general, 14)
    plain = await fifteen.session.messages.send(fifteen.general, "just said")
    fifteen.restore()
    fifteen.client.go_online()
    await fifteen.clock.advance(60)
    outbox = fifteen.session.outbox
    assert fifteen.stored(fifteen.general) == [*PRESENT, "just said"]
    assert outbox.get(plain) is None
    assert outbox.get(deletion) is None
    assert "Check whether the message is back" in "".join(
        each.text for each in fifteen.told(Notice) if isinstance(each, Notice)
    )
    for nonce, text in ((edit, "better words"), (reply, "an answer")):
        failed = outbox.get(nonce)
        assert failed is not None
        assert (failed.state, failed.content) == ("failed", text)
        assert failed.error is not None
        assert is_restored(failed.error)
        assert "restored from a backup" in failed.error.message
    # both stand by themselves, not over somebody else's message
    assert fifteen.shown(fifteen.general) == [*PRESENT, "just said", "!better words", "!an answer"]
    # an edit is never sent again as it is; a reply is, without what it answered
    assert not fifteen.session.sender.retry(edit)
    assert fifteen.session.sender.retry(reply)
    await fifteen.clock.advance(5)
    assert fifteen.stored(fifteen.general)[-1] == "an answer"
    assert fifteen.server.world.channels[fifteen.general].messages[-1].reply_to is None
    assert fifteen.stored(fifteen.general)[:-2] == PRESENT
    assert fifteen.session.sender.take_back(edit) is not None


async def test_a_failed_edit_from_before_isnt_retried_into_another_message(fifteen: BackedUpHarness) -> None:
    nonce = await fifteen.session.messages.edit(fifteen.general, 2, "not mine")
    await quiet()
    assert fifteen.session.outbox.failed
    fifteen.restore()
    await fifteen.clock.advance(60)
    assert not fifteen.session.sender.retry(nonce)


async def test_the_outbox_of_a_window_that_is_gone_is_judged_too(fifteen: BackedUpHarness) -> None:
    fifteen.client.go_offline()
    await fifteen.session.messages.edit(fifteen.general, 12, "from before")
    await fifteen.session.close()
    left = list(fifteen.storage.outbox.values())
    fifteen.storage.outbox.clear()
    fifteen.restore()
    fifteen.restart_program()
    await fifteen.begin()
    fifteen.storage.other = left
    await fifteen.clock.advance(120)
    assert fifteen.stored(fifteen.general) == PRESENT
    assert [each.content for each in fifteen.session.outbox.failed] == ["from before"]


async def test_how_far_was_read_offline_doesnt_mark_other_messages_as_read(harness: SessionHarness) -> None:
    harness.posts(harness.general, 10)
    backup = harness.server.world.backup()
    harness.posts(harness.general, 5)
    await harness.begin()
    harness.session.open_channel(harness.general)
    await quiet()
    harness.client.go_offline()
    harness.session.read_markers.read_up_to(harness.general, 15)
    await harness.session.close()
    harness.server.world.restore(backup)
    harness.posts(harness.general, 8)
    harness.restart_program()
    await harness.begin()
    await harness.clock.advance(5)
    assert harness.server.world.channels[harness.general].seats[harness.alice.id].read_id == 0
    assert harness.channel(harness.general).counts == (18, 0)


async def test_drafts_stay(fifteen: BackedUpHarness) -> None:
    fifteen.session.drafts.set(fifteen.general, "half a thought")
    fifteen.restore()
    await fifteen.clock.advance(60)
    assert fifteen.session.drafts.get(fifteen.general) == "half a thought"
    assert fifteen.storage.drafts == {fifteen.general: "half a thought"}


async def test_what_is_done_before_the_new_history_is_known_is_refused(fifteen: BackedUpHarness) -> None:
    """A pin of message 12, asked over HTTP in the moment between the server's return and the first overview."""
    fifteen.restore()
    with pytest.raises(Conflict) as refused:
        await fifteen.session.pins.pin(fifteen.general, 12)
    assert is_restored(refused.value.info)
    assert not fifteen.server.world.channels[fifteen.general].pins
    await quiet()  # and it is the reason to ask anew at once
    assert fifteen.told(Restored)


async def test_a_page_that_was_asked_before_is_not_mixed_with_what_came_after(harness: SessionHarness) -> None:
    harness.posts(harness.general, 120)
    backup = harness.server.world.backup()
    await harness.begin()
    harness.session.open_channel(harness.general)
    await quiet()
    harness.client.faults.hold_answers(routes.HISTORY)
    older = harness.session.history.load_older(harness.general)
    waiting = asyncio.ensure_future(older)
    await quiet()
    harness.server.world.restore(backup)
    harness.server.delete(harness.general, harness.bob, 60)
    harness.client.faults.release()
    await harness.clock.advance(60)
    await asyncio.gather(waiting, return_exceptions=True)
    await harness.session.history.load_older(harness.general)
    held = harness.channel(harness.general).timeline
    assert held is not None
    found = held.find(60)
    assert found is None or found.deleted_at is not None


async def test_marking_as_read_is_not_undone_into_another_history(fifteen: BackedUpHarness) -> None:
    undo = MarkedRead(((fifteen.general, 3),), fifteen.session.store.generation)
    fifteen.restore()
    await fifteen.clock.advance(60)
    fifteen.session.read_markers.read_up_to(fifteen.general, 18)
    await fifteen.clock.advance(1)
    await fifteen.session.catch_up.undo(undo)
    assert fifteen.server.world.channels[fifteen.general].seats[fifteen.alice.id].read_id == 18


async def test_people_and_members_are_asked_for_anew(fifteen: BackedUpHarness) -> None:
    await fifteen.session.members.load(fifteen.lab)
    cleo = fifteen.server.person("cleo", "Cleo")
    fifteen.server.add_member(fifteen.lab, cleo)
    await quiet()
    fifteen.server.call(fifteen.server.token(fifteen.bob), routes.PATCH_ME, requests.PatchMe(display_name="Robert"))
    await quiet()
    fifteen.restore()
    fifteen.bob.display_name = "Bob"
    await fifteen.clock.advance(60)
    members = fifteen.session.store.communities[fifteen.lab].members
    assert members is None or cleo.id not in members
    assert fifteen.session.store.name_of(fifteen.bob.id) == "Bob"


@settings(max_examples=40, deadline=None)
@given(
    kept=st.integers(0, 6),
    lost=st.integers(0, 6),
    new=st.integers(0, 8),
    edits=st.lists(st.integers(1, 12), max_size=4),
    away=st.booleans(),
)
async def test_whatever_was_lost_and_written_what_shows_is_what_the_server_has(
    kept: int, lost: int, new: int, edits: list[int], away: bool
) -> None:
    harness = SessionHarness()
    try:
        harness.posts(harness.general, kept)
        backup = harness.server.world.backup()
        for number in range(lost):
            harness.server.post(harness.general, harness.alice, f"lost {number}")
        await harness.begin()
        harness.session.open_channel(harness.general)
        await quiet()
        harness.client.go_offline()
        for message_id in edits:
            await harness.session.messages.edit(harness.general, message_id, "edited")
        if away:
            await harness.session.close()
        harness.server.world.restore(backup)
        for number in range(new):
            harness.server.post(harness.general, harness.alice, f"new {number}")
        before = harness.stored(harness.general)
        if away:
            harness.restart_program()
            await harness.begin()
            harness.session.open_channel(harness.general)
        else:
            harness.client.go_online()
        await harness.clock.advance(60)
        assert harness.stored(harness.general) == before
        assert [each for each in harness.shown(harness.general) if not each.startswith("!")] == before
        assert len(harness.session.outbox.failed) == len(edits)
    finally:
        await harness.end()
