"""Tests of what a gateway asks after a break: everything, about as much at a time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from asnity_server.backend import Backend, OnDone
from asnity_server.bus import Change, Commit, CommunityExited, Outcome
from asnity_server.gateway.dispatcher import Dispatcher
from asnity_server.gateway.mending import Mending
from asnity_server.gateway.rooms import Membership, Rooms, room_of_channel
from asnity_server.mend import CHANNELS, PEOPLE, SEATS, SLICE, MendAnswer, MendedCommunity, MendRequest
from asnity_server.protocol.errors import Unavailable
from asnity_server.protocol.ids import USER_NAMESPACE, namespace_of, new_id


class Asked:
    """A backend that remembers what it was asked."""

    def __init__(self) -> None:
        self.requests: list[MendRequest] = []
        self.waiting: list[OnDone] = []

    def mend(self, request: MendRequest, on_done: OnDone) -> None:
        """Remember it."""
        self.requests.append(request)
        self.waiting.append(on_done)


class Told:
    """A dispatcher that remembers what it was to tell."""

    def __init__(self) -> None:
        self.changes: list[Change] = []

    def receive(self, commit: Commit) -> None:
        """Remember its changes."""
        self.changes += [change for work in commit.works for change in work.changes]

    def resync(self, namespace: str, rooms: Iterable[str]) -> int:
        """Tell nobody."""
        return 0


def test_it_asks_for_about_as_much_at_a_time() -> None:
    rooms, backend = Rooms(), Asked()
    communities = dict.fromkeys([new_id() for _ in range(SLICE * 2)], 1) | {new_id(): SEATS * 3, new_id(): 5}
    first = next(iter(communities))
    for community_id, count in communities.items():
        for number in range(count):
            user_id = f"{community_id}{number}"
            rooms.add(Membership(user_id, namespace_of(community_id), user_id, user_id, community_id))
    (crowded,) = (each for each in rooms.in_namespace(namespace_of(first)))
    crowded.rooms.update(room_of_channel(f"{first}-{number:08}") for number in range(CHANNELS))
    for number in range(PEOPLE + 1):
        rooms.add(Membership(f"p{number}", USER_NAMESPACE, f"p{number}", f"p{number}", None))
    Mending(rooms, cast(Dispatcher, None), cast(Backend, backend)).begin(since=7, done=lambda whole: None)
    assert {request.since for request in backend.requests} == {7}
    asked = [community for request in backend.requests for community in request.communities]
    assert {community.community_id: len(community.users) for community in asked} == communities
    assert len(asked) == len(communities)
    sizes = [[len(each.users) for each in request.communities] for request in backend.requests if request.communities]
    assert [len(each) for each in sizes] == [1, SLICE, SLICE, 1]
    people = [request.people for request in backend.requests if request.people]
    assert [len(each) for each in people] == [PEOPLE, 1]
    assert len({user_id for each in people for user_id in each}) == PEOPLE + 1


def test_a_departure_is_told_once_however_often_it_is_asked() -> None:
    rooms, backend, told = Rooms(), Asked(), Told()
    lab = new_id()
    rooms.add(Membership("c1", namespace_of(lab), "bob", "s1", lab))
    rooms.add(Membership("c1", USER_NAMESPACE, "bob", "s1", None))
    mending = Mending(rooms, cast(Dispatcher, told), cast(Backend, backend))
    whole: list[bool] = []
    kicked = MendedCommunity(lab, -1, {"bob": "kicked"}, (), {}, {}, (), ())
    lost = MendAnswer(lost=(("bob", lab, "kicked"),))
    mending.begin(since=7, done=whole.append)
    backend.waiting[0](Outcome(MendAnswer((kicked,))))
    backend.waiting[1](Outcome(None, Unavailable("The link was lost.")))
    mending.begin(since=7, done=whole.append)
    for on_done in backend.waiting[2:]:
        on_done(Outcome(lost))
    assert whole == [False, True]
    assert told.changes == [CommunityExited("bob", lab, "kicked")]
    mending.begin(since=9, done=whole.append)
    for on_done in backend.waiting[4:]:
        on_done(Outcome(lost))
    assert len(told.changes) == 1 + len(backend.waiting[4:]), "another departure is another event"
