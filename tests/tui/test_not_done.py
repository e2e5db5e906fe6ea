"""Requests that fail or come late are told in words that help."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from asnity_server.protocol.routes import CREATE_CHANNEL

from .app_harness import AppHarness, RunningApp, populated_harness, run_app


@pytest.fixture
def harness() -> AppHarness:
    """Two communities."""
    return populated_harness()


async def enter(running: RunningApp, text: str) -> None:
    """Write a line and send it."""
    running.conversation.composer.put(text)
    running.conversation.composer.focus()
    await running.pilot.press("enter")


@pytest.mark.slow
@pytest.mark.parametrize("command", ["/join #random", "/create plans", "/topic new", "/invite @bob", "/away"])
async def test_without_a_connection_a_command_says_that_it_is_not_queued(harness: AppHarness, command: str) -> None:
    harness.server.set_role(harness.lab, harness.mina, "admin")
    async with run_app(harness) as running:
        await running.shows("hello 5")
        harness.client.go_offline()
        await running.until(lambda: running.session.connection.status == "offline")
        await enter(running, command)
        if command == "/away":  # is told to the server with the next connection
            await running.until(lambda: running.session.presence.away)
            return
        await running.until(lambda: any("isn't queued" in each.message for each in running.app._notifications))
        await running.shows("You are offline.")
        assert running.conversation.composer.text == command


async def test_join_says_of_the_link_to_another_server_how_it_is_opened(harness: AppHarness) -> None:
    async with run_app(harness, size=(120, 30)) as running:
        await running.shows("hello 5")
        await enter(running, "/join https://elsewhere.example/invite/abc")
        await running.shows("This invite is for another server.")
        await running.shows("Quit, then run:")


@pytest.mark.slow
@pytest.mark.parametrize("refused", [False, True])
async def test_what_a_closed_dialog_asked_for_is_told(harness: AppHarness, refused: bool) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        running.chat.action_command("channel.create")
        await running.shows("Create a channel")
        name = "random" if refused else "plans"
        running.app.screen.query(Input).first().value = name
        harness.client.faults.hold_requests(CREATE_CHANNEL)
        await running.pilot.press("enter", "enter")
        await running.until(lambda: running.app.screen.query_one("#yes").disabled)
        await running.pilot.press("escape")
        await running.until(lambda: running.app.screen is running.chat)
        harness.client.faults.release()
        told = "already exists" if refused else "Done, although the dialog was closed."
        await running.until(lambda: any(told in each.message for each in running.app._notifications))
        assert running.app.screen is running.chat
