"""Pictures of moderation: menus, forms and lists for those who may. Look at each before it is accepted."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from asnity_server.protocol import requests, routes
from tests.tui.app_harness import AppHarness, RunningApp

Picture = Callable[..., None]


@pytest.fixture
def harness() -> AppHarness:
    """Mina owns a community, and much was done in it."""
    harness = AppHarness()
    server = harness.server
    harness.lab = server.community(
        "Mandarin Lab", harness.mina, harness.alice, harness.bob, harness.minji, harness.dana
    )
    harness.general = server.general(harness.lab)
    harness.random = server.channel(harness.lab, "random", harness.mina, harness.bob, topic="Anything goes")
    message = server.post(harness.general, harness.bob, "Who wants my tangerines?")
    mina, member = server.token(harness.mina), {"community_id": harness.lab}
    minutes = [
        (routes.PATCH_MEMBER, requests.PatchMember(**member, user_id=harness.alice.id, role="admin")),
        (
            routes.PATCH_MEMBER,
            requests.PatchMember(**member, user_id=harness.bob.id, muted_for=3600, reason="shouting"),
        ),
        (routes.REMOVE_MEMBER, requests.RemoveMember(**member, user_id=harness.dana.id, ban=True, reason="no manners")),
        (routes.PATCH_CHANNEL, requests.PatchChannel(channel_id=harness.random, topic="Nearly anything goes")),
        (routes.CREATE_INVITE, requests.CreateInvite(**member, max_uses=5, expires_in=7 * 24 * 3600)),
        (routes.CREATE_INVITE, requests.CreateInvite(**member, channel_id=harness.random)),
    ]
    for route, request in minutes:
        server.clock.advance(minutes=1)
        server.call(mina, route, request)
    server.world.end_session(server.world.session(mina), "signed-out")
    server.read(harness.general, harness.mina, message)
    return harness


@pytest.mark.slow
def test_menu_of_a_member(harness: AppHarness, picture: Picture) -> None:
    async def menu(running: RunningApp) -> None:
        running.chat.action_command("channel.people")
        await running.shows("Members of")
        await running.pilot.press(*"bob", "enter")
        await running.shows("Transfer ownership")

    picture(harness, menu)


@pytest.mark.slow
def test_muting_for_a_time(harness: AppHarness, picture: Picture) -> None:
    async def form(running: RunningApp) -> None:
        running.chat.action_command("channel.people")
        await running.shows("Members of")
        await running.pilot.press(*"minji", "enter")
        await running.shows("Message")
        await running.pilot.press(*"mute", "enter")
        await running.shows("Minutes")

    picture(harness, form)


@pytest.mark.slow
def test_audit_list(harness: AppHarness, picture: Picture) -> None:
    async def listed(running: RunningApp) -> None:
        running.chat.action_command("community.audit")
        await running.shows("Mina made alice an admin")

    picture(harness, listed)


@pytest.mark.slow
def test_invites_light(harness: AppHarness, picture: Picture) -> None:
    async def listed(running: RunningApp) -> None:
        running.chat.action_command("community.invites")
        await running.shows("0 of 5 used")

    picture(harness, listed, theme="asnity-light")


@pytest.mark.slow
def test_devices(harness: AppHarness, picture: Picture) -> None:
    harness.server.token(harness.mina, "asnity-tui on laptop")
    harness.server.clock.advance(minutes=5)

    async def listed(running: RunningApp) -> None:
        running.chat.action_command("me.devices")
        await running.shows("Sign out all others")

    picture(harness, listed)


@pytest.mark.slow
def test_settings_of_a_community(harness: AppHarness, picture: Picture) -> None:
    async def form(running: RunningApp) -> None:
        running.chat.action_command("community.settings")
        await running.shows("Only admins can invite people")

    picture(harness, form)


@pytest.mark.slow
def test_deleting_a_channel_by_its_name_low(harness: AppHarness, picture: Picture) -> None:
    async def form(running: RunningApp) -> None:
        await running.pilot.press("alt+down")
        await running.shows("Message #random")
        running.chat.action_command("channel.delete")
        await running.shows("Type its name to confirm")
        await running.pilot.press(*"randum", "enter")
        await running.shows("That isn't the name.")

    picture(harness, form, size=(60, 16))
