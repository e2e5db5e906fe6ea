"""The parts of the documents that are made from the code: `python -m tests.unit.docs.tables` writes them."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

import msgspec

from asnity_server.protocol.routes import ROUTES, Route
from tests.bounds.table import all_areas

ROOT = Path(__file__).parents[3]


def routes() -> str:
    """The table of HTTP routes."""
    lines = ["| route | parameters | answer |", "|---|---|---|"]
    for route in ROUTES:
        opened = " *open*" if route.open else ""
        lines.append(f"| `{route.method} {route.path}`{opened} | {_parameters(route)} | {_answer(route)} |")
    return "\n".join(lines)


def _parameters(route: Route[object, object]) -> str:  # type: ignore[type-var]
    in_path = set(re.findall(r"{(\w+)}", route.path))
    fields = [each for each in msgspec.structs.fields(route.request) if each.encode_name not in in_path]
    return f"`{', '.join(each.encode_name + ('' if each.required else '?') for each in fields)}`" if fields else ""


def _answer(route: Route[object, object]) -> str:  # type: ignore[type-var]
    if route.answer is type(None):
        return "204"
    names = [each.encode_name for each in msgspec.structs.fields(route.answer)]  # type: ignore[arg-type]
    name = route.answer.__name__.lower()
    shown = {"message": "chatInfo"}.get(name, name) if route.answer.__module__.endswith("models") else None
    return ("201 " if route.status == 201 else "") + (shown or f"`{{{', '.join(names)}}}`")


def files() -> str:
    """The table of modules, from the first sentence of each docstring."""
    lines = ["| file | what it is for |", "|---|---|"]
    return "\n".join([*lines, *(_row(path, path.relative_to(ROOT)) for path in _modules())])


def folders() -> str:
    """The table of folders, from the sentence of each package."""
    packages = [each for each in _modules() if each.name == "__init__.py"]
    lines = ["| folder | what it is for |", "|---|---|"]
    return "\n".join([*lines, *(_row(path, f"{path.parent.relative_to(ROOT)}/") for path in packages)])


def _modules() -> list[Path]:
    return [path for package in ("asnity_server", "asnity_tui") for path in sorted((ROOT / package).rglob("*.py"))]


def _row(path: Path, name: object) -> str:
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    sentence = docstring.split("\n\n")[0].replace("|", "\\|")
    return f"| `{name}` | {sentence} |"


PARTS: dict[tuple[str, str], Callable[[], str]] = {
    ("docs/protocol.md", "routes"): routes,
    ("docs/architecture.md", "folders"): folders,
    ("docs/files.md", "files"): files,
    **{("docs/bounds.md", area.name): (lambda area=area: area.table) for area in all_areas()},
}
"""document and mark -> what stands between `<!-- mark -->` and `<!-- /mark -->`"""


def filled(document: str, text: str) -> str:
    """`text` with its made parts as they are to be."""
    for (name, mark), make in PARTS.items():
        if name == document:
            begin, end = f"<!-- {mark} -->\n", f"<!-- /{mark} -->"
            head, begins, rest = text.partition(begin)
            _, ends, tail = rest.partition(end)
            assert (begins, ends) == (begin, end), f"{document} has no place for {mark}"
            text = f"{head}{begin}{make()}\n{end}{tail}"
    return text


if __name__ == "__main__":
    for document in {name for name, _ in PARTS}:
        path = ROOT / document
        path.write_text(filled(document, path.read_text()))
