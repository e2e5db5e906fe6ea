"""A picker of the members of a channel."""

from __future__ import annotations

from asnity_server.protocol.models import Member
from asnity_tui.screens.chat.screen import ChatScreen
from asnity_tui.state.channel import ChannelState
from asnity_tui.state.people import presence_of
from asnity_tui.widgets.channel_list import DOTS
from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import spans

from .picker import Picker

MEMBERS_MAX = 5_000
"""People that are listed at most."""


async def choose_member(screen: ChatScreen, channel: ChannelState) -> Member | None:
    """Show who is in a channel; answers whom the person chose."""
    members = await screen.requests.answer(_members(screen, channel.id), "Loading members")
    if members is None:
        return None
    community = screen.session.store.communities.get(channel.channel.community_id)
    options = []
    for member in members.values():
        sign, style = DOTS[presence_of(screen.session.store, community, member.user.id)]
        handle = f"  @{harmless_line(member.user.username)}"
        name = harmless_line(member.user.display_name)
        role = "disabled" if member.user.disabled else member.role if member.role != "member" else ""
        status = harmless_line(member.user.status_text)
        left = spans((f"{sign} ", style), (name, "plain"), (handle, "faint"), (f"  {status}" if status else "", "dim"))
        options.append(Option(member.user.id, left, spans((role, "faint"))))
    title = f"Members of {screen.conversation.title(channel)}"
    chosen = await screen.app.push_screen_wait(Picker(title, options))
    return members.get(chosen) if chosen is not None else None


async def _members(screen: ChatScreen, channel_id: str) -> dict[str, Member]:
    pages = screen.session.members.channel_pages(channel_id)
    members = await pages.entries(lambda page: page.members, at_most=MEMBERS_MAX)
    return {each.user.id: each for each in members}
