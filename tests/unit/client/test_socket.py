"""The socket door: namespaces on a live connection, acknowledgements, events, and everything that can go wrong."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from asnity_server.protocol import codec, errors, events, requests, routes
from asnity_tui.client.transport.client import NoAnswer, Unreachable
from tests.contract.harness import Recorder
from tests.fakes.proxy import proxy_to
from tests.fakes.raw_server import Line, RawServer

from .socket_requests import GENERAL, HERE, THERE, TYPING, Dial, ask_typing, namespace, say_done

# Namespaces


async def test_the_persons_own_namespace_comes_first_and_others_on_the_same_line(server: RawServer, dial: Dial) -> None:
    door = await dial(server.url, HERE, THERE)
    assert [each.split(",")[0] for each in server.line.received] == [
        "40/socket/user",
        f"40{namespace(HERE)}",
        f"40{namespace(THERE)}",
    ]
    assert server.auths == [{"token": "secret"}] * 3
    await door.exit(HERE)
    await server.until(lambda: f"41{namespace(HERE)}," in server.line.received)
    server.answer = say_done
    await ask_typing(door, THERE)
    with pytest.raises(Unreachable):
        await ask_typing(door, HERE)
    await door.enter(HERE)
    await ask_typing(door, HERE)
    assert len(server.lines) == 1


async def test_a_refused_namespace_says_why_and_harms_no_other(server: RawServer, dial: Dial) -> None:
    server.refusals[namespace(THERE)] = {"message": "No.", "data": {"code": "not-found", "message": "No such thing."}}
    door = await dial(server.url, HERE)
    with pytest.raises(errors.NotFound, match=r"No such thing\."):
        await door.enter(THERE)
    server.answer = say_done
    await ask_typing(door)


async def test_a_token_that_is_not_good_opens_nothing(server: RawServer, dial: Dial, heard: Recorder) -> None:
    server.refusals["/socket/user"] = {"message": "No.", "data": {"code": "unauthorized", "message": "Sign in."}}
    with pytest.raises(errors.Unauthorized):
        await dial(server.url)
    assert heard.lost == []


@pytest.mark.parametrize("told", [None, 5, "Unable to connect", [], {"message": "No."}, {"data": {"code": "made-up"}}])
async def test_a_refusal_without_sense_is_an_error_in_words(server: RawServer, dial: Dial, told: Any) -> None:
    server.refusals[namespace(HERE)] = told
    with pytest.raises(errors.Internal):
        await dial(server.url, HERE)


async def test_a_namespace_that_the_server_closes_is_told_alone(server: RawServer, dial: Dial, heard: Recorder) -> None:
    door = await dial(server.url, HERE, THERE)
    waiting = asyncio.ensure_future(ask_typing(door, HERE))
    await server.until(lambda: len(server.asked) == 1)
    await server.line.send(f"41{namespace(HERE)},")
    await heard.until(lambda: heard.lost_namespaces == [HERE], "the end of the namespace")
    with pytest.raises(NoAnswer):
        await waiting
    server.answer = say_done
    await ask_typing(door, THERE)
    assert heard.lost == []
    with pytest.raises(Unreachable):
        await ask_typing(door, HERE)
    await door.enter(HERE)


async def test_losing_the_own_namespace_is_losing_the_connection(
    server: RawServer, dial: Dial, heard: Recorder
) -> None:
    door = await dial(server.url, HERE)
    await server.line.send("41/socket/user,")
    await heard.until(lambda: heard.lost, "the end of the connection")
    with pytest.raises(Unreachable):
        await ask_typing(door)
    assert heard.lost_namespaces == []


async def test_entering_twice_at_once_asks_once(server: RawServer, dial: Dial) -> None:
    door = await dial(server.url)
    await asyncio.gather(door.enter(HERE), door.enter(HERE))
    await door.enter(HERE)
    assert len(server.auths) == 2


# Requests


async def test_an_acknowledgement_is_the_answer(server: RawServer, dial: Dial) -> None:
    async def answer(line: Line, where: str, number: int, data: list[Any]) -> None:
        counters = {"lastId": 9, "rev": 9, "readId": data[1]["readId"], "unread": 5, "mentions": 0}
        await line.acknowledge(where, number, {"ok": True, **counters, "later": "field"})

    server.answer = answer
    door = await dial(server.url, HERE)
    read = await door.ask(HERE, routes.READ, requests.MoveReadMarker(channel_id=GENERAL, read_id=4))
    assert (read.read_id, read.unread) == (4, 5)
    assert server.asked[0][2] == ["read", {"channelId": GENERAL, "readId": 4, "setBack": False}]


async def test_what_is_none_is_not_sent_and_chats_say_their_type(server: RawServer, dial: Dial) -> None:
    async def refuse(line: Line, where: str, number: int, data: list[Any]) -> None:
        await line.acknowledge(where, number, {"written": False, "error": {"code": "too-large", "message": "Long."}})

    server.answer = refuse
    door = await dial(server.url, HERE)
    with pytest.raises(errors.TooLarge, match="Long"):
        await door.ask(HERE, routes.CHAT_NEW, requests.NewChat(channel_id=GENERAL, content="hi", nonce="n"))
    assert server.asked[0][2] == ["chat", {"chatType": "new", "channelId": GENERAL, "content": "hi", "nonce": "n"}]


@pytest.mark.parametrize(
    "told", [[], [None], [5], ["yes"], [{}], [{"ok": 1}], [[]], [{"ok": False}], [{"written": False, "error": 3}]]
)
async def test_an_acknowledgement_without_sense_is_an_error_in_words(
    server: RawServer, dial: Dial, told: list[Any]
) -> None:
    async def answer(line: Line, where: str, number: int, data: list[Any]) -> None:
        await line.acknowledge(where, number, *told)

    server.answer = answer
    door = await dial(server.url, HERE)
    with pytest.raises(errors.Internal):
        await door.ask(HERE, routes.READ, requests.MoveReadMarker(channel_id=GENERAL, read_id=4))


async def test_without_an_acknowledgement_the_outcome_is_unknown(server: RawServer, dial: Dial) -> None:
    door = await dial(server.url, HERE, patience=0.05)
    with pytest.raises(NoAnswer):
        await ask_typing(door)
    assert len(server.asked) == 1


async def test_an_acknowledgement_that_comes_late_or_twice_or_to_nobody_harms_nothing(
    server: RawServer, dial: Dial, heard: Recorder
) -> None:
    door = await dial(server.url, HERE, patience=0.2)
    with pytest.raises(NoAnswer):
        await ask_typing(door)
    (where, number, _) = server.asked[0]
    for each in (number, number, number + 50):
        await server.line.acknowledge(where, each, {"ok": True})
    server.answer = say_done
    await ask_typing(door)
    assert heard.lost == []


async def test_a_cut_ends_all_that_waits_at_once(server: RawServer, dial: Dial, heard: Recorder) -> None:
    async with proxy_to(server.port) as proxy:
        door = await dial(proxy.url, HERE, THERE, patience=60)
        waiting = [asyncio.ensure_future(ask_typing(door, each)) for each in (HERE, THERE, HERE)]
        await server.until(lambda: len(server.asked) == 3)
        proxy.cut()
        for each in await asyncio.gather(*waiting, return_exceptions=True):
            assert isinstance(each, NoAnswer)
        await heard.until(lambda: heard.lost, "the end of the connection")
        assert len(heard.lost) == 1
        assert heard.lost_namespaces == []
        with pytest.raises(Unreachable):
            await ask_typing(door)


async def test_closing_tells_nobody_and_ends_what_waits(server: RawServer, dial: Dial, heard: Recorder) -> None:
    door = await dial(server.url, HERE, patience=60)
    waiting = asyncio.ensure_future(ask_typing(door))
    await server.until(lambda: len(server.asked) == 1)
    await door.close()
    with pytest.raises(NoAnswer):
        await waiting
    assert heard.lost == []
    await door.close()


async def test_closing_a_stalled_line_does_not_wait_for_it(server: RawServer, dial: Dial, monkeypatch: Any) -> None:
    monkeypatch.setattr("asnity_tui.client.transport.socketio_client.CLOSING", 0.05)
    async with proxy_to(server.port) as proxy:
        door = await dial(proxy.url, HERE)
        proxy.stall()
        await door.close()


# Events


async def test_events_come_typed_and_in_order(server: RawServer, dial: Dial, heard: Recorder) -> None:
    await dial(server.url, HERE)
    for number in range(200):
        if number % 2:
            await server.line.event("/socket/user", "community-removed", {"communityId": str(number), "reason": "left"})
        else:
            await server.line.event(namespace(HERE), "typing", {"channelId": str(number), "userId": "u"})
    await heard.until(lambda: len(heard.told) == 200, "all events")
    for number, told in enumerate(heard.told):
        if number % 2:
            assert told.payload == events.CommunityRemoved(community_id=str(number), reason="left")
            assert told.community_id is None
        else:
            assert told.payload == events.TypingNow(channel_id=str(number), user_id="u")
            assert told.community_id == HERE


async def test_events_before_an_answer_arrive_before_it(server: RawServer, dial: Dial, heard: Recorder) -> None:
    async def answer(line: Line, where: str, number: int, data: list[Any]) -> None:
        for _ in range(10):
            await line.event(where, "typing", TYPING)
        await line.acknowledge(where, number, {"ok": True})

    server.answer = answer
    door = await dial(server.url, HERE)
    await ask_typing(door)
    assert len(heard.told) == 10


async def test_unknown_and_senseless_events_are_left_out(server: RawServer, dial: Dial, heard: Recorder) -> None:
    await dial(server.url, HERE)
    line = server.line
    await line.event(namespace(HERE), "brand-new-event", {"a": 1})
    await line.event(namespace(HERE), "community-added", {"community": {}})
    await line.event(namespace(HERE), "new-chat", {"id": "one"})
    await line.event(namespace(HERE), "new-chat", 5)
    await line.event(namespace(HERE), "new-chat")
    await line.event(namespace(HERE), "typing", {"channelId": 5})
    await line.event(namespace(HERE), "connect")
    await line.event(namespace(HERE), "connect_error", {"message": "x"})
    await line.event(namespace(THERE), "typing", TYPING)
    await line.event("/elsewhere", "typing", TYPING)
    await line.event(namespace(HERE), "typing", TYPING | {"more": 1})
    await heard.until(lambda: heard.told, "the good one")
    assert [(each.name, each.payload) for each in heard.told] == [("typing", codec.convert(TYPING, events.TypingNow))]


@pytest.mark.parametrize(
    "nonsense",
    [
        "",
        "9",
        "4",
        "49",
        "4x",
        "42/socket/user,{not json",
        "42/socket/user,[]",
        "42/socket/user,5",
        "42/socket/user",
        '42/socket/user,[{"a":1}]',
        "43/socket/user,1",
        "43/socket/user,0[1]",
        f"43{namespace(HERE)},0[1]",
        f"43{namespace(HERE)},1{{}}",
        "45100000000000-/socket/user,[1]",
        '451-["x",{"_placeholder":true,"num":7}]',
        "40/socket/user,5",
        "44",
        "44/socket/user,5",
        "41",
        "2probe",
        "3",
        "6",
        "\x00",
        "4" + "[" * 5000,
    ],
    ids=lambda text: f"{text[:30]!r}",
)
async def test_packets_without_sense_end_the_connection_at_worst(
    server: RawServer, dial: Dial, heard: Recorder, nonsense: str, caplog: pytest.LogCaptureFixture
) -> None:
    door = await dial(server.url, HERE)
    await server.line.send(nonsense)
    server.answer = say_done
    try:
        await ask_typing(door)
    except errors.Internal:
        assert nonsense.startswith("43")  # taken for the answer
    except (NoAnswer, Unreachable):
        await heard.until(lambda: heard.lost, "the end of the connection")
    await door.close()
    assert not [each for each in caplog.records if each.name == "asyncio"]


async def test_a_binary_frame_is_nonsense_too(server: RawServer, dial: Dial, heard: Recorder) -> None:
    await dial(server.url, HERE)
    await server.line.ws.send_bytes(b"\x00\x01")
    await heard.until(lambda: heard.lost, "the end of the connection")


async def test_a_frame_without_end_ends_the_connection(
    server: RawServer, dial: Dial, heard: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asnity_tui.client.transport.socketio_client.LARGEST_FRAME", 300_000)
    await dial(server.url)
    await server.line.send(f'42/socket/user,["community-added",{{"x":"{"x" * 200_000}"}}]')
    await server.line.send(f'42/socket/user,["community-added",{{"x":"{"x" * 400_000}"}}]')
    await heard.until(lambda: heard.lost, "the loss of the connection")
    assert heard.told == []


async def test_a_listener_that_fails_stops_nothing(
    server: RawServer, dial: Dial, heard: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    await dial(server.url, HERE)
    remembered = heard.event
    failures = iter([TypeError("defect"), ValueError("defect")])

    def event(*told: Any) -> None:
        failure = next(failures, None)
        if failure:
            raise failure
        remembered(*told)

    monkeypatch.setattr(heard, "event", event)
    for _ in range(3):
        await server.line.event(namespace(HERE), "typing", TYPING)
    await heard.until(lambda: heard.told, "the third event")
    assert len(heard.told) == 1
