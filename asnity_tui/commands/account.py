"""My account: its name, its password, and the devices where it is signed in."""

from __future__ import annotations

from collections.abc import Callable

from asnity_server.protocol.errors import Invalid
from asnity_server.protocol.models import Session as SignedInDevice
from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import spans

from .command import Command, Group, Slash
from .context import CommandContext, Field, Values

_GROUP: Group = "Account and program"

OTHERS = "others"
"""All devices but this one."""


async def _change_name(ctx: CommandContext, args: str) -> None:
    if args:
        await ctx.ui.wait(ctx.session.account.set_display_name(args))
        return

    async def submit(values: Values) -> bool:
        await ctx.session.account.set_display_name(values["displayName"])
        return True

    me = ctx.session.store.me
    fields = [Field("displayName", "Display name", value=harmless_line(me.display_name) if me else "")]
    await ctx.ui.form("Change display name", fields, submit, button="Change")


async def _change_password(ctx: CommandContext, args: str) -> None:
    async def submit(values: Values) -> bool:
        if values["new"] != values["again"]:
            raise Invalid("The passwords don't match.", field="again")
        await ctx.session.account.change_password(values["current"], values["new"])
        return True

    fields = [
        Field("current", "Current password", secret=True),
        Field("new", "New password", secret=True, remark="at least 8 characters"),
        Field("again", "New password again", secret=True),
    ]
    text = "This signs out all other devices."
    if await ctx.ui.form("Change password", fields, submit, text=text, button="Change"):
        ctx.ui.notify("Password changed.")


async def _devices(ctx: CommandContext, args: str) -> None:
    """List my devices; Enter signs one out, after asking."""
    account = ctx.session.account
    while True:
        found = {each.id: each for each in await ctx.ui.wait(account.sessions())}
        options = [_option(ctx, each) for each in sorted(found.values(), key=lambda each: not each.current)]
        if len(found) > 1:
            options.append(Option(OTHERS, spans(("Sign out all others", "accent"))))
        chosen = await ctx.ui.choose("Devices", options)
        if chosen == OTHERS:
            many = "1 device" if len(found) == 2 else f"{len(found) - 1} devices"
            text = f"{many} will be signed out at once."
            if await ctx.ui.confirm("Sign out all others?", text, yes="Sign out", grave=True):
                await ctx.ui.wait(account.end_other_sessions())
                ctx.ui.notify("Signed out all other devices.")
        elif chosen in found:
            await _sign_out(ctx, found[chosen])
        else:
            return


async def _sign_out(ctx: CommandContext, device: SignedInDevice) -> None:
    if device.current:
        ctx.ui.notify("This is the device you are using; use “Sign out” instead.")
        return
    text = "You have to sign in again there. Unsent messages on it are kept."
    if await ctx.ui.confirm(f"Sign out {_shown(device)}?", text, yes="Sign out", grave=True):
        await ctx.ui.wait(ctx.session.account.end_session(device.id))
        ctx.ui.notify("Signed out.")


def _shown(device: SignedInDevice) -> str:
    return harmless_line(device.device) or "unnamed device"


def _option(ctx: CommandContext, device: SignedInDevice) -> Option:
    seen = "this device" if device.current else f"seen {ctx.ui.moment(device.last_seen_at)}"
    since = f"  since {ctx.ui.moment(device.created_at)}"
    return Option(device.id, spans((_shown(device), "plain"), (since, "faint")), spans((seen, "faint")))


async def sign_in_again(ctx: CommandContext, keep_token: Callable[[str], None]) -> None:
    """Ask for the password of this account, which was signed out; `keep_token` gets the new token."""

    async def submit(values: Values) -> bool:
        keep_token(await ctx.session.sign_in_again(values["password"]))
        return True

    me = ctx.session.store.me
    text = f"{harmless_line(me.username) if me else 'you'} was signed out."
    text += " Unsent messages are kept and go out when you sign in again."
    fields = [Field("password", "Password", secret=True)]
    await ctx.ui.form("Signed out", fields, submit, text=text, button="Sign in")


CHANGE_NAME = Command(
    id="me.name",
    title="Change display name",
    help="Your display name",
    group=_GROUP,
    slash=Slash("nick", "[name]", "Change your display name", keywords="nickname rename profile", stays="with words"),
    run=_change_name,
)

CHANGE_PASSWORD = Command(
    id="me.password",
    title="Change password",
    help="Signs out all other devices",
    group=_GROUP,
    run=_change_password,
)

DEVICES = Command(
    id="me.devices",
    title="Devices",
    help="Where you are signed in; sign devices out",
    group=_GROUP,
    run=_devices,
)

COMMANDS: tuple[Command, ...] = (CHANGE_NAME, CHANGE_PASSWORD, DEVICES)
