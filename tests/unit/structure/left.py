"""Offenders that are left: these lists only shrink."""

from __future__ import annotations

CIRCLES: frozenset[str] = frozenset(
    {
        "asnity_tui.commands.arguments",
        "asnity_tui.commands.bans",
        "asnity_tui.commands.channel_settings",
        "asnity_tui.commands.channels",
        "asnity_tui.commands.communities",
        "asnity_tui.commands.invites",
        "asnity_tui.commands.members",
        "asnity_tui.commands.menus",
        "asnity_tui.commands.messages",
        "asnity_tui.commands.moderation",
        "asnity_tui.commands.registry",
        "asnity_tui.screens.chat.command_runner",
        "asnity_tui.screens.chat.command_ui",
        "asnity_tui.screens.chat.compose",
        "asnity_tui.screens.chat.conversation",
        "asnity_tui.screens.chat.lookup",
        "asnity_tui.screens.chat.message_keys",
        "asnity_tui.screens.chat.navigation",
        "asnity_tui.screens.chat.notifications",
        "asnity_tui.screens.chat.outbox_actions",
        "asnity_tui.screens.chat.screen",
        "asnity_tui.screens.chat.sidebar",
        "asnity_tui.screens.chat.status",
        "asnity_tui.screens.chat.terminal_loan",
        "asnity_tui.screens.chat.unsent",
        "asnity_tui.screens.help",
    }
)
RIDDLES: frozenset[str] = frozenset(
    {
        "asnity_tui.commands.arguments",
        "asnity_tui.commands.context",
        "asnity_tui.commands.menus",
        "asnity_tui.commands.messages",
        "asnity_tui.commands.slash",
        "asnity_tui.screens.chat.typeahead",
        "asnity_tui.screens.help",
    }
)
SAME_NAMES: frozenset[str] = frozenset({"Command", "Session"})
LARGE_CLASSES: frozenset[str] = frozenset(
    {
        "ChannelState",
        "ChatActions",
        "ChatScreen",
        "Composer",
        "Conversation",
        "Dispatcher",
        "Outbox",
        "PollingSocket",
        "Rights",
        "Timeline",
        "TimelineView",
    }
)
LARGE_FOLDERS: frozenset[str] = frozenset(
    {
        "asnity_server.api",
        "asnity_server.protocol",
        "asnity_tui.commands",
        "asnity_tui.screens.chat",
        "asnity_tui.state",
    }
)
