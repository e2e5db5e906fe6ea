"""The people in a channel with presence, role and status."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable

from asnity_server.protocol.models import Member
from asnity_server.protocol.text import name_key
from asnity_tui.state.community import PresenceStatus
from asnity_tui.state.people import PRESENCE_ORDER
from asnity_tui.state.store import time_of
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import Span

from .channel_list import DOTS
from .list_pane import ListEntry, ListPane

WIDE = 26
"""Cells of a sentence's line."""


class MembersPane(ListPane):
    """The list of people who can read the channel, those first who are online."""

    def say(self, sentence: str) -> None:
        """Show why there is no list."""
        self.show([ListEntry(None), *(ListEntry(None, (Span(line, "dim"),)) for line in textwrap.wrap(sentence, WIDE))])

    def fill(
        self, people: Iterable[Member], seen: Callable[[str], PresenceStatus], me: str, *, now: int = 0, note: str = ""
    ) -> None:
        """Show people as they are `now` (milliseconds since 1970), with a `note` on all of them."""
        found = [(seen(each.user.id), each) for each in people]
        found.sort(key=lambda pair: (PRESENCE_ORDER[pair[0]], name_key(pair[1].user.display_name)))
        here = sum(status in ("online", "away") for status, _ in found)
        told = f"{len(found):,} member{'s' if len(found) != 1 else ''}"
        if any(status != "unknown" for status, _ in found):
            told += f" · {here:,} online"
        entries = [ListEntry(None, (Span(told, "heading"),)), ListEntry(None, (Span(note, "faint"),) if note else ())]
        entries += [_entry(member, status, me, now) for status, member in found]
        self.show(entries)


def _entry(member: Member, status: PresenceStatus, me: str, now: int) -> ListEntry:
    sign, style = DOTS[status]
    name = harmless_line(member.user.display_name) + (" (you)" if member.user.id == me else "")
    if time_of(member.muted_until) > now:
        told = "muted"
    elif member.role != "member":
        told = member.role
    else:
        told = "away" if status == "away" else ""
    left = [Span(f"{sign} ", style), Span(name, "plain" if status in ("online", "away") else "dim")]
    if member.user.status_text:
        left.append(Span(f"  {harmless_line(member.user.status_text)}", "faint"))
    return ListEntry(member.user.id, tuple(left), (Span(told, "faint"),) if told else ())
