"""The main screen: what each command does."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, ClassVar

from textual import work
from textual.binding import BindingType

from asnity_tui.commands.keys_in_force import Wanted, in_force
from asnity_tui.commands.old_registry import COMMANDS, ESCAPES
from asnity_tui.screens.messages import SignOutRequested
from asnity_tui.widgets.list_pane import ListPane

from .type_ahead import leading
from .unsent import Unsent

OF_MESSAGES: Wanted = (
    ("timeline.leave", "write"),
    ("message.reply", "reply"),
    ("message.react", "react"),
    ("message.edit", "edit"),
    ("message.menu", "menu"),
)

OF_LISTS: Wanted = (("list.choose", "open"), ("lists.leave", "write"), ("list.menu", "menu"))


class ChatScreen(Unsent):
    """Rail, lists, conversation, members, status; every command has its method here, in `going`, `finding` or `places`.

    Dialogs are imported when they are first needed: the first picture has none.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *(command.binding() for command in COMMANDS if command.keys),
        *ESCAPES,
    ]

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
        """Put the members on the screen and the focus there; with the focus there already, put them away.

        Where there is no room beside the messages they lie over them.
        """
        if self.members.display and self.members.has_focus:
            self.remove_class("-members-open")
            self.set_class(self.has_class("-wide"), "-no-members")
            self.conversation.composer.focus()
        else:
            self.remove_class("-no-members")
            self.set_class(not self.has_class("-wide"), "-members-open")
            self.members.focus()
        self.call_after_refresh(self.draw_lists)

    def hints(self) -> tuple[Wanted, Wanted, Wanted]:
        """The keys that matter here, as they are in force: those that always show, of the focus, and others."""
        active = self.active_bindings
        lists: Wanted = () if self.lists_show else (("view.channels", "channels"),)
        return (
            in_force(self, (*lists, ("help", "help")), active),
            in_force(self, (*self._urgent(), *self._of_focus()), active),
            in_force(self, (("go.to", "go to"), ("ctrl+p", "commands"), ("quit", "quit")), active),
        )

    def _urgent(self) -> Wanted:
        """What helps against something that is wrong."""
        if self.session.connection.status == "offline":
            return (("connection.now", "now"),)
        return (("unsent.list", "unsent messages"),) if self.session.outbox.failed else ()

    def _of_focus(self) -> Wanted:
        """What keys do with what has the focus."""
        if self.focused is self.conversation.view:
            return OF_MESSAGES
        if self.focused is self.conversation.composer:
            return (("composer.leave", "messages"),)
        if isinstance(self.focused, ListPane):
            return OF_LISTS
        return ()

    # Writing, the program

    @leading
    async def action_retry_all(self) -> None:
        """Send everything that failed once more."""
        from asnity_tui.screens.dialogs.confirm import Confirm  # late: see above

        failed = len(self.session.outbox.failed)
        if not failed:
            self.notify("No failed messages.", timeout=2, markup=False)
            return
        many = "One message wasn't sent" if failed == 1 else f"{failed} messages weren't sent"
        question = Confirm("Retry all?", f"{many}.", yes="Retry")
        if await self.app.push_screen_wait(question):
            self.session.retry_all()

    def action_connect_now(self) -> None:
        """Don't wait."""
        self.session.connect_now()

    def action_help(self) -> None:
        """All keys."""
        from asnity_tui.screens.help import Help  # late: see above

        self.app.push_screen(Help(self.keys))

    @work(group="quit", exclusive=True, exit_on_error=False)
    async def action_leave_program(self) -> None:
        """Quit; the outbox and the drafts are on disk."""
        await self.app.action_quit()

    @leading
    async def action_sign_out(self) -> None:
        """Forget this account here, after asking."""
        from asnity_tui.screens.dialogs.confirm import Confirm  # late: see above

        unsent = len(self.session.outbox)
        text = (
            f"{unsent} unsent message{'s' if unsent != 1 else ''} will be lost."
            if unsent
            else "This removes the account's data from this machine."
        )
        if await self.app.push_screen_wait(Confirm("Sign out?", text, yes="Sign out", grave=True)):
            self.post_message(SignOutRequested())

    def action_place(self, doing: str) -> None:
        """Something about communities, channels and people, by its name."""
        from asnity_tui.commands.places_dialogs import DOINGS, Places  # late: see above

        self._lead(DOINGS[doing](Places(self)))

    def follow(self, link: str) -> None:
        """Join the community that an invite leads to, after asking."""
        from asnity_tui.commands.places_dialogs import Places  # late: see above

        self._lead(Places(self).join_community(link))

    def action_do(self, id: str) -> None:
        """Something that stands in a menu too, by its id."""
        from asnity_tui.commands.here import do_here  # late: see above

        self._lead(do_here(self, id))

    def _lead(self, doing: Coroutine[Any, Any, None]) -> None:
        """Do something that may lead elsewhere; what is typed waits until it is known where."""
        type_ahead = self.conversation.type_ahead
        work = type_ahead.lead(type_ahead.begin(), doing)
        self.run_worker(work, group="dialog", exit_on_error=False)

    _sign_in_due = False
    """The session is over, but somebody is writing."""

    def tick(self) -> None:
        """Once a second."""
        super().tick()
        if self._sign_in_due and not self.conversation.composer.text.strip():
            self._sign_in_due = False
            self.signed_out()

    def signed_out(self) -> None:
        """Ask for the password, unless somebody is writing: the rest of a sentence is no password."""
        if self.conversation.composer.text.strip():
            self._sign_in_due = True
            self.notify("You are signed out. What you write is kept; press Enter to sign in.", markup=False)
            return
        from asnity_tui.commands.places_dialogs import Places  # late: see above

        self.run_worker(Places(self).sign_in_again(), group="sign-in", exclusive=True, exit_on_error=False)
