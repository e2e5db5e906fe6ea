"""The first picture: what is loaded for it and what is done, in numbers that no busy machine changes."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.benchmarks.client.filled import LAST, fill_now
from tests.unit.test_repo_shape import ROOT

from .program import environment, running

WATCHED = f"""
import collections, json, os, sys
from textual.css.stylesheet import Stylesheet
from textual.screen import Screen
from textual.widget import Widget
from asnity_tui.__main__ import main
from asnity_tui.terminal.terminal_driver import TerminalDriver

done = collections.Counter()
apply, layout, write = Stylesheet.apply, Screen._refresh_layout, TerminalDriver.write

def applied(self, node, *args, **more):
    done["styled " + (node.id or "")] += isinstance(node, Widget)
    return apply(self, node, *args, **more)

def laid_out(self, *args, **more):
    done["laid out"] += 1
    return layout(self, *args, **more)

def written(self, data):
    write(self, data)
    done["pictures"] += len(data) > 1_000
    if {LAST!r} in data and not os.path.exists("told"):
        with open("telling", "w") as file:
            json.dump([sorted(sys.modules), done], file)
        os.rename("telling", "told")

Stylesheet.apply, Screen._refresh_layout, TerminalDriver.write = applied, laid_out, written
main()
"""

OURS_AT_MOST = 150
"""Modules of ours. Before this grows: what is new may be loaded when it is asked for, or in `_load_late`."""

LATE = frozenset(
    {
        "aiohttp",
        "socketio",
        "markdown_it",
        "linkify_it",
        "pygments",
        "click",
        "asnity_server.protocol.markup",
        "asnity_server.protocol.urls",
        "asnity_tui.cli.main",
        "asnity_tui.crash",
        "asnity_tui.commands.menus",
        "asnity_tui.commands.registry",
        "asnity_tui.client.transport.address",
        "asnity_tui.client.transport.remote",
        "asnity_tui.client.resources.search",
        "asnity_tui.client.sync.catch_up",
        "asnity_tui.screens.chat.autocomplete",
        "asnity_tui.screens.dialogs.dialog",
        "asnity_tui.commands.slash",
        "asnity_tui.state.completion.fuzzy",
        "asnity_tui.widgets.text.markdown",
    }
)
"""Nothing of this shows in a first picture."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[set[str], Counter[str]]:
    """Count what was loaded and done when the conversation was painted first."""
    folder = tmp_path_factory.mktemp("first")
    fill_now(folder / "data", "http://127.0.0.1:9", communities=2, channels=3, messages=60)
    command = (sys.executable, "-c", f"import os; os.chdir({str(folder)!r})\n{WATCHED}")
    surroundings = environment(folder, ASNITY_TUI_DATA=str(folder / "data"), ESCDELAY="25")
    with running(command, surroundings, width=120, height=36) as program:
        program.until(lambda: (Path(folder) / "told").exists(), "the first picture")
    modules, done = json.loads((folder / "told").read_text())
    return set(modules), Counter(done)


def test_nothing_is_loaded_that_does_not_show(told: tuple[set[str], Counter[str]]) -> None:
    modules, _ = told
    assert LATE & modules == set()


def test_it_takes_no_more_modules_than_it_did(told: tuple[set[str], Counter[str]]) -> None:
    ours = {
        each for each in told[0] if each.partition(".")[0] in ("asnity_tui", "asnity_server") and not _is_folder(each)
    }
    assert len(ours) <= OURS_AT_MOST, sorted(ours)


def _is_folder(module: str) -> bool:
    """Tell whether it is a package, which holds a sentence and nothing else."""
    return (ROOT / module.replace(".", "/")).is_dir()


def test_the_first_picture_is_the_conversation_and_was_laid_out_once(told: tuple[set[str], Counter[str]]) -> None:
    _, done = told
    assert done["pictures"] == 1
    assert done["laid out"] == 1


def test_everything_is_styled_once_but_what_has_the_focus(told: tuple[set[str], Counter[str]]) -> None:
    _, done = told
    again = {what for what, times in done.items() if what.startswith("styled ") and times > 1}
    assert again == {"styled composer", "styled "}  # the account stands in two lines that have no id
    assert done["styled composer"] == 2
