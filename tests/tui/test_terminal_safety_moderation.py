"""Nothing that others wrote controls the terminal of an admin: menus, forms and lists of moderation."""

from __future__ import annotations

import unicodedata

import pytest
from msgspec.structs import replace

from asnity_server.protocol import requests, routes

from .app_harness import AppHarness, RunningApp
from .recording import RecordingDriver
from .test_terminal_safety import OURS

NASTY = (
    "\x1b[2J\x1b]0;t\x07\x9b31m\u202etxt\u202c\u2066x\u2069\u200b[bold red]x[/][@click=app.quit]y[/]"
    "\x07\x08\x7f\r\x0b\x1bc"
)
"""Screens, titles, colours, directions, invisible signs, markup, bells."""


def poisoned() -> AppHarness:
    """A community of mina's where every name, reason and moment is a weapon."""
    harness = AppHarness()
    server = harness.server
    lab = harness.lab = server.community("Lab", harness.mina, harness.alice, harness.bob, harness.dana)
    harness.general = server.general(lab)
    harness.random = server.channel(lab, "random", harness.mina, harness.bob)
    mina, here = server.token(harness.mina), {"community_id": lab}
    for route, request in (
        (routes.PATCH_MEMBER, requests.PatchMember(**here, user_id=harness.bob.id, muted_for=3600, reason="r")),
        (routes.REMOVE_MEMBER, requests.RemoveMember(**here, user_id=harness.dana.id, ban=True, reason="r")),
        (routes.CREATE_INVITE, requests.CreateInvite(**here, channel_id=harness.random)),
    ):
        server.call(mina, route, request)
    server.token(harness.mina, NASTY)
    world = server.world
    community = world.communities[lab]
    community.name = community.description = NASTY
    for account in (harness.alice, harness.bob, harness.dana):
        account.display_name = NASTY
    for channel in (world.channels[harness.general], world.channels[harness.random]):
        channel.name = channel.topic = NASTY
    community.audit[:] = [replace(each, detail=NASTY, at=NASTY) for each in community.audit]
    community.audit.append(replace(community.audit[0], id=9, action=NASTY))
    community.bans = {key: replace(each, reason=NASTY, created_at=NASTY) for key, each in community.bans.items()}
    server.base = f"http://{NASTY}"
    return harness


@pytest.mark.slow
async def test_moderation_among_hostile_names() -> None:
    harness = poisoned()
    app = harness.app(driver_class=RecordingDriver)
    async with app.run_test(headless=False, size=(100, 24), notifications=True) as pilot:
        running = RunningApp(harness, app, pilot)
        await running.online()

        async def look(keys: tuple[str, ...]) -> None:
            """Go on with keys, then close everything."""
            await running.until(lambda: app.screen is not running.chat)
            for key in keys:
                await pilot.press(key)
            for _ in range(5):
                if app.screen is running.chat:
                    break
                await pilot.press("escape")
            await running.until(lambda: app.screen is running.chat)

        running.chat.action_command("channel.people")
        await look(("down", "enter", "m", "u", "t", "e", "enter"))
        for id, keys in (
            ("community.audit", ("enter",)),
            ("community.bans", ("enter",)),
            ("community.invites", ("enter", "enter")),
            ("community.settings", ()),
            ("community.delete", ("enter",)),
        ):
            running.chat.action_command(id)
            await look(keys)
        running.chat.action_command("me.devices")
        await look(("down", "enter"))
        await pilot.press("alt+down")
        running.chat.action_command("channel.settings")
        await look(())
        driver = app._driver
        assert isinstance(driver, RecordingDriver)
        left = OURS.sub("", "".join(driver.written))
        assert app.session is not None
        await app.session.close()
    seen = (
        "Minutes",
        "Audit log",
        "Banned",
        "Invite links of",
        "Revoke it",
        "Only admins can invite people",
    )
    for words in (*seen, "Type its name to confirm", "Devices", "Settings of #"):
        assert words in left
    assert {sign for sign in left if unicodedata.category(sign) in ("Cc", "Cs") and sign != "\n"} == set()
    assert not set(left) & set("\u200b\u202e\u202c\u2066\u2069")
