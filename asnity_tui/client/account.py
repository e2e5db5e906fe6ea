"""My account: the devices where it is signed in, its password, and what others see of me."""

from __future__ import annotations

from asnity_server.protocol import requests, routes
from asnity_server.protocol.answers import Sessions
from asnity_server.protocol.models import User

from .context import Context


class MyAccount:
    """Every method asks the server and raises as the client does."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store

    async def sessions(self) -> Sessions:
        """The devices where I am signed in, newest first."""
        return await self._context.call(routes.SESSIONS, requests.Empty())

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
