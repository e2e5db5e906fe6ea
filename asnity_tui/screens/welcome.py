"""The welcome screen: signs in or up with a server, a name and a password, or begins the demo."""

from __future__ import annotations

from typing import ClassVar, Literal, TypeAlias

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Button, Input, Static

from asnity_server.protocol.errors import AsnityError, NotFound, Unauthorized
from asnity_tui.client.sign_in import Authenticator
from asnity_tui.client.storage.accounts import SavedAccount
from asnity_tui.client.storage.storage import ELSEWHERE
from asnity_tui.client.transport.address import Address, BadAddress, invite_code, normalise_address
from asnity_tui.client.transport.client import NoAnswer, RequestError, Unreachable
from asnity_tui.commands.bindings import Wanted
from asnity_tui.screens.dialogs.confirm import Confirm
from asnity_tui.screens.dialogs.hint_bar import HintBar
from asnity_tui.widgets.checkbox import Checkbox
from asnity_tui.widgets.dialog_button import DialogButton
from asnity_tui.widgets.form_field import FormField
from asnity_tui.widgets.text.safe_text import harmless, harmless_line

from .messages import DemoRequested, SignInCompleted
from .pending import PendingRequests
from .worker_errors import ReportsWorkerErrors

Mode: TypeAlias = Literal["sign-in", "sign-up"]

SLOW = 0.1
"""Seconds after which a request says that it is under way."""

_FIELDS = {"username": "username", "password": "password", "invite": "invite", "setupCode": "invite"}
"""The field that an error of the server belongs to, by the name that the wire has for it."""


class WelcomeScreen(ReportsWorkerErrors, Screen[None]):
    """Signs in, signs up, or lets one try it out."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "give_up", "Stop waiting", id="sign-in.give-up", show=False),
        Binding("ctrl+t", "turn", "Sign in or sign up", id="sign-in.turn", show=False),
    ]

    def __init__(self, authenticator: Authenticator, *, server: str = "", demo: bool = True) -> None:
        """`server` is an address or an invite link to begin with; `demo` offers the demo."""
        super().__init__()
        self._authenticator = authenticator
        self._demo = demo
        self._allowed: set[str] = set()
        """Servers that a password may go to unencrypted, because the person said so."""
        self.mode: Mode = "sign-in"
        self._begin_with = server
        self._requests = PendingRequests(self._say, self._refused, at_once=SLOW, long=SLOW)
        self.server = FormField("server", "Server or invite link", value=server, placeholder="chat.example.org")
        self.username = FormField("username", "Username")
        self.password = FormField("password", "Password", secret=True)
        self.invite = FormField("invite", "Invite or set-up code", remark="if you have one")

    def compose(self) -> ComposeResult:
        """Lay out one column in the middle."""
        with VerticalScroll(id="welcome", can_focus=False):
            yield Static("Asnity", id="welcome-name")
            yield Static("chat for people who live in a terminal", id="welcome-tagline")
            with Horizontal(id="welcome-choices"):  # before the fields: Tab leads through these to the one main button
                yield DialogButton("Create an account", id="turn")
                if self._demo:
                    yield DialogButton("Try the demo", id="demo")
            yield self.server
            yield Static("", id="welcome-invite")
            yield self.username
            yield self.password
            yield Checkbox("Show password", id="reveal")
            yield self.invite
            yield Static("", id="welcome-error")
            with Horizontal(classes="dialog-buttons"):
                yield DialogButton("Sign in", id="go", variant="primary")
        yield HintBar(self._hints)

    def _hints(self) -> Wanted:
        """Name the keys that do something here."""
        turn = "sign up" if self.mode == "sign-in" else "sign in"
        return (("ctrl+q", "quit"), ("enter", "go on"), ("tab", "next"), ("sign-in.turn", turn))

    def on_mount(self) -> None:
        """Begin where something is missing."""
        self._show_mode()
        (self.username if self._begin_with else self.server).input.focus()
        if self._begin_with:
            self.call_after_refresh(self._read_address)

    # What is chosen

    def action_turn(self) -> None:
        """Turn from signing in to signing up, or back; go on with what is missing."""
        self.mode = "sign-up" if self.mode == "sign-in" else "sign-in"
        self._show_mode()
        empty = next((each for each in (self.server, self.username, self.password) if not each.value), None)
        (self.query_one("#go", Button) if empty is None else empty.input).focus()

    def _show_mode(self) -> None:
        up = self.mode == "sign-up"
        self.set_class(up, "-sign-up")
        self.query_one("#go", Button).label = Content("Create account" if up else "Sign in")
        self.query_one("#turn", Button).label = Content("Sign in instead" if up else "Create an account")
        self.password.remark = "at least 8 characters" if up else ""
        self._complain({})

    @on(Input.Blurred)
    def _left(self, event: Input.Blurred) -> None:
        if event.input is self.server.input and self.server.value:
            self._read_address()

    def _read_address(self) -> Address | None:
        """Parse the address; an invite in it is put where it belongs."""
        try:
            address = normalise_address(self.server.value)
        except BadAddress as error:
            self.server.complain(str(error))
            return None
        self.server.complain("")
        if address.invite:
            self.invite.value = address.invite
            self._show_invite(address)
        return address

    @work(exclusive=True, group="preview", exit_on_error=False)
    async def _show_invite(self, address: Address) -> None:
        """Say what the invite leads to; that nobody answers is said when it is used."""
        request = self._authenticator.preview_invite(address.url, address.invite or "")
        preview = await self._requests.answer(request, "", refused=self._no_preview)
        if preview is None:
            return
        inviter, name = harmless_line(preview.inviter), harmless_line(preview.community.name)
        said = self.query_one("#welcome-invite", Static)
        said.update(Content(f"{inviter} invites you to {name}."))
        said.display = True
        if self.mode == "sign-in" and not self.username.value:
            self.action_turn()

    def _no_preview(self, told: str, error: RequestError) -> None:
        if isinstance(error, NotFound):
            self.server.complain("This invite is no longer valid. Ask for a new one, or sign in without it.")
        elif isinstance(error, AsnityError):
            self.server.complain(told)

    @on(Input.Submitted)
    def _next(self, event: Input.Submitted) -> None:
        shown = [self.server, self.username, self.password, *([self.invite] if self.mode == "sign-up" else [])]
        following = shown[[each.input for each in shown].index(event.input) + 1 :]
        empty = next((each for each in following if not each.input.value and each is not self.invite), None)
        if empty is not None:
            empty.input.focus()
        else:
            self._enter()

    @on(Checkbox.Submitted)
    def _go_on(self) -> None:
        self._enter()

    @on(Checkbox.Changed, "#reveal")
    def _reveal(self, event: Checkbox.Changed) -> None:
        self.password.reveal(event.box.value)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "go":
            self._enter()
        elif event.button.id == "turn":
            self.action_turn()
        else:
            self.post_message(DemoRequested())

    def action_give_up(self) -> None:
        """Stop waiting for a server."""
        self.workers.cancel_group(self, "enter")

    # Going in

    @work(exclusive=True, group="enter", exit_on_error=False)
    async def _enter(self) -> None:
        needed = {self.username: "Enter your username.", self.password: "Enter your password."}
        if self.mode == "sign-up":
            needed = {self.username: "Choose a username.", self.password: "Choose a password."}
        missing = {field.field: told for field, told in needed.items() if not field.value.strip()}
        self._complain(missing)
        address = self._read_address()
        if address is None or missing or not await self._may_send(address):
            return
        button = self.query_one("#go", Button)
        button.disabled = True
        try:
            saved = await self._requests.answer(self._ask(address), "One moment")
        except OSError as error:
            self._say(f"The account can't be saved on this machine ({error.strerror or error}). {ELSEWHERE}")
        else:
            if saved is not None:
                self.post_message(SignInCompleted(saved, new=self.mode == "sign-up"))
        finally:
            button.disabled = False

    async def _may_send(self, address: Address) -> bool:
        """Tell whether a password may go there: encrypted, to this machine, or because the person says so."""
        if address.is_private or address.url in self._allowed:
            return True
        question = Confirm(
            "Send the password unencrypted?",
            f"{address.url} is not encrypted. Anyone on the way there can read your password and your messages.",
            yes="Send anyway",
            no="Don't send it",
            grave=True,
        )
        if await self.app.push_screen_wait(question):
            self._allowed.add(address.url)
            return True
        return False

    async def _ask(self, address: Address) -> SavedAccount:
        name, password, code = self.username.value.strip(), self.password.value, invite_code(self.invite.value)
        if self.mode == "sign-up":
            return await self._sign_up(address, name, password, code)
        saved = await self._authenticator.sign_in(address.url, name, password)
        if address.invite:
            # it may be used up, by me: I am signed in anyway
            await self._requests.done(
                self._authenticator.accept_invite(saved, address.invite), "", refused=self._not_joined
            )
        return saved

    async def _sign_up(self, address: Address, name: str, password: str, code: str) -> SavedAccount:
        """Sign up with a code: an invite's, or the one that a new server's log shows; one field has both."""
        if not code or address.invite:
            return await self._authenticator.sign_up(address.url, name, password, invite=address.invite or "")
        try:
            return await self._authenticator.sign_up(address.url, name, password, invite=code)
        except AsnityError as error:
            if error.code not in ("not-found", "invalid", "forbidden") or error.info.field in ("username", "password"):
                raise
        return await self._authenticator.sign_up(address.url, name, password, setup_code=code)

    def _not_joined(self, told: str, error: RequestError) -> None:
        self.app.notify(told, severity="error", timeout=10, markup=False)

    def _refused(self, told: str, error: RequestError) -> None:
        field = error.info.field if isinstance(error, AsnityError) else None
        if isinstance(error, NoAnswer | Unreachable):
            self._complain({"server": told})
        elif isinstance(error, Unauthorized):
            self._complain({"password": told})
        elif field in _FIELDS:
            self._complain({_FIELDS[field]: told})
        else:
            self._complain({})
            self._say(told)

    def _complain(self, wrong: dict[str, str]) -> None:
        for each in (self.server, self.username, self.password, self.invite):
            each.complain(wrong.get(each.field, ""))
        fields = (self.server, self.username, self.password, self.invite)
        first = next((each for each in fields if each.field in wrong), None)
        if first is not None:
            first.input.focus()
        self._say("")

    def _say(self, text: str) -> None:
        self.query_one("#welcome-error", Static).update(Content(harmless(text)))
