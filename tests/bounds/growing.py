"""Finds everything that can grow in a program: containers that outlive a call, caches, tasks, timers and threads."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

_MAKERS = frozenset(
    [
        "dict",
        "set",
        "list",
        "deque",
        "defaultdict",
        "Counter",
        "OrderedDict",
        "ChainMap",
        "bytearray",
        "Queue",
        "LifoQueue",
        "PriorityQueue",
        "SimpleQueue",
        "WeakSet",
        "WeakKeyDictionary",
        "WeakValueDictionary",
        "ThreadPoolExecutor",
        "ProcessPoolExecutor",
    ]
)
_DISPLAYS = (ast.Dict, ast.List, ast.Set, ast.DictComp, ast.ListComp, ast.SetComp)
_ANNOTATED = re.compile(rf"\b({'|'.join(sorted(_MAKERS))}|MutableMapping|MutableSequence|MutableSet)\b")
_STARTERS = frozenset(
    [
        "create_task",
        "ensure_future",
        "call_later",
        "call_at",
        "_later",
        "run_in_executor",
        "start_background_task",
        "Thread",
        "Timer",
    ]
)
_CHANGERS = frozenset(
    [
        "add",
        "append",
        "appendleft",
        "extend",
        "update",
        "setdefault",
        "pop",
        "popitem",
        "insert",
        "remove",
        "discard",
        "clear",
        "put",
        "put_nowait",
    ]
)


def growing(package: str) -> set[str]:
    """The places of a package where something can grow, as `package.module:Class.attribute`."""
    return {
        f"{'.'.join(path.relative_to(ROOT).with_suffix('').parts).removesuffix('.__init__')}:{place}"
        for path in sorted((ROOT / package).rglob("*.py"))
        for place in found_in(ast.parse(path.read_text()))
    }


def found_in(tree: ast.Module) -> Iterator[str]:
    """The places of one module."""
    yield from _of_module(tree)
    yield from _calls(tree, ())
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield from (f"{node.name}.{each}" for each in _attributes(node))


def _attributes(owner: ast.ClassDef) -> Iterator[str]:
    """Containers that instances or the class itself have; a struct's fields that begin with one are among them."""
    for member in owner.body:
        if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(member):
                for target, value, annotation in _assigned(node):
                    is_own = isinstance(target, ast.Attribute) and ast.unparse(target.value) == "self"
                    if is_own and (_makes(value) or _is_container(annotation)):
                        yield target.attr  # type: ignore[attr-defined]
        else:
            for target, value, _ in _assigned(member):
                if isinstance(target, ast.Name) and (_makes(value) or _makes_by_default(value)):
                    yield target.id


def _of_module(tree: ast.Module) -> Iterator[str]:
    """Containers of the module that something in it changes: the others are tables of the program itself."""
    for node in tree.body:
        for target, value, _ in _assigned(node):
            if isinstance(target, ast.Name) and _makes(value) and _is_changed(tree, target.id):
                yield target.id


def _is_changed(tree: ast.Module, name: str) -> bool:
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load) and _is_name(node.value, name):
            return True
        if isinstance(node, ast.Attribute) and node.attr in _CHANGERS and _is_name(node.value, name):
            return True
        if isinstance(node, ast.AugAssign) and _is_name(node.target, name):
            return True
    return False


def _is_container(annotation: str) -> bool:
    return _ANNOTATED.search(annotation) is not None and not annotation.startswith("Callable[")


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _assigned(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr | None, str]]:
    """Targets with what is assigned to them, and the annotation."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield target, node.value, ""
    elif isinstance(node, ast.AnnAssign):
        yield node.target, node.value, ast.unparse(node.annotation)


def _makes(value: ast.expr | None) -> bool:
    """Whether an expression makes a container."""
    return isinstance(value, _DISPLAYS) or (isinstance(value, ast.Call) and _last(value.func) in _MAKERS)


def _makes_by_default(value: ast.expr | None) -> bool:
    """Whether it is a dataclass's or struct's field that begins with a container of its own."""
    if not isinstance(value, ast.Call) or _last(value.func) != "field":
        return False
    factories = [each.value for each in value.keywords if each.arg == "default_factory"]
    return any(_last(each) in _MAKERS for each in factories)


def _last(function: ast.expr) -> str:
    """The last part of what is called: `deque` in `collections.deque[int]`."""
    return ast.unparse(function.value if isinstance(function, ast.Subscript) else function).rpartition(".")[2]


def _calls(node: ast.AST, within: tuple[str, ...]) -> Iterator[str]:
    """Functions that start something which goes on by itself, and those with a cache of any size."""
    for child in ast.iter_child_nodes(node):
        inside = within
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inside = (*within, child.name)
            if any(ast.unparse(each) in _UNSIZED for each in child.decorator_list):
                yield ".".join(inside)
        if isinstance(child, ast.Call) and _last(child.func) in _STARTERS:
            yield ".".join(within)
        yield from _calls(child, inside)


_UNSIZED = ("cache", "functools.cache", "lru_cache(maxsize=None)", "functools.lru_cache(maxsize=None)")
