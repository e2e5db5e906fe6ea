"""`tail`: each message once and in order, whatever the line does; and how it is printed."""

from __future__ import annotations

import asyncio
import json
import unicodedata
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from asnity_server.protocol import times
from asnity_server.protocol.errors import ErrorInfo
from asnity_server.protocol.routes import HISTORY
from asnity_tui.cli import printing
from asnity_tui.cli.outcome import CommandRefused, OutOfReach, as_json
from asnity_tui.cli.tail import Seen, Tail
from asnity_tui.state.store import Store
from tests.unit.client_session.session_harness import SessionHarness, quiet
from tests.unit.state.making import message


class Following:
    """A tail that runs, what it showed and said."""

    def __init__(
        self, harness: SessionHarness, before: int = 0, wanted: Callable[[Store], frozenset[str] | None] | None = None
    ) -> None:
        self.seen: list[Seen] = []
        self.said: list[str] = []
        self.tail = Tail(
            harness.client,
            self.seen.append,
            say=self.said.append,
            clock=harness.clock,
            wanted=wanted or (lambda store: None),
            before=before,
        )

    @property
    def texts(self) -> list[str]:
        return [each.message.content for each in self.seen]


@asynccontextmanager
async def following(harness: SessionHarness, **how: object) -> AsyncIterator[Following]:
    made = Following(harness, **how)  # type: ignore[arg-type]
    running = asyncio.ensure_future(made.tail.run())
    await quiet()
    try:
        yield made
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_what_comes_is_shown_and_nothing_is_read(harness: SessionHarness) -> None:
    harness.posts(harness.general, 3)
    async with following(harness) as found:
        harness.server.post(harness.general, harness.bob, "for @alice")
        harness.server.post(harness.random, harness.alice, "from my other device")
        harness.server.post(harness.general, harness.bob, "and on")
        await quiet()
        assert found.texts == ["for @alice", "from my other device", "and on"]
        first, second, _ = found.seen
        assert (first.sender, first.channel, first.community, first.to_me) == ("Bob", "general", "Lab", True)
        assert not second.to_me
        assert harness.server.world.presence(harness.alice.id, harness.lab) == "away"
        assert harness.server.world.channels[harness.general].seats[harness.alice.id].read_id == 0
    assert harness.storage.outbox == {}
    assert harness.storage.sidebar is None


async def test_what_comes_faster_than_it_is_shown_is_asked_for_and_none_is_missing(
    harness: SessionHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asnity_tui.cli.tail.WAITING_MAX", 3)
    monkeypatch.setattr("asnity_tui.cli.tail.PEOPLE_MAX", 3)
    async with following(harness) as found:
        for number in range(200):
            harness.server.post((harness.general, harness.random)[number % 2], harness.bob, f"{number}")
            assert found.tail._work.qsize() <= 3 + 2
        await quiet()
        harness.server.post(harness.general, harness.bob, "last")
        await quiet()
        assert sorted(found.texts[:-1], key=int) == [f"{number}" for number in range(200)]
        assert [each for each in found.texts[:-1] if int(each) % 2] == [f"{number}" for number in range(1, 200, 2)]
        assert found.texts[-1] == "last"
        assert len(found.tail._people) <= 4


async def test_some_of_what_is_there_first(harness: SessionHarness) -> None:
    harness.posts(harness.general, 30)
    harness.server.delete(harness.general, harness.bob, 29)
    async with following(harness, before=5, wanted=lambda store: frozenset({harness.general})) as found:
        harness.server.post(harness.random, harness.bob, "elsewhere")
        harness.server.post(harness.general, harness.bob, "new")
        await quiet()
        assert found.texts == ["26", "27", "28", "30", "new"]


async def test_a_break_of_the_line_loses_and_doubles_nothing(harness: SessionHarness) -> None:
    async with following(harness) as found:
        harness.server.post(harness.general, harness.bob, "before")
        await quiet()
        harness.client.cut()
        for number in range(150):
            harness.server.post(harness.general, harness.bob, f"{number}")
        await harness.clock.advance(2)
        harness.client.faults.drop_events(name="new-chat")
        harness.server.post(harness.general, harness.bob, "dropped")
        harness.server.post(harness.general, harness.bob, "after")
        await quiet()
        assert found.texts == ["before", *(f"{number}" for number in range(150)), "dropped", "after"]
        assert found.said == ["The connection was lost. Trying again …"]


async def test_what_cant_be_fetched_for_now_is_fetched_later(harness: SessionHarness) -> None:
    async with following(harness) as found:
        harness.server.post(harness.general, harness.bob, "one")
        await quiet()
        harness.client.faults.drop_events(name="new-chat")
        harness.client.faults.refuse_next(ErrorInfo(code="unavailable", message="Busy.", retry_after=1), HISTORY)
        harness.server.post(harness.general, harness.bob, "two")
        harness.server.post(harness.general, harness.bob, "three")
        await harness.clock.advance(2)
        assert found.texts == ["one", "two", "three"]


async def test_somebody_new_has_a_name(harness: SessionHarness) -> None:
    async with following(harness) as found:
        cleo = harness.server.person("cleo", "Cleo")
        harness.client.faults.drop_events(name="member-changed")
        harness.server.add_member(harness.lab, cleo)
        harness.server.post(harness.general, cleo, "hi")
        await quiet()
        assert [each.sender for each in found.seen] == ["Cleo"]


async def test_what_ends_it(harness: SessionHarness) -> None:
    def nothing(store: Store) -> frozenset[str] | None:
        raise CommandRefused("There is nothing to follow.")

    with pytest.raises(CommandRefused, match="nothing to follow"):
        await Following(harness, wanted=nothing).tail.run()
    running = asyncio.ensure_future(Following(harness).tail.run())
    await quiet()
    for each in list(harness.server.world.sessions.values()):
        harness.server.sign_out(each)
    await quiet()
    with pytest.raises(CommandRefused, match="signed out"):
        await running


async def test_no_connection_to_begin_with(harness: SessionHarness) -> None:
    harness.client.faults.offline = True
    with pytest.raises(OutOfReach, match="can't be reached"):
        await Following(harness).tail.run()


async def test_whoever_reads_this_has_enough(harness: SessionHarness) -> None:
    made = Following(harness)

    def full(seen: Seen) -> None:
        raise BrokenPipeError

    made.tail = Tail(harness.client, full, say=made.said.append, clock=harness.clock)
    running = asyncio.ensure_future(made.tail.run())
    await quiet()
    harness.server.post(harness.general, harness.bob, "one")
    await quiet()
    with pytest.raises(BrokenPipeError):
        await running


# Printing

SEEN = Seen(message(1, content="one\ntwo"), "Bob", "general", False, "Lab", True)


def test_lines() -> None:
    first, second = printing.as_lines(SEEN)
    at = datetime.fromtimestamp(times.from_wire(SEEN.message.created_at) / 1000)
    assert first == f"{at:%Y-%m-%d %H:%M} * #general · Lab Bob: one"  # every line has its day: lines are cut and sorted
    assert second == "    two"
    (direct,) = printing.as_lines(
        replace(SEEN, message=message(1, content="hi"), direct=True, channel="Bob", to_me=False)
    )
    assert direct[16:] == " @Bob · Lab Bob: hi"
    (acting,) = printing.as_lines(replace(SEEN, message=message(1, content="/me waves"), to_me=False))
    assert acting[16:] == " #general · Lab * Bob waves"


def test_objects() -> None:
    told = json.loads(printing.as_object(SEEN))
    assert (told["id"], told["content"], told["channel"], told["toMe"]) == (1, "one\ntwo", "general", True)
    assert set(json.loads(printing.stored(SEEN.message))) < set(told)


NASTY = st.text(
    st.one_of(st.characters(codec="utf-8"), st.sampled_from("\x1b\x07\x7f\x9b\x85\u202e\u2066\u200b\ufeff\n\t[]한👍")),
    max_size=40,
)


@settings(max_examples=50)
@given(NASTY, NASTY, NASTY)
def test_whatever_others_write_a_terminal_gets_letters_only(content: str, name: str, place: str) -> None:
    seen = Seen(message(1, content=content), name, place, False, place, False)
    for line in [
        *printing.as_lines(seen),
        printing.as_object(seen),
        as_json({name: content}),
    ]:
        for sign in line.replace("\n", ""):
            # letters that don't exist yet are shown as such; of format characters only what holds an emoji together
            kind = unicodedata.category(sign)
            assert kind not in ("Cc", "Cs", "Zl", "Zp"), repr(line)
            assert kind != "Cf" or sign == "\u200d" or "\U000e0020" <= sign <= "\U000e007f", repr(line)
    told = json.loads(printing.as_object(seen))
    assert (told["content"], told["sender"], told["channel"]) == (content, name, place)
    assert "\n" not in printing.as_object(seen)
