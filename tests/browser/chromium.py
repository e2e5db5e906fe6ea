"""A headless Chromium that a test steers over the DevTools protocol."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal

import aiohttp

PROGRAM = shutil.which("chromium")
PATIENCE = 30
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--remote-debugging-port=0",
)  # fmt: skip

Scheme = Literal["light", "dark"]


class Tab:
    """One tab: where it goes, what it shows, what it asked for and what it complained about."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._session: str | None = None
        self.asked: list[str] = []
        """Addresses that were requested."""
        self.complaints: list[str] = []
        """What went to the console, what was blocked, what stopped the page."""

    async def call(self, method: str, **parameters: Any) -> Any:
        """One command, and its result."""
        number = next(self._numbers)
        addressed = {"sessionId": self._session} if self._session else {}
        await self._socket.send_json({"id": number, "method": method, "params": parameters, **addressed})
        while True:
            message = await self._next()
            if message.get("id") == number:
                assert "error" not in message, message
                return message["result"]

    async def _next(self) -> Any:
        message = await self._socket.receive_json(timeout=PATIENCE)
        method, parameters = message.get("method"), message.get("params", {})
        if method == "Network.requestWillBeSent":
            self.asked.append(parameters["request"]["url"])
        elif method in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Page.javascriptDialogOpening"):
            self.complaints.append(f"{method} {parameters}")
        elif method == "Log.entryAdded":
            self.complaints.append(parameters["entry"]["text"])
        return message

    async def attach(self) -> None:
        """Open the tab itself."""
        target = await self.call("Target.createTarget", url="about:blank")
        attached = await self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            await self.call(f"{domain}.enable")

    async def go(self, url: str, *, scheme: Scheme = "light", width: int = 1000, height: int = 800) -> None:
        """Open an address in a window of this size, by somebody who likes it light or dark."""
        await self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        await self.call("Emulation.setDeviceMetricsOverride", **size)
        await self.call("Page.navigate", url=url)
        while (await self._next()).get("method") != "Page.loadEventFired":
            pass

    async def value(self, expression: str) -> Any:
        """Evaluate an expression in the page; wait for what it promises."""
        found = await self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        return found["result"].get("value")

    async def picture(self, path: Path) -> None:
        """Keep what is on the screen."""
        shot = await self.call("Page.captureScreenshot", format="png")
        await asyncio.to_thread(path.write_bytes, base64.b64decode(shot["data"]))


@contextlib.asynccontextmanager
async def browser(folder: Path, *flags: str) -> AsyncIterator[Tab]:
    """A new browser with nothing in it, keeping its things in `folder`."""
    assert PROGRAM is not None
    command = (PROGRAM, *FLAGS, *flags, f"--user-data-dir={folder}")
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    try:
        assert process.stderr is not None
        async with asyncio.timeout(PATIENCE):
            url = ""
            while not url:
                line = (await process.stderr.readline()).decode()
                assert line, "it ended"
                url = line.partition("DevTools listening on ")[2].strip()
        rest = asyncio.create_task(process.stderr.read())
        async with aiohttp.ClientSession() as http, http.ws_connect(url, max_msg_size=0) as socket:
            tab = Tab(socket)
            await tab.attach()
            yield tab
            await tab.call("Browser.close")
        await rest
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):  # it may just have gone
                process.terminate()
            await process.wait()
