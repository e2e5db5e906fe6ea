"""Nothing that came from another person controls the terminal: what the driver writes is read byte by byte."""

from __future__ import annotations

import asyncio
import re
import unicodedata

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from textual.app import App, ComposeResult

from asnity_server.protocol.errors import ErrorInfo
from asnity_tui import themes
from asnity_tui.screens.dialogs.confirm import Confirm
from asnity_tui.screens.dialogs.picker import Picker
from asnity_tui.state.rows import Failed
from asnity_tui.terminal.stable_width_driver import steadied
from asnity_tui.terminal.terminal_notify import notification
from asnity_tui.widgets.composer import Composer
from asnity_tui.widgets.form_field import FormField
from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.markdown import render
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import Span
from asnity_tui.widgets.text_bar import TextBar
from asnity_tui.widgets.timeline.view import TimelineView

from .making import render_context, row, unsent
from .recording import RecordingDriver
from .test_cell_width import texts
from .test_timeline import STYLES

OURS = re.compile(
    r"\x1b(?:[78]|\]22;[a-z-]*\x07|\[[0-9;]*[mHCK]|\[\?[0-9;]*[hl]|\]8;id=[0-9-]+;https?://[!-~]+\x1b\\|\]8;;\x1b\\)"
)
"""What Textual and the driver write themselves: styles, cursor moves, saving and restoring, modes, links."""

NASTY = st.sampled_from(
    [
        "\x1b[2J",
        "\x1b]0;title\x07",
        "\x1b]52;c;aGk=\x1b\\",
        "\x1bP+q\x1b\\",
        "\x9b31m",
        "\x9d0;x\x9c",
        "\x1b[6n",
        "\u202etxt\u202c",
        "\u2066x\u2069",
        "a\u200bb\u200d\ufeff",
        "[bold red]x[/]",
        "[@click=app.quit]x[/]",
        "\x07\x08\x7f\r\x0b",
        "\x1bc",
        "\x1b(0",
        "\u0301\u0301",
        "\ud800",
    ]
)


EVERYTHING = (
    "".join(chr(code) for code in range(0xA0))
    + "\x1b]8;;https://example.org\x1b\\x\x1b]8;;\x1b\\\x1bPq\x1b\\\x1b_x\x1b\\\x1b^x\x1b\\\x1bXx\x1b\\\x1b[?1049h\x1b[>4;1m"
    + "".join(f"a{chr(code)}" for code in (*range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2070)))
    + "".join(
        f"a{chr(code)}"
        for code in (0xAD, 0x34F, 0x61C, 0x115F, 0x180E, 0x3164, 0xFE0E, 0xFEFF, 0xFFF9, 0xFFFB, 0xE0041)
    )
    + "[b][/b][@click=app.quit]x[/][link=x]y[/]"
)
"""Every control character, every kind of sequence, every sign without a shape or with a direction, and markup."""


def left_over(written: str) -> set[str]:
    """Find output beyond our own sequences that could control a terminal or hide in it."""
    left = set(OURS.sub("", written)) - {"\n", "\u200d"} - {chr(code) for code in range(0xE0020, 0xE0080)}
    return {sign for sign in left if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp")}


class Everywhere(App[None]):
    """Remote text in each of the places where it shows."""

    CSS_PATH = STYLES

    def __init__(self, text: str) -> None:
        super().__init__(driver_class=RecordingDriver)
        self.text = text

    def compose(self) -> ComposeResult:
        for theme in themes.OWN:
            self.register_theme(theme)
        self.theme = "asnity-dark"
        yield TextBar(id="header")
        message = row(1, "a", self.text).message
        yield TimelineView(render_context(name_of=lambda _: self.text, message_of=lambda _: message, render=render))
        yield FormField("name", "Name")
        yield Composer()

    async def show(self) -> None:
        """Put it everywhere."""
        text = self.text
        self.query_one(TextBar).say((Span(harmless_line(text)),), (Span(harmless_line(text)),))
        error = Failed(ErrorInfo(code="forbidden", message=text))
        linked = f"[{text}](https://example.org/{text}) **{text}** `{text}`\n> {text}\n```py\n{text}"
        rows = [
            row(1, "a", text),
            row(3, "a", linked),
            row(2, "b", f"https://example.org/{text}", reply_to=1),
            unsent("n", text, error),
        ]
        self.query_one(TimelineView).show("c", tuple(rows), has_older=False, new_after=None)
        self.query_one(FormField).complain(text)
        self.query_one(FormField).value = text
        self.query_one(Composer).put(text)
        self.query_one(Composer).aim(text)
        self.notify(harmless_line(text), markup=False)


async def written_with(text: str) -> str:
    """Collect the driver's output while a text is everywhere, then in dialogs."""
    app = Everywhere(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FORCE_HYPERLINK", "1")
        return await _written_by(app)


async def _written_by(app: Everywhere) -> str:
    text = app.text
    async with app.run_test(headless=False, size=(60, 24), notifications=True) as pilot:
        await app.show()
        await pilot.pause()
        await app.push_screen(Confirm(text, text, yes="Yes"))
        await pilot.pause()
        await app.push_screen(Picker(text, [Option("1", (Span(harmless_line(text)),))]))
        await pilot.pause()
        driver = app._driver
        assert isinstance(driver, RecordingDriver)
        return "".join(driver.written)


@pytest.mark.slow
@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.lists(NASTY | texts, min_size=1, max_size=8).map("".join))
@example(EVERYTHING)
def test_the_driver_writes_no_sequence_but_our_own(text: str) -> None:
    assert not left_over(asyncio.run(written_with(text)))


def test_markup_is_shown_as_it_was_written() -> None:
    assert "[@click=app.quit]x[/]" in OURS.sub("", asyncio.run(written_with("[@click=app.quit]x[/]")))


def test_emoji_are_held_in_their_columns() -> None:
    assert steadied("a👩‍👩‍👧b") == "a\x1b7  \x1b8👩‍👩‍👧\x1b8\x1b[2Cb"
    assert steadied("plain 한글 ─ ● ★") == "plain 한글 ─ ● ★"


def test_a_notification_has_no_raw_text() -> None:
    terminal = {"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}
    assert notification("auto", terminal, "x\x1b\\\x07y") == "\x1b]777;notify;Asnity;x␛\\␇y\x1b\\"


def test_only_the_bell_goes_through_tmux() -> None:
    assert notification("auto", {"TERM": "tmux-256color", "TERM_PROGRAM": "WezTerm"}, "x") == "\a"
    assert notification("auto", {"TERM": "xterm-256color"}, "x") == "\a"
    assert notification("bell", {"TERM_PROGRAM": "WezTerm"}, "x") == "\a"
    assert notification("off", {"TERM_PROGRAM": "WezTerm"}, "x") == ""
    kitty = "\x1b]99;i=asnity:d=0;Asnity\x1b\\\x1b]99;i=asnity:d=1:p=body;x\x1b\\"
    assert notification("auto", {"TERM": "xterm-kitty"}, "x") == kitty
    assert notification("auto", {"TERM_PROGRAM": "iTerm.app"}, "4;1") == "\x1b]9;Asnity: 4;1\x1b\\"
    assert notification("auto", {"TERM": "foot-extra"}, "x" * 500) == f"\x1b]777;notify;Asnity;{'x' * 200}\x1b\\"
