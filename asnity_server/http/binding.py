"""Puts one request together from the path, the query string and the body."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web

from asnity_server.protocol import codec
from asnity_server.protocol.errors import Invalid
from asnity_server.protocol.requests import Request
from asnity_server.protocol.routes import Route
from asnity_server.request_body import read_body


class Binder:
    """Reads requests of one route."""

    def __init__(self, route: Route[Any, Any], largest: int) -> None:
        """A body has at most `largest` bytes."""
        self._largest = largest
        self._kind = route.request
        self._in_query = route.method in ("GET", "DELETE")
        self._numbers = _numbers(route.request)

    async def read(self, request: web.Request) -> Request:
        """The request as a struct. Raises `Invalid` and `TooLarge`."""
        path = {name: self._path_value(name, value) for name, value in request.match_info.items()}
        if self._in_query:
            if request.can_read_body:
                raise Invalid("This request takes no body.")
            given: Mapping[str, object] = _query(request)
        else:
            if request.query_string:
                raise Invalid("This request takes no query string.")
            given = await _body(request, self._largest)
        for name in path:
            if name in given:
                raise Invalid(f"The field {name} is already in the path.", field=name)
        found: Request = codec.convert({**given, **path}, self._kind, lax=self._in_query)
        return found

    def _path_value(self, name: str, value: str) -> object:
        """A part of the path: text, or a number where the struct has one."""
        if name not in self._numbers:
            return value
        if not (value.isascii() and value.isdigit() and len(value) <= 16):
            raise Invalid("This must be a number.", field=name)
        return int(value)


@functools.cache
def _numbers(kind: type[Request]) -> frozenset[str]:
    """The names of the fields that are integers; asking the types takes long, and what they are never changes."""
    return frozenset(each.encode_name for each in msgspec.structs.fields(kind) if _is_number(each.type))


def _is_number(kind: object) -> bool:
    """Whether a field of this type is an integer, whatever its limits."""
    return isinstance(msgspec.inspect.type_info(kind), msgspec.inspect.IntType)


def _query(request: web.Request) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in request.query.items():
        if name in found:
            raise Invalid("This is given twice.", field=name[:64])
        found[name] = value
    return found


async def _body(request: web.Request, largest: int) -> dict[str, object]:
    """The JSON object that a request brings; an empty body is an empty object."""
    data = await read_body(request, largest)
    if not data:
        return {}
    if request.content_type not in ("application/json", "application/octet-stream"):  # the latter: none was told
        raise Invalid("The body must be JSON (Content-Type: application/json).")
    return codec.decode(data, dict[str, object])
