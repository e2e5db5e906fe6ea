"""Direct channels: one for each exact set of people in a community, found or created."""

from __future__ import annotations

from asnity_server.db.transaction import WriteTx
from asnity_server.protocol import limits, requests
from asnity_server.protocol.errors import Invalid, NotFound
from asnity_server.protocol.ids import new_channel_id
from asnity_server.protocol.models import Channel

from .access import Caller, authorize_in_community, role_of
from .direct_lists import come_back, show
from .membership import load_channel


def open_direct(tx: WriteTx, caller: Caller, request: requests.OpenDirect) -> Channel:
    """The direct channel of exactly these people and the caller, who lists it; the others don't before a message.

    One that stands is found even where somebody of it has left the community since; a new one takes members.
    """
    authorize_in_community(tx, "see-community", caller, request.community_id)
    people = sorted({caller.user_id, *request.user_ids} - {"me"})
    if not 2 <= len(people) <= limits.DIRECT_MAX:
        raise Invalid(f"A direct message has 2 to {limits.DIRECT_MAX} people.", field="userIds")
    key = (request.community_id, " ".join(people))
    channel_id: str | None = tx.value("SELECT channel_id FROM directs WHERE community_id = ? AND people = ?", key)
    if channel_id is None:
        channel_id = _make(tx, caller, request.community_id, people)
    come_back(tx, channel_id, caller.user_id)
    show(tx, channel_id, caller.user_id)
    return load_channel(tx, channel_id)


def _make(tx: WriteTx, caller: Caller, community_id: str, people: list[str]) -> str:
    authorize_in_community(tx, "open-direct", caller, community_id)
    if any(role_of(tx, community_id, user_id) is None for user_id in people):
        raise NotFound("Member not found.", field="userIds")
    channel_id = new_channel_id(community_id)
    tx.run(
        "INSERT INTO channels (id, community_id, kind, name, created_at) VALUES (?, ?, 'direct', '', ?)",
        (channel_id, community_id, tx.now),
    )
    tx.run(
        "INSERT INTO directs (community_id, people, channel_id) VALUES (?, ?, ?)",
        (community_id, " ".join(people), channel_id),
    )
    tx.run_many(
        "INSERT INTO direct_people (channel_id, user_id) VALUES (?, ?)", [(channel_id, each) for each in people]
    )
    return channel_id
