"""Serves a web application with our limits on connections, headers and bodies."""

from __future__ import annotations

import logging
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from .connections import HttpConnections, Runner

IDLE = 75.0
"""Seconds that a connection may wait for a (whole) request; aiohttp's own default is an hour."""
LINE, HEADER, HEADER_COUNT = 64 * 1024, 8190, 64
"""Bytes of a request line (whose query string may hold as much as a body), of a header, and headers in one request."""


def runner(app: web.Application, connections: HttpConnections | None = None) -> web.AppRunner:
    """Return a runner for `app`, with our limits on connections, headers and compressed bodies."""
    return Runner(
        app,
        HttpConnections() if connections is None else connections,
        access_log=None,
        logger=_wire_log(),
        keepalive_timeout=IDLE,
        lingering_time=2.0,
        max_line_size=LINE,
        max_field_size=HEADER,
        max_headers=HEADER_COUNT,
        auto_decompress=False,
        shutdown_timeout=2.0,
    )


class _WireLog(logging.Logger):
    """Keeps what strangers send that isn't HTTP from filling the log with tracebacks."""

    def exception(self, msg: object, *args: object, exc_info: Any = True, **extra: Any) -> None:
        """Log an error with its traceback, unless somebody only sent what can't be read."""
        if isinstance(exc_info, HttpProcessingError):
            self.debug("%s: %s", str(msg) % args, type(exc_info).__name__)
        else:
            super().exception(msg, *args, exc_info=exc_info, **extra)


def _wire_log() -> logging.Logger:
    log = _WireLog(f"{__name__}.wire")
    log.parent = logging.getLogger(__name__)
    return log
