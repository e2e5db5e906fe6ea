"""My account: the devices where it is signed in, and its password."""

from __future__ import annotations

from asnity_server.protocol.errors import Invalid
from asnity_server.protocol.models import Session as SignedInDevice
from asnity_tui.screens.chat.screen import ChatScreen
from asnity_tui.screens.dialogs.confirm import Confirm
from asnity_tui.screens.dialogs.flow import Flow
from asnity_tui.screens.dialogs.form import Form
from asnity_tui.screens.dialogs.picker import Picker
from asnity_tui.widgets.form_field import FormField, Values
from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import spans

OTHERS = "others"
"""All devices but this one."""


async def devices(screen: ChatScreen) -> None:
    """Devices; Enter signs a device out, after asking."""
    asking = Flow(screen)
    account = asking.session.account
    while True:
        listed = await asking.answer(account.sessions())
        if listed is None:
            return
        found = {each.id: each for each in listed}
        options = [_device(asking, each) for each in sorted(found.values(), key=lambda each: not each.current)]
        if len(found) > 1:
            options.append(Option(OTHERS, spans(("Sign out all others", "accent"))))
        chosen = await asking.ask(Picker("Devices", options))
        if chosen == OTHERS:
            many = "1 device" if len(found) == 2 else f"{len(found) - 1} devices"
            if await asking.ask(
                Confirm("Sign out all others?", f"{many} will be signed out at once.", yes="Sign out", grave=True)
            ):
                await asking.done(account.end_other_sessions(), "Signed out all other devices.")
        elif chosen in found:
            await _end(asking, found[chosen])
        else:
            return


async def _end(asking: Flow, device: SignedInDevice) -> None:
    if device.current:
        asking.say("This is the device you are using; use “Sign out” instead.")
        return
    text = "You have to sign in again there. Unsent messages on it are kept."
    if await asking.ask(Confirm(f"Sign out {_shown(device)}?", text, yes="Sign out", grave=True)):
        await asking.done(asking.session.account.end_session(device.id), "Signed out.")


def _shown(device: SignedInDevice) -> str:
    return harmless_line(device.device) or "unnamed device"


def _device(asking: Flow, device: SignedInDevice) -> Option:
    seen = "this device" if device.current else f"seen {asking.moment(device.last_seen_at)}"
    since = f"  since {asking.moment(device.created_at)}"
    return Option(device.id, spans((_shown(device), "plain"), (since, "faint")), spans((seen, "faint")))


async def change_password(screen: ChatScreen) -> None:
    """Set a new password."""
    asking = Flow(screen)

    async def submit(values: Values) -> bool:
        if values["new"] != values["again"]:
            raise Invalid("The passwords don't match.", field="again")
        await asking.session.account.change_password(values["current"], values["new"])
        return True

    fields = [
        FormField("current", "Current password", secret=True),
        FormField("new", "New password", secret=True, remark="at least 8 characters"),
        FormField("again", "New password again", secret=True),
    ]
    text = "This signs out all other devices."
    if await asking.ask(Form("Change password", fields, submit, text=text, button="Change")):
        asking.say("Password changed.")
