"""A server that is put back to a backup: nothing that was known under the old ids is taken for what has them now."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asnity_server.protocol import requests, routes
from asnity_server.protocol.errors import Conflict, is_restored
from asnity_tui.client.sync.catch_up import Undo
from asnity_tui.state.changes import Notice, Restored

from .desk import Desk, quiet


class BackedUpDesk(Desk):
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
async def fifteen() -> AsyncIterator[BackedUpDesk]:
    """Alice looks at all of them."""
    desk = BackedUpDesk()
    await desk.begin()
    desk.session.open_channel(desk.general)
    await quiet()
    desk.session.read_up_to(desk.general, 15)
    await desk.clock.advance(1)
    yield desk
    await desk.end()


PRESENT = [*(f"{number}" for number in range(1, 11)), *(f"new {number}" for number in range(1, 9))]


async def test_connected_while_the_server_is_restored(fifteen: BackedUpDesk) -> None:
    fifteen.restore()
    await fifteen.clock.advance(60)
    assert fifteen.shown(fifteen.general) == PRESENT
    assert fifteen.channel(fifteen.general).counts == (10 + 8, 0)
    assert fifteen.told(Restored)


async def test_away_while_the_server_is_restored(fifteen: BackedUpDesk) -> None:
    await fifteen.session.close()
    fifteen.restore()
    fifteen.sit_down()
    fifteen.session.open_channel(fifteen.general)
    assert fifteen.shown(fifteen.general)[-1] == "lost 15"  # what is remembered, until the server is heard
    await fifteen.begin()
    assert fifteen.shown(fifteen.general) == PRESENT


async def test_what_was_remembered_of_a_channel_that_is_opened_later_is_forgotten(fifteen: BackedUpDesk) -> None:
    await fifteen.session.close()
    fifteen.restore()
    fifteen.sit_down()
    await fifteen.begin()
    fifteen.session.open_channel(fifteen.general)
    assert "lost 15" not in fifteen.shown(fifteen.general)
    await quiet()
    assert fifteen.shown(fifteen.general) == PRESENT


async def test_the_same_backup_twice_is_another_history_each_time(fifteen: BackedUpDesk) -> None:
    for _ in range(2):
        fifteen.restore()
        await fifteen.clock.advance(60)
        assert fifteen.shown(fifteen.general) == PRESENT
    assert len(fifteen.told(Restored)) == 2


async def test_an_edit_that_waits_doesnt_hit_the_message_that_has_its_id_now(fifteen: BackedUpDesk) -> None:
    fifteen.client.go_offline()
    edit = await fifteen.session.edit(fifteen.general, 12, "better words")
    reply = await fifteen.session.send(fifteen.general, "an answer", reply_to=13)
    deletion = await fifteen.session.delete(fifteen.general, 14)
    plain = await fifteen.session.send(fifteen.general, "just said")
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
    assert not fifteen.session.retry(edit)
    assert fifteen.session.retry(reply)
    await fifteen.clock.advance(5)
    assert fifteen.stored(fifteen.general)[-1] == "an answer"
    assert fifteen.server.world.channels[fifteen.general].messages[-1].reply_to is None
    assert fifteen.stored(fifteen.general)[:-2] == PRESENT
    assert fifteen.session.take_back(edit) is not None


async def test_a_failed_edit_from_before_isnt_retried_into_another_message(fifteen: BackedUpDesk) -> None:
    nonce = await fifteen.session.edit(fifteen.general, 2, "not mine")
    await quiet()
    assert fifteen.session.outbox.failed
    fifteen.restore()
    await fifteen.clock.advance(60)
    assert not fifteen.session.retry(nonce)


async def test_the_outbox_of_a_window_that_is_gone_is_judged_too(fifteen: BackedUpDesk) -> None:
    fifteen.client.go_offline()
    await fifteen.session.edit(fifteen.general, 12, "from before")
    await fifteen.session.close()
    left = list(fifteen.notebook.outbox.values())
    fifteen.notebook.outbox.clear()
    fifteen.restore()
    fifteen.sit_down()
    await fifteen.begin()
    fifteen.notebook.other = left
    await fifteen.clock.advance(120)
    assert fifteen.stored(fifteen.general) == PRESENT
    assert [each.content for each in fifteen.session.outbox.failed] == ["from before"]


async def test_how_far_was_read_offline_doesnt_mark_other_messages_as_read(desk: Desk) -> None:
    desk.posts(desk.general, 10)
    backup = desk.server.world.backup()
    desk.posts(desk.general, 5)
    await desk.begin()
    desk.session.open_channel(desk.general)
    await quiet()
    desk.client.go_offline()
    desk.session.read_up_to(desk.general, 15)
    await desk.session.close()
    desk.server.world.restore(backup)
    desk.posts(desk.general, 8)
    desk.sit_down()
    await desk.begin()
    await desk.clock.advance(5)
    assert desk.server.world.channels[desk.general].seats[desk.alice.id].read_id == 0
    assert desk.channel(desk.general).counts == (18, 0)


async def test_drafts_stay(fifteen: BackedUpDesk) -> None:
    fifteen.session.set_draft(fifteen.general, "half a thought")
    fifteen.restore()
    await fifteen.clock.advance(60)
    assert fifteen.session.draft(fifteen.general) == "half a thought"
    assert fifteen.notebook.drafts == {fifteen.general: "half a thought"}


async def test_what_is_done_before_the_new_history_is_known_is_refused(fifteen: BackedUpDesk) -> None:
    """A pin of message 12, asked over HTTP in the moment between the server's return and the first overview."""
    fifteen.restore()
    with pytest.raises(Conflict) as refused:
        await fifteen.session.marks.pin(fifteen.general, 12)
    assert is_restored(refused.value.info)
    assert not fifteen.server.world.channels[fifteen.general].pins
    await quiet()  # and it is the reason to ask anew at once
    assert fifteen.told(Restored)


async def test_a_page_that_was_asked_before_is_not_mixed_with_what_came_after(desk: Desk) -> None:
    desk.posts(desk.general, 120)
    backup = desk.server.world.backup()
    await desk.begin()
    desk.session.open_channel(desk.general)
    await quiet()
    desk.client.faults.hold_answers(routes.HISTORY)
    older = desk.session.load_older(desk.general)
    waiting = asyncio.ensure_future(older)
    await quiet()
    desk.server.world.restore(backup)
    desk.server.delete(desk.general, desk.bob, 60)
    desk.client.faults.release()
    await desk.clock.advance(60)
    await asyncio.gather(waiting, return_exceptions=True)
    await desk.session.load_older(desk.general)
    held = desk.channel(desk.general).timeline
    assert held is not None
    found = held.find(60)
    assert found is None or found.deleted_at is not None


async def test_marking_as_read_is_not_undone_into_another_history(fifteen: BackedUpDesk) -> None:
    undo = Undo(((fifteen.general, 3),), fifteen.session.store.generation)
    fifteen.restore()
    await fifteen.clock.advance(60)
    fifteen.session.read_up_to(fifteen.general, 18)
    await fifteen.clock.advance(1)
    await fifteen.session.catch_up.undo(undo)
    assert fifteen.server.world.channels[fifteen.general].seats[fifteen.alice.id].read_id == 18


async def test_people_and_members_are_asked_for_anew(fifteen: BackedUpDesk) -> None:
    await fifteen.session.places.load_members(fifteen.lab)
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
    desk = Desk()
    try:
        desk.posts(desk.general, kept)
        backup = desk.server.world.backup()
        for number in range(lost):
            desk.server.post(desk.general, desk.alice, f"lost {number}")
        await desk.begin()
        desk.session.open_channel(desk.general)
        await quiet()
        desk.client.go_offline()
        for message_id in edits:
            await desk.session.edit(desk.general, message_id, "edited")
        if away:
            await desk.session.close()
        desk.server.world.restore(backup)
        for number in range(new):
            desk.server.post(desk.general, desk.alice, f"new {number}")
        before = desk.stored(desk.general)
        if away:
            desk.sit_down()
            await desk.begin()
            desk.session.open_channel(desk.general)
        else:
            desk.client.go_online()
        await desk.clock.advance(60)
        assert desk.stored(desk.general) == before
        assert [each for each in desk.shown(desk.general) if not each.startswith("!")] == before
        assert len(desk.session.outbox.failed) == len(edits)
    finally:
        await desk.end()
