"""Error responses: the one place where an exception becomes an HTTP response; counts requests and refusals."""

from __future__ import annotations

import logging
import math
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web
from aiohttp.typedefs import Middleware

from asnity_server.protocol import codec
from asnity_server.protocol.errors import AsnityError, Code, ErrorInfo, Internal, Invalid, NotFound, TooLarge

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Server": "asnity"}
"""Headers of every response: nothing of it is cached on the way, and no type is guessed."""


class ErrorBody(msgspec.Struct, frozen=True):
    """The body of every HTTP answer that is an error."""

    error: ErrorInfo


class RequestCounts:
    """Counters of requests and refusals, which only rise; they tell how much, never who or what."""

    def __init__(self) -> None:
        self.requests = 0
        self.refusals: Counter[Code] = Counter()
        """Requests that were answered with an error, by its code."""


def answer(error: AsnityError) -> web.Response:
    """An error as an answer."""
    response = web.Response(
        status=error.status,
        body=codec.encode(ErrorBody(error.info)),
        content_type="application/json",
        headers=HEADERS,
    )
    if error.info.retry_after is not None:
        response.headers["Retry-After"] = str(max(1, math.ceil(error.info.retry_after)))
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooLarge):
        response.force_close()  # what is left of the body isn't worth reading
    return response


def errors_answered(counts: RequestCounts) -> Middleware:
    """Answers every refusal in the one shape, and every defect with an incident id that the log has too."""

    def refuse(error: AsnityError) -> web.Response:
        counts.refusals[error.code] += 1
        return answer(error)

    @web.middleware
    async def answered(request: web.Request, handler: Handler) -> web.StreamResponse:
        counts.requests += 1
        try:
            return await handler(request)
        except AsnityError as error:
            return refuse(error)
        except web.HTTPMethodNotAllowed as error:
            return _options(error) if request.method == "OPTIONS" else _wrong_method(request, error, refuse)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            return refuse(_of_library(error))
        except Exception:
            incident = secrets.token_hex(4)
            log.exception("incident %s at %s %s", incident, request.method, _pattern(request))
            return refuse(Internal(f"Something went wrong on the server (incident {incident})."))

    return answered


def _allowed(error: web.HTTPMethodNotAllowed) -> str:
    return ", ".join(sorted(error.allowed_methods))


def _options(error: web.HTTPMethodNotAllowed) -> web.Response:
    return web.Response(status=204, headers={**HEADERS, "Allow": _allowed(error)})


def _wrong_method(
    request: web.Request, error: web.HTTPMethodNotAllowed, refuse: Callable[[AsnityError], web.Response]
) -> web.Response:
    allowed = _allowed(error)
    response = refuse(Invalid(f"{request.method[:16]} is not allowed here. Use {allowed}."))
    response.set_status(405)
    response.headers["Allow"] = allowed
    return response


def _of_library(error: web.HTTPException) -> AsnityError:
    if error.status == 404:
        return NotFound("Not found.")
    if error.status == 413:
        return TooLarge("This is too large.")
    return Invalid("The request is not valid.")


def _pattern(request: web.Request) -> str:
    """The route and not the path: a path may hold an invite's code."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "?"
