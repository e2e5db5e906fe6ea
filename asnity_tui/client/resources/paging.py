"""Reads lists that the server answers in pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Generic, Protocol, TypeVar

from msgspec import UnsetType


class HasCursor(Protocol):
    """An answer that says where the next one begins."""

    @property
    def cursor(self) -> str | UnsetType:
        """The key of the next page; unset on the last one."""


P = TypeVar("P", bound=HasCursor)
T = TypeVar("T")


class Pages(Generic[P]):
    """The pages of one list, in order: `async for page in pages`, or `await anext(pages)` when more is wanted.

    `fetch(cursor)` asks for one page. What it raises is passed on, and the same page can be asked for again.
    """

    def __init__(self, fetch: Callable[[str | None], Awaitable[P]]) -> None:
        self._fetch = fetch
        self._cursor: str | None = None
        self.has_more = True
        """The last page hasn't been read yet."""

    def __aiter__(self) -> AsyncIterator[P]:
        return self

    async def __anext__(self) -> P:
        if not self.has_more:
            raise StopAsyncIteration
        page = await self._fetch(self._cursor)
        self._cursor = page.cursor if isinstance(page.cursor, str) else None
        self.has_more = self._cursor is not None
        return page

    async def entries(self, entries_of: Callable[[P], Iterable[T]], *, at_most: int | None = None) -> list[T]:
        """Read the entries of all pages, up to a number; an empty page ends the list, whatever it says."""
        found: list[T] = []
        async for page in self:
            before = len(found)
            found += entries_of(page)
            if len(found) == before or (at_most is not None and len(found) >= at_most):
                break
        return found[:at_most]
