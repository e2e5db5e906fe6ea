"""The HTTP transport: sends any request of the route table, and decodes its response or refusal."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp
from yarl import URL

from asnity_server.protocol import codec, routes
from asnity_server.protocol.errors import AsnityError, ErrorInfo, Internal, Invalid, TooLarge, Unauthorized, from_info
from asnity_server.protocol.routes import A, R, Route

from .client import NoAnswer, Unreachable
from .same_origin import SameOrigin

TOTAL_TIMEOUT = 20.0
"""Seconds for one request with its answer."""

CONNECT_TIMEOUT = 8.0
"""Seconds for making a connection, its encryption included."""

ANSWER_LIMIT = 16 * 1024 * 1024
"""Bytes of the longest answer that is looked at: a page of 100 messages has 3 MB at most."""

NOT_UNDERSTOOD = "The server sent an answer that can't be read."

_OF_ANY_GENERATION = (routes.OVERVIEW, routes.SIGN_OUT)
"""What is asked to learn the generation, or names nothing that a restore could change."""

_NO_HTTP = "No HTTP server answers there. If it uses TLS, write the address with https:// in front."
"""A server that expects TLS answers plain HTTP with a TLS alert."""

_UNREADY = (502, 503, 504)
_MOVED = (301, 302, 303, 307, 308)


class HttpTransport:
    """Requests to one server; the connections behind them are made when they are needed and kept."""

    def __init__(self, base_url: str, *, timeout: float = TOTAL_TIMEOUT) -> None:
        self._base = base_url.rstrip("/")
        self._timeout = timeout
        self._session: aiohttp.ClientSession | None = None

    async def call(self, route: Route[R, A], request: R, *, token: str | None, generation: str = "") -> A:
        """One request. Raises `AsnityError`, `Unreachable` or `NoAnswer`, as `ChatClient.call` does."""
        url, query, body = _laid_out(self._base, route, request)
        headers = {"Accept": "application/json"} | ({} if route.open else _authorization(token))
        if generation and not route.open and route not in _OF_ANY_GENERATION:
            headers[routes.GENERATION] = generation
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            async with self._connected().request(
                route.method, url.with_query(query), data=body, headers=headers, allow_redirects=False
            ) as response:
                return _answer(route, response, await _read(response))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, ssl.SSLError) as error:
            raise Unreachable(reason_of(error)) from error
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError, OSError) as error:
            raise NoAnswer("The server did not answer.") from error
        except (aiohttp.ClientError, ValueError) as error:
            raise Internal(_NO_HTTP if url.scheme == "http" else NOT_UNDERSTOOD) from error

    async def close(self) -> None:
        """Drop all connections; a later request makes new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()
            # Closing only begins there: one more turn of the loop lets the transports go.
            await asyncio.sleep(0)

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=self._timeout, connect=min(self._timeout, CONNECT_TIMEOUT)),
                cookie_jar=aiohttp.DummyCookieJar(),
                middlewares=(SameOrigin(self._base),),
            )
        return self._session


def reason_of(error: BaseException) -> str:
    """Say why a connection could not be made and what to do about it, as sentences for a person."""
    place = f"{error.host}:{error.port}" if isinstance(error, aiohttp.ClientConnectorError) else "this address"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return _certificate(error.certificate_error, str(error.host))
    if isinstance(error, (aiohttp.ClientSSLError, ssl.SSLError)):
        return f"{place} doesn't speak TLS. If it is a server without TLS, write the address with http:// in front."
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"No server named {error.host} was found. Check the spelling, and that you are online."
    inner = getattr(error, "os_error", error)
    if isinstance(inner, ConnectionRefusedError):
        return f"Nothing answers at {place}. Check the address and port, and that the server is running."
    if isinstance(error, (aiohttp.ConnectionTimeoutError, TimeoutError)):
        return "The server doesn't answer (timed out). Check the address, or try again later."
    return "The server can't be reached. Check the address, and that you are online."


_EXPIRED, _OTHER_NAME = 10, (62, 64)
"""Verification codes of OpenSSL (x509_vfy.h); the latter for host names and IP addresses."""


def _certificate(error: Exception, host: str) -> str:
    """What is wrong with a certificate, and who can mend it."""
    code = getattr(error, "verify_code", None)
    if code == _EXPIRED:
        return f"The certificate of {host} has expired. The server administrator must renew it."
    if code in _OTHER_NAME:
        return f"The certificate there is not for {host}. Check the address."
    return (
        f"This machine doesn't trust the certificate of {host}. "
        "If it comes from a CA of your own, set SSL_CERT_FILE to that CA's certificate."
    )


def _authorization(token: str | None) -> dict[str, str]:
    """The header that says who asks. Raises `Unauthorized` for what can't be a token."""
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise Unauthorized("Sign in first.")
    return {"Authorization": f"Bearer {token}"}


def _laid_out(base: str, route: Route[R, A], request: R) -> tuple[URL, dict[str, str], bytes | None]:
    """Where the fields of a request go: into the path, the query string, or the body."""
    fields = {name: value for name, value in codec.to_builtins(request).items() if value is not None}
    path = route.path
    for name in [name for name in fields if f"{{{name}}}" in path]:
        value = str(fields.pop(name))
        if not value.strip("."):
            raise Invalid("This can't be a name.", field=name)
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    url = URL(base + path, encoded=True)
    if route.method in ("GET", "DELETE"):
        return url, {name: _in_query(value) for name, value in fields.items()}, None
    return url, {}, codec.encode(fields)


def _in_query(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """The whole body. Raises `Internal` if it is longer than anything that we understand."""
    parts = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        parts += chunk
        if len(parts) > ANSWER_LIMIT:
            response.close()
            raise Internal("The server's answer is too long.")
    return bytes(parts)


def _answer(route: Route[R, A], response: aiohttp.ClientResponse, body: bytes) -> A:
    """What the server said, as the answer of `route`. Raises what it refused with."""
    if not 200 <= response.status < 300:
        raise _refusal(response.status, response.headers, body)
    if route.answer is type(None):
        return None
    try:
        return codec.decode(body, route.answer)
    except (Invalid, TooLarge) as error:
        raise Internal(NOT_UNDERSTOOD) from error


def _refusal(status: int, headers: Mapping[str, str], body: bytes) -> AsnityError:
    """What a status that isn't a success means, whoever on the way sent it."""
    try:
        told: Any = codec.decode(body, dict[str, Any]).get("error")
    except (Invalid, TooLarge):
        told = None
    if isinstance(told, dict):
        return from_info(codec.error_info(told))
    if status in _MOVED:
        host = urlsplit(headers.get("Location", "")).hostname or "another place"
        return Internal(f"The server redirects to {host}. Sign in there if that is the one you mean.")
    if status in _UNREADY:
        return from_info(ErrorInfo(code="unavailable", message="The server is not available at the moment."))
    if status == 429:
        wait = headers.get("Retry-After", "")
        after = float(wait) if wait.isascii() and wait.isdigit() and len(wait) < 7 else None
        return from_info(ErrorInfo(code="rate-limited", message="Too many requests.", retry_after=after))
    if status == 413:
        return TooLarge("This is too large for the server.")
    if status == 400 and b"HTTPS" in body[:1000].upper():
        return Internal("The server uses TLS. Write the address with https:// in front.")
    return Internal(f"That isn't an Asnity server (it answered {status}). Check the address and port.")
