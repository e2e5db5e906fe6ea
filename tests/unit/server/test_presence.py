"""Presence is derived from connections alone, and told as little as possible."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from asnity_server.gateway.presence import EVERY, PresenceTracker
from asnity_server.gateway.rooms import Membership, Rooms
from asnity_server.protocol.models import Presence

HERE = "/socket/commu-here"


class Hall:
    """People with devices in one community, and a clock that a test moves."""

    def __init__(self) -> None:
        self.rooms = Rooms()
        self.due: list[Callable[[], None]] = []
        self.told: list[dict[str, Presence]] = []
        self.waits: list[float] = []
        self.book = PresenceTracker(self.rooms, later=self._later)
        self.book.announce = lambda namespace, changes: self.told.append(changes)

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        self.waits.append(seconds)
        self.due.append(call)

    def come(self, user_id: str, connection_id: str) -> None:
        """A device connects."""
        self.rooms.add(Membership(connection_id, HERE, user_id, connection_id, "here"))
        self.book.touch(HERE, user_id)

    def go(self, user_id: str, connection_id: str) -> None:
        """A device is gone."""
        membership = self.rooms.membership(connection_id, HERE)
        assert membership is not None
        self.rooms.remove(membership)
        self.book.touch(HERE, user_id)
        self.book.gone(connection_id)

    def second(self) -> None:
        """A second passes."""
        due, self.due = self.due, []
        for each in due:
            each()


def test_with_three_devices_one_is_there_until_the_last_one_leaves() -> None:
    hall = Hall()
    for each in ("phone", "laptop", "desk"):
        hall.come("bob", each)
    hall.second()
    hall.book.set_away("phone", True)
    hall.book.set_away("laptop", True)
    hall.second()
    hall.book.set_away("desk", True)
    hall.second()
    hall.book.set_away("phone", False)
    hall.second()
    hall.go("bob", "phone")  # the two that are left are away
    hall.second()
    hall.go("bob", "laptop")
    hall.second()
    hall.go("bob", "desk")
    hall.second()
    assert hall.told == [{"bob": each} for each in ("online", "away", "online", "away", "offline")]
    assert hall.book.of(HERE) == {}


def test_all_that_happens_within_a_second_is_told_at_once_and_what_cancels_out_never() -> None:
    hall = Hall()
    hall.come("alice", "a")
    hall.second()
    for each in range(50):
        hall.come(f"user-{each}", f"link-{each}")
    hall.go("user-0", "link-0")  # a line that dropped and came back
    hall.book.set_away("a", True)
    hall.book.set_away("a", False)
    assert len(hall.due) == 1
    hall.second()
    assert hall.told[1:] == [{f"user-{each}": "online" for each in range(1, 50)}]
    assert set(hall.waits) == {EVERY} == {1.0}
    hall.second()
    assert len(hall.told) == 2


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("come", "go", "away", "back", "second")), st.sampled_from("ab"), st.sampled_from("123")
    ),
    max_size=30,
)  # fmt: skip


@settings(max_examples=50)
@given(steps=STEPS)
def test_what_was_told_adds_up_to_what_is_so(steps: list[tuple[str, str, str]]) -> None:
    hall = Hall()
    devices: dict[str, bool] = {}  # by connection_id, which begins with whose it is: away or not
    for what, user_id, number in steps:
        connection_id = user_id + number
        if what == "come" and connection_id not in devices:
            devices[connection_id] = False
            hall.come(user_id, connection_id)
        elif what == "go" and connection_id in devices:
            del devices[connection_id]
            hall.go(user_id, connection_id)
        elif what in ("away", "back") and connection_id in devices:
            devices[connection_id] = what == "away"
            hall.book.set_away(connection_id, devices[connection_id])
        elif what == "second":
            hall.second()
    hall.second()
    told: dict[str, Presence] = {}
    for each in hall.told:
        assert each
        assert all(told.get(user_id, "offline") != status for user_id, status in each.items())
        told.update(each)
    for user_id in "ab":
        mine = [away for connection_id, away in devices.items() if connection_id[0] == user_id]
        true: Presence = "offline" if not mine else "away" if all(mine) else "online"
        assert told.get(user_id, "offline") == hall.book.of(HERE).get(user_id, "offline") == true


class Watched(Membership):
    """A membership that counts how often it is looked at."""

    looks = 0

    def __getattribute__(self, name: str) -> object:
        Watched.looks += 1
        return super().__getattribute__(name)


def _looks(communities: int) -> int:
    """How often memberships are looked at when somebody with two devices in so many communities is away for a while."""
    hall = Hall()
    for number in range(communities):
        for connection_id in ("phone", "desk"):
            membership = Watched(connection_id, f"/socket/commu-{number}", "bob", connection_id, f"{number}")
            hall.rooms.add(membership)
            hall.book.touch(f"/socket/commu-{number}", "bob")
    Watched.looks = 0
    for away in (True, False):
        for connection_id in ("phone", "desk"):
            hall.book.set_away(connection_id, away)
    return Watched.looks


def test_going_away_costs_by_communities_and_not_by_their_square() -> None:
    assert _looks(200) <= 2 * _looks(100)


def test_who_says_again_what_is_known_costs_nothing() -> None:
    hall = Hall()
    hall.rooms.add(Watched("desk", HERE, "bob", "desk", "here"))
    hall.book.touch(HERE, "bob")
    hall.book.set_away("desk", True)
    Watched.looks = 0
    hall.book.set_away("desk", True)
    assert Watched.looks == 0
