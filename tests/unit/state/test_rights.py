"""Rights as the client sees them, held against the server's own rule; people in lists."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from msgspec.structs import replace as with_fields

from asnity_server.api.permissions import Action, Standing, allowed
from asnity_server.protocol.models import Community, Invite, Member, Role, User
from asnity_tui.state.community import CommunityState
from asnity_tui.state.people import direct_presence, others_in, presence_of
from asnity_tui.state.rights import CROWD, Rights, rights_at, rights_in
from asnity_tui.state.store import Store

from .making import BOB, GENERAL, HERE, ME, THEN, channel, counters, deleted, message

OTHER = "otheraaaaaaa"
NOW = 1_795_168_800_000
ROLES: tuple[Role, ...] = ("member", "admin", "owner")

HERE_ITSELF = Community(id=HERE, name="Lab", description="", rev=1, created_at=THEN, invites_by="members")


def person(user_id: str, name: str = "") -> User:
    return User(id=user_id, username=name or user_id, display_name=name, status_text="")


def member(user_id: str, role: Role = "member", name: str = "") -> Member:
    return Member(user=person(user_id, name), role=role, joined_at=THEN)


def invite(creator_id: str) -> Invite:
    return Invite(
        code="c",
        url="u",
        community_id=HERE,
        channel_id=None,
        creator_id=creator_id,
        created_at=THEN,
        expires_at=None,
        max_uses=None,
        uses=0,
    )


IN_CHANNEL: dict[str, tuple[Action, bool, Callable[[Rights], bool]]] = {
    "post": ("post", False, lambda r: r.may_post),
    "react": ("react", False, lambda r: r.may_react),
    "pin": ("pin-message", False, lambda r: r.may_pin),
    "edit own": ("edit-message", True, lambda r: r.may_edit(message(1, sender_id=ME))),
    "edit": ("edit-message", False, lambda r: r.may_edit(message(1))),
    "delete own": ("delete-message", True, lambda r: r.may_delete(message(1, sender_id=ME))),
    "delete": ("delete-message", False, lambda r: r.may_delete(message(1))),
    "invite": ("invite-to-channel", False, lambda r: r.may_invite),
    "change": ("change-channel", False, lambda r: r.may_change_channel),
    "archive": ("archive-channel", False, lambda r: r.may_archive),
    "delete channel": ("delete-channel", False, lambda r: r.may_delete_channel),
    "leave": ("leave-channel", False, lambda r: r.may_leave_channel),
    "close": ("close-direct", False, lambda r: r.may_close_direct),
    "mention few": ("mention-all", False, lambda r: r.may_mention_all(3)),
}


@pytest.mark.parametrize("what", IN_CHANNEL)
def test_in_a_channel_as_the_server_says(what: str) -> None:
    action, own, asked = IN_CHANNEL[what]
    for role in ROLES:
        for kind in ("public", "private", "direct"):
            for general, archived, muted_until in ((g, a, m) for g in (0, 1) for a in (0, 1) for m in (0, NOW)):
                state = channel(kind=kind, archived=bool(archived))
                rights = Rights(ME, role, HERE_ITSELF, state.channel, bool(general), muted_until)
                standing = Standing(role, kind, True, bool(general), bool(archived), own, muted_until=muted_until)  # type: ignore[arg-type]
                assert asked(rights) is allowed(action, standing), (role, kind, general, archived, muted_until)


IN_COMMUNITY: dict[str, tuple[Action, bool, Callable[[Rights], bool]]] = {
    "create": ("create-channel", False, lambda r: r.may_create_channel),
    "direct": ("open-direct", False, lambda r: r.may_create_channel),
    "make invites": ("invite-to-community", False, lambda r: r.may_make_invites),
    "withdraw own": ("withdraw-invite", True, lambda r: r.may_withdraw(invite(ME))),
    "withdraw": ("withdraw-invite", False, lambda r: r.may_withdraw(invite(BOB))),
    "audit": ("see-audit", False, lambda r: r.may_see_audit),
    "lift": ("lift-ban", False, lambda r: r.may_lift_bans),
    "change": ("change-community", False, lambda r: r.may_change_community),
    "delete": ("delete-community", False, lambda r: r.may_delete_community),
}


@pytest.mark.parametrize("what", IN_COMMUNITY)
def test_in_a_community_as_the_server_says(what: str) -> None:
    action, own, asked = IN_COMMUNITY[what]
    for role in ROLES:
        for by in ("members", "admins"):
            for muted_until in (0, NOW):
                rights = Rights(ME, role, with_fields(HERE_ITSELF, invites_by=by), muted_until=muted_until)
                standing = Standing(role, own=own, invites_by=by, muted_until=muted_until)  # type: ignore[arg-type]
                assert asked(rights) is allowed(action, standing), (role, by, muted_until)
    assert not asked(Rights(ME, "owner", None))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("target", ROLES)
def test_with_a_member_as_the_server_says(role: Role, target: Role) -> None:
    rights = Rights(ME, role, HERE_ITSELF, channel().channel)
    standing = Standing(role, "public", True, target=target)
    them = member(BOB, target)
    assert rights.may_moderate(them) is allowed("kick-member", standing)
    assert rights.may_moderate(them) is allowed("ban-member", standing)
    assert rights.may_moderate(them) is allowed("mute-member", standing)
    assert rights.may_set_role(them) is allowed("change-role", standing)
    assert rights.may_remove(them) is allowed("remove-from-channel", standing)
    assert not replace(rights, general=True).may_remove(them)
    assert rights.may_hand_over(them) is (role == "owner" and target != "owner")
    assert not rights.may_hand_over(member(ME, role))


def test_crowds_and_what_cant_be_changed() -> None:
    rights = Rights(ME, "member", HERE_ITSELF, channel().channel)
    assert rights.may_mention_all(CROWD)
    assert not rights.may_mention_all(CROWD + 1)
    assert replace(rights, role="admin").may_mention_all(CROWD + 1)
    gone = with_fields(deleted(1, 2), sender_id=ME)
    assert not rights.may_edit(gone)
    assert not rights.may_delete(gone)


def here() -> tuple[Store, CommunityState]:
    store = Store()
    store.me = person(ME, "me")
    store.users = {each.id: each for each in (person(ME, "me"), person(BOB, "Bob"), person(OTHER, "Other"))}
    return store, store.add_community(HERE_ITSELF, "admin")


def test_rights_are_found_in_the_store() -> None:
    store, community = here()
    general = store.add_channel(community, channel().channel, muted=False, counters=counters(0))
    other = HERE + "-bbbbbbbb"
    store.add_channel(community, channel(id=other, name="random").channel, muted=False, counters=counters(0))
    assert rights_at(store, GENERAL, NOW).general
    assert not rights_at(store, other, NOW).general
    assert rights_at(store, GENERAL, NOW).may_pin
    assert rights_in(store, HERE, NOW).may_see_audit
    assert rights_in(store, "nowhereaaaaa", NOW).community is None
    assert not rights_at(store, "nowhereaaaaa-aaaaaaaa", NOW).may_post
    community.muted_until = NOW + 1
    assert not rights_at(store, GENERAL, NOW).may_post
    assert rights_in(store, HERE, NOW).muted_until == NOW + 1
    assert rights_at(store, GENERAL, NOW + 1).may_post
    general.channel = with_fields(general.channel, name="lobby")
    del community.channels[other]
    assert rights_at(store, GENERAL, NOW).general


def test_who_is_there() -> None:
    store, community = here()
    community.presence = {BOB: "away"}
    assert presence_of(store, community, BOB) == presence_of(store, None, OTHER) == "unknown"
    community.joined = True
    direct = store.add_channel(
        community, channel(kind="direct", name="", members=(ME, BOB)).channel, muted=False, counters=counters(0)
    )
    assert others_in(store, direct) == (BOB,)
    assert direct_presence(store, direct) == "away"
    assert presence_of(store, None, BOB) == "away"
    assert presence_of(store, None, OTHER) == "offline"
    assert direct_presence(store, channel()) is None
    assert others_in(store, channel(kind="direct", members=(ME,))) == (ME,)
    assert direct_presence(store, channel(kind="direct", members=(ME, BOB, OTHER))) is None
