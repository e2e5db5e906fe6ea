"""Works of socket requests: authorize connections, join rooms, and invite others into a channel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypedDict

from msgspec.structs import asdict

from asnity_server.bus import MemberTyping
from asnity_server.db import generation
from asnity_server.db.transaction import ReadTx, WriteTx
from asnity_server.protocol import codec
from asnity_server.protocol.errors import AsnityError, NotFound
from asnity_server.protocol.events import EndReason
from asnity_server.protocol.ids import community_of
from asnity_server.protocol.requests import InviteUsers, Join, Typing
from asnity_server.protocol.responses import InviteAnswer, JoinAnswer, JoinedChannel, RefusedChannel, RefusedUser

from .access import Caller, authorize_in_channel, authorize_in_community, load_caller_by_token, role_of, touch
from .membership import channels_between, enter_channel
from .read_markers import counters_from
from .storage import row_mapping


class _Numbers(TypedDict):
    """The numbers that counters are made from."""

    last_id: int
    rev: int
    read_id: int


def authorize_user(tx: WriteTx, token_hash: bytes) -> Caller:
    """Authenticate a connection. Raises `Unauthorized`."""
    caller = load_caller_by_token(tx, token_hash)
    touch(tx, caller)
    return caller


def authorize_member(tx: WriteTx, token_hash: bytes, community_id: str) -> Caller:
    """Authorize a connection for a community's namespace. Raises `NotFound` for unknown and foreign ones alike."""
    caller = authorize_user(tx, token_hash)
    authorize_in_community(tx, "see-community", caller, community_id)
    return caller


def join(tx: WriteTx, caller: Caller, community_id: str, request: Join, present: Iterable[str] = ()) -> JoinAnswer:
    """Join those of the channels asked for (none named: all of mine) that the caller may be in, with their counters.

    `present` are the people whose presence the gateway will add, so that the answer names them. Runs as a write, so
    that the rooms are entered in the order of commits.
    """
    authorize_in_community(tx, "see-community", caller, community_id)
    mine = _mine(tx, community_id, caller.user_id)
    joined: list[JoinedChannel] = []
    refused: list[RefusedChannel] = []
    for channel_id in dict.fromkeys(mine if request.channels is None else request.channels):
        if channel_id in mine:
            counters = counters_from(tx, channel_id, caller.user_id, **mine[channel_id])
            joined.append(JoinedChannel(channel_id=channel_id, **asdict(counters)))
            continue
        try:
            require_in_community(community_id, channel_id)
            authorize_in_channel(tx, "enter-room", caller, channel_id)
            raise NotFound("You closed this direct message.")  # what isn't listed isn't told
        except AsnityError as error:
            refused.append(RefusedChannel(channel_id=channel_id, error=error.info))
    rev: int = tx.value("SELECT rev FROM communities WHERE id = ?", (community_id,))
    users = row_mapping.users_by_id(tx, caller.user_id, community_id, present)
    return JoinAnswer(
        joined=tuple(joined),
        refused=tuple(refused),
        rev=rev,
        presence={},
        users=users,
        generation=generation.current(tx),
    )


def type_now(tx: WriteTx, caller: Caller, request: Typing) -> None:
    """Publish that the caller is writing, if they could post now; nothing is stored. Raises what `post` would raise."""
    authorize_in_channel(tx, "post", caller, request.channel_id)
    tx.publish(MemberTyping(request.channel_id, caller.user_id))


def invite_users(tx: WriteTx, caller: Caller, community_id: str, request: InviteUsers) -> InviteAnswer:
    """Put people of a community into one of its channels; who was in it already counts as invited."""
    require_in_community(community_id, request.channel_id)
    authorize_in_channel(tx, "invite-to-channel", caller, request.channel_id)
    invited: list[str] = []
    refused: list[RefusedUser] = []
    for user_id in dict.fromkeys(request.users):
        try:
            if role_of(tx, community_id, user_id) is None:
                raise NotFound("Member not found.")
            enter_channel(tx, request.channel_id, user_id)
            invited.append(user_id)
        except AsnityError as error:
            refused.append(RefusedUser(user_id=user_id, error=error.info))
    return InviteAnswer(invited=tuple(invited), refused=tuple(refused))


_ENDED = """
SELECT asked.key, u.disabled_at IS NOT NULL FROM json_each(?) asked
LEFT JOIN sessions s ON s.id = asked.key LEFT JOIN users u ON u.id = asked.value
WHERE s.id IS NULL
"""


def ended_sessions(view: ReadTx, sessions: Mapping[str, str]) -> dict[str, EndReason]:
    """Return those of `sessions` (session id to user id) that have ended, and why."""
    found = view.all(_ENDED, (codec.encode(sessions).decode(),))
    return {session_id: "disabled" if disabled else "ended" for session_id, disabled in found}


def require_in_community(community_id: str, channel_id: str) -> None:
    """A channel of another community than the namespace's is `NotFound` there, whoever asks."""
    if community_of(channel_id) != community_id:
        raise NotFound("Channel not found, or you aren't in it.")


def _mine(view: ReadTx, community_id: str, user_id: str) -> dict[str, _Numbers]:
    """The numbers of all channels of a community that a person is in, in the order of their ids."""
    found = view.all(
        "SELECT c.id, c.last_id, c.rev, m.read_id FROM channel_members m JOIN channels c ON c.id = m.channel_id"
        " WHERE m.user_id = ? AND m.channel_id > ? AND m.channel_id < ? ORDER BY m.channel_id",
        (user_id, *channels_between(community_id)),
    )
    return {each[0]: _Numbers(last_id=each[1], rev=each[2], read_id=each[3]) for each in found}
