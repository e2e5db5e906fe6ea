"""The structure of the source: no circles, reasons of imports inside functions, words, sizes of classes and folders."""

from __future__ import annotations

import ast
import importlib
import re
from collections import Counter, defaultdict

from asnity_tui.commands.command import Command
from asnity_tui.commands.registry import BY_ID

from .function_imports import REASONS
from .source import PACKAGES, circles, classes, imports, is_package, trees

RIDDLE = re.compile(r"(What|Who|Where|Whatever|Whoever|Whose|Wherever)\b")

METHODS_MAX = 25

LARGE_CLASSES = {
    "AsnityApp": "Textual calls most of its methods by name: handlers, actions, and hooks of an app",
    "ChatScreen": "Textual calls most of its methods by name: handlers of its parts' messages, and actions",
    "Composer": "a text area: half of its methods are Textual's hooks and actions",
    "TimelineView": "a line API widget: half of its methods are Textual's hooks and actions",
    "Conversation": "the handlers of the timeline's and the composer's messages",
    "Dispatcher": "one short method for each kind of committed change",
    "Gateway": "one short method for each thing that a client or the link does to it",
    "LinkServer": "one short method for each thing that a stream, a gateway or a commit does to it",
    "PollingSocket": "the whole interface of engineio's socket, each method of it",
    "Rights": "one short question for each thing that can be allowed",
    "ChannelState": "counters, timeline and unread of one channel, which change together",
    "Timeline": "ranges and rows of one channel, which change together",
    "Outbox": "one short method for each step of an entry's life",
}
"""Classes with more methods, and why."""

LARGE_CLASS_MAX = 35
"""Methods that even these may have."""

MODULES_MAX = 20

LARGE_FOLDERS = {
    "asnity_server.api": "one module for each subject that can be asked for",
    "asnity_server.protocol": "the wire, and the rules of text that both ends share",
    "asnity_tui.commands": "one module for each subject of commands, and what is made from the registry",
    "asnity_tui.screens.chat": "the parts of the chat screen and of its conversation",
    "asnity_tui.state": "plain data, a module for each thing that is known",
}
"""Folders with more modules, and why."""

SAME_NAMES = {"Session": "on the wire a device that is signed in; in the client one account while the program runs"}
"""Public classes of the same name, and why."""


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert not circles(), circles()


def test_every_import_inside_a_function_has_its_reason() -> None:
    there = {f"{each.importer} > {each.imported}" for each in imports() if each.in_function}
    listed = {each for some in REASONS.values() for each in some}
    assert not there - listed, (
        f"import these at the top, or say in function_imports.py why not: {sorted(there - listed)}"
    )
    assert not listed - there, f"these are gone, take them from function_imports.py: {sorted(listed - there)}"


def test_docstrings_say_what_something_is_with_a_noun_and_what_it_does_with_a_verb() -> None:
    riddles = []
    for name, tree in trees((*PACKAGES, "tests")).items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                public = isinstance(node, ast.Module) or not node.name.startswith("_")
                if public and RIDDLE.match(ast.get_docstring(node) or ""):
                    riddles.append(f"{name}:{getattr(node, 'lineno', 1)} {(ast.get_docstring(node) or '')[:60]}")
    assert not riddles, "\n".join(riddles)


def test_a_public_class_name_is_defined_once() -> None:
    found = defaultdict(set)
    for each in classes():
        if not each.name.startswith("_"):
            found[each.name].add(each.module)
    twice = {name: sorted(places) for name, places in found.items() if len(places) > 1}
    assert set(twice) == set(SAME_NAMES), twice


def test_classes_are_small() -> None:
    large = {each.name: each.methods for each in classes() if each.methods > METHODS_MAX}
    assert set(large) <= set(LARGE_CLASSES), large
    assert not [name for name, methods in large.items() if methods > LARGE_CLASS_MAX], large


def test_every_command_is_in_the_registry() -> None:
    made = {
        each.id
        for name in trees()
        if name.startswith("asnity_tui.commands.")
        for value in vars(importlib.import_module(name)).values()
        for each in (value if isinstance(value, tuple) else (value,))
        if isinstance(each, Command)
    }
    inside_others = {"channel.set-topic"}  # run by `/topic` where it has words
    assert made == set(BY_ID) | inside_others, "list these where the registry takes them from"


def test_folders_are_small() -> None:
    folders = Counter(name.rpartition(".")[0] for name in trees() if not is_package(name))
    large = {name: count for name, count in folders.items() if count > MODULES_MAX}
    assert set(large) <= set(LARGE_FOLDERS), large
