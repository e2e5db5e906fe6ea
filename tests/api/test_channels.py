"""Channels: who sees, joins, leaves, changes them, and who is told."""

from __future__ import annotations

import pytest

from asnity_server.api import channels, members
from asnity_server.bus import (
    ChannelDeleted,
    ChannelEntered,
    ChannelExited,
    ChannelMemberUpdated,
    ChannelStored,
    CommunityExited,
    MemberUpdated,
)
from asnity_server.protocol import requests
from asnity_server.protocol.errors import AsnityError, Conflict, Forbidden, Invalid, NotFound
from tests.api.harness import ApiHarness, Person


async def _listed(harness: ApiHarness, person: Person, community_id: str) -> tuple[list[str], list[str]]:
    page = await harness.ask(person, channels.list_channels, requests.OfCommunityPage(community_id=community_id))
    names = {each.id: each.name for each in page.channels}
    return list(names.values()), [names[each] for each in page.joined]


def _member(channel_id: str, user_id: str = "me") -> requests.OfChannelMember:
    return requests.OfChannelMember(channel_id=channel_id, user_id=user_id)


async def test_private_channels_are_listed_to_who_is_in_them(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    await harness.channel(alice, lab, "Secret", kind="private")
    await harness.channel(alice, lab, "plans")
    assert await _listed(harness, alice, lab.id) == (["general", "plans", "Secret"], ["general", "plans", "Secret"])
    assert await _listed(harness, bob, lab.id) == (["general", "plans"], ["general"])


async def test_lists_come_in_parts(harness: ApiHarness) -> None:
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    for number in range(7):
        await harness.channel(alice, lab, f"channel-{number}")
    found: list[str] = []
    cursor: str | None = None
    while True:
        request = requests.OfCommunityPage(community_id=lab.id, limit=3, cursor=cursor)
        page = await harness.ask(alice, channels.list_channels, request)
        found += [each.name for each in page.channels]
        if not isinstance(page.cursor, str):
            break
        cursor = page.cursor
    assert found == [*(f"channel-{number}" for number in range(7)), "general"]


async def test_names_are_unique_by_case_folding_and_free_after_deletion(harness: ApiHarness) -> None:
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    plans = await harness.channel(alice, lab, "#Pläne")
    assert plans.name == "Pläne"
    for taken in ("PLÄNE", "pläne", "general"):
        with pytest.raises(Conflict) as refused:
            await harness.channel(alice, lab, taken)
        assert refused.value.info.field == "name"
    with pytest.raises(Invalid):
        await harness.channel(alice, lab, "two words")
    await harness.do(alice, channels.delete_channel, requests.OfChannel(channel_id=plans.id))
    await harness.channel(alice, lab, "pläne")


async def test_a_new_public_channel_is_told_to_all_a_private_one_to_its_maker(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    harness.forget()
    public = await harness.channel(alice, lab, "plans")
    assert [type(change) for change in harness.changes] == [ChannelEntered, ChannelMemberUpdated, ChannelStored]
    gained, changed = harness.told(ChannelEntered)[0], harness.told(ChannelStored)[0]
    assert (gained.user_id, gained.channel) == (alice.id, public)
    assert (changed.channel, changed.rev, changed.new) == (public, lab.rev + 2, True)  # bob's coming was the other step
    harness.forget()
    await harness.channel(alice, lab, "secret", kind="private")
    assert [type(change) for change in harness.changes] == [ChannelEntered, ChannelMemberUpdated]


async def test_joining_counts_everything_as_read(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    plans = await harness.channel(alice, lab, "plans")
    for number in range(3):
        await harness.post(alice, plans.id, f"message {number}")
    harness.forget()
    assert await harness.do(bob, channels.add_member, _member(plans.id)) == plans
    (gained,) = harness.told(ChannelEntered)
    assert (gained.counters.read_id, gained.counters.unread, gained.counters.last_id) == (3, 0, 3)
    harness.forget()
    await harness.do(bob, channels.add_member, _member(plans.id, bob.id))  # once more
    assert harness.changes == []


async def test_private_channels_are_joined_by_invitation_only(harness: ApiHarness) -> None:
    """D2: the original let anyone join a private channel and invite into channels they weren't in."""
    alice, bob, carol = await harness.people("alice", "bob", "carol")
    lab = await harness.community(alice, bob, carol)
    secret = await harness.channel(alice, lab, "secret", kind="private")
    for request in (_member(secret.id), _member(secret.id, carol.id)):
        with pytest.raises(NotFound):
            await harness.do(bob, channels.add_member, request)
    await harness.do(alice, channels.add_member, _member(secret.id, bob.id))
    assert harness.told(ChannelEntered)[-1].user_id == bob.id
    await harness.do(bob, channels.add_member, _member(secret.id, carol.id))
    assert (await _listed(harness, carol, lab.id))[1] == ["general", "secret"]


async def test_strangers_cannot_be_brought_into_a_channel(harness: ApiHarness) -> None:
    alice, eve = await harness.people("alice", "eve")
    lab = await harness.community(alice)
    plans = await harness.channel(alice, lab, "plans")
    for nobody in (eve.id, "nobody", ""):
        with pytest.raises(NotFound):
            await harness.do(alice, channels.add_member, _member(plans.id, nobody))


async def test_leaving_and_being_removed_are_told_to_who_goes(harness: ApiHarness) -> None:
    """D3: the original never took anyone out of a room."""
    alice, bob, carol = await harness.people("alice", "bob", "carol")
    lab = await harness.community(alice, bob, admins=[carol])
    plans = await harness.channel(alice, lab, "plans", bob, carol)
    harness.forget()
    await harness.do(bob, channels.remove_member, _member(plans.id))
    await harness.do(alice, channels.remove_member, _member(plans.id, carol.id))
    assert harness.changes == [
        ChannelExited(bob.id, plans.id, "left"),
        ChannelMemberUpdated(plans.id, bob.id, None),
        ChannelExited(carol.id, plans.id, "kicked"),
        ChannelMemberUpdated(plans.id, carol.id, None),
    ]
    for gone in (bob, carol):
        with pytest.raises(Forbidden):
            await harness.post(gone, plans.id, "still here")
        with pytest.raises(Forbidden):
            await harness.read(gone, plans.id, 0)
    with pytest.raises(Forbidden):  # who is not in it removes nobody
        await harness.do(carol, channels.remove_member, _member(plans.id, alice.id))


async def test_removing_who_is_not_there(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    plans = await harness.channel(alice, lab, "plans")
    for nobody in (bob.id, "nobody"):
        with pytest.raises(NotFound):
            await harness.do(alice, channels.remove_member, _member(plans.id, nobody))


async def test_everyone_stays_in_general(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    refused: list[tuple[Person, object, object]] = [
        (bob, channels.remove_member, _member(general)),
        (alice, channels.remove_member, _member(general, bob.id)),
        (alice, channels.patch_channel, requests.PatchChannel(channel_id=general, archived=True)),
        (alice, channels.delete_channel, requests.OfChannel(channel_id=general)),
    ]
    for person, work, request in refused:
        with pytest.raises(Forbidden):
            await harness.do(person, work, request)  # type: ignore[arg-type]
    renamed = requests.PatchChannel(channel_id=general, name="lobby", topic="for all")
    assert (await harness.do(alice, channels.patch_channel, renamed)).name == "lobby"


async def test_an_archived_channel_is_read_only_until_it_is_revived(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    plans = await harness.channel(alice, lab, "plans")
    message = await harness.post(alice, plans.id, "before")
    harness.forget()
    archive = requests.PatchChannel(channel_id=plans.id, archived=True)
    assert (await harness.do(alice, channels.patch_channel, archive)).archived
    (changed,) = harness.told(ChannelStored)
    assert changed.channel.archived
    assert changed.rev is not None
    for attempt in (
        harness.post(alice, plans.id, "after"),
        harness.edit(alice, message, "after"),
        harness.delete(alice, message),
        harness.do(bob, channels.add_member, _member(plans.id)),
        harness.do(alice, channels.add_member, _member(plans.id, bob.id)),
    ):
        with pytest.raises(Forbidden):
            await attempt
    assert [each.content for each in (await harness.history(bob, plans.id)).messages] == ["before"]
    await harness.do(alice, channels.patch_channel, requests.PatchChannel(channel_id=plans.id, archived=False))
    await harness.post(alice, plans.id, "after")


async def test_a_deleted_channel_is_gone_with_its_messages(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    plans = await harness.channel(alice, lab, "plans", bob)
    secret = await harness.channel(alice, lab, "secret", bob, kind="private")
    await harness.post(alice, plans.id, "@bob")
    harness.forget()
    await harness.do(alice, channels.delete_channel, requests.OfChannel(channel_id=plans.id))
    await harness.do(alice, channels.delete_channel, requests.OfChannel(channel_id=secret.id))
    removed = harness.told(ChannelDeleted)
    assert [each.channel_id for each in removed] == [plans.id, secret.id]
    assert isinstance(removed[0].rev, int)
    assert removed[1].rev is None
    assert {(each.user_id, each.channel_id, each.reason) for each in harness.told(ChannelExited)} == {
        (person.id, channel.id, "deleted") for person in (alice, bob) for channel in (plans, secret)
    }
    await harness.erased()
    for table in ("messages", "mentions", "channel_members"):
        rows = await harness.sql(f"SELECT count(*) FROM {table} WHERE channel_id IN (?, ?)", (plans.id, secret.id))
        assert rows == [(0,)]
    with pytest.raises(NotFound):
        await harness.history(alice, plans.id)


async def test_only_what_changed_is_told(harness: ApiHarness) -> None:
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    plans = await harness.channel(alice, lab, "plans")
    harness.forget()
    same = requests.PatchChannel(channel_id=plans.id, name="plans", topic="", archived=False)
    assert await harness.do(alice, channels.patch_channel, same) == plans
    assert harness.changes == []
    case = requests.PatchChannel(channel_id=plans.id, name="Plans")
    assert (await harness.do(alice, channels.patch_channel, case)).name == "Plans"


async def test_a_kick_takes_all_channels_at_once(harness: ApiHarness) -> None:
    """D3: kicked people kept receiving what was written."""
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    plans = await harness.channel(alice, lab, "plans", bob)
    secret = await harness.channel(alice, lab, "secret", bob, kind="private")
    other = await harness.community(bob)
    harness.forget()
    await harness.kick(alice, lab, bob)
    lost, changed = harness.changes
    assert lost == CommunityExited(bob.id, lab.id, "kicked")
    assert isinstance(changed, MemberUpdated)
    assert (changed.user.id, changed.role, changed.joined_at, changed.user.former) == (bob.id, None, None, True)
    for channel_id in (general, plans.id, secret.id):
        for attempt in (
            harness.post(bob, channel_id, "hi"),
            harness.history(bob, channel_id),
            harness.history(bob, channel_id, around=1),
            harness.changes_since(bob, channel_id, 0),
            harness.read(bob, channel_id, 0),
            harness.counters(bob, channel_id),
            harness.do(bob, channels.add_member, _member(channel_id)),
            harness.ask(bob, channels.list_members, requests.OfChannelPage(channel_id=channel_id)),
        ):
            with pytest.raises(NotFound):
                await attempt
    assert await harness.sql("SELECT channel_id FROM channel_members WHERE user_id = ?", (bob.id,)) == [
        (await harness.general(other),)
    ]


async def test_members_of_a_channel_by_name(harness: ApiHarness) -> None:
    alice, zoe, bob = await harness.people("alice", "Zoe", "bob")
    lab = await harness.community(alice, zoe, bob)
    plans = await harness.channel(alice, lab, "plans", zoe)
    page = await harness.ask(bob, channels.list_members, requests.OfChannelPage(channel_id=plans.id))
    assert [each.user.username for each in page.members] == ["alice", "Zoe"]
    everyone = await harness.ask(bob, members.list_members, requests.OfCommunityPage(community_id=lab.id, limit=2))
    assert [each.user.username for each in everyone.members] == ["alice", "bob"]
    assert isinstance(everyone.cursor, str)


async def test_unknown_and_foreign_channels_look_the_same(harness: ApiHarness) -> None:
    alice, eve = await harness.people("alice", "eve")
    lab = await harness.community(alice)
    await harness.community(eve)
    general = await harness.general(lab)
    seen = set()
    for channel_id in (general, f"{lab.id}-abcdefgh", "", "nonsense", "\U0001f9c0"):
        with pytest.raises(AsnityError) as refused:
            await harness.history(eve, channel_id)
        seen.add((refused.value.info.code, refused.value.info.message))
    assert len(seen) == 1


async def test_an_id_that_is_no_text_is_invalid(harness: ApiHarness) -> None:
    alice = await harness.person("alice")
    with pytest.raises(Invalid):
        await harness.history(alice, "\ud800")
    with pytest.raises(Invalid):
        await harness.do(alice, channels.add_member, _member("\ud800"))
