"""Runs what a session does in the background, and ends it with the session."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from asnity_tui.client.error_text import error_text
from asnity_tui.state.changes import Notice

from .publisher import Publisher


class Tasks:
    """The background tasks. A defect in one of them is reported, and ends only that one."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._running: set[asyncio.Task[None]] = set()
        self.is_open = False
        """There is an event loop, and the session isn't closed: tasks may be started."""

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run `work`; its task may be cancelled."""
        task = asyncio.create_task(self._guard(work))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        task.add_done_callback(lambda _: work.close())  # if it was cancelled before it began
        return task

    async def _guard(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:
            self._publisher.publish((Notice(error_text(error), "error"),))
            message = "A part of the session failed"
            asyncio.get_running_loop().call_exception_handler({"message": message, "exception": error})

    async def end(self) -> None:
        """Cancel all of them (but the one that calls this), and wait until they have ended."""
        others = self._running - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
