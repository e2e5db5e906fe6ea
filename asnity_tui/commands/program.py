"""Commands about me and the program: how it looks, what I say of myself, help, and the way out."""

from __future__ import annotations

from collections.abc import Iterable

from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import spans

from .arguments import UsageError
from .command import Command, Group, Slash
from .context import CommandContext

_GROUP: Group = "Account and program"


async def _status(ctx: CommandContext, args: str) -> None:
    await ctx.ui.wait(ctx.session.account.set_status(args))
    ctx.ui.notify(f"Status: {harmless_line(args)}" if args else "Status cleared.")


async def _away(ctx: CommandContext, args: str) -> None:
    """Show me as away, with a status if there is a text; once more without one, as back."""
    session = ctx.session
    back = session.presence.away and not args
    if args or back:
        await ctx.ui.wait(session.account.set_status(args))
    session.presence.set_away(not back)
    told = f"You're away{f': {harmless_line(args)}' if args else ''}. /away when you're back."
    ctx.ui.notify("You're back." if back else told, timeout=4)


def theme_options(themes: Iterable[str], current: str) -> list[Option]:
    """Themes to choose from, our own first."""
    ordered = sorted(themes, key=lambda name: (not name.startswith("asnity"), name))
    return [
        Option(each, spans((each, "plain")), spans(("now" if each == current else "", "faint"))) for each in ordered
    ]


async def _theme(ctx: CommandContext, args: str) -> None:
    program, wanted = ctx.ui.program, args.casefold()
    if not wanted:
        chosen = await ctx.ui.choose("Theme", theme_options(program.themes, program.theme))
    else:
        chosen = next((each for each in program.themes if wanted in (each, each.removeprefix("asnity-"))), None)
        if chosen is None:
            raise UsageError(f"There is no theme {args}. /theme lists them.")
    if chosen is not None:
        program.use_theme(chosen)


async def _settings(ctx: CommandContext, args: str) -> None:
    await ctx.ui.menus.settings(ctx)


async def _slash_help(ctx: CommandContext, args: str) -> None:
    await ctx.ui.menus.slash_commands(ctx, args)


def _clear(ctx: CommandContext, args: str) -> None:
    """Take notices off the screen and go to the newest message, which counts as read then."""
    ctx.ui.program.clear_notices()
    ctx.ui.timeline.go_to_newest()
    ctx.ui.composer.focus()


async def _sign_out(ctx: CommandContext, args: str) -> None:
    unsent = len(ctx.session.outbox)
    text = (
        f"{unsent} unsent message{'s' if unsent != 1 else ''} will be lost."
        if unsent
        else "This removes the account's data from this machine."
    )
    if await ctx.ui.confirm("Sign out?", text, yes="Sign out", grave=True):
        ctx.ui.program.sign_out()


COMMANDS: tuple[Command, ...] = (
    Command(
        id="connection.now",
        title="Connect now",
        help="Don't wait for the next attempt",
        group=_GROUP,
        keys="ctrl+r",
        priority=True,
        run=lambda ctx, args: ctx.session.connection.connect_now(),
    ),
    Command(
        id="theme",
        title="Theme",
        help="Change the colours",
        group=_GROUP,
        slash=Slash(
            "theme",
            "[name]",
            "Change the colours",
            keywords="dark light colors appearance look contrast",
            stays="with words",
        ),
        run=_theme,
    ),
    Command(
        id="settings",
        title="Settings",
        help="Theme, name, notifications, password, devices",
        group=_GROUP,
        slash=Slash(
            "settings",
            help="Change your settings",
            aliases=("set", "preferences", "prefs", "config", "options"),
            keywords="configuration setup",
        ),
        run=_settings,
    ),
    Command(
        id="help",
        title="Help",
        help="All keys",
        group=_GROUP,
        keys="f1",
        priority=True,
        slash=Slash("keys", help="List all keys", aliases=("shortcuts",), keywords="bindings hotkeys"),
        run=lambda ctx, args: ctx.ui.program.show_keys(),
    ),
    Command(
        id="help.commands",
        title="Slash commands",
        help="All of them; Enter begins one",
        group=_GROUP,
        slash=Slash(
            "help",
            "[command]",
            "List the slash commands",
            aliases=("commands", "h"),
            keywords="manual",
            stays="with words",
        ),
        run=_slash_help,
        palette=False,
    ),
    Command(
        id="me.status",
        title="Status",
        help="What you say of yourself",
        group=_GROUP,
        slash=Slash(
            "status", "[text]", "Set your status; without text, clear it", keywords="mood busy", stays="always"
        ),
        run=_status,
        leads=False,
        palette=False,
    ),
    Command(
        id="me.away",
        title="Away",
        help="Until you come back",
        group=_GROUP,
        slash=Slash(
            "away",
            "[text]",
            "Set yourself away; again to come back",
            aliases=("afk", "brb"),
            keywords="back idle busy lunch",
            stays="always",
        ),
        run=_away,
        leads=False,
        palette=False,
    ),
    Command(
        id="notices.clear",
        title="Clear notices",
        help="And go to the newest message",
        group=_GROUP,
        slash=Slash(
            "clear",
            help="Clear notices and go to the newest message",
            aliases=("cls",),
            keywords="bottom dismiss wipe",
            stays="always",
        ),
        run=_clear,
        palette=False,
    ),
    Command(
        id="sign-out",
        title="Sign out",
        help="Forget this account on this machine",
        group=_GROUP,
        slash=Slash(
            "logout",
            help="Sign out: forget this account on this machine",
            aliases=("signout",),
            keywords="log out disconnect switch account",
        ),
        run=_sign_out,
    ),
    Command(
        id="suspend",
        title="Back to the shell",
        help="ctrl+z outside the composer; fg there brings it back",
        group=_GROUP,
        run=lambda ctx, args: ctx.ui.terminal.suspend(),
    ),
    Command(
        id="quit",
        title="Quit",
        help="Unsent messages are sent at the next start",
        group=_GROUP,
        keys="ctrl+q",
        priority=True,
        slash=Slash(
            "quit",
            help="Quit; unsent messages are sent at the next start",
            aliases=("exit", "q", "bye"),
            keywords="close end stop leave",
            ignores_words=True,  # IRC says something on the way out
        ),
        run=lambda ctx, args: ctx.ui.program.quit(),
        leads=False,
        exclusive=True,
    ),
)
