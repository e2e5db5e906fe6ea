"""Moderation, invites and settings by admins and owners, each by its command."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from asnity_server.protocol import requests, routes
from asnity_tui.commands.registry import BY_ID
from asnity_tui.screens.dialogs.picker import Picker
from tests.fakes import Account, FakeClient

from .app_harness import AppHarness, RunningApp, run_app

SMALL = (80, 20)
"""Little to draw, so that much can be done."""


@pytest.fixture
def harness() -> AppHarness:
    """Mina owns a community of five."""
    harness = AppHarness()
    server = harness.server
    harness.lab = server.community(
        "Mandarin Lab", harness.mina, harness.alice, harness.bob, harness.minji, harness.dana
    )
    harness.general = server.general(harness.lab)
    harness.random = server.channel(harness.lab, "random", harness.mina, harness.bob)
    server.post(harness.general, harness.alice, "hello 5")
    return harness


async def types(running: RunningApp, words: str) -> None:
    """Put words into the field that has the focus, in place of what stands there; quicker than key by key."""
    field = running.app.focused
    assert isinstance(field, Input)
    field.value = words
    field.cursor_position = len(words)


async def says(running: RunningApp, words: str) -> None:
    """The same, and Enter."""
    await types(running, words)
    await running.pilot.press("enter")


async def command(running: RunningApp, words: str) -> None:
    """Choose a command in the palette."""
    await running.pilot.press("ctrl+p")
    await running.shows("Commands")
    await says(running, words)


def does(running: RunningApp, id: str, account: Account) -> None:
    """Do what the menu of a member has, without the menu."""
    members = running.session.store.communities[running.harness.lab].members
    assert members is not None
    commands = running.chat.commands
    commands.start(BY_ID[id], commands.context().about_member(members[account.id]))


@pytest.mark.slow
async def test_members_are_muted_promoted_kicked_and_banned(harness: AppHarness) -> None:
    async with run_app(harness, size=SMALL) as running:
        await running.shows("hello 5")
        world, lab = harness.server.world, harness.server.world.communities[harness.lab]
        running.chat.action_command("channel.people")
        await running.shows("Members of")
        await says(running, "bob")
        await running.shows("Message")
        await says(running, "mute")
        await running.shows("Minutes")
        await types(running, "soon")
        await running.pilot.press("enter", "enter")
        await running.shows("Enter a whole number.")
        await says(running, "30")
        await says(running, "shouting")
        await running.until(lambda: lab.muted.get(harness.bob.id, 0) == world.clock.now() + 30 * 60_000)
        await running.shows("Muted ")
        await running.session.members.load(harness.lab)
        does(running, "member.unmute", harness.bob)
        await running.until(lambda: not lab.muted.get(harness.bob.id))
        does(running, "member.promote", harness.alice)
        await running.until(lambda: lab.members[harness.alice.id].role == "admin")
        does(running, "member.kick", harness.bob)
        await running.shows("Kick bob?")
        await says(running, "no manners")
        await running.until(lambda: harness.bob.id not in lab.members)
        does(running, "member.ban", harness.dana)
        await running.shows("Ban dana?")
        await says(running, "still none")
        await running.until(lambda: harness.dana.id not in lab.members)
        # what was done stands in the list, and can be undone
        running.chat.action_command("community.audit")
        await running.shows("Mina banned dana: still none")
        await running.shows("Mina kicked bob: no manners")
        await running.shows("Mina made alice an admin")
        await running.pilot.press("enter")
        await running.shows("Close")
        await running.pilot.press("escape", "escape")
        running.chat.action_command("community.bans")
        await running.shows("still none")
        await running.pilot.press("enter")
        await running.shows("Unban dana?")
        await running.pilot.press("enter")
        await running.shows("No banned members.")
        await running.pilot.press("escape")
        does(running, "member.hand-over", harness.alice)
        await running.shows("Transfer ownership to alice?")
        await running.pilot.press("right", "enter")
        await running.until(lambda: lab.members[harness.alice.id].role == "owner")
        await running.until(lambda: running.session.store.communities[harness.lab].role == "admin")


@pytest.mark.slow
async def test_who_has_left_is_banned_from_the_menu_of_a_message(harness: AppHarness) -> None:
    harness.server.kick(harness.lab, harness.alice, "left")
    async with run_app(harness, size=SMALL) as running:
        await running.shows("hello 5")
        await running.pilot.press("escape", "m")
        await running.shows("alice: hello 5")
        await says(running, "the author")
        await running.shows("Ban alice?")
        await says(running, "spam")
        lab = harness.server.world.communities[harness.lab]
        await running.until(lambda: harness.alice.id in lab.bans)
        assert lab.bans[harness.alice.id].reason == "spam"


@pytest.mark.slow
async def test_invites_are_made_listed_and_withdrawn(harness: AppHarness) -> None:
    async with run_app(harness, size=SMALL) as running:
        await running.shows("hello 5")
        await running.pilot.press("alt+down")
        await running.shows("Message #random")
        await command(running, "invite people")
        await running.shows("Also add to #random")
        await running.pilot.press("enter")
        await types(running, "3")
        await running.pilot.press("tab", "space", "tab", "tab", "enter")
        await running.shows("/invite/")
        (invite,) = harness.server.world.communities[harness.lab].invites.values()
        assert (invite.max_uses, invite.channel_id) == (3, harness.random)
        await running.pilot.press("escape")
        running.chat.action_command("community.invites")
        await running.shows("0 of 3 used")
        await running.pilot.press("enter")
        await running.shows("Revoke it")
        await says(running, "revoke")
        await running.shows("No invite links.")
        assert harness.server.world.communities[harness.lab].invites == {}


async def test_links_are_listed_however_many_there_are(harness: AppHarness) -> None:
    harness.server.set_role(harness.lab, harness.mina, "admin")  # who sees those of others, too
    for person, many in ((harness.mina, range(1, 62)), (harness.bob, range(62, 122))):  # nobody may have as many alone
        token = harness.server.token(person)
        for uses in many:
            harness.server.call(
                token, routes.CREATE_INVITE, requests.CreateInvite(community_id=harness.lab, max_uses=uses)
            )
    async with run_app(harness, size=SMALL) as running:
        await running.shows("hello 5")
        running.chat.action_command("community.invites")
        await running.shows("0 of 121 used")
        dialog = running.app.screen
        assert isinstance(dialog, Picker)
        assert len([each for each in dialog.list.entries if each.key]) == 121


@pytest.mark.slow
async def test_settings_are_changed_and_what_is_deleted_is_named_first(harness: AppHarness) -> None:
    async with run_app(harness, size=SMALL) as running:
        await running.shows("hello 5")
        await command(running, "settings of this community")
        await running.shows("Only admins can invite people")
        await says(running, "Mandarin Lab 2")
        await running.pilot.press("tab", "space")
        await running.pilot.click("#yes")
        await running.until(lambda: "Mandarin Lab 2" in running.text())
        community = harness.server.world.communities[harness.lab]
        assert (community.name, community.invites_by) == ("Mandarin Lab 2", "admins")
        await running.pilot.press("alt+down")
        await running.shows("Message #random")
        running.chat.action_command("channel.settings")
        await running.shows("Settings of #random")
        await says(running, "randomer")
        await says(running, "Anything goes")
        await running.shows("# randomer · Anything goes")
        await running.shows("Message #randomer")
        assert harness.server.world.channels[harness.random].topic == "Anything goes"
        running.chat.action_command("channel.archive")
        await running.shows("Archive #randomer?")
        await running.pilot.press("enter")
        await running.until(lambda: harness.server.world.channels[harness.random].archived)
        running.chat.action_command("channel.unarchive")
        await running.until(lambda: not harness.server.world.channels[harness.random].archived)
        running.chat.action_command("channel.delete")
        await running.shows("Delete #randomer permanently?")
        await says(running, "random")
        await running.shows("That isn't the name.")
        await says(running, "#Randomer")
        await running.until(lambda: harness.random not in harness.server.world.channels)
        await running.shows("Message #general")
        await running.pilot.press("ctrl+p")
        await types(running, "archive this")  # everyone is in general
        await running.shows("No matches.")
        await running.pilot.press("escape")
        running.chat.action_command("community.delete")
        await running.shows("Delete Mandarin Lab 2 permanently?")
        await says(running, "Mandarin Lab 2")
        await running.until(lambda: harness.lab not in harness.server.world.communities)
        await running.shows("Mandarin Lab 2 was deleted.")


@pytest.mark.slow
async def test_a_plain_member_is_offered_nothing_that_would_be_refused(harness: AppHarness) -> None:
    harness.server.set_role(harness.lab, harness.mina, "member")
    async with run_app(harness, size=SMALL) as running:
        await running.shows("hello 5")
        await running.pilot.press("ctrl+p")
        for words in ("settings of this", "banned members", "audit log", "delete this"):
            await types(running, words)
            await running.shows("No matches.")
            await types(running, "")
            await running.shows("Go to …")
        await running.pilot.press("escape")
        await running.app.run_action("command('community.audit')", running.chat)
        await running.shows("Only admins can see the audit log.")


@pytest.mark.slow
async def test_devices_are_listed_and_signed_out(harness: AppHarness) -> None:
    phones = [FakeClient(harness.server) for _ in range(3)]
    for each in phones:
        signed = requests.SignIn(username="mina", password="tangerine", device="a phone")
        each.token = (await each.call(routes.SIGN_IN, signed)).token
    async with run_app(harness, size=SMALL) as running:
        await running.shows("hello 5")
        await command(running, "devices")
        await running.shows("this device")
        assert running.text().count("a phone") == 3
        await running.pilot.press("down", "enter")
        await running.shows("Sign out a phone?")
        await running.pilot.press("right", "enter")
        await running.until(lambda: running.text().count("a phone") == 2)
        await says(running, "others")
        await running.shows("2 devices will be signed out at once.")
        await running.pilot.press("right", "enter")
        await running.until(lambda: running.text().count("a phone") == 0)
        await running.pilot.press("escape")
        running.chat.action_command("me.password")
        await running.shows("Current password")
        for each in ("wrong horse", "clementine", "clementina"):
            await says(running, each)
        await running.shows("The passwords don't match.")
        await says(running, "clementine")
        await running.shows("The present password is another one.")
        await says(running, "tangerine")
        await running.shows("Password changed.")
    client = FakeClient(harness.server)
    assert (await client.call(routes.SIGN_IN, requests.SignIn(username="mina", password="clementine"))).user.id
