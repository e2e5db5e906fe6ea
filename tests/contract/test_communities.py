"""The contract of communities, members and invites."""

from __future__ import annotations

import msgspec
import pytest

from asnity_server.protocol import errors, events, requests, routes
from tests.contract.harness import ServerHarness


async def test_a_new_community_has_its_maker_as_owner_and_a_general_channel(harness: ServerHarness) -> None:
    alice = await harness.person("alice")
    community = await alice.found("Mandarin Lab")
    overview = await alice.call(routes.OVERVIEW, requests.Empty())
    assert overview.user == alice.user
    (entry,) = overview.communities
    assert (entry.community.id, entry.community.name, entry.role) == (community.id, "Mandarin Lab", "owner")
    assert [each.channel.name for each in entry.channels] == ["general"]
    assert entry.channels[0].counters.unread == 0
    part = await alice.call(routes.COMMUNITY_OVERVIEW, requests.OfCommunity(community_id=community.id))
    assert part.channels == entry.channels


async def test_a_strangers_community_does_not_exist(harness: ServerHarness) -> None:
    alice, eve = await harness.person("alice"), await harness.person("eve")
    community = await alice.found("Lab")
    general = await alice.general(community.id)
    await eve.open()
    with pytest.raises(errors.NotFound):
        await eve.client.enter(community.id)
    with pytest.raises(errors.NotFound):
        await eve.client.enter("aaaaaaaaaaaa")
    with pytest.raises(errors.NotFound):
        await eve.call(routes.COMMUNITY, requests.OfCommunity(community_id=community.id))
    with pytest.raises(errors.NotFound):
        await eve.call(routes.HISTORY, requests.History(channel_id=general))


async def test_an_invite_shows_what_it_leads_to_and_lets_in(harness: ServerHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    community = await alice.found("Lab")
    await alice.open(community.id)
    await bob.open()
    invite = await alice.call(routes.CREATE_INVITE, requests.CreateInvite(community_id=community.id))
    stranger = await harness.client()
    shown = await stranger.call(routes.INVITE, requests.OfInvite(code=invite.code))
    assert (shown.community.name, shown.community.members, shown.inviter) == ("Lab", 1, "alice")
    accepted = await bob.call(routes.ACCEPT_INVITE, requests.OfInvite(code=invite.code))
    assert accepted.id == community.id
    added = await bob.heard.get("community-added", events.CommunityAdded)
    assert added.community.id == community.id
    changed = await alice.heard.get("member-changed", events.MemberChanged)
    assert (changed.user.id, changed.role) == (bob.user.id, "member")
    assert changed.rev > community.rev
    await bob.client.enter(community.id)
    joined = await bob.join(community.id)
    assert [each.channel_id for each in joined.joined] == [await alice.general(community.id)]


async def test_accepting_twice_changes_nothing(harness: ServerHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    community = await alice.found("Lab")
    request = requests.CreateInvite(community_id=community.id, max_uses=1)
    invite = await alice.call(routes.CREATE_INVITE, request)
    await bob.call(routes.ACCEPT_INVITE, requests.OfInvite(code=invite.code))
    carol = await harness.person("carol")
    with pytest.raises(errors.NotFound):
        await carol.call(routes.ACCEPT_INVITE, requests.OfInvite(code=invite.code))


async def test_a_withdrawn_invite_is_not_found(harness: ServerHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    community = await alice.found("Lab")
    invite = await alice.call(routes.CREATE_INVITE, requests.CreateInvite(community_id=community.id))
    listed = await alice.call(routes.INVITES, requests.OfCommunityPage(community_id=community.id))
    assert [each.code for each in listed.invites] == [invite.code]
    assert alice.user.id in listed.users
    request = requests.OfCommunityInvite(community_id=community.id, code=invite.code)
    await alice.call(routes.DELETE_INVITE, request)
    with pytest.raises(errors.NotFound):
        await bob.call(routes.ACCEPT_INVITE, requests.OfInvite(code=invite.code))


async def test_members_are_listed_by_name_in_parts(harness: ServerHarness) -> None:
    people = [await harness.person(each) for each in ("alice", "dana", "bob", "carol")]
    community = await people[0].found("Lab")
    await people[0].let_in(community.id, *people[1:])
    request = requests.OfCommunityPage(community_id=community.id, limit=3)
    first = await people[1].call(routes.MEMBERS, request)
    assert [each.user.username for each in first.members] == ["alice", "bob", "carol"]
    assert [each.role for each in first.members] == ["owner", "member", "member"]
    assert isinstance(first.cursor, str)
    rest = await people[1].call(routes.MEMBERS, msgspec.structs.replace(request, cursor=first.cursor))
    assert [each.user.username for each in rest.members] == ["dana"]
    assert rest.cursor is msgspec.UNSET


async def test_who_is_kicked_is_told_and_out_at_once(harness: ServerHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    community = await alice.found("Lab")
    general = await alice.general(community.id)
    await alice.let_in(community.id, bob)
    await alice.open(community.id)
    await bob.open(community.id)
    request = requests.RemoveMember(community_id=community.id, user_id=bob.user.id)
    await alice.call(routes.REMOVE_MEMBER, request)
    removed = await bob.heard.get("community-removed", events.CommunityRemoved)
    assert removed == events.CommunityRemoved(community_id=community.id, reason="kicked")
    await bob.heard.until(lambda: bob.heard.lost_namespaces == [community.id], "the end of the namespace")
    changed = await alice.heard.get("member-changed", events.MemberChanged)
    assert (changed.user.id, changed.role, changed.joined_at) == (bob.user.id, None, None)
    assert not bob.heard.lost
    await alice.say(general, "Only us now.")
    with pytest.raises(errors.NotFound):
        await bob.client.enter(community.id)
    with pytest.raises(errors.NotFound):
        await bob.call(routes.HISTORY, requests.History(channel_id=general))
    assert "new-chat" not in bob.heard.names()


async def test_members_leave_but_the_last_owner_stays(harness: ServerHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    community = await alice.found("Lab")
    await alice.let_in(community.id, bob)
    leave = requests.RemoveMember(community_id=community.id, user_id="me")
    with pytest.raises(errors.Conflict):
        await alice.call(routes.REMOVE_MEMBER, leave)
    await bob.call(routes.REMOVE_MEMBER, leave)
    assert (await bob.call(routes.COMMUNITIES, requests.Empty())).communities == ()


async def test_a_member_kicks_nobody(harness: ServerHarness) -> None:
    alice, bob, carol = [await harness.person(each) for each in ("alice", "bob", "carol")]
    community = await alice.found("Lab")
    await alice.let_in(community.id, bob, carol)
    for target in (alice, carol):
        request = requests.RemoveMember(community_id=community.id, user_id=target.user.id)
        with pytest.raises(errors.Forbidden):
            await bob.call(routes.REMOVE_MEMBER, request)


async def test_users_are_told_by_id_people_who_left_included(harness: ServerHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    community = await alice.found("Lab")
    await alice.let_in(community.id, bob)
    general = await alice.general(community.id)
    post = requests.PostMessage(channel_id=general, content="Bye!")
    await bob.call(routes.POST_MESSAGE, post)
    await bob.call(routes.REMOVE_MEMBER, requests.RemoveMember(community_id=community.id, user_id="me"))
    page = await alice.call(routes.HISTORY, requests.History(channel_id=general))
    assert page.users[bob.user.id].former
    ids = f"{alice.user.id},{bob.user.id}"
    found = await alice.call(routes.USERS, requests.UsersById(community_id=community.id, ids=ids))
    assert (found.users[alice.user.id].former, found.users[bob.user.id].former) == (False, True)


async def test_leaving_one_community_leaves_the_other_connected(harness: ServerHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    first, second = await alice.found("First"), await alice.found("Second")
    await alice.let_in(first.id, bob)
    await alice.let_in(second.id, bob)
    await alice.open(first.id, second.id)
    await bob.open(first.id, second.id)
    await bob.client.exit(first.id)
    await alice.say(await alice.general(first.id), "To nobody.")
    await alice.say(await alice.general(second.id), "To bob.")
    message = await bob.heard.message()
    assert message.content == "To bob."
    await bob.client.enter(first.id)
    joined = await bob.join(first.id)
    assert joined.joined[0].unread == 1


async def test_each_change_that_all_may_see_is_one_step(harness: ServerHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    community = await alice.found("Lab")
    await alice.open(community.id)
    await alice.let_in(community.id, bob)
    await alice.channel(community.id, "random")
    await alice.channel(community.id, "secret", private=True)
    await bob.call(routes.REMOVE_MEMBER, requests.RemoveMember(community_id=community.id, user_id="me"))
    member = await alice.heard.get("member-changed", events.MemberChanged)
    channel = await alice.heard.get("channel-changed", events.ChannelChanged)
    gone = await alice.heard.get("member-changed", events.MemberChanged, 2)
    assert [member.rev, channel.rev, gone.rev] == [community.rev + 1, community.rev + 2, community.rev + 3]
    now = await alice.call(routes.COMMUNITY, requests.OfCommunity(community_id=community.id))
    assert now.rev == gone.rev


async def test_a_new_name_on_the_screen_is_told_to_all_who_see_it(harness: ServerHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    community = await alice.found("Lab")
    await alice.let_in(community.id, bob)
    await alice.open(community.id)
    await bob.call(routes.PATCH_ME, requests.PatchMe(display_name="Bobby", status_text="baking"))
    changed = await alice.heard.get("member-changed", events.MemberChanged)
    assert (changed.user.display_name, changed.user.status_text, changed.role) == ("Bobby", "baking", "member")


async def test_strangers_are_not_told_by_id(harness: ServerHarness) -> None:
    alice, eve = await harness.person("alice"), await harness.person("eve")
    community = await alice.found("Lab")
    found = await alice.call(routes.USERS, requests.UsersById(community_id=community.id, ids=eve.user.id))
    assert found.users == {}


async def test_nobody_who_is_not_there_can_be_kicked(harness: ServerHarness) -> None:
    alice, bob, eve = [await harness.person(each) for each in ("alice", "bob", "eve")]
    community = await alice.found("Lab")
    await alice.let_in(community.id, bob)
    request = requests.RemoveMember(community_id=community.id, user_id=eve.user.id)
    with pytest.raises(errors.NotFound):
        await alice.call(routes.REMOVE_MEMBER, request)
    with pytest.raises(errors.Forbidden):
        await bob.call(routes.REMOVE_MEMBER, request)


async def test_the_link_of_somebody_who_was_kicked_leads_nowhere(harness: ServerHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    community = await alice.found("Lab")
    await alice.let_in(community.id, bob)
    invite = await bob.call(routes.CREATE_INVITE, requests.CreateInvite(community_id=community.id))
    await alice.call(routes.REMOVE_MEMBER, requests.RemoveMember(community_id=community.id, user_id=bob.user.id))
    with pytest.raises(errors.NotFound):
        await bob.call(routes.ACCEPT_INVITE, requests.OfInvite(code=invite.code))


async def test_an_invite_into_a_channel_leads_there_too(harness: ServerHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    community = await alice.found("Lab")
    secret = await alice.channel(community.id, "secret", private=True)
    request = requests.CreateInvite(community_id=community.id, channel_id=secret)
    invite = await alice.call(routes.CREATE_INVITE, request)
    await bob.call(routes.ACCEPT_INVITE, requests.OfInvite(code=invite.code))
    overview = await bob.call(routes.COMMUNITY_OVERVIEW, requests.OfCommunity(community_id=community.id))
    assert [each.channel.name for each in overview.channels] == ["general", "secret"]


async def test_who_was_removed_from_a_channel_does_not_come_back_by_a_link_of_their_own(harness: ServerHarness) -> None:
    alice, bob, carol = [await harness.person(name) for name in ("alice", "bob", "carol")]
    community = await alice.found("Lab")
    await alice.let_in(community.id, bob, carol)
    secret = await alice.channel(community.id, "secret", private=True)
    put = requests.OfChannelMember(channel_id=secret, user_id=bob.user.id)
    await alice.call(routes.ADD_CHANNEL_MEMBER, put)
    into = requests.CreateInvite(community_id=community.id, channel_id=secret, max_uses=1)
    link = (await bob.call(routes.CREATE_INVITE, into)).code
    await alice.call(routes.REMOVE_CHANNEL_MEMBER, put)
    for each in (bob, carol):
        await each.call(routes.ACCEPT_INVITE, requests.OfInvite(code=link))
        with pytest.raises(errors.NotFound):
            await each.call(routes.CHANNEL, requests.OfChannel(channel_id=secret))


async def test_a_member_who_comes_into_a_channel_by_a_link_uses_it_up(harness: ServerHarness) -> None:
    alice, bob, carol = [await harness.person(name) for name in ("alice", "bob", "carol")]
    community = await alice.found("Lab")
    await alice.let_in(community.id, bob, carol)
    secret = await alice.channel(community.id, "secret", private=True)
    into = requests.CreateInvite(community_id=community.id, channel_id=secret, max_uses=1)
    link = requests.OfInvite(code=(await alice.call(routes.CREATE_INVITE, into)).code)
    await alice.call(routes.ACCEPT_INVITE, link)  # who is there already uses nothing up
    await bob.call(routes.ACCEPT_INVITE, link)
    with pytest.raises(errors.NotFound):
        await carol.call(routes.ACCEPT_INVITE, link)


async def test_one_is_in_so_many_communities_and_no_more(
    harness: ServerHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("asnity_server.api.membership.COMMUNITIES", "asnity_server.protocol.limits.COMMUNITIES"):
        monkeypatch.setattr(module, 2)
    alice, bob = await harness.person("alice"), await harness.person("bob")
    first = await alice.found("One")
    await alice.found("Two")
    third = await bob.found("Three")
    with pytest.raises(errors.Conflict):
        await alice.found("Four")
    invite = await bob.call(routes.CREATE_INVITE, requests.CreateInvite(community_id=third.id))
    with pytest.raises(errors.Conflict):
        await alice.call(routes.ACCEPT_INVITE, requests.OfInvite(code=invite.code))
    back = await alice.call(routes.CREATE_INVITE, requests.CreateInvite(community_id=first.id))
    assert (
        await alice.call(routes.ACCEPT_INVITE, requests.OfInvite(code=back.code))
    ).id == first.id  # is there already
    await alice.call(routes.DELETE_COMMUNITY, requests.OfCommunity(community_id=first.id))
    await alice.call(routes.ACCEPT_INVITE, requests.OfInvite(code=invite.code))
    mine = await alice.call(routes.COMMUNITIES, requests.Empty())
    assert [each.name for each in mine.communities] == ["Two", "Three"]


async def test_a_person_has_so_many_links_and_those_that_are_used_up_give_way(
    harness: ServerHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asnity_server.protocol.limits.INVITES", 3)
    alice, bob, carol = [await harness.person(name) for name in ("alice", "bob", "carol")]
    here = (await alice.found("Lab")).id
    await alice.let_in(here, bob)
    once = await alice.call(routes.CREATE_INVITE, requests.CreateInvite(community_id=here, max_uses=1))
    more = requests.CreateInvite(community_id=here)
    await alice.call(routes.CREATE_INVITE, more)
    with pytest.raises(errors.Conflict):
        await alice.call(routes.CREATE_INVITE, more)
    await bob.call(routes.CREATE_INVITE, more)
    await carol.call(routes.ACCEPT_INVITE, requests.OfInvite(code=once.code))
    last = await alice.call(routes.CREATE_INVITE, more)
    with pytest.raises(errors.Conflict):
        await alice.call(routes.CREATE_INVITE, more)
    listed = await alice.call(routes.INVITES, requests.OfCommunityPage(community_id=here))
    assert once.code not in {each.code for each in listed.invites}
    await alice.call(routes.DELETE_INVITE, requests.OfCommunityInvite(community_id=here, code=last.code))
    await alice.call(routes.CREATE_INVITE, more)


async def test_who_has_gone_is_called_as_they_were_when_they_left(harness: ServerHarness) -> None:
    alice, bob, carol = [await harness.person(name) for name in ("alice", "bob", "carol")]
    here = (await alice.found("Lab")).id
    await alice.let_in(here, bob, carol)
    elsewhere = (await bob.found("Elsewhere")).id
    await bob.let_in(elsewhere, carol)
    general = await alice.general(here)
    await bob.open(here)
    await bob.say(general, "goodbye")
    await bob.call(routes.PATCH_ME, requests.PatchMe(display_name="Bob the Guest", status_text="leaving"))
    await bob.call(routes.REMOVE_MEMBER, requests.RemoveMember(community_id=here, user_id="me"))
    await bob.call(routes.PATCH_ME, requests.PatchMe(display_name="Robert", status_text="at my new job"))
    shown = (await alice.call(routes.HISTORY, requests.History(channel_id=general))).users[bob.user.id]
    assert (shown.username, shown.display_name, shown.status_text, shown.former) == ("bob", "Bob the Guest", "", True)
    asked = requests.UsersById(community_id=here, ids=bob.user.id)
    assert (await alice.call(routes.USERS, asked)).users == {bob.user.id: shown}
    theirs = (await carol.call(routes.USERS, asked)).users[bob.user.id]  # who meets him elsewhere knows him anyway
    assert (theirs.display_name, theirs.status_text, theirs.former) == ("Robert", "at my new job", True)
    await alice.let_in(here, bob)
    back = (await alice.call(routes.USERS, asked)).users[bob.user.id]
    assert (back.display_name, back.status_text, back.former) == ("Robert", "at my new job", False)


async def test_who_has_gone_is_not_followed_by_direct_messages_and_links_either(harness: ServerHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    here = (await alice.found("Lab")).id
    await alice.let_in(here, bob)
    link = await bob.call(routes.CREATE_INVITE, requests.CreateInvite(community_id=here))
    made = await alice.call(routes.OPEN_DIRECT, requests.OpenDirect(community_id=here, user_ids=(bob.user.id,)))
    await bob.call(routes.REMOVE_MEMBER, requests.RemoveMember(community_id=here, user_id="me"))
    await bob.call(routes.PATCH_ME, requests.PatchMe(display_name="Robert", status_text="at my new job"))
    overview = await alice.call(routes.OVERVIEW, requests.Empty())
    for users in (
        overview.users,
        (await alice.call(routes.COMMUNITY_OVERVIEW, requests.OfCommunity(community_id=here))).users,
    ):
        assert (users[bob.user.id].display_name, users[bob.user.id].status_text) == ("bob", "")
    assert made.id in {each.channel.id for each in overview.communities[0].channels}
    assert (await alice.call(routes.INVITE, requests.OfInvite(code=link.code))).inviter == "bob"
