"""Ctrl+c while a program is still being loaded: it ends as by an interrupt, and shows no traceback."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

INTERRUPT = """
import os, signal, sys
from importlib.abc import MetaPathFinder


class Interrupt(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == while_loading:
            os.kill(os.getpid(), signal.SIGINT)


signal.signal(signal.SIGINT, signal.default_int_handler)  # shells let what runs in the background ignore it
sys.meta_path.insert(0, Interrupt())
while_loading, module, *sys.argv[1:] = sys.argv[1:]
import importlib

importlib.import_module(module).main()
"""
"""Runs a program that is interrupted when it loads a certain module."""


@pytest.mark.parametrize(
    ("while_loading", "program", "arguments"),
    [
        ("sqlite_utils", "asnity_server", ["user", "list"]),
        ("asnity_server.cli", "asnity_server", []),
        ("asnity_server.config", "asnity_server", []),
        ("asnity_tui.startup", "asnity_tui", []),
        ("asnity_tui.config", "asnity_tui", []),
        ("asnity_tui.terminal.foreground", "asnity_tui", ["unread"]),
        ("asnity_tui.cli.main", "asnity_tui", ["unread"]),
        ("click", "asnity_tui", ["--help"]),
    ],
)
def test_an_interrupt_at_once_leaves_no_traceback(while_loading: str, program: str, arguments: list[str]) -> None:
    command = [sys.executable, "-c", INTERRUPT, while_loading, f"{program}.__main__", *arguments]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    assert (ended.returncode, ended.stdout, ended.stderr) == (128 + signal.SIGINT, "", "")
