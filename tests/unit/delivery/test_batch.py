"""Joined writes bring everyone exactly what single writes would have, in the same order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from asnity_server.gateway.delivery.batch import Batch

ENDPOINT = st.sampled_from("abcde")
FRAME = st.binary(min_size=1, max_size=3)
STEP = st.one_of(
    st.tuples(st.just("all"), FRAME, st.sets(ENDPOINT, max_size=3)),
    st.tuples(st.just("one"), FRAME, ENDPOINT),
)


@given(st.sets(ENDPOINT), st.lists(STEP, max_size=12))
def test_everyone_gets_what_they_would_have_got_one_by_one(
    members: set[str], steps: list[tuple[str, bytes, object]]
) -> None:
    batch: Batch[str] = Batch()
    expected = dict.fromkeys("abcde", b"")
    for kind, frame, whom in steps:
        if kind == "all":
            assert isinstance(whom, set)
            batch.add(frame, sorted(whom))
            for member in members - whom:
                expected[member] += frame
        else:
            assert isinstance(whom, str)
            batch.insert(whom, frame)
            expected[whom] += frame
    written = list(batch.writes(sorted(members)))
    assert len({endpoint for endpoint, _ in written}) == len(written)  # one write each
    assert dict(written) == {endpoint: data for endpoint, data in expected.items() if data}
