"""The channels of a community: what is unread in each, what mentions me, where a draft waits."""

from __future__ import annotations

from collections.abc import Callable, Collection

from asnity_tui.state.channel import ChannelState
from asnity_tui.state.community import CommunityState, Seen

from .badges import channel_badge
from .inks import Word
from .list_pane import Entry, ListPane
from .safe_text import harmless_line

BROWSE = "+channels"
"""The key of the entry that leads to more channels."""

DOTS: dict[Seen, tuple[str, str]] = {
    "online": ("●", "online"),
    "away": ("◐", "away"),
    "offline": ("○", "offline"),
    "unknown": ("·", "faint"),
}
"""Presence as a sign and its style: the sign tells them apart without colour."""


def sign_of(kind: str) -> str:
    """What stands before a channel's name."""
    return "▪ " if kind == "private" else "# "


class ChannelList(ListPane):
    """My channels of one community, then the people I write with."""

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
        named = [each for each in community.channels.values() if each.channel.kind != "direct"]
        direct = [each for each in community.channels.values() if each.channel.kind == "direct"]
        entries = [Entry(None, (Word("Channels", "heading"),))]
        for state in named:
            before = Word(sign_of(state.channel.kind), "faint")
            entries.append(self._entry(state, before, state.channel.name, current, drafts))
        fresh = (Word(f"{len(community.appeared)} new", "dim"),) if community.appeared else ()
        entries.append(Entry(BROWSE, (Word("+ ", "faint"), Word("more", "faint")), fresh))
        if direct:
            entries += [Entry(None), Entry(None, (Word("Direct", "heading"),))]
        for state in direct:
            entries.append(self._entry(state, _dot(state, community, me), title_of(state), current, drafts))
        self.show(entries, current=current)

    def _entry(
        self, state: ChannelState, before: Word, name: str, current: str | None, drafts: Collection[str]
    ) -> Entry:
        badge = state.badge
        if state.muted:
            style = "faint"
        elif badge.sign != "none" or state.id == current:
            style = "strong"
        else:
            style = "dim" if state.channel.archived else "plain"
        right = channel_badge(badge)
        if state.id in drafts and state.id != current:
            right = (Word("draft", "faint"), *(right and (Word(" "), *right)))
        return Entry(state.id, (before, Word(harmless_line(name), style)), right)


def _dot(state: ChannelState, community: CommunityState, me: str) -> Word:
    """The presence of the other person of a direct channel; of several, how many there are."""
    members = state.channel.members
    others = [each for each in members if each != me] if isinstance(members, tuple) else []
    if len(others) > 1:
        return Word(f"{len(others)} ", "faint")
    sign, style = DOTS[community.seen(others[0]) if others else "offline"]
    return Word(f"{sign} ", style)
