"""The actions of the main screen: what each key and each slash command does, by its name."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from textual import on, work
from textual.screen import Screen

from asnity_server.protocol import ids
from asnity_server.protocol.errors import AsnityError
from asnity_tui.client.error_text import error_text
from asnity_tui.client.storage.storage import StorageError
from asnity_tui.client.sync.session import Session
from asnity_tui.client.transport.client import NoAnswer, Unreachable
from asnity_tui.screens.messages import CommandSubmitted, SignOutRequested
from asnity_tui.screens.pending import Cancelled, PendingRequests
from asnity_tui.screens.worker_errors import ReportsWorkerErrors
from asnity_tui.state.rights import rights_at
from asnity_tui.state.rows import Row, Sent
from asnity_tui.widgets.boxes import BlankFill
from asnity_tui.widgets.channel_header import ChannelHeader
from asnity_tui.widgets.list_pane import ListPane
from asnity_tui.widgets.status_bar import StatusBar
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.timeline.messages import ActOn
from asnity_tui.widgets.timeline.part import Part

from .conversation import Conversation
from .lookup import Lookup
from .navigation import Navigation
from .sidebar import Panes
from .status import StatusLine
from .terminal_loan import TerminalLoan
from .typeahead import TypedAhead
from .unsent import UnsentMessages

if TYPE_CHECKING:
    from .command_runner import CommandRunner
    from .screen import ChatScreen


class ChatActions(ReportsWorkerErrors, BlankFill, Part, Screen[None], part=True):
    """Hands each action to the part of the screen that does it.

    Dialogs are imported when they are first needed: the first picture has none.
    """

    session: Session
    server: str
    requests: PendingRequests
    conversation: Conversation
    navigation: Navigation
    panes: Panes
    lookup: Lookup
    unsent: UnsentMessages
    status_line: StatusLine
    terminal_loan: TerminalLoan
    keys: Mapping[str, str]

    @property
    def _whole(self) -> ChatScreen:
        return cast("ChatScreen", self)

    @cached_property
    def commands(self) -> CommandRunner:
        """Runs what the person commands."""
        from .command_runner import CommandRunner  # late: the first paint runs no command

        return CommandRunner(self._whole)

    def run_flow(self, doing: Coroutine[Any, Any, None], ahead: TypedAhead | None = None) -> None:
        """Do something that may lead elsewhere; what is typed since `ahead` began, or from here on, waits for it."""
        type_ahead = self.conversation.type_ahead
        work = type_ahead.lead(ahead or type_ahead.begin(), doing)
        self.run_worker(work, group="dialog", exit_on_error=False)

    # Slash commands

    @on(CommandSubmitted)
    def _command_submitted(self, event: CommandSubmitted) -> None:
        here = self.navigation.community_id
        community_id = ids.community_of(event.channel_id) if event.channel_id is not None else here
        doing = self._run_command(event, (community_id, event.channel_id))
        if event.ahead is None:
            self.run_worker(doing, group="dialog", exit_on_error=False)
        else:
            self.run_flow(doing, event.ahead)

    async def _run_command(self, event: CommandSubmitted, written_in: tuple[str | None, str | None]) -> None:
        """Do what was written behind a slash; where that can't be, it comes back to the composer."""
        from asnity_tui.commands.arguments import WRITTEN_IN, UsageError  # late: see above
        from asnity_tui.commands.slash_commands import BY_NAME  # late: see above

        command, rest = BY_NAME[event.name], event.rest
        WRITTEN_IN.set(written_in)
        try:
            rest = await self.conversation.emoji.replace(rest)
            if rest and not command.usage and command.name != "quit":  # IRC says something on the way out
                raise UsageError(f"/{event.name} takes no text.")
            await command.run(self._whole, rest)
        except Cancelled:
            self.conversation.composing.command_failed(event.text, event.channel_id, event.ahead)
        except (UsageError, AsnityError, NoAnswer, Unreachable, StorageError) as error:
            self.conversation.composing.command_failed(event.text, event.channel_id, event.ahead)
            if isinstance(error, StorageError):
                self.conversation.composing.unsaved.report(
                    error, event.channel_id or "", self.conversation.composer.submit
                )
                return
            told = str(error) if isinstance(error, UsageError) else error_text(error)
            self.notify(harmless_line(told), severity="error", markup=False)

    # Going places

    def action_go_to(self) -> None:
        """The quick switch."""
        self.run_flow(self.lookup.quick_switch())

    def action_channel(self, direction: int) -> None:
        """The channel above or below."""
        self.navigation.go_to_neighbour(direction)

    def action_number(self, number: int) -> None:
        """The channel with this number."""
        self.navigation.go_to_number(number)

    def action_unread(self, direction: int) -> None:
        """The next or previous unread channel."""
        self.navigation.go_to_unread(direction)

    def action_best(self) -> None:
        """The best next."""
        self.navigation.go_to_best_unread()

    def action_community(self, direction: int) -> None:
        """The community above or below."""
        self.navigation.go_to_next_community(direction)

    def action_last(self) -> None:
        """The channel that was open before."""
        self.navigation.go_back()

    def action_first_unread(self) -> None:
        """The `new` rule."""
        self.conversation.timeline.go_to_first_unread()

    def action_newest(self) -> None:
        """The end of the channel."""
        self.conversation.timeline.go_to_newest()

    def action_catch_up(self) -> None:
        """Everything that was missed, anywhere."""
        self.run_flow(self.lookup.catch_up())

    def action_search(self) -> None:
        """Look for messages."""
        self.run_flow(self.lookup.search())

    def action_pins(self) -> None:
        """What is pinned in the open channel."""
        if self.conversation.channel_id is not None:
            self.run_flow(self.lookup.pins(self.conversation.channel_id))

    @work(group="mention", exclusive=True, exit_on_error=False)
    async def action_mention(self, direction: int) -> None:
        """The previous (-1) or next (1) message of this channel that mentions me."""
        await self.lookup.mention(direction)

    def action_link(self) -> None:
        """Go to the message that a link leads to."""
        self.run_flow(self._link())

    async def _link(self) -> None:
        from asnity_tui.commands.places_asked import ask_link  # late: see above

        place = await ask_link(self._whole)
        if place is not None:
            self.navigation.go_to(place.channel_id, at=place.message_id)

    def action_date(self) -> None:
        """Go to a day of the open channel."""
        self.run_flow(self._date())

    async def _date(self) -> None:
        from asnity_tui.commands.places_asked import ask_day  # late: see above

        channel_id = self.conversation.channel_id
        moment = await ask_day(self._whole) if channel_id is not None else None
        if channel_id is not None and moment is not None:
            await self.lookup.day(channel_id, moment)

    # Menus

    @on(ListPane.MenuWanted, "#members")
    def _menu_of_member(self, event: ListPane.MenuWanted) -> None:
        event.stop()
        from asnity_tui.commands.menus import ask_about_member  # late: see above

        channel = self.conversation.channel
        member = (channel.people or {}).get(event.key) if channel is not None else None
        if channel is not None and member is not None:
            community_id = channel.channel.community_id
            self.run_flow(ask_about_member(self._whole, community_id, member, channel_id=channel.id))

    @on(ListPane.MenuWanted, "#channels")
    def _menu_of_channel(self, event: ListPane.MenuWanted) -> None:
        event.stop()
        from asnity_tui.commands.menus import ask_about_channel  # late: see above

        self.run_flow(ask_about_channel(self._whole, event.key))

    @on(ListPane.MenuWanted, "#rail")
    def _menu_of_community(self, event: ListPane.MenuWanted) -> None:
        event.stop()
        from asnity_tui.commands.menus import ask_about_community  # late: see above

        self.run_flow(ask_about_community(self._whole, event.key))

    def action_channel_menu(self) -> None:
        """What may be done with the open channel."""
        from asnity_tui.commands.menus import ask_about_channel  # late: see above

        if self.conversation.channel_id is not None:
            self.run_flow(ask_about_channel(self._whole, self.conversation.channel_id))

    def action_people(self) -> None:
        """Who reads what is written here; choosing one leads to what may be done with them."""
        self.run_flow(self._people())

    async def _people(self) -> None:
        from asnity_tui.commands.menus import ask_about_member  # late: see above
        from asnity_tui.screens.dialogs.member_picker import choose_member  # late: see above

        channel = self.conversation.channel
        if channel is not None:
            member = await choose_member(self._whole, channel)
            if member is not None:
                await ask_about_member(self._whole, channel.channel.community_id, member, channel_id=channel.id)

    # Messages

    @on(ActOn)
    def _act_on_message(self, event: ActOn) -> None:
        """What is done with a message beyond the conversation."""
        if event.act == "menu":
            from asnity_tui.commands.menus import ask_about_message  # late: see above

            self.run_flow(ask_about_message(self._whole, event.channel_id, event.row))
        elif event.act == "pin":
            self._turn_pin(event.channel_id, event.row)
        elif event.act == "copy-link":
            self._copy_link(event.channel_id, event.row)
        elif event.act == "reactors":
            from asnity_tui.screens.dialogs.reactors import show_reactors  # late: see above

            self.run_flow(show_reactors(self._whole, event.channel_id, event.row))

    @work(group="pin", exit_on_error=False)
    async def _turn_pin(self, channel_id: str, row: Row) -> None:
        """Pin a message for everybody, or take the pin away."""
        if not isinstance(row.delivery, Sent):
            self.app.bell()
            return
        if not rights_at(self.session.store, channel_id, self.conversation.now()).may_pin:
            self.notify("Only admins can pin messages, and not in archived channels.", severity="warning", markup=False)
            return
        from asnity_tui.screens.dialogs.confirm import Confirm  # late: see above

        pins, pinned = self.session.pins, row.message.pinned
        title, yes = ("Unpin this message?", "Unpin") if pinned else ("Pin this message?", "Pin")
        said = "For everyone in this channel."
        if not await self.app.push_screen_wait(Confirm(title, said, yes=yes)):
            return
        turn = pins.unpin if pinned else pins.pin
        if await self.requests.done(turn(channel_id, row.message.id)):
            self.notify("Unpinned." if pinned else "Pinned.", timeout=2, markup=False)

    def _copy_link(self, channel_id: str, row: Row) -> None:
        if not isinstance(row.delivery, Sent):
            self.app.bell()
            return
        from asnity_tui.state.message_link import MessageAddress, link_to  # late: see above

        place = MessageAddress(channel_id, row.message.id, self.session.store.generation)
        self.app.copy_to_clipboard(link_to(self.server, place))

    # Unsent messages

    def action_retry(self) -> None:
        """Send it again; where nothing failed here, show what did elsewhere."""
        if not self.unsent.retry():
            self.action_unsent()

    def action_take_back(self) -> None:
        """Bring it back to the composer."""
        self.unsent.take_back()

    def action_copy_unsent(self) -> None:
        """Copy what can't be sent."""
        self.unsent.copy()

    def action_discard(self) -> None:
        """Throw it away; ctrl+z brings it back."""
        self.unsent.discard()

    @on(StatusBar.UnsentClicked)
    def action_unsent(self) -> None:
        """Everything that isn't sent."""
        self.run_flow(self.unsent.list())

    def action_retry_all(self) -> None:
        """Send everything that failed once more."""
        self.run_flow(self.unsent.retry_all())

    def action_undo(self) -> None:
        """Take back what was discarded or deleted last; where nothing was and nobody writes, ctrl+z is the shell's."""
        if self.conversation.outbox.bring_back() or self.conversation.actions.undo_delete():
            return
        if self.conversation.composer.has_focus:
            self.notify("Nothing to undo.", timeout=2, markup=False)
        else:
            self.terminal_loan.suspend()

    # The program

    @on(ChannelHeader.Clicked)
    def action_topic(self) -> None:
        """Show the whole topic."""
        channel = self.conversation.channel
        if channel is not None:
            from asnity_tui.commands.old_channel_entries import tell_topic  # late: see above

            self.run_worker(tell_topic(self._whole, channel), group="dialog", exit_on_error=False)

    def action_theme(self) -> None:
        """Choose the colours."""
        from asnity_tui.commands.menu_entries import choose_theme  # late: see above

        self.run_flow(choose_theme(self.app))

    def action_settings(self) -> None:
        """Choose what to set."""
        from asnity_tui.commands.menu_entries import choose_setting  # late: see above

        self.run_flow(choose_setting(self._whole))

    @work(group="terminal", exclusive=True, exit_on_error=False)
    async def action_editor(self) -> None:
        """Write in the person's own editor."""
        await self.terminal_loan.edit()

    @work(group="terminal", exclusive=True, exit_on_error=False)
    async def action_bare(self) -> None:
        """Plain view, until a key is pressed."""
        await self.terminal_loan.show_plain()

    def action_help(self) -> None:
        """All keys."""
        from asnity_tui.screens.help import Help  # late: see above

        self.app.push_screen(Help(self.keys))

    @work(group="quit", exclusive=True, exit_on_error=False)
    async def action_leave_program(self) -> None:
        """Quit; the outbox and the drafts are on disk."""
        await self.app.action_quit()

    def action_sign_out(self) -> None:
        """Forget this account here, after asking."""
        self.run_flow(self._sign_out())

    async def _sign_out(self) -> None:
        from asnity_tui.screens.dialogs.confirm import Confirm  # late: see above

        unsent = len(self.session.outbox)
        text = (
            f"{unsent} unsent message{'s' if unsent != 1 else ''} will be lost."
            if unsent
            else "This removes the account's data from this machine."
        )
        if await self.app.push_screen_wait(Confirm("Sign out?", text, yes="Sign out", grave=True)):
            self.post_message(SignOutRequested())

    def action_do(self, id: str) -> None:
        """Something that stands in a menu too, by its id."""
        from asnity_tui.commands.here import do_here  # late: see above

        self.run_flow(do_here(self._whole, id))
