"""Our own themes can be read, and the one that is chosen stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.color import Color
from textual.widgets import Button

from asnity_tui.config import load
from asnity_tui.screens.dialogs.confirm import Confirm
from asnity_tui.theme_file import load_theme, save_theme
from asnity_tui.themes import OWN

from .app_harness import populated_harness, run_app

READABLE = 4.5
"""The ratio of contrast that WCAG asks for."""


def brightness(color: Color) -> float:
    parts = (each / 255 for each in color.rgb)
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    dark, light = sorted((brightness(one), brightness(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.slow
@pytest.mark.parametrize("theme", [each.name for each in OWN])
@pytest.mark.parametrize("grave", [False, True])
async def test_every_button_can_be_read(theme: str, grave: bool) -> None:
    async with run_app(populated_harness(), theme=theme) as running:
        running.app.push_screen(Confirm("Sure?", "It can be undone.", yes="Do it", grave=grave))
        await running.shows("Sure?")
        for button in running.app.screen.query(Button):
            for focused in (button, None):
                running.app.screen.set_focus(focused)
                await running.pilot.pause()
                _, _, background, foreground = button.colors
                assert contrast(background, foreground) >= READABLE, (button, focused)


@pytest.mark.parametrize("theme", OWN, ids=lambda each: each.name)
def test_what_is_chosen_in_lists_can_be_read(theme: object) -> None:
    variables = getattr(theme, "variables", {})
    ground, ink = (Color.parse(variables[f"block-cursor-{each}"]) for each in ("background", "foreground"))
    assert contrast(ground, ink) >= READABLE


@pytest.mark.slow
async def test_a_theme_that_is_chosen_is_kept(tmp_path: Path) -> None:
    kept: list[str] = []
    async with run_app(populated_harness(), theme="asnity-dark", save_theme=kept.append) as running:
        await running.pilot.press(*"/theme", "space", *"light", "enter")
        await running.until(lambda: kept == ["asnity-light"])
    async with run_app(populated_harness(), theme="asnity-light", save_theme=kept.append):
        assert kept == ["asnity-light"]  # beginning with one is no choice


@pytest.mark.slow
async def test_that_a_theme_cannot_be_kept_is_told() -> None:
    def full(theme: str) -> None:
        raise OSError(28, "No space left on device")

    async with run_app(populated_harness(), save_theme=full) as running:
        await running.pilot.press(*"/theme", "space", *"light", "enter")
        await running.shows("The next start won't have this theme: no space")
        assert running.app.theme == "asnity-light"


def test_the_kept_theme_is_for_starts_that_name_none(tmp_path: Path) -> None:
    data = {"data": str(tmp_path / "data")}
    assert load(data, {}).settings.theme == "asnity-dark"
    save_theme(load(data, {}).settings.look_file, "dracula")
    assert load(data, {}).settings.theme == "dracula"
    assert load({**data, "theme": "nord"}, {}).settings.theme == "nord"
    assert load(data, {"ASNITY_TUI_THEME": "nord"}).settings.theme == "nord"
    assert load(data, {}, keeps_data=False).settings.theme == "asnity-dark"
    file = tmp_path / "settings.toml"
    file.write_text('theme = "gruvbox"\n')
    assert load(data, {}, file).settings.theme == "gruvbox"


@pytest.mark.parametrize("held", [b"", b"\xff", b"[]", b'{"theme": 5}', b'{"theme": ""}', b'{"theme": "%060d"}' % 0])
def test_a_broken_file_keeps_nothing(tmp_path: Path, held: bytes) -> None:
    path = tmp_path / "look.json"
    path.write_bytes(held)
    assert load_theme(path) == ""
