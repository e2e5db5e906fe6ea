"""Pictures of writing, and of reading what was written. Look at each before it is accepted."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from asnity_server.protocol import requests, routes
from asnity_tui.state.completion.emoji_names import EmojiNames
from tests.tui.stage import Play, Stage, settled_stage

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
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A calm morning, with a message that has everything in it."""
    monkeypatch.setattr(EmojiNames, "load", lambda: NAMES)
    stage = settled_stage()
    stage.server.post(stage.general, stage.bob, MARKDOWN.replace(":tada:", "🎉"))
    answer = stage.server.post(stage.general, stage.alice, "It runs on mine.", reply_to=6)
    stage.server.read(stage.general, stage.mina, answer)
    return stage


async def _written(running: Play) -> None:
    await running.shows("It runs on mine.")


def test_writing_markdown(stage: Stage, picture: Picture) -> None:
    picture(stage, _written)


def test_writing_markdown_light_120(stage: Stage, picture: Picture) -> None:
    picture(stage, _written, size=(120, 34), theme="asnity-light")


def test_writing_markdown_narrow_60(stage: Stage, picture: Picture) -> None:
    picture(stage, _written, size=(60, 30))


@pytest.mark.slow
def test_writing_raw_text(stage: Stage, picture: Picture) -> None:
    async def raw(running: Play) -> None:
        await _written(running)
        await running.pilot.press("escape", "k", "v")
        await running.shows("```python")

    picture(stage, raw, size=(80, 30))


@pytest.mark.slow
def test_writing_a_reply_and_reactions(stage: Stage, picture: Picture) -> None:
    for person, emoji in ((stage.alice, "🎉"), (stage.dana, "🎉"), (stage.mina, "🎉"), (stage.dana, "🍊")):
        request = requests.OfReaction(channel_id=stage.general, chat_id=7, emoji=emoji)
        stage.server.call(stage.server.token(person), routes.ADD_REACTION, request)

    async def reply(running: Play) -> None:
        await running.shows("🍊 1")
        await running.pilot.press("escape", "r", *"good to know")
        await running.shows("Esc cancels")

    picture(stage, reply)


@pytest.mark.slow
def test_writing_with_the_emoji_picker(stage: Stage, picture: Picture) -> None:
    async def pick(running: Play) -> None:
        await _written(running)
        await running.pilot.press("escape", "plus", *"ta")
        await running.shows("tangerine")

    picture(stage, pick, size=(80, 24))


@pytest.mark.slow
def test_writing_with_people_offered(stage: Stage, picture: Picture) -> None:
    async def offer(running: Play) -> None:
        await _written(running)
        await running.pilot.press(*"thanks @")
        await running.shows("everyone in this channel")

    picture(stage, offer)


@pytest.mark.slow
def test_writing_with_emoji_offered_light_80(stage: Stage, picture: Picture) -> None:
    async def offer(running: Play) -> None:
        await _written(running)
        await running.pilot.press(*"well :ta")
        await running.shows("taco")

    picture(stage, offer, size=(80, 24), theme="asnity-light")


@pytest.mark.slow
def test_writing_a_command_60(stage: Stage, picture: Picture) -> None:
    async def command(running: Play) -> None:
        await _written(running)
        await running.pilot.press(*"/re", "down")
        await running.shows("reply")

    picture(stage, command, size=(60, 20))


@pytest.mark.slow
def test_writing_what_no_command_is(stage: Stage, picture: Picture) -> None:
    async def command(running: Play) -> None:
        await _written(running)
        await running.pilot.press(*"/tpoic tea", "enter")
        await running.shows("no command")

    picture(stage, command, size=(80, 24))


@pytest.mark.slow
def test_writing_help_of_commands_120(stage: Stage, picture: Picture) -> None:
    async def command(running: Play) -> None:
        await _written(running)
        await running.pilot.press(*"/help", "enter")
        await running.shows("/join")

    picture(stage, command, size=(120, 34))


@pytest.mark.slow
def test_writing_range_of_messages(stage: Stage, picture: Picture) -> None:
    async def mark(running: Play) -> None:
        await _written(running)
        await running.pilot.press("escape", "g", "j", "V", "j", "j")
        await running.until(lambda: len(running.conversation.view.chosen) == 3)
        await running.shows("y copies")

    picture(stage, mark, size=(100, 36))


@pytest.mark.slow
def test_writing_held_for_a_while(stage: Stage, picture: Picture) -> None:
    channel = stage.server.world.channels[stage.general]
    channel.messages[5:6] = [replace(channel.messages[5], content="Short **news**.")]

    async def hold(running: Play) -> None:
        await _written(running)
        await running.pilot.press(*"oops, wrong channel", "enter")
        await running.shows("Esc to undo")

    picture(stage, hold, size=(120, 24), hold=10)
