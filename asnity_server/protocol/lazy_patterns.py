"""Regular expressions that are compiled when they are first used: a program that starts needs few of its many."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator


class LazyPattern:
    """A pattern on demand, with the methods of a compiled one that are used here."""

    match: Callable[..., re.Match[str] | None]
    fullmatch: Callable[..., re.Match[str] | None]
    search: Callable[..., re.Match[str] | None]
    finditer: Callable[..., Iterator[re.Match[str]]]
    sub: Callable[..., str]

    def __init__(self, source: str, flags: re.RegexFlag = re.NOFLAG) -> None:
        self._source = source
        self._flags = flags

    def __getattr__(self, name: str) -> object:
        # Only the first use comes here: afterwards the methods stand in the instance.
        compiled = re.compile(self._source, self._flags)
        for method in ("match", "fullmatch", "search", "finditer", "sub"):
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)
