"""Large deletions: gone at once for everyone, erased in slices behind, also after a restart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from asnity_server.api import audit, channels, communities, invites, members, overview, socket_requests
from asnity_server.api.storage import deferred_delete
from asnity_server.api.storage.deferred_delete import SlicedJob, delete_slice
from asnity_server.bus import ChannelDeleted, ChannelExited, CommunityExited
from asnity_server.db.transaction import Outcome, WriteTx
from asnity_server.protocol import requests
from asnity_server.protocol.errors import AsnityError, Conflict, Forbidden, NotFound, Unavailable
from asnity_server.protocol.models import Community
from tests.api.harness import ApiHarness, Person

KEPT = {"audit", "receipts", "former_members"}
"""What outlives a channel: who deleted it, what its nonces were used for."""


async def fill(harness: ApiHarness, channel_id: str, author: Person, count: int) -> None:
    """Many messages at once, every tenth of which mentions somebody and has a reaction."""

    def work(tx: WriteTx) -> None:
        tx.run_many(
            "INSERT INTO messages (id, channel_id, sender_id, type, content, created_at, updated_at, rev)"
            " VALUES (?, ?, ?, 'TEXT', 'words', 1, 1, ?)",
            [(number, channel_id, author.id, number) for number in range(1, count + 1)],
        )
        some = [(channel_id, author.id, number) for number in range(1, count + 1, 10)]
        tx.run_many("INSERT INTO mentions (channel_id, user_id, message_id) VALUES (?, ?, ?)", some)
        tx.run_many(
            "INSERT INTO reactions (channel_id, user_id, message_id, emoji, rev) VALUES (?, ?, ?, '👍', 1)", some
        )
        tx.run("UPDATE channels SET last_id = ?1, rev = ?1 WHERE id = ?2", (count, channel_id))

    await harness.database.write(work)


async def left(harness: ApiHarness, prefix: str) -> dict[str, int]:
    """How many rows are left in each table whose channel or community begins with `prefix`."""
    tables = await harness.sql(
        "SELECT t.name, c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c"
        " WHERE t.type = 'table' AND c.name IN ('channel_id', 'community_id')"
    )
    found = {"channels": "id", "communities": "id", **dict(tables)}
    counts = {}
    for table, column in found.items():
        ((count,),) = await harness.sql(f"SELECT count(*) FROM {table} WHERE {column} LIKE ? || '%'", (prefix,))
        counts[table] = count
    return {table: count for table, count in counts.items() if count}


async def delete_channel(harness: ApiHarness, person: Person, channel_id: str) -> None:
    """Delete a channel; nothing erases its rows yet."""
    await harness.do(person, channels.delete_channel, requests.OfChannel(channel_id=channel_id))


@pytest.mark.parametrize("kind", ["public", "private"])
async def test_a_deleted_channel_is_gone_for_everyone_before_its_rows_are(harness: ApiHarness, kind: Any) -> None:
    alice, bob, carol = await harness.people("alice", "bob", "carol")
    lab = await harness.community(alice, bob, admins=[carol])
    plans = await harness.channel(alice, lab, "plans", bob, kind=kind)
    message = await harness.post(bob, plans.id, "words")
    into = requests.CreateInvite(community_id=lab.id, channel_id=plans.id)
    link = await harness.do(alice, harness.api.invites.create, into)
    harness.forget()
    await delete_channel(harness, alice, plans.id)
    assert [each.channel_id for each in harness.told(ChannelDeleted)] == [plans.id]
    assert {each.user_id for each in harness.told(ChannelExited)} == {alice.id, bob.id}
    assert (await left(harness, plans.id))["messages"] == 1
    for person in (alice, bob, carol):
        for way in (
            harness.history(person, plans.id),
            harness.changes_since(person, plans.id, 0),
            harness.post(person, plans.id, "more"),
            harness.edit(person, message, "other"),
            harness.delete(person, message),
            harness.read(person, plans.id, 1),
            harness.counters(person, plans.id),
            harness.ask(person, channels.get_channel, requests.OfChannel(channel_id=plans.id)),
            harness.do(person, channels.add_member, requests.OfChannelMember(channel_id=plans.id, user_id="me")),
            harness.do(person, channels.delete_channel, requests.OfChannel(channel_id=plans.id)),
            harness.do(person, channels.patch_channel, requests.PatchChannel(channel_id=plans.id, archived=False)),
        ):
            with pytest.raises(NotFound):
                await way
        listed = await harness.ask(person, channels.list_channels, requests.OfCommunityPage(community_id=lab.id))
        mine = await harness.ask(person, overview.get_overview, requests.Empty())
        names = [each.name for each in listed.channels]
        assert names == [each.channel.name for each in mine.communities[0].channels] == ["general"]
    # its name is free, and the link leads to the community alone
    await harness.channel(alice, lab, "plans", kind=kind)
    dave = await harness.person("dave")
    await harness.do(dave, invites.accept, requests.OfInvite(code=link.code))
    joined = await harness.do(
        dave, lambda tx, caller, request: socket_requests.join(tx, caller, lab.id, request), requests.Join()
    )
    assert [each.channel_id for each in joined.joined] == [await harness.general(lab)]


async def test_what_is_erased_leaves_nothing(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    plans, other = await harness.channel(alice, lab, "plans", bob), await harness.channel(alice, lab, "other", bob)
    for each in (plans, other):
        await fill(harness, each.id, alice, 3 * deferred_delete.SLICE)
    before = await left(harness, other.id)
    await delete_channel(harness, alice, plans.id)
    await harness.erased()
    assert set(await left(harness, plans.id)) <= KEPT
    assert await left(harness, other.id) == before


async def test_others_write_between_the_slices(harness: ApiHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deferred_delete, "SLICE", 10)
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    plans = await harness.channel(alice, lab, "plans")
    await fill(harness, plans.id, alice, 1500)
    await delete_channel(harness, alice, plans.id)
    harness.api.deferred_deletes.wake()
    for number in range(5):
        await harness.post(alice, await harness.general(lab), f"{number}")
        assert await harness.sql("SELECT 1 FROM erasures"), "it was erased in one go"
    await harness.erased()


async def test_no_piece_of_work_is_large(harness: ApiHarness) -> None:
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    for name in ("plans", "plots"):
        channel = await harness.channel(alice, lab, name)
        await fill(harness, channel.id, alice, 2 * deferred_delete.SLICE + 7)
    await harness.do(alice, communities.delete_community, requests.OfCommunity(community_id=lab.id))
    before = sum((await left(harness, lab.id)).values())
    while await harness.database.write(delete_slice) == "more":
        after = sum((await left(harness, lab.id)).values())
        # a few more for the row itself and what goes with it
        assert before - after <= deferred_delete.SLICE + 2
        before = after
    assert await left(harness, lab.id) == {}


async def test_a_restart_goes_on_with_it(harness: ApiHarness) -> None:
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    plans = await harness.channel(alice, lab, "plans")
    await fill(harness, plans.id, alice, 2 * deferred_delete.SLICE)
    await delete_channel(harness, alice, plans.id)
    await harness.database.write(delete_slice)
    assert (await left(harness, plans.id))["messages"] > 0
    await harness.reopen()
    with pytest.raises(NotFound):
        await harness.history(alice, plans.id)
    await harness.erased()
    assert set(await left(harness, plans.id)) <= KEPT


async def gone(harness: ApiHarness, person: Person, lab: Community) -> None:
    """Everything that a community answers to somebody says that it isn't there."""
    here = requests.OfCommunity(community_id=lab.id)
    page = requests.OfCommunityPage(community_id=lab.id)
    for way in (
        harness.ask(person, communities.get_community, here),
        harness.ask(person, overview.get_community_overview, here),
        harness.ask(person, members.list_members, page),
        harness.ask(person, channels.list_channels, page),
        harness.ask(person, audit.list_audit, page),
        harness.do(person, communities.delete_community, here),
    ):
        with pytest.raises(NotFound):
            await way
    assert (await harness.ask(person, overview.get_overview, requests.Empty())).communities == ()


async def test_a_deleted_community_is_gone_for_everyone_before_its_rows_are(harness: ApiHarness) -> None:
    alice, bob, eve = await harness.people("alice", "bob", "eve")
    lab, other = await harness.community(alice, bob), await harness.community(eve)
    secret = await harness.channel(alice, lab, "secret", bob, kind="private")
    general = await harness.general(lab)
    await harness.post(bob, general, "words", nonce="n-1")
    kept = await harness.post(eve, await harness.general(other), "kept")
    link = await harness.do(alice, harness.api.invites.create, requests.CreateInvite(community_id=lab.id))
    harness.forget()
    await harness.do(alice, communities.delete_community, requests.OfCommunity(community_id=lab.id))
    assert {(each.user_id, each.reason) for each in harness.told(CommunityExited)} == {
        (alice.id, "deleted"),
        (bob.id, "deleted"),
    }
    assert (await left(harness, lab.id))["messages"] == 1
    for person in (alice, bob, eve):
        for channel_id in (general, secret.id):
            for way in (harness.history(person, channel_id), harness.post(person, channel_id, "x", nonce="n-1")):
                with pytest.raises(NotFound):
                    await way
        with pytest.raises(NotFound):
            await harness.do(person, invites.accept, requests.OfInvite(code=link.code))
    for person in (alice, bob):
        await gone(harness, person, lab)
    await harness.erased()
    assert await left(harness, lab.id) == {}
    assert (await harness.history(eve, await harness.general(other))).messages == (kept,)


async def test_what_could_not_be_erased_is_tried_again_later(harness: ApiHarness) -> None:
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    plans = await harness.channel(alice, lab, "plans")
    await delete_channel(harness, alice, plans.id)
    calls: list[tuple[float, Callable[[], None]]] = []

    class Stubborn:
        """Refuses the first piece of work."""

        refused = 0

        def submit(self, work: Any, on_done: Callable[[Outcome[Any]], None]) -> None:
            if self.refused:
                harness.database.submit(work, on_done)
                return
            self.refused += 1
            on_done(Outcome(None, Unavailable("The disk is full.")))

    eraser = SlicedJob(Stubborn(), delete_slice, later=lambda seconds, call: calls.append((seconds, call)))  # type: ignore[arg-type]
    eraser.wake()
    ((seconds, again),) = calls
    assert seconds == deferred_delete.AGAIN
    again()
    await harness.erased()
    eraser.close()
    eraser.wake()


async def test_who_may_not_delete_dooms_nothing(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    plans = await harness.channel(alice, lab, "plans", bob)
    refused: list[type[AsnityError]] = []
    for way in (
        delete_channel(harness, bob, plans.id),
        delete_channel(harness, alice, await harness.general(lab)),
        harness.do(bob, communities.delete_community, requests.OfCommunity(community_id=lab.id)),
    ):
        with pytest.raises(AsnityError) as caught:
            await way
        refused.append(caught.type)
    assert refused == [Forbidden] * 3
    with pytest.raises(Conflict):
        await harness.channel(alice, lab, "plans")
    assert await harness.sql("SELECT * FROM erasures") == []
