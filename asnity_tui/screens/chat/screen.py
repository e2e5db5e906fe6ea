"""The main screen: it owns its parts, and hands to them what the session tells and what the person does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.screen import ModalScreen, Screen

from asnity_tui.client.clock import Clock
from asnity_tui.client.sync.session import Session
from asnity_tui.commands.bindings import screen_bindings
from asnity_tui.screens.pending import PendingRequests
from asnity_tui.screens.throttle import Throttle
from asnity_tui.screens.toast_rack import end_toasts_at, hide_toasts
from asnity_tui.screens.worker_errors import ReportsWorkerErrors
from asnity_tui.state.changes import (
    ChannelLost,
    ChannelUpdated,
    CommunitiesChanged,
    CommunityChanged,
    CommunityLost,
    ConnectionChanged,
    DraftChanged,
    EntryFailed,
    Fact,
    MembersChanged,
    OutboxChanged,
    PeopleChanged,
    PresenceChanged,
    Restored,
    SignedOut,
    UsersChanged,
)
from asnity_tui.widgets.boxes import BlankFill, HorizontalBox
from asnity_tui.widgets.channel_header import ChannelHeader
from asnity_tui.widgets.channel_list import BROWSE
from asnity_tui.widgets.community_rail import ADD
from asnity_tui.widgets.list_pane import ListPane
from asnity_tui.widgets.members_pane import MembersPane
from asnity_tui.widgets.status_bar import StatusBar
from asnity_tui.widgets.timeline.messages import (
    KeyHandled,
    LinkClicked,
    MenuClicked,
    QuoteClicked,
    ReactionClicked,
    RowClicked,
)

from .conversation import Conversation
from .lookup import Lookup
from .members import MembersController
from .message_keys import MessageKeys
from .navigation import Navigation
from .notifications import Notifications, UserActivity
from .sidebar import Panes, Sidebar
from .status import StatusLine
from .terminal_loan import TerminalLoan
from .typeahead import CommandSubmitted

if TYPE_CHECKING:
    from .command_runner import CommandRunner

LISTS_EVERY = 0.1
"""Seconds between two drawings of the lists while much is happening."""

OF_LISTS = (
    CommunitiesChanged
    | CommunityChanged
    | ChannelUpdated
    | ChannelLost
    | CommunityLost
    | DraftChanged
    | PresenceChanged
    | MembersChanged
    | PeopleChanged
    | UsersChanged
)
"""Changes that the lists show."""

CLICKS: Mapping[type[Message], str] = {
    ChannelHeader.Clicked: "channel.topic",
    StatusBar.UnsentClicked: "unsent.list",
    LinkClicked: "message.open-link",
    ReactionClicked: "message.react",
    QuoteClicked: "message.origin",
    MenuClicked: "message.menu",
}
"""The commands that clicks stand for."""

ENTRIES: Mapping[str, str] = {ADD: "community.add", BROWSE: "channel.browse"}
"""The commands that entries of the lists stand for."""


class ChatScreen(ReportsWorkerErrors, BlankFill, Screen[None]):
    """Composes sidebar, conversation, members and status line, and keeps them in step with the session.

    Dialogs are imported when they are first needed: the first picture has none.
    """

    AUTO_FOCUS = "#composer"

    BINDINGS: ClassVar[list[BindingType]] = [*screen_bindings()]

    def __init__(
        self,
        session: Session,
        *,
        clock: Clock,
        zone: tzinfo | None,
        server: str,
        account: tuple[str, str],
        keys: Mapping[str, str],
        alert: Callable[[str], None],
        signed_in_again: Callable[[str], None],
    ) -> None:
        """`account` is who is signed in and where, in harmless words; `keys` are those that the settings change.

        `alert` gets a harmless sentence when somebody calls me and nobody is looking; `signed_in_again` a new token.
        """
        super().__init__()
        self.session = session
        self.keys = keys
        self.zone = zone
        """Where I am; None: wherever this machine says it is."""
        self.server = server
        """The server's address."""
        self.keep_token = signed_in_again
        self.requests = PendingRequests(lambda _: self.status_line.draw(), self._refused)
        self.conversation = conversation = Conversation(
            session,
            self.requests,
            clock=clock,
            zone=zone,
            commands=lambda: self.commands.slash_offers(),
            go_to=lambda channel_id: self.navigation.go_to(channel_id),
        )
        self.sidebar = sidebar = Sidebar(session, account)
        self.members = MembersController(self, session, self.requests, MembersPane(id="members"), clock=clock)
        self.activity = UserActivity(session, clock=clock)
        self.panes = Panes(self, sidebar, conversation, self.members.pane, self.draw_lists)
        self.navigation = navigation = Navigation(
            session, conversation, sidebar, self.panes, self.requests, opened=self.draw_lists
        )
        self.status_line = StatusLine(self, session, conversation, sidebar, navigation, self.requests, clock=clock)
        self.notifications = Notifications(
            session, conversation, self.activity, navigation, alert=alert, clock=clock, zone=zone
        )
        self.message_keys = MessageKeys(self, conversation, self.panes)
        self.terminal_loan = TerminalLoan(self, conversation)
        self.lookup = Lookup(self, session, conversation, navigation, self.requests, server)
        self._throttled_lists = Throttle(self, LISTS_EVERY, self.draw_lists)
        self._unsubscribe: Callable[[], None] | None = None
        self._is_styled = False
        self._sign_in_due = False
        """The session is over, but somebody is writing."""

    def compose(self) -> ComposeResult:
        """Lay them out from left to right, and the status line below."""
        with HorizontalBox(id="main"):
            yield self.sidebar
            yield self.conversation
            yield self.members.pane
        yield self.status_line.bar

    def on_mount(self) -> None:
        """Show what is remembered."""
        self._unsubscribe = self.session.publisher.subscribe(self.take)
        self.set_interval(1, self.tick)
        view = self.conversation.view  # toasts end where the messages do: what is written stays in sight
        self.screen_layout_refresh_signal.subscribe(self, lambda _: end_toasts_at(self, view.region.bottom))
        self.navigation.begin(self.session.persistence.last_channel())

    def on_unmount(self) -> None:
        """Stop listening to the session."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    def _refused(self, told: str, _: object) -> None:
        self.notify(told, severity="error", markup=False)

    # The picture

    def update_node_styles(self, animate: bool = True) -> None:
        """Style everything anew; not the first time that this screen shows: it all was styled a moment before."""
        if self._is_styled:
            super().update_node_styles(animate)
        self._is_styled = True

    def _compositor_refresh(self) -> None:
        """Paint what changed; while Textual would throw the picture away (as it starts), that waits."""
        if self.app._batch_count:
            self.app.call_later(self._compositor_refresh)
        else:
            super()._compositor_refresh()

    def draw_lists(self) -> None:
        """Draw rail, channel list, members and what depends on them."""
        if self._unsubscribe is None:
            return
        community, conversation = self.navigation.community, self.conversation
        self.sidebar.draw(community, conversation.channel_id)
        conversation.header.name_community("" if self.sidebar.is_shown else self.sidebar.title(self.size.width))
        self.members.draw(conversation.channel)
        self.status_line.draw()

    def on_descendant_focus(self) -> None:
        """Show the keys that matter now."""
        self.call_after_refresh(self.status_line.draw)

    def on_resize(self, event: events.Resize) -> None:
        """Draw what finds room now."""
        self.call_after_refresh(self.draw_lists)

    # Following the session

    def take(self, facts: Sequence[Fact]) -> None:
        """Have every part show what changed."""
        self.conversation.take(facts)
        self.notifications.take(facts)
        for fact in facts:
            if isinstance(fact, ConnectionChanged | OutboxChanged):
                self.status_line.draw()
                self.members.connection_changed(self.conversation.channel)
            elif isinstance(fact, EntryFailed):
                self.conversation.unsent.edit_refused(fact)
            elif isinstance(fact, Restored):
                _close_dialogs_about_messages(self.app)
            elif isinstance(fact, SignedOut):
                self.sign_in_again()
            elif isinstance(fact, OF_LISTS):
                self._throttled_lists.request()
        if any(isinstance(fact, ChannelLost | CommunityLost) for fact in facts):
            self.draw_lists()
        lost = self.conversation.channel_id is None and self.conversation.closed is None
        if lost and any(isinstance(fact, CommunitiesChanged | CommunityChanged | ConnectionChanged) for fact in facts):
            self.navigation.begin()

    def tick(self) -> None:
        """Draw, once a second, what counts down or fades away."""
        self.activity.tick()
        self.conversation.tick()
        self.status_line.tick()
        if self._sign_in_due and not self.conversation.composer.text.strip():
            self._sign_in_due = False
            self.sign_in_again()

    def sign_in_again(self) -> None:
        """Ask for the password, unless somebody is writing: the rest of a sentence is no password."""
        if self.conversation.composer.text.strip():
            self._sign_in_due = True
            self.notify("You are signed out. What you write is kept; press Enter to sign in.", markup=False)
            return
        from asnity_tui.commands.account import sign_in_again  # late: the first picture has no dialog

        asks = sign_in_again(self.commands.context(), self.keep_token)
        self.run_worker(asks, group="sign-in", exclusive=True, exit_on_error=False)

    # The person

    def focus_changed(self, focused: bool) -> None:
        """Note that the terminal got or lost the focus."""
        self.activity.focus_changed(focused)
        self.conversation.view.looking = focused and self.is_active

    def on_screen_suspend(self) -> None:
        """Note that a dialog covers the messages."""
        hide_toasts(self)
        self.conversation.view.looking = False
        self.message_keys.covered()

    def on_screen_resume(self) -> None:
        """Note that the messages can be seen again."""
        self.conversation.view.looking = self.activity.focused
        self.call_after_refresh(self.status_line.draw)

    @on(KeyHandled)
    def _acted(self, event: KeyHandled) -> None:
        self.message_keys.acted(event)

    def join_community(self, link: str) -> None:
        """Join the community that an invite leads to, after asking."""
        self.action_command("community.join", link)

    # Commands

    @cached_property
    def commands(self) -> CommandRunner:
        """Runs what the person commands."""
        from .command_runner import CommandRunner  # start-up: the first paint runs no command
        from .command_ui import ChatParts  # start-up: see above

        return CommandRunner(
            ChatParts(
                screen=self,
                session=self.session,
                conversation=self.conversation,
                navigation=self.navigation,
                lookup=self.lookup,
                panes=self.panes,
                unsent=self.conversation.unsent,
                terminal=self.terminal_loan,
                status_line=self.status_line,
                requests=self.requests,
                server=self.server,
                zone=self.zone,
                keys=self.keys,
            )
        )

    def action_command(self, id: str, args: str = "") -> None:
        """Run a command by its id; keys are bound to this."""
        self.commands.run(id, args)

    @on(CommandSubmitted)
    def _command_submitted(self, event: CommandSubmitted) -> None:
        self.commands.submit(event)

    @on(ChannelHeader.Clicked)
    @on(StatusBar.UnsentClicked)
    def _clicked(self, event: Message) -> None:
        self.commands.run(CLICKS[type(event)])

    @on(LinkClicked)
    @on(ReactionClicked)
    @on(QuoteClicked)
    @on(MenuClicked)
    def _row_clicked(self, event: RowClicked) -> None:
        self.commands.run(CLICKS[type(event)], event.value, row=event.row)

    @on(ListPane.MenuWanted)
    def _menu_wanted(self, event: ListPane.MenuWanted) -> None:
        event.stop()
        self.commands.show_menu_of(event.control, event.key)

    def action_close_lists(self) -> None:
        """Back to writing."""
        self.panes.write()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape only gives something up while there is something."""
        return self.requests.can_cancel if action == "give_up_waiting" else True

    def action_give_up_waiting(self) -> None:
        """Don't wait any more for what takes long."""
        self.requests.cancel()

    @on(ListPane.Chosen)
    def _chosen(self, event: ListPane.Chosen) -> None:
        event.stop()
        if event.key in ENTRIES:
            self.action_command(ENTRIES[event.key])
        elif event.pane is self.members.pane:
            self._write_to(event.key)
        else:
            self.navigation.choose(event.pane, event.key)

    def _write_to(self, user_id: str) -> None:
        community_id, type_ahead = self.navigation.community_id, self.conversation.type_ahead
        if user_id != self.session.store.my_id and community_id is not None:
            work = type_ahead.lead(type_ahead.begin(), self.navigation.write_to(community_id, [user_id]))
            self.run_worker(work, group="dialog", exit_on_error=False)


def _close_dialogs_about_messages(app: App[Any]) -> None:
    """Close what lies over the chat and names messages: the server was restored, and they may be others now."""
    for screen in reversed(app.screen_stack):
        if not isinstance(screen, ModalScreen) or not getattr(screen, "about_messages", False):
            break
        screen.dismiss(None)
