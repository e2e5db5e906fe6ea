"""Words for a channel or community that I am no longer in."""

from __future__ import annotations

from asnity_server.protocol.events import RemovalReason

_LEFT: dict[str, str] = {"left": "You left", "kicked": "You were removed from", "banned": "You were banned from"}
_ENDED: dict[str, str] = {"deleted": "was deleted", "archived": "was archived", "closed": "was closed"}


def describe_removal(name: str, reason: RemovalReason | None) -> str:
    """What became of it, without a full stop; without a `reason` only that it is so."""
    if reason in _LEFT:
        return f"{_LEFT[reason]} {name}"
    return f"{name} {_ENDED[reason]}" if reason in _ENDED else f"You are no longer in {name}"
