"""Routes and socket requests as tables: the path or event of each request, and the type of its response."""

from __future__ import annotations

from typing import Generic, Literal, TypeVar

from msgspec import Struct

from . import models, requests, responses
from .requests import Request

R = TypeVar("R", bound=Request, contravariant=True)
A = TypeVar("A", covariant=True)

GENERATION = "Asnity-Generation"
"""The header in which a client may say which generation of the server its ids are from."""

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

Limited = Literal[
    "sign_in",
    "sign_up",
    "messages",
    "reactions",
    "typing",
    "invites",
    "directs",
    "markers",
    "changes",
    "sessions",
    "looks",
]
"""The limits of requests, as `rate_limits` names them."""


class Route(Struct, Generic[R, A], frozen=True):
    """One HTTP request: fields of `request` that stand in `path` in braces come from there, the rest from elsewhere.

    The rest is the query string for GET and DELETE, and the JSON body otherwise. `answer` None means 204 and no body.
    """

    method: Method
    path: str
    request: type[Request]
    answer: type[A]
    status: int = 200
    open: bool = False
    """Needs no token."""
    limited: Limited | None = None
    """The limit that it counts towards; None only for a request that changes nothing."""


class SocketRequest(Struct, Generic[R, A], frozen=True):
    """One socket request and the acknowledgement of its success."""

    event: str
    request: type[Request]
    answer: type[A]
    limited: Limited
    """The limit that it counts towards."""


def _route(
    method: Method,
    path: str,
    request: type[R],
    answer: type[A],
    status: int = 200,
    *,
    open: bool = False,
    limited: Limited | None = None,
) -> Route[R, A]:
    """A route; one that changes something is limited, whether anybody thought of it or not."""
    return Route(method, path, request, answer, status, open, limited or (None if method == "GET" else "changes"))


def _nothing(method: Method, path: str, request: type[R], *, limited: Limited = "changes") -> Route[R, None]:
    return Route(method, path, request, type(None), 204, limited=limited)


def _ask(event: str, request: type[R], answer: type[A], limited: Limited) -> SocketRequest[R, A]:
    return SocketRequest(event, request, answer, limited)


_COMMUNITY = "/api/communities/{communityId}"
_CHANNEL = "/api/channels/{channelId}"
_MESSAGE = _CHANNEL + "/messages/{chatId}"

SERVER = _route("GET", "/api/server", requests.Empty, responses.ServerInfo, open=True)

SIGN_UP = _route("POST", "/api/auth/sign-up", requests.SignUp, responses.SignedIn, 201, open=True, limited="sign_up")
SIGN_IN = _route("POST", "/api/auth/sign-in", requests.SignIn, responses.SignedIn, open=True, limited="sign_in")
SIGN_OUT = _nothing("POST", "/api/auth/sign-out", requests.Empty, limited="sessions")
SESSIONS = _route("GET", "/api/auth/sessions", requests.Page, responses.Sessions)
END_OTHER_SESSIONS = _nothing("DELETE", "/api/auth/sessions", requests.Empty, limited="sessions")
END_SESSION = _nothing("DELETE", "/api/auth/sessions/{sessionId}", requests.EndSession, limited="sessions")
ME = _route("GET", "/api/me", requests.Empty, models.User)
PATCH_ME = _route("PATCH", "/api/me", requests.PatchMe, models.User)
CHANGE_PASSWORD = _nothing("POST", "/api/me/password", requests.ChangePassword, limited="sign_in")
OVERVIEW = _route("GET", "/api/me/overview", requests.Empty, responses.Overview)

COMMUNITIES = _route("GET", "/api/communities", requests.Empty, responses.Communities)
CREATE_COMMUNITY = _route("POST", "/api/communities", requests.CreateCommunity, models.Community, 201)
COMMUNITY = _route("GET", _COMMUNITY, requests.OfCommunity, models.Community)
PATCH_COMMUNITY = _route("PATCH", _COMMUNITY, requests.PatchCommunity, models.Community)
DELETE_COMMUNITY = _nothing("DELETE", _COMMUNITY, requests.OfCommunity)
COMMUNITY_OVERVIEW = _route("GET", _COMMUNITY + "/overview", requests.OfCommunity, responses.CommunityOverview)
MEMBERS = _route("GET", _COMMUNITY + "/members", requests.OfCommunityPage, responses.Members)
PATCH_MEMBER = _route("PATCH", _COMMUNITY + "/members/{userId}", requests.PatchMember, models.Member)
REMOVE_MEMBER = _nothing("DELETE", _COMMUNITY + "/members/{userId}", requests.RemoveMember)
BANS = _route("GET", _COMMUNITY + "/bans", requests.OfCommunityPage, responses.Bans)
LIFT_BAN = _nothing("DELETE", _COMMUNITY + "/bans/{userId}", requests.OfMember)
AUDIT = _route("GET", _COMMUNITY + "/audit", requests.OfCommunityPage, responses.Audit)
USERS = _route("GET", _COMMUNITY + "/users", requests.UsersById, responses.UsersFound)
INVITES = _route("GET", _COMMUNITY + "/invites", requests.OfCommunityPage, responses.Invites)
CREATE_INVITE = _route("POST", _COMMUNITY + "/invites", requests.CreateInvite, models.Invite, 201, limited="invites")
DELETE_INVITE = _nothing("DELETE", _COMMUNITY + "/invites/{code}", requests.OfCommunityInvite)
INVITE = _route("GET", "/api/invites/{code}", requests.OfInvite, responses.InvitePreview, open=True, limited="looks")
ACCEPT_INVITE = _route("POST", "/api/invites/{code}/accept", requests.OfInvite, models.Community)

CHANNELS = _route("GET", _COMMUNITY + "/channels", requests.OfCommunityPage, responses.Channels)
CREATE_CHANNEL = _route("POST", _COMMUNITY + "/channels", requests.CreateChannel, models.Channel, 201)
OPEN_DIRECT = _route("POST", _COMMUNITY + "/direct", requests.OpenDirect, models.Channel, limited="directs")
CHANNEL = _route("GET", _CHANNEL, requests.OfChannel, models.Channel)
PATCH_CHANNEL = _route("PATCH", _CHANNEL, requests.PatchChannel, models.Channel)
DELETE_CHANNEL = _nothing("DELETE", _CHANNEL, requests.OfChannel)
CHANNEL_MEMBERS = _route("GET", _CHANNEL + "/members", requests.OfChannelPage, responses.ChannelMembers)
ADD_CHANNEL_MEMBER = _route(
    "PUT", _CHANNEL + "/members/{userId}", requests.OfChannelMember, models.Channel, limited="invites"
)
REMOVE_CHANNEL_MEMBER = _nothing("DELETE", _CHANNEL + "/members/{userId}", requests.OfChannelMember)
PATCH_CHANNEL_ME = _route("PATCH", _CHANNEL + "/me", requests.PatchChannelMe, responses.ChannelEntry)

HISTORY = _route("GET", _CHANNEL + "/messages", requests.History, responses.MessagePage)
CHANGES = _route("GET", _CHANNEL + "/changes", requests.Changes, responses.ChangesPage)
POST_MESSAGE = _route("POST", _CHANNEL + "/messages", requests.PostMessage, models.Message, 201, limited="messages")
EDIT_MESSAGE = _route("PATCH", _MESSAGE, requests.EditMessage, models.Message, limited="messages")
DELETE_MESSAGE = _route("DELETE", _MESSAGE, requests.DeleteMessage, models.Message, limited="messages")
REACTORS = _route("GET", _MESSAGE + "/reactions/{emoji}", requests.OfReactionPage, responses.Reactors)
ADD_REACTION = _route("PUT", _MESSAGE + "/reactions/{emoji}", requests.OfReaction, models.Message, limited="reactions")
REMOVE_REACTION = _route(
    "DELETE", _MESSAGE + "/reactions/{emoji}", requests.OfReaction, models.Message, limited="reactions"
)
PIN = _route("PUT", _MESSAGE + "/pin", requests.OfMessage, models.Message)
UNPIN = _route("DELETE", _MESSAGE + "/pin", requests.OfMessage, models.Message)
PINS = _route("GET", _CHANNEL + "/pins", requests.OfChannel, responses.Pins)
SEARCH = _route("GET", "/api/search", requests.Search, responses.SearchResults)
READ_MARKER = _route("PUT", _CHANNEL + "/read-marker", requests.MoveReadMarker, models.Counters, limited="markers")
COUNTERS = _route("GET", _CHANNEL + "/counters", requests.OfChannel, models.Counters)

JOIN = _ask("join", requests.Join, responses.JoinAnswer, "markers")
CHAT_NEW = _ask("chat", requests.NewChat, responses.Written, "messages")
CHAT_MODIFY = _ask("chat", requests.ModifyChat, responses.Written, "messages")
CHAT_DELETE = _ask("chat", requests.DeleteChat, responses.Written, "messages")
REACT = _ask("react", requests.React, responses.Reacted, "reactions")
READ = _ask("read", requests.MoveReadMarker, responses.ReadAnswer, "markers")
TYPING = _ask("typing", requests.Typing, responses.Done, "typing")
INVITE_USERS = _ask("invite-users-to-channel", requests.InviteUsers, responses.InviteAnswer, "invites")
PRESENCE = _ask("presence", requests.SetPresence, responses.Done, "typing")
"""The one request of the person's own namespace."""

ROUTES: tuple[Route[Request, object], ...] = tuple(each for each in list(globals().values()) if isinstance(each, Route))
"""All HTTP routes, in the order of this file."""

SOCKET_REQUESTS: tuple[SocketRequest[Request, object], ...] = tuple(
    each for each in list(globals().values()) if isinstance(each, SocketRequest)
)
"""All socket requests, in the order of this file."""
