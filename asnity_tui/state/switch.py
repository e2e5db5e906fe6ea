"""Where one can go at once: channels, direct channels and people of all communities, found by a few letters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

import msgspec

from asnity_server.protocol.text import name_key

from . import fuzzy
from .channel import ChannelState
from .community import CommunityState, Seen
from .store import Store
from .unread import Badge

GoalKind: TypeAlias = Literal["channel", "direct", "person"]

ELSEWHERE = 0.4
"""What a word counts that fits the community's name or a person's username, instead of the title."""

MANY = 1_000
"""People who fit that are looked at closely; of more, only those who are called exactly like that."""

NO_MATCH = fuzzy.Match(0, ())

WELL = 300
"""The least score with which a word fits a community's name: it begins a word of it."""


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """A place to go to, or a person to write to."""

    kind: GoalKind
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
    presence: Seen | None = None
    """Of that person."""


def rank(channel: ChannelState) -> int:
    """0 for mentions, 1 for direct messages, 2 for unread, 3 for the rest."""
    badge = channel.badge
    if badge.sign == "none":
        return 3
    if channel.channel.kind == "direct":
        return 1
    return 0 if badge.sign == "mention" else 2


def goals(
    store: Store, query: str, *, recent: Sequence[str], here: str | None = None, limit: int = 50
) -> tuple[Goal, ...]:
    """What fits all words of `query`, the best first; without a query, unread first, then recent ones, then the rest.

    `recent` are channel ids, the last one first. People are listed where they can be written to for the first time:
    with somebody whom I have a direct channel with, that is listed. Who is in several communities is listed once, in
    the community `here` if possible.
    """
    words = [word.removeprefix("#").removeprefix("@") or word for word in query.split()]
    places = {channel_id: place for place, channel_id in enumerate(recent)}
    found: list[tuple[tuple[float, int, int, str], Goal]] = []
    for goal, state, handle in _all(store, here, words):
        fit = _fit(words, goal, handle)
        if fit is None:
            continue
        score, positions = fit
        standing = rank(state) if state is not None else 4
        place = places.get(state.id, len(places)) if state is not None else len(places)
        order = (-score, standing, place, name_key(goal.title))
        found.append((order, msgspec.structs.replace(goal, positions=positions) if positions else goal))
    found.sort(key=lambda pair: pair[0])
    return tuple(goal for _, goal in found[:limit])


def _fit(words: Sequence[str], goal: Goal, handle: str) -> tuple[float, tuple[int, ...]] | None:
    """How well a goal fits, and which letters of its title did; every word has to fit something."""
    score = 0.0
    positions: set[int] = set()
    for word in words:
        title, named = fuzzy.match(word, goal.title), fuzzy.match(word, handle)
        place = fuzzy.match(word, goal.community)
        fits_place = place is not None and place.score >= WELL and (goal.kind == "channel" or len(words) > 1)
        others = (named, place if fits_place else None)
        other = max((each.score for each in others if each is not None), default=None)
        if title is not None and title.score >= (other or 0) * ELSEWHERE:
            score += title.score
            positions.update(title.positions)
        elif other is not None:
            score += other * ELSEWHERE
        else:
            return None
    return score, tuple(sorted(positions))


def _all(store: Store, here: str | None, words: Sequence[str]) -> Iterator[tuple[Goal, ChannelState | None, str]]:
    """All goals, each with its channel if it has one, and with what else it is found by.

    Of people those who may fit, and none without a word to find them by: there can be thousands.
    """
    written: set[str] = {store.my_id}
    for community in store.communities.values():
        for channel in community.channels.values():
            other = _other(channel, store.my_id)
            if other is not None:
                written.add(other)
            yield _channel(store, community, channel, other), channel, _handle(store, other)
    if not words:
        return
    many, query = 0, " ".join(words)
    communities = sorted(store.communities.values(), key=lambda each: each.id != here)
    for community in communities:
        place = community.community.name
        fit_place = [len(words) > 1 and (fuzzy.match(word, place) or NO_MATCH).score >= WELL for word in words]
        sieves = [fuzzy.sieve(word) for word, fits in zip(words, fit_place, strict=True) if not fits]
        for user_id, member in (community.members or {}).items():
            shown, handle = member.user.display_name, member.user.username
            name = f"{shown} {handle}"
            if user_id in written or member.user.disabled or not all(may_fit(name) for may_fit in sieves):
                continue
            if many < MANY or name_key(query) in (name_key(shown), name_key(handle)):
                many += 1
                written.add(user_id)
                goal = Goal(
                    kind="person",
                    community_id=community.id,
                    title=store.name_of(user_id),
                    community=community.community.name,
                    user_id=user_id,
                    presence=community.seen(user_id),
                )
                yield goal, None, _handle(store, user_id)


def _channel(store: Store, community: CommunityState, channel: ChannelState, other: str | None) -> Goal:
    direct = channel.channel.kind == "direct"
    return Goal(
        kind="direct" if direct else "channel",
        community_id=community.id,
        title=store.title_of(channel),
        community=community.community.name,
        channel_id=channel.id,
        user_id=other,
        channel_kind=channel.channel.kind,
        badge=channel.badge,
        presence=community.seen(other) if other is not None else None,
    )


def _other(channel: ChannelState, me: str) -> str | None:
    """The other one of a direct channel of two."""
    members = channel.channel.members
    others = [each for each in members if each != me] if isinstance(members, tuple) else []
    return others[0] if len(others) == 1 else None


def _handle(store: Store, user_id: str | None) -> str:
    user = store.users.get(user_id) if user_id is not None else None
    return user.username if user is not None else ""
