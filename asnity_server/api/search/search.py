"""Search: finds messages that the caller may read, newest first."""

from __future__ import annotations

import heapq
from collections.abc import Generator
from contextlib import ExitStack, closing
from dataclasses import dataclass

from asnity_server.api.access import Caller, authorize_in_channel, authorize_in_community, load_standing
from asnity_server.api.membership import channels_between, load_channel
from asnity_server.api.messages import reload
from asnity_server.api.permissions import allowed
from asnity_server.api.storage import row_mapping
from asnity_server.api.storage.clock_skew import FAR
from asnity_server.api.storage.paging import position
from asnity_server.db.transaction import ReadTx, Row
from asnity_server.protocol import requests, responses
from asnity_server.protocol.errors import NotFound
from asnity_server.protocol.ids import community_of
from asnity_server.protocol.limits import MAX_INTEGER
from asnity_server.protocol.models import Channel, Kind, User
from asnity_server.protocol.times import from_wire

from .search_index import indexed_up_to, question, scope_of
from .search_terms import ParsedQuery, Term, asked

EXAMINED = 20_000
"""Messages that one request looks at; what it has found by then is a page, however short."""
WINDOW = 128
"""Messages that are looked through at once where the index doesn't help."""
SCOPES = 1_000
"""Places that the index is asked for at once; who is in more of them has several questions asked."""
ASKED = 4_000
"""Terms in all that the index is asked for: in many places, so many fewer of them. It only proposes."""

_FIRST_BETWEEN = (
    "SELECT seq, created_at FROM messages WHERE seq BETWEEN ? AND ? AND created_at <= ? ORDER BY seq LIMIT 1"
)
"""The first message in a stretch whose time can be."""
Proposal = tuple[int, Row | None]
"""A message, or a place (by `seq`) down to which there is none."""

_ROW = "m.seq, m.channel_id, m.id, m.sender_id, m.type, m.content, m.created_at"


def search(view: ReadTx, caller: Caller, request: requests.Search) -> responses.SearchResults:
    """A page of what is found; there may be more where it has a cursor, even if it is short or empty."""
    look = _Look(view, caller, request)
    found: list[Row] = []
    last = None
    with closing(look.proposals()) as proposals:
        for seq, row in proposals:
            full = len(found) == request.limit or look.examined >= EXAMINED
            if row is not None and (full or (last is not None and view.is_late())):
                break
            last = seq
            if row is not None:
                look.examined += 1
                if look.fits(row):
                    found.append(row)
            elif full:
                break
        else:
            last = None
    results = tuple(look.hit(row) for row in found)
    return responses.SearchResults(
        results=results, users=_users(view, caller.user_id, results), **({} if last is None else {"cursor": str(last)})
    )


def _users(view: ReadTx, by: str, results: tuple[responses.SearchHit, ...]) -> dict[str, User]:
    """Everyone whom the results name; former members are those of every community that names them."""
    users: dict[str, User] = {}
    for community_id in sorted({each.message.community_id for each in results}):
        named = row_mapping.named_in(each.message for each in results if each.message.community_id == community_id)
        for user_id, user in row_mapping.users_by_id(view, by, community_id, named).items():
            if user_id not in users or users[user_id].former:
                users[user_id] = user
    return users


@dataclass(frozen=True)
class _Stretch:
    """Messages by `seq`, both ends excluded."""

    above: int
    below: int


class _Look:
    """One request: where it looks, and what fits."""

    def __init__(self, view: ReadTx, caller: Caller, request: requests.Search) -> None:
        """Raises `Invalid`, and `NotFound` for places that the caller may not know."""
        self._view = view
        self._caller = caller
        self._request = request
        places = (request.community_id, request.channel_id)
        filters = (*places, request.sender_id, request.before, request.after)
        self._query: ParsedQuery = asked(request.q, filtered=any(each is not None for each in filters))
        self._before = MAX_INTEGER if request.before is None else from_wire(request.before, field="before")
        self._after = -1 if request.after is None else from_wire(request.after, field="after")
        if request.community_id is not None:
            authorize_in_community(view, "see-community", caller, request.community_id)
        self._kind: Kind | None = None
        if request.channel_id is not None:
            self._kind = authorize_in_channel(view, "read-history", caller, request.channel_id).kind
            if request.community_id not in (None, community_of(request.channel_id)):
                raise NotFound("Channel not found, or you aren't in it.")
        self.examined = 0
        self._readable: dict[str, bool] = {}
        self._channels: dict[str, Channel] = {}

    # What fits

    def fits(self, row: Row) -> bool:
        """Whether a message that the caller may read is one that is looked for."""
        _, _, _, sender_id, kind, content, moment = row
        return bool(
            kind == "TEXT"
            and content  # nothing is left of what was deleted
            and self._request.sender_id in (None, sender_id)
            and self._after <= moment < self._before
            and self._query.matches(content)
        )

    def _is_here(self, channel_id: str) -> bool:
        """Whether the caller may read a channel, and asked for what is in it: nothing of another is looked at."""
        if channel_id not in self._readable:
            wanted = self._request.channel_id in (None, channel_id) and self._request.community_id in (
                None,
                community_of(channel_id),
            )
            self._readable[channel_id] = wanted and allowed(
                "read-history", load_standing(self._view, self._caller.user_id, channel_id)
            )
        return self._readable[channel_id]

    def hit(self, row: Row) -> responses.SearchHit:
        """A message as it is told."""
        message = reload(self._view, row[1], row[2])
        if message.channel_id not in self._channels:
            self._channels[message.channel_id] = load_channel(self._view, message.channel_id)
        return responses.SearchHit(
            message=message, channel=self._channels[message.channel_id], snippet=self._query.snippet(message.content)
        )

    # Where to look

    def proposals(self) -> Generator[Proposal, None, None]:
        """Messages that may fit, newest first: those that the index doesn't know yet, and what it proposes."""
        yield from self._walked(_Stretch(indexed_up_to(self._view), position(self._request.cursor, start=MAX_INTEGER)))
        stretch = self._stretch()
        request = self._request
        if not (self._query.terms or request.sender_id or request.channel_id or request.community_id):
            yield from self._walked(stretch)  # a time alone: the index has nothing to say
            return
        scopes = self._scopes()
        asked = [self._proposed(stretch, scopes[at : at + SCOPES]) for at in range(0, len(scopes), SCOPES)]
        last = None
        with ExitStack() as stack:
            sources = [stack.enter_context(closing(each)) for each in (*asked, self._changed(stretch))]
            for row in heapq.merge(*sources, key=_newest_first):
                if row[0] != last and self._is_here(row[1]):
                    yield row[0], row
                last = row[0]

    def _walked(self, stretch: _Stretch) -> Generator[Proposal, None, None]:
        """Messages without the index, window by window: in which channels they are, then those that may be read."""
        below = stretch.below
        while window := self._view.all(
            "SELECT seq, channel_id FROM messages WHERE seq > ? AND seq < ? ORDER BY seq DESC LIMIT ?",
            (stretch.above, below, WINDOW),
        ):
            here = [channel_id for channel_id in {row[1] for row in window} if self._is_here(channel_id)]
            rows_here = self._view.all(
                f"SELECT {_ROW} FROM messages m WHERE m.seq BETWEEN ? AND ?"
                " AND +m.channel_id IN (SELECT value FROM json_each(?)) ORDER BY m.seq DESC",  # by seq, not by channel
                (window[-1][0], window[0][0], row_mapping.json_list(here)),
            )
            for row in rows_here:
                yield row[0], row
            self.examined += len(window) - len(rows_here)
            below = window[-1][0]
            yield below, None

    def _proposed(self, stretch: _Stretch, scopes: list[str]) -> Generator[Row, None, None]:
        request = self._request
        most = max(1, ASKED // len(scopes))
        terms = sorted(self._query.terms, key=_longest_first)[:most]
        channel_id = request.channel_id if self._kind == "public" else None
        return self._view.each(
            f"SELECT {_ROW} FROM search s CROSS JOIN messages m ON m.seq = s.rowid"
            " WHERE s.search MATCH ? AND s.rowid > ? AND s.rowid < ? ORDER BY s.rowid DESC",
            (
                question(terms, scopes, sender_id=request.sender_id, channel_id=channel_id),
                stretch.above,
                stretch.below,
            ),
        )

    def _changed(self, stretch: _Stretch) -> Generator[Row, None, None]:
        """Yield messages whose present content the index doesn't have yet."""
        for seq, channel_id in self._view.each(
            "SELECT p.seq, m.channel_id FROM search_pending p CROSS JOIN messages m ON m.seq = p.seq"
            " WHERE p.seq > ? AND p.seq < ? ORDER BY p.seq DESC",
            (stretch.above, stretch.below),
        ):
            if self._is_here(channel_id):
                yield from self._view.all(f"SELECT {_ROW} FROM messages m WHERE m.seq = ?", (seq,))

    def _scopes(self) -> list[str]:
        """The places that are looked through, as the index knows them."""
        channel_id, community_id = self._request.channel_id, self._request.community_id
        if channel_id is not None:
            assert self._kind is not None, "a channel that is in a scope is of a kind"
            return [scope_of(channel_id, self._kind)]
        inside = channels_between(community_id) if community_id is not None else ("", "~")
        mine = self._view.all(
            "SELECT c.id, c.kind FROM ("
            "SELECT channel_id FROM channel_members WHERE user_id = ?1 AND channel_id > ?2 AND channel_id < ?3"
            " UNION SELECT channel_id FROM direct_people WHERE user_id = ?1 AND channel_id > ?2 AND channel_id < ?3"
            " AND NOT has_left) m JOIN channels c ON c.id = m.channel_id AND c.kind <> 'public' AND c.last_id > 0",
            (self._caller.user_id, *inside),
        )
        everywhere = "SELECT community_id FROM memberships WHERE user_id = ?"
        communities = (
            [(community_id,)] if community_id is not None else self._view.all(everywhere, (self._caller.user_id,))
        )
        return [*(each for (each,) in communities), *(scope_of(*each) for each in mine)]

    def _stretch(self) -> _Stretch:
        """Between which messages the index is to look: as the cursor says, and as far as the times leave it open."""
        indexed = indexed_up_to(self._view)
        above, below = -1, min(position(self._request.cursor, start=MAX_INTEGER), indexed + 1)
        # a time is a place, but for as far as the clock was ever set back
        slack: int = self._view.value("SELECT slack FROM search_state")
        if self._request.after is not None:
            above = self._first_since(self._after - slack, indexed) - 1
        if self._request.before is not None:
            below = min(below, self._first_since(self._before + slack, indexed))
        return _Stretch(above, below)

    def _first_since(self, moment: int, indexed: int) -> int:
        """The `seq` of the first message of the index at or after `moment`, if times never run backwards."""
        low, high = 0, indexed + 1
        while low < high:
            middle = (low + high) // 2
            row = self._view.one(_FIRST_BETWEEN, (middle, high, self._view.now + FAR))
            if row is not None and row[1] < moment:
                low = row[0] + 1
            else:
                high = middle
        return low


def _longest_first(term: Term) -> int:
    """The longer, the rarer."""
    return -len(term.text)


def _newest_first(row: Row) -> int:
    return -int(row[0])
