"""My account: the devices where it is signed in, its password, and what others see of me."""

from __future__ import annotations

from asnity_server.protocol import limits, requests, routes
from asnity_server.protocol.models import Session, User
from asnity_tui.client.sync.link import Link
from asnity_tui.client.sync.publisher import Publisher
from asnity_tui.state.store import Store

from .paging import Pages

DEVICES_MAX = 10 * limits.SESSIONS
"""Devices to list at most, whatever a server says: none of ours has so many for one person."""


class AccountApi:
    """Every method asks the server and raises as the client does."""

    def __init__(self, link: Link, store: Store, publisher: Publisher) -> None:
        self._link = link
        self._store = store
        self._publisher = publisher

    async def sessions(self) -> tuple[Session, ...]:
        """The devices where I am signed in, newest first."""
        pages = Pages(lambda cursor: self._link.call(routes.SESSIONS, requests.Page(cursor=cursor)))
        return tuple(await pages.entries(lambda page: page.sessions, at_most=DEVICES_MAX))

    async def end_session(self, session_id: str) -> None:
        """Sign a device out; for this one, `Session.sign_out` is the way."""
        await self._link.call(routes.END_SESSION, requests.EndSession(session_id=session_id))

    async def end_other_sessions(self) -> None:
        """Sign all devices out but this one."""
        await self._link.call(routes.END_OTHER_SESSIONS, requests.Empty())

    async def change_password(self, current: str, new: str) -> None:
        """Set a new password; all other devices are signed out."""
        await self._link.call(routes.CHANGE_PASSWORD, requests.ChangePassword(current=current, new=new))

    async def set_display_name(self, display_name: str) -> User:
        """Change what others see as my name."""
        return await self._change(requests.PatchMe(display_name=display_name))

    async def set_status(self, text: str) -> User:
        """Say in a few words what others should know of me; an empty text says nothing any more."""
        return await self._change(requests.PatchMe(status_text=text))

    async def _change(self, request: requests.PatchMe) -> User:
        me = await self._link.call(routes.PATCH_ME, request)
        self._publisher.publish(self._store.learn_users(None, {me.id: me}))
        return me
