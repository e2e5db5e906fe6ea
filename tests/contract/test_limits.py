"""The contract of limits: who is over one is told how long to wait, and nothing happened."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from asnity_server.protocol import errors, requests, routes
from tests.contract.harness import PLACES, Device, ServerHarness, harness_on

LIMITS = {
    "limit_messages": "2+1/h",
    "limit_reactions": "2+1/h",
    "limit_typing": "2+1/h",
    "limit_invites": "2+1/h",
    "limit_directs": "2+1/h",
    "limit_markers": "4+1/h",
    "limit_changes": "5+1/h",
}


@pytest.fixture(params=PLACES)
async def harness(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ServerHarness]:
    """People on a server that lets them do everything twice."""
    async with harness_on(request.param, tmp_path, **LIMITS) as harness:
        yield harness


async def alone(harness: ServerHarness) -> tuple[Device, str, str]:
    """Alice in a community with one message. Its id, and that of `general`."""
    alice = await harness.person("alice")
    here = (await alice.found("Lab")).id
    await alice.open(here)
    general = await alice.general(here)
    await alice.say(general, "one")
    return alice, here, general


async def test_messages_over_the_limit_are_refused_over_both_doors_and_on_all_devices(harness: ServerHarness) -> None:
    alice, here, general = await alone(harness)
    phone = await harness.device("alice")
    await phone.open(here)
    edit = requests.ModifyChat(channel_id=general, chat_id=1, content="two")
    await phone.ask(here, routes.CHAT_MODIFY, edit)
    with pytest.raises(errors.RateLimited) as refused:
        await alice.say(general, "three", nonce="n-3")
    assert refused.value.info.retry_after is not None
    assert 0 < refused.value.info.retry_after <= 3600
    delete = requests.DeleteChat(channel_id=general, chat_id=1)
    with pytest.raises(errors.RateLimited):
        await phone.ask(here, routes.CHAT_DELETE, delete)
    with pytest.raises(errors.RateLimited):
        await alice.call(routes.POST_MESSAGE, requests.PostMessage(channel_id=general, content="three"))
    page = await alice.call(routes.HISTORY, requests.History(channel_id=general))
    assert [each.content for each in page.messages] == ["two"]


async def test_reactions_over_the_limit(harness: ServerHarness) -> None:
    alice, here, general = await alone(harness)
    for on in (True, False):
        await alice.ask(here, routes.REACT, requests.React(channel_id=general, chat_id=1, emoji="👍", on=on))
    with pytest.raises(errors.RateLimited):
        await alice.ask(here, routes.REACT, requests.React(channel_id=general, chat_id=1, emoji="👍", on=True))
    over_http = requests.OfReaction(channel_id=general, chat_id=1, emoji="👍")
    with pytest.raises(errors.RateLimited):
        await alice.call(routes.ADD_REACTION, over_http)


async def test_typing_over_the_limit_is_not_dropped_in_silence(harness: ServerHarness) -> None:
    alice, here, general = await alone(harness)
    for _ in range(2):
        await alice.ask(here, routes.TYPING, requests.Typing(channel_id=general))
    with pytest.raises(errors.RateLimited):
        await alice.ask(here, routes.TYPING, requests.Typing(channel_id=general))


async def test_invites_over_the_limit(harness: ServerHarness) -> None:
    alice, here, general = await alone(harness)
    invite = requests.CreateInvite(community_id=here)
    await alice.call(routes.CREATE_INVITE, invite)
    brought = requests.InviteUsers(channel_id=general, users=(alice.user.id,))
    await alice.ask(here, routes.INVITE_USERS, brought)
    with pytest.raises(errors.RateLimited):
        await alice.ask(here, routes.INVITE_USERS, brought)
    with pytest.raises(errors.RateLimited):
        await alice.call(routes.CREATE_INVITE, invite)


async def test_direct_messages_opened_over_the_limit(harness: ServerHarness) -> None:
    alice, here, _ = await alone(harness)
    bob = await harness.person("bob")
    await alice.let_in(here, bob)
    request = requests.OpenDirect(community_id=here, user_ids=(bob.user.id,))
    for _ in range(2):
        await alice.call(routes.OPEN_DIRECT, request)
    with pytest.raises(errors.RateLimited):
        await alice.call(routes.OPEN_DIRECT, request)


async def test_read_markers_and_comparisons_over_the_limit(harness: ServerHarness) -> None:
    alice, here, general = await alone(harness)
    await alice.ask(here, routes.READ, requests.MoveReadMarker(channel_id=general, read_id=1))
    await alice.call(routes.READ_MARKER, requests.MoveReadMarker(channel_id=general, read_id=1))
    await alice.join(here)
    with pytest.raises(errors.RateLimited):
        await alice.join(here)
    with pytest.raises(errors.RateLimited):
        await alice.ask(here, routes.READ, requests.MoveReadMarker(channel_id=general, read_id=1))


async def test_whatever_else_changes_something_counts_together(harness: ServerHarness) -> None:
    alice, here, general = await alone(harness)  # who made a community by that
    await alice.call(routes.PATCH_ME, requests.PatchMe(status_text="here"))
    await alice.call(routes.PATCH_COMMUNITY, requests.PatchCommunity(community_id=here, name="Kitchen"))
    await alice.channel(here, "random")
    await alice.call(routes.PATCH_CHANNEL_ME, requests.PatchChannelMe(channel_id=general, muted=True))
    for route, request in (
        (routes.PATCH_ME, requests.PatchMe(status_text="there")),
        (routes.CREATE_COMMUNITY, requests.CreateCommunity(name="Another")),
        (routes.PIN, requests.OfMessage(channel_id=general, chat_id=1)),
        (routes.REMOVE_MEMBER, requests.RemoveMember(community_id=here, user_id="me")),
    ):
        with pytest.raises(errors.RateLimited):
            await alice.call(route, request)  # type: ignore[arg-type]
    await alice.call(routes.END_OTHER_SESSIONS, requests.Empty())  # that counts by itself
    assert (await alice.call(routes.ME, requests.Empty())).status_text == "here"


async def test_presence_counts_with_typing(harness: ServerHarness) -> None:
    alice, here, general = await alone(harness)
    for _ in range(2):
        await alice.ask(None, routes.PRESENCE, requests.SetPresence(status="away"))
    with pytest.raises(errors.RateLimited):
        await alice.ask(None, routes.PRESENCE, requests.SetPresence(status="online"))
    with pytest.raises(errors.RateLimited):
        await alice.ask(here, routes.TYPING, requests.Typing(channel_id=general))
