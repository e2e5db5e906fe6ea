"""HTTP operations on invites, for those who manage them and for those who hold the link."""

from __future__ import annotations

from collections.abc import Iterator

from asnity_server.api import invites
from asnity_server.api.service import Api
from asnity_server.protocol import requests, responses, routes

from .operations import Operation, Visit, change, change_in_slices, query, visitor


def operations(api: Api) -> Iterator[Operation]:
    """Routes under `/api/communities/{id}/invites` and `/api/invites`."""

    async def preview(visit: Visit, request: requests.OfInvite) -> responses.InvitePreview:
        api.rates.looks.take(visit.peer.address)
        return await api.look(invites.preview, request)

    yield query(api, routes.INVITES, api.invites.list_all)
    yield change(api, routes.CREATE_INVITE, api.invites.create)
    yield change(api, routes.DELETE_INVITE, invites.withdraw)
    yield visitor(routes.INVITE, preview)
    yield change_in_slices(api, routes.ACCEPT_INVITE, invites.accept, api.direct_list_tasks)
