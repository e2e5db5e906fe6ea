"""The backlog of connections that don't read has a bound for one person, in all, and in time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from asnity_server.gateway.delivery.backlog import BEHIND, LITTLE, OF_ALL, OF_ONE, SLOWEST, Backlog, _Waiting

MB = 1024 * 1024


class Clock:
    """Seconds, as a test says."""

    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


class One:
    """A connection for which something waits."""

    def __init__(self, person: str, size: int) -> None:
        self.person, self.size, self.is_cut = person, size, False

    def waiting(self) -> int:
        return 0 if self.is_cut else self.size

    def cut(self) -> None:
        self.is_cut = True


def _tell(backlog: Backlog, *ones: One) -> None:
    """As connections do, without a loop whose clock would run on."""
    for one in ones:
        backlog._late[one] = _Waiting(backlog._clock())


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3 * MB)), max_size=120))
def test_after_a_look_no_more_waits_than_one_and_all_may_have(made: list[tuple[int, int]]) -> None:
    backlog = Backlog(clock=Clock())
    ones = [One(f"person {person}", size) for person, size in made]
    _tell(backlog, *ones)
    backlog.look()
    assert sum(one.waiting() for one in ones) <= OF_ALL
    for person in range(13):
        theirs = [one for one in ones if one.person == f"person {person}"]
        assert sum(one.waiting() for one in theirs) <= OF_ONE
        if sum(one.size for one in ones) <= OF_ALL and sum(one.size for one in theirs) <= OF_ONE:
            assert not any(one.is_cut for one in theirs)  # nobody is cut for what others leave


def test_the_fullest_of_whoever_has_most_goes_first() -> None:
    backlog = Backlog(clock=Clock())
    ones = [One("greedy", size * MB) for size in (1, 5, 2, 3)] + [One("slow", 3 * MB)]
    _tell(backlog, *ones)
    backlog.look()
    assert [one.is_cut for one in ones] == [False, True, False, False, False]


def test_a_little_may_wait_for_as_long_as_it_likes_and_much_may_not() -> None:
    clock = Clock()
    backlog = Backlog(clock=clock)
    little, much = One("a", LITTLE), One("b", MB)
    _tell(backlog, little, much)
    for _ in range(int(BEHIND + MB / SLOWEST)):
        clock.now += 1
        backlog.look()
        assert not much.is_cut
    clock.now += 1.5
    backlog.look()
    assert (much.is_cut, little.is_cut) == (True, False)
    assert len(backlog) == 1
    little.size = 0
    backlog.look()
    assert not len(backlog)


def test_who_reads_on_is_never_late() -> None:
    clock = Clock()
    backlog = Backlog(clock=clock)
    slow = One("a", MB)
    _tell(backlog, slow)
    for second in range(600):
        clock.now += 1
        slow.size = MB - (second % 60) * 17_400
        backlog.look()
        assert not slow.is_cut
