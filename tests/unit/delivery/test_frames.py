"""WebSocket frames: whatever is masked and cut comes out as it went in, and nothing else comes out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asnity_server.gateway.delivery import frames

LIMIT = 1000


def masked(payload: bytes, opcode: int = frames.TEXT, *, last: bool = True, mask: bytes = b"\x01\x02\x03\x04") -> bytes:
    """A client's frame."""
    plain = frames.frame(payload, opcode)
    header = len(plain) - len(payload)
    first = plain[0] if last else plain[0] & 0x7F
    return bytes((first, plain[1] | 0x80)) + plain[2:header] + mask + frames.unmask(mask, payload)


@given(st.binary(max_size=70_000), st.binary(min_size=4, max_size=4))
def test_masking_twice_is_nothing(payload: bytes, mask: bytes) -> None:
    once = frames.unmask(mask, payload)
    assert once == bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
    assert frames.unmask(mask, once) == payload


@given(
    st.lists(
        st.tuples(
            st.sampled_from([frames.TEXT, frames.BINARY]), st.lists(st.binary(max_size=300), min_size=1, max_size=3)
        )
    ),
    st.lists(st.integers(1, 50)),
    st.booleans(),
)
def test_messages_come_out_whole_however_they_are_cut(
    messages: list[tuple[int, list[bytes]]], cuts: list[int], pings: bool
) -> None:
    data, expected = b"", []
    for opcode, parts in messages:
        for index, part in enumerate(parts):
            data += masked(part, opcode if index == 0 else 0, last=index == len(parts) - 1)
            if pings and index < len(parts) - 1:
                data += masked(b"?", frames.PING)
                expected.append((frames.PING, b"?"))
        expected.append((opcode, b"".join(parts)))
    parser, found = frames.Parser(LIMIT), []
    for cut in cuts:
        found += parser.feed(data[:cut])
        data = data[cut:]
    assert found + parser.feed(data) == expected


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frames.frame(b"not masked"), frames.PROTOCOL_ERROR),
        (b"\xc1\x80" + b"\0" * 4, frames.PROTOCOL_ERROR),  # a reserved bit: compression was never agreed to
        (b"\x83\x80" + b"\0" * 4, frames.PROTOCOL_ERROR),  # an unknown opcode
        (b"\x09\x80" + b"\0" * 4, frames.PROTOCOL_ERROR),  # a control frame in parts
        (b"\x89\xfe\x00\x80", frames.PROTOCOL_ERROR),  # a long control frame
        (masked(b"x", 0), frames.PROTOCOL_ERROR),  # nothing to continue
        (masked(b"x", last=False) + masked(b"y"), frames.PROTOCOL_ERROR),  # a message inside a message
        (masked(b"x" * (LIMIT + 1)), frames.TOO_BIG),
        (b"\x81\xff" + (2**62).to_bytes(8, "big"), frames.TOO_BIG),
        (masked(b"x" * 600, last=False) + masked(b"x" * 600, 0), frames.TOO_BIG),
        (masked(b"x", last=False) + masked(b"", 0, last=False) * 2 * LIMIT, frames.TOO_BIG),  # an endless run
    ],
)
def test_what_a_client_may_not_send_is_refused(data: bytes, code: int) -> None:
    with pytest.raises(frames.BadFrame) as refused:
        frames.Parser(LIMIT).feed(data)
    assert refused.value.code == code


@given(st.binary(max_size=200), st.integers(1, 20))
def test_nonsense_is_refused_or_waited_for_and_never_kept_without_bound(nonsense: bytes, size: int) -> None:
    parser, kept = frames.Parser(50), 0
    try:
        for start in range(0, len(nonsense), size):
            for opcode, payload in parser.feed(nonsense[start : start + size]):
                kept += len(payload) if opcode != frames.PING else 0
    except frames.BadFrame:
        pass
    assert len(parser._rest) <= 50 + 14 + size


@given(st.lists(st.binary(max_size=40), max_size=40), st.integers(1, 5), st.lists(st.integers(1, 60)))
def test_a_few_at_a_time_they_are_the_same(payloads: list[bytes], most: int, cuts: list[int]) -> None:
    data, parser = b"".join(masked(each) for each in payloads), frames.Parser(LIMIT)
    found: list[tuple[int, bytes]] = []
    for cut in [*cuts, len(data)]:
        some = parser.feed(data[:cut], most)
        data = data[cut:]
        assert len(some) <= most
        found += some
        while parser.more:
            some = parser.feed(b"", most)
            assert len(some) <= most
            found += some
    assert found == [(frames.TEXT, each) for each in payloads]


def test_a_message_that_comes_byte_by_byte_is_looked_at_when_it_is_whole() -> None:
    """Looking each time would cost the square of its length."""
    data, parser, looked = masked(b"x" * 900), frames.Parser(LIMIT), 0
    for position in range(len(data)):
        missing = parser._missing
        found = parser.feed(data[position : position + 1])
        looked += missing <= 1
        assert bool(found) == (position == len(data) - 1)
    assert looked < 20
