"""Reports errors of workers: in words on the screen, whole in the log."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVarTuple

from textual.dom import DOMNode
from textual.worker import Worker, WorkerState

log = logging.getLogger("asnity_tui")

Ts = TypeVarTuple("Ts")


def start_worker(
    node: DOMNode,
    group: str,
    work: Callable[[*Ts], Coroutine[Any, Any, None]],
    *args: *Ts,
    exclusive: bool = False,
) -> None:
    """Run something as a worker of a node that reports its errors; `exclusive`: those of its group end."""
    begin: Callable[[], Any] = partial(work, *args)
    node.run_worker(begin, group=group, exclusive=exclusive, exit_on_error=False)


class ReportsWorkerErrors:
    """A base of nodes whose workers don't end the program when they fail (`exit_on_error=False`).

    Not a node itself: Textual inherits styles along the first base that is one.
    """

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Report a worker that failed for a reason that nobody foresaw."""
        if event.state is WorkerState.ERROR:
            log.error("A task failed: %s", event.worker.name, exc_info=event.worker.error)
            kind = type(event.worker.error).__name__
            told = f"Something went wrong ({kind}). Start with --log FILE to report it."
            event.worker.node.app.notify(told, severity="error", markup=False)
