"""Slash commands about people: writing to them, adding and removing them."""

from __future__ import annotations

from asnity_tui.screens.chat.screen import ChatScreen
from asnity_tui.screens.dialogs.text import TextDialog
from asnity_tui.state.people import presence_of
from asnity_tui.widgets.text.safe_text import harmless_line

from .arguments import channel_here, community_here, member, split_first


def _say(screen: ChatScreen, text: str) -> None:
    screen.notify(text, timeout=3, markup=False)


async def write(screen: ChatScreen, rest: str) -> None:
    """Open the direct channel with somebody, and say something there."""
    word, text = split_first(rest, "/dm @person text")
    meant = await member(screen, word)
    channel_id = await screen.session.directs.open(community_here(screen).id, [meant.user.id])
    screen.navigation.go_to(channel_id)
    if text:
        await screen.session.messages.send(channel_id, text)


async def message(screen: ChatScreen, rest: str) -> None:
    """Say something to somebody without going there; without a text, go there."""
    word, text = split_first(rest, "/msg @person text")
    if not text:
        await write(screen, rest)
        return
    meant = await member(screen, word)
    channel_id = await screen.session.directs.open(community_here(screen).id, [meant.user.id])
    await screen.session.messages.send(channel_id, text)
    name = harmless_line(meant.user.display_name)
    _say(screen, f"To {name}: {harmless_line(text)[:60]}")


async def who(screen: ChatScreen, rest: str) -> None:
    """List who reads what is written here; with a name, tell of that person."""
    if rest:
        await whois(screen, rest)
    else:
        channel_here(screen)
        screen.action_people()


async def whois(screen: ChatScreen, rest: str) -> None:
    """Tell of a person; without a name, of me and where I am signed in."""
    store, community = screen.session.store, community_here(screen)
    me = store.me.username if store.me is not None else ""
    word, _ = split_first(rest or me, "/whois @person")
    meant = await member(screen, word)
    user = meant.user
    lines = [f"@{user.username} · {meant.role} · {presence_of(store, community, user.id)}"]
    lines += [user.status_text] if user.status_text else []
    lines += [f"Signed in at {screen.server}"] if user.id == store.my_id else []
    await screen.app.push_screen_wait(TextDialog(user.display_name or user.username, "\n".join(lines)))
