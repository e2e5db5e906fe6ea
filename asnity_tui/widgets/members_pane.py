"""The members of a community with presence and role."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from asnity_server.protocol.models import Member, Presence
from asnity_server.protocol.text import name_key
from asnity_tui.state.knowledge import moment_of

from .channel_list import DOTS
from .inks import Word
from .list_pane import Entry, ListPane
from .safe_text import harmless_line

_ORDER: dict[Presence, int] = {"online": 0, "away": 1, "offline": 2}


class MembersPane(ListPane):
    """Who is here, those first who are online."""

    def fill(
        self, members: Iterable[Member] | None, presence: Mapping[str, Presence], me: str, *, now: int = 0
    ) -> None:
        """Show members as they are `now` (milliseconds since 1970); None: they aren't loaded."""
        if members is None:
            self.show((Entry(None), Entry(None, (Word("loading …", "dim"),))))
            return
        found = [(presence.get(each.user.id, "offline"), each) for each in members]
        found.sort(key=lambda pair: (_ORDER[pair[0]], name_key(pair[1].user.display_name)))
        here = sum(status != "offline" for status, _ in found)
        entries = [Entry(None, (Word(f"{here:,} online", "heading"),)), Entry(None)]
        entries += [_entry(member, status, me, now) for status, member in found]
        self.show(entries)


def _entry(member: Member, status: Presence, me: str, now: int) -> Entry:
    sign, style = DOTS[status]
    name = harmless_line(member.user.display_name) + (" (you)" if member.user.id == me else "")
    if moment_of(member.muted_until) > now:
        told = "muted"
    elif member.role != "member":
        told = member.role
    else:
        told = "away" if status == "away" else ""
    said = (Word(told, "faint"),) if told else ()
    return Entry(member.user.id, (Word(f"{sign} ", style), Word(name, "dim" if status == "offline" else "plain")), said)
