"""Tests of the commits that are kept for gateways that come late."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from asnity_server.link import recent_commits
from asnity_server.link.recent_commits import EncodedChange, RecentCommits


def test_what_is_kept_is_bounded() -> None:
    recent = RecentCommits(5)
    for number in range(6, 6 + recent_commits.COMMITS + 3):
        recent.add(number, (EncodedChange("lab", Raw(b"x")),))
    assert len(recent) == recent_commits.COMMITS
    assert not recent.covers(7)
    assert recent.covers(8)
    large = RecentCommits(0)
    for number in range(1, 12):
        large.add(number, (EncodedChange("lab", Raw(bytes(recent_commits.BYTES // 10))),))
    assert len(large) == 10


@given(
    st.lists(st.lists(st.sampled_from(("lab", "den", None)), max_size=3), max_size=12),
    st.integers(0, 12),
    st.sets(st.sampled_from(("lab", "den"))),
)
def test_what_concerns_a_gateway_is_told_late_in_order(
    commits: list[list[str | None]], held: int, wanted: set[str]
) -> None:
    recent = RecentCommits(0)
    for number, communities in enumerate(commits, 1):
        changes = [EncodedChange(each, Raw(f"{number} {place}".encode())) for place, each in enumerate(communities)]
        recent.add(number, tuple(changes))
    expected = [
        (number, [f"{number} {place}".encode() for place, each in enumerate(communities) if each in (None, *wanted)])
        for number, communities in enumerate(commits, 1)
        if number > held
    ]
    told = [(number, [bytes(each) for each in changes]) for number, changes in recent.beyond(held, wanted)]
    assert told == [each for each in expected if each[1]]
