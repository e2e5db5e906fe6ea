"""Slash commands about people: writing to them, adding and removing them."""

from __future__ import annotations

from asnity_server.protocol.text import name_key
from asnity_tui.screens.chat.screen import ChatScreen
from asnity_tui.screens.dialogs.text import TextDialog
from asnity_tui.state.people import presence_of
from asnity_tui.widgets.text.safe_text import harmless_line

from .arguments import UsageError, channel_here, community_here, duration, member, split_first
from .here import do_here


def _say(screen: ChatScreen, text: str) -> None:
    screen.notify(text, timeout=3, markup=False)


async def invite(screen: ChatScreen, rest: str) -> None:
    """Put people into the open channel; without names, make a link into the community."""
    if not rest:
        await do_here(screen, "community.invite")
        return
    channel = channel_here(screen)
    meant = [await member(screen, word) for word in rest.split()]
    refused = await screen.session.invite_to_channel(channel.id, [each.user.id for each in meant])
    for user, why in refused:
        screen.notify(harmless_line(f"{user.display_name}: {why}"), severity="error", markup=False)
    if len(refused) < len(meant):
        _say(screen, "Added.")


async def mute(screen: ChatScreen, rest: str) -> None:
    """Mute the open channel for me, or a person for everybody and a time."""
    if not rest:
        await screen.session.marks.mute(channel_here(screen).id, True)
        return
    word, behind = split_first(rest, "/mute @person 10m reason")
    if not behind:
        raise UsageError("Usage: /mute @person 10m reason")
    time, _, reason = behind.partition(" ")
    seconds, meant = duration(time), await member(screen, word)
    await screen.session.people.mute(community_here(screen).id, meant.user.id, seconds, reason=reason.strip())
    _say(screen, f"Muted {harmless_line(meant.user.display_name)} for {time}.")


async def unmute(screen: ChatScreen, rest: str) -> None:
    """Undo either."""
    if not rest:
        await screen.session.marks.mute(channel_here(screen).id, False)
        return
    meant = await member(screen, rest)
    await screen.session.people.mute(community_here(screen).id, meant.user.id, 0)
    _say(screen, f"Unmuted {harmless_line(meant.user.display_name)}.")


async def write(screen: ChatScreen, rest: str) -> None:
    """Open the direct channel with somebody, and say something there."""
    word, text = split_first(rest, "/dm @person text")
    meant = await member(screen, word)
    channel_id = await screen.session.people.open_direct(community_here(screen).id, [meant.user.id])
    screen.navigation.go_to(channel_id)
    if text:
        await screen.session.send(channel_id, text)


async def message(screen: ChatScreen, rest: str) -> None:
    """Say something to somebody without going there; without a text, go there."""
    word, text = split_first(rest, "/msg @person text")
    if not text:
        await write(screen, rest)
        return
    meant = await member(screen, word)
    channel_id = await screen.session.people.open_direct(community_here(screen).id, [meant.user.id])
    await screen.session.send(channel_id, text)
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


async def unban(screen: ChatScreen, rest: str) -> None:
    """Unban somebody: by name, or from the list."""
    if not rest:
        await do_here(screen, "community.bans")
        return
    community, name = community_here(screen), name_key(rest.removeprefix("@"))
    cursor: str | None = None
    while True:
        answer = await screen.session.people.bans(community.id, cursor)
        for user in (answer.users[each.user_id] for each in answer.bans if each.user_id in answer.users):
            if name_key(user.username) == name:
                await screen.session.people.unban(community.id, user.id)
                _say(screen, f"Unbanned {harmless_line(user.display_name)}.")
                return
        if not isinstance(answer.cursor, str):
            raise UsageError(f"No one called {rest.removeprefix('@')} is banned.")
        cursor = answer.cursor
