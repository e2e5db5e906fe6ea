"""Sessions: created, listed, kept alive and ended."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from typing import Literal

from asnity_server.api.access import UNUSED, Caller
from asnity_server.api.storage.paging import page_of, position_in_time
from asnity_server.api.storage.row_mapping import json_list
from asnity_server.bus import SessionsEnded
from asnity_server.db.transaction import ReadTx, WriteTx
from asnity_server.protocol import limits, requests, responses
from asnity_server.protocol.errors import NotFound, Unauthorized
from asnity_server.protocol.events import EndReason
from asnity_server.protocol.ids import new_id
from asnity_server.protocol.models import Session
from asnity_server.protocol.times import to_wire

TOKEN_PREFIX = "asnity_"
"""Lets scanners recognise a token that was published by mistake."""

SLICE = 500
"""Sessions that one piece of work touches or ends."""


def token_hash(token: str | None) -> bytes:
    """Hash a token as the database stores it. Raises `Unauthorized` where there is none."""
    if not token:
        raise Unauthorized("You are not signed in.")
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def new_session(tx: WriteTx, user_id: str, device: str) -> str:
    """Sign a person in on one more device; the token, which nobody is told again.

    Beyond `limits.SESSIONS`, the session ends that wasn't used for longest.
    """
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    beyond = tx.all(
        "SELECT id FROM sessions WHERE user_id = ? ORDER BY last_seen_at DESC, created_at DESC, id LIMIT -1 OFFSET ?",
        (user_id, limits.SESSIONS - 1),
    )
    _end(tx, [session_id for (session_id,) in beyond], "ended")
    tx.run(
        "INSERT INTO sessions (id, user_id, token_hash, device, created_at, last_seen_at)"
        " SELECT ?1, ?2, ?3, ?4, ?5, max(?5, ran_at) FROM pulse",
        (new_id(), user_id, token_hash(token), device, tx.now),
    )
    return token


_LIST = f"""
SELECT s.id, s.device, s.created_at, s.last_seen_at FROM sessions s, session_rules r, pulse p
WHERE s.user_id = ?2 AND (s.created_at, s.id) < (?3, ?4) AND NOT ({UNUSED})
ORDER BY s.created_at DESC, s.id DESC LIMIT ?5
"""


def list_sessions(view: ReadTx, caller: Caller, request: requests.Page) -> responses.Sessions:
    """The caller's sessions, newest first."""
    found = view.all(_LIST, (view.now, caller.user_id, *position_in_time(request.cursor), request.limit + 1))
    told, cursor = page_of(found, request.limit, lambda row: f"{row[2]}-{row[0]}")
    return responses.Sessions(
        sessions=tuple(
            Session(
                id=session_id,
                device=device,
                created_at=to_wire(created_at),
                last_seen_at=to_wire(last_seen_at),
                current=session_id == caller.session_id,
            )
            for session_id, device, created_at, last_seen_at in told
        ),
        cursor=cursor,
    )


def sign_out(tx: WriteTx, caller: Caller, request: requests.Empty) -> None:
    """End the caller's session."""
    _end(tx, [caller.session_id], "signed-out")


def end_session(tx: WriteTx, caller: Caller, request: requests.EndSession) -> None:
    """End one of the caller's sessions. Raises `NotFound` for any other."""
    owner = tx.value("SELECT user_id FROM sessions WHERE id = ?", (request.session_id,))
    if owner != caller.user_id:
        raise NotFound("Session not found.")
    _end(tx, [request.session_id], "signed-out" if request.session_id == caller.session_id else "ended")


def end_other_sessions(tx: WriteTx, caller: Caller, request: requests.Empty) -> None:
    """End all of the caller's sessions but the one that asks."""
    end_sessions_of(tx, caller.user_id, "ended", but=caller.session_id)


def end_sessions_of(
    tx: WriteTx, user_id: str, reason: Literal["ended", "password-changed", "disabled"], *, but: str | None = None
) -> int:
    """End all sessions of a person but one; how many there were."""
    found = tx.all("SELECT id FROM sessions WHERE user_id = ? AND id IS NOT ?", (user_id, but))
    _end(tx, [session_id for (session_id,) in found], reason)
    return len(found)


def set_lifetime(tx: WriteTx, lifetime: int) -> None:
    """Decide after how many milliseconds without use a session ends; 0: never."""
    tx.run("UPDATE session_rules SET lifetime = ?1 WHERE lifetime <> ?1", (lifetime,))


def touch_some(tx: WriteTx, session_ids: Iterable[str]) -> None:
    """Note that sessions are in use: an open connection is, even where nothing is asked over it."""
    listed = json_list(list(session_ids))
    tx.run(
        "UPDATE sessions SET last_seen_at = max(?, (SELECT ran_at FROM pulse))"
        " WHERE id IN (SELECT value FROM json_each(?))",
        (tx.now, listed),
    )


def end_unused(tx: WriteTx) -> bool:
    """End some of the sessions that weren't used for their lifetime; whether there may be more."""
    found = tx.all(f"SELECT s.id FROM sessions s, session_rules r, pulse p WHERE {UNUSED} LIMIT ?2", (tx.now, SLICE))
    _end(tx, [session_id for (session_id,) in found], "ended")
    return len(found) == SLICE


def _end(tx: WriteTx, session_ids: list[str], reason: EndReason) -> None:
    tx.run_many("DELETE FROM sessions WHERE id = ?", [(session_id,) for session_id in session_ids])
    if session_ids:
        tx.publish(SessionsEnded(tuple(session_ids), reason))
