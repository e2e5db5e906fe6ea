"""The rail of communities: two letters each, with what is new in them."""

from __future__ import annotations

from collections.abc import Sequence

from asnity_tui.state.community import CommunityState
from asnity_tui.widgets.text.cell_width import clusters, fit, pad
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import Span

from .badges import community_badge
from .list_pane import ListEntry, ListPane

ADD = "+"
"""The key of the entry that creates or joins a community."""


def monogram(name: str) -> str:
    """Two cells that stand for a name: the first letters of two words, else of the word; one if it is wide."""
    parts = [part for part in harmless_line(name).replace("-", " ").split() if part]
    if not parts:
        return "? "
    first, width = clusters(parts[0])[0]
    if width == 2:
        return first
    second = clusters(parts[1])[0] if len(parts) > 1 else next(iter(clusters(parts[0])[1:]), (" ", 1))
    letters = first + (second[0] if second[1] == 1 else " ")
    return pad(letters.upper(), 2, more="")


class CommunityRail(ListPane):
    """My communities in the order in which I joined them, and a `+`."""

    def fill(self, communities: Sequence[CommunityState], *, current: str | None) -> None:
        """Show communities."""
        entries: list[ListEntry] = []
        for state in communities:
            style = "strong" if state.id == current else ("plain" if state.badge.sign != "none" else "dim")
            badge = community_badge(state.badge)
            words = (Span(fit(monogram(state.community.name), 2, more=""), style), *(badge and (Span(" "), *badge)))
            entries += [ListEntry(state.id, words), ListEntry(None)]
        entries.append(ListEntry(ADD, (Span("+ ", "dim"),)))
        self.show(entries, current=current)
