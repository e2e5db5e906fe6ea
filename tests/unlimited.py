"""How a server process is told to limit nothing: tests and benchmarks do more than any person does."""

from __future__ import annotations

from asnity_server.config import OPTIONS, ServerSettings, without_limits

_OFF = without_limits(ServerSettings())

UNLIMITED = tuple(
    word
    for option in OPTIONS
    if getattr(_OFF, option.field) != getattr(ServerSettings(), option.field)
    for word in (option.flag, str(getattr(_OFF, option.field)))
)
"""Words of the command line."""
