"""Finds the private names of Textual and Rich that the client uses, and keeps which of them have a test."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import pkgutil
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import asnity_tui

LIBRARIES = ("textual", "rich")

OURS = frozenset(
    {"_replace", "_exit"}  # of a named tuple, and of `os`: both are documented
)

DOCUMENTED = frozenset(
    {
        "rich.cells", "rich.console", "rich.segment", "rich.style", "rich.text",
        "textual", "textual.app", "textual.await_complete", "textual.binding", "textual.color", "textual.command",
        "textual.containers", "textual.content", "textual.dom", "textual.events", "textual.geometry", "textual.keys",
        "textual.message", "textual.message_pump", "textual.reactive", "textual.screen", "textual.scroll_view",
        "textual.selection", "textual.strip", "textual.theme", "textual.timer", "textual.widget", "textual.widgets",
        "textual.widgets.text_area", "textual.worker",
    }
)  # fmt: skip
"""Modules that the libraries' references or guides have; another one needs a test as a private name does."""

tested: set[str] = set()
"""Names that have a test."""

Test = TypeVar("Test", bound=Callable[..., object])


def relies_on(*names: str) -> Callable[[Test], Test]:
    """Say of a test which private names it is for."""

    def register(test: Test) -> Test:
        tested.update(names)
        return test

    return register


def is_private(name: str) -> bool:
    """Whether a name is nobody else's business."""
    return name.startswith("_") and not name.startswith("__")


def is_library(module: str) -> bool:
    """Whether a module is one of those that a new version may change."""
    return module.split(".")[0] in LIBRARIES


@functools.cache
def tree(path: str) -> ast.Module:
    """A module as written."""
    return ast.parse(Path(path).read_text())


@functools.cache
def classes(path: str) -> dict[str, ast.ClassDef]:
    """The classes of a module as written, by their qualified names."""

    def within(body: list[ast.stmt], outer: str) -> Iterator[tuple[str, ast.ClassDef]]:
        for each in body:
            if isinstance(each, ast.ClassDef):
                yield outer + each.name, each
                yield from within(each.body, f"{outer}{each.name}.")

    return dict(within(tree(path).body, ""))


@functools.cache
def nodes(of: type) -> tuple[ast.AST, ...]:
    """All that is written in a class; nothing for one that was made otherwise."""
    path = getattr(sys.modules[of.__module__], "__file__", None)
    node = classes(path).get(of.__qualname__) if path else None
    return tuple(ast.walk(node)) if node is not None else ()


@functools.cache
def names_of(of: type) -> frozenset[str]:
    """The private names that a class of a library defines, or sets in one of its methods."""
    stored = (n.attr for n in nodes(of) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store))
    return frozenset(name for name in (*vars(of), *stored) if is_private(name))


def is_own(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id == "super"
    return isinstance(value, ast.Name) and value.id in ("self", "cls")


@functools.cache
def own_names(of: type) -> frozenset[str]:
    """The private names that one of our classes defines, or uses of itself."""
    found: set[str] = set()
    for each in nodes(of):
        if isinstance(each, ast.Attribute) and is_own(each.value):
            found.add(each.attr)
        elif isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(each.name)
        elif isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            found.add(each.id)
    return frozenset(name for name in found if is_private(name) and name != "_")


def modules() -> Iterator[ModuleType]:
    """Every module of the client."""
    for each in pkgutil.walk_packages(asnity_tui.__path__, "asnity_tui."):
        if not each.name.endswith("__main__"):
            yield importlib.import_module(each.name)


def shared(of: type) -> Iterator[str]:
    """Find the names that a class of ours shares with the classes of a library that it is made of."""
    theirs = {name for base in of.__mro__ if is_library(base.__module__) for name in names_of(base)}
    if theirs:
        for base in of.__mro__:
            if base.__module__.startswith("asnity_tui"):
                yield from own_names(base) & theirs
    for each in vars(of).values():
        if inspect.isclass(each) and each.__qualname__ == f"{of.__qualname__}.{each.__name__}":
            yield from shared(each)


def reached(node: ast.AST) -> Iterator[str]:
    """Find private names of other objects and of modules of a library, also those looked up by name."""
    if isinstance(node, ast.Attribute) and is_private(node.attr) and not is_own(node.value):
        yield node.attr
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("getattr", "setattr"):
        name = node.args[1]
        if isinstance(name, ast.Constant) and isinstance(name.value, str) and is_private(name.value):
            yield name.value
    elif isinstance(node, ast.Import):
        yield from (n.name for n in node.names if is_library(n.name) and n.name not in DOCUMENTED)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level and is_library(node.module):
        for each in node.names:
            if node.module not in DOCUMENTED or is_private(each.name):
                yield f"{node.module}.{each.name}"


def used() -> dict[str, set[str]]:
    """Each private name that the client uses, with the modules that do."""
    found: dict[str, set[str]] = defaultdict(set)
    for module in modules():
        assert module.__file__ is not None
        for each in vars(module).values():
            if inspect.isclass(each) and each.__module__ == module.__name__:
                for name in shared(each):
                    found[name].add(module.__name__)
        for node in ast.walk(tree(module.__file__)):
            for name in reached(node):
                if name not in OURS:
                    found[name].add(module.__name__)
    return found
