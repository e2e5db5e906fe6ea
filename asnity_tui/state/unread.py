"""Counting what is unread, and the badges that show it."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

Sign: TypeAlias = Literal["none", "dot", "count", "mention"]


class Badge(msgspec.Struct, frozen=True):
    """What a channel or a community shows beside its name; counts stop at `limits.COUNT_CAP` (shown as 99+)."""

    unread: int
    mentions: int
    """For a direct channel every unread message counts as one."""
    muted: bool = False

    @property
    def sign(self) -> Sign:
        """`mention`: show mentions; `count`: show unread; `dot`: something is unread (communities only)."""
        raise NotImplementedError
