"""Ways to people and to single messages, and what may be done with them."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from asnity_server.protocol import routes
from asnity_server.protocol.requests import OfMessage, OpenDirect, SetPresence
from asnity_tui.screens.dialogs.picker import Picker
from asnity_tui.screens.quick_switch import QuickSwitch
from tests.fakes import FakeClient

from .app_harness import AppHarness, RunningApp, populated_harness, run_app


@pytest.fixture
def harness() -> AppHarness:
    """Two communities; in one of them mina has read everything."""
    return populated_harness()


def menu(running: RunningApp) -> list[str]:
    """The titles of the menu on the screen."""
    assert isinstance(running.app.screen, Picker), running.text()
    return [entry.left[0].text for entry in running.app.screen.list.entries if entry.key]


def current(running: RunningApp) -> int:
    """The message under the cursor."""
    item = running.conversation.view.current
    return getattr(getattr(item, "message", None), "id", 0)


@pytest.mark.slow
async def test_people_are_found_by_name_and_written_to(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press("ctrl+k", *"minji")
        await running.until(lambda: isinstance(running.app.screen, QuickSwitch) and "민지" in running.text())
        await running.shows("write to")
        await running.pilot.press("enter")
        await running.shows("Message 민지")
        assert running.conversation.composer.has_focus
        await running.pilot.press("ctrl+k", *"민지")
        await running.until(lambda: "write to" not in running.text() and "민지" in running.text())
        await running.pilot.press("escape")
        # and from the list of members
        running.chat.navigation.go_to(harness.general)
        await running.pilot.press("f8")
        await running.until(lambda: running.chat.members.pane.has_focus and "bob" in running.text())
        running.chat.members.pane.put_cursor(harness.bob.id)
        await running.pilot.press("enter")
        await running.shows("Message bob")
        await running.until(lambda: not running.chat.members.pane.display, what="messages without members over them")


async def test_the_header_of_a_direct_channel_says_whether_its_person_is_there(harness: AppHarness) -> None:
    bob = FakeClient(harness.server, harness.bob)
    async with run_app(harness, size=(80, 24)) as running:
        await running.shows("hello 5")
        asked = OpenDirect(community_id=harness.lab, user_ids=(harness.bob.id,))
        opened = harness.server.call(harness.server.token(harness.mina), routes.OPEN_DIRECT, asked)
        await running.until(lambda: running.session.store.channel(opened.id), what="the channel")
        channel = running.session.store.channel(opened.id)
        assert channel is not None
        running.chat.navigation.show(channel)
        await running.until(lambda: " ○ bob" in running.text().splitlines()[0])
        await bob.open(lambda arrival: None)
        await bob.enter(harness.lab)
        await running.until(lambda: " ● bob" in running.text().splitlines()[0])
        await bob.ask(None, routes.PRESENCE, SetPresence(status="away"))
        await running.until(lambda: " ◐ bob" in running.text().splitlines()[0])
        await bob.close()


@pytest.mark.slow
async def test_menus_offer_what_i_may_do(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press("escape", "m")
        await running.until(lambda: isinstance(running.app.screen, Picker))
        titles = menu(running)
        assert {"Reply", "Copy text", "Copy link"} <= set(titles)
        assert not {"Edit", "Delete", "Pin", "Retry"} & set(titles)
        await running.pilot.press(*"alice", "enter")
        await running.until(lambda: "Message" in menu(running))
        await running.pilot.press("enter")
        await running.shows("Message alice")
        await running.pilot.press("alt+s", "alt+m")
        await running.until(lambda: isinstance(running.app.screen, Picker))
        assert "Leave this channel" not in menu(running), "nobody leaves the channel that everybody is in"
        await running.pilot.press(*"mute", "enter")
        await running.shows("muted")
        await running.pilot.press("f2", "m")
        await running.until(lambda: isinstance(running.app.screen, Picker))
        assert "Unmute this channel" in menu(running)
        await running.pilot.press("escape")
        running.chat.sidebar.rail.focus()
        await running.until(lambda: running.chat.sidebar.rail.has_focus)
        await running.pilot.press("m")
        await running.until(lambda: "Leave this community" in menu(running))
        assert "Delete this community permanently" not in menu(running)
        # and with the right button of the mouse
        await running.pilot.press("escape")
        await running.pilot.click("#channels", offset=(6, 2), button=3)
        await running.until(lambda: isinstance(running.app.screen, Picker))
        assert "Leave this channel" in menu(running)
        await running.pilot.press("escape")
        view = running.conversation.view
        await running.pilot.click("#timeline", offset=(6, view.size.height - 1), button=3)
        await running.until(lambda: isinstance(running.app.screen, Picker))
        assert "Copy text" in menu(running)


@pytest.mark.slow
async def test_pins_lead_to_their_messages_and_only_admins_pin(harness: AppHarness) -> None:
    server = harness.server
    server.call(server.token(harness.alice), routes.PIN, OfMessage(channel_id=harness.general, chat_id=2))
    async with run_app(harness) as running:
        await running.shows("hello 5")
        running.chat.action_command("channel.pins")
        await running.shows("Pinned in #general")
        await running.pilot.press("enter")
        await running.until(lambda: current(running) == 2)
        assert running.conversation.view.has_focus
        await running.pilot.press("t")
        await running.shows("admin")


@pytest.mark.slow
async def test_mentions_days_and_links_lead_to_messages(harness: AppHarness) -> None:
    server = harness.server
    for number in range(1, 201):
        if number == 150:
            server.clock.advance(days=1)
        server.post(harness.source, harness.bob, f"@mina {number}" if number % 90 == 0 else f"word {number}")
    server.read(harness.source, harness.mina, 200)
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press("ctrl+k", *"open", "enter")
        await running.shows("word 200")
        await running.pilot.press("alt+p")
        await running.until(lambda: current(running) == 180)
        await running.pilot.press("alt+p")
        await running.until(lambda: current(running) == 90)
        await running.pilot.press("alt+p")
        await running.shows("No mentions of you above.")
        await running.pilot.press("alt+n")
        await running.until(lambda: current(running) == 180)
        await running.pilot.press("Y")
        link = running.app.clipboard
        harness.server.post(harness.general, harness.alice, f"look here: {link}")
        await running.pilot.press("alt+g", *"some day", "enter")
        await running.shows("That isn't a day.")
        await running.pilot.press("ctrl+a", "ctrl+k", *"yesterday", "enter")
        await running.until(lambda: current(running) == 1)
        await running.pilot.press("alt+l", *"elsewhere", "enter")
        await running.shows("That isn't a link to a message you can read.")
        running.app.screen.query_one(Input).value = link
        await running.pilot.press("enter")
        await running.until(lambda: current(running) == 180)
        await running.pilot.press("alt+s")
        await running.shows("look here")
        await running.pilot.press("G", "o")
        await running.shows("Open chat.example.org?")
        await running.pilot.press("enter")
        await running.until(lambda: running.conversation.channel_id == harness.source and current(running) == 180)


@pytest.mark.slow
async def test_what_takes_long_says_so_and_is_given_up_by_escape(
    harness: AppHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        monkeypatch.setattr(running.chat.requests, "_long", 0.3)
        harness.client.faults.hold_requests(routes.PINS)
        running.chat.action_command("channel.pins")
        await running.shows("Loading pinned messages …")
        await running.pilot.press("x")
        assert running.conversation.composer.text == "x", "nothing is in the way meanwhile"
        await running.shows("Loading pinned messages … Esc cancels")
        await running.pilot.press("escape")
        await running.until(lambda: "Loading pinned messages" not in running.text())
        assert running.conversation.composer.has_focus
        await running.pilot.press("escape", "escape")
        assert running.conversation.view.has_focus


@pytest.mark.slow
async def test_people_are_found_once_there_is_a_connection(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        harness.client.go_offline()
        await running.until(lambda: running.session.connection.status == "offline")
        await running.pilot.press("ctrl+k", *"dana")
        await running.shows("No matches.")
        harness.client.go_online()
        running.session.connection.connect_now()
        await running.until(lambda: "No matches." not in running.text())
