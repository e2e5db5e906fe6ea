"""Posts what came into view: messages that were read, those that show, and missing ones that somebody will see next."""

from __future__ import annotations

from collections.abc import Callable

from asnity_tui.state.rows import Gap, Row

from .anchored_scroll import AnchoredScroll
from .messages import FillGap, LookingAt, NeedNewer, NeedOlder, ReadUpTo, TimelineMessage
from .row_index import RowIndex

AHEAD = 2
"""Pages beyond the screen within which history is asked for."""


class Visibility:
    """How far a channel was seen and read, and what is asked for because somebody comes near it."""

    def __init__(
        self,
        rows: RowIndex,
        scroll: AnchoredScroll,
        *,
        post: Callable[[TimelineMessage], object],
        refresh: Callable[[], object],
    ) -> None:
        self.has_older = False
        self.below = 0
        """How many messages of others stand unseen below the screen."""
        self._rows = rows
        self._scroll = scroll
        self._post = post
        self._refresh = refresh
        self._seen = 0
        self._read = 0
        self._looked = (0, 0)
        self._asked: object = None

    def begin(self, *, has_older: bool, read: int, seen: int) -> None:
        """Another channel shows, which was read and seen up to these messages."""
        self.has_older = has_older
        self._asked, self._looked = None, (0, 0)
        self._read, self._seen = read, seen

    def count_seen(self, message_id: int) -> None:
        """Stop counting messages up to this one as new: they were read, here or elsewhere."""
        if message_id > self._seen:
            self._seen = message_id
            below, self.below = self.below, 0 if self._scroll.following else self._count_below()
            if below != self.below:
                self._refresh()

    def ask_again(self) -> None:
        """Allow the last request to be posted again at the next move, because it failed."""
        self._asked = None

    def report(self, channel_id: str, *, looking: bool) -> None:
        """Post what is seen and what is missing; only while somebody is `looking`, it is read."""
        first, end = self._scroll.in_sight()
        items, heights = self._rows.items, self._rows.heights
        whole = end if heights.top(end) <= self._scroll.top + self._scroll.page else end - 1
        shown = [item.message.id for item in items[first:end] if isinstance(item, Row) and item.message.id]
        last = next((id for id in reversed(shown) if self._rows.first_after(id - 1) < whole), 0)
        self._seen = max(self._seen, self._rows.newest_id() if self._scroll.following else last)
        self.below = 0 if self._scroll.following else self._count_below()
        if last > self._read and looking:
            self._read = last
            self._post(ReadUpTo(channel_id, last))
        if shown and (shown[0], shown[-1]) != self._looked:
            self._looked = (shown[0], shown[-1])
            self._post(LookingAt(channel_id, *self._looked))
        self._report_needs(channel_id, first, end)

    def _count_below(self) -> int:
        me, unseen = self._rows.context.me, self._rows.first_after(self._seen)
        return sum(
            item.count if isinstance(item, Gap) else item.message.sender_id != me for item in self._rows.items[unseen:]
        )

    def _report_needs(self, channel_id: str, first: int, end: int) -> None:
        rows, top, page = self._rows, self._scroll.top, self._scroll.page
        near = rows.heights.find(top + (1 + AHEAD) * page)[0] + 1 if rows.items else 0
        gap = next((item for item in rows.items[first:near] if isinstance(item, Gap)), None)
        if gap is not None and rows.newest_id() < gap.before_id:
            self._ask(NeedNewer(channel_id), gap)
        elif gap is not None and gap in rows.items[first:end]:
            self._ask(FillGap(channel_id, gap), gap)
        elif self.has_older and top < AHEAD * page:
            self._ask(NeedOlder(channel_id), "older")

    def _ask(self, message: NeedOlder | NeedNewer | FillGap, missing: object) -> None:
        """Ask once; again only when rows came, or when something else turns out to be missing."""
        if self._asked != missing:
            self._asked = missing
            self._post(message)
