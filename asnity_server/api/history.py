"""Message history: pages in every direction, and the changes since a rev."""

from __future__ import annotations

from asnity_server.api.storage.clock_skew import LEAD
from asnity_server.db.transaction import ReadTx, Row
from asnity_server.protocol import requests, responses
from asnity_server.protocol.errors import Invalid
from asnity_server.protocol.limits import IDS
from asnity_server.protocol.models import Message
from asnity_server.protocol.times import from_wire

from .access import Caller, authorize_in_channel
from .read_markers import counters_of
from .storage import row_mapping

_RANGE = f"SELECT {row_mapping.MESSAGE} FROM messages m WHERE m.channel_id = ? AND m.id BETWEEN ? AND ? ORDER BY m.id"
_SOME = f"""
SELECT {row_mapping.MESSAGE} FROM json_each(?2) wanted JOIN messages m ON m.channel_id = ?1 AND m.id = wanted.value
ORDER BY m.id
"""


def get_history(view: ReadTx, caller: Caller, request: requests.History) -> responses.MessagePage:
    """A page of a channel's messages, deleted ones in their place, oldest first."""
    authorize_in_channel(view, "read-history", caller, request.channel_id)
    asked = (request.before, request.after, request.around, request.at, request.ids)
    if sum(each is not None for each in asked) > 1:
        raise Invalid("Use only one of before, after, around, at and ids.")
    last_id, rev = _numbers(view, request.channel_id)
    if request.ids is not None:
        wanted = row_mapping.json_list(_ids(request.ids))
        found = view.all(_SOME, (request.channel_id, wanted))
        first, last = (found[0][0], found[-1][0]) if found else (1, last_id)
    else:
        first, last = _stretch(view, request, last_id)
        found = view.all(_RANGE, (request.channel_id, first, last))
    messages = _messages(found)
    return responses.MessagePage(
        messages=messages,
        has_older=first > 1,
        has_newer=last < last_id,
        rev=rev,
        users=row_mapping.users_in(view, caller.user_id, request.channel_id, messages),
    )


def _numbers(view: ReadTx, channel_id: str) -> tuple[int, int]:
    """The newest message's id and the rev of a channel, at this transaction's moment."""
    row = view.one("SELECT last_id, rev FROM channels WHERE id = ?", (channel_id,))
    assert row is not None, "what may be read is there"
    return row[0], row[1]


def _messages(found: list[Row]) -> tuple[Message, ...]:
    return tuple(row_mapping.message(row) for row in found)


def _ids(listed: str) -> list[int]:
    """Message ids from a query string. Raises `Invalid`."""
    parts = [part for part in listed.split(",") if part]
    if not all(part.isascii() and part.isdigit() and len(part) <= 16 for part in parts):
        raise Invalid("Ids are numbers, separated by commas.", field="ids")
    if len(parts) > IDS:
        raise Invalid(f"At most {IDS} messages per request.", field="ids")
    return sorted({int(part) for part in parts})


def _stretch(view: ReadTx, request: requests.History, last_id: int) -> tuple[int, int]:
    """The first and last id of the page; ids are dense, so a page is a range. Where it is empty, last = first - 1."""
    if request.before is not None:
        last = min(max(request.before, 1) - 1, last_id)
        return max(1, last - request.limit + 1), last
    if request.after is not None:
        first = min(request.after, last_id) + 1
        return first, min(first + request.limit - 1, last_id)
    around = request.around
    if request.at is not None:
        around = _first_since(view, request.channel_id, from_wire(request.at, field="at"), last_id)
    if around is None:
        return max(1, last_id - request.limit + 1), last_id
    # in the middle where there is enough on both sides, and a full page at either end
    first = max(1, min(around - request.limit // 2, last_id - request.limit + 1))
    return first, min(first + request.limit - 1, last_id)


_FIRST_BETWEEN = """
SELECT id, created_at FROM messages WHERE channel_id = ? AND id BETWEEN ? AND ? AND created_at <= ? ORDER BY id LIMIT 1
"""


def _first_since(view: ReadTx, channel_id: str, moment: int, last_id: int) -> int:
    """The id of the first message at or after `moment`, the newest where there is none.

    Times don't run backwards in a channel, but for what a wrong clock has left, which counts as written when the next
    was: so this halves, and no index on the time is needed.
    """
    low, high = 1, max(last_id, 1)
    while low < high:
        middle = (low + high) // 2
        row = view.one(_FIRST_BETWEEN, (channel_id, middle, high, view.now + LEAD))
        if row is not None and row[1] < moment:
            low = row[0] + 1
        else:
            high = middle
    return min(low, max(last_id, 1))


_BY_REV = f"""
SELECT {row_mapping.MESSAGE} FROM messages m INDEXED BY messages_by_rev
WHERE m.channel_id = ?1 AND m.rev > ?2 AND m.id BETWEEN ?3 AND ?4 ORDER BY m.rev LIMIT ?5
"""
_BY_ID = f"""
SELECT {row_mapping.MESSAGE} FROM messages m INDEXED BY messages_by_id
WHERE m.channel_id = ?1 AND m.rev > ?2 AND m.id BETWEEN ?3 AND ?4 ORDER BY m.rev LIMIT ?5
"""


def get_changes(view: ReadTx, caller: Caller, request: requests.Changes) -> responses.ChangesPage:
    """Messages of an id range that changed after a rev, each once, in its present state, ascending by rev."""
    authorize_in_channel(view, "read-history", caller, request.channel_id)
    last_id, rev = _numbers(view, request.channel_id)
    since, first, last = min(request.since, rev), request.from_, min(request.to, last_id)
    # both bounds are known, so the shorter of the two ways through is too
    statement = _BY_REV if rev - since <= last - first else _BY_ID
    found = view.all(statement, (request.channel_id, since, first, last, request.limit + 1))
    messages = _messages(found[: request.limit])
    more = len(found) > request.limit
    return responses.ChangesPage(
        messages=messages,
        rev=messages[-1].rev if more else rev,
        more=more,
        counters=counters_of(view, request.channel_id, caller.user_id),
        users=row_mapping.users_in(view, caller.user_id, request.channel_id, messages),
    )
