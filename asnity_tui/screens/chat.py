"""The main screen: what each command does."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType

from asnity_tui.state.channel import ChannelState
from asnity_tui.widgets.badges import channel_badge
from asnity_tui.widgets.channel_list import BROWSE, sign_of
from asnity_tui.widgets.community_rail import ADD
from asnity_tui.widgets.inks import words as inked
from asnity_tui.widgets.list_pane import ListPane
from asnity_tui.widgets.safe_text import harmless_line

from . import moves
from .chat_frame import ChatFrame
from .commands import COMMANDS
from .leads import WantSignOut


class ChatScreen(ChatFrame):
    """Rail, lists, conversation, members, status; every command of the table has its method here or in `places`.

    Dialogs are imported when they are first needed: the first picture has none.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *(command.binding() for command in COMMANDS if command.keys),
        Binding("escape", "close_lists", "Back to writing", id="lists.leave", show=False),
    ]

    # Opening

    def begin(self, channel_id: str | None) -> None:
        """Open a channel, or where I was, or `general` of the first community; without any, nothing."""
        store = self.session.store
        channel = store.channel(channel_id) if channel_id else None
        if channel is None:
            community = self.community or next(iter(store.communities.values()), None)
            channel = moves.first_channel(community, self.visited) if community else None
        if channel is not None:
            self.show_channel(channel)
            return
        self.community_id = next(iter(store.communities), None)
        self.conversation.close()
        known = self.session.connection.status == "online" or bool(store.communities)
        self.conversation.view.say_empty("ctrl+p: create a community, or join one by its invite." if known else "")
        self.draw_lists()

    def show_channel(self, channel: ChannelState, *, at: int | None = None) -> None:
        """Open a channel of any community."""
        previous = self.conversation.channel_id
        if previous is not None and previous != channel.id:
            self.visited = [previous, *(each for each in self.visited if each != previous)][:50]
        self.community_id = channel.channel.community_id
        self.conversation.open(channel.id, at=at)
        self.draw_lists()
        self.channels.put_cursor(channel.id)

    @on(ListPane.Chosen, "#rail")
    def _community_chosen(self, event: ListPane.Chosen) -> None:
        if event.key == ADD:
            self.action_place("add-community")
            return
        community = self.session.store.communities.get(event.key)
        channel = moves.first_channel(community, self.visited) if community else None
        if channel is not None:
            self.show_channel(channel)
            self.channels.focus()

    @on(ListPane.Chosen, "#channels")
    def _channel_chosen(self, event: ListPane.Chosen) -> None:
        if event.key == BROWSE:
            self.action_place("browse")
            return
        channel = self.session.store.channel(event.key)
        if channel is not None:
            self.show_channel(channel)
            self.action_close_lists()

    # Going places

    @work(group="dialog", exit_on_error=False)
    async def action_go_to(self) -> None:
        """The quick switch."""
        from .pick import Option, Pick  # late: see above

        store = self.session.store
        visited = [each for each in (self.conversation.channel_id, *self.visited) if each][1:]

        def search(query: str) -> list[Option]:
            found = []
            for goal in moves.goals(store, query, visited):
                direct = goal.channel.channel.kind == "direct"
                sign = "@ " if direct else sign_of(goal.channel.channel.kind)
                community = harmless_line(goal.community.community.name)
                badge = channel_badge(goal.channel.badge)
                style = "strong" if badge else "plain"
                right = (*inked((community, "faint")), *(badge and (*inked("  "), *badge)))
                found.append(Option(goal.channel.id, inked((sign, "faint"), (harmless_line(goal.title), style)), right))
            return found

        chosen = await self.app.push_screen_wait(Pick("Go to", search))
        channel = store.channel(chosen) if chosen else None
        if channel is not None:
            self.show_channel(channel)
            self.conversation.composer.focus()

    def action_channel(self, direction: int) -> None:
        """The channel above or below."""
        community = self.community
        channels = list(community.channels.values()) if community else []
        self._go(moves.neighbour(channels, self.conversation.channel_id, direction))

    def action_unread(self, direction: int) -> None:
        """The next or previous unread channel."""
        self._go(moves.unread_neighbour(self.session.store, self.conversation.channel_id, direction), nothing=True)

    def action_best(self) -> None:
        """The best next; when nothing is left, back to where it began."""
        channel = moves.best_next(self.session.store, self.conversation.channel_id)
        if channel is not None:
            if self._origin is None:
                self._origin = self.conversation.channel_id
            self._go(channel)
            return
        origin, self._origin = self._origin, None
        back = self.session.store.channel(origin) if origin else None
        self._go(back if back is not None and back.id != self.conversation.channel_id else None, nothing=True)

    def action_community(self, direction: int) -> None:
        """The community above or below."""
        community = moves.next_community(self.session.store, self.community_id, direction)
        self._go(moves.first_channel(community, self.visited) if community else None)

    def action_last(self) -> None:
        """The channel that was open before."""
        channels = (self.session.store.channel(each) for each in self.visited)
        self._go(next((each for each in channels if each and each.id != self.conversation.channel_id), None))

    def _go(self, channel: ChannelState | None, *, nothing: bool = False) -> None:
        if channel is not None:
            self.show_channel(channel)
        elif nothing:
            self.notify("Nothing is unread.", timeout=2, markup=False)

    def action_first_unread(self) -> None:
        """The `new` rule."""
        self.conversation.first_unread()

    def action_newest(self) -> None:
        """The end of the channel."""
        self.conversation.newest()

    # Lists

    def action_channels(self) -> None:
        """Put the lists on the screen and the focus there; with the focus there already, put them away."""
        if self.lists_show and self.channels.has_focus:
            self.remove_class("-lists-open")
            if not self.has_class("-narrow", "-tiny"):
                self.add_class("-no-lists")
            self.conversation.composer.focus()
        else:
            self.remove_class("-no-lists")
            self.add_class("-lists-open")
            self.channels.focus()
        self.call_after_refresh(self.draw_lists)

    def action_close_lists(self) -> None:
        """Back to writing; lists that lie over the messages go away."""
        self.remove_class("-lists-open", "-members-open")
        self.conversation.composer.focus()
        self.call_after_refresh(self.draw_lists)

    def action_members(self) -> None:
        """Show or hide the members; where there is no room beside the messages, over them."""
        if self.members.display:
            self.remove_class("-members-open")
            self.set_class(self.has_class("-wide"), "-no-members")
        else:
            self.remove_class("-no-members")
            self.set_class(not self.has_class("-wide"), "-members-open")
        self.call_after_refresh(self.draw_lists)

    def hints(self) -> tuple[tuple[str, str], ...]:
        """The keys that matter here."""
        status = self.session.connection.status
        first: tuple[tuple[str, str], ...] = ()
        if status == "offline":
            first = (("ctrl+r", "now"),)
        elif self.session.outbox.failed:
            first = (("alt+r", "send again"),)
        narrow = () if self.lists_show else (("F2", "channels"),)
        return (*first, *narrow, ("F1", "help"), ("ctrl+k", "go to"), ("ctrl+p", "commands"))

    # Writing, the program

    @work(group="dialog", exit_on_error=False)
    async def action_retry_all(self) -> None:
        """Send everything that failed once more."""
        from .dialog import Confirm  # late: see above

        failed = len(self.session.outbox.failed)
        if not failed:
            self.notify("Nothing has failed.", timeout=2, markup=False)
            return
        many = "One message was" if failed == 1 else f"{failed} messages were"
        question = Confirm("Send again?", f"{many} refused.", yes="Send again")
        if await self.app.push_screen_wait(question):
            self.session.retry_all()

    def action_connect_now(self) -> None:
        """Don't wait."""
        self.session.connect_now()

    def action_help(self) -> None:
        """All keys."""
        from .help import Help  # late: see above

        self.app.push_screen(Help(self.keys))

    @work(group="quit", exclusive=True, exit_on_error=False)
    async def action_leave_program(self) -> None:
        """Quit; the outbox and the drafts are on disk."""
        await self.app.action_quit()

    @work(group="dialog", exit_on_error=False)
    async def action_sign_out(self) -> None:
        """Forget this account here, after asking."""
        from .dialog import Confirm  # late: see above

        unsent = len(self.session.outbox)
        text = f"{unsent} unsent messages are lost." if unsent else "What is remembered on this machine is removed."
        if await self.app.push_screen_wait(Confirm("Sign out?", text, yes="Sign out")):
            self.post_message(WantSignOut())

    def action_place(self, doing: str) -> None:
        """Something about communities, channels and people, by its name."""
        from .places import DOINGS, Places  # late: see above

        self.run_worker(DOINGS[doing](Places(self)), group="dialog", exit_on_error=False)

    def signed_out(self) -> None:
        """Ask for the password; what is unsent waits for it."""
        from .places import Places  # late: see above

        self.run_worker(Places(self).sign_in_again(), group="sign-in", exclusive=True, exit_on_error=False)
