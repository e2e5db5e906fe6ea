"""`asnity-tui doctor`: what this terminal can and can't do, and the lines that mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from textwrap import wrap
from typing import Literal, TypeAlias

import msgspec
from rich.cells import cell_len

from asnity_tui.terminal.joined_emoji import joins, multiplexed
from asnity_tui.terminal.terminal_notify import method_for
from asnity_tui.widgets.text.hyperlinks import works as links_work
from asnity_tui.widgets.text.safe_text import harmless_line

from .terminal_queries import PROBES, Answers, Tmux

State: TypeAlias = Literal["good", "limited", "bad", "unknown"]

SIGNS: Mapping[State, str] = {"good": "✓", "limited": "!", "bad": "✗", "unknown": "?"}
ASCII_SIGNS: Mapping[State, str] = {"good": "+", "limited": "!", "bad": "x", "unknown": "?"}

_COPIES = ("xterm-kitty", "xterm-ghostty", "alacritty", "foot", "contour", "wezterm", "rio")
"""Terminals, by TERM, that take what is copied by OSC 52 as they come."""

_COPYING_PROGRAMS = frozenset({"WezTerm", "ghostty", "rio", "WarpTerminal"})
_TMUX_FILE = "in ~/.tmux.conf; then tmux source-file ~/.tmux.conf, detach and attach again"
_PROFILE = "in the shell's profile"

PATIENT = 50
"""Milliseconds that tmux may wait behind an Esc before it is felt."""


class Finding(msgspec.Struct, frozen=True):
    """One thing about the terminal."""

    what: str
    state: State
    sentence: str
    where: str = ""
    """Where the lines belong."""
    lines: tuple[str, ...] = ()
    """What to put there, to mend it."""


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """All that findings are made from."""

    environment: Mapping[str, str]
    encoding: str
    """Of what is printed."""
    size: tuple[int, int]
    """Columns and rows."""
    tmux: Tmux | None
    answers: Answers | None


def examine(around: Surroundings) -> tuple[Finding, ...]:
    """Everything worth knowing, what the screens can't do without first."""
    looks: tuple[Callable[[Surroundings], Finding], ...] = (
        _terminal, _size, _encoding, _colours, _widths, _joined, _keys, _escape, _focus, _copying, _notifications,
        _links,
    )  # fmt: skip
    return tuple(each(around) for each in looks)


def is_usable(findings: tuple[Finding, ...]) -> bool:
    """Whether the screens can be shown at all."""
    return all(each.state != "bad" for each in findings)


def report(findings: tuple[Finding, ...], encoding: str, width: int = 80) -> Iterator[str]:
    """The findings as lines to print; lines to be copied are never broken."""
    room = max(width - 17, 30)
    signs = SIGNS if _is_utf8(encoding) else ASCII_SIGNS
    for finding in findings:
        # the terminal's own name for itself is no more trusted than what people write
        first, *rest = wrap(harmless_line(finding.sentence), room) or [""]
        yield f"{signs[finding.state]} {finding.what:<14}{first}"
        yield from (f"{'':16}{line}" for line in rest)
        if finding.lines:
            yield from (f"{'':16}{line}" for line in wrap(finding.where, room))
            yield from (f"{'':18}{line}" for line in finding.lines)


def _terminal(around: Surroundings) -> Finding:
    term, program = around.environment.get("TERM", ""), around.environment.get("TERM_PROGRAM", "")
    if term in ("", "dumb"):
        what = "TERM is not set" if not term else "TERM is dumb"
        return Finding("terminal", "bad", f"{what}: this terminal can't show full screens.")
    told = around.answers.version if around.answers is not None else None
    names = [each for each in (told or program, f"TERM={term}") if each]
    if around.answers is None:
        return Finding("terminal", "unknown", f"{', '.join(names)}; not asked, since this isn't a terminal.")
    return Finding("terminal", "good", ", ".join(names))


def _size(around: Surroundings) -> Finding:
    columns, rows = around.size
    told = f"{columns}×{rows}" if _is_utf8(around.encoding) else f"{columns} x {rows}"
    if columns < 20 or rows < 5:
        return Finding("size", "limited", f"{told}: too small; use at least 60 columns and 16 rows.")
    if columns < 60 or rows < 16:
        return Finding("size", "limited", f"{told}: narrow; the lists open with F2.")
    return Finding("size", "good", told)


def _encoding(around: Surroundings) -> Finding:
    if _is_utf8(around.encoding):
        return Finding("encoding", "good", "UTF-8")
    sentence = f"{around.encoding or 'none'}: letters beyond English can't be shown."
    return Finding("encoding", "bad", sentence, _PROFILE, ("export LC_ALL=C.UTF-8",))


def _colours(around: Surroundings) -> Finding:
    environment = around.environment
    if environment.get("NO_COLOR"):
        return Finding("colours", "limited", "none, as NO_COLOR asks for.")
    if environment.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return Finding("colours", "good", "16 million")
    told = "256" if "256color" in environment.get("TERM", "") else "16"
    sentence = f"{told}, since COLORTERM doesn't promise more."
    if around.tmux is not None:
        lines = ('set -as terminal-features ",*:RGB"', 'set -ga update-environment "COLORTERM"')
        return Finding("colours", "limited", sentence, _TMUX_FILE, lines)
    where = f"{_PROFILE}, if this terminal can show more"
    return Finding("colours", "limited", sentence, where, ("export COLORTERM=truecolor",))


def _widths(around: Surroundings) -> Finding:
    answers = around.answers
    if answers is None or answers.widths is None:
        return Finding("widths", "unknown", "the terminal didn't say how wide it draws Hangul and emoji.")
    wrong = [
        f"{name} takes {told} for {cell_len(probe)}"
        for probe, name, told in zip(
            PROBES, ("Hangul", "a skin tone", "a family", "a flag", "a combining mark"), answers.widths, strict=True
        )
        if told != cell_len(probe)
    ]
    if not wrong:
        return Finding("widths", "good", "Hangul, emoji and combining marks are as wide as they should be.")
    return Finding("widths", "limited", f"{', '.join(wrong)} cells; columns stay aligned anyway.")


def _joined(around: Surroundings) -> Finding:
    """Emoji of several, as the screens show them here: whole only where everybody in between counts alike."""
    if joins(around.environment):
        return Finding("joined emoji", "good", "a family or a job shows as one sign.")
    why = "this terminal doesn't say that it joins them"
    if multiplexed(around.environment):
        why = "tmux, screen or zellij and the terminal behind it may count their cells differently"
    return Finding("joined emoji", "limited", f"of a family or a job the first sign shows: {why}.")


def _keys(around: Surroundings) -> Finding:
    answers = around.answers
    if around.environment.get("TERM_PROGRAM") == "iTerm.app" and around.tmux is None:
        return Finding(
            "keys", "limited", "the keyboard protocol stays off in iTerm2, for input methods; ctrl+j breaks lines."
        )
    if answers is not None and answers.kitty_keyboard:
        return Finding("keys", "good", "every key arrives; shift+enter breaks a line.")
    sentence = "shift+enter is the same as enter; ctrl+j breaks a line."
    if around.tmux is not None and around.tmux.get("extended-keys") in ("off", "0"):
        lines = ("set -s extended-keys on", "set -s extended-keys-format csi-u")
        return Finding("keys", "limited", sentence, _TMUX_FILE, lines)
    return Finding("keys", "unknown" if answers is None else "limited", sentence)


def _escape(around: Surroundings) -> Finding:
    waits = (around.tmux or {}).get("escape-time", "")
    if waits.isdecimal() and int(waits) > PATIENT:
        sentence = f"tmux waits {waits} ms after Esc, and reads Esc and a letter as alt+letter."
        return Finding("esc", "limited", sentence, _TMUX_FILE, ("set -s escape-time 10",))
    return Finding("esc", "good", "Esc works at once.")


def _focus(around: Surroundings) -> Finding:
    answers = around.answers
    unseen = "tmux doesn't report the focus: what is on the screen counts as read."
    if around.tmux is not None and around.tmux.get("focus-events") in ("off", "0"):
        return Finding("focus", "limited", unseen, _TMUX_FILE, ("set -s focus-events on",))
    if answers is not None and answers.focus is False:
        return Finding("focus", "limited", unseen)
    if answers is None or answers.focus is None:
        return Finding("focus", "unknown", "the terminal didn't say whether it reports its focus.")
    return Finding("focus", "good", "messages are read only while this window is in front.")


def _copying(around: Surroundings) -> Finding:
    environment = around.environment
    if around.tmux is not None:
        setting = around.tmux.get("set-clipboard", "")
        if setting in ("off", "0"):
            sentence = "tmux doesn't pass copied text on."
            return Finding("copying", "limited", sentence, _TMUX_FILE, ("set -s set-clipboard on",))
        if setting:
            return Finding("copying", "good", "tmux passes copied text to the terminal.")
        return Finding("copying", "unknown", "tmux didn't say whether it passes copied text on.")
    term, program = environment.get("TERM", ""), environment.get("TERM_PROGRAM", "")
    if term.startswith(_COPIES) or program in _COPYING_PROGRAMS or "WT_SESSION" in environment:
        return Finding("copying", "good", "by OSC 52, over ssh too.")
    if program == "iTerm.app":
        where = "in iTerm2's settings, General, Selection"
        return Finding(
            "copying",
            "limited",
            "it must be allowed in iTerm2's settings.",
            where,
            ("Applications in terminal may access clipboard",),
        )
    if "VTE_VERSION" in environment:
        return Finding("copying", "limited", "this terminal doesn't know OSC 52; copying works on this machine only.")
    if term.startswith("xterm") and "XTERM_VERSION" in environment:
        return Finding(
            "copying",
            "limited",
            "it must be allowed in xterm's settings.",
            "in ~/.Xresources",
            ("XTerm*allowWindowOps: true",),
        )
    return Finding("copying", "unknown", "whether this terminal takes OSC 52 isn't known; try y on a message.")


def _notifications(around: Surroundings) -> Finding:
    how = method_for("auto", around.environment)
    if how != "bell":
        return Finding("notifications", "good", f"by {how.upper().replace('-', ' ')}.")
    if around.tmux is None:
        return Finding("notifications", "limited", "by the bell: no other way is known for this terminal.")
    if around.tmux.get("bell-action") == "none" or around.tmux.get("monitor-bell") in ("off", "0"):
        lines = ("set -g bell-action any", "set -g monitor-bell on")
        return Finding("notifications", "limited", "by the bell, which tmux doesn't pass on.", _TMUX_FILE, lines)
    sentence = "by the bell: inside tmux nothing else is sent, whatever allow-passthrough says."
    return Finding("notifications", "limited", sentence)


def _links(around: Surroundings) -> Finding:
    if links_work(around.environment):
        return Finding("links", "good", "can be clicked (OSC 8), and opened with o.")
    return Finding("links", "limited", "probably can't be clicked; o opens them. FORCE_HYPERLINK=1 if they can.")


def _is_utf8(encoding: str) -> bool:
    return encoding.lower().replace("-", "").replace("_", "") == "utf8"
