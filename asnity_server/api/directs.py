"""Direct channels: one for each exact set of people in a community, found or made."""

from __future__ import annotations

from asnity_server.db.work import Tx
from asnity_server.protocol import limits, requests
from asnity_server.protocol.errors import Invalid, NotFound
from asnity_server.protocol.ids import new_channel_id
from asnity_server.protocol.models import Channel

from .membership import enter_channel, load_channel
from .standing import Caller, in_community, role_of


def open_direct(tx: Tx, caller: Caller, request: requests.OpenDirect) -> Channel:
    """The direct channel of exactly these people and the caller; everyone in it is told when it is made.

    One that stands is found even where somebody of it has left the community since; a new one takes members.
    """
    in_community(tx, "see-community", caller, request.community_id)
    people = sorted({caller.user_id, *request.user_ids} - {"me"})
    if not 2 <= len(people) <= limits.DIRECT_MAX:
        raise Invalid(f"A direct message has 2 to {limits.DIRECT_MAX} people.", field="userIds")
    key = (request.community_id, " ".join(people))
    found: str | None = tx.value("SELECT channel_id FROM directs WHERE community_id = ? AND people = ?", key)
    if found is not None:
        return load_channel(tx, found)
    in_community(tx, "open-direct", caller, request.community_id)
    if any(role_of(tx, request.community_id, user_id) is None for user_id in people):
        raise NotFound("Member not found.", field="userIds")
    channel_id = new_channel_id(request.community_id)
    tx.run(
        "INSERT INTO channels (id, community_id, kind, name, created_at) VALUES (?, ?, 'direct', '', ?)",
        (channel_id, request.community_id, tx.now),
    )
    tx.run("INSERT INTO directs (community_id, people, channel_id) VALUES (?, ?, ?)", (*key, channel_id))
    tx.run_many(
        "INSERT INTO direct_people (channel_id, user_id) VALUES (?, ?)", [(channel_id, each) for each in people]
    )
    for user_id in people:
        enter_channel(tx, channel_id, user_id)
    return load_channel(tx, channel_id)
