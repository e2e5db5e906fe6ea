"""Keys: one table, one document, ids that settings can name, and none that terminals can't deliver."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.binding import Binding

from asnity_tui.commands import bindings
from asnity_tui.commands.bindings import shown
from asnity_tui.commands.registry import REGISTRY, key_table
from asnity_tui.screens.chat.screen import ChatScreen
from asnity_tui.screens.chat.timeline_controller import MessageTimeline
from asnity_tui.screens.help import all_keys, key_lines
from asnity_tui.screens.keys_document import document
from asnity_tui.widgets.composer import Composer
from asnity_tui.widgets.list_pane import ListPane
from asnity_tui.widgets.text.hangul_keys import JAMO, with_jamo
from asnity_tui.widgets.timeline.view import TimelineView

NEVER_ARRIVE = {"ctrl+i", "ctrl+m", "ctrl+h", "ctrl+b"}


def test_the_document_is_made_from_the_bindings() -> None:
    """If this fails: `python -m asnity_tui.screens.keys_document > docs/keys.md`."""
    assert (Path(__file__).parents[2] / "docs" / "keys.md").read_text() == document()


def test_every_binding_has_an_id_of_its_own() -> None:
    ids = [key.id for key in all_keys({})]
    assert len(ids) == len(set(ids))
    for widget in (ChatScreen, TimelineView, MessageTimeline, Composer, ListPane):
        assert all(isinstance(each, Binding) and each.id for each in widget.BINDINGS)


def test_no_key_is_one_that_terminals_do_not_deliver() -> None:
    assert not {key for each in all_keys({}) for key in each.keys} & NEVER_ARRIVE


def test_no_two_commands_share_a_key() -> None:
    keys = [key for command in REGISTRY if command.group != "In the messages" for key in command.keys.split(",") if key]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("widget", [MessageTimeline, Composer, ListPane])
def test_no_two_bindings_of_a_widget_share_a_key(widget: type[MessageTimeline | Composer | ListPane]) -> None:
    own = TimelineView.BINDINGS if widget is MessageTimeline else []
    bound = [each for each in (*own, *widget.BINDINGS) if isinstance(each, Binding)]
    keys = [key for each in bound for key in each.key.split(",")]
    assert sorted(keys) == sorted(set(keys))


def test_every_command_with_a_key_is_bound() -> None:
    bound = {each.id for each in (*ChatScreen.BINDINGS, *MessageTimeline.BINDINGS) if isinstance(each, Binding)}
    assert {each.id for each in REGISTRY if each.keys} <= bound


def test_changed_keys_show() -> None:
    assert next(key.keys for key in all_keys({"go.to": "ctrl+g"}) if key.id == "go.to") == ("ctrl+g",)


def test_keys_that_differ_in_a_number_are_one_line_until_one_of_them_is_changed() -> None:
    first = next(each for each in key_lines({}, " ") if "channel.1" in each.ids)
    assert first.keys == "alt+1 … alt+9"
    assert first.ids == tuple(f"channel.{number}" for number in range(1, 10))
    changed = [each for each in key_lines({"channel.2": "f5"}, " ") if each.ids[0].startswith("channel.")]
    assert [each.keys for each in changed if each.title.startswith("Go to number ")][:3] == ["alt+1", "F5", "alt+3"]
    lines = [id for each in key_lines({}, " ") for id in each.ids]
    assert lines == [each.id for each in all_keys({})]


@pytest.mark.parametrize(("key", "text"), [("alt+up", "alt+↑"), ("f1", "F1"), ("pageup", "PgUp"), ("G", "G")])
def test_keys_are_written_as_people_write_them(key: str, text: str) -> None:
    assert shown(key) == text


def test_each_letter_has_the_jamo_of_its_key() -> None:
    assert with_jamo("j,down") == "j,ㅓ,down"
    assert with_jamo("U", capitals=True) == "U,ㅕ"
    assert with_jamo("G") == "G"
    assert len(JAMO) == 26 + 7


def test_the_table_of_bindings_is_made_from_the_registry() -> None:
    """If this fails: `python -m asnity_tui.commands.registry`."""
    text = Path(bindings.__file__).read_text(encoding="utf-8")
    assert text.partition("# <keys>\n")[2].partition("# </keys>")[0] == key_table()
