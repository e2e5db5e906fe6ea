"""Requests: one struct for each, over HTTP or a socket.

Over HTTP, a request is put together from the path, the query string (GET, DELETE) and the JSON body (the others).
Lengths of texts are checked where they are cleaned, see `text`; here stands what bounds the work of looking at them.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, field

from . import limits
from .models import Role, Wire
from .redaction import Redacted

Id = Annotated[str, Meta(max_length=64)]
Number = Annotated[int, Meta(ge=0, le=limits.MAX_INTEGER)]
Nonce = Annotated[str, Meta(min_length=1, max_length=limits.NONCE, pattern=r"^[\x21-\x7e]*\Z")]
Line = Annotated[str, Meta(max_length=4096)]
Password = Annotated[str, Meta(min_length=limits.PASSWORD_MIN, max_length=limits.PASSWORD)]
GivenPassword = Annotated[str, Meta(max_length=limits.PASSWORD)]
PageSize = Annotated[int, Meta(ge=1, le=limits.PAGE_MAX)]
Cursor = Annotated[str, Meta(max_length=256)]
Emoji = Annotated[str, Meta(min_length=1, max_length=limits.EMOJI)]
Code = Annotated[str, Meta(max_length=64)]


class Request(Wire, forbid_unknown_fields=True):
    """A request: unknown fields are refused, so that a misspelt one is noticed."""


class Empty(Request):
    """A request that says nothing but its name."""


class Page(Request):
    """A request for part of a list."""

    limit: PageSize = limits.PAGE
    cursor: Cursor | None = None


# Accounts


class SignUp(Redacted, Request):
    """Make an account; `invite` is accepted in the same transaction."""

    username: Line
    password: Password
    display_name: Line | None = None
    invite: Code | None = None
    setup_code: Code | None = None
    device: Line = ""


class SignIn(Redacted, Request):
    """Prove who one is; `device` names the session in the list of sessions."""

    username: Line
    password: GivenPassword
    device: Line = ""


class EndSession(Request):
    """End one of my sessions."""

    session_id: Id


class PatchMe(Request):
    """Change what others see of me."""

    display_name: Line | None = None
    status_text: Line | None = None


class ChangePassword(Redacted, Request):
    """Set a new password; all other sessions end."""

    current: GivenPassword
    new: Password


# Communities


class CreateCommunity(Request):
    """Make a community, with its channel `general` and the caller as owner."""

    name: Line
    description: Line = ""


class OfCommunity(Request):
    """A request about one community."""

    community_id: Id


class OfCommunityPage(Page, kw_only=True):
    """A request for part of a list in one community."""

    community_id: Id


class PatchCommunity(OfCommunity):
    """Change a community's settings."""

    name: Line | None = None
    description: Line | None = None
    invites_by: Literal["members", "admins"] | None = None


class OfMember(OfCommunity):
    """A request about one member of a community; `me` is the caller."""

    user_id: Id


class PatchMember(OfMember):
    """Give a member a role, or mute them for a time.

    A community may have several owners: to hand it over is to make somebody an owner and then to step down.
    """

    role: Role | None = None
    muted_for: Annotated[int, Meta(ge=0, le=limits.MUTED_FOR)] | None = None
    """Seconds during which the member can't write; 0 ends it."""
    reason: Line = ""
    """Why; for the audit list."""


class RemoveMember(OfMember):
    """Kick a member (oneself: leave); with `ban`, nothing lets them in again until it is lifted.

    Who has left already can be banned all the same.
    """

    ban: bool = False
    reason: Line = ""
    """Why; told to the member, and in the audit list."""


class UsersById(OfCommunity):
    """Up to `limits.IDS` users by their ids, separated by commas."""

    ids: Annotated[str, Meta(max_length=limits.IDS * 16)]


class CreateInvite(OfCommunity):
    """Create an invite link that lets people in."""

    expires_in: Annotated[int, Meta(ge=60, le=limits.INVITE_FOR)] | None = None
    """Seconds; without it, the link lives until it is withdrawn."""
    max_uses: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    channel_id: Id | None = None
    """A channel that whoever accepts is put into as well."""


class OfCommunityInvite(OfCommunity):
    """A request about one invite, by one who manages it."""

    code: Code


class OfInvite(Request):
    """A request about one invite, by one who holds the link."""

    code: Code


# Channels


class CreateChannel(OfCommunity):
    """Make a channel, with the caller in it."""

    name: Line
    kind: Literal["public", "private"]
    topic: Line = ""


class OpenDirect(OfCommunity):
    """The one direct channel of exactly these people and the caller, found or made."""

    user_ids: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=limits.DIRECT_MAX)]


class OfChannel(Request):
    """A request about one channel."""

    channel_id: Id


class OfChannelPage(Page, kw_only=True):
    """A request for part of a list in one channel."""

    channel_id: Id


class PatchChannel(OfChannel):
    """Change a channel's settings."""

    name: Line | None = None
    topic: Line | None = None
    archived: bool | None = None


class OfChannelMember(OfChannel):
    """A request about one person in a channel; `me` is the caller."""

    user_id: Id


class InviteUsers(OfChannel):
    """Put people of the community into a channel."""

    users: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=limits.IDS)]


class PatchChannelMe(OfChannel):
    """Change a setting of a channel for oneself alone."""

    muted: bool | None = None
    closed: bool | None = None
    """Not in one's list (direct channels only), until the next message comes or one opens it."""


# Messages


class History(OfChannel):
    """A page of messages: at most one of before, after, around, at, ids; none of them: the newest."""

    before: Number | None = None
    after: Number | None = None
    around: Number | None = None
    at: Line | None = None
    ids: Annotated[str, Meta(max_length=limits.IDS * 17)] | None = None
    """Message ids, separated by commas."""
    limit: PageSize = limits.PAGE


class Changes(OfChannel):
    """The changes to messages of an id range since a rev."""

    since: Number
    from_: Number = field(default=0, name="from")
    to: Number = limits.MAX_INTEGER
    limit: PageSize = limits.PAGE_MAX


class PostMessage(OfChannel):
    """Write a message."""

    content: str
    nonce: Nonce | None = None
    reply_to: Number | None = None


class OfMessage(OfChannel):
    """A request about one message."""

    chat_id: Number


class EditMessage(OfMessage):
    """Give a message new content."""

    content: str
    nonce: Nonce | None = None


class DeleteMessage(OfMessage):
    """Delete a message for ever; its place stays."""

    nonce: Nonce | None = None


class React(OfMessage):
    """Set or take back one emoji of mine under a message."""

    emoji: Emoji
    on: bool


class OfReaction(OfMessage):
    """The same over HTTP, where the method says on or off."""

    emoji: Emoji


class OfReactionPage(Page, kw_only=True):
    """A request for part of those who set one emoji under one message."""

    channel_id: Id
    chat_id: Number
    emoji: Emoji


class MoveReadMarker(OfChannel):
    """Everything up to `read_id` is read; it moves back only with `set_back`."""

    read_id: Number
    set_back: bool = False


class Search(Page, kw_only=True):
    """Messages that the caller may read, newest first; without a word all that the rest leaves over."""

    q: Annotated[str, Meta(max_length=limits.QUERY)] = ""
    community_id: Id | None = None
    channel_id: Id | None = None
    sender_id: Id | None = None
    before: Line | None = None
    after: Line | None = None
    limit: PageSize = 20


# Socket only


class Join(Request):
    """Enter the rooms of channels (none named: all of mine) and compare counters."""

    channels: Annotated[tuple[Id, ...], Meta(max_length=limits.JOINED)] | None = None


class NewChat(PostMessage, tag_field="chatType", tag="new"):
    """`chat` with `chatType: "new"`."""


class ModifyChat(EditMessage, tag_field="chatType", tag="modify"):
    """`chat` with `chatType: "modify"`."""


class DeleteChat(DeleteMessage, tag_field="chatType", tag="delete"):
    """`chat` with `chatType: "delete"`."""


Chat = NewChat | ModifyChat | DeleteChat


class Typing(OfChannel):
    """The caller is writing in a channel."""


class SetPresence(Request):
    """Set the presence of the client's person: at the keyboard, or away for 10 minutes."""

    status: Literal["online", "away"]
