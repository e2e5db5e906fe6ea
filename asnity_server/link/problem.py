"""The problem of a gateway's link: why there is none at the moment, logged once however often it is tried."""

from __future__ import annotations

import logging

from .tls import handshake_problem

log = logging.getLogger(__name__)


class LinkProblem:
    """Why there is no link, in one sentence; empty while there is one."""

    def __init__(self) -> None:
        self.sentence = "It was never linked."
        self._logged: set[str] = set()

    def report(self, sentence: str) -> None:
        """Take a sentence in the place of the last; each is logged once until there is a link."""
        self.sentence = sentence
        if sentence not in self._logged:
            if len(self._logged) == MOST_LOGGED:
                self._logged.clear()
            self._logged.add(sentence)
            log.warning("%s", sentence)

    def unreachable(self, error: OSError) -> None:
        """Report that nobody could be connected to."""
        self.report(f"The API can't be reached: {handshake_problem(error)}.")

    def clear(self) -> None:
        """Note that there is a link."""
        self.sentence = ""
        self._logged.clear()


MOST_LOGGED = 20
"""Sentences that are remembered as logged: several addresses may each have problems of their own."""
