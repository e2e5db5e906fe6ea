"""Searching, and everything that is done to the index beside it, in one call each."""

from __future__ import annotations

from typing import Any

from asnity_server.api.search import search, search_index
from asnity_server.protocol import requests
from asnity_server.protocol.responses import SearchResults
from tests.api.harness import ApiHarness, Person


async def searched(harness: ApiHarness, person: Person, q: str, **more: Any) -> SearchResults:
    return await harness.ask(person, search.search, requests.Search(q=q, **more))


async def found(harness: ApiHarness, person: Person, q: str, **more: Any) -> list[str]:
    return [each.message.content for each in (await searched(harness, person, q, **more)).results]


async def index_everything(harness: ApiHarness) -> None:
    """Leave no message outside the index."""
    await harness.database.write(search_index.start_anew_if_outdated)
    while await harness.database.write(search_index.settle_some):
        pass
    while await harness.database.write(lambda tx: search_index.add_some(tx, unindexed=0)):
        pass


async def clear(harness: ApiHarness) -> None:
    """Leave nothing in the index that was removed from it."""
    await harness.erased()
    while await harness.database.write(search_index.settle_some):
        pass
    await harness.database.write(search_index.begin_clearing)
    while await harness.database.write(search_index.clear_some):
        pass
