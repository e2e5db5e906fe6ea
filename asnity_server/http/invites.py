"""Invites, by those who manage them and by those who hold the link."""

from __future__ import annotations

from collections.abc import Iterator

from asnity_server.api import invites
from asnity_server.api.front import Api
from asnity_server.protocol import routes

from .operations import Operation, anyone, change, query


def operations(api: Api) -> Iterator[Operation]:
    """Routes under `/api/communities/{id}/invites` and `/api/invites`."""
    yield query(api, routes.INVITES, api.invites.list_all)
    yield change(api, routes.CREATE_INVITE, api.invites.create, api.rates.invites)
    yield change(api, routes.DELETE_INVITE, invites.withdraw)
    yield anyone(routes.INVITE, lambda request: api.look(invites.preview, request))
    yield change(api, routes.ACCEPT_INVITE, invites.accept)
