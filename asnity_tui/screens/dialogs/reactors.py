"""A list of the people who reacted to a message, emoji by emoji."""

from __future__ import annotations

from asnity_server.protocol.models import Member
from asnity_tui.commands.menus import ask_about_member
from asnity_tui.screens.chat.screen import ChatScreen
from asnity_tui.state.rows import Row
from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import spans

from .picker import Picker

_BETWEEN = " "
"""Between an emoji and the id of a person, in the key of a line."""


async def show_reactors(screen: ChatScreen, channel_id: str, row: Row) -> None:
    """List who reacted; choosing somebody leads to what may be done with them."""
    reactions = row.message.reactions
    if not reactions:
        screen.notify("Nobody has reacted to this message.", severity="warning", timeout=3, markup=False)
        return
    people = {emoji: reaction.users for emoji, reaction in reactions.items()}
    cut = [emoji for emoji, reaction in reactions.items() if reaction.count > len(reaction.users)]
    for emoji in cut:
        found = await screen.requests.answer(
            screen.session.reactions.reactors(channel_id, row.message.id, emoji), "Loading reactions"
        )
        if found is None:
            break  # which was said; those who are known are listed
        people[emoji] = found
    options = [_option(screen, emoji, user_id) for emoji, users in people.items() for user_id in users]
    missing = sum(max(0, reaction.count - len(people[emoji])) for emoji, reaction in reactions.items())
    if missing:
        options.append(Option("", spans((f"and {missing} more", "dim"))))
    told = "  ".join(f"{emoji} {reaction.count}" for emoji, reaction in reactions.items())
    chosen = await screen.app.push_screen_wait(Picker(f"Reactions: {told}", options))
    if chosen:
        await _ask_about(screen, channel_id, chosen.partition(_BETWEEN)[2])


def _option(screen: ChatScreen, emoji: str, user_id: str) -> Option:
    store = screen.session.store
    user = store.users.get(user_id)
    name = harmless_line(store.name_of(user_id)) + (" (you)" if user_id == store.my_id else "")
    handle = f"  @{harmless_line(user.username)}" if user is not None else ""
    return Option(f"{emoji}{_BETWEEN}{user_id}", spans((f"{emoji}  ", "plain"), (name, "plain"), (handle, "faint")))


async def _ask_about(screen: ChatScreen, channel_id: str, user_id: str) -> None:
    store = screen.session.store
    channel, user = store.channel(channel_id), store.users.get(user_id)
    community = store.communities.get(channel.channel.community_id) if channel is not None else None
    if channel is None or community is None or user is None or user_id in (store.my_id, *community.former):
        return
    known = (channel.people or {}).get(user_id) or (community.members or {}).get(user_id)
    member = known or Member(user=user, role="member", joined_at="")
    await ask_about_member(screen, community.id, member, channel_id=channel_id)
