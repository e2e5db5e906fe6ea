"""The sidebar with communities and channels, and where it and the members show: beside the conversation, or over it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.app import ComposeResult
from textual.screen import Screen

from asnity_tui.client.sync.session import Session
from asnity_tui.state.community import CommunityState
from asnity_tui.widgets.boxes import HorizontalBox, VerticalBox
from asnity_tui.widgets.channel_list import ChannelList
from asnity_tui.widgets.community_rail import CommunityRail
from asnity_tui.widgets.members_pane import MembersPane
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import spans
from asnity_tui.widgets.text_bar import TextBar

from .conversation import Conversation

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
        """Lay out the rail, and beside it the lists."""
        yield self.rail
        with VerticalBox(id="lists"):
            yield self._community_bar
            yield self.channels
            yield from self._account_bars

    @property
    def is_shown(self) -> bool:
        """Tell whether the lists can be seen."""
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
        drafts = self._session.drafts.ids()
        self.channels.fill(community, current=channel_id, drafts=drafts, title_of=store.title_of, me=me)


class Panes:
    """Shows and hides sidebar and members by classes of the screen; its styles say where there is room beside."""

    def __init__(
        self,
        screen: Screen[Any],
        sidebar: Sidebar,
        conversation: Conversation,
        members: MembersPane,
        changed: Callable[[], None],
    ) -> None:
        """`changed` is called once other panes show."""
        self._screen = screen
        self._sidebar = sidebar
        self._conversation = conversation
        self._members = members
        self._changed = changed

    def toggle_channels(self) -> None:
        """Put the lists on the screen and the focus there; with the focus there already, put them away."""
        screen, channels = self._screen, self._sidebar.channels
        if self._sidebar.is_shown and channels.has_focus:
            screen.remove_class("-lists-open")
            if not screen.has_class("-narrow", "-tiny"):
                screen.add_class("-no-lists")
            self._conversation.composer.focus()
        else:
            screen.remove_class("-no-lists")
            screen.add_class("-lists-open")
            channels.focus()
        screen.call_after_refresh(self._changed)

    def toggle_members(self) -> None:
        """Put the members on the screen and the focus there; with the focus there already, put them away.

        Where there is no room beside the messages they lie over them.
        """
        screen, members = self._screen, self._members
        if members.display and members.has_focus:
            screen.remove_class("-members-open")
            screen.set_class(screen.has_class("-wide"), "-no-members")
            self._conversation.composer.focus()
        else:
            screen.remove_class("-no-members")
            screen.set_class(not screen.has_class("-wide"), "-members-open")
            members.focus()
        screen.call_after_refresh(self._changed)

    def uncover(self) -> None:
        """Put away what lies over the conversation."""
        self._screen.remove_class("-lists-open", "-members-open")

    def write(self) -> None:
        """Go back to writing; what lies over the conversation goes away."""
        self.uncover()
        self._conversation.composer.focus()
        self._screen.call_after_refresh(self._changed)
