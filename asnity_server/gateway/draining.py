"""Draining closes all connections of a gateway one after the other, so that others take them over bit by bit."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from .connections import OpenConnections

TICK = 0.02
"""Seconds between two looks at whose turn it is."""

LAST_ANSWERS = 6.0
"""Seconds for which the last connections are waited for: longer than an ask is held for a link that is away."""


async def drain(connections: OpenConnections, *, seconds: float, hurry: asyncio.Event) -> None:
    """Let each connection leave at its time within `seconds`, behind its answers; at once when `hurry` is set.

    Returns when nobody is left, or what is left waits for answers that don't come.
    """
    now = asyncio.get_running_loop().time
    staying = [each.connection_id for each in connections]
    staying.reverse()  # who came first leaves first
    count, began = len(staying), now()
    while staying and not hurry.is_set():
        share = 1.0 if seconds <= 0 else min(1.0, (now() - began) / seconds)
        while len(staying) > count * (1.0 - share):
            connections.leave(staying.pop())
        await _tick(hurry)
    for connection in list(connections):  # those that came meanwhile, too
        connections.leave(connection.connection_id)
    until = now() + LAST_ANSWERS
    while len(connections) and not hurry.is_set() and now() < until:
        await _tick(hurry)


async def _tick(hurry: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(TICK):
            await hurry.wait()
