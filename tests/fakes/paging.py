"""Lists in parts, as the model server tells them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from msgspec import UNSET, UnsetType

from asnity_server.protocol.errors import Invalid
from asnity_server.protocol.requests import Page

T = TypeVar("T")


def paged(everything: Sequence[T], request: Page) -> tuple[tuple[T, ...], str | UnsetType]:
    """The part of a list that a request asks for, and the cursor of the next part."""
    try:
        start = int(request.cursor) if request.cursor else 0
    except ValueError:
        raise Invalid("This cursor is not valid.", field="cursor") from None
    end = start + request.limit
    return tuple(everything[start:end]), str(end) if end < len(everything) else UNSET
