"""A peer in plain python-socketio, as its documentation teaches it: serves the same flow, with sqlite3 behind it."""

from __future__ import annotations

import datetime
import socket
import sqlite3
import sys
from typing import Any

import socketio
from aiohttp import web

COMMUNITY = "/socket/commu-"


def opened(path: str) -> sqlite3.Connection:
    """Open the database, as durable as the others' (WAL, FULL)."""
    db = sqlite3.connect(path)
    db.executescript("""
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        CREATE TABLE chat (seq INTEGER PRIMARY KEY, channelId TEXT, id INTEGER, senderId TEXT, content TEXT,
                           nonce TEXT, createdAt TEXT, UNIQUE (channelId, id));
        CREATE TABLE receipt (senderId TEXT, nonce TEXT, id INTEGER, PRIMARY KEY (senderId, nonce)) WITHOUT ROWID;
    """)
    return db


def stored(
    db: sqlite3.Connection, last_ids: dict[str, int], sender: str, community: str, payload: dict[str, Any]
) -> dict[str, Any] | None:
    """Keep a message and its receipt in one transaction; nothing if the nonce was there."""
    channel, content, nonce = payload["channelId"], payload["content"], payload["nonce"]
    if db.execute("SELECT id FROM receipt WHERE senderId = ? AND nonce = ?", (sender, nonce)).fetchone():
        return None
    number, now = last_ids.get(channel, 0) + 1, datetime.datetime.now(datetime.UTC).isoformat()
    with db:
        db.execute(
            "INSERT INTO chat (channelId, id, senderId, content, nonce, createdAt) VALUES (?, ?, ?, ?, ?, ?)",
            (channel, number, sender, content, nonce, now),
        )
        db.execute("INSERT INTO receipt (senderId, nonce, id) VALUES (?, ?, ?)", (sender, nonce, number))
    last_ids[channel] = number
    return {
        "id": number, "channelId": channel, "communityId": community, "senderId": sender, "type": "TEXT",
        "content": content, "createdAt": now, "updatedAt": now, "deletedAt": None, "rev": number, "nonce": nonce,
        "replyTo": None, "mentions": [], "mentionsAll": False, "reactions": {}, "pinned": False,
    }  # fmt: skip


def main() -> None:
    """Serve on a free port of the loopback."""
    db, last_ids = opened(sys.argv[1]), dict[str, int]()
    sio = socketio.AsyncServer(async_mode="aiohttp", namespaces="*", cors_allowed_origins="*")
    app = web.Application()
    sio.attach(app)

    @sio.on("connect", namespace="*")  # type: ignore[untyped-decorator]
    async def connect(namespace: str, sid: str, environ: dict[str, Any], auth: dict[str, str]) -> None:
        if not namespace.startswith(COMMUNITY) or not auth.get("token"):
            raise socketio.exceptions.ConnectionRefusedError("unauthorized")
        await sio.save_session(sid, {"user": auth["token"]}, namespace=namespace)

    @sio.on("join", namespace="*")  # type: ignore[untyped-decorator]
    async def join(namespace: str, sid: str, payload: dict[str, Any]) -> dict[str, bool]:
        for channel in payload["channels"]:
            await sio.enter_room(sid, channel, namespace=namespace)
        return {"ok": True}

    @sio.on("chat", namespace="*")  # type: ignore[untyped-decorator]
    async def chat(namespace: str, sid: str, payload: dict[str, Any]) -> dict[str, Any]:
        session = await sio.get_session(sid, namespace=namespace)
        message = stored(db, last_ids, session["user"], namespace.removeprefix(COMMUNITY), payload)
        if message is None:
            return {"written": False}
        await sio.emit("new-chat", message, room=payload["channelId"], skip_sid=sid, namespace=namespace)
        return {"written": True, "chatInfo": message}

    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    print(f"listening {listener.getsockname()[1]}", flush=True)
    web.run_app(app, sock=listener, access_log=None, print=None)


if __name__ == "__main__":
    main()
