"""Everything that can be done on the chat screen, in one table that keys, palette and help are made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from textual.binding import Binding

Part: TypeAlias = Literal["Going places", "Reading", "Writing", "Communities and channels", "The program"]


@dataclass(frozen=True, slots=True)
class Command:
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

    def binding(self) -> Binding:
        """The binding of its keys."""
        return Binding(
            self.keys, self.action, self.title, tooltip=self.help, id=self.id, priority=self.priority, show=False
        )


def _go(id: str, action: str, title: str, help: str, keys: str = "") -> Command:
    return Command(id, action, title, help, "Going places", keys, priority=True)


COMMANDS: tuple[Command, ...] = (
    _go("go.to", "go_to", "Go to …", "Go to a channel in any community; unread ones stand first", "ctrl+k"),
    _go("channel.previous", "channel(-1)", "Previous channel", "The channel above in the list", "alt+up"),
    _go("channel.next", "channel(1)", "Next channel", "The channel below in the list", "alt+down"),
    _go("unread.previous", "unread(-1)", "Previous unread channel", "In any community", "alt+shift+up"),
    _go("unread.next", "unread(1)", "Next unread channel", "In any community", "alt+shift+down"),
    _go("unread.best", "best", "Best next", "A mention, else a direct message, else unread; at last, back", "alt+a"),
    _go("community.previous", "community(-1)", "Previous community", "The one above in the rail", "alt+pageup"),
    _go("community.next", "community(1)", "Next community", "The one below in the rail", "alt+pagedown"),
    _go("channel.last", "last", "Last channel", "Back to where you were before", "alt+s"),
    _go("unread.first", "first_unread", "First unread message", "Where you had read up to", "alt+u"),
    _go("timeline.end", "newest", "Newest message", "To the end, and stay there", "alt+end"),
    Command("view.channels", "channels", "Channels", "Show, hide or go to the lists", "Reading", "f2", priority=True),
    Command("view.members", "members", "Members", "Show or hide who is here", "Reading", "f8", priority=True),
    Command("channel.people", "people", "People in this channel", "Who reads what you write here", "Reading"),
    Command("retry.all", "retry_all", "Send all failed again", "Asks first", "Writing", "alt+r", priority=True),
    Command(
        "community.create",
        "create_community",
        "Create a community",
        "With you as its owner",
        "Communities and channels",
    ),
    Command(
        "community.join",
        "join_community",
        "Join a community",
        "With an invite link or its code",
        "Communities and channels",
    ),
    Command(
        "community.invite",
        "invite",
        "Invite people",
        "Make a link that lets people into this community",
        "Communities and channels",
    ),
    Command("community.leave", "leave_community", "Leave this community", "Asks first", "Communities and channels"),
    Command("channel.create", "create_channel", "Create a channel", "Public or private", "Communities and channels"),
    Command(
        "channel.browse",
        "browse",
        "Browse channels",
        "Public channels of this community, to join",
        "Communities and channels",
    ),
    Command(
        "channel.add-people",
        "add_people",
        "Add people to this channel",
        "Members of the community",
        "Communities and channels",
    ),
    Command("channel.leave", "leave_channel", "Leave this channel", "Asks first", "Communities and channels"),
    Command("me.name", "change_name", "Change my name", "What others see", "The program"),
    Command(
        "connection.now",
        "connect_now",
        "Connect now",
        "Don't wait for the next attempt",
        "The program",
        "ctrl+r",
        priority=True,
    ),
    Command("help", "help", "Help", "All keys", "The program", "f1", priority=True),
    Command("sign-out", "sign_out", "Sign out", "Forget this account on this machine", "The program"),
    Command(
        "quit",
        "leave_program",
        "Quit",
        "What isn't sent goes out at the next start",
        "The program",
        "ctrl+q",
        priority=True,
    ),
)
