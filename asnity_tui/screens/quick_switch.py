"""The quick switch: channels and people of all communities in one list, narrowed down by a few letters."""

from __future__ import annotations

from collections.abc import Sequence

from textual import work

from asnity_tui.client.sync.session import Session
from asnity_tui.screens.dialogs.picker import Picker
from asnity_tui.state.completion.quick_switch import QuickSwitchItem, destinations
from asnity_tui.widgets.badges import channel_badge
from asnity_tui.widgets.channel_list import DOTS, sign_of
from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import Span, marked, spans

from .all_members import load_all_members
from .worker_errors import ReportsWorkerErrors


class QuickSwitch(ReportsWorkerErrors, Picker):
    """Answers a key for `destination`, or None. People appear once it is known who is in the communities."""

    def __init__(self, session: Session, *, recent: Sequence[str], here: str | None) -> None:
        """`recent` are channels, the last one first; `here` is the community to write to people in, if possible."""
        super().__init__("Go to", self._find)
        self._session = session
        self._recent = recent
        self._here = here
        self._destinations: dict[str, QuickSwitchItem] = {}

    def on_mount(self) -> None:
        """Ask who there is, while the list can be used already."""
        super().on_mount()
        self._learn()

    @work(exit_on_error=False)
    async def _learn(self) -> None:
        if await load_all_members(self._session):
            self.list_again()

    def _find(self, query: str) -> Sequence[Option]:
        found = destinations(self._session.store, query, recent=self._recent, here=self._here)
        self._destinations = {each.channel_id or f"@{each.user_id}": each for each in found}
        return [_option(key, each) for key, each in self._destinations.items()]

    def destination(self, key: str | None) -> QuickSwitchItem | None:
        """Answer where a line leads; None for none."""
        return self._destinations.get(key) if key is not None else None


def _option(key: str, destination: QuickSwitchItem) -> Option:
    badge = channel_badge(destination.badge)
    style = "strong" if badge else ("faint" if destination.badge.muted else "plain")
    if destination.presence is not None:
        sign, ink = DOTS[destination.presence]
        before = Span(f"{sign} ", ink)
    else:
        before = Span("@ " if destination.kind == "direct" else sign_of(destination.channel_kind), "faint")
    title = harmless_line(destination.title)
    positions = destination.positions if title == destination.title else ()
    told = "  write to" if destination.kind == "person" else ""
    right = (*spans((harmless_line(destination.community), "faint")), *(badge and (Span("  "), *badge)))
    return Option(key, (before, *marked(title, positions, style), *spans((told, "faint"))), right)
