"""The request body: reads it whole, in however many pieces it comes, within a time and a size."""

from __future__ import annotations

import asyncio

from aiohttp import web

from asnity_server.protocol.errors import Invalid, TooLarge

BODY_TIME = 10.0
"""Seconds in which a body has to be here."""


async def read_body(request: web.Request, largest: int) -> bytes:
    """Everything that a request brings. Raises `TooLarge` for more than `largest` bytes, `Invalid` for less than told.

    One read from a connection is only what has arrived by then: over real networks, the beginning.
    """
    too_large = TooLarge(f"A request has at most {largest // 1024} KB.")
    if (request.content_length or 0) > largest:
        raise too_large
    data = bytearray()
    try:
        async with asyncio.timeout(BODY_TIME):
            while chunk := await request.content.readany():
                data += chunk
                if len(data) > largest:
                    raise too_large
    except TimeoutError:
        raise Invalid("The body came too slowly.") from None
    except (web.RequestPayloadError, ConnectionError, ValueError):
        raise Invalid("The body is incomplete or malformed.") from None
    return bytes(data)
