"""Keys on the chat screen beyond writing and navigation."""

from __future__ import annotations

import pytest

from asnity_tui.screens.dialogs.picker import Picker

from .app_harness import AppHarness, RunningApp, populated_harness, run_app


@pytest.fixture
def harness() -> AppHarness:
    """Two communities; in one of them mina has read everything."""
    return populated_harness()


def opened(running: RunningApp, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which links the app opens from now on."""
    links: list[str] = []
    monkeypatch.setattr(running.app, "open_url", links.append)
    return links


@pytest.mark.slow
async def test_o_opens_the_link_and_names_its_host(harness: AppHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    harness.server.post(harness.general, harness.bob, "see https://example.org/builds?x=1.")
    async with run_app(harness) as running:
        await running.shows("builds")
        links = opened(running, monkeypatch)
        await running.pilot.press("escape", "o")
        await running.shows("Open example.org?")
        await running.pilot.press("enter")
        await running.shows("Opening example.org")
        assert links == ["https://example.org/builds?x=1"]


@pytest.mark.slow
async def test_of_several_links_one_is_chosen(harness: AppHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    harness.server.post(harness.general, harness.bob, "https://example.org/a and https://example.com/b")
    async with run_app(harness) as running:
        await running.shows("example.com")
        links = opened(running, monkeypatch)
        await running.pilot.press("escape", "o")
        await running.until(lambda: isinstance(running.app.screen, Picker))
        await running.pilot.press("down", "enter")
        await running.until(lambda: links)
        assert links == ["https://example.com/b"]


@pytest.mark.slow
async def test_nothing_but_http_is_opened(harness: AppHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    harness.server.post(harness.general, harness.bob, "file:///etc/passwd javascript:alert(1)")
    async with run_app(harness) as running:
        await running.shows("passwd")
        links = opened(running, monkeypatch)
        await running.pilot.press("escape", "o")
        await running.shows("There is no link in this message.")
        assert links == []


@pytest.mark.slow
async def test_y_copies_the_text(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press("escape", "k", "y")
        await running.shows("Copied through the terminal")
        assert running.app.clipboard == "hello 4"


@pytest.mark.slow
async def test_u_marks_unread_from_here_until_the_channel_is_opened_again(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press("escape", "k", "k", "U")
        await running.shows("Mark as unread?")
        await running.pilot.press("enter")
        channel = running.conversation.channel
        assert channel is not None
        await running.until(lambda: channel.counts[0] == 3)
        await running.shows(" new ")
        await running.pilot.press("G", "k", "j")
        assert channel.counts[0] == 3
        await running.pilot.press("alt+down", "alt+up")
        await running.until(lambda: channel.counts[0] == 0)


@pytest.mark.slow
async def test_history_loads_while_scrolling_up(harness: AppHarness) -> None:
    for number in range(6, 200):
        last = harness.server.post(harness.general, harness.alice, f"hello {number}")
    harness.server.read(harness.general, harness.mina, last)
    async with run_app(harness) as running:
        await running.shows("hello 199")
        await running.pilot.press("escape")
        for _ in range(40):
            await running.pilot.press("pageup")
            if "   hello 1" in running.lines():
                break
        await running.until(lambda: "   hello 1" in running.lines())
        await running.pilot.press("alt+end")
        await running.until(lambda: "   hello 199" in running.lines())


async def test_alt_s_goes_back_and_forth(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press("alt+down")
        assert running.conversation.channel_id == harness.random
        await running.pilot.press("alt+s")
        assert running.conversation.channel_id == harness.general
        await running.pilot.press("alt+s")
        assert running.conversation.channel_id == harness.random


async def test_alt_page_goes_through_communities(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press("alt+pagedown")
        assert running.conversation.channel_id == harness.source
        await running.pilot.press("alt+pageup")
        assert running.conversation.channel_id == harness.general


async def test_alt_shift_arrows_go_through_what_is_unread(harness: AppHarness) -> None:
    harness.server.post(harness.source, harness.bob, "news")
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press("alt+shift+down")
        await running.shows("news")
        await running.until(lambda: running.conversation.channel and running.conversation.channel.counts[0] == 0)
        await running.pilot.press("alt+shift+up")
        await running.shows("No unread messages.")


@pytest.mark.slow
async def test_alt_and_a_digit_go_through_what_is_unread_else_by_the_list(harness: AppHarness) -> None:
    harness.server.post(harness.random, harness.bob, "in random")
    harness.server.post(harness.source, harness.bob, "news")
    async with run_app(harness, keys={"channel.3": "f5"}) as running:
        await running.shows("hello 5")
        await running.pilot.press("alt+4")
        await running.shows("2 channels with unread messages.")
        await running.pilot.press("alt+2")
        await running.shows("news")
        await running.until(lambda: running.conversation.channel and running.conversation.channel.counts[0] == 0)
        await running.pilot.press("alt+1")
        await running.shows("in random")
        await running.until(lambda: running.conversation.channel and running.conversation.channel.counts[0] == 0)
        await running.pilot.press("alt+1")
        assert running.conversation.channel_id == harness.general
        await running.pilot.press("alt+2")
        assert running.conversation.channel_id == harness.random
        await running.pilot.press("f5")
        await running.shows("2 channels in this list.")
        assert running.conversation.channel_id == harness.random


@pytest.mark.slow
async def test_alt_u_goes_to_the_first_unread(harness: AppHarness) -> None:
    for number in range(60):
        harness.server.post(harness.random, harness.bob, f"news {number}")
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press("alt+down")
        await running.shows("news 0")
        await running.pilot.press("alt+end")
        await running.shows("news 59")
        await running.pilot.press("alt+u")
        await running.until(lambda: "   news 0" in running.lines())


@pytest.mark.slow
async def test_f8_shows_members_beside_or_over_the_messages(harness: AppHarness) -> None:
    async with run_app(harness, size=(130, 30)) as running:
        await running.shows("owner")
        await running.pilot.press("f8")
        await running.until(lambda: running.chat.members.pane.has_focus)
        await running.pilot.press("f8")
        await running.until(lambda: "owner" not in running.text())
        await running.pilot.press("f8")
        await running.shows("owner")
    async with run_app(populated_harness(), size=(80, 24)) as running:
        await running.shows("hello 5")
        await running.pilot.press("f8")
        await running.shows("owner")
        await running.pilot.press("escape")
        await running.until(lambda: "owner" not in running.text())
        assert running.conversation.composer.has_focus


@pytest.mark.slow
async def test_f2_puts_the_lists_away_where_they_have_room(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("Channels")
        await running.pilot.press("f2", "f2")
        await running.until(lambda: "Channels" not in running.text())
        await running.shows("Mandarin Lab")
        await running.pilot.press("f2")
        await running.shows("Channels")


@pytest.mark.slow
async def test_the_theme_is_changed_at_once(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press("ctrl+p", *"theme", "enter")
        await running.until(lambda: "asnity-light" in running.text())
        await running.pilot.press(*"asnity-light", "enter")
        await running.until(lambda: running.app.theme == "asnity-light")
        view = running.conversation.view
        style = next(iter(view.render_line(view.size.height - 1))).style
        assert style is not None
        assert style.bgcolor is not None
        assert style.bgcolor.name == "#fbfaf8"


@pytest.mark.slow
async def test_a_name_is_changed_for_everyone(harness: AppHarness) -> None:
    async with run_app(harness, size=(130, 30)) as running:
        await running.shows("Mina (you)")
        running.chat.action_command("me.name")
        await running.shows("Display name")
        await running.pilot.press("end", *" K", "enter")
        await running.shows("Mina K (you)")


@pytest.mark.slow
async def test_people_are_listed_and_added(harness: AppHarness) -> None:
    release = harness.server.channel(harness.lab, "release", harness.alice, harness.mina)
    async with run_app(harness) as running:
        await running.shows("release")
        await running.pilot.press("ctrl+k", *"release", "enter")
        await running.until(lambda: running.conversation.channel_id == release)
        running.chat.action_command("channel.people")
        await running.shows("@alice")
        assert "@bob" not in running.text()
        await running.pilot.press("escape")
        running.chat.action_command("channel.add-people")
        await running.shows("@bob")
        await running.pilot.press(*"bob", "enter")
        await running.shows("Added.")


@pytest.mark.slow
async def test_leaving_a_channel_and_a_community_asks_first(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press("alt+down")
        running.chat.action_command("channel.leave")
        await running.shows("Leave #random?")
        await running.pilot.click("#yes")
        await running.until(lambda: "random" not in running.session.store.communities[harness.lab].channels)
        await running.until(lambda: running.conversation.channel_id == harness.general)
        running.chat.action_command("community.leave")
        await running.shows("Leave Mandarin Lab?")
        await running.pilot.click("#yes")
        await running.until(lambda: running.conversation.channel_id == harness.source)


async def test_what_fails_inside_is_said_in_words(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")

        async def broken() -> None:
            raise LookupError("nobody foresaw this")

        running.chat.run_worker(broken(), exit_on_error=False)
        await running.shows("Something went wrong (LookupError).")
