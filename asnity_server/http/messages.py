"""HTTP operations on messages: history, changes, posting, reactions, pins, search and read markers."""

from __future__ import annotations

from collections.abc import Iterator

from asnity_server.api import history, messages, pins, reactions, read_markers
from asnity_server.api.search import search
from asnity_server.api.service import Api
from asnity_server.protocol import routes

from .operations import Operation, change, query


def operations(api: Api) -> Iterator[Operation]:
    """Routes under `/api/channels/{id}` about messages and read markers, and `/api/search`."""
    yield query(api, routes.HISTORY, history.get_history)
    yield query(api, routes.CHANGES, history.get_changes)
    yield change(api, routes.POST_MESSAGE, messages.post)
    yield change(api, routes.EDIT_MESSAGE, messages.edit)
    yield change(api, routes.DELETE_MESSAGE, messages.delete)
    yield query(api, routes.REACTORS, reactions.list_reactors)
    yield change(api, routes.ADD_REACTION, reactions.add)
    yield change(api, routes.REMOVE_REACTION, reactions.remove)
    yield change(api, routes.PIN, pins.pin)
    yield change(api, routes.UNPIN, pins.unpin)
    yield query(api, routes.PINS, pins.list_pins)
    yield query(api, routes.SEARCH, search.search, long=True)
    yield change(api, routes.READ_MARKER, read_markers.move_read_marker)
    yield query(api, routes.COUNTERS, read_markers.get_counters)
