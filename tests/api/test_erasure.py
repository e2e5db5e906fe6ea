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

from .house import House, Person

KEPT = {"audit", "receipts", "former_members"}
"""What outlives a channel: who deleted it, what its nonces were used for."""


async def fill(house: House, channel_id: str, author: Person, count: int) -> None:
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

    await house.database.write(work)


async def left(house: House, prefix: str) -> dict[str, int]:
    """How many rows are left in each table whose channel or community begins with `prefix`."""
    tables = await house.sql(
        "SELECT t.name, c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c"
        " WHERE t.type = 'table' AND c.name IN ('channel_id', 'community_id')"
    )
    found = {"channels": "id", "communities": "id", **dict(tables)}
    counts = {}
    for table, column in found.items():
        ((count,),) = await house.sql(f"SELECT count(*) FROM {table} WHERE {column} LIKE ? || '%'", (prefix,))
        counts[table] = count
    return {table: count for table, count in counts.items() if count}


async def delete_channel(house: House, person: Person, channel_id: str) -> None:
    """Delete a channel; nothing erases its rows yet."""
    await house.do(person, channels.delete_channel, requests.OfChannel(channel_id=channel_id))


@pytest.mark.parametrize("kind", ["public", "private"])
async def test_a_deleted_channel_is_gone_for_everyone_before_its_rows_are(house: House, kind: Any) -> None:
    alice, bob, carol = await house.people("alice", "bob", "carol")
    lab = await house.community(alice, bob, admins=[carol])
    plans = await house.channel(alice, lab, "plans", bob, kind=kind)
    message = await house.post(bob, plans.id, "words")
    into = requests.CreateInvite(community_id=lab.id, channel_id=plans.id)
    link = await house.do(alice, house.api.invites.create, into)
    house.forget()
    await delete_channel(house, alice, plans.id)
    assert [each.channel_id for each in house.told(ChannelDeleted)] == [plans.id]
    assert {each.user_id for each in house.told(ChannelExited)} == {alice.id, bob.id}
    assert (await left(house, plans.id))["messages"] == 1
    for person in (alice, bob, carol):
        for way in (
            house.history(person, plans.id),
            house.changes_since(person, plans.id, 0),
            house.post(person, plans.id, "more"),
            house.edit(person, message, "other"),
            house.delete(person, message),
            house.read(person, plans.id, 1),
            house.counters(person, plans.id),
            house.ask(person, channels.get_channel, requests.OfChannel(channel_id=plans.id)),
            house.do(person, channels.add_member, requests.OfChannelMember(channel_id=plans.id, user_id="me")),
            house.do(person, channels.delete_channel, requests.OfChannel(channel_id=plans.id)),
            house.do(person, channels.patch_channel, requests.PatchChannel(channel_id=plans.id, archived=False)),
        ):
            with pytest.raises(NotFound):
                await way
        listed = await house.ask(person, channels.list_channels, requests.OfCommunityPage(community_id=lab.id))
        mine = await house.ask(person, overview.get_overview, requests.Empty())
        names = [each.name for each in listed.channels]
        assert names == [each.channel.name for each in mine.communities[0].channels] == ["general"]
    # its name is free, and the link leads to the community alone
    await house.channel(alice, lab, "plans", kind=kind)
    dave = await house.person("dave")
    await house.do(dave, invites.accept, requests.OfInvite(code=link.code))
    joined = await house.do(
        dave, lambda tx, caller, request: socket_requests.join(tx, caller, lab.id, request), requests.Join()
    )
    assert [each.channel_id for each in joined.joined] == [await house.general(lab)]


async def test_what_is_erased_leaves_nothing(house: House) -> None:
    alice, bob = await house.people("alice", "bob")
    lab = await house.community(alice, bob)
    plans, other = await house.channel(alice, lab, "plans", bob), await house.channel(alice, lab, "other", bob)
    for each in (plans, other):
        await fill(house, each.id, alice, 3 * deferred_delete.SLICE)
    before = await left(house, other.id)
    await delete_channel(house, alice, plans.id)
    await house.erased()
    assert set(await left(house, plans.id)) <= KEPT
    assert await left(house, other.id) == before


async def test_others_write_between_the_slices(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deferred_delete, "SLICE", 10)
    alice = await house.person("alice")
    lab = await house.community(alice)
    plans = await house.channel(alice, lab, "plans")
    await fill(house, plans.id, alice, 1500)
    await delete_channel(house, alice, plans.id)
    house.api.deferred_deletes.wake()
    for number in range(5):
        await house.post(alice, await house.general(lab), f"{number}")
        assert await house.sql("SELECT 1 FROM erasures"), "it was erased in one go"
    await house.erased()


async def test_no_piece_of_work_is_large(house: House) -> None:
    alice = await house.person("alice")
    lab = await house.community(alice)
    for name in ("plans", "plots"):
        channel = await house.channel(alice, lab, name)
        await fill(house, channel.id, alice, 2 * deferred_delete.SLICE + 7)
    await house.do(alice, communities.delete_community, requests.OfCommunity(community_id=lab.id))
    before = sum((await left(house, lab.id)).values())
    while await house.database.write(delete_slice) == "more":
        after = sum((await left(house, lab.id)).values())
        # a few more for the row itself and what goes with it
        assert before - after <= deferred_delete.SLICE + 2
        before = after
    assert await left(house, lab.id) == {}


async def test_a_restart_goes_on_with_it(house: House) -> None:
    alice = await house.person("alice")
    lab = await house.community(alice)
    plans = await house.channel(alice, lab, "plans")
    await fill(house, plans.id, alice, 2 * deferred_delete.SLICE)
    await delete_channel(house, alice, plans.id)
    await house.database.write(delete_slice)
    assert (await left(house, plans.id))["messages"] > 0
    await house.reopen()
    with pytest.raises(NotFound):
        await house.history(alice, plans.id)
    await house.erased()
    assert set(await left(house, plans.id)) <= KEPT


async def gone(house: House, person: Person, lab: Community) -> None:
    """Everything that a community answers to somebody says that it isn't there."""
    here = requests.OfCommunity(community_id=lab.id)
    page = requests.OfCommunityPage(community_id=lab.id)
    for way in (
        house.ask(person, communities.get_community, here),
        house.ask(person, overview.get_community_overview, here),
        house.ask(person, members.list_members, page),
        house.ask(person, channels.list_channels, page),
        house.ask(person, audit.list_audit, page),
        house.do(person, communities.delete_community, here),
    ):
        with pytest.raises(NotFound):
            await way
    assert (await house.ask(person, overview.get_overview, requests.Empty())).communities == ()


async def test_a_deleted_community_is_gone_for_everyone_before_its_rows_are(house: House) -> None:
    alice, bob, eve = await house.people("alice", "bob", "eve")
    lab, other = await house.community(alice, bob), await house.community(eve)
    secret = await house.channel(alice, lab, "secret", bob, kind="private")
    general = await house.general(lab)
    await house.post(bob, general, "words", nonce="n-1")
    kept = await house.post(eve, await house.general(other), "kept")
    link = await house.do(alice, house.api.invites.create, requests.CreateInvite(community_id=lab.id))
    house.forget()
    await house.do(alice, communities.delete_community, requests.OfCommunity(community_id=lab.id))
    assert {(each.user_id, each.reason) for each in house.told(CommunityExited)} == {
        (alice.id, "deleted"),
        (bob.id, "deleted"),
    }
    assert (await left(house, lab.id))["messages"] == 1
    for person in (alice, bob, eve):
        for channel_id in (general, secret.id):
            for way in (house.history(person, channel_id), house.post(person, channel_id, "x", nonce="n-1")):
                with pytest.raises(NotFound):
                    await way
        with pytest.raises(NotFound):
            await house.do(person, invites.accept, requests.OfInvite(code=link.code))
    for person in (alice, bob):
        await gone(house, person, lab)
    await house.erased()
    assert await left(house, lab.id) == {}
    assert (await house.history(eve, await house.general(other))).messages == (kept,)


async def test_what_could_not_be_erased_is_tried_again_later(house: House) -> None:
    alice = await house.person("alice")
    lab = await house.community(alice)
    plans = await house.channel(alice, lab, "plans")
    await delete_channel(house, alice, plans.id)
    calls: list[tuple[float, Callable[[], None]]] = []

    class Stubborn:
        """Refuses the first piece of work."""

        refused = 0

        def submit(self, work: Any, on_done: Callable[[Outcome[Any]], None]) -> None:
            if self.refused:
                house.database.submit(work, on_done)
                return
            self.refused += 1
            on_done(Outcome(None, Unavailable("The disk is full.")))

    eraser = SlicedJob(Stubborn(), delete_slice, later=lambda seconds, call: calls.append((seconds, call)))  # type: ignore[arg-type]
    eraser.wake()
    ((seconds, again),) = calls
    assert seconds == deferred_delete.AGAIN
    again()
    await house.erased()
    eraser.close()
    eraser.wake()


async def test_who_may_not_delete_dooms_nothing(house: House) -> None:
    alice, bob = await house.people("alice", "bob")
    lab = await house.community(alice, bob)
    plans = await house.channel(alice, lab, "plans", bob)
    refused: list[type[AsnityError]] = []
    for way in (
        delete_channel(house, bob, plans.id),
        delete_channel(house, alice, await house.general(lab)),
        house.do(bob, communities.delete_community, requests.OfCommunity(community_id=lab.id)),
    ):
        with pytest.raises(AsnityError) as caught:
            await way
        refused.append(caught.type)
    assert refused == [Forbidden] * 3
    with pytest.raises(Conflict):
        await house.channel(alice, lab, "plans")
    assert await house.sql("SELECT * FROM erasures") == []
