"""Asking for a place by hand: a day, or the link to a message."""

from __future__ import annotations

from datetime import datetime

from asnity_server.protocol.errors import Invalid
from asnity_tui.screens.chat.screen import ChatScreen
from asnity_tui.screens.dialogs.form import Form
from asnity_tui.state.dates import InvalidDate, moment_of_day, parse_day
from asnity_tui.state.message_link import MessageAddress
from asnity_tui.widgets.form_field import FormField, Values


async def ask_link(screen: ChatScreen) -> MessageAddress | None:
    """Ask for the link to a message; answers where it leads."""

    async def submit(values: Values) -> MessageAddress:
        place = screen.lookup.place_of(values["link"])
        if place is None:
            raise Invalid("That isn't a link to a message you can read.", field="link")
        if not place.is_of(screen.session.store.generation):
            raise Invalid("The server was restored from a backup: this may be a different message now.", field="link")
        return place

    fields = [FormField("link", "Link to a message")]
    return await screen.app.push_screen_wait(Form("Go to a message", fields, submit, button="Go"))


async def ask_day(screen: ChatScreen) -> int | None:
    """Ask for a day; answers its first moment, in milliseconds since 1970."""
    zone = screen.zone

    async def submit(values: Values) -> int:
        today = datetime.fromtimestamp(screen.conversation.now() / 1000, zone).date()
        try:
            return moment_of_day(parse_day(values["day"], today), zone)
        except InvalidDate:
            raise Invalid("That isn't a day.", field="day") from None

    fields = [FormField("day", "Day", remark="20 Nov, 2026-11-20, yesterday, monday, 3 days ago")]
    return await screen.app.push_screen_wait(Form("Go to a day", fields, submit, button="Go"))
