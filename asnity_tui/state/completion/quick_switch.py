"""Finds channels, direct channels and people of all communities by a few letters."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple, TypeAlias

import msgspec

from asnity_server.protocol.text import name_key
from asnity_tui.state.channel import ChannelState
from asnity_tui.state.community import CommunityState, PresenceStatus
from asnity_tui.state.next_channel import rank
from asnity_tui.state.store import Store
from asnity_tui.state.unread import Badge

from . import fuzzy

QuickSwitchKind: TypeAlias = Literal["channel", "direct", "person"]

ELSEWHERE = 0.4
"""What a word counts that fits the community's name or a person's username, instead of the title."""

MANY = 1_000
"""People who fit that are looked at closely; of more, only those who are called exactly like that."""

NO_MATCH = fuzzy.Match(0, ())

WELL = 300
"""The least score with which a word fits a community's name: it begins a word of it."""


class QuickSwitchItem(msgspec.Struct, frozen=True, kw_only=True):
    """A place to go to, or a person to write to."""

    kind: QuickSwitchKind
    community_id: str
    title: str
    """As somebody wrote it: not harmless yet."""
    community: str
    """The community's name, not harmless either."""
    channel_id: str | None = None
    user_id: str | None = None
    """The person; also the other one of a direct channel of two."""
    channel_kind: str = ""
    badge: Badge = Badge()
    positions: tuple[int, ...] = ()
    """Where the letters that were looked for stand in `title`."""
    presence: PresenceStatus | None = None
    """Of that person."""


class _Candidate(NamedTuple):
    """What may be a goal; it only becomes one if it is among the best."""

    community: CommunityState
    title: str
    handle: str
    """What else it is found by."""
    state: ChannelState | None
    """The channel, if it has one."""
    other: str | None
    is_channel: bool = False


def destinations(
    store: Store, query: str, *, recent: Sequence[str], here: str | None = None, limit: int = 50
) -> tuple[QuickSwitchItem, ...]:
    """Find destinations by all words of `query`, the best first; without one, unread first, then recent, then the rest.

    `recent` are channel ids, the last one first. People are listed where they can be written to for the first time:
    with somebody whom I have a direct channel with, that is listed. Who is in several communities is listed once, in
    the community `here` if possible.
    """
    words = [word.removeprefix("#").removeprefix("@") or word for word in query.split()]
    places = {channel_id: place for place, channel_id in enumerate(recent)}
    found: list[tuple[tuple[float, int, int, str], tuple[int, ...], _Candidate]] = []
    for each in _all(store, here, words):
        fit = _fit(words, each)
        if fit is None:
            continue
        score, positions = fit
        standing = rank(each.state) if each.state is not None else 4
        place = places.get(each.state.id, len(places)) if each.state is not None else len(places)
        found.append(((-score, standing, place, name_key(each.title)), positions, each))
    best = heapq.nsmallest(limit, found, key=lambda each: each[0])
    return tuple(_goal(each, positions) for _, positions, each in best)


def _fit(words: Sequence[str], each: _Candidate) -> tuple[float, tuple[int, ...]] | None:
    """How well it fits, and which letters of its title did; every word has to fit something."""
    score = 0.0
    positions: set[int] = set()
    for word in words:
        title, named = fuzzy.match(word, each.title), fuzzy.match(word, each.handle)
        place = fuzzy.match(word, each.community.community.name) if each.is_channel or len(words) > 1 else None
        others = (named, place if place is not None and place.score >= WELL else None)
        other = max((each.score for each in others if each is not None), default=None)
        if title is not None and title.score >= (other or 0) * ELSEWHERE:
            score += title.score
            positions.update(title.positions)
        elif other is not None:
            score += other * ELSEWHERE
        else:
            return None
    return score, tuple(sorted(positions))


def _all(store: Store, here: str | None, words: Sequence[str]) -> Iterator[_Candidate]:
    """All that may fit; of people none without a word to find them by: there can be thousands."""
    written: set[str] = {store.my_id}
    for community in store.communities.values():
        may_fit, may_fit_direct = (_sieve(community, words, by_place=each) for each in (True, len(words) > 1))
        for channel in community.channels.values():
            other = _other(channel, store.my_id)
            if other is not None:
                written.add(other)
            title, handle = store.title_of(channel), _handle(store, other)
            direct = channel.channel.kind == "direct"
            if (may_fit_direct if direct else may_fit)(title, handle):
                yield _Candidate(community, title, handle, channel, other, is_channel=not direct)
    if not words:
        return
    many, query = 0, " ".join(words)
    for community in sorted(store.communities.values(), key=lambda each: each.id != here):
        may_fit = _sieve(community, words, by_place=len(words) > 1)
        for user_id, member in (community.members or {}).items():
            shown, handle = member.user.display_name, member.user.username
            if user_id in written or member.user.disabled or not may_fit(shown, handle):
                continue
            if many < MANY or name_key(query) in (name_key(shown), name_key(handle)):
                many += 1
                written.add(user_id)
                yield _Candidate(community, store.name_of(user_id), _handle(store, user_id), None, user_id)


def _sieve(community: CommunityState, words: Sequence[str], *, by_place: bool) -> Callable[[str, str], bool]:
    """A quick test of two names for whether each word can fit one; some may fit the community's instead."""
    name = community.community.name
    sieves = [
        fuzzy.sieve(word) for word in words if not (by_place and (fuzzy.match(word, name) or NO_MATCH).score >= WELL)
    ]
    return lambda title, handle: all(fits(title) or fits(handle) for fits in sieves)


def _goal(each: _Candidate, positions: tuple[int, ...]) -> QuickSwitchItem:
    state, other = each.state, each.other
    channel_kind = state.channel.kind if state is not None else ""
    return QuickSwitchItem(
        kind="person" if state is None else "channel" if each.is_channel else "direct",
        community_id=each.community.id,
        title=each.title,
        community=each.community.community.name,
        channel_id=state.id if state is not None else None,
        user_id=other,
        channel_kind=channel_kind,
        badge=state.badge if state is not None else Badge(),
        positions=positions,
        presence=each.community.presence_of(other) if other is not None else None,
    )


def _other(channel: ChannelState, me: str) -> str | None:
    """The other one of a direct channel of two."""
    members = channel.channel.members
    others = [each for each in members if each != me] if isinstance(members, tuple) else []
    return others[0] if len(others) == 1 else None


def _handle(store: Store, user_id: str | None) -> str:
    user = store.users.get(user_id) if user_id is not None else None
    return user.username if user is not None else ""
