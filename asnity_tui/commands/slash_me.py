"""Slash commands about me and the program: what I say of myself, how it looks, who I am."""

from __future__ import annotations

from asnity_tui.screens.chat.screen import ChatScreen
from asnity_tui.widgets.text.rich_body import ACTION
from asnity_tui.widgets.text.safe_text import harmless_line

from .arguments import UsageError, channel_here

SHRUG = "¯\\_(ツ)_/¯"


async def me(screen: ChatScreen, rest: str) -> None:
    """Say what I am doing."""
    if not rest:
        raise UsageError("Usage: /me waves")
    await screen.session.messages.send(channel_here(screen).id, ACTION + rest)


async def shrug(screen: ChatScreen, rest: str) -> None:
    """Say something with a shrug behind it."""
    await screen.session.messages.send(channel_here(screen).id, f"{rest} {SHRUG}".strip())


async def status(screen: ChatScreen, rest: str) -> None:
    """Say how I am."""
    await screen.session.account.set_status(rest)
    screen.notify(f"Status: {harmless_line(rest)}" if rest else "Status cleared.", timeout=3, markup=False)


async def away(screen: ChatScreen, rest: str) -> None:
    """Show me as away, with a status if there is a text; once more without one, as back."""
    session = screen.session
    back = session.presence.away and not rest
    if rest or back:
        await session.account.set_status(rest)
    session.presence.set_away(not back)
    told = (
        "You're back." if back else f"You're away{f': {harmless_line(rest)}' if rest else ''}. /away when you're back."
    )
    screen.notify(told, timeout=4, markup=False)


async def theme(screen: ChatScreen, rest: str) -> None:
    """Change the colours; without a name, ask for it."""
    app = screen.app
    if not rest:
        await screen.run_action("theme")
        return
    wanted = rest.casefold()
    found = [each for each in app.available_themes if wanted in (each, each.removeprefix("asnity-"))]
    if not found:
        raise UsageError(f"There is no theme {rest}. /theme lists them.")
    app.theme = found[0]


async def clear(screen: ChatScreen, rest: str) -> None:
    """Take notices off the screen and go to the newest message, which counts as read then."""
    screen.app.clear_notifications()
    screen.conversation.timeline.go_to_newest()
    screen.conversation.composer.focus()
