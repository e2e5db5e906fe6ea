"""The structure of the source: no circles, reasons of imports inside functions, words, sizes of classes and folders."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict

from . import left
from .function_imports import REASONS
from .source import circles, classes, imports, is_package, trees

RIDDLE = re.compile(r"(What|Who|Where|Whatever|Whoever|Whose|Wherever)\b")

METHODS_MAX = 25

LARGE_CLASSES = {
    "AsnityApp": "Textual's hooks of an app: most methods are handlers, actions and overrides that it calls by name",
}
"""Classes with more methods, and why."""

MODULES_MAX = 20

LARGE_FOLDERS: dict[str, str] = {}
"""Folders with more modules, and why."""

SAME_NAMES: dict[str, str] = {}
"""Public classes of the same name, and why."""


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert not [each for each in circles() if not set(each) <= left.CIRCLES], circles()


def test_every_import_inside_a_function_has_its_reason() -> None:
    there = {f"{each.importer} > {each.imported}" for each in imports() if each.in_function}
    listed = {each for some in REASONS.values() for each in some}
    assert not there - listed, (
        f"import these at the top, or say in function_imports.py why not: {sorted(there - listed)}"
    )
    assert not listed - there, f"these are gone, take them from function_imports.py: {sorted(listed - there)}"


def test_docstrings_say_what_something_is_with_a_noun_and_what_it_does_with_a_verb() -> None:
    riddles = []
    for name, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                public = isinstance(node, ast.Module) or not node.name.startswith("_")
                if public and RIDDLE.match(ast.get_docstring(node) or ""):
                    riddles.append(f"{name}:{getattr(node, 'lineno', 1)} {(ast.get_docstring(node) or '')[:60]}")
    riddles = [each for each in riddles if each.split(":")[0] not in left.RIDDLES]
    assert not riddles, "\n".join(riddles)


def test_a_public_class_name_is_defined_once() -> None:
    found = defaultdict(set)
    for each in classes():
        if not each.name.startswith("_"):
            found[each.name].add(each.module)
    twice = {name: sorted(places) for name, places in found.items() if len(places) > 1}
    assert set(twice) <= set(SAME_NAMES) | left.SAME_NAMES, twice


def test_classes_are_small() -> None:
    large = {each.name: each.methods for each in classes() if each.methods > METHODS_MAX}
    assert set(large) <= set(LARGE_CLASSES) | left.LARGE_CLASSES, large


def test_folders_are_small() -> None:
    folders = Counter(name.rpartition(".")[0] for name in trees() if not is_package(name))
    large = {name: count for name, count in folders.items() if count > MODULES_MAX}
    assert set(large) <= set(LARGE_FOLDERS) | left.LARGE_FOLDERS, large
