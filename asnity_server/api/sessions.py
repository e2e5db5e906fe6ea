"""Sessions: who is signed in where, and the end of it."""

from __future__ import annotations

import hashlib
import secrets
from typing import Literal

from asnity_server.bus import SessionsEnded
from asnity_server.db.work import Tx, View
from asnity_server.protocol import answers, requests
from asnity_server.protocol.errors import NotFound, Unauthorized
from asnity_server.protocol.events import EndReason
from asnity_server.protocol.ids import new_id
from asnity_server.protocol.models import Session
from asnity_server.protocol.times import to_wire

from .standing import Caller

TOKEN_PREFIX = "asnity_"
"""Lets scanners recognise a token that was published by mistake."""


def token_hash(token: str | None) -> bytes:
    """What the database knows of a token. Raises `Unauthorized` where there is none."""
    if not token:
        raise Unauthorized("You are not signed in.")
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def new_session(tx: Tx, user_id: str, device: str) -> str:
    """Sign a person in on one more device; the token, which nobody is told again."""
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    tx.run(
        "INSERT INTO sessions (id, user_id, token_hash, device, created_at, last_seen_at) VALUES (?, ?, ?, ?, ?, ?)",
        (new_id(), user_id, token_hash(token), device, tx.now, tx.now),
    )
    return token


def list_sessions(view: View, caller: Caller, request: requests.Empty) -> answers.Sessions:
    """The caller's sessions, newest first."""
    found = view.all(
        "SELECT id, device, created_at, last_seen_at FROM sessions WHERE user_id = ? ORDER BY created_at DESC, id",
        (caller.user_id,),
    )
    return answers.Sessions(
        sessions=tuple(
            Session(
                id=session_id,
                device=device,
                created_at=to_wire(created_at),
                last_seen_at=to_wire(last_seen_at),
                current=session_id == caller.session_id,
            )
            for session_id, device, created_at, last_seen_at in found
        )
    )


def sign_out(tx: Tx, caller: Caller, request: requests.Empty) -> None:
    """End the caller's session."""
    _end(tx, [caller.session_id], "signed-out")


def end_session(tx: Tx, caller: Caller, request: requests.EndSession) -> None:
    """End one of the caller's sessions. Raises `NotFound` for any other."""
    owner = tx.value("SELECT user_id FROM sessions WHERE id = ?", (request.session_id,))
    if owner != caller.user_id:
        raise NotFound("Session not found.")
    _end(tx, [request.session_id], "signed-out" if request.session_id == caller.session_id else "ended")


def end_other_sessions(tx: Tx, caller: Caller, request: requests.Empty) -> None:
    """End all of the caller's sessions but the one that asks."""
    end_sessions_of(tx, caller.user_id, "ended", but=caller.session_id)


def end_sessions_of(
    tx: Tx, user_id: str, reason: Literal["ended", "password-changed", "disabled"], *, but: str | None = None
) -> int:
    """End all sessions of a person but one; how many there were."""
    found = tx.all("SELECT id FROM sessions WHERE user_id = ? AND id IS NOT ?", (user_id, but))
    _end(tx, [session_id for (session_id,) in found], reason)
    return len(found)


def _end(tx: Tx, session_ids: list[str], reason: EndReason) -> None:
    tx.run_many("DELETE FROM sessions WHERE id = ?", [(session_id,) for session_id in session_ids])
    if session_ids:
        tx.publish(SessionsEnded(tuple(session_ids), reason))
