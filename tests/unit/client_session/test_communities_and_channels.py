"""Communities, channels, members and invites through the session; and the texts of errors."""

from __future__ import annotations

import asyncio

import pytest

from asnity_server.protocol import requests
from asnity_server.protocol.errors import Conflict, NotFound, RateLimited
from asnity_server.protocol.events import CommunityAdded
from asnity_tui.client.error_text import error_text
from asnity_tui.client.storage.storage import StorageError
from asnity_tui.client.transport.client import NoAnswer, Unreachable
from asnity_tui.state import changes as facts
from tests.fakes import communities

from .session_harness import SessionHarness, quiet


async def test_a_community_that_i_make_is_there_and_live(live: SessionHarness) -> None:
    made = await live.session.communities.create("Mine", "of my own")
    state = live.session.store.communities[made.id]
    assert state.role == "owner"
    assert [each.channel.name for each in state.channels.values()] == ["general"]
    await quiet()
    assert state.joined
    assert facts.CommunitiesChanged() in live.facts


async def test_it_is_there_even_if_the_event_is_lost(live: SessionHarness) -> None:
    live.client.faults.drop_events(name="community-added")
    made = await live.session.communities.create("Mine")
    await quiet()
    assert live.session.store.communities[made.id].joined


async def test_an_invite_from_hand_to_hand(live: SessionHarness) -> None:
    other = live.server.community("Other", live.bob)
    invite = live.server.world.communities[other]
    made = await live.session.invites.create(live.lab, expires_in=3600, max_uses=2)
    assert [each.code for each in (await anext(live.session.invites.pages(live.lab))).invites] == [made.code]
    preview = await live.session.invites.preview(made.url)
    assert (preview.community.name, preview.inviter) == ("Lab", "Alice")
    await live.session.invites.revoke(live.lab, made.code)
    with pytest.raises(NotFound):
        await live.session.invites.preview(made.code)
    assert invite.invites == {}


async def test_accepting_an_invite(live: SessionHarness) -> None:
    other = live.server.community("Other", live.bob)
    asked = requests.CreateInvite(community_id=other)
    invite = communities.create_invite(live.server.world, live.bob, asked, "https://x.example")
    community = await live.session.invites.accept(f" {invite.url} ")
    assert community.id == other
    await quiet()
    assert live.session.store.communities[other].joined


async def test_leaving_a_community(live: SessionHarness) -> None:
    await live.session.communities.leave(live.lab)
    await quiet()
    assert live.session.store.communities == {}
    assert live.told(facts.CommunityLost) == [facts.CommunityLost(live.lab, "Lab", "left")]
    assert live.session.connection.status == "online"


async def test_members_are_listed_and_kept(live: SessionHarness) -> None:
    for number in range(120):
        live.server.add_member(live.lab, live.server.person(f"person{number}"))
    await quiet()
    await live.session.members.load(live.lab)
    members = live.session.store.communities[live.lab].members
    assert members is not None
    assert len(members) == 122
    cleo = live.server.person("cleo")
    live.server.add_member(live.lab, cleo)
    await quiet()
    assert cleo.id in members
    found = await anext(live.session.members.channel_pages(live.random))
    assert {each.user.username for each in found.members} == {"alice", "bob"}


async def test_channels_are_made_found_joined_and_left(live: SessionHarness) -> None:
    mine = await live.session.channels.create(live.lab, "mine", private=True, topic="about me")
    assert live.channel(mine.id).channel.kind == "private"
    theirs = live.server.channel(live.lab, "theirs", live.bob)
    found = await anext(live.session.channels.pages(live.lab))
    assert [each.name for each in found.channels] == ["general", "mine", "random", "theirs"]
    assert theirs not in found.joined
    await live.session.channels.join(theirs)
    live.server.post(theirs, live.bob, "welcome")
    await quiet()
    assert live.channel(theirs).badge.unread == 1
    await live.session.channels.leave(theirs)
    await quiet()
    assert live.session.store.channel(theirs) is None
    assert live.told(facts.ChannelLost) == [facts.ChannelLost(live.lab, theirs, "theirs", "left", "#theirs")]
    with pytest.raises(Conflict):
        await live.session.channels.create(live.lab, "mine")


async def test_a_channel_is_there_even_if_the_event_is_late(live: SessionHarness) -> None:
    live.client.faults.hold_events()
    made = await live.session.channels.create(live.lab, "new")
    assert live.channel(made.id).channel.name == "new"
    live.client.release_events()
    await quiet()
    assert live.channel(made.id).channel.name == "new"


async def test_inviting_into_a_channel(live: SessionHarness) -> None:
    made = await live.session.channels.create(live.lab, "new")
    refused = await live.session.members.add_to_channel(made.id, [live.bob.id, "nobodyaaaaaa"])
    assert [(user.id, why) for user, why in refused] == [("nobodyaaaaaa", "Member not found.")]
    assert live.bob.id in live.server.world.channels[made.id].seats


async def test_changing_my_name(live: SessionHarness) -> None:
    await live.session.account.set_display_name("Alicia")
    assert live.session.store.name_of(live.alice.id) == "Alicia"
    me = live.session.store.me
    assert me is not None
    assert me.display_name == "Alicia"


async def test_the_same_community_told_twice_is_one(live: SessionHarness) -> None:
    community = live.session.store.communities[live.lab].community
    live.server.world.tell_devices(live.alice.id, None, "community-added", CommunityAdded(community=community))
    await live.clock.advance(1)
    assert list(live.session.store.communities) == [live.lab]
    assert live.session.store.communities[live.lab].joined


async def test_a_screen_that_fails_takes_nothing_with_it(live: SessionHarness) -> None:
    failures: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: failures.append(context))

    def fail(told: object) -> None:
        raise ValueError("a screen's defect")

    end = live.session.publisher.subscribe(fail)
    live.server.post(live.random, live.bob, "hi")
    await quiet()
    assert live.channel(live.random).badge.unread == 1
    assert str(failures[0]["exception"]) == "a screen's defect"
    end()
    end()
    live.server.post(live.random, live.bob, "hi")
    await quiet()
    assert len(failures) == 1


def test_words() -> None:
    assert error_text(Conflict("This name is taken.")) == "This name is taken."
    assert error_text(NoAnswer()) == "The server didn't answer in time."
    assert error_text(Unreachable("No such host.")) == "No such host."
    assert error_text(StorageError("The disk is full.")) == "The disk is full."
    assert error_text(RateLimited("Slow down.", retry_after=2.1)) == "Slow down. Try again in 3 s."
    assert error_text(RateLimited("Try again in 5 s.", retry_after=5)) == "Try again in 5 s."
    assert error_text(Conflict("a\x1b[31mb\nc")) == "a [31mb c"
    assert len(error_text(Conflict("x" * 9999))) == 300
    assert error_text(Unreachable("")) == "Something went wrong."
    assert error_text(KeyError("x")) == "Something went wrong in this program: KeyError: 'x'"
