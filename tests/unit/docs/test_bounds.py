"""Every bound has its row in docs/bounds.md, its value in the code, and a test that fills it.

To add a row: write a `Bound` into the module of its area in `tests/bounds/areas/` (a new module is a new section: give
it `TITLE` and `ROWS`, and docs/bounds.md a heading with the two marks), then run `python -m tests.unit.docs.tables`,
which writes the document. `tests/bounds/row.py` says what a row needs:

* `set_at`: the constant, default, setting or `max_length` whose value the row prints, with its unit;
* `tests`: at least one that really fills the bound and sees what happens beyond;
* `holds`: the containers, tasks, timers, threads and tables of the database that it bounds, as the failing checks
  below name them.

What grows but by no stranger's doing stands in `OURS` of the area with the reason: a sentence that says why. What a
stranger can be a key of, or can make more of, never does: it gets a bound.
"""

from __future__ import annotations

import ast
import functools
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from asnity_server.db.migrations import migrate
from tests.bounds.growing import found_in, growing
from tests.bounds.row import Bound, Constant, Default
from tests.bounds.table import all_areas

from .tables import ROOT

ROWS = [row for area in all_areas() for row in area.rows]
SOURCES = [source for row in ROWS for source in row.set_at]


@functools.cache
def _tree(path: str) -> ast.Module:
    return ast.parse((ROOT / path).read_text())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what)
def test_every_row_has_a_test_that_fills_it(row: Bound) -> None:
    assert row.tests
    for each in row.tests:
        path, _, name = each.partition("::")
        assert path.startswith("tests/"), each
        assert (ROOT / path).is_file(), f"{each}: there is no such module"
        found = [test for test in _functions(path) if test.name == name]
        assert len(found) == 1, f"{each}: there is no such test"
        marks = " ".join(ast.unparse(mark) for mark in found[0].decorator_list)
        assert "mark.skip" not in marks, f"{each} isn't run"
        assert "xfail" not in marks, f"{each} may fail"


def _functions(path: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """What pytest collects."""
    for node in _tree(path).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what)
def test_every_row_prints_its_values(row: Bound) -> None:
    assert row.set_at
    assert row.many.count("{}") == len(row.set_at), "a {} for each value"
    for source in row.set_at:
        assert source.value, f"{source.place} bounds nothing"
    for cell in (row.what, row.many, row.beyond):
        assert cell
        assert "|" not in cell


@pytest.mark.parametrize("source", [each for each in SOURCES if isinstance(each, Constant | Default)], ids=str)
def test_every_value_is_set_where_the_row_says_and_asked_for(source: Constant | Default) -> None:
    path = source.module.replace(".", "/") + ".py"
    if isinstance(source, Constant):
        name = source.name.rpartition(".")[2]
        targets = [target for node in ast.walk(_tree(path)) for target in _targets(node)]
        assert name in targets, f"{source.place} is set elsewhere"
        asked = Counter(each for package in ("asnity_server", "asnity_tui") for each in _read_names(package))
        assert asked[name], f"{source.place} is asked for nowhere"


def _targets(node: ast.AST) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    names = [part for each in targets for part in (each.elts if isinstance(each, ast.Tuple) else [each])]
    return [each.id for each in names if isinstance(each, ast.Name)]


@functools.cache
def _read_names(package: str) -> tuple[str, ...]:
    """Every name and attribute that a package reads."""
    return tuple(
        node.id if isinstance(node, ast.Name) else node.attr
        for path in sorted((ROOT / package).rglob("*.py"))
        for node in ast.walk(_tree(str(path.relative_to(ROOT))))
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load)
    )


def _answered_for() -> Counter[str]:
    """Places that a row bounds, or that are the program's own."""
    return Counter([each for row in ROWS for each in row.holds] + [each for area in all_areas() for each in area.ours])


LOOKED_THROUGH = ("asnity_server", "asnity_tui/state", "asnity_tui/client", "asnity_tui/cli")
"""What outlives a screen. Widgets and screens keep what they show of it."""


@functools.cache
def _growing() -> frozenset[str]:
    return frozenset(place for package in LOOKED_THROUGH for place in growing(package))


def test_whatever_can_grow_has_a_row_or_a_reason() -> None:
    known = _answered_for()
    missing = [place for place in sorted(_growing()) if not {place, _owner(place)} & set(known)]
    assert not missing, "without a bound in tests/bounds/areas:\n" + "\n".join(missing)


@functools.cache
def _tables() -> frozenset[str]:
    """The tables of the server's database, but those that a search index consists of."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "asnity.db"
        migrate(path)
        with closing(sqlite3.connect(path)) as connection:
            found = connection.execute("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type <> 'shadow'")
            return frozenset(f"table:{name}" for (name,) in found if not name.startswith("sqlite_"))


def test_every_table_has_a_row_or_a_reason() -> None:
    missing = sorted(_tables() - set(_answered_for()))
    assert not missing, "without a bound in tests/bounds/areas:\n" + "\n".join(missing)


def test_no_row_and_no_reason_is_about_what_is_gone() -> None:
    there = {*_growing(), *map(_owner, _growing()), *_tables()}
    gone = [place for place in _answered_for() if place not in there]
    assert not gone, gone
    twice = [place for place, count in _answered_for().items() if count > 1]
    assert not twice, twice


def _owner(place: str) -> str:
    """The class of an attribute."""
    module, _, name = place.partition(":")
    return f"{module}:{name.partition('.')[0]}"


def test_every_reason_is_a_sentence() -> None:
    for area in all_areas():
        for place, reason in area.ours.items():
            assert len(reason.split()) >= 3, place


def test_every_area_has_its_section() -> None:
    text = (ROOT / "docs" / "bounds.md").read_text()
    for area in all_areas():
        assert f"## {area.title}\n\n<!-- {area.name} -->\n" in text, area.name
    for document in ("hosting.md", "architecture.md"):
        assert "](bounds.md" in (ROOT / "docs" / document).read_text(), document


SAMPLE = """
TABLE = {"a": 1}
SEEN: dict[str, int] = {}
@cache
def known(name): return name
def saw(name): SEEN[name] = 1
class Hall:
    rooms: set[str] = field(default_factory=set)
    def __init__(self):
        self.people = {}
        self.queue: asyncio.Queue[int] = make()
        self.late: dict[str, int] | None = None
        self.threads = ThreadPoolExecutor(2)
        self.name = ""
        self.told: Callable[[dict[str, int]], None] = print
        here = []
    def come(self, who):
        loop.call_later(5, self.go)
"""


def test_what_counts_as_growing() -> None:
    assert set(found_in(ast.parse(SAMPLE))) == {
        "SEEN", "known", "Hall.rooms", "Hall.people", "Hall.queue", "Hall.late", "Hall.threads", "Hall.come"
    }  # fmt: skip
