"""Loads the members of all my communities, for lists that people are chosen from."""

from __future__ import annotations

import asyncio

from asnity_tui.client.sync.session import Session
from asnity_tui.client.transport.client import REQUEST_ERRORS


async def load_all_members(session: Session) -> bool:
    """Load the members of all communities, once, when there is a connection; answer whether any were missing.

    That the server can't be asked is no error here: the lists show whom they know.
    """
    learned, online = False, asyncio.Event()
    end = session.publisher.subscribe(lambda _: online.set() if session.connection.status == "online" else None)
    try:
        if session.connection.status != "online":
            await online.wait()
    finally:
        end()
    for community in list(session.store.communities.values()):
        if community.members is None:
            try:
                await session.members.load(community.id)
            except REQUEST_ERRORS:
                continue
            learned = True
    return learned
