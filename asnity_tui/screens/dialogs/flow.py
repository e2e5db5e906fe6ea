"""What every flow of dialogs needs: to ask the person, to ask the server, and to say how it went."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from textual.screen import ModalScreen

from asnity_server.protocol.errors import Invalid
from asnity_server.protocol.text import name_key
from asnity_server.protocol.times import from_wire
from asnity_tui.screens.chat.screen import ChatScreen
from asnity_tui.widgets.form_field import FormField, Values
from asnity_tui.widgets.text.relative_time import relative_time
from asnity_tui.widgets.text.safe_text import harmless_line

from .form import Form

T = TypeVar("T")


class Flow:
    """What flows on the chat screen are made of."""

    def __init__(self, screen: ChatScreen) -> None:
        self.screen = screen
        self.session = screen.session

    async def ask(self, dialog: ModalScreen[T]) -> T | None:
        """Show a dialog and wait for its answer."""
        return await self.screen.app.push_screen_wait(dialog)

    async def answer(self, request: Awaitable[T]) -> T | None:
        """Answer what the server does; None where it doesn't, which is said."""
        return await self.screen.requests.answer(request)

    async def done(self, request: Awaitable[object], said: str = "") -> bool:
        """Answer whether the server did something; `said` says so to the person."""
        done = await self.screen.requests.done(request)
        if done and said:
            self.say(said)
        return done

    def say(self, text: str) -> None:
        """Say that something is done."""
        self.screen.notify(text, timeout=2, markup=False)

    def name(self, user_id: str) -> str:
        """A person's name, harmless."""
        return harmless_line(self.session.store.name_of(user_id))

    def moment(self, wire: str) -> str:
        """A moment as the server tells it, in words."""
        try:
            return relative_time(from_wire(wire), now=self.screen.conversation.now(), zone=self.screen.zone)
        except (Invalid, ValueError, OverflowError, OSError):
            return harmless_line(wire)  # no moment, or none that this machine has a calendar for

    async def by_its_name(
        self, title: str, text: str, name: str, do: Callable[[], Awaitable[object]], *, button: str
    ) -> bool:
        """Do what can't be undone, once its name was typed; whether it is done."""
        shown = harmless_line(name)

        async def submit(values: Values) -> bool:
            if name_key(values["name"].strip().removeprefix("#")) != name_key(shown):
                raise Invalid("That isn't the name.", field="name")
            await do()
            return True

        fields = [FormField("name", "Type its name to confirm", remark=shown)]
        return bool(await self.ask(Form(title, fields, submit, text=text, button=button, grave=True)))
