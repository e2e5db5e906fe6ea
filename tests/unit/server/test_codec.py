"""Ids, times and the codec."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asnity_server.protocol import codec, ids, requests, times
from asnity_server.protocol.errors import BY_CODE, AsnityError, ErrorInfo, Invalid, TooLarge, from_info


@given(st.integers(-(10**12), 10**14))
def test_times_go_over_the_wire_and_back(milliseconds: int) -> None:
    text = times.to_wire(milliseconds)
    assert times.from_wire(text) == milliseconds
    expected = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    assert text == expected.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T09:00:00.001+09:00", 1),
        ("1970-01-01t00:00:00.123456789z", 123),
        ("1969-12-31T23:59:59.999Z", -1),
    ],
)
def test_times_of_others(text: str, milliseconds: int) -> None:
    assert times.from_wire(text) == milliseconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-11-20",
        "2026-11-20 10:00:00Z",
        "2026-11-20T10:00:00",
        "2026-02-30T00:00:00Z",
        "0000-01-01T00:00:00Z",
    ],
)
def test_times_that_are_none(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        times.from_wire(text, field="at")
    assert refused.value.info.field == "at"


def test_ids_tell_what_they_are_of() -> None:
    community_id = ids.new_id()
    channel_id = ids.new_channel_id(community_id)
    assert ids.is_id(community_id)
    assert ids.is_channel_id(channel_id)
    assert ids.community_of(channel_id) == community_id
    assert ids.community_of_namespace(ids.namespace_of(community_id)) == community_id
    assert len({ids.new_id() for _ in range(1000)}) == 1000


@given(st.text())
def test_namespaces_that_are_none(text: str) -> None:
    found = ids.community_of_namespace(text)
    assert found is None or ids.namespace_of(found) == text
    assert not ids.is_id(text + "\n")


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (b"", None),
        (b"{", None),
        (b"[]", None),
        (b"null", None),
        (b"\xff\xfe", None),
        (b"[" * 100_000, None),
        (b'{"channelId": "x"}', "content"),
        (b'{"channelId": "x", "content": 3}', "content"),
        (b'{"channelId": "x", "content": "a", "surprise": 1}', "surprise"),
        (b'{"channelId": "x", "content": "a", "replyTo": -1}', "replyTo"),
        (b'{"channelId": "x", "content": "a", "replyTo": 1.5}', "replyTo"),
        (b'{"channelId": "x", "content": "a", "replyTo": 9007199254740992}', "replyTo"),
        (b'{"channelId": "x", "content": "a", "replyTo": "1"}', "replyTo"),
        (b'{"channelId": "x", "content": "a", "replyTo": true}', "replyTo"),
        (b'{"channelId": "x", "content": "a", "nonce": ""}', "nonce"),
        (b'{"channelId": "x", "content": "a", "nonce": "two words"}', "nonce"),
        (b'{"channelId": "x", "content": "a", "nonce": "a\\n"}', "nonce"),
        (b'{"channelId": {"$ne": 1}, "content": "a"}', "channelId"),
    ],
)
def test_what_is_no_request_is_refused_by_its_field(data: bytes, field: str | None) -> None:
    with pytest.raises(Invalid) as refused:
        codec.decode(data, requests.PostMessage)
    assert refused.value.info.field == field
    assert refused.value.info.message.isprintable()


def test_what_was_sent_never_comes_back_as_control_characters() -> None:
    with pytest.raises(Invalid) as refused:
        codec.decode(b'{"\\u001b]0;x\\u0007": 1}', requests.Empty)
    assert "\x1b" not in refused.value.info.message + (refused.value.info.field or "")


def _refusal(value: object, kind: type[requests.Request]) -> ErrorInfo | None:
    try:
        codec.convert(value, kind)
    except (Invalid, TooLarge) as error:
        return error.info
    return None


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=10,
    )
)
def test_nonsense_is_refused_in_words(value: object) -> None:
    for kind in (requests.PostMessage, requests.Join, requests.MoveReadMarker, requests.Empty):
        refusal = _refusal(value, kind)
        assert refusal is None or refusal.message.isprintable()


def test_errors_go_over_the_wire_and_back() -> None:
    for code, kind in BY_CODE.items():
        info = ErrorInfo(code=code, message="words", field="name", retry_after=1.5)
        found = codec.error_info(codec.to_builtins(info))
        assert found == info
        assert type(from_info(found)) is kind
        assert from_info(found).info == info
    assert codec.encode(ErrorInfo(code="invalid", message="words")) == b'{"code":"invalid","message":"words"}'
    assert b"retryAfter" in codec.encode(ErrorInfo(code="rate-limited", message="words", retry_after=1.0))


@pytest.mark.parametrize("nonsense", [None, 3, [], {}, {"code": "new"}, {"code": "invalid", "message": 3}])
def test_a_server_that_answers_nonsense_is_an_error_in_words(nonsense: object) -> None:
    assert codec.error_info(nonsense).code == "internal"


def test_every_error_has_a_code_and_a_status() -> None:
    kinds = AsnityError.__subclasses__()
    assert {kind.code for kind in kinds} == set(BY_CODE)
    assert {kind.status for kind in kinds} == {400, 401, 403, 404, 409, 413, 429, 500, 503}


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3) | st.just("x" * 9000),
    lambda inner: st.lists(inner, max_size=60) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)
_REQUESTS = [each for each in vars(requests).values() if isinstance(each, type) and issubclass(each, msgspec.Struct)]


@given(st.data(), st.sampled_from(_REQUESTS))
def test_whatever_is_wrong_with_a_request_is_said_in_words_for_people(data: st.DataObject, kind: type) -> None:
    names = [each.encode_name for each in msgspec.structs.fields(kind)]
    value = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(names, _VALUES)))
    told = "."
    try:
        codec.convert(value, kind)
    except AsnityError as error:
        told = error.info.message
    assert not {"`", "Expected"} & {*told, *told.split()}
    assert told.endswith(".")


def test_a_password_that_is_too_short_is_told_how_long_it_has_to_be() -> None:
    with pytest.raises(Invalid) as refused:
        codec.convert({"username": "mina", "password": "short"}, requests.SignUp)
    assert (refused.value.info.field, refused.value.info.message) == ("password", "This needs at least 8 characters.")
