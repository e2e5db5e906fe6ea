"""A real server in a thread of the test, and people at the real client in pseudo-terminals."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

from asnity_tui.client.storage.accounts import SavedAccount, SavedAccounts
from tests.e2e.live_server import LiveServer
from tests.fakes.proxy import Proxy
from tests.topology.deployment import port_of

from .program import PATIENCE, PROGRAM, Program, environment, running

T = TypeVar("T")


class TerminalHarness:
    """A server with people; everything here blocks until it is done."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.live_server = LiveServer(folder, unlimited=True)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._proxies: list[Proxy] = []
        self.numbers = itertools.count(1)
        """For names that nobody has yet."""
        self.invite = ""
        """A code that lets people in."""

    def start(self) -> None:
        """Let the server listen."""
        self._thread.start()
        self.run(self.live_server.start())

    def stop(self) -> None:
        """Nothing runs any more."""
        for proxy in self._proxies:
            self.run(proxy.close())
        self.run(self.live_server.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    def run(self, doing: Coroutine[object, object, T]) -> T:
        """Do something in the server's thread."""
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result(PATIENCE)

    # People and places, over HTTP

    def person(self, name: str) -> None:
        """An account, signed in on this machine."""
        self.run(self.live_server.person(name))

    def community(self, name: str, owner: str, *others: str) -> str:
        """A community with these people in it; its id."""
        return self.run(self.live_server.community(name, owner, *others))

    def channel(self, community_id: str, name: str, owner: str, *, private: bool = False) -> str:
        """A channel; its id."""
        kind = "private" if private else "public"
        made = self.call("POST", f"/api/communities/{community_id}/channels", owner, name=name, kind=kind)
        return str(made["id"])

    def call(self, method: str, path: str, who: str, **body: object) -> dict[str, object]:
        """One HTTP request as somebody, which has to succeed."""
        return self.run(self.live_server.call(method, path, who, **body))

    def far(self, delay: float) -> str:
        """The address of the server by a way on which everything takes `delay` seconds in each direction."""
        proxy = Proxy("127.0.0.1", port_of(self.live_server.server.url))
        proxy.delay = delay
        self._proxies.append(proxy)
        self.run(proxy.start())
        return proxy.url

    # People at terminals

    def home(self, name: str, *, url: str = "") -> Path:
        """A data folder in which somebody is signed in, at another address of the server perhaps."""
        folder = self.folder / f"{name}-at-home"
        saved = self.live_server.saved(name)
        at = SavedAccount(server=url or saved.server, user_id=saved.user_id, username=name, token=saved.token)
        SavedAccounts(folder / "sessions.json").use(at)
        return folder

    @contextmanager
    def client(
        self,
        name: str,
        *arguments: str,
        url: str = "",
        width: int = 110,
        height: int = 30,
        **more: str,
    ) -> Iterator[Program]:
        """Somebody's client in a terminal, connected; `more` is for the environment."""
        data = self.home(name, url=url)
        command = (*PROGRAM, "--data", str(data), *arguments)
        with running(command, environment(self.folder, **more), width=width, height=height) as program:
            program.shows("● connected")
            yield program


@contextmanager
def terminal_harness(folder: Path) -> Iterator[TerminalHarness]:
    """A server that is gone afterwards."""
    with ExitStack() as stack:
        made = TerminalHarness(folder)
        made.start()
        stack.callback(made.stop)
        yield made
