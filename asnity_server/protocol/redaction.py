"""Redaction: structs that hold passwords and tokens and never show them in a log, a traceback or a debugger."""

from __future__ import annotations

from typing import Any

SECRETS = frozenset({"token", "password", "current", "new", "setup_code"})
"""Fields that are hidden, in whatever struct of these they stand."""

HIDDEN = "…"


class Redacted:
    """Beside `msgspec.Struct` as a base: secrets are left out wherever the struct is shown."""

    __slots__ = ()

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Return the fields that Rich shows."""
        fields: tuple[str, ...] = getattr(self, "__struct_fields__", ())
        found = [(name, getattr(self, name)) for name in fields]
        return [(name, HIDDEN if name in SECRETS and value else value) for name, value in found]

    def __repr__(self) -> str:
        told = ", ".join(f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"{type(self).__name__}({told})"
