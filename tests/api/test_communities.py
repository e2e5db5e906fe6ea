"""Communities, their members and the invites that let people in."""

from __future__ import annotations

from typing import Any

import pytest

from asnity_server.api import channels, communities, invites, members
from asnity_server.api.accounts import users
from asnity_server.bus import (
    ChannelEntered,
    ChannelMemberUpdated,
    CommunityEntered,
    CommunityExited,
    CommunityUpdated,
    MemberUpdated,
)
from asnity_server.protocol import requests
from asnity_server.protocol.errors import Conflict, Forbidden, Invalid, NotFound
from asnity_server.protocol.models import Community, Invite
from tests.api.harness import ApiHarness, Person


def _of(community: Community) -> requests.OfCommunity:
    return requests.OfCommunity(community_id=community.id)


async def _leave(harness: ApiHarness, person: Person, community: Community) -> None:
    await harness.do(person, members.remove_member, requests.RemoveMember(community_id=community.id, user_id="me"))


async def _invite(harness: ApiHarness, person: Person, community: Community, **more: Any) -> Invite:
    return await harness.do(
        person, harness.api.invites.create, requests.CreateInvite(community_id=community.id, **more)
    )


async def _accept(harness: ApiHarness, person: Person, invite: Invite) -> Community:
    return await harness.do(person, invites.accept, requests.OfInvite(code=invite.code))


async def test_whoever_makes_a_community_owns_it_and_is_in_general(harness: ApiHarness) -> None:
    alice = await harness.person("alice")
    lab = await harness.do(alice, communities.create_community, requests.CreateCommunity(name=" Lab ", description="x"))
    assert (lab.name, lab.description, lab.invites_by) == ("Lab", "x", "members")
    assert harness.told(CommunityEntered) == [CommunityEntered(alice.id, lab)]
    (gained,) = harness.told(ChannelEntered)
    assert (gained.channel.name, gained.channel.kind, gained.channel.community_id) == ("general", "public", lab.id)
    page = await harness.ask(alice, members.list_members, requests.OfCommunityPage(community_id=lab.id))
    assert [(each.user.id, each.role) for each in page.members] == [(alice.id, "owner")]


async def test_my_communities_in_the_order_of_joining(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    second = await harness.community(alice)
    first = await harness.community(alice)
    for community in (first, second):
        harness.clock.forward(1)
        await harness.enter(community.id, bob)
    found = await harness.ask(bob, communities.list_communities, requests.Empty())
    assert [each.id for each in found.communities] == [first.id, second.id]


async def test_only_the_owner_changes_settings_and_all_are_told(harness: ApiHarness) -> None:
    alice, bob, eve = await harness.people("alice", "bob", "eve")
    lab = await harness.community(alice, admins=[bob])
    harness.forget()
    change = requests.PatchCommunity(community_id=lab.id, name="Works", invites_by="admins")
    with pytest.raises(Forbidden):
        await harness.do(bob, communities.patch_community, change)
    with pytest.raises(NotFound):
        await harness.do(eve, communities.patch_community, change)
    changed = await harness.do(alice, communities.patch_community, change)
    assert (changed.name, changed.invites_by, changed.rev) == ("Works", "admins", lab.rev + 2)
    assert harness.changes == [CommunityUpdated(changed)]
    assert await harness.do(alice, communities.patch_community, change) == changed
    assert len(harness.changes) == 1
    for nothing in ("", " ", "\n", "a\u202eb", "x" * 51):
        with pytest.raises(Invalid):
            await harness.do(
                alice, communities.patch_community, requests.PatchCommunity(community_id=lab.id, name=nothing)
            )


async def test_a_deleted_community_is_gone_for_everyone(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    await harness.post(bob, general, "hello", nonce="a")
    with pytest.raises(Forbidden):
        await harness.do(bob, communities.delete_community, _of(lab))
    harness.forget()
    await harness.do(alice, communities.delete_community, _of(lab))
    assert {(each.user_id, each.reason) for each in harness.told(CommunityExited)} == {
        (alice.id, "deleted"),
        (bob.id, "deleted"),
    }
    await harness.erased()
    for table in ("memberships", "channels", "channel_members", "messages", "receipts", "communities"):
        assert await harness.sql(f"SELECT count(*) FROM {table}") == [(0,)]
    with pytest.raises(NotFound):
        await harness.ask(alice, communities.get_community, _of(lab))


async def test_the_last_owner_stays(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    with pytest.raises(Conflict):
        await _leave(harness, alice, lab)
    await harness.role(lab.id, bob, "owner")
    await _leave(harness, alice, lab)
    with pytest.raises(Conflict):
        await _leave(harness, bob, lab)


async def test_leaving_takes_one_out_of_everything(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    await harness.channel(bob, lab, "bobs", kind="private")
    harness.forget()
    await _leave(harness, bob, lab)
    assert harness.told(CommunityExited) == [CommunityExited(bob.id, lab.id, "left")]
    assert await harness.sql("SELECT * FROM channel_members WHERE user_id = ?", (bob.id,)) == []
    with pytest.raises(NotFound):
        await _leave(harness, bob, lab)


@pytest.mark.parametrize(
    ("actor", "target", "allowed"),
    [
        ("owner", "owner", False),
        ("owner", "admin", True),
        ("owner", "member", True),
        ("admin", "owner", False),
        ("admin", "admin", False),
        ("admin", "member", True),
        ("member", "owner", False),
        ("member", "admin", False),
        ("member", "member", False),
    ],
)
async def test_who_kicks_whom(harness: ApiHarness, actor: str, target: str, allowed: bool) -> None:
    first, host, guest = await harness.people("first", "host", "guest")
    lab = await harness.community(first, host, guest)
    await harness.role(lab.id, host, actor)  # type: ignore[arg-type]
    await harness.role(lab.id, guest, target)  # type: ignore[arg-type]
    if allowed:
        await harness.kick(host, lab, guest)
        assert harness.told(CommunityExited) == [CommunityExited(guest.id, lab.id, "kicked")]
    else:
        with pytest.raises(Forbidden):
            await harness.kick(host, lab, guest)


async def test_a_kicked_person_does_not_come_back_by_a_link_of_their_own(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    invite = await _invite(harness, bob, lab)
    await harness.kick(alice, lab, bob)
    with pytest.raises(NotFound):
        await _accept(harness, bob, invite)


async def test_former_members_are_named_and_strangers_are_not(harness: ApiHarness) -> None:
    alice, bob, eve = await harness.people("alice", "bob", "eve")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    await harness.post(bob, general, "hello")
    await _leave(harness, bob, lab)
    page = await harness.history(alice, general)
    assert page.users[bob.id].former
    request = requests.UsersById(community_id=lab.id, ids=f"{alice.id},{bob.id},{eve.id},nobody,,")
    found = (await harness.ask(alice, members.find_users, request)).users
    assert {key: each.former for key, each in found.items()} == {alice.id: False, bob.id: True}
    await harness.enter(lab.id, bob)
    assert not (await harness.history(alice, general)).users[bob.id].former
    with pytest.raises(Invalid):
        await harness.ask(alice, members.find_users, requests.UsersById(community_id=lab.id, ids=",".join(["a"] * 101)))


async def test_a_new_name_is_told_in_every_community(harness: ApiHarness) -> None:
    """D3: the original told nobody of a changed profile."""
    alice, bob = await harness.people("alice", "bob")
    lab, works = await harness.community(alice, bob), await harness.community(bob)
    harness.forget()
    changed = await harness.do(bob, users.patch_me, requests.PatchMe(display_name="Bobby", status_text="out"))
    assert (changed.display_name, changed.status_text, changed.username) == ("Bobby", "out", "bob")
    told = harness.told(MemberUpdated)
    assert {each.community_id for each in told} == {lab.id, works.id}
    for each in told:
        assert (each.user, each.role) == (changed, "owner" if each.community_id == works.id else "member")
        assert await harness.sql("SELECT rev FROM communities WHERE id = ?", (each.community_id,)) == [(each.rev,)]
    harness.forget()
    assert await harness.do(bob, users.patch_me, requests.PatchMe()) == changed
    assert harness.changes == []


# Invites


async def test_an_invite_lets_people_in_once_each(harness: ApiHarness) -> None:
    alice, bob, carol = await harness.people("alice", "bob", "carol")
    lab = await harness.community(alice)
    invite = await _invite(harness, alice, lab, max_uses=1)
    assert invite.url.endswith(f"/invite/{invite.code}")
    harness.forget()
    joined = await _accept(harness, bob, invite)
    assert [type(each) for each in harness.changes] == [
        CommunityEntered,
        ChannelEntered,
        ChannelMemberUpdated,
        MemberUpdated,
    ]
    assert harness.told(CommunityEntered)[0].community == joined
    assert (await harness.sql("SELECT uses FROM invites")) == [(1,)]
    with pytest.raises(NotFound):
        await _accept(harness, carol, invite)
    # who is in already uses nothing up
    second = await _invite(harness, alice, lab, max_uses=1)
    await _accept(harness, bob, second)
    await _accept(harness, carol, second)


async def test_an_invite_expires(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice)
    invite = await _invite(harness, alice, lab, expires_in=60)
    request = requests.OfInvite(code=invite.code)
    shown = await harness.api.look(invites.preview, request)
    assert (shown.community.name, shown.community.members, shown.inviter) == ("Lab", 1, "alice")
    assert shown.expires_at == invite.expires_at
    harness.clock.forward(60_000)
    with pytest.raises(NotFound):
        await harness.api.look(invites.preview, request)
    with pytest.raises(NotFound):
        await _accept(harness, bob, invite)


async def test_an_invite_may_lead_into_a_channel(harness: ApiHarness) -> None:
    alice, bob, carol, dave, erin = await harness.people("alice", "bob", "carol", "dave", "erin")
    lab = await harness.community(alice, carol)
    secret = await harness.channel(alice, lab, "secret", kind="private")
    with pytest.raises(NotFound):  # who isn't in a private channel invites nobody into it
        await _invite(harness, carol, lab, channel_id=secret.id)
    other = await harness.community(alice)
    with pytest.raises(NotFound):
        await _invite(harness, alice, other, channel_id=secret.id)
    invite = await _invite(harness, alice, lab, channel_id=secret.id)
    await _accept(harness, bob, invite)
    assert [each.channel.name for each in harness.told(ChannelEntered) if each.user_id == bob.id] == [
        "general",
        "secret",
    ]
    await _accept(harness, carol, invite)
    assert [each.channel.name for each in harness.told(ChannelEntered) if each.user_id == carol.id][-1] == "secret"
    archive = requests.PatchChannel(channel_id=secret.id, archived=True)
    await harness.do(alice, channels.patch_channel, archive)
    await _accept(harness, erin, invite)
    assert [each.channel.name for each in harness.told(ChannelEntered) if each.user_id == erin.id] == ["general"]
    await harness.database.write(lambda tx: tx.run("DELETE FROM channels WHERE id = ?", (secret.id,)))
    await _accept(harness, dave, invite)
    assert [each.channel.name for each in harness.told(ChannelEntered) if each.user_id == dave.id] == ["general"]


async def test_invites_are_listed_and_withdrawn_by_their_makers_and_admins(harness: ApiHarness) -> None:
    alice, bob, carol = await harness.people("alice", "bob", "carol")
    lab = await harness.community(alice, bob, carol)
    made = []
    for person in (alice, bob, bob):
        harness.clock.forward(1)
        made.append((await _invite(harness, person, lab)).code)

    async def listed(person: Person, **more: Any) -> Any:
        request = requests.OfCommunityPage(community_id=lab.id, **more)
        return await harness.ask(person, harness.api.invites.list_all, request)

    assert [each.code for each in (await listed(alice)).invites] == made[::-1]
    assert [each.code for each in (await listed(bob)).invites] == [made[2], made[1]]
    assert (await listed(carol)).invites == ()
    first = await listed(alice, limit=2)
    assert first.users.keys() == {bob.id}
    assert [each.code for each in (await listed(alice, limit=2, cursor=first.cursor)).invites] == [made[0]]
    for nonsense in ("x", "-", "99999999999999999999-a", "²-a"):
        with pytest.raises(Invalid):
            await listed(alice, cursor=nonsense)

    def of(code: str) -> requests.OfCommunityInvite:
        return requests.OfCommunityInvite(community_id=lab.id, code=code)

    with pytest.raises(Forbidden):
        await harness.do(carol, invites.withdraw, of(made[1]))
    await harness.do(bob, invites.withdraw, of(made[1]))
    await harness.do(alice, invites.withdraw, of(made[2]))
    with pytest.raises(NotFound):
        await harness.do(alice, invites.withdraw, of(made[2]))
    other = await harness.community(alice)
    with pytest.raises(NotFound):  # it belongs to another community
        await harness.do(alice, invites.withdraw, requests.OfCommunityInvite(community_id=other.id, code=made[0]))


async def test_a_community_may_keep_inviting_to_admins(harness: ApiHarness) -> None:
    alice, bob, carol = await harness.people("alice", "bob", "carol")
    lab = await harness.community(alice, bob, admins=[carol])
    await _invite(harness, bob, lab)
    change = requests.PatchCommunity(community_id=lab.id, invites_by="admins")
    await harness.do(alice, communities.patch_community, change)
    with pytest.raises(Forbidden):
        await _invite(harness, bob, lab)
    await _invite(harness, carol, lab)
