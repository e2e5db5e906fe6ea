"""Learning who is in my communities, for lists that people are chosen from."""

from __future__ import annotations

from asnity_server.protocol.errors import AsnityError
from asnity_tui.client.contract import NoAnswer, Unreachable
from asnity_tui.client.session import Session


async def know_people(session: Session) -> bool:
    """Load the members of all communities, once; whether anything is known now that wasn't.

    That the server can't be asked is no error here: the lists show whom they know.
    """
    learned = False
    for community in list(session.store.communities.values()):
        if community.members is None and session.connection.status == "online":
            try:
                await session.load_members(community.id)
            except (AsnityError, NoAnswer, Unreachable):
                continue
            learned = True
    return learned
