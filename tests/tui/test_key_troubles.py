"""Keys of the settings that clash, can't arrive or don't exist are told at the start and by `doctor`."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from asnity_tui.cli.main import main
from asnity_tui.screens.key_troubles import key_troubles

from .app_harness import populated_harness, run_app


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"go.to": "ctrl+f"}, "ctrl+f is the key of both go.to and search."),
        ({"go.to": "alt+a", "search": "alt+a"}, "alt+a is the key of both go.to and search."),
        ({"message.pin": "d"}, "d is the key of both message.pin and message.delete."),
        ({"go.to": "ctrl+j"}, "ctrl+j is the key of both go.to and composer.newline."),
        ({"go.to": "ctrl+i"}, "Terminals send Tab for ctrl+i: it can't do go.to."),
        ({"go.to": "hyper+bogus"}, "The settings file gives go.to a key that doesn't exist: hyper+bogus."),
        ({"go.to": "ctlr+g"}, "The settings file gives go.to a key that doesn't exist: ctlr+g."),
        ({"go.to": ""}, "The settings file gives go.to a key that doesn't exist: (empty)."),
        ({"go.to": "g"}, "The settings file gives g to go.to: it can't be typed any more."),
        ({"gone.away": "f5"}, "The settings file has a key for an unknown action: gone.away."),
    ],
)
def test_what_is_wrong_with_a_key_is_told_in_a_sentence(keys: dict[str, str], told: str) -> None:
    assert told in key_troubles(keys)


@pytest.mark.parametrize(
    "keys",
    [{}, {"go.to": "ctrl+g"}, {"unread.best": "alt+a,f5"}, {"message.pin": "P"}, {"message.react": "plus,asterisk"}],
)
def test_good_keys_are_told_nothing_of(keys: dict[str, str]) -> None:
    assert key_troubles(keys) == ()


async def test_hints_are_those_of_the_keys_that_are_set() -> None:
    keys = {"message.reply": "a", "help": "f5", "composer.leave": "f6"}
    async with run_app(populated_harness(), keys=keys, size=(120, 30)) as running:
        await running.shows("F6 messages  F5 help")
        await running.pilot.press("f6")
        await running.shows("Esc write  a reply  + react")


@pytest.mark.slow
@pytest.mark.parametrize("width", [40, 60, 80])
async def test_help_and_the_way_to_the_lists_show_at_every_width_whatever_is_unread(width: int) -> None:
    harness = populated_harness()
    for channel in (harness.random, harness.source):
        for number in range(12):
            harness.server.post(channel, harness.alice, f"@mina {number}")
    async with run_app(harness, size=(width, 24)) as running:
        await running.shows("F2 channels  F1 help")
        await running.pilot.press("escape")
        await running.shows("MESSAGES")
        await running.shows("F2 channels  F1 help")


@pytest.mark.slow
@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_the_list_of_keys_fits_and_is_narrowed_down_by_typing(size: tuple[int, int]) -> None:
    async with run_app(populated_harness(), size=size) as running:
        await running.shows("hello 5")
        await running.pilot.press("f1")
        await running.shows("Keys")
        await running.pilot.press(*"mark as unread")
        await running.shows("U               ")
        assert all(len(line) <= size[0] for line in running.text().split("\n"))
        assert "ctrl+k" not in running.text()
        await running.pilot.press("escape")
        await running.until(lambda: running.app.screen is running.chat)


@pytest.mark.slow
async def test_ctrl_c_says_how_to_quit_and_quits_when_pressed_twice() -> None:
    async with run_app(populated_harness()) as running:
        await running.shows("hello 5")
        await running.pilot.press("ctrl+c")
        await running.shows("ctrl+c again quits.")
        await running.pilot.press("x", "backspace", "ctrl+d")  # something else was done between
        await running.until(lambda: running.text().count("again quits.") == 2)
        assert running.app.is_running
        await running.pilot.press("ctrl+d")
        await running.until(lambda: not running.app.is_running)


def test_doctor_tells_of_keys_that_clash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    file = tmp_path / "config.toml"
    file.write_text('[keys]\n"go.to" = "ctrl+f"\n')
    result = CliRunner().invoke(main, ["--config", str(file), "doctor"])
    assert "ctrl+f is the key of both go.to and search." in result.output


@pytest.mark.slow
async def test_the_list_of_keys_finds_what_is_written_behind_a_slash() -> None:
    async with run_app(populated_harness()) as running:
        await running.pilot.press("f1")
        await running.shows("Keys")
        await running.pilot.press(*"silence")
        await running.shows("/mute")
