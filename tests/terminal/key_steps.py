"""Somebody's hands on the keys: what is done before a key is tried, and what has to be so behind it."""

from __future__ import annotations

import base64
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.fakes.proxy import Proxy

from .key_bytes import bytes_of
from .program import Program
from .terminal_harness import TerminalHarness


@dataclass
class Typist:
    """Somebody at a client, in a community of their own that bob is in too."""

    program: Program
    terminals: TerminalHarness
    name: str
    channels: dict[str, str]
    """Ids by name."""
    other: str
    """The id of their other community."""
    way: Proxy
    """What their client reaches the server by."""
    heard: int = sys.maxsize
    """How many OSC sequences there were before the key was tried."""

    def news(self, channel: str, text: str) -> None:
        """Bob writes something."""
        self.terminals.call("POST", f"/api/channels/{self.channels[channel]}/messages", "bob", content=text)

    def change(self, channel: str, **what: object) -> None:
        """Change a channel at the server."""
        self.terminals.call("PATCH", f"/api/channels/{self.channels[channel]}", self.name, **what)


Step = Callable[[Typist], None]
Seen = Callable[[Typist], object]


@dataclass(frozen=True)
class Row:
    """One key: what is done before it, what is so behind it and wasn't before, and what tidies up."""

    seen: Seen
    before: tuple[Step, ...] = ()
    after: tuple[Step, ...] = ()
    quick: bool = field(default=False, kw_only=True)
    """It is tried in the quick run, too."""


def until(seen: Seen) -> Step:
    """Wait for it."""
    return lambda typist: typist.program.until(lambda: seen(typist), "what the step before does")


def press(key: str, seen: Seen | None = None) -> Step:
    """Press a key, and wait for what it does."""

    def step(typist: Typist) -> None:
        typist.program.feed(bytes_of(key))
        if seen is not None:
            typist.program.until(lambda: seen(typist), f"what {key} does")

    return step


def types(text: str, seen: Seen | None = None) -> Step:
    """Type a text, letter by letter."""

    def step(typist: Typist) -> None:
        typist.program.type(text)
        if seen is not None:
            typist.program.until(lambda: seen(typist), f"what {text} does")

    return step


# What is so


def text(*parts: str) -> Seen:
    """All of these show."""
    return lambda typist: all(each in typist.program.text for each in parts)


def no(*parts: str) -> Seen:
    """None of these shows."""
    return lambda typist: not any(each in typist.program.text for each in parts)


def both(*seen: Seen) -> Seen:
    """All of it."""
    return lambda typist: all(each(typist) for each in seen)


def like(pattern: str) -> Seen:
    """A line looks like this."""
    return lambda typist: re.search(pattern, typist.program.text, re.MULTILINE)


def top(part: str) -> Seen:
    """It shows in the first line: the name of the community."""
    return lambda typist: part in typist.program.lines[0]


def at(message: str) -> Seen:
    """A message is under the cursor."""
    return like(f"▌  {re.escape(message)}")


def entry(name: str) -> Seen:
    """An entry of a list is under the cursor, or open."""
    return like(f"▌{re.escape(name)}")


def composer(*lines: str) -> Seen:
    """These are the last lines of the composer."""
    return lambda typist: [each.split("▌")[-1] for each in typist.program.lines[-1 - len(lines) : -1]] == list(lines)


def copied(part: str) -> Seen:
    """This was put on the terminal's clipboard."""

    def seen(typist: Typist) -> bool:
        put = [each.split(";")[2] for each in typist.program.said[typist.heard :] if each.startswith("52;")]
        return any(part in base64.b64decode(each).decode() for each in put)

    return seen


def ended(typist: Typist) -> bool:
    """The program is gone."""
    return typist.program.process.poll() is not None


def tried(typist: Typist, key: str, row: Row) -> None:
    """Press a key and wait for what it does."""
    for step in row.before:
        step(typist)
    typist.heard = len(typist.program.said)
    typist.program.until(lambda: not row.seen(typist), f"a screen without what {key} does")  # a picture comes in pieces
    typist.program.feed(bytes_of(key))
    typist.program.until(lambda: row.seen(typist), f"what {key} does")
    for step in row.after:
        step(typist)
