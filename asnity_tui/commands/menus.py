"""The one table of what stands in menus, and asking with it what to do."""

from __future__ import annotations

from asnity_server.protocol.models import Member
from asnity_tui.screens.chat.screen import ChatScreen
from asnity_tui.screens.dialogs.menu import About, Kind, Menu, MenuEntry
from asnity_tui.state.community import PresenceStatus
from asnity_tui.state.rights import rights_at, rights_in
from asnity_tui.state.rows import Row
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.timeline.layout import is_action, one_line

from . import channels
from .bridge import menu_entry
from .command import Command
from .messages import message_entries
from .old_channel_entries import OLD_CHANNEL_ENTRIES
from .registry import REGISTRY


def _of(kind: Kind, *commands: Command) -> tuple[MenuEntry, ...]:
    return tuple(menu_entry(each, kind) for each in commands)


_MUTES = (channels.MUTE, channels.UNMUTE)

MENUS: tuple[MenuEntry, ...] = (
    *OLD_CHANNEL_ENTRIES[:3],
    *_of("channel", *_MUTES),
    *OLD_CHANNEL_ENTRIES[3:],
    *(menu_entry(each, kind) for each in REGISTRY for kind in each.menu if each not in _MUTES),
)
"""What can be done with members, channels and communities; what can be done with a message is made from its keys."""


def entries_for(kind: Kind, about: About) -> tuple[MenuEntry, ...]:
    """What may be done, in the order of the table."""
    table = (*message_entries(about), *MENUS) if kind == "message" else MENUS
    return tuple(each for each in table if each.kind == kind and each.may(about))


async def ask(kind: Kind, title: str, about: About) -> None:
    """Show a menu, and do what is chosen."""
    entries = entries_for(kind, about)
    chosen = await about.screen.app.push_screen_wait(Menu(title, entries, about))
    for each in entries:
        if each.id == chosen:
            await each.do(about)


async def ask_about_member(
    screen: ChatScreen, community_id: str, member: Member, *, channel_id: str | None = None
) -> None:
    """The menu of a member, below what they are."""
    community = screen.session.store.communities.get(community_id)
    seen = community.presence_of(member.user.id) if community is not None else "unknown"
    await ask("member", whois(member, seen), _about(screen, community_id, channel_id, member=member))


def whois(member: Member, seen: PresenceStatus) -> str:
    """Who somebody is: names, presence, role, and what they say of themselves on a line of its own."""
    told = [harmless_line(member.user.display_name), f"@{harmless_line(member.user.username)}"]
    told += [seen] if seen != "unknown" else []
    told += [member.role] if member.role != "member" else []
    status = harmless_line(member.user.status_text)
    return " · ".join(told) + (f"\n{status}" if status else "")


async def ask_about_channel(screen: ChatScreen, channel_id: str) -> None:
    """The menu of a channel."""
    channel = screen.session.store.channel(channel_id)
    if channel is not None:
        about = _about(screen, channel.channel.community_id, channel_id)
        await ask("channel", screen.conversation.title(channel), about)


async def ask_about_community(screen: ChatScreen, community_id: str) -> None:
    """The menu of a community."""
    community = screen.session.store.communities.get(community_id)
    if community is not None:
        await ask("community", harmless_line(community.community.name), _about(screen, community_id, None))


async def ask_about_message(screen: ChatScreen, channel_id: str, row: Row) -> None:
    """The menu of a message."""
    name = harmless_line(screen.session.store.name_of(row.message.sender_id))
    said = one_line(row.message, screen.conversation.view.rows.context)
    about = _about(screen, row.message.community_id, channel_id, row=row)
    await ask("message", (said if is_action(row.message) else f"{name}: {said}")[:80], about)


def _about(
    screen: ChatScreen,
    community_id: str,
    channel_id: str | None,
    *,
    member: Member | None = None,
    row: Row | None = None,
) -> About:
    store, now = screen.session.store, screen.conversation.now()
    channel = store.channel(channel_id) if channel_id is not None else None
    rights = rights_at(store, channel.id, now) if channel is not None else rights_in(store, community_id, now)
    return About(screen=screen, rights=rights, community_id=community_id, channel=channel, member=member, row=row)
