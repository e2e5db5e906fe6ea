"""Two people talk in real terminals, with real keys."""

from __future__ import annotations

import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from asnity_tui.client.storage.accounts import SavedAccounts

from .live_server import LiveServer
from .tmux import Person, tmux

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed: it presses the keys"),
]

EDITOR = """
import pathlib, sys
path = pathlib.Path(sys.argv[1])
path.write_text(path.read_text().strip() + " (edited in an editor)")
"""


@pytest.fixture
async def live_server(tmp_path: Path) -> AsyncIterator[LiveServer]:
    """A server with alice's two communities, bob in both."""
    live_server = LiveServer(tmp_path)
    await live_server.start()
    for name in ("alice", "bob"):
        await live_server.person(name)
    await live_server.community("Mandarin Lab", "alice", "bob")
    await live_server.community("Garden", "alice", "bob")
    yield live_server
    await live_server.stop()


def at_home(live_server: LiveServer, name: str) -> Path:
    """Somebody's files, in which they are signed in."""
    folder = live_server.folder / name
    SavedAccounts(folder / "sessions.json").use(live_server.saved(name))
    (live_server.folder / "editor.py").write_text(EDITOR)
    return folder


async def test_two_people_at_real_terminals(live_server: LiveServer, tmp_path: Path) -> None:
    environment = {"VISUAL": f"{sys.executable} {live_server.folder / 'editor.py'}", "COLORTERM": "truecolor"}
    async with tmux(tmp_path) as server:
        alice = Person(server, "alice", at_home(live_server, "alice"), environment)
        bob = Person(server, "bob", at_home(live_server, "bob"), environment)
        await alice.start()
        await bob.start()
        for person in (alice, bob):
            await person.shows("connected", "Message #general", "Mandarin Lab")

        # they talk
        await alice.says("good morning from alice")
        await bob.shows("good morning from alice")
        await bob.says("안녕 앨리스")
        await alice.shows("안녕 앨리스")

        # muted: nothing can be written until that ends
        await alice.says("/mute bob 10m")
        await alice.shows("for 10m")
        await bob.shows("You are muted until")
        await alice.says("/unmute bob")
        await alice.shows("Unmuted")
        await bob.shows("Message #general")
        await bob.says("is this thing on")
        await alice.shows("is this thing on")

        # another community's badge leads there
        await alice.press("M-NPage")
        await alice.shows("Garden")
        await alice.says("@bob the tomatoes are ripe")
        await bob.shows("GA 1")
        await bob.press("M-a")
        await bob.shows("the tomatoes are ripe")

        # search
        await bob.press("C-f")
        await bob.shows("Enter goes to a message")
        await bob.types("morning")
        await bob.shows("good morning from alice")
        await bob.press("Enter")
        await bob.shows("# general", "안녕 앨리스", "▌  good morning from alice")

        # copied by tmux
        await bob.press("y")
        await bob.shows("Copied to the buffer of tmux")
        assert await bob.copied() == "good morning from alice"

        # nothing but text, and back
        await bob.press("F9")
        await bob.shows("[any key goes back]", "good morning from alice")
        await bob.hides("MESSAGES")
        await bob.press("Space")
        await bob.shows("MESSAGES", "good morning from alice")

        # an editor, and back
        await bob.press("i")
        await bob.hides("▌  good morning")
        await bob.types("half a thought")
        await bob.shows("half a thought")
        await bob.press("C-o")
        await bob.shows("half a thought (edited in an editor)")

        # the draft is there after a restart
        await bob.quit()
        await bob.start()
        await bob.shows("half a thought (edited in an editor)", "connected")

        # a very small terminal, and back
        await bob.resize(20, 5)
        await bob.hides("connected")
        await bob.resize(110, 30)
        await bob.shows("connected", "good morning from alice", "half a thought (edited in an editor)")
        await bob.press("Enter")
        await alice.press("M-PPage")
        await alice.shows("half a thought (edited in an editor)")
        await alice.quit()
        await bob.quit()
