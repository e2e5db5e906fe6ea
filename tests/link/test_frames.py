"""Tests of frames: everything that crosses a link survives it, and bytes that are no frame are refused as such."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any, TypeAlias, get_args

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import inspect

from asnity_server import bus
from asnity_server.link import frames
from asnity_server.link.frames import Malformed
from asnity_server.mend import MendAnswer, MendedCommunity, MendRequest, SeatedCommunity
from asnity_server.rate_limits import Rates

UP, DOWN = get_args(frames.Up), get_args(frames.Down)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_ITEMS = 2
"""Items of a list at most; a frame has many lists in each other."""


@cache
def values(kind: Any) -> st.SearchStrategy[Any]:
    """Make values of a type, as msgspec understands it."""
    return _made(inspect.type_info(kind))


def _made(info: inspect.Type) -> st.SearchStrategy[Any]:
    match info:
        case inspect.IntType(ge=least, le=most):
            return st.integers(-(2**53) if least is None else least, 2**53 if most is None else most)
        case inspect.StrType(pattern=pattern, min_length=least, max_length=most):
            some = TEXT if pattern is None else st.from_regex(pattern)
            return some.filter(lambda text: (least or 0) <= len(text) <= (most or len(text)))
        case inspect.BoolType():
            return st.booleans()
        case inspect.NoneType():
            return st.none()
        case inspect.FloatType():
            return st.floats(0, 1e6)
        case inspect.LiteralType(values=options):
            return st.sampled_from(options)
        case inspect.UnionType(types=types):
            return st.one_of(*map(_made, types))
        case inspect.VarTupleType(item_type=item, min_length=least):
            return st.lists(_made(item), min_size=least or 0, max_size=max(least or 0, _ITEMS)).map(tuple)
        case inspect.ListType(item_type=item, min_length=least):
            return st.lists(_made(item), min_size=least or 0, max_size=max(least or 0, _ITEMS))
        case inspect.TupleType(item_types=items):
            return st.tuples(*map(_made, items))
        case inspect.DictType(key_type=key, value_type=value):
            return st.dictionaries(_made(key), _made(value), max_size=_ITEMS)
        case inspect.StructType(cls=cls):
            return _struct(cls)
        case inspect.DataclassType(cls=cls):
            return st.builds(cls, **{each.name: _made(each.type) for each in info.fields})
        case inspect.CustomType(cls=msgspec.UnsetType):
            return st.just(msgspec.UNSET)
    raise AssertionError(f"no values of {info}")


@cache
def _struct(cls: type) -> st.SearchStrategy[Any]:
    fields = inspect.type_info(cls).fields  # type: ignore[attr-defined]
    return st.deferred(lambda: st.builds(cls, **{each.name: _made(each.type) for each in fields}))


FEW = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
"""For each of the many kinds; their values are large."""


@FEW
@given(st.data())
@pytest.mark.parametrize("kind", UP)
def test_what_a_gateway_says_arrives_as_it_is(kind: type, data: st.DataObject) -> None:
    frame = data.draw(values(kind))
    assert frames.decode_up(frames.encode(frame)) == frame


@FEW
@given(st.data())
@pytest.mark.parametrize("kind", [each for each in DOWN if each is not frames.Told])
def test_what_an_api_program_says_arrives_as_it_is(kind: type, data: st.DataObject) -> None:
    frame = data.draw(values(kind))
    assert frames.decode_down(frames.encode(frame)) == frame


def _told(*works: frames.Work) -> frames.Told:
    return frames.Told(1, 2, 1, 3, works)


@FEW
@given(st.data())
@pytest.mark.parametrize("kind", get_args(bus.Change))
def test_every_change_arrives_as_it_is(kind: type, data: st.DataObject) -> None:
    told = _told(frames.Work((data.draw(values(kind)),)))
    assert frames.decode_down(frames.encode(told)) == told


@FEW
@given(st.data())
@pytest.mark.parametrize("kind", get_args(frames.Answer))
def test_every_answer_arrives_as_it_is(kind: type, data: st.DataObject) -> None:
    told = _told(frames.Work((), data.draw(values(kind))))
    assert frames.decode_down(frames.encode(told)) == told


Decode: TypeAlias = Callable[[bytes], object]
BOTH: tuple[Decode, ...] = (frames.decode_up, frames.decode_down)


def _refused_or_read(decode: Decode, payload: bytes) -> None:
    """Nothing but `Malformed` may come of it, since nothing else ends a link."""
    with suppress(Malformed):
        decode(payload)


@given(st.sampled_from(BOTH), st.binary(max_size=200))
def test_bytes_that_are_no_frame_are_refused(decode: Decode, payload: bytes) -> None:
    _refused_or_read(decode, payload)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(), TEXT, st.binary(max_size=9)),
    lambda some: st.one_of(st.lists(some, max_size=6), st.dictionaries(TEXT, some, max_size=3)),
    max_leaves=12,
)
NAMES = tuple(sorted({each.__name__ for each in (*UP, *DOWN, *get_args(bus.Change), *get_args(frames.Answer))}))


@given(st.sampled_from(BOTH), st.sampled_from(NAMES), st.lists(JSON, max_size=9))
def test_frames_of_other_things_are_refused(decode: Decode, name: str, fields: list[object]) -> None:
    _refused_or_read(decode, msgspec.msgpack.encode([name, *fields]))


@cache
def _samples() -> tuple[tuple[Decode, bytes], ...]:
    """One encoded frame of many kinds."""
    mended = MendedCommunity("lab", 3, {"a": "kicked"}, ("lab-1",), {"b": (0,)}, {"lab-1": 4}, (("b", "lab-1", True),))
    down: tuple[Any, ...] = (
        frames.Welcome(frames.VERSION, "1", "s", False, True, 0, "g", 1, 2, 3, Rates()),
        _told(
            frames.Work((bus.MemberTyping("lab-1", "a"), bus.SessionsEnded(("s",), "signed-out"))),
            frames.Work((), frames.AuthorizedAnswer(7, "a", "s")),
            frames.Work((), frames.MendedAnswer(8, MendAnswer((mended,)))),
        ),
        frames.Beat(1, 2, 2, 3, 4),
        frames.Here("lab", {"a": "away"}, True),
    )
    up: tuple[Any, ...] = (
        frames.Hello(frames.VERSION, "1", "g1", "", 0, "g", 1, 2),
        frames.Mend(2, MendRequest(0, (SeatedCommunity("lab", 0, ("a",), {"lab-1": 3}),), ("a",))),
        frames.Prove(3, ("token", "other")),
        frames.AskEnded(4, {"s": "a"}),
    )
    return tuple((decode, frames.encode(each)) for decode, some in zip(BOTH, (up, down), strict=True) for each in some)


def test_a_frame_that_is_cut_short_is_refused() -> None:
    for decode, payload in _samples():
        decode(payload)
        for length in range(len(payload)):
            with pytest.raises(Malformed):
                decode(payload[:length])
        with pytest.raises(Malformed):
            decode(payload + b"\x00")


@given(st.sampled_from(range(8)), st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_frame_with_other_bytes_in_it_is_refused_or_read(which: int, changes: list[tuple[int, int]]) -> None:
    decode, payload = _samples()[which]
    altered = bytearray(payload)
    for place, byte in changes:
        altered[place % len(altered)] = byte
    _refused_or_read(decode, bytes(altered))


def test_what_is_nested_without_end_is_refused() -> None:
    for decode in BOTH:
        for opening in (b"\x91", b"\x81\xa1a", b"\x92\xa4Told\x91"):
            with pytest.raises(Malformed):
                decode(opening * 100_000)
