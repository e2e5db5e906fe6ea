"""The channels of a community: what is unread in each, what mentions me, where a draft waits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from asnity_tui.state.channel import ChannelState
from asnity_tui.state.community import CommunityState, PresenceStatus
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import Span

from .badges import channel_badge
from .list_pane import ListEntry, ListPane

BROWSE = "+channels"
"""The key of the entry that leads to more channels."""

DOTS: dict[PresenceStatus, tuple[str, str]] = {
    "online": ("●", "online"),
    "away": ("◐", "away"),
    "offline": ("○", "offline"),
    "unknown": ("·", "faint"),
}
"""Presence as a sign and its style: the sign tells them apart without colour."""


def sign_of(kind: str) -> str:
    """Return the sign before a channel's name."""
    return "▪ " if kind == "private" else "# "


class ChannelList(ListPane):
    """My channels of one community, then the people I write with."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._drawn: dict[str, tuple[object, ListEntry]] = {}
        """The entry of each channel as it was filled last, and all that it was made of."""

    def fill(
        self,
        community: CommunityState | None,
        *,
        current: str | None,
        drafts: Collection[str],
        title_of: Callable[[ChannelState], str],
        me: str,
    ) -> None:
        """Show a community's channels; `drafts` are ids of channels with an unsent draft."""
        if community is None:
            self.show(())
            return
        before, self._drawn = self._drawn, {}
        named = [each for each in community.channels.values() if each.channel.kind != "direct"]
        direct = [each for each in community.channels.values() if each.channel.kind == "direct"]
        entries = [ListEntry(None, (Span("Channels", "heading"),))]
        for state in named:
            entries.append(self._entry(state, ("", ""), state.channel.name, current, drafts, before))
        fresh = (Span(f"{len(community.appeared)} new", "dim"),) if community.appeared else ()
        entries.append(ListEntry(BROWSE, (Span("+ ", "faint"), Span("more", "faint")), fresh))
        if direct:
            entries += [ListEntry(None), ListEntry(None, (Span("Direct", "heading"),))]
        for state in direct:
            entries.append(self._entry(state, _dot(state, community, me), title_of(state), current, drafts, before))
        self.show(entries, current=current)

    def _entry(
        self,
        state: ChannelState,
        dot: tuple[str, str],
        name: str,
        current: str | None,
        drafts: Collection[str],
        drawn: Mapping[str, tuple[object, ListEntry]],
    ) -> ListEntry:
        """One channel; the very entry that was drawn before, as long as nothing about it changes."""
        opened, drafted = state.id == current, state.id in drafts and state.id != current
        made_of = (state.channel, state.muted, state.counts, dot, name, opened, drafted)
        known = drawn.get(state.id)
        entry = known[1] if known is not None and known[0] == made_of else _entry(state, dot, name, opened, drafted)
        self._drawn[state.id] = made_of, entry
        return entry


def _entry(state: ChannelState, dot: tuple[str, str], name: str, opened: bool, drafted: bool) -> ListEntry:
    badge = state.badge
    if state.muted:
        style = "faint"
    elif badge.sign != "none" or opened:
        style = "strong"
    else:
        style = "dim" if state.channel.archived else "plain"
    right = channel_badge(badge)
    if drafted:
        right = (Span("draft", "faint"), *(right and (Span(" "), *right)))
    before = Span(*dot) if dot[0] else Span(sign_of(state.channel.kind), "faint")
    return ListEntry(state.id, (before, Span(harmless_line(name), style)), right)


def _dot(state: ChannelState, community: CommunityState, me: str) -> tuple[str, str]:
    """The presence of the other person of a direct channel; of several, how many there are; each with its style."""
    members = state.channel.members
    others = [each for each in members if each != me] if isinstance(members, tuple) else []
    if len(others) > 1:
        return f"{len(others)} ", "faint"
    sign, style = DOTS[community.presence_of(others[0]) if others else "offline"]
    return f"{sign} ", style
