"""Keeps requests, and the token in them, at the server that they are meant for."""

from __future__ import annotations

import aiohttp
from yarl import URL


class SentElsewhere(aiohttp.ClientConnectionError):
    """The server answered with a redirect to another one; our token must not go there."""


class SameOrigin:
    """A middleware of aiohttp's that lets requests go to one origin only, redirected ones included."""

    def __init__(self, base_url: str) -> None:
        self._host, self._port = URL(base_url).host, URL(base_url).port

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Pass a request on, or raise `SentElsewhere`."""
        if (request.url.host, request.url.port) != (self._host, self._port):
            raise SentElsewhere(f"The server redirects to {request.url.host}.")
        return await handler(request)
