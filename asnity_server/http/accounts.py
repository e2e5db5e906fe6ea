"""HTTP operations on the server's info, sign-up, sign-in, sessions and one's own account."""

from __future__ import annotations

from collections.abc import Iterator

from asnity_server.api import overview
from asnity_server.api.accounts import sessions, users
from asnity_server.api.service import Api
from asnity_server.protocol import requests, responses, routes

from .operations import Operation, Visit, anyone, change, query, visitor


def operations(api: Api) -> Iterator[Operation]:
    """Routes under `/api/server`, `/api/auth` and `/api/me`."""
    accounts = api.accounts

    async def look_over(visit: Visit, request: requests.Empty) -> responses.Overview:
        found = await api.query(visit.token, overview.get_overview, request)
        api.password_limits.recognise(found.user.id, visit.peer)  # a client begins with it wherever it is
        return found

    async def change_password(visit: Visit, request: requests.ChangePassword) -> None:
        await accounts.change_password(visit.peer, visit.token, request)

    yield anyone(routes.SERVER, api.server_info)
    yield visitor(routes.SIGN_UP, lambda visit, request: accounts.sign_up(visit.peer, request))
    yield visitor(routes.SIGN_IN, lambda visit, request: accounts.sign_in(visit.peer, request))
    yield change(api, routes.SIGN_OUT, sessions.sign_out)
    yield query(api, routes.SESSIONS, sessions.list_sessions)
    yield change(api, routes.END_OTHER_SESSIONS, sessions.end_other_sessions)
    yield change(api, routes.END_SESSION, sessions.end_session)
    yield query(api, routes.ME, users.me)
    yield change(api, routes.PATCH_ME, users.patch_me)
    yield visitor(routes.CHANGE_PASSWORD, change_password)
    yield visitor(routes.OVERVIEW, look_over)
