"""Warnings before something is sent: why nothing can be written, and who of those that are named won't read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo

from textual.geometry import Size
from textual.strip import Strip

from asnity_server.protocol.models import User
from asnity_server.protocol.text import EVERYONE, name_key
from asnity_tui.client.sync.session import Session
from asnity_tui.state.channel import ChannelState
from asnity_tui.state.community import CommunityState
from asnity_tui.state.people import others_in
from asnity_tui.state.rights import CROWD, Rights, rights_at
from asnity_tui.state.store import Store
from asnity_tui.widgets.text.cell_width import wrap
from asnity_tui.widgets.text.relative_time import relative_time
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import spans
from asnity_tui.widgets.text_bar import TextBar

from .completion_list import PeopleLoader

LINES = 2
"""Lines that a remark takes at most; what is behind them is cut."""

NAMED = 3
"""People who are named in a remark; of more it says how many."""


def why_silent(store: Store, channel: ChannelState, *, now: int, zone: tzinfo | None) -> str:
    """Why nothing can be written in a channel, and until when; empty where it can. `now` in milliseconds since 1970."""
    if channel.channel.archived:
        return "This channel is archived: you can read it, but not write."
    community = store.communities.get(channel.channel.community_id)
    if community is not None and community.muted_until > now:
        until = relative_time(community.muted_until, now=now, zone=zone)
        return f"You are muted until {until}: you can read, but not write."
    return ""


class ComposeWarnings(TextBar):
    """The lines above the composer; empty, and not there, as long as all is well."""

    def __init__(self, session: Session, *, zone: tzinfo | None, people: PeopleLoader) -> None:
        super().__init__(id="remark")
        self._store = session.store
        self._zone = zone
        self._people = people
        self._told = ""
        self._known: tuple[object, ...] = ()
        self._names: dict[str, User] = {}

    def look(self, channel: ChannelState | None, text: str, *, now: int) -> None:
        """Say what there is to say of what stands in the composer; an empty one says by itself why it is shut."""
        told = ""
        if channel is not None and text.strip():
            told = why_silent(self._store, channel, now=now, zone=self._zone) or self.on(channel, text, now=now)
        self.display = bool(told)
        if told != self._told:
            self._told = told
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as it takes, within reason."""
        return len(self._lines(width))

    def render_line(self, y: int) -> Strip:
        """One of them."""
        lines = self._lines(self.size.width)
        told = self._told[slice(*lines[y])] if y < len(lines) else ""
        self.left = spans(("   ", "plain"), (told, "accent"))
        return super().render_line(0)

    def _lines(self, width: int) -> list[tuple[int, int]]:
        lines = wrap(self._told, max(2, width - 3))
        return lines if len(lines) <= LINES else [*lines[: LINES - 1], (lines[LINES - 1][0], len(self._told))]

    def on(self, channel: ChannelState, text: str, *, now: int) -> str:
        """Warn of what a text would do in a channel, in one harmless sentence; mostly there is nothing to say."""
        community = self._store.communities.get(channel.channel.community_id)
        if community is None or not text or text.startswith("/"):
            return ""
        left = [each for each in others_in(self._store, channel) if each in community.former]
        if left and len(left) == len(others_in(self._store, channel)):
            name = harmless_line(self._store.name_of(left[0]))
            return f"{name} has left: no one else can read this." if len(left) == 1 else "Everyone else has left."
        if "@" not in text:
            return ""
        if community.members is None:
            self._people.want_members(community.id)
        if channel.people is None:
            self._people.want_people(channel.id)
            return ""
        from asnity_server.protocol.markup import mention_runs  # late: nobody is named in the first picture
        from asnity_server.protocol.mentions import resolve_name  # late: see above

        rights = rights_at(self._store, channel.id, now)
        names = self._names_in(community, channel)
        runs = dict.fromkeys(mention_runs(text))
        called = dict.fromkeys(each.key for run in runs if (each := resolve_name(run, names)) is not None)
        if EVERYONE in called and not rights.may_mention_all(len(channel.people)):
            return f"Only admins can use @channel with more than {CROWD} members."
        users = (names[key] for key in called if key != EVERYONE)
        missed = [each for each in users if each.id not in channel.people or each.disabled]
        return _missed(channel, community, missed, rights)

    def _names_in(self, community: CommunityState, channel: ChannelState) -> Mapping[str, User]:
        """Everybody that a name may mean in a channel: who is there, the community's members, and those who have left.

        Made anew when somebody came or went: there may be thousands, and it is looked at with every letter.
        """
        members, people = community.members or {}, channel.people or {}
        known = (channel.id, community.serial, len(members), len(people), len(community.former))
        if known != self._known:
            users = [self._store.users[each] for each in community.former if each in self._store.users]
            users += [each.user for each in (*members.values(), *people.values())]
            self._known, self._names = known, {name_key(each.username): each for each in users}
        return self._names


def _missed(channel: ChannelState, community: CommunityState, users: Sequence[User], rights: Rights) -> str:
    """Word who of those that are called don't read it."""
    disabled = [each for each in users if each.disabled]
    former = [each for each in users if each.id in community.former and each not in disabled]
    absent = [each for each in users if each not in disabled and each not in former]
    told = [f"{_listed(absent)} {_are(absent)} in {_where(channel)}: {_consequence(channel)}"] if absent else []
    told += [f"{_listed(former)} left {harmless_line(community.community.name)}: won't see this"] if former else []
    told += [f"{_listed(disabled)} can't read this: account disabled"] if disabled else []
    if len(absent) == len(users) == 1 and rights.may_invite:
        told.append(f"/invite @{harmless_line(absent[0].username)}")
    return " · ".join(told)


def _listed(users: Sequence[User]) -> str:
    names = [f"@{harmless_line(each.username)}" for each in users[:NAMED]]
    more = len(users) - NAMED
    *first, last = [*names, f"{more} more"] if more > 0 else names
    return f"{', '.join(first)} and {last}" if first else last


def _are(users: Sequence[User]) -> str:
    return "isn't" if len(users) == 1 else "aren't"


def _where(channel: ChannelState) -> str:
    if channel.channel.kind == "direct":
        return "this conversation"
    return f"#{harmless_line(channel.channel.name)}"


def _consequence(channel: ChannelState) -> str:
    """Word what it means not to be there: a public channel can be looked into, but nobody tells them to."""
    return "won't be notified" if channel.channel.kind == "public" else "won't see this"
