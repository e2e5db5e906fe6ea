"""Messages: ids, revs, nonces, edits, deletions, mentions."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from asnity_server.api import reactions
from asnity_server.bus import MessageDeleted, MessageEdited, MessagePosted
from asnity_server.protocol import requests
from asnity_server.protocol.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge
from tests.api.harness import ApiHarness


async def test_posts_at_the_same_time_get_dense_ids_and_revs(harness: ApiHarness) -> None:
    """D4: the original read a count and then wrote it, so that two at once got the same id."""
    people = await harness.people(*(f"person{number}" for number in range(10)))
    lab = await harness.community(*people)
    general = await harness.general(lab)
    posted = await asyncio.gather(
        *(harness.post(person, general, f"{person.name} {count}") for count in range(5) for person in people)
    )
    assert sorted(each.id for each in posted) == list(range(1, 51))
    assert sorted(each.rev for each in posted) == list(range(1, 51))
    told = harness.told(MessagePosted)
    assert [change.message.id for change in told] == list(range(1, 51))
    assert sorted(posted, key=lambda each: each.id) == [change.message for change in told]


async def test_what_is_told_is_what_is_answered_and_stored(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    general = await harness.general(await harness.community(alice, bob))
    answered = await harness.post(alice, general, "  hello @bob \n", nonce="n1")
    assert answered.content == "  hello @bob"
    assert (answered.id, answered.rev, answered.nonce, answered.mentions) == (1, 1, "n1", (bob.id,))
    assert harness.told(MessagePosted)[0].message == answered
    page = await harness.history(bob, general)
    assert page.messages == (answered,)


async def test_message_100_and_beyond_can_be_edited(harness: ApiHarness) -> None:
    """D5: the original looked edits up in a page of 100, so that from message 100 on the answer was empty."""
    alice = await harness.person("alice")
    general = await harness.general(await harness.community(alice))
    posted = [await harness.post(alice, general, f"message {number}") for number in range(1, 103)]
    for message in posted[98:]:
        edited = await harness.edit(alice, message, "changed")
        assert (edited.id, edited.content, edited.created_at) == (message.id, "changed", message.created_at)
        assert edited.updated_at > message.updated_at
        assert harness.told(MessageEdited)[-1].message == edited
        deleted = await harness.delete(alice, message)
        assert (deleted.id, deleted.content) == (message.id, "")


async def test_a_deleted_message_keeps_its_place_and_loses_its_text(harness: ApiHarness) -> None:
    """D6: the original only marked it, and told its text to whoever asked."""
    alice, bob = await harness.people("alice", "bob")
    general = await harness.general(await harness.community(alice, bob))
    message = await harness.post(alice, general, "a secret for @bob")
    await harness.post(alice, general, "another")
    deleted = await harness.delete(alice, message)
    assert (deleted.id, deleted.content, deleted.mentions, deleted.rev) == (1, "", (), 3)
    assert deleted.deleted_at is not None
    assert deleted.updated_at == message.updated_at
    assert harness.told(MessageDeleted)[0].message == deleted
    assert [each.content for each in (await harness.history(bob, general)).messages] == ["", "another"]
    assert (await harness.changes_since(bob, general, 2)).messages == (deleted,)
    again = await harness.delete(alice, message)
    assert again == deleted
    with pytest.raises(NotFound):
        await harness.edit(alice, message, "back")


async def test_a_nonce_makes_a_retry_harmless(harness: ApiHarness) -> None:
    """D12: a message that was sent again stood there twice."""
    alice, bob = await harness.people("alice", "bob")
    general = await harness.general(await harness.community(alice, bob))
    first = await harness.post(alice, general, "once", nonce="a")
    assert await harness.post(alice, general, "once", nonce="a") == first
    edited = await harness.edit(alice, first, "twice", nonce="b")
    assert await harness.edit(alice, first, "twice", nonce="b") == edited
    # a repeat tells the present state, whatever became of it
    assert await harness.post(alice, general, "once", nonce="a") == edited
    deleted = await harness.delete(alice, first, nonce="c")
    assert await harness.delete(alice, first, nonce="c") == deleted
    assert await harness.edit(alice, first, "twice", nonce="b") == deleted
    assert [type(change) for change in harness.changes if not hasattr(change, "user_id")][-3:] == [
        MessagePosted,
        MessageEdited,
        MessageDeleted,
    ]
    # the nonces of others are others
    assert (await harness.post(bob, general, "mine", nonce="a")).id == 2


async def test_a_nonce_is_remembered_through_a_restart(harness: ApiHarness) -> None:
    alice = await harness.person("alice")
    general = await harness.general(await harness.community(alice))
    first = await harness.post(alice, general, "once", nonce="a")
    await harness.reopen()
    assert await harness.post(alice, general, "once", nonce="a") == first
    assert (await harness.history(alice, general)).messages == (first,)


async def test_a_nonce_that_meant_something_else_is_a_conflict(harness: ApiHarness) -> None:
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    general = await harness.general(lab)
    other = (await harness.channel(alice, lab, "other")).id
    message = await harness.post(alice, general, "once", nonce="a")
    for repeat in (
        harness.post(alice, general, "twice", nonce="a"),
        harness.post(alice, other, "once", nonce="a"),
        harness.post(alice, general, "once", nonce="a", reply_to=1),
        harness.edit(alice, message, "once", nonce="a"),
        harness.delete(alice, message, nonce="a"),
    ):
        with pytest.raises(Conflict):
            await repeat
    assert [each.content for each in (await harness.history(alice, general)).messages] == ["once"]


async def test_a_retry_is_answered_even_where_nothing_new_may_be_written(harness: ApiHarness) -> None:
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    channel = await harness.channel(alice, lab, "plans")
    message = await harness.post(alice, channel.id, "written in time", nonce="a")
    await harness.database.write(lambda tx: tx.run("UPDATE channels SET archived = 1 WHERE id = ?", (channel.id,)))
    assert await harness.post(alice, channel.id, "written in time", nonce="a") == message
    with pytest.raises(Forbidden):
        await harness.post(alice, channel.id, "written too late", nonce="b")


async def _receipts_after(path: Path, first: str, second: str) -> list[Any]:
    """What is kept of a message that says one thing, then another, and then nothing."""
    harness = await ApiHarness(path).open()
    alice = await harness.person("alice")
    general = await harness.general(await harness.community(alice))
    message = await harness.post(alice, general, first, nonce="a")
    await harness.edit(alice, message, second, nonce="b")
    kept = await harness.sql("SELECT nonce, kind, message_id, rev, created_at FROM receipts ORDER BY nonce")
    await harness.delete(alice, message, nonce="c")
    kept += await harness.sql("SELECT nonce, kind, message_id, rev, created_at FROM receipts ORDER BY nonce")
    assert len((await harness.sql("SELECT * FROM receipts"))[0]) == 8  # all of them, with the ids of places and people
    await harness.close()
    return kept


async def test_receipts_are_the_same_whatever_was_written(tmp_path: Path) -> None:
    """Else a deleted text could be found again by trying which one makes the same receipt."""
    one = await _receipts_after(tmp_path / "one.db", "the code is 4711", "it was 4711")
    other = await _receipts_after(tmp_path / "other.db", "lunch?", "dinner?")
    assert one == other


async def test_of_a_text_nothing_is_kept_that_depends_on_it_but_the_text(harness: ApiHarness) -> None:
    """Hashes that are kept are those of passwords (slow, with salt) and of tokens (random)."""
    tables = [name for (name,) in await harness.sql("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    hashes = [
        f"{table}.{name}"
        for table in tables
        if not table.startswith(("search_", "_sqlite_migrations"))  # the index itself, which is cleared of what goes
        for _, name, kind, *_ in await harness.sql(f"PRAGMA table_info({table})")
        if kind == "BLOB" or "hash" in name or "digest" in name
    ]
    assert sorted(hashes) == ["sessions.token_hash", "users.password_hash"]


async def test_a_reaction_makes_no_other_text_a_repeat_of_a_message(harness: ApiHarness) -> None:
    alice = await harness.person("alice")
    general = await harness.general(await harness.community(alice))
    message = await harness.post(alice, general, "once", nonce="a")
    react = requests.OfReaction(channel_id=general, chat_id=message.id, emoji="👍")
    await harness.do(alice, reactions.add, react)
    with pytest.raises(Conflict):
        await harness.post(alice, general, "twice", nonce="a")
    assert (await harness.post(alice, general, "once", nonce="a")).reactions != {}


async def test_receipts_of_edits_are_forgotten_after_a_month_those_of_messages_never(harness: ApiHarness) -> None:
    alice = await harness.person("alice")
    general = await harness.general(await harness.community(alice))
    message = await harness.post(alice, general, "one", nonce="a")
    await harness.edit(alice, message, "two", nonce="b")
    harness.clock.forward(31 * 24 * 3600 * 1000)
    await harness.api.tidy()
    assert await harness.sql("SELECT nonce, kind FROM receipts") == [("a", "new")]


async def test_only_the_author_edits_and_admins_delete(harness: ApiHarness) -> None:
    alice, bob, carol = await harness.people("alice", "bob", "carol")
    lab = await harness.community(alice, bob, admins=[carol])
    general = await harness.general(lab)
    message = await harness.post(bob, general, "bob's")
    for other in (alice, carol):
        with pytest.raises(Forbidden):
            await harness.edit(other, message, "mine now")
    with pytest.raises(Forbidden):
        await harness.delete(bob, await harness.post(alice, general, "alice's"))
    assert (await harness.delete(carol, message)).deleted_at is not None


async def test_an_edit_moves_mentions(harness: ApiHarness) -> None:
    alice, bob, carol = await harness.people("alice", "bob", "carol")
    general = await harness.general(await harness.community(alice, bob, carol))
    message = await harness.post(alice, general, "hi @bob")
    assert [(await harness.counters(each, general)).mentions for each in (bob, carol)] == [1, 0]
    edited = await harness.edit(alice, message, "hi @carol and @carol, `@bob`")
    assert edited.mentions == (carol.id,)
    assert [(await harness.counters(each, general)).mentions for each in (bob, carol)] == [0, 1]
    await harness.edit(alice, message, "hi @channel")
    assert [(await harness.counters(each, general)).mentions for each in (alice, bob, carol)] == [0, 1, 1]
    await harness.delete(alice, message)
    assert [(await harness.counters(each, general)).mentions for each in (bob, carol)] == [0, 0]


async def test_a_mention_of_who_cannot_read_is_none(harness: ApiHarness) -> None:
    alice, bob, eve = await harness.people("alice", "bob", "eve")
    lab = await harness.community(alice, bob)
    secret = await harness.channel(alice, lab, "secret", kind="private")
    message = await harness.post(alice, secret.id, "@bob @eve @nobody and @alice")
    assert message.mentions == (alice.id,)
    assert (await harness.sql("SELECT count(*) FROM mentions"))[0] == (0,)  # nobody is told of mentioning themselves
    assert eve.id not in message.mentions


async def test_mentions_find_names_before_particles(harness: ApiHarness) -> None:
    alice, minji, bob = await harness.people("alice", "민지", "bob")
    general = await harness.general(await harness.community(alice, minji, bob))
    assert (await harness.post(alice, general, "@민지가 왔다")).mentions == (minji.id,)
    assert (await harness.post(alice, general, "@BOB!")).mentions == (bob.id,)
    assert (await harness.post(alice, general, "@bobby mail@bob\n```\n@bob\n```")).mentions == ()


async def test_mentions_are_those_that_show_as_called(harness: ApiHarness) -> None:
    alice, bob, bob_ = await harness.people("alice", "bob", "bob_")
    general = await harness.general(await harness.community(alice, bob, bob_))
    for text in ("_@bob_ and _so_", "@bob- hi", "\\`@bob\\`", "`a\n\n@bob`", "https://x.org을 @bob", "**@bob**"):
        assert (await harness.post(alice, general, text)).mentions == (bob.id,), text
    assert (await harness.post(alice, general, "@bob_ hi")).mentions == (bob_.id,)
    for text in (
        "https://medium.com/@bob https://x.org/@channel",
        "~~~\n@bob\n~~~",
        "- ```\n  @bob\n  ```",
        "x@bob.org",
    ):
        message = await harness.post(alice, general, text)
        assert (message.mentions, message.mentions_all) == ((), False), text


async def test_everyone_in_a_crowd_is_mentioned_by_admins_only(harness: ApiHarness) -> None:
    alice, bob, *crowd = await harness.people("alice", "bob", *(f"person{number}" for number in range(49)))
    lab = await harness.community(alice, bob, *crowd)
    general = await harness.general(lab)
    with pytest.raises(Forbidden):
        await harness.post(bob, general, "@channel look")
    assert (await harness.post(alice, general, "@channel look")).mentions_all
    await harness.kick(alice, lab, crowd[0])
    message = await harness.post(bob, general, "@channel now we are fifty")
    assert message.mentions_all
    await harness.enter(lab.id, crowd[0])
    # what was for everyone already stays it
    assert (await harness.edit(bob, message, "@channel now we were fifty")).mentions_all


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("", Invalid),
        (" \n\t ", Invalid),
        ("\x1b]0;title\x07", Invalid),
        ("a\x00b", Invalid),
        ("\x9b31m", Invalid),
        ("a\u2028b", Invalid),
        ("x" * 4001, TooLarge),
        ("x" * 100_000, TooLarge),
    ],
)
async def test_text_that_is_refused(harness: ApiHarness, content: str, error: type[Exception]) -> None:
    alice = await harness.person("alice")
    general = await harness.general(await harness.community(alice))
    with pytest.raises(error):
        await harness.post(alice, general, content)
    message = await harness.post(alice, general, "fine")
    with pytest.raises(error):
        await harness.edit(alice, message, content)


async def test_a_reply_needs_what_it_answers(harness: ApiHarness) -> None:
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    general = await harness.general(lab)
    await harness.post(alice, general, "first")
    assert (await harness.post(alice, general, "second", reply_to=1)).reply_to == 1
    for nothing in (0, 3, 2**53 - 1):
        with pytest.raises(Invalid):
            await harness.post(alice, general, "to nothing", reply_to=nothing)


async def test_times_never_run_backwards_in_a_channel(harness: ApiHarness) -> None:
    alice = await harness.person("alice")
    general = await harness.general(await harness.community(alice))
    first = await harness.post(alice, general, "one")
    harness.clock.forward(-60_000)
    second = await harness.post(alice, general, "two")
    assert second.created_at == first.created_at
    assert (await harness.edit(alice, second, "zwei")).updated_at > second.created_at


async def test_an_edit_that_changes_nothing_is_none(harness: ApiHarness) -> None:
    alice = await harness.person("alice")
    general = await harness.general(await harness.community(alice))
    message = await harness.post(alice, general, "same")
    harness.forget()
    assert await harness.edit(alice, message, "same \n") == message
    assert harness.changes == []
