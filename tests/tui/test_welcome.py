"""The welcome screen: errors beside the fields, no password in the clear without a word."""

from __future__ import annotations

import pytest
from textual.events import Paste

from asnity_server.protocol.errors import ErrorInfo
from asnity_server.protocol.requests import CreateInvite
from asnity_server.protocol.routes import CREATE_INVITE, SIGN_IN
from asnity_tui.screens.chat.screen import ChatScreen
from asnity_tui.screens.dialogs.confirm import Confirm
from asnity_tui.screens.welcome import WelcomeScreen
from asnity_tui.widgets.form_field import FormField

from .app_harness import AppHarness, RunningApp, populated_harness, run_app


def wrong(running: RunningApp, field: str) -> str:
    """Read the error below a field."""
    return running.app.screen.query_one(f"#field-{field}", FormField).error


async def fill(running: RunningApp, server: str, name: str = "", password: str = "") -> None:
    """Type into the fields."""
    screen = running.app.screen
    assert isinstance(screen, WelcomeScreen)
    screen.server.value, screen.username.value, screen.password.value = server, name, password
    await running.pilot.pause()


async def go(running: RunningApp) -> None:
    """Press the button."""
    await running.pilot.click("#go")
    await running.app.workers.wait_for_complete()
    await running.pilot.pause()


async def test_signing_in_leads_into_the_chat_and_is_remembered() -> None:
    harness = AppHarness()
    harness.server.community("Lab", harness.alice, harness.mina)
    async with run_app(harness, signed_in=False) as running:
        await fill(running, "chat.example.org", "mina", "tangerine")
        await go(running)
        assert isinstance(running.app.screen, ChatScreen)
        await running.online()
        assert [each.username for each in harness.accounts.sessions] == ["mina"]
        assert harness.accounts.sessions[0].server == "https://chat.example.org"


@pytest.mark.slow
async def test_enter_goes_from_field_to_field_and_in_the_end_in() -> None:
    harness = AppHarness()
    async with run_app(harness, signed_in=False) as running:
        await running.pilot.press(*"localhost", "enter", *"mina", "enter", *"tangerine", "enter")
        await running.app.workers.wait_for_complete()
        assert isinstance(running.app.screen, ChatScreen)


async def test_a_wrong_password_is_said_beside_the_password() -> None:
    harness = AppHarness()
    async with run_app(harness, signed_in=False) as running:
        await fill(running, "chat.example.org", "mina", "wrong password")
        await go(running)
        assert wrong(running, "password")
        assert not wrong(running, "username")
        assert harness.accounts.sessions == []


async def test_what_is_missing_is_said_before_anybody_is_asked() -> None:
    harness = AppHarness()
    async with run_app(harness, signed_in=False) as running:
        await fill(running, "")
        await go(running)
        assert wrong(running, "server")
        assert (wrong(running, "username"), wrong(running, "password")) == (
            "Enter your username.",
            "Enter your password.",
        )
        assert harness.clients == []


async def test_a_bad_address_is_said_beside_the_address() -> None:
    harness = AppHarness()
    async with run_app(harness, signed_in=False) as running:
        await fill(running, "ftp://x", "mina", "tangerine")
        await go(running)
        assert wrong(running, "server") == "An address starts with https:// or http://, or neither."


async def test_a_server_that_can_not_be_reached_is_said_beside_the_address() -> None:
    harness = AppHarness()
    harness.reachable = False
    async with run_app(harness, signed_in=False) as running:
        await fill(running, "chat.example.org", "mina", "tangerine")
        await go(running)
        assert wrong(running, "server") == "The server can't be reached."


@pytest.mark.slow
async def test_a_password_goes_unencrypted_only_after_a_word() -> None:
    harness = AppHarness()
    async with run_app(harness, signed_in=False) as running:
        await fill(running, "http://chat.example.org", "mina", "tangerine")
        await running.pilot.click("#go")
        await running.until(lambda: isinstance(running.app.screen, Confirm))
        assert harness.clients == []
        await running.pilot.click("#no")
        await running.app.workers.wait_for_complete()
        assert harness.clients == []
        await running.pilot.click("#go")
        await running.until(lambda: isinstance(running.app.screen, Confirm))
        await running.pilot.click("#yes")
        await running.app.workers.wait_for_complete()
        assert isinstance(running.app.screen, ChatScreen)


async def test_to_this_machine_a_password_goes_without_asking() -> None:
    harness = AppHarness()
    async with run_app(harness, signed_in=False) as running:
        await fill(running, "127.0.0.1:8440", "mina", "tangerine")
        await go(running)
        assert isinstance(running.app.screen, ChatScreen)


@pytest.mark.slow
async def test_an_invite_says_what_it_leads_to_and_signs_up() -> None:
    harness = AppHarness()
    lab = harness.server.community("Mandarin Lab", harness.alice)
    token = harness.server.token(harness.alice)
    invite = harness.server.call(token, CREATE_INVITE, CreateInvite(community_id=lab))
    async with run_app(harness, signed_in=False, server=f"https://chat.example.org/invite/{invite.code}") as running:
        await running.shows("alice invites you to Mandarin Lab.")
        screen = running.app.screen
        assert isinstance(screen, WelcomeScreen)
        assert screen.mode == "sign-up"
        await fill(running, screen.server.value, "newcomer", "long enough")
        await running.pilot.click("#go")
        await running.shows("Welcome, newcomer")
        await running.online()
        assert [each.community.name for each in running.session.store.communities.values()] == ["Mandarin Lab"]


@pytest.mark.slow
async def test_a_link_that_is_pasted_and_used_up_keeps_nobody_out() -> None:
    harness = populated_harness()
    request = CreateInvite(community_id=harness.lab, max_uses=1)
    invite = harness.server.call(harness.server.token(harness.alice), CREATE_INVITE, request)
    harness.server.world.communities[harness.lab].invites[invite.code].uses = 1
    async with run_app(harness, signed_in=False) as running:
        screen = running.app.screen
        assert isinstance(screen, WelcomeScreen)
        screen.server.input.post_message(Paste(f" https://chat.example.org/invite/{invite.code} "))
        await running.pilot.press("tab")
        await running.shows("This invite is no longer valid")
        await fill(running, screen.server.value, "mina", "tangerine")
        await go(running)
        await running.online()
        await running.shows("This invite is invalid or has expired")
        assert len(running.session.store.communities) == 2


async def test_a_name_that_is_taken_is_said_beside_the_name() -> None:
    harness = AppHarness()
    async with run_app(harness, signed_in=False) as running:
        await fill(running, "chat.example.org", "mina", "long enough")
        await running.pilot.press("ctrl+t")
        await go(running)
        assert wrong(running, "username") or "taken" in running.text()


async def test_a_refusal_without_a_field_is_said_below() -> None:
    harness = AppHarness()
    async with run_app(harness, signed_in=False) as running:
        await fill(running, "chat.example.org", "mina", "tangerine")
        await running.pilot.pause()
        error = ErrorInfo(code="rate-limited", message="Too many attempts.", retry_after=30)
        dial = harness.dial

        async def refusing(url: str) -> object:
            client = await dial(url)
            harness.client.faults.refuse_next(error, SIGN_IN)
            return client

        running.app.account.authenticator._dial = refusing  # type: ignore[assignment]
        await go(running)
        await running.shows("Too many attempts")


@pytest.mark.slow
async def test_a_slow_server_can_be_given_up() -> None:
    harness = AppHarness()
    dial = harness.dial

    async def slow(url: str) -> object:
        client = await dial(url)
        harness.client.faults.hold_requests()
        return client

    async with run_app(harness, signed_in=False) as running:
        running.app.account.authenticator._dial = slow  # type: ignore[assignment]
        await fill(running, "chat.example.org", "mina", "tangerine")
        await running.pilot.click("#go")
        await running.shows("One moment")
        await running.pilot.press("escape")
        await running.until(lambda: "One moment" not in running.text())
        assert isinstance(running.app.screen, WelcomeScreen)


async def test_it_fits_the_smallest_terminal() -> None:
    async with run_app(AppHarness(), signed_in=False, size=(20, 5)) as running:
        await running.pilot.press("tab", "tab", "tab", "tab")
        assert isinstance(running.app.screen, WelcomeScreen)


@pytest.mark.slow
async def test_turning_to_sign_up_goes_on_where_something_is_missing() -> None:
    harness = AppHarness()
    async with run_app(harness, signed_in=False) as running:
        screen = running.app.screen
        assert isinstance(screen, WelcomeScreen)
        await fill(running, "chat.example.org", "newcomer", "")
        await running.pilot.press("ctrl+t")
        await running.pilot.pause()
        assert screen.invite.region.height > 0
        assert screen.focused is screen.password.input
        await running.pilot.press(*"long enough", "ctrl+t")
        assert screen.focused is not None
        assert screen.focused.id == "go"
        assert screen.invite.region.height == 0
        await running.pilot.press("ctrl+t", "enter")
        await running.online()


def read(running: RunningApp) -> str:
    """The screen without line breaks and margins, to find sentences in however they are wrapped."""
    return " ".join(running.text().split())


@pytest.mark.slow
@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 30), (36, 30)])
async def test_an_error_is_readable_in_full_at_every_width(size: tuple[int, int]) -> None:
    harness = AppHarness()
    harness.reachable = False
    async with run_app(harness, signed_in=False, size=size) as running:
        await fill(running, "chat.example.org", "mina", "tangerine")
        await running.pilot.press("enter")
        await running.until(lambda: "The server can't be reached." in read(running))
        assert running.app.focused is running.app.screen.query_one("#field-server", FormField).input


async def test_what_is_wrong_with_an_invite_leads_to_its_field() -> None:
    harness = AppHarness()
    harness.server.registration = "invite"
    async with run_app(harness, signed_in=False) as running:
        screen = running.app.screen
        assert isinstance(screen, WelcomeScreen)
        screen.action_turn()
        await fill(running, "chat.example.org", "newcomer", "correct horse")
        screen.invite.value = "nosuchinvite"
        await running.pilot.press("enter")
        await running.until(lambda: any(each.error for each in running.app.screen.query(FormField)))
        (told,) = [each for each in running.app.screen.query(FormField) if each.error]
        assert running.app.focused is told.input


@pytest.mark.slow
async def test_tab_leads_through_the_fields_and_ends_at_the_main_button() -> None:
    async with run_app(AppHarness(), signed_in=False) as running:
        passed = []
        for _ in range(12):
            passed.append(running.app.focused.id or running.app.focused.parent.id)  # type: ignore[union-attr]
            await running.pilot.press("tab")
            if running.app.focused is running.app.screen.focus_chain[0]:
                break
        assert passed[-1] == "go"
        assert passed[:3] == ["field-server", "field-username", "field-password"]


@pytest.mark.slow
async def test_the_password_can_be_shown_and_enter_leaves_the_box_as_it_is() -> None:
    harness = AppHarness()
    async with run_app(harness, signed_in=False) as running:
        await running.pilot.press("ctrl+t")
        await fill(running, "chat.example.org", "newcomer", "correct horse")
        assert "correct horse" not in running.text()
        running.app.screen.query_one("#reveal").focus()
        await running.pilot.press("space")
        await running.shows("correct horse")
        await running.pilot.press("enter")
        await running.shows("Welcome, newcomer")


@pytest.mark.slow
async def test_a_new_account_is_welcomed_with_what_comes_first() -> None:
    harness = AppHarness()
    async with run_app(harness, signed_in=False) as running:
        await running.pilot.press("ctrl+t")
        await fill(running, "chat.example.org", "newcomer", "correct horse")
        await running.pilot.press("enter")
        await running.shows("Welcome, newcomer")
        for words in ("chat.example.org", "Create a community", "Join with an invite", "Look around"):
            assert words in read(running)
        await running.pilot.press("enter", *"Garden", "enter", "enter")
        await running.until(lambda: [each.name for each in harness.server.world.communities.values()] == ["Garden"])


@pytest.mark.slow
async def test_who_comes_by_an_invite_is_welcomed_into_its_community() -> None:
    harness = AppHarness()
    lab = harness.server.community("Lab", harness.alice)
    invite = harness.server.call(harness.server.token(harness.alice), CREATE_INVITE, CreateInvite(community_id=lab))
    async with run_app(harness, signed_in=False) as running:
        await fill(running, f"https://chat.example.org/invite/{invite.code}")
        await running.pilot.press("tab")
        await running.shows("invites you to Lab")
        await fill(running, f"https://chat.example.org/invite/{invite.code}", "newcomer", "correct horse")
        await running.pilot.click("#go")
        await running.shows("Welcome, newcomer")
        await running.shows("joined")
        await running.pilot.press("enter")
        await running.shows("Message #general")


@pytest.mark.slow
@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_account_and_server_are_always_in_sight(size: tuple[int, int]) -> None:
    harness = populated_harness()
    async with run_app(harness, size=size) as running:
        await running.until(lambda: "mina" in running.text() and "chat.example.org" in running.text())
