"""Pictures of writing, and of reading what was written. Look at each before it is accepted."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from asnity_server.protocol import requests, routes
from asnity_tui.state.completion.emoji_names import EmojiNames
from tests.tui.app_harness import AppHarness, RunningApp, populated_harness

Picture = Callable[..., None]

NAMES = EmojiNames(
    {
        "🎉": ("tada", "party_popper"),
        "🍊": ("tangerine",),
        "🌮": ("taco",),
        "👍": ("thumbsup", "+1"),
        "❤️": ("heart",),
        "😂": ("joy",),
        "👀": ("eyes",),
    }
)

MARKDOWN = """**Release 0.2** is out, *finally* :tada:
- faster start, see `asnity-tui --help`
- ~~two~~ one known bug
  1. [the notes](https://example.org/notes/0.2) say which
> Does it run on the **old** box?
It does:
```python
def greet(name: str = "world") -> str:
    return f"hello, {name}"  # for everyone
```
Bare: https://example.org/a_b_c 귤 🍊"""


@pytest.fixture
def harness(monkeypatch: pytest.MonkeyPatch) -> AppHarness:
    """A calm morning, with a message that has everything in it."""
    monkeypatch.setattr(EmojiNames, "load", lambda: NAMES)
    harness = populated_harness()
    harness.server.post(harness.general, harness.bob, MARKDOWN.replace(":tada:", "🎉"))
    answer = harness.server.post(harness.general, harness.alice, "It runs on mine.", reply_to=6)
    harness.server.read(harness.general, harness.mina, answer)
    return harness


async def _written(running: RunningApp) -> None:
    await running.shows("It runs on mine.")


def test_writing_markdown(harness: AppHarness, picture: Picture) -> None:
    picture(harness, _written)


def test_writing_markdown_light_120(harness: AppHarness, picture: Picture) -> None:
    picture(harness, _written, size=(120, 34), theme="asnity-light")


def test_writing_markdown_narrow_60(harness: AppHarness, picture: Picture) -> None:
    picture(harness, _written, size=(60, 30))


@pytest.mark.slow
def test_writing_raw_text(harness: AppHarness, picture: Picture) -> None:
    async def raw(running: RunningApp) -> None:
        await _written(running)
        await running.pilot.press("escape", "k", "v")
        await running.shows("```python")

    picture(harness, raw, size=(80, 30))


@pytest.mark.slow
def test_writing_a_reply_and_reactions(harness: AppHarness, picture: Picture) -> None:
    for person, emoji in ((harness.alice, "🎉"), (harness.dana, "🎉"), (harness.mina, "🎉"), (harness.dana, "🍊")):
        request = requests.OfReaction(channel_id=harness.general, chat_id=7, emoji=emoji)
        harness.server.call(harness.server.token(person), routes.ADD_REACTION, request)

    async def reply(running: RunningApp) -> None:
        await running.shows("🍊 1")
        await running.pilot.press("escape", "r", *"good to know")
        await running.shows("Esc cancels")

    picture(harness, reply)


@pytest.mark.slow
def test_writing_with_the_emoji_picker(harness: AppHarness, picture: Picture) -> None:
    async def pick(running: RunningApp) -> None:
        await _written(running)
        await running.pilot.press("escape", "plus", *"ta")
        await running.shows("tangerine")

    picture(harness, pick, size=(80, 24))


@pytest.mark.slow
def test_writing_with_people_offered(harness: AppHarness, picture: Picture) -> None:
    async def offer(running: RunningApp) -> None:
        await _written(running)
        await running.pilot.press(*"thanks @")
        await running.shows("everyone in this channel")

    picture(harness, offer)


@pytest.mark.slow
def test_writing_with_emoji_offered_light_80(harness: AppHarness, picture: Picture) -> None:
    async def offer(running: RunningApp) -> None:
        await _written(running)
        await running.pilot.press(*"well :ta")
        await running.shows("taco")

    picture(harness, offer, size=(80, 24), theme="asnity-light")


@pytest.mark.slow
def test_writing_a_command_60(harness: AppHarness, picture: Picture) -> None:
    async def command(running: RunningApp) -> None:
        await _written(running)
        await running.pilot.press(*"/re", "down")
        await running.shows("reply")

    picture(harness, command, size=(60, 20))


@pytest.mark.slow
def test_writing_what_no_command_is(harness: AppHarness, picture: Picture) -> None:
    async def command(running: RunningApp) -> None:
        await _written(running)
        await running.pilot.press(*"/tpoic tea", "enter")
        await running.shows("no command")

    picture(harness, command, size=(80, 24))


@pytest.mark.slow
def test_writing_help_of_commands_120(harness: AppHarness, picture: Picture) -> None:
    async def command(running: RunningApp) -> None:
        await _written(running)
        await running.pilot.press(*"/help", "enter")
        await running.shows("/join")

    picture(harness, command, size=(120, 34))


@pytest.mark.slow
def test_writing_range_of_messages(harness: AppHarness, picture: Picture) -> None:
    async def mark(running: RunningApp) -> None:
        await _written(running)
        await running.pilot.press("escape", "g", "j", "V", "j", "j")
        await running.until(lambda: len(running.conversation.view.range.messages()) == 3)
        await running.shows("y copies")

    picture(harness, mark, size=(100, 36))


@pytest.mark.slow
def test_writing_held_for_a_while(harness: AppHarness, picture: Picture) -> None:
    channel = harness.server.world.channels[harness.general]
    channel.messages[5:6] = [replace(channel.messages[5], content="Short **news**.")]

    async def hold(running: RunningApp) -> None:
        await _written(running)
        await running.pilot.press(*"oops, wrong channel", "enter")
        await running.shows("Esc to undo")

    picture(harness, hold, size=(120, 24), undo_seconds=10)
