"""Parses search queries: words, and the filters `from: in: community: before: after:` with their completion."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal, TypeAlias, get_args

import msgspec

from asnity_server.protocol.lazy_patterns import LazyPattern
from asnity_server.protocol.text import name_key
from asnity_tui.state.channel import ChannelState
from asnity_tui.state.community import CommunityState
from asnity_tui.state.people import others_in
from asnity_tui.state.store import Store

from . import fuzzy

FilterName: TypeAlias = Literal["from", "in", "community", "before", "after"]

_TOKEN = LazyPattern(
    rf'(?P<name>{"|".join(get_args(FilterName))}):(?P<value>"[^"]*"?|[^\s"]*)|"[^"]*"?|[^\s"]+', re.IGNORECASE
)
_MEANS: dict[FilterName, str] = {
    "from": "who wrote it",
    "in": "the channel",
    "community": "the community",
    "before": "not on this day or later",
    "after": "on this day or later",
}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FIRST_YEAR = 1970
"""No server has messages from before it, and times on the wire begin there."""

_AGO = LazyPattern(r"(\d{1,3})([dw])")


class QueryError(Exception):
    """A filter means nothing; `str` is a sentence for a person, `start` and `end` are where it stands in the text."""

    def __init__(self, sentence: str, start: int, end: int, *, several: bool = False) -> None:
        """`several`: it means too much rather than nothing."""
        super().__init__(sentence)
        self.several = several
        self.sentence = sentence
        self.start = start
        self.end = end


class QueryFilter(msgspec.Struct, frozen=True):
    """One `name:value` in a text, at [`start`, `end`)."""

    name: FilterName
    value: str
    """Without the quotes that may stand around it."""
    start: int
    end: int


class SearchQuery(msgspec.Struct, frozen=True):
    """A text taken apart."""

    words: str
    """Everything that is no filter, as the server searches for it; quotes keep words together."""
    filters: tuple[QueryFilter, ...]

    @property
    def says_nothing(self) -> bool:
        """Neither a word nor a filter that says something."""
        return not self.words and not any(each.value for each in self.filters)

    def filter(self, name: FilterName) -> QueryFilter | None:
        """One filter, if it is there and says something. Raises `QueryError` where it is there twice."""
        found = [each for each in self.filters if each.name == name and each.value]
        if len(found) > 1:
            raise QueryError(f"Use {name}: only once.", found[1].start, found[1].end)
        return found[0] if found else None


class FilterChoice(msgspec.Struct, frozen=True):
    """One way to complete a filter."""

    insert: str
    """What the filter as a whole becomes, with a space after it."""
    label: str
    """What stands in the list; as others wrote it, not harmless yet."""
    hint: str
    """What stands beside it, not harmless either."""
    positions: tuple[int, ...] = ()
    """Where the letters that were typed stand in `label`."""


# Taking a text apart


def parse(text: str) -> SearchQuery:
    """Words and filters of a text; a filter's name inside quotes or a word is none."""
    words: list[str] = []
    filters: list[QueryFilter] = []
    for token, filter_ in _tokens(text):
        if filter_ is None:
            words.append(token)
        else:
            filters.append(filter_)
    said = " ".join(words)
    return SearchQuery("" if said == '"' else said, tuple(filters))  # a quote that has only just been opened


def filter_at(text: str, cursor: int) -> QueryFilter | None:
    """The filter that the cursor stands in or directly after, to be completed."""
    for _, filter_ in _tokens(text):
        if filter_ is not None and filter_.start < cursor <= filter_.end:
            return filter_
    return None


def _tokens(text: str) -> Iterator[tuple[str, QueryFilter | None]]:
    for match in _TOKEN.finditer(text):
        name, value = match["name"], match["value"]
        begins = match.start() == 0 or text[match.start() - 1].isspace()
        if name is None or not begins:
            yield match[0], None
        else:
            known: FilterName = next(each for each in get_args(FilterName) if each == name.lower())
            yield match[0], QueryFilter(known, value.strip('"'), match.start(), match.end())


# What filters mean


def day_of(filter_: QueryFilter, today: date) -> date:
    """The day that `before:` or `after:` names. Raises `QueryError`.

    Days are written 2026-11-20, 2026-11, 2026, today, yesterday, monday … (the last one that is over), 3d or 2w (ago).
    """
    value = filter_.value.lower()
    try:
        if value in ("today", "yesterday"):
            return today - timedelta(days=value == "yesterday")
        if len(value) >= 3 and any(each.startswith(value) for each in _DAYS):
            weekday = next(number for number, each in enumerate(_DAYS) if each.startswith(value))
            return today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1)
        ago = _AGO.fullmatch(value)
        if ago:
            return today - timedelta(days=int(ago[1]) * (7 if ago[2] == "w" else 1))
        parts = value.split("-")
        if re.fullmatch(r"\d{4}(-\d{1,2}){0,2}", value):
            year, month, day = (*(int(each) for each in parts), 1, 1)[:3]
            if year >= _FIRST_YEAR:
                return date(year, month, day)
    except (ValueError, OverflowError):
        pass  # a form that names no day, such as month 13: not understood like any other
    sentence = "A day looks like 2026-11-20, yesterday, monday or 3d (three days ago)."
    raise QueryError(sentence, filter_.start, filter_.end)


def person_of(store: Store, filter_: QueryFilter) -> str:
    """The id of the person that a filter names: by username, else by display name. Raises `QueryError`."""
    wanted = name_key(filter_.value.removeprefix("@"))
    if wanted == "me" and store.me is not None:
        return store.me.id
    people = store.users.values()
    for named in (((each.username, each.id) for each in people), ((each.display_name, each.id) for each in people)):
        found = [user_id for name, user_id in named if wanted and name_key(name) == wanted]
        if len(found) == 1:
            return found[0]
        if found:
            sentence = "Several people have this name. Use the @username."
            raise QueryError(sentence, filter_.start, filter_.end, several=True)
    raise QueryError("No one has this name.", filter_.start, filter_.end)


def community_of(store: Store, filter_: QueryFilter) -> CommunityState:
    """The community that a filter names. Raises `QueryError`."""
    wanted = _key(filter_.value)
    named = [(_key(each.community.name), each) for each in store.communities.values()]
    found = [each for name, each in named if name == wanted] or [
        each for name, each in named if name[: len(wanted)] == wanted
    ]
    if len(found) == 1:
        return found[0]
    sentence = (
        "Several communities start like this. Type more of the name."
        if found
        else "You aren't in a community with this name."
    )
    raise QueryError(sentence, filter_.start, filter_.end, several=bool(found))


def channel_of(store: Store, filter_: QueryFilter, *, within: str | None, here: str | None) -> ChannelState:
    """The channel of mine that a filter names, or (`@name`) the direct channel with a person. Raises `QueryError`.

    It is looked for in the community `within`; without one in all of them, where the one in `here` goes first.
    """
    communities = [each for each in store.communities.values() if within in (None, each.id)]
    if filter_.value.startswith("@"):
        person = person_of(store, filter_)
        found = [each for c in communities for each in c.channels.values() if others_in(store, each) == (person,)]
        nothing = "You have no conversation with this person, or closed it: /dm opens it."
    else:
        wanted = name_key(filter_.value.removeprefix("#"))
        named = [each for c in communities for each in c.channels.values() if each.channel.kind != "direct"]
        found = [each for each in named if name_key(each.channel.name) == wanted]
        nothing = "You aren't in a channel with this name."
    near = [each for each in found if each.channel.community_id == here]
    if len(near or found) == 1:
        return (near or found)[0]
    sentence = "Several communities have this channel. Add the community." if found else nothing
    raise QueryError(sentence, filter_.start, filter_.end, several=bool(found))


# Completing


def choices(store: Store, filter_: QueryFilter, *, here: str | None = None, limit: int = 8) -> tuple[FilterChoice, ...]:
    """Find completions of a filter, the best first; of equal ones those of the community `here` first."""
    if filter_.name in ("before", "after"):
        return _days(filter_)[:limit]
    candidates = {"from": _people, "in": _channels, "community": _communities}[filter_.name](store, here)
    scored: list[tuple[int, int, FilterChoice]] = []
    for place, (value, label, hint) in enumerate(candidates):
        by_label = fuzzy.match(filter_.value, label)
        fit = by_label or fuzzy.match(filter_.value, value)
        if fit is not None:
            positions = fit.positions if by_label is not None else ()
            scored.append((-fit.score, place, FilterChoice(_written(filter_.name, value), label, hint, positions)))
    scored.sort(key=lambda each: each[:2])
    return tuple(choice for _, _, choice in scored[:limit])


def names(text: str, cursor: int) -> tuple[FilterChoice, ...]:
    """The filters whose names begin like the word before the cursor; none where there is no word."""
    begin = max(text.rfind(" ", 0, cursor), text.rfind("\n", 0, cursor)) + 1
    word = text[begin:cursor].lower()
    if not word or (cursor < len(text) and not text[cursor].isspace()):
        return ()
    found = (each for each in get_args(FilterName) if each.startswith(word))
    return tuple(FilterChoice(f"{each}:", f"{each}:", _MEANS[each], tuple(range(len(word)))) for each in found)


def applied(text: str, filter_: QueryFilter, choice: FilterChoice) -> tuple[str, int]:
    """The text with a filter completed, and where the cursor stands then."""
    behind = text[filter_.end :]
    insert = choice.insert.rstrip() + (" " if not behind[:1].isspace() else "")
    return text[: filter_.start] + insert + behind, filter_.start + len(insert) + (behind[:1].isspace())


_Candidates: TypeAlias = Iterator[tuple[str, str, str]]
"""What is written after the colon, what is listed, and what stands beside it."""


def _people(store: Store, here: str | None) -> _Candidates:
    present = store.communities[here].presence if here in store.communities else {}
    people = sorted(
        store.users.values(), key=lambda each: (each.id not in present, name_key(each.display_name or each.username))
    )
    for each in people:
        yield each.username, each.display_name or each.username, f"@{each.username}"


def _channels(store: Store, here: str | None) -> _Candidates:
    for community in sorted(store.communities.values(), key=lambda each: each.id != here):
        for channel in community.channels.values():
            name = community.community.name
            if channel.channel.kind != "direct":
                yield f"#{channel.channel.name}", f"#{channel.channel.name}", name
                continue
            others = others_in(store, channel)
            other = store.users.get(others[0]) if len(others) == 1 else None
            if other is not None:
                yield f"@{other.username}", store.title_of(channel), name


def _communities(store: Store, here: str | None) -> _Candidates:
    for community in store.communities.values():
        yield community.community.name, community.community.name, ""


def _days(filter_: QueryFilter) -> tuple[FilterChoice, ...]:
    offered = ("today", "yesterday", *_DAYS, "7d", "4w")
    value = filter_.value.lower()
    return tuple(
        FilterChoice(_written(filter_.name, each), each, "", tuple(range(len(value))))
        for each in offered
        if each.startswith(value)
    )


def _written(name: FilterName, value: str) -> str:
    value = value.replace('"', "")
    return f'{name}:"{value}" ' if re.search(r"\s", value) else f"{name}:{value} "


def _key(name: str) -> str:
    return name_key(name.replace('"', ""))
