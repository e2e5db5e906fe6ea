"""The status line: connection, unsent messages, unread elsewhere, and the keys that matter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import msgspec
from textual import events
from textual.geometry import Size
from textual.message import Message

from asnity_tui.state.outbox_entry import OutboxEntry, WaitReason
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import Span, spans, width_of_spans

from .text_bar import TextBar

Hints: TypeAlias = tuple[tuple[str, str], ...]
"""(key, what it does)."""

StatusBadge: TypeAlias = tuple[Span, ...]
"""A place with what is unread there."""

Line: TypeAlias = Literal["offline", "connecting", "online", "signed-out", "closed"]

_WHY: dict[WaitReason, str] = {
    "offline": "for the connection",
    "no-answer": "for an answer",
    "unavailable": "for the server",
    "rate-limited": "to write again",
    "signed-out": "for you to sign in",
    "internal": "to try again",
    "undo": "",
}


class StatusInfo(msgspec.Struct, frozen=True):
    """Everything that the status line shows."""

    line: Line
    round_trip_ms: int | None = None
    retry_in: int | None = None
    """Seconds to the next attempt to connect."""
    busy: str = ""
    """What takes longer than a moment."""
    quiet: bool = False
    """Nothing is told outside: do not disturb."""
    waiting: int = 0
    failed: int = 0
    waits_for: str = ""
    held: str = ""
    """What can be undone before it goes out."""
    elsewhere: tuple[StatusBadge, ...] = ()
    """Badges of what the lists would show, where there is no room for the lists."""
    mode: str = ""
    """What letters do, where they aren't written."""
    always: Hints = ()
    """Keys that show however little room there is."""
    here: Hints = ()
    """Keys of what has the focus, the most important first."""
    hints: Hints = ()
    """Keys that show where there is room after all else."""


def waits_for(entries: Sequence[OutboxEntry], now: int) -> str:
    """Say why the first waiting entry waits, and how long from `now` (milliseconds since 1970)."""
    for entry in entries:
        if entry.state == "waiting" and entry.reason is not None and entry.reason != "undo":
            left = f" in {_seconds(entry, now)} s" if entry.not_before else ""
            return f"{_WHY[entry.reason]}{left}"
    return ""


def held(entries: Sequence[OutboxEntry], now: int) -> str:
    """Say what goes out by itself if nobody undoes it, and when (milliseconds since 1970)."""
    waiting = [each for each in entries if each.reason == "undo"]
    if not waiting:
        return ""
    last = waiting[-1]
    doing, key = ("deleting", "ctrl+z") if last.kind == "delete" else ("sending", "Esc")
    return f"{doing} in {_seconds(last, now)} s · {key} to undo"


def _seconds(entry: OutboxEntry, now: int) -> int:
    return max(1, -(-((entry.not_before or now) - now) // 1000))


class StatusBar(TextBar):
    """One line at the bottom."""

    class UnsentClicked(Message):
        """The count of unsent messages was clicked."""

    def on_click(self, event: events.Click) -> None:
        """Go to what isn't sent, where that is told."""
        at = 0
        for word in self.left:
            if at <= event.x < at + width_of_spans([word]) and word.style == "error" and "not sent" in word.text:
                self.post_message(self.UnsentClicked())
            at += width_of_spans([word])

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._standing: StatusInfo | None = None
        self._laid_for = 0
        """The width for which the words were chosen."""

    def tell(self, standing: StatusInfo) -> None:
        """Show how things stand; where room is short, hints go first, then badges, then keys of what has the focus."""
        self._standing = standing
        self._laid_for = self.size.width
        left = [*_mode(standing), *_line(standing), *_waiting(standing)]
        if standing.quiet:
            left += spans((" · ", "dim"), ("do not disturb", "plain"))
        if standing.busy:
            left += spans((" · ", "dim"), (standing.busy, "accent"))
        room = self.size.width - 3 - width_of_spans(left) - width_of_spans(hint_spans(standing.always))
        here, room = fitting(standing.here, room)
        badges, room = _badges(standing.elsewhere, room)
        more, _ = fitting(standing.hints, room)
        right = hint_spans((*here, *standing.always, *more))
        self.say([*left, *badges], [*right, Span(" ")])

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        """Take another size, and see before it is painted what finds room."""
        changed = super()._size_updated(size, virtual_size, container_size, layout)
        if self._standing is not None and self.size.width != self._laid_for:
            self.tell(self._standing)
        return changed


def hint_spans(hints: Hints) -> list[Span]:
    """Keys, each with what it does, in a row."""
    said: list[Span] = []
    for key, does in hints:
        said += spans(("  " if said else "", "plain"), (key, "hint-key"), (f" {harmless_line(does)}", "dim"))
    return said


def fitting(hints: Hints, room: int) -> tuple[Hints, int]:
    """The first hints that find room before others, and how much is left."""
    for number, hint in enumerate(hints):
        needed = width_of_spans(hint_spans((hint,))) + 2
        if needed > room:
            return hints[:number], room
        room -= needed
    return hints, room


def _badges(badges: Sequence[StatusBadge], room: int) -> tuple[list[Span], int]:
    """As many badges as find room, and how many there are besides."""
    said: list[Span] = []
    for number, badge in enumerate(badges):
        needed = width_of_spans(badge) + 2
        rest = len(badges) - number
        if needed + (0 if rest == 1 else width_of_spans(_more(rest - 1))) > room:
            more = _more(rest)
            return ([*said, *more], room - width_of_spans(more)) if width_of_spans(more) <= room else (said, room)
        said += [Span("  "), *badge]
        room -= needed
    return said, room


def _more(count: int) -> tuple[Span, ...]:
    return (Span(f"  +{count}", "accent"),)


def _mode(standing: StatusInfo) -> tuple[Span, ...]:
    return (Span(f" {standing.mode} ", "chip"),) if standing.mode else ()


def _line(standing: StatusInfo) -> tuple[Span, ...]:
    if standing.line == "online" and standing.mode:
        return spans((" ●", "good"))
    if standing.line == "online":
        trip = f" {standing.round_trip_ms} ms" if standing.round_trip_ms is not None else ""
        return spans((" ● ", "good"), ("connected", "dim"), (trip, "dim"))
    if standing.line == "connecting":
        return spans((" ◌ ", "accent"), ("connecting …", "dim"))
    if standing.line == "signed-out":
        return spans((" ○ ", "error"), ("signed out", "strong"))
    soon = f" · next try in {standing.retry_in} s" if standing.retry_in is not None else ""
    return spans((" ○ ", "error"), ("offline", "strong"), (soon, "dim"))


def _waiting(standing: StatusInfo) -> tuple[Span, ...]:
    said: list[Span] = []
    if standing.held:
        said += spans((" · ", "dim"), (standing.held, "plain"))
    if standing.waiting:
        why = f" {standing.waits_for}" if standing.waits_for else ""
        said += spans((" · ", "dim"), (f"{standing.waiting} waiting{why}", "plain"))
    if standing.failed:
        said += spans((" · ", "dim"), (f"! {standing.failed} not sent", "error"))
    return tuple(said)
