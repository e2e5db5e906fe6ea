"""Socket.IO packets, taken apart and put together; the library's own packet is the judge."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from socketio.packet import Packet

from asnity_server.gateway.delivery import packets

NAMESPACE = st.sampled_from(["/", "/socket/user", "/socket/commu-abcdefghijkl"])


@given(
    NAMESPACE,
    st.none() | st.integers(0, 10**15),
    st.text(max_size=10),
    st.lists(st.none() | st.integers() | st.text(), max_size=2),
)
def test_events_of_the_library_are_understood(
    namespace: str, number: int | None, name: str, rest: list[object]
) -> None:
    text = Packet(data=[name, *rest], namespace=namespace, id=number).encode()
    packet = packets.parse(text)
    assert (packet.type, packet.namespace, packet.id) == (packets.EVENT, namespace, number)
    try:
        found, arguments = packets.event_of(packet.json)
    except packets.BadPacket:
        assert not text.isascii() or "\\ud" in text  # lone surrogates are no text
        return
    assert [found, *(json.loads(bytes(each)) for each in arguments)] == [name, *rest]


@given(
    NAMESPACE,
    st.none() | st.integers(0, 10**15),
    st.dictionaries(st.text(max_size=5), st.integers(0, 9) | st.booleans()),
)
def test_the_library_understands_what_is_made_here(namespace: str, number: int | None, data: dict[str, object]) -> None:
    packet = Packet(encoded_packet=packets.payload(packets.ACK, namespace, [data], number))
    assert (packet.packet_type, packet.namespace or "/", packet.id, packet.data) == (
        packets.ACK,
        namespace,
        number,
        [data],
    )


@given(st.text(max_size=60))
def test_any_text_is_a_packet_or_refused(text: str) -> None:
    for nonsense in (text, "2" + text, "2/a," + text, "51-" + text, "5" + text):
        try:
            packet = packets.parse(nonsense)
            packets.event_of(packet.json)
        except packets.BadPacket:
            pass


PARTS = st.tuples(
    st.sampled_from(["2", "20", "0", "3"]),
    st.sampled_from(["/a", "/", "", "/a?b", "/socket/commu-x"]),
    st.sampled_from([",", "", ",,"]),
    st.sampled_from(["", "1", "007", "1234567890123456", "12345678901234567", "²", "٢", "-1", " 1"]),
    st.sampled_from(['["a"]', "", "[", '{"a":["x"]}', '[",[1"]', " []"]),
)


@given(PARTS)
def test_the_short_way_comes_to_the_same(parts: tuple[str, ...]) -> None:
    short = packets._parse_request("".join(parts))
    assert short is None or short == packets._parse_any("".join(parts))


def test_the_short_way_is_taken() -> None:
    found = packets._parse_request('2/socket/commu-abcdefghijkl,12["chat",{"content":"[1], 2"}]')
    assert found == (packets.EVENT, "/socket/commu-abcdefghijkl", 12, '["chat",{"content":"[1], 2"}]')


@pytest.mark.parametrize("text", ["", "7", "x", "5", "5-", "5x-[]", "2" + "1" * 17, "٢[]"])
def test_what_is_no_packet(text: str) -> None:
    with pytest.raises(packets.BadPacket):
        packets.parse(text)
