"""Fixtures for pseudo-terminals: one server for all of a worker, and one client for a module."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from .program import Program
from .terminal_harness import TerminalHarness, terminal_harness


@pytest.fixture(scope="session")
def terminals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TerminalHarness]:
    """A server with alice and bob, who share the community Garden (general, compost)."""
    with terminal_harness(tmp_path_factory.mktemp("terminals")) as made:
        for name in ("alice", "bob"):
            made.person(name)
        garden = made.community("Garden", "alice", "bob")
        made.channel(garden, "compost", "alice")
        made.invite = str(made.call("POST", f"/api/communities/{garden}/invites", "alice")["code"])
        yield made


@pytest.fixture
def guest(terminals: TerminalHarness) -> str:
    """The name of somebody new in Garden, whose client was never started."""
    name = f"guest{next(terminals.numbers)}"
    terminals.person(name)
    terminals.call("POST", f"/api/invites/{terminals.invite}/accept", name)
    return name


@pytest.fixture(scope="module")
def alice(terminals: TerminalHarness) -> Iterator[Program]:
    """Alice's client, connected, in #general of Garden. Each test leaves it in the empty composer."""
    shutil.rmtree(terminals.folder / "alice-at-home", ignore_errors=True)  # with the drafts of the module before
    with terminals.client("alice") as program:
        program.shows("Message #general")
        yield program
