"""Everything that can be done on the chat screen, in one table that keys, palette and help are made from."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec
from textual.binding import Binding

Part: TypeAlias = Literal["Navigation", "Reading", "Writing", "Communities and channels", "Account and program"]


class Command(msgspec.Struct, frozen=True):
    """One thing that can be done; `action` is a method `action_<action>` of the chat screen."""

    id: str
    action: str
    title: str
    help: str
    part: Part
    keys: str = ""
    """Separated by commas; without any it stands in the palette only."""
    priority: bool = False
    """Its keys work before those of whatever has the focus."""
    in_menu: bool = False
    """There is an entry of a menu with the same id, and it is offered where that is."""
    series: str = ""
    """Commands that only differ in a number stand in one line of the list of keys, under this title."""

    def binding(self) -> Binding:
        """The binding of its keys."""
        return Binding(
            self.keys, self.action, self.title, tooltip=self.help, id=self.id, priority=self.priority, show=False
        )


def _go(id: str, action: str, title: str, help: str, keys: str = "") -> Command:
    return Command(id, action, title, help, "Navigation", keys, priority=True)


def _number(number: int) -> Command:
    return Command(
        f"channel.{number}",
        f"number({number})",
        f"Go to number {number}",
        "Of the unread channels; if there are none, of the list",
        "Navigation",
        f"alt+{number}",
        priority=True,
        series="Go to number 1 … 9",
    )


def _entry(id: str, title: str, help: str) -> Command:
    """What stands in a menu too, and is only offered where it may be done."""
    return Command(id, f"do('{id}')", title, help, "Communities and channels", in_menu=True)


def _place(id: str, title: str, help: str) -> Command:
    return Command(id, f"do('{id}')", title, help, "Communities and channels")


def _unsent(id: str, action: str, title: str, help: str, keys: str) -> Command:
    return Command(id, action, title, help, "Writing", keys, priority=True)


COMMANDS: tuple[Command, ...] = (
    _go("go.to", "go_to", "Go to …", "Channels and people in all communities; unread first", "ctrl+k"),
    _go(
        "catch-up", "catch_up", "Catch up", "Mentions, direct messages and unread channels in all communities", "alt+i"
    ),
    _go("search", "search", "Search", "In all communities, with from: in: before: after: community:", "ctrl+f"),
    _go("channel.previous", "channel(-1)", "Previous channel", "The channel above in the list", "alt+up"),
    _go("channel.next", "channel(1)", "Next channel", "The channel below in the list", "alt+down"),
    _go("unread.previous", "unread(-1)", "Previous unread channel", "In any community", "alt+shift+up"),
    _go("unread.next", "unread(1)", "Next unread channel", "In any community", "alt+shift+down"),
    _go(
        "unread.best",
        "best",
        "Next unread (mentions first)",
        "Mentions, then direct messages, then the rest; then back",
        "alt+a",
    ),
    _go("community.previous", "community(-1)", "Previous community", "The one above in the rail", "alt+pageup"),
    _go("community.next", "community(1)", "Next community", "The one below in the rail", "alt+pagedown"),
    _go("channel.last", "last", "Last channel", "The one you were in before", "alt+s"),
    _go("unread.first", "first_unread", "First unread message", "Where you left off", "alt+u"),
    _go("mention.previous", "mention(-1)", "Previous mention", "Further up in this channel", "alt+p"),
    _go("mention.next", "mention(1)", "Next mention", "Further down in this channel", "alt+n"),
    _go("go.day", "date", "Go to a day", "The first message of that day in this channel", "alt+g"),
    _go("go.link", "link", "Go to a message link", "In any of your channels", "alt+l"),
    _go("timeline.end", "newest", "Newest message", "Jump to the end", "alt+end"),
    *map(_number, range(1, 10)),
    Command("view.channels", "channels", "Channels", "Show, hide or focus the lists", "Reading", "f2", priority=True),
    Command(
        "view.members", "members", "Members", "Show, hide or focus the member list", "Reading", "f8", priority=True
    ),
    Command("channel.people", "people", "Members of this channel", "Who can read this channel", "Reading"),
    Command("channel.pins", "pins", "Pinned messages", "In this channel; Enter goes to one", "Reading"),
    Command("channel.topic", "topic", "Topic of this channel", "All of it", "Reading", "alt+t", in_menu=True),
    Command(
        "channel.menu", "channel_menu", "Channel menu", "Everything you can do with this channel", "Reading", "alt+m"
    ),
    Command(
        "view.plain",
        "bare",
        "Plain view",
        "Only text, to select with the mouse",
        "Reading",
        "f9",
        priority=True,
    ),
    Command("write.editor", "editor", "Edit in your editor", "$VISUAL or $EDITOR", "Writing", "ctrl+o", priority=True),
    Command(
        "retry.all",
        "retry_all",
        "Retry all",
        "Send all failed messages again; asks first",
        "Writing",
    ),
    _unsent("unsent.retry", "retry", "Retry", "Send the failed message again", "alt+r"),
    _unsent("unsent.edit", "take_back", "Edit failed", "Bring the failed message back to the composer", "alt+e"),
    _unsent("unsent.copy", "copy_unsent", "Copy failed", "Copy the text that can't be sent", "alt+c"),
    _unsent("unsent.discard", "discard", "Discard", "Delete the failed message", "alt+x"),
    _unsent("unsent.list", "unsent", "Not sent", "All messages that weren't sent, in any channel", "alt+o"),
    _place("community.create", "Create a community", "With you as its owner"),
    _place("community.join", "Join a community", "With an invite link or its code"),
    _entry("community.invite", "Invite people", "Create an invite link"),
    _entry("community.invites", "Invite links", "Show or revoke invite links"),
    _entry("community.settings", "Settings of this community", "Name, description, who may invite"),
    _entry("community.audit", "Audit log", "What admins did, newest first"),
    _entry("community.bans", "Banned members", "Who is banned, by whom and why; Enter unbans"),
    _place("community.leave", "Leave this community", "Asks first"),
    _entry("community.delete", "Delete this community permanently", "Asks you to type its name"),
    _place("channel.create", "Create a channel", "Public or private"),
    _place("channel.browse", "Browse channels", "Public channels you can join"),
    _place("channel.add-people", "Add people to this channel", "Members of the community"),
    _entry("channel.close", "Close conversation", "The next message brings it back"),
    _entry("channel.leave", "Leave this channel", "Asks first"),
    _entry("channel.settings", "Settings of this channel", "Name and topic"),
    _entry("channel.archive", "Archive this channel", "Read-only until unarchived"),
    _entry("channel.unarchive", "Unarchive this channel", "Members can write in it again"),
    _entry("channel.delete", "Delete this channel permanently", "Asks you to type its name"),
    Command(
        "me.do-not-disturb",
        "do_not_disturb",
        "Do not disturb",
        "No notifications, until you turn it off",
        "Account and program",
        "alt+z",
        priority=True,
    ),
    Command("me.name", "do('me.name')", "Change display name", "Your display name", "Account and program"),
    Command(
        "me.password",
        "do('me.password')",
        "Change password",
        "Signs out all other devices",
        "Account and program",
    ),
    Command(
        "me.devices", "do('me.devices')", "Devices", "Where you are signed in; sign devices out", "Account and program"
    ),
    Command(
        "connection.now",
        "connect_now",
        "Connect now",
        "Don't wait for the next attempt",
        "Account and program",
        "ctrl+r",
        priority=True,
    ),
    Command("theme", "theme", "Theme", "Change the colours", "Account and program"),
    Command("settings", "settings", "Settings", "Theme, name, notifications, password, devices", "Account and program"),
    Command("help", "help", "Help", "All keys", "Account and program", "f1", priority=True),
    Command("sign-out", "sign_out", "Sign out", "Forget this account on this machine", "Account and program"),
    Command(
        "suspend",
        "suspend",
        "Back to the shell",
        "ctrl+z outside the composer; fg there brings it back",
        "Account and program",
    ),
    Command(
        "quit",
        "leave_program",
        "Quit",
        "Unsent messages are sent at the next start",
        "Account and program",
        "ctrl+q",
        priority=True,
    ),
)

ESCAPES: tuple[Binding, ...] = (
    Binding(
        "ctrl+z",
        "undo",
        "Undo",
        id="undo",
        tooltip="Bring back what was deleted or discarded last; else, outside the composer, back to the shell",
        show=False,
    ),
    Binding("escape", "close_lists", "Back to writing", id="lists.leave", show=False),
    Binding(
        "escape",
        "give_up_waiting",
        "Stop waiting",
        id="waiting.give-up",
        tooltip="For an answer that takes longer than ten seconds",
        show=False,
        priority=True,
    ),
)
"""What Escape does where nothing else wants it, and before everything else while something takes long."""
