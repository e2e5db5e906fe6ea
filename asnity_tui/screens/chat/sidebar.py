"""The sidebar: the rail of communities, and the channels of the one on the screen."""

from __future__ import annotations

from textual.app import ComposeResult

from asnity_tui.client.sync.session import Session
from asnity_tui.state.community import CommunityState
from asnity_tui.widgets.boxes import HorizontalBox, VerticalBox
from asnity_tui.widgets.channel_list import ChannelList
from asnity_tui.widgets.community_rail import CommunityRail
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import spans
from asnity_tui.widgets.text_bar import TextBar

ROOM_FOR_ACCOUNT = 72
"""Cells of a header that has room for the account beside the name of the community."""


class Sidebar(HorizontalBox):
    """Shows my communities and channels, what is unread in them, and who is signed in."""

    def __init__(self, session: Session, account: tuple[str, str]) -> None:
        """`account` is who is signed in and where, in harmless words."""
        super().__init__(id="sidebar")
        self.rail = CommunityRail(id="rail")
        self.channels = ChannelList(id="channels")
        self._account = account
        self._community_name = ""
        self._session = session
        self._community_bar = TextBar(id="place")
        self._account_bars = TextBar(classes="account"), TextBar(classes="account")

    def compose(self) -> ComposeResult:
        """The rail, and beside it the lists."""
        yield self.rail
        with VerticalBox(id="lists"):
            yield self._community_bar
            yield self.channels
            yield from self._account_bars

    @property
    def is_shown(self) -> bool:
        """Whether the lists can be seen."""
        return bool(self.display)

    def title(self, width: int) -> str:
        """Name the community, and where there is room in `width` cells, the account: for where no lists show."""
        if self._community_name and width >= ROOM_FOR_ACCOUNT:
            return f"{self._community_name} · {' · '.join(self._account)}"
        return self._community_name

    def draw(self, community: CommunityState | None, channel_id: str | None) -> None:
        """Show a community, or none, with its channel that is open."""
        store = self._session.store
        me = store.me.id if store.me else ""
        self.rail.fill(list(store.communities.values()), current=community.id if community else None)
        self._community_name = harmless_line(community.community.name) if community else ""
        self._community_bar.say(spans((f" {self._community_name}", "strong")))
        for bar, words in zip(self._account_bars, self._account, strict=True):
            bar.say(spans((f" {words}", "dim")))
        drafts = self._session.drafts()
        self.channels.fill(community, current=channel_id, drafts=drafts, title_of=store.title_of, me=me)
