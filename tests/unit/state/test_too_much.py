"""A server, or the people on it, tell without end: what a client keeps of that has one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from asnity_server.protocol import codec, limits
from asnity_server.protocol import events as wire
from asnity_server.protocol.errors import AsnityError, ErrorInfo
from asnity_server.protocol.models import ROOM, Channel, Community, Member, Message, User
from asnity_server.protocol.responses import Members, MessagePage, Overview
from asnity_tui.state import changes as facts
from asnity_tui.state.channel import HELD_BACK_MAX, HELD_UNSEEN_MAX, TYPING_MAX
from asnity_tui.state.events import apply_event
from asnity_tui.state.history import apply_page, open_timeline
from asnity_tui.state.reconcile import abort_join, begin_join

from .making import THEN, channel, counters, message, messages, page
from .test_store import Place


@pytest.fixture
def place() -> Place:
    return Place()


def _user(number: int) -> User:
    return User(id=f"user{number:08}", username=f"u{number}", display_name=f"User {number}", status_text="")


def test_of_people_who_type_the_last_ones_are_known() -> None:
    made = channel()
    for number in range(TYPING_MAX * 3):
        made.typing.add(f"user{number:08}", 1000)
    typing = made.typing.at(1000)
    assert len(typing) == TYPING_MAX
    assert typing[-1] == f"user{TYPING_MAX * 3 - 1:08}"


def test_what_is_held_back_in_a_channel_that_is_not_loaded_is_asked_for(place: Place) -> None:
    for number in range(HELD_UNSEEN_MAX * 3):
        place.event("new-chat", message(number + 5, channel_id=place.general, community_id=place.lab))
    state = place.store.channel(place.general)
    assert state is not None
    assert len(state._held) == HELD_UNSEEN_MAX < HELD_BACK_MAX
    assert state.behind == "counters"
    state.apply_counters(counters(HELD_UNSEEN_MAX * 3 + 4), ordered=True)
    assert (state.behind, state.holds_back) == (None, False)


def test_events_before_a_join_is_answered_are_missed_and_compared(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asnity_tui.state.community.HELD_EVENTS_MAX", 5)
    joining = begin_join(place.store, place.lab)
    assert joining is not None
    for number in range(20):
        typing = wire.TypingNow(channel_id=place.general, user_id=f"user{number:08}")
        assert place.event("typing", typing) == ()
    community = place.store.communities[place.lab]
    assert len(community.held_back or ()) == 5
    assert facts.NeedCompare(place.lab) in abort_join(place.store, joining, 0)
    joining = begin_join(place.store, place.lab)
    assert joining is not None
    assert facts.NeedCompare(place.lab) not in abort_join(place.store, joining, 0)


def test_of_a_crowd_so_many_are_known_to_be_present(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asnity_tui.state.community.PRESENT_MAX", 10)
    community = place.store.communities[place.lab]
    community.update_presence({f"user{number:08}": "online" for number in range(50)})
    assert len(community.presence) == 10
    place.event("presence", wire.PresenceChanges(changes={"user00000000": "away", "user00000049": "online"}))
    assert community.presence_of("user00000000") == "away"
    assert community.presence_of("user00000049") == "offline"
    place.event("presence", wire.PresenceChanges(changes={"user00000000": "offline"}))
    assert len(community.presence) == 9


def test_new_channels_are_counted_up_to_a_number(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asnity_tui.state.community.APPEARED_MAX", 5)
    community = place.store.communities[place.lab]
    for number in range(20):
        told = wire.ChannelChanged(
            id=f"{place.lab}-{number:08}", community_id=place.lab, kind="public", name=f"c{number}", topic="",
            archived=False, created_at=THEN, new=True,
        )  # fmt: skip
        place.event("channel-changed", told)
    assert len(community.appeared) == 5


def test_lists_of_people_grow_up_to_a_number(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asnity_tui.state.community.MEMBERS_MAX", 5)
    place.store.set_members(place.lab, [])
    place.store.set_people(place.general, [])
    for number in range(20):
        member = Member(user=_user(number), role="member", joined_at=THEN)
        place.store.communities[place.lab].update_member(member.user.id, member)
        told = wire.ChannelMemberChanged(channel_id=place.general, user_id=member.user.id, member=member)
        place.event("channel-member-changed", told)
    state = place.store.channel(place.general)
    assert state is not None
    assert len(place.store.communities[place.lab].members or {}) == len(state.people or {}) == 5


def test_channels_and_communities_that_are_told_of_end_somewhere(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asnity_tui.state.events.CHANNELS_MAX", 4)
    monkeypatch.setattr("asnity_tui.state.events.COMMUNITIES_MAX", 3)
    for number in range(20):
        made = Channel(
            id=f"{place.lab}-{number:08}", community_id=place.lab, kind="private", name=f"c{number}", topic="",
            archived=False, created_at=THEN,
        )  # fmt: skip
        place.event("invited-to-channel", wire.InvitedToChannel(channel=made, counters=counters(0), users={}))
        community = Community(
            id=f"comm{number:08}", name="x", description="", rev=1, created_at=THEN, invites_by="members"
        )
        apply_event(place.store, None, "community-added", wire.CommunityAdded(community=community), 0)
    assert len(place.store.communities[place.lab].channels) == 4
    assert len(place.store.communities) == 3


def test_people_whom_nothing_names_are_forgotten_and_the_others_stay(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asnity_tui.state.store.USERS_MAX", 50)
    store, community = place.store, place.store.communities[place.lab]
    open_timeline(store, place.general)
    named = _user(1)
    held = replace(message(1, 1, sender_id=named.id, channel_id=place.general), mentions=("user00000002",))
    apply_page(store, place.general, replace(page(held, rev=0, older=False), users={named.id: named}))
    for number in range(2, 400):
        former = replace(_user(number), former=True)
        store.learn_users(community, {former.id: former})
        assert len(store.users) <= 51
    assert {named.id, store.my_id, "user00000399"} <= store.users.keys()
    assert "user00000003" not in store.users
    assert community.former <= store.users.keys()
    assert store.ask_for_people(place.lab, ["user00000003"]) == (facts.NeedUsers(place.lab, ("user00000003",)),)


PERSON = {"id": "u", "username": "u", "displayName": "U", "statusText": ""}
MESSAGE = json.loads(codec.encode(message(1)))
MUCH: dict[str, tuple[type[Any], dict[str, Any]]] = {
    "content": (Message, MESSAGE | {"content": "x" * (ROOM * limits.CONTENT + 1)}),
    "mentions": (Message, MESSAGE | {"mentions": ["u"] * limits.CONTENT}),
    "emoji": (Message, MESSAGE | {"reactions": {f"{each}": {"count": 1, "users": []} for each in range(100)}}),
    "users of an emoji": (Message, MESSAGE | {"reactions": {"x": {"count": 1, "users": ["u"] * 100}}}),
    "nonce": (Message, MESSAGE | {"nonce": "n" * 1000}),
    "id": (Message, MESSAGE | {"channelId": "c" * 1000}),
    "time": (Message, MESSAGE | {"createdAt": "2" * 1000}),
    "name": (User, PERSON | {"displayName": "x" * 1000}),
    "status": (User, PERSON | {"statusText": "x" * 5000}),
    "messages of a page": (
        MessagePage,
        {"messages": [MESSAGE] * 500, "hasOlder": False, "hasNewer": False, "rev": 1, "users": {}},
    ),
    "members of a page": (
        Members,
        {"members": [{"user": PERSON, "role": "member", "joinedAt": THEN}] * 500},
    ),
    "name in an overview": (Overview, {"user": PERSON | {"username": "x" * 1000}, "users": {}, "communities": []}),
    "sentence of an error": (ErrorInfo, {"code": "invalid", "message": "x" * 10_000}),
}


@pytest.mark.parametrize("what", MUCH)
def test_what_is_far_longer_than_any_server_says_is_not_understood(what: str) -> None:
    kind, value = MUCH[what]
    with pytest.raises(AsnityError):
        codec.convert(value, kind)
    with pytest.raises(AsnityError):
        codec.decode(json.dumps(value), kind)


def test_what_a_server_says_at_most_is_understood() -> None:
    most = replace(
        message(1, content="귤" * limits.CONTENT, mentions=tuple(f"user{each:08}" for each in range(1000))),
        nonce="n" * limits.NONCE,
    )
    assert codec.decode(codec.encode(most), Message) == most
    assert len(messages(1, limits.PAGE_MAX)) == limits.PAGE_MAX
