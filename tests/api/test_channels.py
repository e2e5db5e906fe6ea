"""Channels: who sees, joins, leaves, changes them, and who is told."""

from __future__ import annotations

import pytest

from asnity_server.api import channels, members
from asnity_server.bus import (
    ChannelDeleted,
    ChannelEntered,
    ChannelExited,
    ChannelMemberUpdated,
    ChannelUpdated,
    CommunityExited,
    MemberUpdated,
)
from asnity_server.protocol import requests
from asnity_server.protocol.errors import AsnityError, Conflict, Forbidden, Invalid, NotFound

from .house import House, Person


async def _listed(house: House, person: Person, community_id: str) -> tuple[list[str], list[str]]:
    page = await house.ask(person, channels.list_channels, requests.OfCommunityPage(community_id=community_id))
    names = {each.id: each.name for each in page.channels}
    return list(names.values()), [names[each] for each in page.joined]


def _member(channel_id: str, user_id: str = "me") -> requests.OfChannelMember:
    return requests.OfChannelMember(channel_id=channel_id, user_id=user_id)


async def test_private_channels_are_listed_to_who_is_in_them(house: House) -> None:
    alice, bob = await house.people("alice", "bob")
    lab = await house.community(alice, bob)
    await house.channel(alice, lab, "Secret", kind="private")
    await house.channel(alice, lab, "plans")
    assert await _listed(house, alice, lab.id) == (["general", "plans", "Secret"], ["general", "plans", "Secret"])
    assert await _listed(house, bob, lab.id) == (["general", "plans"], ["general"])


async def test_lists_come_in_parts(house: House) -> None:
    alice = await house.person("alice")
    lab = await house.community(alice)
    for number in range(7):
        await house.channel(alice, lab, f"channel-{number}")
    found: list[str] = []
    cursor: str | None = None
    while True:
        request = requests.OfCommunityPage(community_id=lab.id, limit=3, cursor=cursor)
        page = await house.ask(alice, channels.list_channels, request)
        found += [each.name for each in page.channels]
        if not isinstance(page.cursor, str):
            break
        cursor = page.cursor
    assert found == [*(f"channel-{number}" for number in range(7)), "general"]


async def test_names_are_unique_by_case_folding_and_free_after_deletion(house: House) -> None:
    alice = await house.person("alice")
    lab = await house.community(alice)
    plans = await house.channel(alice, lab, "#Pläne")
    assert plans.name == "Pläne"
    for taken in ("PLÄNE", "pläne", "general"):
        with pytest.raises(Conflict) as refused:
            await house.channel(alice, lab, taken)
        assert refused.value.info.field == "name"
    with pytest.raises(Invalid):
        await house.channel(alice, lab, "two words")
    await house.do(alice, channels.delete_channel, requests.OfChannel(channel_id=plans.id))
    await house.channel(alice, lab, "pläne")


async def test_a_new_public_channel_is_told_to_all_a_private_one_to_its_maker(house: House) -> None:
    alice, bob = await house.people("alice", "bob")
    lab = await house.community(alice, bob)
    house.forget()
    public = await house.channel(alice, lab, "plans")
    assert [type(change) for change in house.changes] == [ChannelEntered, ChannelMemberUpdated, ChannelUpdated]
    gained, changed = house.told(ChannelEntered)[0], house.told(ChannelUpdated)[0]
    assert (gained.user_id, gained.channel) == (alice.id, public)
    assert (changed.channel, changed.rev, changed.new) == (public, lab.rev + 2, True)  # bob's coming was the other step
    house.forget()
    await house.channel(alice, lab, "secret", kind="private")
    assert [type(change) for change in house.changes] == [ChannelEntered, ChannelMemberUpdated]


async def test_joining_counts_everything_as_read(house: House) -> None:
    alice, bob = await house.people("alice", "bob")
    lab = await house.community(alice, bob)
    plans = await house.channel(alice, lab, "plans")
    for number in range(3):
        await house.post(alice, plans.id, f"message {number}")
    house.forget()
    assert await house.do(bob, channels.add_member, _member(plans.id)) == plans
    (gained,) = house.told(ChannelEntered)
    assert (gained.counters.read_id, gained.counters.unread, gained.counters.last_id) == (3, 0, 3)
    house.forget()
    await house.do(bob, channels.add_member, _member(plans.id, bob.id))  # once more
    assert house.changes == []


async def test_private_channels_are_joined_by_invitation_only(house: House) -> None:
    """D2: the original let anyone join a private channel and invite into channels they weren't in."""
    alice, bob, carol = await house.people("alice", "bob", "carol")
    lab = await house.community(alice, bob, carol)
    secret = await house.channel(alice, lab, "secret", kind="private")
    for request in (_member(secret.id), _member(secret.id, carol.id)):
        with pytest.raises(NotFound):
            await house.do(bob, channels.add_member, request)
    await house.do(alice, channels.add_member, _member(secret.id, bob.id))
    assert house.told(ChannelEntered)[-1].user_id == bob.id
    await house.do(bob, channels.add_member, _member(secret.id, carol.id))
    assert (await _listed(house, carol, lab.id))[1] == ["general", "secret"]


async def test_strangers_cannot_be_brought_into_a_channel(house: House) -> None:
    alice, eve = await house.people("alice", "eve")
    lab = await house.community(alice)
    plans = await house.channel(alice, lab, "plans")
    for nobody in (eve.id, "nobody", ""):
        with pytest.raises(NotFound):
            await house.do(alice, channels.add_member, _member(plans.id, nobody))


async def test_leaving_and_being_removed_are_told_to_who_goes(house: House) -> None:
    """D3: the original never took anyone out of a room."""
    alice, bob, carol = await house.people("alice", "bob", "carol")
    lab = await house.community(alice, bob, admins=[carol])
    plans = await house.channel(alice, lab, "plans", bob, carol)
    house.forget()
    await house.do(bob, channels.remove_member, _member(plans.id))
    await house.do(alice, channels.remove_member, _member(plans.id, carol.id))
    assert house.changes == [
        ChannelExited(bob.id, plans.id, "left"),
        ChannelMemberUpdated(plans.id, bob.id, None),
        ChannelExited(carol.id, plans.id, "kicked"),
        ChannelMemberUpdated(plans.id, carol.id, None),
    ]
    for gone in (bob, carol):
        with pytest.raises(Forbidden):
            await house.post(gone, plans.id, "still here")
        with pytest.raises(Forbidden):
            await house.read(gone, plans.id, 0)
    with pytest.raises(Forbidden):  # who is not in it removes nobody
        await house.do(carol, channels.remove_member, _member(plans.id, alice.id))


async def test_removing_who_is_not_there(house: House) -> None:
    alice, bob = await house.people("alice", "bob")
    lab = await house.community(alice, bob)
    plans = await house.channel(alice, lab, "plans")
    for nobody in (bob.id, "nobody"):
        with pytest.raises(NotFound):
            await house.do(alice, channels.remove_member, _member(plans.id, nobody))


async def test_everyone_stays_in_general(house: House) -> None:
    alice, bob = await house.people("alice", "bob")
    lab = await house.community(alice, bob)
    general = await house.general(lab)
    refused: list[tuple[Person, object, object]] = [
        (bob, channels.remove_member, _member(general)),
        (alice, channels.remove_member, _member(general, bob.id)),
        (alice, channels.patch_channel, requests.PatchChannel(channel_id=general, archived=True)),
        (alice, channels.delete_channel, requests.OfChannel(channel_id=general)),
    ]
    for person, work, request in refused:
        with pytest.raises(Forbidden):
            await house.do(person, work, request)  # type: ignore[arg-type]
    renamed = requests.PatchChannel(channel_id=general, name="lobby", topic="for all")
    assert (await house.do(alice, channels.patch_channel, renamed)).name == "lobby"


async def test_an_archived_channel_is_read_only_until_it_is_revived(house: House) -> None:
    alice, bob = await house.people("alice", "bob")
    lab = await house.community(alice, bob)
    plans = await house.channel(alice, lab, "plans")
    message = await house.post(alice, plans.id, "before")
    house.forget()
    archive = requests.PatchChannel(channel_id=plans.id, archived=True)
    assert (await house.do(alice, channels.patch_channel, archive)).archived
    (changed,) = house.told(ChannelUpdated)
    assert changed.channel.archived
    assert changed.rev is not None
    for attempt in (
        house.post(alice, plans.id, "after"),
        house.edit(alice, message, "after"),
        house.delete(alice, message),
        house.do(bob, channels.add_member, _member(plans.id)),
        house.do(alice, channels.add_member, _member(plans.id, bob.id)),
    ):
        with pytest.raises(Forbidden):
            await attempt
    assert [each.content for each in (await house.history(bob, plans.id)).messages] == ["before"]
    await house.do(alice, channels.patch_channel, requests.PatchChannel(channel_id=plans.id, archived=False))
    await house.post(alice, plans.id, "after")


async def test_a_deleted_channel_is_gone_with_its_messages(house: House) -> None:
    alice, bob = await house.people("alice", "bob")
    lab = await house.community(alice, bob)
    plans = await house.channel(alice, lab, "plans", bob)
    secret = await house.channel(alice, lab, "secret", bob, kind="private")
    await house.post(alice, plans.id, "@bob")
    house.forget()
    await house.do(alice, channels.delete_channel, requests.OfChannel(channel_id=plans.id))
    await house.do(alice, channels.delete_channel, requests.OfChannel(channel_id=secret.id))
    removed = house.told(ChannelDeleted)
    assert [each.channel_id for each in removed] == [plans.id, secret.id]
    assert isinstance(removed[0].rev, int)
    assert removed[1].rev is None
    assert {(each.user_id, each.channel_id, each.reason) for each in house.told(ChannelExited)} == {
        (person.id, channel.id, "deleted") for person in (alice, bob) for channel in (plans, secret)
    }
    await house.erased()
    for table in ("messages", "mentions", "channel_members"):
        rows = await house.sql(f"SELECT count(*) FROM {table} WHERE channel_id IN (?, ?)", (plans.id, secret.id))
        assert rows == [(0,)]
    with pytest.raises(NotFound):
        await house.history(alice, plans.id)


async def test_only_what_changed_is_told(house: House) -> None:
    alice = await house.person("alice")
    lab = await house.community(alice)
    plans = await house.channel(alice, lab, "plans")
    house.forget()
    same = requests.PatchChannel(channel_id=plans.id, name="plans", topic="", archived=False)
    assert await house.do(alice, channels.patch_channel, same) == plans
    assert house.changes == []
    case = requests.PatchChannel(channel_id=plans.id, name="Plans")
    assert (await house.do(alice, channels.patch_channel, case)).name == "Plans"


async def test_a_kick_takes_all_channels_at_once(house: House) -> None:
    """D3: kicked people kept receiving what was written."""
    alice, bob = await house.people("alice", "bob")
    lab = await house.community(alice, bob)
    general = await house.general(lab)
    plans = await house.channel(alice, lab, "plans", bob)
    secret = await house.channel(alice, lab, "secret", bob, kind="private")
    other = await house.community(bob)
    house.forget()
    await house.kick(alice, lab, bob)
    lost, changed = house.changes
    assert lost == CommunityExited(bob.id, lab.id, "kicked")
    assert isinstance(changed, MemberUpdated)
    assert (changed.user.id, changed.role, changed.joined_at, changed.user.former) == (bob.id, None, None, True)
    for channel_id in (general, plans.id, secret.id):
        for attempt in (
            house.post(bob, channel_id, "hi"),
            house.history(bob, channel_id),
            house.history(bob, channel_id, around=1),
            house.changes_since(bob, channel_id, 0),
            house.read(bob, channel_id, 0),
            house.counters(bob, channel_id),
            house.do(bob, channels.add_member, _member(channel_id)),
            house.ask(bob, channels.list_members, requests.OfChannelPage(channel_id=channel_id)),
        ):
            with pytest.raises(NotFound):
                await attempt
    assert await house.sql("SELECT channel_id FROM channel_members WHERE user_id = ?", (bob.id,)) == [
        (await house.general(other),)
    ]


async def test_members_of_a_channel_by_name(house: House) -> None:
    alice, zoe, bob = await house.people("alice", "Zoe", "bob")
    lab = await house.community(alice, zoe, bob)
    plans = await house.channel(alice, lab, "plans", zoe)
    page = await house.ask(bob, channels.list_members, requests.OfChannelPage(channel_id=plans.id))
    assert [each.user.username for each in page.members] == ["alice", "Zoe"]
    everyone = await house.ask(bob, members.list_members, requests.OfCommunityPage(community_id=lab.id, limit=2))
    assert [each.user.username for each in everyone.members] == ["alice", "bob"]
    assert isinstance(everyone.cursor, str)


async def test_unknown_and_foreign_channels_look_the_same(house: House) -> None:
    alice, eve = await house.people("alice", "eve")
    lab = await house.community(alice)
    await house.community(eve)
    general = await house.general(lab)
    seen = set()
    for channel_id in (general, f"{lab.id}-abcdefgh", "", "nonsense", "\U0001f9c0"):
        with pytest.raises(AsnityError) as refused:
            await house.history(eve, channel_id)
        seen.add((refused.value.info.code, refused.value.info.message))
    assert len(seen) == 1


async def test_an_id_that_is_no_text_is_invalid(house: House) -> None:
    alice = await house.person("alice")
    with pytest.raises(Invalid):
        await house.history(alice, "\ud800")
    with pytest.raises(Invalid):
        await house.do(alice, channels.add_member, _member("\ud800"))
