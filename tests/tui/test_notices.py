"""Notices: once, in one sentence, and the lists follow at once."""

from __future__ import annotations

import pytest

from asnity_server.protocol import requests, routes
from asnity_tui.screens.dialogs.picker import Picker

from .app_harness import AppHarness, RunningApp, populated_harness, run_app


@pytest.fixture
def harness() -> AppHarness:
    """Two communities; in one of them mina has read everything."""
    return populated_harness()


def told(running: RunningApp) -> list[str]:
    """List the notices on the screen."""
    return [each.message for each in running.app._notifications]


@pytest.mark.slow
async def test_a_new_public_channel_is_told_quietly_and_listed_as_new(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press(*"still writ")
        made = harness.server.channel(harness.lab, "release", harness.alice)
        await running.shows("New channel #release: /join #release")
        await running.pilot.press(*"ing")
        assert running.conversation.composer.text == "still writing"
        assert running.conversation.channel_id == harness.general
        await running.shows("1 new")
        harness.server.channel(harness.lab, "plans", harness.alice, private=True)
        harness.server.channel(harness.source[:12], "patches", harness.bob)
        await running.shows("New channel #patches in Open Source")
        assert sum("New channel" in each for each in told(running)) == 2  # nothing of what is private
        await running.pilot.press("ctrl+k", "escape")
        running.chat.action_command("channel.browse")
        await running.until(lambda: isinstance(running.app.screen, Picker))
        dialog = running.app.screen
        assert isinstance(dialog, Picker)
        marks = {each.key: "".join(word.text for word in each.right) for each in dialog.list.entries}
        assert (marks[made], marks[harness.general]) == ("new", "joined")
        await running.pilot.press("escape")
        await running.until(lambda: "1 new" not in running.text())


async def test_my_own_channel_is_no_news_and_quiet_is_quiet(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        mine = await running.session.channels.create(harness.lab, "mine")
        await running.until(lambda: running.session.store.channel(mine.id) is not None)
        running.session.preferences.set_do_not_disturb(True)
        harness.server.channel(harness.lab, "release", harness.alice)
        await running.shows("1 new")
        assert not any("New channel" in each for each in told(running))


async def test_who_is_put_into_a_channel_is_told_and_who_joins_is_not(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        secret = harness.server.channel(harness.lab, "secret", harness.alice, harness.mina, private=True)
        await running.shows("You were added to #secret.")
        assert running.conversation.channel_id == harness.general
        release = harness.server.channel(harness.lab, "release", harness.alice)
        await running.session.channels.join(release)
        made = await running.session.channels.create(harness.lab, "mine")
        for each in (secret, release, made.id):
            assert running.session.store.channel(each) is not None
        await running.shows("# mine")
        assert [each for each in told(running) if "added" in each] == ["You were added to #secret."]


@pytest.mark.slow
@pytest.mark.parametrize("reason", ["kicked", "deleted"])
async def test_a_lost_community_is_told_in_one_sentence(harness: AppHarness, reason: str) -> None:
    async with run_app(harness, size=(120, 30)) as running:
        await running.shows("5 members · 1 online")
        running.chat.navigation.go_to(harness.source)
        await running.shows("3 members · 1 online")
        harness.client.faults.hold_requests(routes.CHAT_NEW)
        for text in ("one", "two"):
            await running.session.messages.send(harness.random, text)
        if reason == "kicked":
            harness.server.kick(harness.lab, harness.mina)
        else:
            request = requests.OfCommunity(community_id=harness.lab)
            harness.server.call(harness.server.token(harness.alice), routes.DELETE_COMMUNITY, request)
        beginning = {"kicked": "You were removed from Mandarin Lab", "deleted": "Mandarin Lab was deleted"}[reason]
        await running.until(lambda: any(beginning in each for each in told(running)), what="the notice")
        assert [each for each in told(running) if "Lab" in each or "sent" in each] == [
            f"{beginning}. 2 messages weren't sent."
        ]
        assert "ML" not in running.text()
        harness.client.faults.release()


@pytest.mark.slow
async def test_beside_a_lost_channel_stands_no_list_of_who_was_there(harness: AppHarness) -> None:
    secret = harness.server.channel(harness.lab, "secret", harness.alice, harness.dana, harness.mina, private=True)
    async with run_app(harness, size=(120, 30)) as running:
        running.chat.navigation.go_to(secret)
        await running.shows("3 members · 1 online")
        request = requests.OfChannelMember(channel_id=secret, user_id=harness.mina.id)
        harness.server.call(harness.server.token(harness.alice), routes.REMOVE_CHANNEL_MEMBER, request)
        await running.until(lambda: running.session.store.channel(secret) is None)
        await running.until(lambda: "3 members · 1 online" not in running.text())
        assert sum("secret" in each for each in told(running)) <= 1


async def test_who_renamed_a_channel_is_told_to_others(harness: AppHarness) -> None:
    mine = harness.server.channel(harness.lab, "mine", harness.mina)
    harness.server.world.communities[harness.lab].members[harness.mina.id].role = "admin"
    async with run_app(harness) as running:
        await running.shows("hello 5")
        for account, channel, name in ((harness.mina, mine, "my-own"), (harness.alice, harness.random, "banter")):
            request = requests.PatchChannel(channel_id=channel, name=name)
            harness.server.call(harness.server.token(account), routes.PATCH_CHANNEL, request)
        await running.until(lambda: "alice renamed #random to #banter." in told(running))
        assert not any("my-own" in each for each in told(running))


async def test_another_role_of_mine_and_a_mute_with_its_reason_are_told(harness: AppHarness) -> None:
    def patch(**how: object) -> None:
        request = requests.PatchMember(community_id=harness.lab, user_id=harness.mina.id, **how)  # type: ignore[arg-type]
        harness.server.call(harness.server.token(harness.alice), routes.PATCH_MEMBER, request)

    async with run_app(harness) as running:
        await running.shows("hello 5")
        for role, told_so in (("admin", "an admin"), ("member", "a member")):
            patch(role=role)
            await running.until(lambda told_so=told_so: f"You are now {told_so} of Mandarin Lab." in told(running))
        patch(muted_for=1800, reason="too many caps")
        await running.until(lambda: any(each.endswith(": too many caps") for each in told(running)))
        assert any(each.startswith("You are muted in Mandarin Lab until ") for each in told(running))
        patch(muted_for=0)
        await running.until(lambda: "You can write in Mandarin Lab again." in told(running))
