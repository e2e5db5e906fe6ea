"""What becomes of what is written next: it answers a message, or changes one."""

from __future__ import annotations

import msgspec


class Replying(msgspec.Struct, frozen=True):
    """What is written next answers a message."""

    message_id: int
    name: str
    """Who wrote it; empty where it says so by itself."""
    said: str
    """Its text in one harmless line."""


class Editing(msgspec.Struct, frozen=True):
    """What is written next replaces the text of a message."""

    message_id: int
