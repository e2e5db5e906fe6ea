"""My account: the devices where it is signed in, its password, and what others see of me."""

from __future__ import annotations

from asnity_server.protocol import limits, requests, routes
from asnity_server.protocol.models import Session, User
from asnity_tui.client.sync.context import Context

DEVICES_MAX = 10 * limits.SESSIONS
"""Devices to list at most, whatever a server says: none of ours has so many for one person."""


class AccountApi:
    """Every method asks the server and raises as the client does."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store

    async def sessions(self) -> tuple[Session, ...]:
        """The devices where I am signed in, newest first."""
        found: list[Session] = []
        cursor: str | None = None
        while True:
            answer = await self._context.call(routes.SESSIONS, requests.Page(cursor=cursor))
            found += answer.sessions
            if not isinstance(answer.cursor, str) or not answer.sessions or len(found) >= DEVICES_MAX:
                return tuple(found)
            cursor = answer.cursor

    async def end_session(self, session_id: str) -> None:
        """Sign a device out; for this one, `Session.sign_out` is the way."""
        await self._context.call(routes.END_SESSION, requests.EndSession(session_id=session_id))

    async def end_other_sessions(self) -> None:
        """Sign all devices out but this one."""
        await self._context.call(routes.END_OTHER_SESSIONS, requests.Empty())

    async def change_password(self, current: str, new: str) -> None:
        """Set a new password; all other devices are signed out."""
        await self._context.call(routes.CHANGE_PASSWORD, requests.ChangePassword(current=current, new=new))

    async def say_status(self, text: str) -> User:
        """Say in a few words what others should know of me; an empty text says nothing any more."""
        me = await self._context.call(routes.PATCH_ME, requests.PatchMe(status_text=text))
        self._context.tell(self._store.learn_users(None, {me.id: me}))
        return me
