"""Completion while typing, and slash commands, at the whole app."""

from __future__ import annotations

from threading import Event

import pytest
from textual.events import Key, Paste

from asnity_tui.commands.arguments import UsageError, duration
from asnity_tui.commands.registry import REGISTRY
from asnity_tui.commands.slash import BY_NAME, EVERYTHING
from asnity_tui.screens.dialogs.picker import Picker
from asnity_tui.state.completion.emoji_names import EmojiNames

from .app_harness import AppHarness, RunningApp, populated_harness, run_app


@pytest.fixture
def harness() -> AppHarness:
    """Two communities; in one of them mina has read everything."""
    return populated_harness()


@pytest.fixture(autouse=True)
def _few_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Emoji whose names load at once."""
    few = EmojiNames({"🎉": ("tada",), "👍": ("thumbsup", "+1"), "❤️": ("heart",), "😂": ("joy",)})
    monkeypatch.setattr(EmojiNames, "load", lambda: few)


def contents(harness: AppHarness, channel_id: str) -> list[str]:
    """The messages that the server has of a channel."""
    return [each.content for each in harness.server.world.channels[channel_id].messages]


async def typed(running: RunningApp, *keys: str) -> str:
    """The composer after some keys; what was in it before is thrown away."""
    running.conversation.composer.put("")
    await running.pilot.press(*keys)
    await running.pilot.pause()
    return running.conversation.composer.text


async def test_who_can_not_sign_in_is_not_offered(harness: AppHarness) -> None:
    harness.server.world.by_name("bob").disabled = True
    async with run_app(harness) as running:
        await running.shows("hello 5")
        offers = running.conversation.completions.pane
        await running.pilot.press("@")
        await running.until(lambda: offers.display and len(offers.entries) == 4)
        assert "@bob" not in [entry.right[0].text.strip() for entry in offers.entries]


@pytest.mark.slow
async def test_names_channels_and_emoji_are_completed(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        composer, offers = running.conversation.composer, running.conversation.completions.pane
        await running.pilot.press("@")
        await running.until(lambda: offers.display and len(offers.entries) == 5)
        assert [entry.right[0].text.strip() for entry in offers.entries][:2] == ["@alice", "@bob"]
        assert await typed(running, *"hi @mi", "tab") == "hi @minji "
        assert await typed(running, "@", "down", "enter") == "@bob "
        assert await typed(running, *"see #ra", "enter") == "see #random "
        assert await typed(running, *"nice :ta") == "nice :ta"
        await running.until(lambda: offers.display)
        await running.pilot.press("tab")
        assert composer.text == "nice 🎉 "
        assert running.session.preferences.frequent_emoji(1) == ("🎉",)
        assert not offers.display


@pytest.mark.slow
async def test_in_the_middle_beside_hangul_and_with_undo(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        composer, offers = running.conversation.composer, running.conversation.completions.pane
        composer.put("first line\n야 반가워")
        composer.move_cursor((1, 0))
        await running.pilot.press(*"@민")
        await running.until(lambda: offers.display)
        await running.pilot.press("tab")
        assert composer.text == "first line\n@minji야 반가워"
        assert composer.cursor_location == (1, 6)
        await running.pilot.press("ctrl+z")
        assert composer.text == "first line\n@민야 반가워"


@pytest.mark.slow
async def test_escape_closes_what_is_offered_and_what_stands_there_already_is_sent(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        composer, offers = running.conversation.composer, running.conversation.completions.pane
        await running.pilot.press(*"@al")
        await running.until(lambda: offers.display)
        await running.pilot.press("escape")
        await running.until(lambda: not offers.display)
        assert composer.has_focus
        await running.pilot.press("i", "enter")  # nothing more is offered for this word
        await running.until(lambda: contents(harness, harness.general)[-1] == "@ali")
        await running.pilot.press(*"@bob")
        await running.until(lambda: offers.display)
        await running.pilot.press("enter")
        await running.until(lambda: contents(harness, harness.general)[-1] == "@bob")
        await running.pilot.press(*"@zzz")
        assert not offers.display
        await running.pilot.press("tab")
        assert (composer.has_focus, composer.text) == (True, "@zzz")
        composer.put("")
        await running.pilot.press("tab")
        assert not composer.has_focus


@pytest.mark.slow
async def test_names_between_colons_are_sent_as_emoji(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press(*"done :tada: `:tada:`", "enter")
        await running.until(lambda: contents(harness, harness.general)[-1] == "done 🎉 `:tada:`")
        assert running.conversation.composer.text == ""


@pytest.mark.slow
async def test_what_shows_of_a_name_is_what_is_sent(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        composer = running.conversation.composer
        await running.pilot.press(*"done :tada:")
        await running.until(lambda: composer.text == "done 🎉")
        await running.pilot.press("ctrl+z")
        assert composer.text == "done :tada:"  # as it was typed, if that was meant
        await running.pilot.press("enter")
        await running.until(lambda: contents(harness, harness.general)[-1] == "done :tada:")
        for sign in "👩\u200d💻 ⚠\ufe0f":
            composer.post_message(Key(sign, sign))
        await running.pilot.press("enter")
        await running.until(lambda: contents(harness, harness.general)[-1] == "👩\u200d💻 ⚠\ufe0f")
        composer.post_message(Paste("pasted :tada: root:+1:0\n"))
        await running.until(lambda: composer.text.startswith("pasted"))
        await running.pilot.press(*"a:joy:b :joy:", "enter")
        await running.until(lambda: contents(harness, harness.general)[-1] == "pasted :tada: root:+1:0\na:joy:b 😂")


@pytest.mark.slow
async def test_a_name_that_is_typed_before_names_are_known_is_not_lost(
    harness: AppHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    loading, few = Event(), EmojiNames.load()

    def load() -> EmojiNames:
        loading.wait()
        return few

    monkeypatch.setattr(EmojiNames, "load", load)
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press(*":tada: root:joy:0", "enter")
        loading.set()
        await running.until(lambda: contents(harness, harness.general)[-1] == "🎉 root:joy:0")
        assert running.conversation.composer.text == ""


@pytest.mark.slow
async def test_so_do_names_behind_a_command(harness: AppHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    loading, few = Event(), EmojiNames.load()

    def load() -> EmojiNames:
        loading.wait()
        return few

    monkeypatch.setattr(EmojiNames, "load", load)
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press(*"/me :tada:", "enter")
        loading.set()
        await running.until(lambda: contents(harness, harness.general)[-1] == "/me 🎉")


@pytest.mark.slow
async def test_what_no_command_is_is_never_sent(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        before = contents(harness, harness.general)
        assert await typed(running, *"/tpoic secret", "enter") == "/tpoic secret"
        await running.shows("no command /tpoic. Did you")
        assert contents(harness, harness.general) == before
        await typed(running, *"//shrug", "enter")
        await running.until(lambda: contents(harness, harness.general)[-1] == "/shrug")


@pytest.mark.slow
async def test_commands_do_what_they_say(harness: AppHarness) -> None:
    server = harness.server
    tea = server.channel(harness.lab, "tea", harness.alice)
    async with run_app(harness) as running:
        await running.shows("hello 5")
        screen = running.chat
        assert await typed(running, *"/joi") == "/joi"
        await running.until(lambda: running.conversation.completions.pane.display)
        await running.pilot.press("tab", *"#tea", "enter")
        await running.until(lambda: running.conversation.channel_id == tea)
        await typed(running, *"/goto general", "enter")
        await running.until(lambda: running.conversation.channel_id == harness.general)
        await typed(running, *"/mute", "enter")
        await running.until(lambda: screen.conversation.channel is not None and screen.conversation.channel.muted)
        await typed(running, *"/unmute", "enter")
        await running.until(lambda: screen.conversation.channel is not None and not screen.conversation.channel.muted)
        await typed(running, *"/me waves", "enter")
        await running.until(lambda: contents(harness, harness.general)[-1] == "/me waves")
        await running.shows("* Mina waves")
        await typed(running, *"/nick Mina B", "enter")
        await running.until(lambda: harness.mina.display_name == "Mina B")
        await typed(running, *"/notify nothing", "enter")
        await running.until(lambda: running.session.preferences.level(harness.general) == "nothing")
        await typed(running, *"/whois @nobody", "enter")
        await running.shows("There is no member called nobody.")
        await running.until(lambda: running.conversation.composer.text == "/whois @nobody")  # to be put right
        await typed(running, *"/kick @bob", "enter")
        await running.shows("Only admins can kick people.")
        await running.until(lambda: running.conversation.composer.text == "/kick @bob")
        await typed(running, *"/dm dana hello", "enter")
        await running.until(lambda: running.conversation.channel_id not in (harness.general, tea))
        direct = running.conversation.channel_id
        assert direct is not None
        await running.until(lambda: contents(harness, direct) == ["hello"])


@pytest.mark.slow
async def test_admins_commands(harness: AppHarness) -> None:
    server = harness.server
    server.set_role(harness.lab, harness.mina, "admin")
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await typed(running, *"/topic Tea and more", "enter")
        await running.until(lambda: server.world.channels[harness.general].topic == "Tea and more")
        await typed(running, *"/mute bob 10m too loud", "enter")
        await running.shows("for 10m")
        await typed(running, *"/unmute bob", "enter")
        await running.shows("Unmuted")
        await typed(running, *"/ban dana", "enter")
        await running.shows("Ban dana?")
        await running.pilot.press("enter")
        await running.shows("Banned dana")
        await typed(running, *"/unban dana", "enter")
        await running.shows("Unbanned dana")
        await typed(running, *"/create soup", "enter")
        await running.until(lambda: running.conversation.channel is not None)
        await running.until(lambda: running.conversation.channel.channel.name == "soup")  # type: ignore[union-attr]
        await typed(running, *"/rename stew", "enter")
        await running.until(lambda: running.conversation.channel.channel.name == "stew")  # type: ignore[union-attr]
        await typed(running, *"/invite bob minji", "enter")
        await running.shows("Added.")


@pytest.mark.slow
async def test_help_lists_every_command(harness: AppHarness) -> None:
    async with run_app(harness) as running:
        await running.shows("hello 5")
        await running.pilot.press(*"/help", "enter")
        await running.until(lambda: isinstance(running.app.screen, Picker))
        await running.pilot.press(*"nickname", "enter")  # a word that stands nowhere in it
        await running.until(lambda: running.conversation.composer.text == "/nick ")
        await typed(running, *"/raw", "enter")
        await running.until(lambda: running.conversation.view.has_focus)
        await running.pilot.press("escape")
        await typed(running, *"/help kick", "enter")
        await running.shows("/kick @person [reason]")


def test_everything_in_the_palette_has_a_command() -> None:
    assert set(BY_NAME.values()) == set(REGISTRY)
    assert {each.id.replace(".", "-") for each in REGISTRY} <= set(BY_NAME)
    keys = {each.id.removeprefix("message.") for each in REGISTRY if each.group == "In the messages" and each.keys}
    assert keys <= set(BY_NAME)
    assert len({each.name for each in EVERYTHING}) == len(EVERYTHING)
    assert all(each.help for each in EVERYTHING)


def test_times_are_read() -> None:
    assert [duration(each) for each in ("90s", "10m", "2h", "1d", "1w")] == [90, 600, 7200, 86400, 604800]
    with pytest.raises(UsageError):
        duration("soon")
