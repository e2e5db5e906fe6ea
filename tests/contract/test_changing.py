"""The contract of communities and channels that are changed or deleted."""

from __future__ import annotations

import pytest

from asnity_server.protocol import errors, events, models, requests, routes
from tests.contract.harness import ServerHarness

from .test_channels import pair


async def test_a_community_is_changed_and_deleted(harness: ServerHarness) -> None:
    alice, bob, here = await pair(harness)
    with pytest.raises(errors.Forbidden):
        await bob.call(routes.PATCH_COMMUNITY, requests.PatchCommunity(community_id=here, name="Mine"))
    changed = await alice.call(
        routes.PATCH_COMMUNITY, requests.PatchCommunity(community_id=here, name="Lab 2", invites_by="admins")
    )
    assert await bob.heard.get("community-changed", models.Community) == changed
    assert (changed.name, changed.description, changed.invites_by) == ("Lab 2", "", "admins")
    again = await alice.call(routes.PATCH_COMMUNITY, requests.PatchCommunity(community_id=here, name="Lab 2"))
    assert again.rev == changed.rev
    with pytest.raises(errors.Forbidden):
        await bob.call(routes.DELETE_COMMUNITY, requests.OfCommunity(community_id=here))
    await alice.call(routes.DELETE_COMMUNITY, requests.OfCommunity(community_id=here))
    removed = await bob.heard.get("community-removed", events.CommunityRemoved)
    assert (removed.community_id, removed.reason) == (here, "deleted")
    with pytest.raises(errors.NotFound):
        await alice.call(routes.COMMUNITY, requests.OfCommunity(community_id=here))


async def test_a_channel_is_changed_archived_and_deleted(harness: ServerHarness) -> None:
    alice, bob, here = await pair(harness)
    random, general = await alice.channel(here, "random"), await alice.general(here)
    await bob.call(routes.ADD_CHANNEL_MEMBER, requests.OfChannelMember(channel_id=random, user_id="me"))
    with pytest.raises(errors.Forbidden):
        await bob.call(routes.PATCH_CHANNEL, requests.PatchChannel(channel_id=random, topic="mine"))
    with pytest.raises(errors.Conflict):
        await alice.call(routes.PATCH_CHANNEL, requests.PatchChannel(channel_id=random, name="General"))
    with pytest.raises(errors.Forbidden):
        await alice.call(routes.PATCH_CHANNEL, requests.PatchChannel(channel_id=general, archived=True))
    request = requests.PatchChannel(channel_id=random, name="noise", topic="all else", archived=True)
    changed = await alice.call(routes.PATCH_CHANNEL, request)
    assert (changed.name, changed.topic, changed.archived) == ("noise", "all else", True)
    told = await bob.heard.get("channel-changed", events.ChannelChanged, 2)
    assert (told.name, told.archived, isinstance(told.rev, int)) == ("noise", True, True)
    assert told.by == alice.user.id
    with pytest.raises(errors.Forbidden):
        await alice.say(random, "too late")
    with pytest.raises(errors.Forbidden):
        await alice.call(routes.DELETE_CHANNEL, requests.OfChannel(channel_id=general))
    await alice.call(routes.DELETE_CHANNEL, requests.OfChannel(channel_id=random))
    gone = await bob.heard.get("channel-removed", events.ChannelRemoved)
    assert gone.channel_id == random
    removed = await bob.heard.get("removed-from-channel", events.RemovedFromChannel)
    assert (removed.channel_id, removed.reason) == (random, "deleted")
