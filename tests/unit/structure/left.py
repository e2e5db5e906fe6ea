"""Offenders that are left: these lists only shrink."""

from __future__ import annotations

CIRCLES: frozenset[str] = frozenset()
RIDDLES: frozenset[str] = frozenset(
    {
        "asnity_tui.commands.arguments",
        "asnity_tui.commands.context",
        "asnity_tui.commands.menus",
        "asnity_tui.screens.chat.typeahead",
        "asnity_tui.screens.help",
    }
)
SAME_NAMES: frozenset[str] = frozenset({"Session"})
LARGE_CLASSES: frozenset[str] = frozenset(
    {
        "ChannelState",
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
