"""Searching, and everything that is done to the index beside it, in one call each."""

from __future__ import annotations

from typing import Any

from asnity_server.api.search import search, search_index
from asnity_server.protocol import requests
from asnity_server.protocol.responses import SearchResults

from .house import House, Person


async def searched(house: House, person: Person, q: str, **more: Any) -> SearchResults:
    return await house.ask(person, search.search, requests.Search(q=q, **more))


async def found(house: House, person: Person, q: str, **more: Any) -> list[str]:
    return [each.message.content for each in (await searched(house, person, q, **more)).results]


async def index_everything(house: House) -> None:
    """Leave no message outside the index."""
    await house.database.write(search_index.start_anew_if_outdated)
    while await house.database.write(search_index.settle_some):
        pass
    while await house.database.write(lambda tx: search_index.add_some(tx, unindexed=0)):
        pass


async def clear(house: House) -> None:
    """Leave nothing in the index that was removed from it."""
    await house.erased()
    while await house.database.write(search_index.settle_some):
        pass
    await house.database.write(search_index.begin_clearing)
    while await house.database.write(search_index.clear_some):
        pass
