"""Tests of what a gateway asks after a break: everything, about as much at a time."""

from __future__ import annotations

from typing import cast

from asnity_server.backend import Backend, OnDone
from asnity_server.gateway.dispatcher import Dispatcher
from asnity_server.gateway.mending import Mending
from asnity_server.gateway.rooms import Membership, Rooms, room_of_channel
from asnity_server.mend import CHANNELS, PEOPLE, SEATS, SLICE, MendRequest
from asnity_server.protocol.ids import USER_NAMESPACE, namespace_of, new_id


class Asked:
    """A backend that remembers what it was asked."""

    def __init__(self) -> None:
        self.requests: list[MendRequest] = []

    def mend(self, request: MendRequest, on_done: OnDone) -> None:
        """Remember it."""
        self.requests.append(request)


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
