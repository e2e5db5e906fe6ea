"""Parses what a terminal sends: keys, keys held with alt, pastes with and without marks, the mouse, answers.

Textual's parser reads single sequences; taking them apart is done here, because only here is it known what came
together. A terminal writes a key that is held with alt as Esc and the key in one piece, so an Esc that comes alone is
Esc, whatever is typed a moment later. A terminal without bracketed paste writes a paste like very fast typing, so what
comes in one burst with a line break or a tab in the middle is a paste, and nothing in it acts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from textual import constants, events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.message import Message

from asnity_server.protocol.lazy_patterns import LazyPattern
from asnity_tui.widgets.text.hangul_keys import JAMO

ESC = "\x1b"
PASTE_BEGINS, PASTE_ENDS = "\x1b[200~", "\x1b[201~"

BURST = 5
"""Characters that come together from which on it may be a paste. Keys that a busy moment held up are fewer."""

GOES_ON = 0.1
"""Seconds within which the next burst belongs to the same paste: long ones come in pieces."""

SEQUENCE_WITHIN = 0.5
"""Seconds for the rest of a sequence of which more than its beginning is there, over a slow line."""

PASTE_WITHIN = 5.0
"""Seconds of silence after which a paste whose end never came is over."""

_TOKEN = LazyPattern(
    "\x1b\\[M[\\s\\S]{3}"  # the mouse as the X10 protocol tells it
    "|\x1b\\[\\[[A-E]"  # the first function keys of the Linux console
    "|\x1b?\x1b\\[[0-9]+\\$"  # keys held with shift in rxvt
    "|\x1b?\x1b\\[[0-?]*[ -/]*[@-Z\\\\-~]"  # CSI
    "|\x1b?\x1bO[ -~]"  # SS3
    "|\x1b[\\]P_^X][^\x07\x1b]*(?:\x07|\x1b\\\\)"  # OSC, DCS, APC, PM, SOS: answers that nobody here asked for
    "|\x1b[^\x1b\\[O]"  # held with alt
    "|[^\x1b]+"
)
_BEGUN = LazyPattern("\x1b?\x1b(?:\\[(?:M[\\s\\S]{0,2}|\\[|[0-?]*[ -/]*)|O)?")
_OTHER_KEYS = LazyPattern("\x1b\\[27;([0-9]+);([0-9]+)~")
"""xterm's modifyOtherKeys, which tmux speaks, too: modifiers and the character."""

_LATIN = {jamo: letter for letter, jamo in JAMO.items()}
_COMMANDS = LazyPattern("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""Keys held with ctrl, and corrections: with one of these, what closely follows a paste is typed."""

_ERASING = frozenset("\x08\x7f")


class Keyboard:
    """Takes what is read from a terminal, and gives messages."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._parser = XTermParser()
        self._rest = ""
        """The beginning of a sequence."""
        self._pasted: str | None = None
        """What has come of a paste with marks."""
        self._since = 0.0
        self._burst_until = 0.0

    @property
    def waits(self) -> bool:
        """Something has begun that time may end: `tick` is to be called soon."""
        return bool(self._rest) or self._pasted is not None

    def may_go_on(self, text: str) -> bool:
        """Whether so much came at once that what follows closely should be waited for, and fed together with it."""
        return len(text) >= BURST and ESC not in text

    def feed(self, text: str) -> Iterator[Message]:
        """Take what was read at once."""
        self._since = self._clock()
        if self._rest == ESC and text[:1] not in ("[", "O"):
            self._rest = ""
            yield events.Key("escape", ESC)
        text, self._rest = self._rest + text, ""
        while text and not self._rest:
            if self._pasted is not None:
                came, known = self._pasted + text, len(self._pasted)
                end = came.find(PASTE_ENDS, max(0, known - len(PASTE_ENDS)))
                self._pasted = came if end < 0 else None
                text = came[end + len(PASTE_ENDS) :] if end >= 0 else ""
                if end >= 0:
                    yield _paste(came[:end])
            elif token := _TOKEN.match(text):
                text = text[token.end() :]
                yield from self._token(token.group())
            else:
                begun = _BEGUN.match(text)
                assert begun is not None  # it begins with Esc, or it would be a token
                if begun.end() == len(text):
                    self._rest = text
                else:
                    text = text[begun.end() :]
                    yield from self._broken_off(begun.group())

    def tick(self) -> Iterator[Message]:
        """Called again and again: what has begun and doesn't go on is over."""
        silence = self._clock() - self._since
        if self._pasted is not None:
            if silence >= PASTE_WITHIN:
                pasted, self._pasted = self._pasted, None
                yield _paste(pasted)
        elif self._rest and silence >= (constants.ESCAPE_DELAY if len(self._rest) < 3 else SEQUENCE_WITHIN):
            rest, self._rest = self._rest, ""
            yield from self._broken_off(rest)

    def _broken_off(self, begun: str) -> Iterator[Message]:
        """What the beginning of a sequence is when it doesn't go on; a longer one was damaged on the way."""
        if not begun.strip(ESC):
            yield from (events.Key("escape", ESC) for _ in begun)
        elif len(begun) == 2:
            yield from self._held_with_alt(begun[1])

    def _token(self, token: str) -> Iterator[Message]:
        if token == PASTE_BEGINS:
            self._pasted = ""
        elif token[0] != ESC:
            yield from self._plain(token)
        elif len(token) == 2:
            yield from self._held_with_alt(token[1])
        elif token[1] == ESC:
            for message in self._sequence(token[1:]):
                yield events.Key(_with_alt(message.key), None) if isinstance(message, events.Key) else message
        elif token[1] in "[O":
            yield from self._sequence(token)

    def _sequence(self, sequence: str) -> Iterator[Message]:
        """One whole sequence; one that isn't understood is no text."""
        other = _OTHER_KEYS.fullmatch(sequence)
        parser = self._parser
        yield from parser.feed(f"{ESC}[{other[2]};{other[1]}u" if other else sequence)
        if parser._awaiting.timeout is not None:  # it waits for more
            parser._gen.close()
            parser._gen = parser.parse(parser._tokens.append)
            parser._awaiting = next(parser._gen)

    def _held_with_alt(self, character: str) -> Iterator[Message]:
        """A key held with alt: no text, whatever a Mac makes of it, and the same key on a Hangul layout."""
        character = _LATIN.get(character, character)
        known = ANSI_SEQUENCES_KEYS.get(ESC + character)
        if isinstance(known, tuple):
            yield from (events.Key(key.value, None) for key in known)
        else:
            for key in self._parser.feed(character):
                if isinstance(key, events.Key):
                    yield events.Key(_with_alt(key.key), None)

    def _plain(self, text: str) -> Iterator[Message]:
        now = self._clock()
        goes_on = now < self._burst_until and not _COMMANDS.search(text)
        if goes_on or _is_paste(text):
            self._burst_until = now + GOES_ON
            yield _paste(text)
        else:
            yield from self._parser.feed(text)


def _is_paste(burst: str) -> bool:
    """Whether what came at once was pasted: there is a line break or a tab in it that isn't its end, and no correction.

    A short line and the Enter that ends it is what tools send that type for somebody, and is typed.
    """
    inner = burst.rstrip("\r\n\t")
    return len(burst) >= BURST and not _ERASING.intersection(burst) and any(sign in inner for sign in "\r\n\t")


def _paste(text: str) -> events.Paste:
    return events.Paste(text.replace("\x00", ""))


def _with_alt(key: str) -> str:
    *modifiers, last = key.split("+")
    if len(last) == 1 and last.isupper():
        modifiers, last = [*modifiers, "shift"], last.lower()
    return "+".join([*sorted({*modifiers, "alt"}), last])
