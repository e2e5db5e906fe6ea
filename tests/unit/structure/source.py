"""The source of both programs as syntax trees: its modules, what they import and where, and their classes."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[3]
PACKAGES = ("asnity_server", "asnity_tui")


class Import(NamedTuple):
    """One import of a module."""

    importer: str
    imported: str
    in_function: bool


class Class(NamedTuple):
    """One class."""

    name: str
    module: str
    methods: int


@functools.cache
def trees(packages: tuple[str, ...] = PACKAGES) -> dict[str, ast.Module]:
    """Parse every module, by its dotted name."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): ast.parse(path.read_text())
        for package in packages
        for path in sorted((ROOT / package).rglob("*.py"))
    }


def is_package(name: str) -> bool:
    """Whether a module is a folder."""
    return (ROOT / name.replace(".", "/")).is_dir()


def _targets(node: ast.Import | ast.ImportFrom, importer: str) -> Iterator[str]:
    """The modules that a statement imports; a package alone where it takes a name of it."""
    if isinstance(node, ast.Import):
        yield from (each.name for each in node.names)
        return
    base = node.module or ""
    if node.level:
        package = importer.split(".") if is_package(importer) else importer.split(".")[:-1]
        parents = package[: len(package) - node.level + 1]
        base = ".".join([*parents, *([node.module] if node.module else [])])
    for each in node.names:
        yield f"{base}.{each.name}" if f"{base}.{each.name}" in trees() else base


@functools.cache
def imports() -> tuple[Import, ...]:
    """All imports of our modules, those for the type checker alone included, and all imports inside functions."""
    return tuple(dict.fromkeys(_imports()))


def _imports() -> Iterator[Import]:
    def walk(node: ast.AST, importer: str, in_function: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import | ast.ImportFrom):
                for target in _targets(child, importer):
                    if target != importer and (in_function or target in trees()):
                        yield Import(importer, target, in_function)
            inside = in_function or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            yield from walk(child, importer, inside)

    for name, tree in trees().items():
        yield from walk(tree, name, False)


def classes() -> Iterator[Class]:
    """Every class that is no other's."""
    for module, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                methods = {each.name for each in node.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}
                yield Class(node.name, module, len(methods))


def circles() -> list[list[str]]:
    """Modules that import each other, in whatever way (Tarjan's strongly connected components)."""
    graph: dict[str, set[str]] = {name: set() for name in trees()}
    for each in imports():
        if each.imported in graph:
            graph[each.importer].add(each.imported)
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in sorted(graph[name]):
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            at = stack.index(name)
            part = sorted(stack[at:])
            del stack[at:]
            if len(part) > 1:
                found.append(part)

    for name in graph:
        if name not in index:
            visit(name)
    return found
