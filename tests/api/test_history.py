"""History in every direction, and changes since a rev."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asnity_server.protocol.errors import Forbidden, Invalid, NotFound
from asnity_server.protocol.models import Message
from tests.api.harness import ApiHarness, Person


class Channel:
    """A channel of 30 messages, ten of them deleted or edited."""

    def __init__(
        self, harness: ApiHarness, alice: Person, bob: Person, channel_id: str, messages: list[Message]
    ) -> None:
        self.harness = harness
        self.alice = alice
        self.bob = bob
        self.id = channel_id
        self.messages = messages

    async def page(self, **asked: Any) -> tuple[list[int], bool, bool]:
        """Ids and edges of a page."""
        page = await self.harness.history(self.bob, self.id, **asked)
        return [each.id for each in page.messages], page.has_older, page.has_newer


@pytest.fixture
async def channel(harness: ApiHarness) -> Channel:
    """Thirty messages, a second apart."""
    alice, bob = await harness.people("alice", "bob")
    general = await harness.general(await harness.community(alice, bob))
    messages = []
    for number in range(1, 31):
        harness.clock.forward(1000)
        messages.append(await harness.post(alice, general, f"message {number}"))
    for index in range(0, 30, 6):
        messages[index] = await harness.delete(alice, messages[index])
        messages[index + 1] = await harness.edit(alice, messages[index + 1], "edited")
    return Channel(harness, alice, bob, general, messages)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("asked", "ids", "older", "newer"),
    [
        ({}, range(1, 31), False, False),
        ({"limit": 10}, range(21, 31), True, False),
        ({"before": 21, "limit": 10}, range(11, 21), True, True),
        ({"before": 11, "limit": 10}, range(1, 11), False, True),
        ({"before": 5, "limit": 10}, range(1, 5), False, True),
        ({"before": 1}, range(0), False, True),
        ({"before": 0}, range(0), False, True),
        ({"before": 31}, range(1, 31), False, False),
        ({"before": 2**53 - 1, "limit": 3}, range(28, 31), True, False),
        ({"after": 0, "limit": 10}, range(1, 11), False, True),
        ({"after": 25, "limit": 10}, range(26, 31), True, False),
        ({"after": 30}, range(0), True, False),
        ({"after": 2**53 - 1}, range(0), True, False),
        ({"around": 15, "limit": 5}, range(13, 18), True, True),
        ({"around": 1, "limit": 5}, range(1, 6), False, True),
        ({"around": 0, "limit": 5}, range(1, 6), False, True),
        ({"around": 30, "limit": 5}, range(26, 31), True, False),
        ({"around": 99, "limit": 5}, range(26, 31), True, False),
        ({"around": 15, "limit": 1}, range(15, 16), True, True),
    ],
)
async def test_pages(channel: Channel, asked: dict[str, int], ids: range, older: bool, newer: bool) -> None:
    assert await channel.page(**asked) == (list(ids), older, newer)


async def test_a_page_tells_everything_as_it_is_now(channel: Channel) -> None:
    page = await channel.harness.history(channel.bob, channel.id)
    assert list(page.messages) == channel.messages
    assert page.rev == 40
    assert page.users.keys() == {channel.alice.id}


async def test_ids_can_be_asked_for(channel: Channel) -> None:
    page = await channel.harness.history(channel.bob, channel.id, ids="29,3,3,1,99,")
    assert list(page.messages) == [channel.messages[0], channel.messages[2], channel.messages[28]]
    assert (await channel.harness.history(channel.bob, channel.id, ids="")).messages == ()
    for nonsense in ("a", "1;2", "-1", "1.5", "²", "9" * 20, ",".join(["1"] * 101)):
        with pytest.raises(Invalid):
            await channel.harness.history(channel.bob, channel.id, ids=nonsense)


async def test_a_date_leads_to_one_place(channel: Channel) -> None:
    """D7: the original looked for a time among buckets that all had the process's start as their time."""
    for message in channel.messages:
        ids, _, _ = await channel.page(at=message.created_at, limit=1)
        assert ids == [message.id]
    assert (await channel.page(at="1970-01-01T00:00:00Z", limit=3))[0] == [1, 2, 3]
    assert (await channel.page(at="2999-12-31T23:59:59+09:00", limit=3))[0] == [28, 29, 30]
    for nonsense in ("yesterday", "2026-13-01T00:00:00Z", "", "2026-11-20"):
        with pytest.raises(Invalid):
            await channel.page(at=nonsense)


async def test_only_one_place_can_be_asked_for(channel: Channel) -> None:
    with pytest.raises(Invalid):
        await channel.page(before=3, after=1)
    with pytest.raises(Invalid):
        await channel.page(ids="1", around=1)


async def test_an_empty_channel(harness: ApiHarness) -> None:
    alice = await harness.person("alice")
    general = await harness.general(await harness.community(alice))
    for asked in ({}, {"before": 1}, {"after": 0}, {"around": 1}, {"at": "2026-11-20T10:00:00Z"}, {"ids": "1"}):
        page = await harness.history(alice, general, **asked)
        assert (page.messages, page.has_older, page.has_newer, page.rev) == ((), False, False, 0)
    changes = await harness.changes_since(alice, general, 0)
    assert (changes.messages, changes.more, changes.rev) == ((), False, 0)


async def test_members_may_look_at_public_channels_and_nobody_else_at_anything(harness: ApiHarness) -> None:
    alice, bob, eve = await harness.people("alice", "bob", "eve")
    lab = await harness.community(alice, bob)
    plans = await harness.channel(alice, lab, "plans")
    secret = await harness.channel(alice, lab, "secret", kind="private")
    await harness.post(alice, plans.id, "for all")
    assert len((await harness.history(bob, plans.id)).messages) == 1
    assert (await harness.changes_since(bob, plans.id, 0)).counters.unread == 0
    with pytest.raises(Forbidden):
        await harness.counters(bob, plans.id)
    for person, channel in ((eve, plans), (eve, secret), (bob, secret)):
        with pytest.raises(NotFound):
            await harness.history(person, channel.id)
        with pytest.raises(NotFound):
            await harness.changes_since(person, channel.id, 0)


async def test_changes_come_once_each_in_their_present_state(channel: Channel) -> None:
    told = await channel.harness.changes_since(channel.bob, channel.id, 30)
    assert [each.rev for each in told.messages] == list(range(31, 41))
    assert {each.id: each for each in told.messages} == {each.id: each for each in channel.messages if each.rev > 30}
    assert (told.rev, told.more) == (40, False)
    assert told.counters == await channel.harness.counters(channel.bob, channel.id)


async def test_changes_of_an_id_range(channel: Channel) -> None:
    for first, last in ((1, 30), (8, 14), (13, 13), (20, 10), (0, 2**53 - 1)):
        told = await channel.harness.changes_since(channel.bob, channel.id, 30, from_=first, to=last)
        assert [each.id for each in told.messages] == [
            each.id
            for each in sorted(channel.messages, key=lambda each: each.rev)
            if each.rev > 30 and first <= each.id <= last
        ]
        assert told.rev == 40


async def test_changes_in_parts_reach_the_present(channel: Channel) -> None:
    held: dict[int, Message] = {}
    since, more = 0, True
    while more:
        told = await channel.harness.changes_since(channel.bob, channel.id, since, limit=7)
        assert all(each.rev > since for each in told.messages)
        held |= {each.id: each for each in told.messages}
        since, more = told.rev, told.more
    assert since == 40
    assert [held[number] for number in range(1, 31)] == channel.messages


async def test_who_is_ahead_of_the_server_is_told_its_rev(channel: Channel) -> None:
    told = await channel.harness.changes_since(channel.bob, channel.id, 2**53 - 1)
    assert (told.messages, told.rev, told.more) == ((), 40, False)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    asked=st.fixed_dictionaries(
        {"limit": st.integers(1, 40)},
        optional={},
    ),
    direction=st.sampled_from(["before", "after", "around", None]),
    place=st.integers(0, 35),
)
async def test_any_page_is_a_stretch_with_right_edges(
    channel: Channel, asked: dict[str, int], direction: str | None, place: int
) -> None:
    if direction is not None:
        asked[direction] = place
    ids, older, newer = await channel.page(**asked)
    assert len(ids) <= asked["limit"]
    if ids:
        assert ids == list(range(ids[0], ids[-1] + 1))
        assert (older, newer) == (ids[0] > 1, ids[-1] < 30)
    if direction == "before":
        assert all(each < place for each in ids)
    if direction == "after":
        assert all(each > place for each in ids)
    if direction in ("around", None):
        assert len(ids) == min(asked["limit"], 30)
