"""A terminal's screen and modes, from the bytes that a program writes: pyte, without what it doesn't know."""

from __future__ import annotations

import codecs
import re

import pyte

MODES = {
    "alternate screen": "1049",
    "mouse clicks": "1000",
    "mouse drags": "1002",
    "mouse moves": "1003",
    "mouse in SGR": "1006",
    "mouse in pixels": "1016",
    "mouse in urxvt": "1015",
    "focus": "1004",
    "bracketed paste": "2004",
    "synchronised output": "2026",
    "resize in band": "2048",
}
"""Private modes that a program has to turn off again, by what they do."""

_TOKEN = re.compile(
    r"\x1b(?:"
    r"\[(?P<prefix>[<=>?]?)(?P<numbers>[0-9;:]*)(?P<middle>[ -/]*)(?P<end>[@-~])"  # CSI
    r"|[\]P_^X](?P<string>[^\x07\x1b]*)(?:\x07|\x1b\\)"  # OSC, DCS, APC, PM, SOS
    r"|(?P<other>[^\[\]P_^X]))"
    r"|[^\x1b]+"
)


class Emulator:
    """A terminal: its screen and its modes."""

    def __init__(self, width: int, height: int) -> None:
        self._main = pyte.Screen(width, height)
        self._alternate = pyte.Screen(width, height)
        self._streams = (pyte.Stream(self._main), pyte.Stream(self._alternate))
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._rest = ""
        self._held = ""
        """What was drawn of a synchronised picture, which shows when it is whole."""
        self._on: set[str] = set()
        self._keyboards = 0
        self.bells = 0
        self.titles: list[str] = []
        """OSC sequences that were sent: titles, notifications, the clipboard."""

    def feed(self, data: bytes) -> bytes:
        """Take what the program wrote; what a terminal answers to it."""
        text = self._rest + self._decode(data)
        answers, at = b"", 0
        while (match := _TOKEN.match(text, at)) is not None:
            at = match.end()
            answers += self._take(match)
        self._rest = text[at:]
        return answers

    def _take(self, match: re.Match[str]) -> bytes:
        told = match.group()
        if not told.startswith("\x1b"):
            self.bells += told.count("\x07")
            self._draw(told)
        elif (said := match["string"]) is not None:
            self.titles.append(said)
        elif match["other"] is not None:
            if told in ("\x1b7", "\x1b8", "\x1bD", "\x1bE", "\x1bM", "\x1bc", "\x1bH"):
                self._draw(told)
        else:
            return self._control(match["prefix"], match["numbers"], match["middle"], match["end"], told)
        return b""

    def _control(self, prefix: str, numbers: str, middle: str, end: str, told: str) -> bytes:
        if prefix == "?" and not middle and end in "hl":
            for number in numbers.split(";"):
                self._set(number, on=end == "h")
        elif prefix == "?" and middle == "$" and end == "p":  # DECRQM: 2 is "known, and off", 0 is "unknown"
            return f"\x1b[?{numbers};{2 if numbers == '2026' else 0}$y".encode()
        elif end == "u" and prefix in (">", "<"):
            self._keyboards = max(0, self._keyboards + (1 if prefix == ">" else -int(numbers or "1")))
        elif end == "n" and numbers == "6" and not prefix:
            self._show()
            return f"\x1b[{self.screen.cursor.y + 1};{self.screen.cursor.x + 1}R".encode()
        elif end == "c" and prefix in ("", ">") and not middle:
            return b"\x1b[?62;22c" if not prefix else b"\x1b[>1;10;0c"
        elif not prefix and not middle and end not in "qtu" and ":" not in numbers:
            self._draw(told)
        return b""

    def _draw(self, told: str) -> None:
        if "2026" in self._on:
            self._held += told
        else:
            self._stream.feed(told)

    def _show(self) -> None:
        """Show what was held back."""
        held, self._held = self._held, ""
        self._stream.feed(held)

    def _set(self, number: str, *, on: bool) -> None:
        if number in ("1049", "2026"):
            self._show()
        (self._on.add if on else self._on.discard)(number)
        if number == "1049" and on:
            self._alternate.reset()
        elif number in ("25", "7", "6"):
            self._draw(f"\x1b[?{number}{'h' if on else 'l'}")

    @property
    def _stream(self) -> pyte.Stream:
        return self._streams["1049" in self._on]

    @property
    def screen(self) -> pyte.Screen:
        """The screen that shows: the alternate one, while a program has it."""
        return self._alternate if "1049" in self._on else self._main

    def resize(self, width: int, height: int) -> None:
        """Take another size."""
        for screen in (self._main, self._alternate):
            screen.resize(height, width)

    def lines(self) -> list[str]:
        """The screen, line by line, without the blanks at the ends."""
        screen = self.screen
        return ["".join(screen.buffer[y][x].data for x in range(screen.columns)).rstrip() for y in range(screen.lines)]

    def cursor(self) -> tuple[int, int]:
        """Column and line of the cursor, from 0."""
        return self.screen.cursor.x, self.screen.cursor.y

    def modes(self) -> set[str]:
        """List the modes that a program has to turn off before it goes, in words."""
        on = {name for name, number in MODES.items() if number in self._on}
        if self._keyboards:
            on.add("kitty keyboard")
        if self.screen.cursor.hidden:
            on.add("cursor hidden")
        if pyte.modes.DECAWM not in self.screen.mode:
            on.add("no wrapping")
        return on
