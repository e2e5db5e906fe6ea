"""Permissions: the one place that says yes or no to an action, as a table of rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from asnity_server.protocol.errors import AsnityError, Conflict, Forbidden, NotFound
from asnity_server.protocol.models import Kind, Role
from asnity_server.protocol.times import to_wire

Action = Literal[
    # in a community
    "see-community",
    "create-channel",
    "open-direct",
    "invite-to-community",
    "see-invites",
    "withdraw-invite",
    "change-community",
    "delete-community",
    "leave-community",
    "kick-member",
    "ban-member",
    "ban-former",
    "mute-member",
    "change-role",
    "see-bans",
    "lift-ban",
    "see-audit",
    # in a channel
    "see-channel",
    "read-history",
    "enter-room",
    "join-channel",
    "leave-channel",
    "invite-to-channel",
    "remove-from-channel",
    "change-channel",
    "archive-channel",
    "delete-channel",
    "post",
    "mention-all",
    "edit-message",
    "delete-message",
    "react",
    "pin-message",
    "move-read-marker",
    "mute-channel",
    "close-direct",
]

RANK: dict[Role, int] = {"member": 1, "admin": 2, "owner": 3}
CROWD = 50
"""People in a channel from which on `@channel` takes an admin."""


@dataclass(frozen=True)
class Standing:
    """Everything about one person and one thing that an answer depends on."""

    role: Role | None
    """The person's role in the community; None: a stranger to it, or it doesn't exist."""
    kind: Kind | None = None
    """The channel's kind; None: no such channel, or the question is about no channel."""
    inside: bool = False
    """The person is in the channel."""
    general: bool = False
    archived: bool = False
    own: bool = False
    """The message or invite is the person's own."""
    target: Role | None = None
    """The role of the member it is about."""
    invites_by: Literal["members", "admins"] = "members"
    people: int = 0
    """How many are in the channel."""
    muted_until: int = 0
    """Until when (milliseconds since 1970) the person may read but not write; 0: not muted."""


@dataclass(frozen=True)
class Rule:
    """A rule for one action. The columns are read from left to right; the first that fails gives the answer."""

    least: Role = "member"
    inside: bool = True
    """Only for those in the channel. Who isn't gets `not-found` where they may not know of it, else `forbidden`."""
    kinds: tuple[Kind, ...] = ("public", "private", "direct")
    live: bool = False
    """Not in an archived channel."""
    but_general: bool = False
    """Not for `general`."""
    own: Literal["only", "or-admin", "any"] = "any"
    below: bool = False
    """Only towards members of a lower role than one's own."""
    speaks: bool = False
    """Others hear of it: not while one is muted."""


IN_COMMUNITY: dict[Action, Rule] = {
    "see-community": Rule(),
    "create-channel": Rule(speaks=True),
    "open-direct": Rule(speaks=True),
    "invite-to-community": Rule(speaks=True),
    "see-invites": Rule("admin"),  # everyone's; whoever made one sees it anyway
    "withdraw-invite": Rule(own="or-admin"),
    "change-community": Rule("owner"),
    "delete-community": Rule("owner"),
    "leave-community": Rule(),
    "kick-member": Rule("admin", below=True),
    "ban-member": Rule("admin", below=True),
    "ban-former": Rule("admin"),  # who is no member any more has no role to be below
    "mute-member": Rule("admin", below=True),
    "change-role": Rule("owner", below=True),
    "see-bans": Rule("admin"),
    "lift-ban": Rule("admin"),
    "see-audit": Rule("admin"),
}

NAMED: tuple[Kind, ...] = ("public", "private")

IN_CHANNEL: dict[Action, Rule] = {
    "see-channel": Rule(inside=False),
    "read-history": Rule(inside=False),
    "enter-room": Rule(),
    "join-channel": Rule(inside=False, kinds=("public",), live=True),
    "leave-channel": Rule(but_general=True),
    "invite-to-channel": Rule(kinds=NAMED, live=True, speaks=True),
    "remove-from-channel": Rule("admin", kinds=NAMED, but_general=True, below=True),
    "change-channel": Rule("admin", kinds=NAMED),
    "archive-channel": Rule("admin", kinds=NAMED, but_general=True),
    "delete-channel": Rule("admin", kinds=NAMED, but_general=True),
    "post": Rule(live=True, speaks=True),
    "mention-all": Rule(live=True, speaks=True),
    "edit-message": Rule(live=True, own="only", speaks=True),
    "delete-message": Rule(live=True, own="or-admin"),
    "react": Rule(live=True, speaks=True),
    "pin-message": Rule("admin", live=True),
    "move-read-marker": Rule(),
    "mute-channel": Rule(),
    "close-direct": Rule(kinds=("direct",)),
}

_NO_COMMUNITY = "Community not found, or you aren't in it."
_NO_CHANNEL = "Channel not found, or you aren't in it."


def refusal(action: Action, standing: Standing) -> AsnityError | None:
    """Why `action` is refused, or None where it is allowed."""
    rule = IN_CHANNEL.get(action)
    if rule is None:
        return _in_community(action, IN_COMMUNITY[action], standing)
    return _visible(standing) or _in_channel(action, rule, standing)


def require(action: Action, standing: Standing) -> None:
    """Raise the reason where `action` is refused."""
    error = refusal(action, standing)
    if error is not None:
        raise error


def allowed(action: Action, standing: Standing) -> bool:
    """Whether `action` is allowed."""
    return refusal(action, standing) is None


def _in_community(action: Action, rule: Rule, standing: Standing) -> AsnityError | None:
    if standing.role is None:
        return NotFound(_NO_COMMUNITY)
    if action == "invite-to-community" and standing.invites_by == "admins" and RANK[standing.role] < RANK["admin"]:
        return Forbidden("Only admins can invite people to this community.")
    return _audible(rule, standing) or _authored(rule, standing, "revoke an invite") or _ranked(rule, standing)


def _visible(standing: Standing) -> AsnityError | None:
    """Strangers see nothing of a community; members nothing of private and direct channels that they aren't in."""
    if standing.role is None or standing.kind is None or (standing.kind != "public" and not standing.inside):
        return NotFound(_NO_CHANNEL)
    return None


def _in_channel(action: Action, rule: Rule, standing: Standing) -> AsnityError | None:
    if rule.inside and not standing.inside:
        return Forbidden("You aren't in this channel. Join it first.")
    if standing.kind not in rule.kinds:
        return Forbidden(_wrong_kind(rule, standing))
    if rule.live and standing.archived:
        return Forbidden("This channel is archived and read-only.")
    if rule.but_general and standing.general:
        return Forbidden("This channel is for everyone: it can't be left, archived or deleted.")
    unheard = _audible(rule, standing) or _authored(rule, standing, "delete a message")
    if unheard is not None:
        return unheard
    crowd = action == "mention-all" and standing.people > CROWD and RANK[standing.role or "member"] < RANK["admin"]
    if crowd:
        return Forbidden(f"Only admins can use @channel in channels with more than {CROWD} members.")
    return _ranked(rule, standing)


def _audible(rule: Rule, standing: Standing) -> Forbidden | None:
    """In words that say until when: they are what stands beside a message that wasn't sent."""
    if rule.speaks and standing.muted_until:
        until = to_wire(standing.muted_until)
        return Forbidden(f"You are muted in this community until {until[:10]} {until[11:16]} UTC.")
    return None


def _authored(rule: Rule, standing: Standing, what: str) -> Forbidden | None:
    if rule.own == "only" and not standing.own:
        return Forbidden("Only its author can edit a message.")
    if rule.own == "or-admin" and not standing.own and RANK[standing.role or "member"] < RANK["admin"]:
        return Forbidden(f"Only its author or an admin may {what}.")
    return None


def _wrong_kind(rule: Rule, standing: Standing) -> str:
    if standing.kind == "direct":
        return "This isn't possible in a direct message."
    if "private" not in rule.kinds and "public" not in rule.kinds:
        return "Only direct messages can be closed. Leave the channel instead."
    return "This channel is private. Ask one of its members to add you."


def _ranked(rule: Rule, standing: Standing) -> AsnityError | None:
    rank = RANK[standing.role or "member"]
    if rank < RANK[rule.least]:
        return Forbidden(f"Only {'the owner' if rule.least == 'owner' else 'admins'} can do this.")
    if rule.below:
        if standing.target is None:
            return NotFound("Member not found.")
        if rank <= RANK[standing.target]:
            return Forbidden("You can't do this to someone with your role or a higher one.")
    return None


def last_owner(owners: int, role: Role) -> AsnityError | None:
    """Why somebody of `role` can't leave or step down where there are `owners` owners, if so."""
    if role == "owner" and owners <= 1:
        return Conflict("The last owner can't leave or step down. Make someone else an owner first.")
    return None
