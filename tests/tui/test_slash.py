"""Slash commands as people of other programs write them, and finding what can be done by what it means."""

from __future__ import annotations

import pytest

from asnity_tui.commands.menus import SETTINGS, palette_options
from asnity_tui.commands.registry import REGISTRY, SYNONYMS
from asnity_tui.commands.slash import BY_NAME, EVERYTHING, complete, slash_of
from asnity_tui.commands.writing import SHRUG
from asnity_tui.screens.dialogs.picker import Picker
from asnity_tui.widgets.option import narrowed

from .app_harness import AppHarness, RunningApp, populated_harness, run_app

HABITS = {
    "msg": "msg",
    "w": "msg",
    "query": "dm",
    "part": "leave",
    "j": "join",
    "exit": "quit",
    "q": "quit",
    "bye": "quit",
    "names": "who",
    "who": "who",
    "whois": "whois",
    "list": "list",
    "away": "away",
    "clear": "clear",
    "shrug": "shrug",
    "theme": "theme",
    "settings": "settings",
    "logout": "logout",
    "dnd": "dnd",
}
"""What hands write, and whose command it is."""


@pytest.fixture
def harness() -> AppHarness:
    """Two communities; in one of them mina has read everything."""
    return populated_harness()


def contents(harness: AppHarness, channel_id: str) -> list[str]:
    """The messages that the server has of a channel."""
    return [each.content for each in harness.server.world.channels[channel_id].messages]


async def write(running: RunningApp, text: str) -> None:
    """A line and Enter, in an empty composer."""
    composer = running.conversation.composer
    composer.focus()
    composer.put(text)
    running.conversation.completions.autocomplete.close()
    await running.pilot.press("enter")


@pytest.mark.parametrize("habit", HABITS)
def test_habits_of_irc_slack_and_discord(habit: str) -> None:
    assert slash_of(BY_NAME[habit]).name == HABITS[habit]


def test_every_name_is_one_commands_and_every_word_is_somebodys() -> None:
    names = [name for each in EVERYTHING for name in (each.name, *each.aliases)]
    assert len(set(names)) == len(names)
    known = {each.id for each in REGISTRY}
    assert set(SYNONYMS) <= known
    assert set(SETTINGS) <= known


@pytest.mark.slow
async def test_a_bare_slash_offers_what_people_use_and_may_do(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        names = [each.insert.strip() for each in complete("", running.chat.commands.slash_offers())]
        assert 18 <= len(names) <= 26
        assert names[:5] == ["/msg", "/join", "/search", "/goto", "/me"]  # #general can't be left
        assert not {"/ban", "/kick", "/leave"} & set(names)
        everything = {each.name for each in running.chat.commands.slash_offers() if each.may}
        assert not {"ban", "kick", "role", "rename", "pin", "community-audit", "channel-leave"} & everything
        await running.pilot.press("/")
        await running.shows("msg @person")
        await running.pilot.press(*["down"] * (len(names) - 1))
        await running.shows(names[-1].removeprefix("/"))
        await running.pilot.press("enter")
        assert running.conversation.composer.text == f"{names[-1]} "


async def test_admins_are_offered_more(harness: AppHarness) -> None:
    harness.server.set_role(harness.lab, harness.mina, "admin")
    async with run_app(harness) as running:
        await running.shows("hello 5")
        found = {each.name for each in running.chat.commands.slash_offers() if each.may}
        assert {"ban", "kick", "rename", "topic", "pin"} <= found
        assert "role" not in found
        assert complete("", running.chat.commands.slash_offers())[0].insert == "/msg "


@pytest.mark.slow
async def test_a_message_to_somebody_stays_here_and_a_query_goes_there(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await write(running, "/msg bob hi there")
        await running.shows("To bob: hi there")
        assert running.conversation.channel_id == harness.general
        assert contents(harness, harness.general)[-1] == "hello 5"
        await write(running, "/query @bob")
        await running.until(lambda: running.conversation.channel_id != harness.general)
        direct = running.conversation.channel_id
        assert direct is not None
        await running.until(lambda: contents(harness, direct) == ["hi there"])
        await write(running, "/w nobody psst")
        await running.shows("There is no member called nobody.")
        await running.until(lambda: running.conversation.composer.text == "/w nobody psst")


@pytest.mark.slow
async def test_a_command_that_is_written_out_is_never_taken_for_another(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        composer = running.conversation.composer
        await running.pilot.press(*"/part")  # of #general, which can't be left
        await running.until(lambda: composer.text == "/part")
        assert not composer.enter_takes
        await running.pilot.press("enter")
        await running.shows("Everyone is in this channel.")
        assert composer.text == ""


@pytest.mark.slow
async def test_a_path_is_a_text_and_a_slip_is_told_what_was_meant(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        for path in ("/usr/bin/env python", "/notes.txt"):
            await write(running, path)
            await running.until(lambda path=path: contents(harness, harness.general)[-1] == path)  # type: ignore[misc]
        await write(running, "/silent")
        await running.shows("There is no command /silent.")
        await write(running, "/quiet")
        await running.shows("Did you mean /mute")
        await write(running, "/pins of last week")
        await running.shows("/pins takes no text.")
        assert contents(harness, harness.general)[-1] == "/notes.txt"


@pytest.mark.slow
async def test_channels_are_left_by_name_and_found_to_join(harness: AppHarness) -> None:
    server = harness.server
    server.channel(harness.lab, "tea", harness.alice)
    server.channel(harness.lab, "tax", harness.alice, private=True)
    async with run_app(harness) as running:
        await running.shows("hello 5")
        composer, offers = running.conversation.composer, running.conversation.completions.pane
        await running.pilot.press(*"/join #")
        await running.until(lambda: offers.display)
        assert [entry.left[1].text for entry in offers.entries] == ["tea"]
        composer.put("")
        await running.pilot.press(*"/join te", "tab")
        await running.until(lambda: composer.text == "/join #tea ")
        await running.pilot.press("enter")
        await running.until(lambda: "tea" in str(running.conversation.channel and running.conversation.channel.channel))
        composer.put("")
        await running.pilot.press(*"/join #rando")
        await running.until(lambda: [entry.left[1].text for entry in offers.entries] == ["rando"])  # one is in it
        await write(running, "/part #random see you")
        await running.shows("Leave #random?")
        await running.pilot.press("escape")
        assert "tea" in str(running.conversation.channel and running.conversation.channel.channel)
        await write(running, "/leave #nowhere")
        await running.shows("You aren't in a channel called #nowhere.")
        await write(running, "/part")
        await running.shows("Leave #tea?")


@pytest.mark.slow
async def test_who_somebody_is_and_who_is_here(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await write(running, "/whois alice")
        await running.shows("@alice · owner · ")
        await running.pilot.press("escape")
        await write(running, "/whoami")
        await running.shows("Signed in at")
        await running.pilot.press("escape")
        for line in ("/names", "/who"):
            await write(running, line)
            await running.shows("Members of #general")
            await running.pilot.press("escape")
        await write(running, "/list")
        await running.until(lambda: isinstance(running.app.screen, Picker))
        await running.shows("joined")


@pytest.mark.slow
async def test_what_one_says_of_oneself(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await write(running, "/shrug no idea")
        await running.until(lambda: contents(harness, harness.general)[-1] == f"no idea {SHRUG}")
        await write(running, "/away lunch")
        await running.until(lambda: harness.mina.status_text == "lunch")
        community = running.session.store.communities[harness.lab]
        await running.until(lambda: community.presence[harness.mina.id] == "away")
        await running.pilot.press("x", "backspace")  # being here says nothing about it
        assert running.session.presence.away
        await write(running, "/away")
        await running.until(lambda: community.presence[harness.mina.id] == "online")
        assert harness.mina.status_text == ""


@pytest.mark.slow
async def test_how_it_looks_and_what_is_set(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await write(running, "/theme light")
        await running.until(lambda: running.app.theme == "asnity-light")
        await write(running, "/theme nosuch")
        await running.shows("There is no theme nosuch.")
        await write(running, "/theme")
        await running.until(lambda: isinstance(running.app.screen, Picker))
        await running.pilot.press(*"nord", "enter")
        await running.until(lambda: running.app.theme == "nord")
        await write(running, "/settings")
        await running.shows("Do not disturb")
        await running.pilot.press("escape")
        running.chat.notify("a notice")
        await running.shows("a notice")
        await write(running, "/clear")
        await running.until(lambda: "a notice" not in running.text())


@pytest.mark.slow
async def test_reply_react_and_edit_take_words(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        composer = running.conversation.composer
        await write(running, "/reply indeed")
        await running.until(lambda: composer.text == "indeed")
        await running.pilot.press("enter")
        await running.until(lambda: contents(harness, harness.general)[-1] == "indeed")
        message = harness.server.world.channels[harness.general].messages[-1]
        assert message.reply_to == 5
        await running.until(lambda: running.conversation.view.rows.items[-1].message.id == message.id)  # type: ignore[union-attr]
        await write(running, "/react thumbsup")
        world = harness.server.world.channels[harness.general]
        await running.until(lambda: "👍" in world.messages[-1].reactions)
        await write(running, "/edit indeed so")
        await running.until(lambda: composer.text == "indeed so")
        await running.pilot.press("enter")
        await running.until(lambda: world.messages[-1].content == "indeed so")


# The palette


MEANT = {
    "mute": "Mute this channel",
    "logout": "Sign out",
    "dark": "Theme",
    "exit": "Quit",
    "dnd": "Do not disturb",
    "password": "Change password",
    "inbox": "Catch up",
    "sidebar": "Channels",
    "find": "Search",
    "shortcuts": "Help",
    "sessions": "Devices",
    "nickname": "Change display name",
    "kick": "Members of this channel",
    "preferences": "Settings",
    "permalink": "Go to a message link",
}
"""What people type, and what they mean."""


async def test_the_palette_finds_what_is_meant(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        search = narrowed(palette_options(running.chat.commands.context(), {}))
        for word, title in MEANT.items():
            titles = ["".join(part.text for part in option.left) for option in search(word)[:4]]
            assert any(each.startswith(title) for each in titles), (word, titles)


@pytest.mark.slow
async def test_titles_come_before_meanings(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press("ctrl+p")
        await running.until(lambda: isinstance(running.app.screen, Picker))
        await running.pilot.press(*"sign out")
        assert running.app.screen.list.cursor == "sign-out"  # type: ignore[attr-defined]
        running.app.screen.field.value = "whois"  # type: ignore[attr-defined]
        await running.shows("Show someone's profile")
        await running.pilot.press("enter")
        await running.until(lambda: running.conversation.composer.text == "/whois ")


# Tab


@pytest.mark.slow
async def test_tab_completes_a_name_and_another_the_next_one(harness: AppHarness) -> None:
    server = harness.server
    albert = server.person("albert")
    server.add_member(harness.lab, albert)
    server.post(harness.general, albert, "me too")
    async with run_app(harness) as running:
        await running.shows("me too")
        composer = running.conversation.composer
        await running.pilot.press(*"al", "tab")
        await running.until(lambda: composer.text == "@albert ")
        await running.pilot.press("tab")
        await running.until(lambda: composer.text == "@alice ")
        await running.pilot.press("tab")
        await running.until(lambda: composer.text == "@albert ")
        await running.pilot.press("shift+tab")
        await running.until(lambda: composer.text == "@alice ")
        await running.pilot.press(*"and #ra")
        await running.until(lambda: running.conversation.completions.pane.display)
        await running.pilot.press("tab", *"zzz", "tab")
        assert (composer.text, composer.has_focus) == ("@alice and #random zzz", True)
        composer.put("")
        await running.pilot.press("tab")
        assert not composer.has_focus
