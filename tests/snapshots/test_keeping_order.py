"""Pictures of keeping order: menus, forms and lists of those who may. Look at each before it is accepted."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from asnity_server.protocol import requests, routes
from tests.tui.stage import Play, Stage

Picture = Callable[..., None]


@pytest.fixture
def stage() -> Stage:
    """Mina owns a community, and much was done in it."""
    stage = Stage()
    server = stage.server
    stage.lab = server.community("Mandarin Lab", stage.mina, stage.alice, stage.bob, stage.minji, stage.dana)
    stage.general = server.general(stage.lab)
    stage.random = server.channel(stage.lab, "random", stage.mina, stage.bob, topic="Anything goes")
    message = server.post(stage.general, stage.bob, "Who wants my tangerines?")
    mina, member = server.token(stage.mina), {"community_id": stage.lab}
    minutes = [
        (routes.PATCH_MEMBER, requests.PatchMember(**member, user_id=stage.alice.id, role="admin")),
        (routes.PATCH_MEMBER, requests.PatchMember(**member, user_id=stage.bob.id, muted_for=3600, reason="shouting")),
        (routes.REMOVE_MEMBER, requests.RemoveMember(**member, user_id=stage.dana.id, ban=True, reason="no manners")),
        (routes.PATCH_CHANNEL, requests.PatchChannel(channel_id=stage.random, topic="Nearly anything goes")),
        (routes.CREATE_INVITE, requests.CreateInvite(**member, max_uses=5, expires_in=7 * 24 * 3600)),
        (routes.CREATE_INVITE, requests.CreateInvite(**member, channel_id=stage.random)),
    ]
    for route, request in minutes:
        server.clock.advance(minutes=1)
        server.call(mina, route, request)
    server.world.end_session(server.world.session(mina), "signed-out")
    server.read(stage.general, stage.mina, message)
    return stage


@pytest.mark.slow
def test_menu_of_a_member(stage: Stage, picture: Picture) -> None:
    async def menu(running: Play) -> None:
        running.chat.action_people()
        await running.shows("Members of")
        await running.pilot.press(*"bob", "enter")
        await running.shows("Transfer ownership")

    picture(stage, menu)


@pytest.mark.slow
def test_muting_for_a_time(stage: Stage, picture: Picture) -> None:
    async def form(running: Play) -> None:
        running.chat.action_people()
        await running.shows("Members of")
        await running.pilot.press(*"minji", "enter")
        await running.shows("Message")
        await running.pilot.press(*"mute", "enter")
        await running.shows("Minutes")

    picture(stage, form)


@pytest.mark.slow
def test_audit_list(stage: Stage, picture: Picture) -> None:
    async def listed(running: Play) -> None:
        running.chat.action_do("community.audit")
        await running.shows("Mina made alice an admin")

    picture(stage, listed)


@pytest.mark.slow
def test_invites_light(stage: Stage, picture: Picture) -> None:
    async def listed(running: Play) -> None:
        running.chat.action_do("community.invites")
        await running.shows("0 of 5 used")

    picture(stage, listed, theme="asnity-light")


@pytest.mark.slow
def test_devices(stage: Stage, picture: Picture) -> None:
    stage.server.token(stage.mina, "asnity-tui on laptop")
    stage.server.clock.advance(minutes=5)

    async def listed(running: Play) -> None:
        running.chat.action_place("devices")
        await running.shows("Sign out all others")

    picture(stage, listed)


@pytest.mark.slow
def test_settings_of_a_community(stage: Stage, picture: Picture) -> None:
    async def form(running: Play) -> None:
        running.chat.action_do("community.settings")
        await running.shows("Only admins can invite people")

    picture(stage, form)


@pytest.mark.slow
def test_deleting_a_channel_by_its_name_low(stage: Stage, picture: Picture) -> None:
    async def form(running: Play) -> None:
        await running.pilot.press("alt+down")
        await running.shows("Message #random")
        running.chat.action_do("channel.delete")
        await running.shows("Type its name to confirm")
        await running.pilot.press(*"randum", "enter")
        await running.shows("That isn't the name.")

    picture(stage, form, size=(60, 16))
