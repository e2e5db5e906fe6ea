"""A text is a draft or in the outbox, never both and never neither, after every single thing that is written."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from asnity_tui.client.storage.storage import NO_DRAFTS, StorageError
from asnity_tui.state.outbox_entry import OutboxEntry
from tests.fakes.storage import InMemoryStorage

from .session_harness import SessionHarness, quiet


class Witness(InMemoryStorage):
    """Looks at itself after every write, as a client does that is killed there and started again."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[dict[str, str], list[str]]] = []

    def _look(self) -> None:
        self.seen.append((dict(self.drafts), [each.content for each in self.outbox.values()]))

    async def save_entry(self, entry: OutboxEntry, drafts: Mapping[str, str] = NO_DRAFTS) -> None:
        await super().save_entry(entry, drafts)
        self._look()

    def update_entry(self, entry: OutboxEntry) -> None:
        super().update_entry(entry)
        self._look()

    def delete_entry(self, nonce: str, drafts: Mapping[str, str] = NO_DRAFTS) -> None:
        super().delete_entry(nonce, drafts)
        self._look()

    def save_draft(self, channel_id: str, text: str) -> None:
        super().save_draft(channel_id, text)
        if not self.writing:
            self._look()

    def _save_drafts(self, drafts: Mapping[str, str]) -> None:
        self.writing = True
        super()._save_drafts(drafts)
        self.writing = False

    writing = False


@pytest.fixture
async def harness(live: SessionHarness) -> SessionHarness:
    await live.session.close()
    live.storage = Witness()
    live.restart_program()
    await live.begin()
    return live


def seen(harness: SessionHarness) -> list[tuple[dict[str, str], list[str]]]:
    """List what a start would find, write by write; the list begins anew."""
    assert isinstance(harness.storage, Witness)
    found, harness.storage.seen = harness.storage.seen, []
    return found


async def test_a_text_that_is_sent_is_a_draft_until_it_is_in_the_outbox(harness: SessionHarness) -> None:
    harness.session.drafts.set(harness.general, "hello")
    await harness.clock.advance(1)
    assert seen(harness) == [({harness.general: "hello"}, [])]
    submitted = harness.session.drafts.submit(harness.general, "hello")
    harness.session.drafts.set(harness.general, "")
    harness.session.drafts.set(harness.general, "next")
    await harness.clock.advance(1)  # names of emoji may take their time
    assert seen(harness) == [({harness.general: "hello\nnext"}, [])]
    harness.session.messages.hold_ms = 3000
    await harness.session.messages.send(harness.general, "hello", submitted=submitted)
    assert seen(harness)[0] == ({harness.general: "next"}, ["hello"])
    await harness.clock.advance(5)
    assert all(drafts == {harness.general: "next"} for drafts, _ in seen(harness))


async def test_a_text_that_is_taken_back_is_in_the_outbox_until_it_is_a_draft(harness: SessionHarness) -> None:
    harness.session.messages.hold_ms = 3000
    await harness.session.messages.send(harness.general, "hello")
    seen(harness)
    assert harness.session.messages.undo_send(harness.general) is not None
    harness.session.drafts.set(harness.general, "hello")  # as the composer does at once
    await quiet()
    assert seen(harness) == [({harness.general: "hello"}, [])]


async def test_what_is_sent_elsewhere_takes_the_drafts_of_all_channels_along(harness: SessionHarness) -> None:
    harness.session.drafts.set(harness.general, "typed ahead")
    await harness.clock.advance(1)
    seen(harness)
    harness.session.drafts.set(harness.general, "")
    first, second = (harness.session.drafts.submit(harness.random, text) for text in ("typed ahead", "and more"))
    await harness.session.messages.send(harness.random, "typed ahead", submitted=first)
    assert seen(harness)[0] == ({harness.random: "and more"}, ["typed ahead"])
    await harness.session.messages.send(harness.random, "and more", submitted=second)
    assert seen(harness)[-1][0] == {}


async def test_what_is_kept_of_a_lost_channel_is_no_draft_from_the_same_step_on(harness: SessionHarness) -> None:
    harness.session.drafts.set(harness.random, "too late")
    await harness.clock.advance(1)
    seen(harness)
    await harness.session.channels.leave(harness.random)
    await harness.clock.advance(2)
    assert seen(harness) == [({}, ["too late"])]


async def test_a_text_that_cannot_be_kept_stays_a_draft(harness: SessionHarness) -> None:
    harness.session.drafts.set(harness.general, "hello")
    submitted = harness.session.drafts.submit(harness.general, "hello")
    harness.session.drafts.set(harness.general, "")
    harness.storage.full = True
    with pytest.raises(StorageError):
        await harness.session.messages.send(harness.general, "hello", submitted=submitted)
    harness.session.drafts.set(harness.general, "hello")  # it is back in the composer
    await harness.clock.advance(1)
    assert seen(harness) == [({harness.general: "hello"}, [])]
