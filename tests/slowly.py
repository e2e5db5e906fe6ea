"""Which of many cases are worth the time of the quick run; the slow run has all of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import pytest
from _pytest.mark import ParameterSet

T = TypeVar("T")


def mostly_slow(cases: Iterable[T], *quick: T) -> list[T | ParameterSet]:
    """Leave all cases but the `quick` ones to the slow run."""
    return [each if each in quick else pytest.param(each, marks=pytest.mark.slow) for each in cases]
