"""Going places, making them and leaving them, on a model server."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from asnity_server.protocol.requests import CreateInvite, RemoveMember
from asnity_server.protocol.routes import CHAT_NEW, CREATE_INVITE, REMOVE_MEMBER
from asnity_tui.screens.help import Help
from asnity_tui.screens.quick_switch import QuickSwitch
from tests.painted import painted

from .app_harness import URL, AppHarness, populated_harness, run_app


@pytest.fixture
def harness() -> AppHarness:
    """Two communities; in one of them mina has read everything."""
    return populated_harness()


@pytest.mark.slow
async def test_the_quick_switch_lists_unread_first_and_goes_there(harness: AppHarness) -> None:
    here = harness
    harness.server.post(here.source, harness.bob, "@mina look")
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press("ctrl+k")
        await running.until(lambda: isinstance(running.app.screen, QuickSwitch))
        await running.pilot.press("enter")
        await running.shows("@mina look")
        await running.pilot.press("ctrl+k", *"random", "enter")
        await running.shows("Message #random")
        assert running.conversation.composer.has_focus


async def test_moving_through_the_channels_opens_nothing(harness: AppHarness) -> None:
    here = harness
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press("f2", "down")
        assert running.conversation.channel_id == here.general
        await running.pilot.press("enter")
        assert running.conversation.channel_id == here.random
        assert running.conversation.composer.has_focus


@pytest.mark.slow
async def test_offline_counts_down_and_what_is_written_waits(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        harness.client.go_offline()
        await running.shows("offline")
        await running.pilot.press(*"later", "enter")
        await running.until(lambda: " … later" in running.lines())
        await running.shows("1 waiting")
        harness.client.go_online()
        await running.pilot.press("ctrl+r")
        await running.until(lambda: "   later" in running.lines())
        await running.shows("connected")


async def test_being_removed_says_so_and_stays_until_the_person_goes_elsewhere(harness: AppHarness) -> None:
    here = harness
    async with run_app(harness) as running:
        await running.shows("hello 5")
        request = RemoveMember(community_id=here.lab, user_id=harness.mina.id, ban=True, reason="no manners")
        harness.server.call(harness.server.token(harness.alice), REMOVE_MEMBER, request)
        await running.shows("You were banned from Mandarin Lab (no manners).")
        assert running.conversation.channel_id is None
        await running.pilot.press("alt+pagedown")
        await running.until(lambda: running.conversation.channel_id == here.source)
        await running.shows("Message #general")


@pytest.mark.slow
async def test_the_second_start_paints_before_the_network_is_asked(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
    harness.reachable = False
    app = harness.app()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        text = "\n".join(strip.text for strip in painted(app))
        assert "hello 5" in text
        assert "Mandarin Lab" in text
        assert app.session is not None
        await app.session.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    "size",
    [(80, 24), (20, 5)]
    + [pytest.param(size, marks=pytest.mark.slow) for size in ((120, 36), (90, 24), (60, 20), (40, 12))],
)
async def test_any_size_is_drawn(harness: AppHarness, size: tuple[int, int]) -> None:
    async with run_app(harness, size=size) as running:
        await running.until(lambda: any("hello 5" in line for line in running.lines()))
        for key in ("f2", "escape", "f8", "f8", "escape", "f1", "escape", "ctrl+k", "escape", "ctrl+p", "escape"):
            await running.pilot.press(key)
        await running.pilot.resize_terminal(20, 5)
        await running.pilot.resize_terminal(*size)
        await running.pilot.pause()
        assert all(len(line) <= size[0] for line in running.text().splitlines())


@pytest.mark.slow
async def test_help_lists_the_keys(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.pilot.press("f1")
        await running.until(lambda: isinstance(running.app.screen, Help))
        await running.shows("ctrl+k")
        await running.pilot.press("escape")
        assert running.app.screen is running.chat


@pytest.mark.slow
async def test_keys_of_the_settings_take_the_place_of_ours(harness: AppHarness) -> None:
    async with run_app(harness, keys={"go.to": "ctrl+g", "timeline.previous": "p"}) as running:
        await running.shows("hello 5")
        await running.pilot.press("ctrl+g")
        await running.until(lambda: isinstance(running.app.screen, QuickSwitch))
        await running.pilot.press("escape", "escape", "p", "ㅔ")
        assert running.conversation.view.current is running.conversation.view.rows.items[-3]


@pytest.mark.slow
async def test_the_palette_has_every_command(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press("ctrl+p", *"create a comm")
        await running.shows("Create a community")
        await running.pilot.press("enter")
        await running.shows("Description")
        await running.pilot.press(*"New place", "enter", "enter")
        await running.until(lambda: "New place" in running.text() and "Message #general" in running.text())


@pytest.mark.slow
async def test_a_channel_is_created_and_opened(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        running.chat.action_command("channel.create")
        await running.shows("Create a channel")
        await running.pilot.press(*"bad name", "enter", "enter")
        await running.shows("A name can only have letters")
        await running.pilot.press(*["backspace"] * 8, *"cooking", "enter", "enter")
        await running.shows("Message #cooking")


@pytest.mark.slow
async def test_a_public_channel_is_found_and_joined(harness: AppHarness) -> None:
    here = harness
    harness.server.channel(here.lab, "release", harness.alice, topic="What goes out")
    async with run_app(harness) as running:
        await running.shows("hello 5")
        running.chat.action_command("channel.browse")
        await running.shows("What goes out")
        await running.pilot.press(*"rele", "enter")
        await running.shows("Message #release")


@pytest.mark.slow
async def test_an_invite_link_is_made_and_shown(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        running.chat.action_command("community.invite")
        await running.shows("Invite people to Mandarin Lab")
        await running.pilot.click("#yes")
        await running.shows("http")


@pytest.mark.slow
async def test_who_is_signed_in_and_comes_with_a_link_is_asked_to_join(harness: AppHarness) -> None:
    club = harness.server.community("Club", harness.dana)
    code = harness.server.call(harness.server.token(harness.dana), CREATE_INVITE, CreateInvite(community_id=club)).code
    async with run_app(harness, invite_link=f"{URL}/invite/{code}") as running:
        await running.shows("dana invites you to Club.")
        await running.pilot.press("enter")
        await running.until(lambda: running.session.store.communities.keys() >= {harness.lab, club})
        await running.shows("Club")


@pytest.mark.slow
async def test_a_link_into_another_server_says_so(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        running.chat.action_command("community.join")
        await running.shows("Invite link or code")
        running.app.screen.query_one(Input).value = "https://elsewhere.example/invite/abc"
        await running.pilot.press("enter")
        await running.shows("This invite is for another server")


@pytest.mark.slow
async def test_the_disk_that_is_full_keeps_the_text_in_the_composer(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        harness.storage.full = True
        await running.pilot.press(*"precious", "enter")
        await running.shows("The disk is full.")
        assert running.conversation.composer.text == "precious"
        await running.shows("alt+r send anyway")


@pytest.mark.slow
async def test_what_the_full_disk_does_not_take_is_sent_by_a_key(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        harness.storage.full = True
        await running.pilot.press(*"precious", "enter")
        await running.shows("Not sent: it can't be saved.")
        assert running.conversation.composer.text == "precious"
        await running.pilot.press("alt+r")
        await running.until(lambda: harness.server.world.channels[harness.general].messages[-1].content == "precious")
        await running.until(lambda: not running.conversation.composer.text)
        assert "can't be saved" not in "\n".join(running.text().splitlines()[-4:])
        harness.client.faults.hold_requests(CHAT_NEW)
        await running.pilot.press(*"more", "enter")
        await running.shows("more  not saved on this disk")
        harness.client.faults.release()
        await running.until(lambda: harness.server.world.channels[harness.general].messages[-1].content == "more")
        await running.until(lambda: "not saved" not in running.text())


@pytest.mark.slow
async def test_signing_out_leads_back_to_the_welcome_screen(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        running.chat.action_command("sign-out")
        await running.shows("Sign out?")
        await running.pilot.click("#yes")
        await running.shows("Server or invite link")
        assert harness.accounts.sessions == []
        assert running.app.session is None


@pytest.mark.slow
async def test_a_session_that_ends_asks_for_the_password_and_goes_on(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        old = harness.accounts.sessions[0].token
        harness.server.sign_out(harness.server.world.session(old))
        await running.shows("Signed out")
        await running.pilot.press(*"tangerine", "enter")
        await running.online()
        assert harness.accounts.sessions[0].token != old


@pytest.mark.slow
async def test_who_is_in_no_community_makes_one_with_enter() -> None:
    harness = AppHarness()
    async with run_app(harness) as running:
        await running.shows("Enter: create or join a community")
        await running.pilot.press("enter")
        await running.shows("Create a community")
        await running.pilot.press("enter", *"Lab", "enter", "enter")
        await running.shows("Message #general")
        assert running.app.focused is running.conversation.composer
