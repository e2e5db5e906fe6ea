"""The contract of messages: writing, telling, reading, counting."""

from __future__ import annotations

import asyncio

import pytest
from msgspec import structs

from asnity_server.protocol import errors, events, limits, requests, routes
from asnity_server.protocol.models import Message
from tests.contract.harness import Device, ServerHarness


async def trio(harness: ServerHarness) -> tuple[Device, Device, Device, str, str]:
    """Alice with two devices and bob, all in one community. Its id, and that of `general`."""
    alice, bob = await harness.person("alice"), await harness.person("bob")
    other = await harness.device("alice")
    community = await alice.found("Lab")
    await alice.let_in(community.id, bob)
    for each in (alice, other, bob):
        await each.open(community.id)
    return alice, other, bob, community.id, await alice.general(community.id)


async def test_a_message_is_acknowledged_and_told_to_all_others(harness: ServerHarness) -> None:
    alice, other, bob, here, general = await trio(harness)
    written = await alice.say(general, "Good morning!  ", nonce="n-1")
    assert (written.id, written.content, written.nonce, written.rev) == (1, "Good morning!", "n-1", 1)
    assert (written.sender_id, written.channel_id, written.community_id) == (alice.user.id, general, here)
    assert await bob.heard.message() == written
    assert await other.heard.message() == written
    await bob.say(general, "Morning.")
    assert (await alice.heard.message()).id == 2
    assert len(alice.heard.payloads("new-chat")) == 1


async def test_ids_and_revs_are_dense_whoever_writes_at_once(harness: ServerHarness) -> None:
    alice, other, bob, _here, general = await trio(harness)
    written = await asyncio.gather(
        *(each.say(general, f"{number}") for number in range(10) for each in (alice, other, bob))
    )
    assert sorted(each.id for each in written) == list(range(1, 31))
    assert sorted(each.rev for each in written) == list(range(1, 31))
    await bob.heard.message(count=20)
    told = [(await bob.heard.message(count=number)).rev for number in range(1, 21)]
    assert told == sorted(told)


async def test_the_same_nonce_is_the_same_message(harness: ServerHarness) -> None:
    alice, _, bob, _here, general = await trio(harness)
    first = await alice.say(general, "Once.", nonce="n-1")
    assert await alice.say(general, "Once.", nonce="n-1") == first
    over_http = requests.PostMessage(channel_id=general, content="Once.", nonce="n-1")
    assert await alice.call(routes.POST_MESSAGE, over_http) == first
    with pytest.raises(errors.Conflict):
        await alice.say(general, "Something else.", nonce="n-1")
    await bob.say(general, "Mine.", nonce="n-1")
    page = await bob.call(routes.HISTORY, requests.History(channel_id=general))
    assert [each.content for each in page.messages] == ["Once.", "Mine."]
    assert len(bob.heard.payloads("new-chat")) == 1


async def test_edits_and_deletions_are_told_and_leave_no_text(harness: ServerHarness) -> None:
    alice, _, bob, here, general = await trio(harness)
    await alice.say(general, "First @bob")
    edit = requests.ModifyChat(channel_id=general, chat_id=1, content="Second", nonce="e-1")
    edited = (await alice.ask(here, routes.CHAT_MODIFY, edit)).chat_info
    assert (edited.id, edited.content, edited.rev, edited.mentions, edited.nonce) == (1, "Second", 2, (), None)
    assert await bob.heard.message("modify-chat") == edited
    assert (await alice.ask(here, routes.CHAT_MODIFY, edit)).chat_info == edited
    delete = requests.DeleteChat(channel_id=general, chat_id=1, nonce="d-1")
    deleted = (await alice.ask(here, routes.CHAT_DELETE, delete)).chat_info
    assert (deleted.content, deleted.rev) == ("", 3)
    assert deleted.deleted_at is not None
    assert await bob.heard.message("delete-chat") == deleted
    assert (await alice.ask(here, routes.CHAT_DELETE, delete)).chat_info == deleted
    page = await bob.call(routes.HISTORY, requests.History(channel_id=general))
    assert page.messages == (deleted,)


async def test_nobody_touches_anothers_text(harness: ServerHarness) -> None:
    alice, _, bob, here, general = await trio(harness)
    await alice.say(general, "Mine.")
    await bob.say(general, "Bob's.")
    with pytest.raises(errors.Forbidden):
        await bob.ask(here, routes.CHAT_MODIFY, requests.ModifyChat(channel_id=general, chat_id=1, content="No"))
    with pytest.raises(errors.Forbidden):
        await bob.ask(here, routes.CHAT_DELETE, requests.DeleteChat(channel_id=general, chat_id=1))
    with pytest.raises(errors.Forbidden):
        await alice.ask(here, routes.CHAT_MODIFY, requests.ModifyChat(channel_id=general, chat_id=2, content="No"))
    await alice.ask(here, routes.CHAT_DELETE, requests.DeleteChat(channel_id=general, chat_id=2))
    with pytest.raises(errors.NotFound):
        await alice.ask(here, routes.CHAT_DELETE, requests.DeleteChat(channel_id=general, chat_id=99))


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        ("", errors.Invalid),
        ("  \n ", errors.Invalid),
        ("bell \x07", errors.Invalid),
        ("escape \x1b[31m", errors.Invalid),
        ("x" * (limits.CONTENT + 1), errors.TooLarge),
    ],
)
async def test_text_that_can_not_be_said(harness: ServerHarness, content: str, refusal: type[Exception]) -> None:
    alice, _, _bob, _here, general = await trio(harness)
    with pytest.raises(refusal) as refused:
        await alice.say(general, content)
    assert refused.value.info.field == "content"  # type: ignore[attr-defined]
    assert (await alice.say(general, "x" * limits.CONTENT)).id == 1


async def test_history_in_every_direction(harness: ServerHarness) -> None:
    alice, _, bob, _here, general = await trio(harness)
    sent = [await alice.say(general, f"{number}") for number in range(1, 31)]

    async def asked(**how: object) -> tuple[list[int], bool, bool]:
        page = await bob.call(routes.HISTORY, requests.History(channel_id=general, limit=10, **how))  # type: ignore[arg-type]
        assert page.rev == 30
        if page.messages:
            assert alice.user.id in page.users
        return [each.id for each in page.messages], page.has_older, page.has_newer

    assert await asked() == (list(range(21, 31)), True, False)
    assert await asked(before=21) == (list(range(11, 21)), True, True)
    assert await asked(before=11) == (list(range(1, 11)), False, True)
    assert (await asked(before=1))[0] == []
    assert await asked(after=0) == (list(range(1, 11)), False, True)
    assert await asked(after=20) == (list(range(21, 31)), True, False)
    assert (await asked(after=30))[0] == []
    around, older, newer = await asked(around=15)
    assert 15 in around
    assert around == list(range(around[0], around[0] + 10))
    assert (older, newer) == (True, True)
    assert (await asked(ids="3,1,99,2"))[0] == [1, 2, 3]
    at, _, _ = await asked(at=sent[14].created_at)
    assert at == list(range(at[0], at[0] + 10))
    with pytest.raises(errors.Invalid):
        await asked(before=5, after=1)
    with pytest.raises(errors.Invalid):
        await asked(at="yesterday")


async def test_changes_tell_each_message_once_in_its_present_state(harness: ServerHarness) -> None:
    alice, _, bob, here, general = await trio(harness)
    for number in range(1, 6):
        await alice.say(general, f"{number}")
    for text in ("one", "uno"):
        await alice.ask(here, routes.CHAT_MODIFY, requests.ModifyChat(channel_id=general, chat_id=1, content=text))
    await alice.ask(here, routes.CHAT_DELETE, requests.DeleteChat(channel_id=general, chat_id=3))
    first = await bob.call(routes.CHANGES, requests.Changes(channel_id=general, since=2, limit=3))
    assert [(each.id, each.rev) for each in first.messages] == [(4, 4), (5, 5), (1, 7)]
    assert (first.rev, first.more) == (7, True)
    rest = await bob.call(routes.CHANGES, requests.Changes(channel_id=general, since=first.rev, limit=3))
    assert [(each.id, each.rev) for each in rest.messages] == [(3, 8)]
    assert (rest.rev, rest.more) == (8, False)
    assert (rest.counters.last_id, rest.counters.rev, rest.counters.unread) == (5, 8, 4)
    part = await bob.call(routes.CHANGES, requests.Changes(channel_id=general, since=0, from_=4, to=5))
    assert [each.id for each in part.messages] == [4, 5]
    assert part.rev == 8
    nothing = await bob.call(routes.CHANGES, requests.Changes(channel_id=general, since=8))
    assert (nothing.messages, nothing.rev, nothing.more) == ((), 8, False)


async def test_counts_of_what_is_unread(harness: ServerHarness) -> None:
    alice, _, bob, here, general = await trio(harness)
    await alice.say(general, "one")
    await alice.say(general, "two @bob")
    await alice.say(general, "three @channel")
    counters = await bob.call(routes.COUNTERS, requests.OfChannel(channel_id=general))
    assert (counters.last_id, counters.read_id, counters.unread, counters.mentions) == (3, 0, 3, 2)
    mine = await alice.call(routes.COUNTERS, requests.OfChannel(channel_id=general))
    assert (mine.read_id, mine.unread) == (3, 0)
    await alice.ask(here, routes.CHAT_DELETE, requests.DeleteChat(channel_id=general, chat_id=2))
    joined = (await bob.join(here)).joined
    assert [(each.unread, each.mentions) for each in joined] == [(2, 1)]


async def test_read_markers_move_forward_and_reach_my_other_devices_alone(harness: ServerHarness) -> None:
    alice, other, bob, here, general = await trio(harness)
    for _ in range(4):
        await bob.say(general, "Hello.")
    answer = await alice.ask(here, routes.READ, requests.MoveReadMarker(channel_id=general, read_id=3))
    assert (answer.read_id, answer.unread) == (3, 1)
    marker = await other.heard.get("read-marker", events.ReadMarker)
    assert (marker.channel_id, marker.read_id, marker.unread, marker.set_back) == (general, 3, 1, False)
    back = await alice.ask(here, routes.READ, requests.MoveReadMarker(channel_id=general, read_id=1))
    assert back.read_id == 3
    request = requests.MoveReadMarker(channel_id=general, read_id=1, set_back=True)
    assert (await alice.call(routes.READ_MARKER, request)).unread == 3
    marker = await other.heard.get("read-marker", events.ReadMarker, 2)
    assert (marker.read_id, marker.set_back) == (1, True)
    assert await alice.heard.get("read-marker", events.ReadMarker) == marker
    beyond = await alice.ask(here, routes.READ, requests.MoveReadMarker(channel_id=general, read_id=1000))
    assert (beyond.read_id, beyond.unread) == (4, 0)
    await alice.say(general, "Fence.")
    await bob.heard.message()
    assert "read-marker" not in bob.heard.names()


async def test_my_own_message_reads_only_if_nothing_before_was_unread(harness: ServerHarness) -> None:
    alice, _, bob, here, general = await trio(harness)
    await alice.say(general, "one")
    await bob.say(general, "two")
    assert (await bob.call(routes.COUNTERS, requests.OfChannel(channel_id=general))).read_id == 0
    await bob.ask(here, routes.READ, requests.MoveReadMarker(channel_id=general, read_id=2))
    await bob.say(general, "three")
    assert (await bob.call(routes.COUNTERS, requests.OfChannel(channel_id=general))).read_id == 3


@pytest.mark.parametrize(
    ("content", "who"),
    [
        ("@bob hi", ["bob"]),
        ("@BOB and @alice", ["bob", "alice"]),
        ("`@bob`", []),
        ("bob@bob.example", []),
        ("@bobby", []),
        ("@bob가 왔다", ["bob"]),
        ("@nobody", []),
    ],
)
async def test_who_is_mentioned(harness: ServerHarness, content: str, who: list[str]) -> None:
    alice, _, bob, _here, general = await trio(harness)
    ids = {"alice": alice.user.id, "bob": bob.user.id}
    written = await alice.say(general, content)
    assert sorted(written.mentions) == sorted(ids[each] for each in who)


async def test_typing_is_told_to_the_others(harness: ServerHarness) -> None:
    alice, other, bob, here, general = await trio(harness)
    await alice.ask(here, routes.TYPING, requests.Typing(channel_id=general))
    assert await bob.heard.get("typing", events.TypingNow) == events.TypingNow(
        channel_id=general, user_id=alice.user.id
    )
    await bob.say(general, "Fence.")
    await other.heard.message()
    assert "typing" not in other.heard.names()


async def test_join_compares_again_at_any_time(harness: ServerHarness) -> None:
    alice, _, bob, here, general = await trio(harness)
    await alice.say(general, "one")
    joined = await bob.join(here)
    assert [(each.channel_id, each.last_id, each.rev, each.unread) for each in joined.joined] == [(general, 1, 1, 1)]
    assert joined.refused == ()
    named = await bob.ask(here, routes.JOIN, requests.Join(channels=(general,)))
    assert named.joined == joined.joined


async def test_a_channel_of_another_community_is_not_reached_through_this_one(harness: ServerHarness) -> None:
    alice, _, _bob, here, _general = await trio(harness)
    elsewhere = await alice.found("Elsewhere")
    hall = await alice.general(elsewhere.id)
    request = requests.NewChat(channel_id=hall, content="Through the wall")
    with pytest.raises(errors.NotFound):
        await alice.ask(here, routes.CHAT_NEW, request)
    refused = (await alice.ask(here, routes.JOIN, requests.Join(channels=(hall,)))).refused
    assert [each.error.code for each in refused] == ["not-found"]
    page = await alice.call(routes.HISTORY, requests.History(channel_id=hall))
    assert page.messages == ()


async def test_what_is_written_over_http_is_told_to_all_my_devices(harness: ServerHarness) -> None:
    alice, other, bob, _here, general = await trio(harness)
    written = await alice.call(routes.POST_MESSAGE, requests.PostMessage(channel_id=general, content="From a bot."))
    for each in (alice, other, bob):
        assert await each.heard.message() == written
    assert isinstance(written, Message)


async def test_an_edit_to_the_same_text_changes_nothing(harness: ServerHarness) -> None:
    alice, _, bob, here, general = await trio(harness)
    written = await alice.say(general, "Same.")
    edit = requests.ModifyChat(channel_id=general, chat_id=1, content="Same. ", nonce="e-1")
    assert (await alice.ask(here, routes.CHAT_MODIFY, edit)).chat_info == written
    await alice.say(general, "Fence.")
    await bob.heard.message(count=2)
    assert "modify-chat" not in bob.heard.names()


async def test_what_was_deleted_stays_deleted(harness: ServerHarness) -> None:
    alice, _, bob, here, general = await trio(harness)
    await alice.say(general, "Gone soon.")
    deleted = (await alice.ask(here, routes.CHAT_DELETE, requests.DeleteChat(channel_id=general, chat_id=1))).chat_info
    again = requests.DeleteChat(channel_id=general, chat_id=1, nonce="d-2")
    assert (await alice.ask(here, routes.CHAT_DELETE, again)).chat_info == deleted
    with pytest.raises(errors.NotFound):
        await alice.ask(here, routes.CHAT_MODIFY, requests.ModifyChat(channel_id=general, chat_id=1, content="Back"))
    await alice.say(general, "Fence.")
    await bob.heard.message(count=2)
    assert bob.heard.names().count("delete-chat") == 1


async def test_a_reply_needs_something_to_reply_to(harness: ServerHarness) -> None:
    alice, _, _bob, here, general = await trio(harness)
    for reply_to in (0, 1, 99):
        request = requests.NewChat(channel_id=general, content="To what?", reply_to=reply_to)
        with pytest.raises(errors.Invalid) as refused:
            await alice.ask(here, routes.CHAT_NEW, request)
        assert refused.value.info.field == "replyTo"
    await alice.say(general, "To this.")
    answer = requests.NewChat(channel_id=general, content="Yes.", reply_to=1)
    assert (await alice.ask(here, routes.CHAT_NEW, answer)).chat_info.reply_to == 1


async def test_the_ends_of_history(harness: ServerHarness) -> None:
    alice, _, _bob, _here, general = await trio(harness)

    async def asked(**how: object) -> tuple[list[int], bool, bool]:
        page = await alice.call(routes.HISTORY, requests.History(channel_id=general, limit=10, **how))  # type: ignore[arg-type]
        return [each.id for each in page.messages], page.has_older, page.has_newer

    for how in ({}, {"before": 5}, {"after": 0}, {"around": 3}, {"ids": "1"}, {"at": "2026-01-01T00:00:00.000Z"}):
        assert await asked(**how) == ([], False, False)
    for number in range(1, 16):
        await alice.say(general, f"{number}")
    assert await asked(before=1) == ([], False, True)
    assert await asked(before=0) == ([], False, True)
    assert await asked(before=1000) == (list(range(6, 16)), True, False)
    assert await asked(after=15) == ([], True, False)
    assert await asked(after=1000) == ([], True, False)
    assert await asked(around=1) == (list(range(1, 11)), False, True)
    assert await asked(around=15) == (list(range(6, 16)), True, False)
    assert await asked(around=1000) == (list(range(6, 16)), True, False)
    assert await asked(ids="3,5") == ([3, 5], True, True)
    assert await asked(at="2020-01-01T00:00:00.000Z") == (list(range(1, 11)), False, True)
    assert await asked(at="2100-01-01T00:00:00.000Z") == (list(range(6, 16)), True, False)


async def test_a_nonce_belongs_to_its_request_even_after_cleaning(harness: ServerHarness) -> None:
    alice, _, _bob, here, general = await trio(harness)
    first = await alice.say(general, "Cafe\u0301", nonce="n-1")
    assert first.content == "Caf\u00e9"
    assert await alice.say(general, "Caf\u00e9  ", nonce="n-1") == first
    delete = requests.DeleteChat(channel_id=general, chat_id=1, nonce="n-1")
    with pytest.raises(errors.Conflict):
        await alice.ask(here, routes.CHAT_DELETE, delete)


async def test_the_overview_counts_like_everything_else(harness: ServerHarness) -> None:
    alice, _, bob, here, general = await trio(harness)
    zebra = await alice.channel(here, "zebra", private=True)
    apple = await alice.channel(here, "apple")
    for channel_id in (zebra, apple):
        request = requests.OfChannelMember(channel_id=channel_id, user_id=bob.user.id)
        await alice.call(routes.ADD_CHANNEL_MEMBER, request)
    await alice.say(zebra, "@bob look")
    await alice.say(apple, "hello")
    overview = await bob.call(routes.OVERVIEW, requests.Empty())
    (entry,) = overview.communities
    assert [each.channel.name for each in entry.channels] == ["apple", "general", "zebra"]
    counts = [(each.counters.unread, each.counters.mentions) for each in entry.channels]
    assert counts == [(1, 0), (0, 0), (1, 1)]
    joined = {each.channel_id: (each.unread, each.mentions) for each in (await bob.join(here)).joined}
    assert joined == {apple: (1, 0), general: (0, 0), zebra: (1, 1)}
    rest = await bob.call(routes.COMMUNITY_OVERVIEW, requests.OfCommunity(community_id=here))
    assert (rest.channels, rest.community.rev) == (entry.channels, (await bob.join(here)).rev)


async def test_a_repeat_of_what_was_edited_or_deleted_since_answers_the_present_state(harness: ServerHarness) -> None:
    """Nothing is kept of a text that is gone, not even what would tell it from another one."""
    alice = await harness.person("alice")
    here = (await alice.found("Lab")).id
    await alice.open(here)
    general = await alice.general(here)
    await alice.say(general, "First", nonce="n-1")
    with pytest.raises(errors.Conflict):
        await alice.say(general, "Other", nonce="n-1")
    edit = requests.ModifyChat(channel_id=general, chat_id=1, content="Second", nonce="e-1")
    edited = (await alice.ask(here, routes.CHAT_MODIFY, edit)).chat_info
    with pytest.raises(errors.Conflict):
        await alice.ask(here, routes.CHAT_MODIFY, structs.replace(edit, content="Other"))
    for content in ("First", "Second", "Other"):
        assert await alice.say(general, content, nonce="n-1") == edited
    third = requests.ModifyChat(channel_id=general, chat_id=1, content="Third")
    latest = (await alice.ask(here, routes.CHAT_MODIFY, third)).chat_info
    for content in ("Second", "Other"):
        again = await alice.ask(here, routes.CHAT_MODIFY, structs.replace(edit, content=content))
        assert again.chat_info == latest
    delete = requests.DeleteChat(channel_id=general, chat_id=1, nonce="d-1")
    deleted = (await alice.ask(here, routes.CHAT_DELETE, delete)).chat_info
    assert await alice.say(general, "First", nonce="n-1") == deleted
    assert (await alice.ask(here, routes.CHAT_MODIFY, edit)).chat_info == deleted
    assert (await alice.ask(here, routes.CHAT_DELETE, delete)).chat_info == deleted
    with pytest.raises(errors.Conflict):
        await alice.say(general, "First", nonce="e-1")
    with pytest.raises(errors.Conflict):
        await alice.say(general, "First", nonce="d-1")
    assert (await alice.say(general, "Next", nonce="n-2")).id == 2
    with pytest.raises(errors.Conflict):
        await alice.ask(here, routes.CHAT_MODIFY, structs.replace(edit, chat_id=2))
