"""How a server process is told to limit nothing: tests and benchmarks do more than any person does."""

from __future__ import annotations

from collections.abc import Iterable

from asnity_server.config import OPTIONS, ServerSettings, without_limits
from asnity_server.options import SettingOption

_OFF = without_limits(ServerSettings())


def unlimited(options: Iterable[SettingOption]) -> tuple[str, ...]:
    """Return the words of the command line, for a program with these options."""
    return tuple(
        word
        for option in options
        if getattr(_OFF, option.field, None) != getattr(ServerSettings(), option.field, None)
        for word in (option.flag, str(getattr(_OFF, option.field)))
    )


UNLIMITED = unlimited(OPTIONS)
"""Words of the command line of the one program."""
