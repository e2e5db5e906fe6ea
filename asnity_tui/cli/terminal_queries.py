"""Asking the terminal and tmux what they are and can; never for longer than a moment."""

from __future__ import annotations

import os
import re
import select
import subprocess
import termios
import time
import tty
from collections.abc import Mapping
from typing import TypeAlias

import msgspec

ANSWER_WITHIN = 1.0
"""Seconds for all answers of a terminal together; over a slow line some may be missing then."""

TMUX_WITHIN = 2.0
"""Seconds for tmux."""

PROBES = (
    "\ud55c",
    "\U0001f44d\U0001f3fd",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467",
    "\U0001f1f0\U0001f1f7",
    "e\u0301",
)
"""What terminals give different widths: Hangul, a skin tone, a family, a flag, a combining mark."""

_TMUX_OPTIONS = ("set-clipboard", "bell-action", "monitor-bell", "escape-time", "focus-events", "extended-keys")

_KITTY = re.compile(rb"\x1b\[\?(\d+)u")
_VERSION = re.compile(rb"\x1bP>\|([^\x1b]*)\x1b\\")
_FOCUS = re.compile(rb"\x1b\[\?1004;(\d)\$y")
_PLACE = re.compile(rb"\x1b\[\d+;(\d+)R")
_DEVICE = re.compile(rb"\x1b\[\?[\d;]*c")

Tmux: TypeAlias = Mapping[str, str]
"""Options of the tmux around us, by name; empty where it doesn't say."""


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """A terminal's answers; None for what it left out."""

    version: str | None = None
    kitty_keyboard: bool | None = None
    focus: bool | None = None
    widths: tuple[int, ...] | None = None
    """Of the `PROBES`, in cells."""


def ask_terminal(reads: int, writes: int) -> Answers | None:
    """Ask the terminal behind these two descriptors; None where there is none in front of us."""
    try:
        if not (os.isatty(reads) and os.isatty(writes)) or os.tcgetpgrp(reads) != os.getpgrp():
            return None  # in the background, touching the terminal would stop us
        before = termios.tcgetattr(reads)
    except (OSError, termios.error):
        return None
    try:
        tty.setcbreak(reads, termios.TCSANOW)
        os.write(writes, _questions())
        return parse_answers(_answers(reads))
    except OSError:
        return None
    finally:
        termios.tcsetattr(reads, termios.TCSAFLUSH, before)


def _questions() -> bytes:
    """Version, kitty keyboard, focus events, widths; the last, which every terminal answers, says that it is all."""
    probes = "".join(f"\r{probe}\x1b[6n" for probe in PROBES)
    return f"\x1b[>q\x1b[?u\x1b[?1004$p{probes}\r\x1b[K\x1b[c".encode()


def _answers(reads: int) -> bytes:
    told = bytearray()
    deadline = time.monotonic() + ANSWER_WITHIN
    while not _DEVICE.search(told) and (left := deadline - time.monotonic()) > 0:
        if not select.select([reads], [], [], left)[0]:
            break
        some = os.read(reads, 4096)
        if not some:
            break
        told += some
    return bytes(told)


def parse_answers(told: bytes) -> Answers:
    """Parse the bytes that a terminal answered."""
    version, focus = _VERSION.search(told), _FOCUS.search(told)
    places = [int(each) - 1 for each in _PLACE.findall(told)]
    complete = _DEVICE.search(told) is not None
    return Answers(
        version=version[1].decode("ascii", "replace") if version else None,
        kitty_keyboard=True if _KITTY.search(told) else False if complete else None,
        # 0: it doesn't know the mode, 4: it never does it (DECRPM)
        focus=focus[1] not in (b"0", b"4") if focus else None,
        widths=tuple(places) if len(places) == len(PROBES) else None,
    )


def ask_tmux(environment: Mapping[str, str]) -> Tmux | None:
    """Ask the tmux around us for its options; None where there is none. Empty if it doesn't answer."""
    if not environment.get("TMUX"):
        return None
    asked = "\n".join(f"#{{{each}}}" for each in _TMUX_OPTIONS)
    try:
        done = subprocess.run(
            ["tmux", "display-message", "-p", asked],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TMUX_WITHIN,
            check=True,
            env=dict(environment),
        )
    except (OSError, subprocess.SubprocessError):
        return {}
    return dict(zip(_TMUX_OPTIONS, done.stdout.decode("utf-8", "replace").splitlines(), strict=False))
