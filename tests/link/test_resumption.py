"""Tests of what is kept for a link that is cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from asnity_server.link import resumption
from asnity_server.link.resumption import Unconfirmed


@given(st.lists(st.one_of(st.just("send"), st.integers(0, 30)), max_size=60))
def test_what_the_other_side_lacks_is_sent_again_and_nothing_else(steps: list[object]) -> None:
    kept, sent, confirmed = Unconfirmed(), list[bytes](), 0
    for step in steps:
        if step == "send":
            sent.append(str(len(sent)).encode())
            kept.add(sent[-1])
        elif isinstance(step, int) and kept.confirm(step):
            assert step <= len(sent)
            confirmed = max(confirmed, step)
    for received in range(len(sent) + 2):
        lacking = kept.beyond(received)
        if confirmed <= received <= len(sent):
            assert lacking is not None
            assert [each.payload for each in lacking] == sent[received:]
        else:
            assert lacking is None
    assert kept.count == len(sent)


def test_what_is_kept_is_bounded() -> None:
    kept = Unconfirmed()
    for _ in range(resumption.FRAMES + 10):
        kept.add(b"frame")
    assert len(kept) == resumption.FRAMES
    assert kept.beyond(9) is None
    assert kept.beyond(10) is not None
    large = Unconfirmed()
    for _ in range(20):
        large.add(bytes(resumption.BYTES // 10))
    assert len(large) == 10
