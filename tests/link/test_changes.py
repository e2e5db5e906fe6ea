"""Tests of changes as they cross a link."""

from __future__ import annotations

from typing import get_args, get_type_hints

import pytest
from msgspec import UnsetType

from asnity_server import bus


@pytest.mark.parametrize("change", get_args(bus.Change))
def test_no_field_of_a_change_can_be_left_out(change: type[bus.Change]) -> None:
    """They cross as arrays, which have no holes."""
    assert not [name for name, kind in get_type_hints(change).items() if UnsetType in get_args(kind)]
