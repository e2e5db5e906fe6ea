"""A text is a draft or in the outbox, never both and never neither, after every single thing that is written."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from asnity_tui.client.storage.storage import NONE, NotKept
from asnity_tui.state.outbox_entry import Entry

from .desk import Desk, Notebook, quiet


class Witness(Notebook):
    """Looks at itself after every write, as a client does that is killed there and started again."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[dict[str, str], list[str]]] = []

    def _look(self) -> None:
        self.seen.append((dict(self.drafts), [each.content for each in self.outbox.values()]))

    async def keep_entry(self, entry: Entry, drafts: Mapping[str, str] = NONE) -> None:
        await super().keep_entry(entry, drafts)
        self._look()

    def update_entry(self, entry: Entry) -> None:
        super().update_entry(entry)
        self._look()

    def drop_entry(self, nonce: str, drafts: Mapping[str, str] = NONE) -> None:
        super().drop_entry(nonce, drafts)
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
async def desk(live: Desk) -> Desk:
    await live.session.close()
    live.notebook = Witness()
    live.sit_down()
    await live.begin()
    return live


def seen(desk: Desk) -> list[tuple[dict[str, str], list[str]]]:
    """What a start would find, write by write; the list begins anew."""
    assert isinstance(desk.notebook, Witness)
    found, desk.notebook.seen = desk.notebook.seen, []
    return found


async def test_a_text_that_is_sent_is_a_draft_until_it_is_in_the_outbox(desk: Desk) -> None:
    desk.session.set_draft(desk.general, "hello")
    await desk.clock.advance(1)
    assert seen(desk) == [({desk.general: "hello"}, [])]
    lifted = desk.session.lift(desk.general, "hello")
    desk.session.set_draft(desk.general, "")
    desk.session.set_draft(desk.general, "next")
    await desk.clock.advance(1)  # names of emoji may take their time
    assert seen(desk) == [({desk.general: "hello\nnext"}, [])]
    desk.session.hold_ms = 3000
    await desk.session.send(desk.general, "hello", lifted=lifted)
    assert seen(desk)[0] == ({desk.general: "next"}, ["hello"])
    await desk.clock.advance(5)
    assert all(drafts == {desk.general: "next"} for drafts, _ in seen(desk))


async def test_a_text_that_is_taken_back_is_in_the_outbox_until_it_is_a_draft(desk: Desk) -> None:
    desk.session.hold_ms = 3000
    await desk.session.send(desk.general, "hello")
    seen(desk)
    assert desk.session.undo_send(desk.general) is not None
    desk.session.set_draft(desk.general, "hello")  # as the composer does at once
    await quiet()
    assert seen(desk) == [({desk.general: "hello"}, [])]


async def test_what_is_sent_elsewhere_takes_the_drafts_of_all_channels_along(desk: Desk) -> None:
    desk.session.set_draft(desk.general, "typed ahead")
    await desk.clock.advance(1)
    seen(desk)
    desk.session.set_draft(desk.general, "")
    first, second = (desk.session.lift(desk.random, text) for text in ("typed ahead", "and more"))
    await desk.session.send(desk.random, "typed ahead", lifted=first)
    assert seen(desk)[0] == ({desk.random: "and more"}, ["typed ahead"])
    await desk.session.send(desk.random, "and more", lifted=second)
    assert seen(desk)[-1][0] == {}


async def test_what_is_kept_of_a_lost_channel_is_no_draft_from_the_same_step_on(desk: Desk) -> None:
    desk.session.set_draft(desk.random, "too late")
    await desk.clock.advance(1)
    seen(desk)
    await desk.session.leave_channel(desk.random)
    await desk.clock.advance(2)
    assert seen(desk) == [({}, ["too late"])]


async def test_a_text_that_cannot_be_kept_stays_a_draft(desk: Desk) -> None:
    desk.session.set_draft(desk.general, "hello")
    lifted = desk.session.lift(desk.general, "hello")
    desk.session.set_draft(desk.general, "")
    desk.notebook.full = True
    with pytest.raises(NotKept):
        await desk.session.send(desk.general, "hello", lifted=lifted)
    desk.session.set_draft(desk.general, "hello")  # it is back in the composer
    await desk.clock.advance(1)
    assert seen(desk) == [({desk.general: "hello"}, [])]
