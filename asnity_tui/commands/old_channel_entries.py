"""Entries of the menu of a channel that aren't commands of the registry yet."""

from __future__ import annotations

from asnity_tui.screens.chat.screen import ChatScreen
from asnity_tui.screens.dialogs.menu import About, MenuEntry, entry
from asnity_tui.screens.dialogs.text import TextDialog
from asnity_tui.state.channel import ChannelState
from asnity_tui.state.notification_levels import NotificationLevel
from asnity_tui.widgets.channel_header import topic_of


async def show_pins(about: About) -> None:
    """List what is pinned."""
    if about.channel is not None:
        await about.screen.lookup.pins(about.channel.id)


async def show_topic(about: About) -> None:
    """Show the whole topic, which the header may have no room for."""
    if about.channel is not None:
        await tell_topic(about.screen, about.channel)


async def tell_topic(screen: ChatScreen, channel: ChannelState) -> None:
    """Show the whole topic of a channel."""
    topic = topic_of(screen.session.store, channel)
    title = screen.conversation.title(channel)
    direct = channel.channel.kind == "direct"
    heading = f"Status of {title}" if direct else f"Topic of {title}"
    nothing = "No status is set." if direct else "No topic is set. /topic and a text sets one."
    await screen.app.push_screen_wait(TextDialog(heading, topic or nothing))


async def mark_read(about: About) -> None:
    """Everything in it counts as read."""
    if about.channel is not None:
        about.screen.session.catch_up.mark_read([about.channel.id])
        if about.channel.id == about.screen.conversation.channel_id:
            about.screen.conversation.view.set_new_after(None)


async def show_people(about: About) -> None:
    """List who is in it."""
    if about.channel is not None and about.screen.navigation.go_to(about.channel.id):
        about.screen.action_people()


def _level(level: NotificationLevel, title: str) -> MenuEntry:
    """Choosing what is told of a channel while the terminal isn't in front."""

    async def do(about: About) -> None:
        if about.channel is not None:
            about.screen.session.preferences.set_level(about.channel.id, level)

    def shown(about: About) -> str:
        now = about.channel is not None and about.screen.session.preferences.level(about.channel.id) == level
        return f"{title} ✓" if now else title

    return MenuEntry(id=f"channel.tell-{level}", kind="channel", title=shown, may=lambda about: True, do=do)


OLD_CHANNEL_ENTRIES: tuple[MenuEntry, ...] = (
    entry("channel", "channel.topic", "Show topic", show_topic, help="The whole of it; so does a click on it"),
    entry("channel", "channel.pins", "Pinned messages", show_pins),
    entry(
        "channel",
        "channel.read",
        "Mark as read",
        mark_read,
        may=lambda about: about.channel is not None and bool(about.channel.counts[0]),
    ),
    _level("all", "Notify: all messages"),
    _level("mentions", "Notify: mentions only"),
    _level("nothing", "Notify: nothing"),
    entry("channel", "channel.people", "Members", show_people, help="Message one of them, and more"),
)
