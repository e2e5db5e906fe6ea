"""Documents say what the code does."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from asnity_server.gateway.gateway import FOR_ONESELF, IN_COMMUNITY
from asnity_server.http.html_page import INSTALL
from asnity_server.protocol import errors, events, limits
from asnity_server.protocol.routes import SOCKET_REQUESTS

from .tables import PARTS, ROOT, filled


@pytest.mark.parametrize("document", sorted({name for name, _ in PARTS}))
def test_the_made_parts_are_up_to_date(document: str) -> None:
    text = (ROOT / document).read_text()
    assert text == filled(document, text), "run: python -m tests.unit.docs.tables"


def test_the_wire_is_described_whole() -> None:
    text = (ROOT / "docs" / "protocol.md").read_text()
    for event in events.EVENT_NAMES:
        assert f"`{event}`" in text, event
    for event in {*IN_COMMUNITY, *FOR_ONESELF, *(ask.event for ask in SOCKET_REQUESTS)}:
        assert f"| `{event}` |" in text, event
    for code in get_args(errors.Code):
        assert f"| `{code}` | {errors.BY_CODE[code].status} |" in text, code
    assert f"{limits.CONTENT:,} code points" in text


def test_every_socket_request_of_the_table_is_taken() -> None:
    assert {ask.event for ask in SOCKET_REQUESTS} <= {*IN_COMMUNITY, *FOR_ONESELF}


def test_links_between_documents_lead_somewhere() -> None:
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text()):
            assert (path.parent / link).exists(), f"{path.name}: {link}"


def test_the_readme_says_the_two_commands_that_are_run() -> None:
    text = (ROOT / "README.md").read_text()
    assert "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/asnity-tui --demo" in text
    for line in INSTALL:
        assert line in text
    assert "`ctrl+q` quits, as does `/quit`" in text
    keys = (ROOT / "docs" / "keys.md").read_text()
    assert "| `ctrl+q` | Quit" in keys
    assert "| `/quit` |" in keys
    script = (ROOT / ".ci" / "run").read_text()
    assert "README.md" in script  # it takes the test command from there


def test_recipes_name_files_that_are_there() -> None:
    text = (ROOT / "docs" / "contributing.md").read_text()
    recipes = text.partition("## How to add …")[2].partition("\n## ")[0]
    assert recipes.count("\n### ") == 6
    paths = re.findall(r"`((?:asnity_|tests/|docs/)[\w/.]+)`", recipes)
    assert len(paths) > 30
    paths += [f"{module.replace('.', '/')}.py" for module in re.findall(r"python -m ([\w.]+)", recipes)]
    assert not [path for path in paths if not (ROOT / path).exists()]
