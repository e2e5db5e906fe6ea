"""Errors in the one shape that HTTP and sockets answer with."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

Code = Literal[
    "invalid",
    "unauthorized",
    "forbidden",
    "not-found",
    "conflict",
    "too-large",
    "rate-limited",
    "unavailable",
    "internal",
]


class ErrorInfo(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """An error as it travels: a code for programs, one sentence for a person."""

    code: Code
    message: Annotated[str, Meta(max_length=1_000)]
    field: Annotated[str, Meta(max_length=256)] | None = None
    """Which part of the request is meant (`invalid`; `generation` with `conflict`), in wire spelling."""
    retry_after: float | None = None
    """Seconds to wait before it is worth trying again (`rate-limited`, sometimes `unavailable`)."""


class AsnityError(Exception):
    """The root of every refusal that a person or a program is told about.

    AsnityError
    ├── Invalid        400
    ├── Unauthorized   401
    ├── Forbidden      403
    ├── NotFound       404
    ├── Conflict       409
    ├── TooLarge       413
    ├── RateLimited    429
    ├── Unavailable    503
    └── Internal       500
    """

    code: ClassVar[Code] = "internal"
    status: ClassVar[int] = 500

    def __init__(self, message: str, *, field: str | None = None, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.info = ErrorInfo(code=self.code, message=message, field=field, retry_after=retry_after)


class Invalid(AsnityError):
    """Malformed, of the wrong type, unknown or missing field, forbidden characters."""

    code = "invalid"
    status = 400


class Unauthorized(AsnityError):
    """No token, an unknown, expired or revoked one, a wrong name or password."""

    code = "unauthorized"
    status = 401


class Forbidden(AsnityError):
    """A known person who may not do this."""

    code = "forbidden"
    status = 403


class NotFound(AsnityError):
    """It doesn't exist, or this person may not know that it exists."""

    code = "not-found"
    status = 404


class Conflict(AsnityError):
    """A name is taken, a nonce was used for something else, the last owner can't leave."""

    code = "conflict"
    status = 409


class TooLarge(AsnityError):
    """Content, body or frame over its limit."""

    code = "too-large"
    status = 413


class RateLimited(AsnityError):
    """Too much in too short a time; `retry_after` seconds say how long to wait."""

    code = "rate-limited"
    status = 429


class Unavailable(AsnityError):
    """The API can't be reached, can't write, or is shutting down."""

    code = "unavailable"
    status = 503


class Internal(AsnityError):
    """A defect of ours; its message carries an incident id that the log has too."""

    code = "internal"
    status = 500


RESTORED = "This server was restored from a backup: this may be a different message now."
"""The refusal of requests, waiting or late, that name a message of another generation."""


def is_restored(error: ErrorInfo) -> bool:
    """Whether something was refused since it names messages of another generation of the server."""
    return error.code == "conflict" and error.field == "generation"


BY_CODE: dict[Code, type[AsnityError]] = {
    kind.code: kind
    for kind in (
        Invalid,
        Unauthorized,
        Forbidden,
        NotFound,
        Conflict,
        TooLarge,
        RateLimited,
        Unavailable,
        Internal,
    )
}


def from_info(info: ErrorInfo) -> AsnityError:
    """The exception that carries `info`, for the side that received it."""
    return BY_CODE[info.code](info.message, field=info.field, retry_after=info.retry_after)
