"""The house in order: who imports whom, how long modules are, where SQL and emitting stand, what the docs say."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("asnity_server", "asnity_tui")
SQL = re.compile(
    r"^\s*(SELECT\s.+\sFROM|INSERT\s+(OR\s+\w+\s+)?INTO|UPDATE\s.+\sSET|DELETE\s+FROM|CREATE\s+(TABLE|INDEX))\b", re.S
)


FOLDERS = {"asnity_server", "asnity_tui", "tests", "docs", ".ci"}
FILES = {"pyproject.toml", "LICENSE", "README.md", "CHANGELOG.md", "constraints.txt", ".gitattributes", ".gitignore"}


@functools.cache
def modules() -> tuple[tuple[str, Path, ast.Module], ...]:
    """Every module of both programs."""
    return tuple(
        (str(path.relative_to(ROOT)), path, ast.parse(path.read_text()))
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
    )


def test_no_merge_was_left_half_done() -> None:
    left = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in (*sorted(ROOT.glob("*.*")), *sorted((ROOT / "docs").glob("*.md")))
        if path.is_file()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.match(r"(<{7}|>{7})( |$)|={7}$", line)
    ]
    assert not left, left


def test_nothing_strays_into_the_top_level() -> None:
    try:
        kept = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a clone, or there is no git here")
    assert {each.split("/")[0] for each in kept.splitlines()} <= FOLDERS | FILES


def test_import_rules_hold() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_modules_are_short_and_say_what_they_are_for() -> None:
    for name, path, tree in modules():
        assert len(path.read_text().splitlines()) <= 400, f"{name} is too long"
        docstring = ast.get_docstring(tree)
        assert docstring, f"{name} doesn't say what it is for"
        first = docstring.split("\n\n")[0]
        assert "\n" not in first, f"{name}: the first sentence of its docstring stands on one line"
        assert first.endswith((".", "!", "?")), f"{name}: {first}"
        assert not re.search(r"(^|/)(utils?|helpers?|managers?)(\.py)?(/|$)", name), name


def test_functions_are_short() -> None:
    lengths = [
        (node.end_lineno - node.lineno + 1, f"{name}:{node.name}")
        for name, _, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None
    ]
    long = [each for each in lengths if each[0] > 40]
    assert len(long) <= len(lengths) // 100, sorted(long, reverse=True)
    assert not [each for each in lengths if each[0] > 60], sorted(long, reverse=True)


def test_public_functions_and_classes_have_docstrings() -> None:
    missing = []
    for name, _, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                scope = [
                    node,
                    *[each for each in node.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)],
                ]
            else:
                scope = []
            if isinstance(node, ast.Module):
                scope = [each for each in node.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
            missing += [
                f"{name}:{each.lineno} {each.name}"
                for each in scope
                if not each.name.startswith("_") and not ast.get_docstring(each) and not _inherited(each)
            ]
    assert not missing, "\n".join(missing)


def _inherited(node: ast.AST) -> bool:
    """Overloads say nothing of their own."""
    decorators = getattr(node, "decorator_list", [])
    return any(isinstance(each, ast.Name) and each.id in ("overload", "override") for each in decorators)


def test_sql_stands_in_the_api_and_the_database_alone() -> None:
    for name, _, tree in modules():
        if name.startswith(("asnity_server/api/", "asnity_server/db/", "asnity_tui/client/storage/cache")):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not SQL.match(node.value), f"{name}:{node.lineno}"


def test_the_dispatcher_alone_emits() -> None:
    emitting = {
        name
        for name, _, tree in modules()
        if name.startswith("asnity_server/") and not name.startswith("asnity_server/gateway/delivery/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("tell", "emit")
    }
    assert emitting == {"asnity_server/gateway/dispatcher.py"}


def test_nothing_catches_everything_in_silence() -> None:
    for name, _, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler):
                broad = node.type is None or (isinstance(node.type, ast.Name) and "Exception" in node.type.id)
                silent = all(isinstance(each, ast.Pass) for each in node.body)
                assert not (broad and silent), f"{name}:{node.lineno}"


def test_starting_the_client_loads_no_server_but_the_protocol_and_the_manners_of_commands() -> None:
    code = (
        "import sys, asnity_tui.app, asnity_tui.cli.main, asnity_tui.client.sync.session; print(*sorted(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    server = [each for each in loaded if each.startswith("asnity_server") and each != "asnity_server"]
    assert all(
        each.startswith(tuple(f"asnity_server.{part}" for part in ("protocol", "options", "shell", "interrupt")))
        for each in server
    ), server
    assert not {"aiohttp", "socketio", "engineio", "sqlite_utils", "argon2"} & set(loaded)


@pytest.mark.parametrize("word", ["TODO", "FIXME", "XXX"])
def test_nothing_is_left_for_later(word: str) -> None:
    for name, path, _ in modules():
        assert word not in path.read_text(), name
