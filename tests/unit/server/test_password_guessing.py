"""How often passwords may be tried: nobody guesses one, and nobody locks anybody else out."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asnity_server.api.accounts.password_guessing import KnownAddresses, PasswordLimits, SignUpLimits
from asnity_server.api.accounts.peer import Peer
from asnity_server.protocol.errors import RateLimited
from asnity_server.rate_limits import LONG, UNLIMITED, Rate

TEN = Rate.parse("10/min")


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def _tried(guesses: PasswordLimits, address: str, name: str, owner: str | None = "alice's id") -> bool:
    try:
        guesses.require(Peer(address), name)
        guesses.take(Peer(address), name, owner)
    except RateLimited:
        return False
    return True


def test_wrong_passwords_from_elsewhere_lock_nobody_out() -> None:
    guesses = PasswordLimits(TEN, clock=Clock())
    assert [_tried(guesses, "mallory's", "alice") for _ in range(11)] == [True] * 10 + [False]
    assert _tried(guesses, "alice's", "alice")


def test_one_account_is_not_tried_endlessly_from_many_addresses() -> None:
    clock = Clock()
    guesses = PasswordLimits(TEN, clock=clock)
    assert sum(_tried(guesses, f"a-{number}", "alice") for number in range(1000)) == 100
    assert _tried(guesses, "a-1000", "bob", "bob's id")
    clock.now += 3600
    assert sum(_tried(guesses, f"b-{number}", "alice") for number in range(1000)) == 100
    clock.now += 60
    assert sum(_tried(guesses, f"c-{number}", "alice") for number in range(1000)) == 10


def test_where_somebody_has_signed_in_the_tries_of_strangers_do_not_count() -> None:
    guesses = PasswordLimits(TEN, clock=Clock())
    guesses.recognise("alice's id", Peer("home"))
    for number in range(1000):
        _tried(guesses, f"a-{number}", "alice")
    assert not _tried(guesses, "elsewhere", "alice")
    assert [_tried(guesses, "home", "alice") for _ in range(11)] == [True] * 10 + [False]
    assert not _tried(guesses, "home", "bob", "bob's id")  # the address itself has had its ten


def test_one_address_tries_many_accounts_three_times_as_fast_as_one() -> None:
    clock = Clock()
    guesses = PasswordLimits(TEN, clock=clock)
    assert sum(_tried(guesses, "a", f"person{number}", None) for number in range(100)) == 10
    clock.now += 20
    assert sum(_tried(guesses, "a", f"person{number}", None) for number in range(100)) == 10
    clock.now += 20
    assert sum(_tried(guesses, "a", "alice") for number in range(100)) == 10
    clock.now += 20
    assert sum(_tried(guesses, "a", "alice") for number in range(100)) == 3


def test_what_is_refused_for_one_reason_counts_for_no_other() -> None:
    clock = Clock()
    guesses = PasswordLimits(TEN, clock=clock)
    for _ in range(200):
        _tried(guesses, "mallory's", "alice")
    assert sum(_tried(guesses, f"a-{number}", "alice") for number in range(1000)) == 90


def test_names_that_cannot_be_and_those_that_are_nobodys_count_the_same_at_an_address() -> None:
    guesses = PasswordLimits(TEN, clock=Clock())
    for number in range(5):
        guesses.take_nobodys(Peer("a"))
        assert _tried(guesses, "a", f"nobody{number}", None)
    with pytest.raises(RateLimited):
        guesses.take_nobodys(Peer("a"))


def test_changing_a_password_counts_by_the_session_alone() -> None:
    guesses = PasswordLimits(TEN, clock=Clock())
    for number in range(1000):
        _tried(guesses, f"a-{number}", "alice")
    for _ in range(10):
        guesses.take_own("stolen")
    with pytest.raises(RateLimited):
        guesses.take_own("stolen")
    guesses.take_own("alice's own")


def _site(number: int) -> Peer:
    return Peer(f"2001:db8:1:{number:x}::/64", site="2001:db8:1::/48")


def test_all_the_networks_of_one_site_try_as_much_as_ten_addresses() -> None:
    clock = Clock()
    guesses, tried = PasswordLimits(TEN, clock=clock), 0
    for minute in (0, 1):
        clock.now += 60 * minute
        before = tried
        for number in range(500):
            try:
                guesses.take(_site(number), f"person{number}", None)
                tried += 1
            except RateLimited:
                pass
        assert tried - before == 100
    with pytest.raises(RateLimited):
        guesses.take_nobodys(_site(1000))
    guesses.take(Peer("2001:db8:2:1::/64", site="2001:db8:2::/48"), "alice", None)
    guesses.take(Peer("192.0.2.1"), "alice", None)


def test_all_the_networks_of_one_site_sign_up_as_much_as_ten_addresses() -> None:
    sign_ups, done = SignUpLimits(TEN, clock=Clock()), 0
    for number in range(500):
        try:
            sign_ups.take(_site(number))
            done += 1
        except RateLimited:
            pass
    assert done == 100
    sign_ups.take(Peer("2001:db8:2:1::/64", site="2001:db8:2::/48"))


def test_behind_a_new_password_nobody_is_known_by_the_old_one() -> None:
    guesses = PasswordLimits(TEN, clock=Clock())
    guesses.recognise("alice's id", Peer("thief's"))
    guesses.recognise("alice's id", Peer("home"), anew=True)
    for number in range(1000):
        _tried(guesses, f"a-{number}", "alice")
    assert not _tried(guesses, "thief's", "alice")
    assert _tried(guesses, "home", "alice")


def test_without_a_limit_nothing_is_limited() -> None:
    guesses = PasswordLimits(UNLIMITED, clock=Clock())
    assert all(_tried(guesses, "a", "alice") for _ in range(1000))


_ADDRESSES = st.sampled_from(["a", "b", "c", "d", "e", "home"])
_NAMES = st.sampled_from(["alice", "bob", "\ufdfa" * 2000])


@given(st.lists(st.tuples(_ADDRESSES, _NAMES, st.floats(0, 5)), max_size=300))
def test_guesses_are_bounded_whoever_makes_them_and_in_whatever_order(tries: list[tuple[str, str, float]]) -> None:
    clock = Clock()
    guesses = PasswordLimits(Rate(2, 6.0), clock=clock)
    guesses.recognise("alice", Peer("home"))
    pairs: Counter[tuple[str, str]] = Counter()
    for address, name, pause in tries:
        clock.now += pause
        pairs[address, name] += _tried(guesses, address, name, name)
        passed = clock.now - 1000.0
        assert pairs[address, name] <= 2 + passed / 6 + 1e-6
        assert sum(many for (where, _), many in pairs.items() if where == address) <= 2 + passed / 2 + 1e-6
        strangers = sum(
            many for (where, who), many in pairs.items() if who == name and (where, who) != ("home", "alice")
        )
        assert strangers <= 20 + passed / 6 + 1e-6
    for limit in (guesses._pairs, guesses._addresses, guesses._strangers):
        assert all(len(kept) <= LONG for kept in limit._full_at)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=300))
def test_no_more_is_remembered_of_where_people_are_than_fits(seen: list[tuple[int, int]]) -> None:
    familiar = KnownAddresses()
    familiar.PEOPLE, familiar.EACH = 5, 3
    for person, address in seen:
        familiar.add(f"p{person}", f"a{address}")
        assert len(familiar) <= 15
        assert familiar.knows(f"p{person}", f"a{address}")
    people = list(dict.fromkeys(person for person, _ in reversed(seen)))
    assert not any(familiar.knows(f"p{each}", f"a{address}") for each in people[5:] for address in range(41))
    for each in people[:1]:
        latest = list(dict.fromkeys(address for person, address in reversed(seen) if person == each))
        assert all(familiar.knows(f"p{each}", f"a{address}") for address in latest[:1])
    assert not familiar.knows(None, "a0")
