"""Hostile packets are answered in words or refused by closing, never with a traceback, a hang or a side effect."""

from __future__ import annotations

import asyncio
import json
import logging
import threading

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asnity_server.gateway import connections as links_module
from asnity_server.gateway import gateway as namespace_module
from asnity_server.protocol.ids import namespace_of
from tests.gateway.harness import PATIENCE, GatewayHarness

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)
READERS = 4
"""As many queries as run at once."""

NAMES = ["join", "chat", "read", "typing", "invite-users-to-channel", "connect", "disconnect", "presence", "", "*", "x"]


class Raw:
    """A websocket that speaks Engine.IO by hand."""

    def __init__(self, http: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._http = http
        self.socket = socket

    @classmethod
    async def open(cls, harness: GatewayHarness) -> Raw:
        """Connect, and take the greeting."""
        http = aiohttp.ClientSession()
        socket = await http.ws_connect(f"{harness.url}/socket.io/?EIO=4&transport=websocket", max_msg_size=0)
        raw = cls(http, socket)
        assert (await raw.read())[0] == "0"
        return raw

    async def enter(self, namespace: str, token: str) -> None:
        """Connect to a namespace."""
        await self.socket.send_str(f"40{namespace},{json.dumps({'token': token})}")
        assert (await self.read()).startswith(f"40{namespace},")

    async def read(self) -> str:
        """The next packet but pings and presence, or an empty text once the socket is closed."""
        async with asyncio.timeout(PATIENCE):
            while True:
                message = await self.socket.receive()
                if message.type is not aiohttp.WSMsgType.TEXT:
                    return ""
                if message.data != "2" and '["presence"' not in message.data:
                    return str(message.data)

    async def close(self) -> None:
        """Hang up."""
        await self.socket.close()
        await self._http.close()


async def test_nonsense_before_and_after_connecting_closes_or_is_answered(harness: GatewayHarness) -> None:
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    place = namespace_of(lab)
    for packet in (
        "4",
        "49",
        "4x",
        "7",
        "x",
        "45",
        "42{",
        '42["',
        f"42{place},{'9' * 200}[]",
        "44",
        f"40{place}",
    ):
        raw = await Raw.open(harness)
        await raw.socket.send_str(packet)
        answer = await raw.read()
        assert answer == "" or answer[:2] in ("41", "44") or answer == "1", packet
        await raw.close()
    assert (await (await harness.client(alice, lab)).say(await harness.general(lab), "fine"))["written"] is True


NO_EVENTS = ["[]", "[1]", "{}", '["chat"', '[["chat"]]', '["chat",{"a":1e999}', "[null,{}]", '"chat"', "[" * 20_000]


@pytest.mark.parametrize("nonsense", [*NO_EVENTS, '["chat",{"content":"\\ud800"}]'])
async def test_events_that_are_none_are_refused_in_words_or_by_closing(harness: GatewayHarness, nonsense: str) -> None:
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    raw = await Raw.open(harness)
    await raw.enter(namespace_of(lab), alice.token)
    await raw.socket.send_str(f"42{namespace_of(lab)},7{nonsense}")
    assert '"invalid"' in await raw.read()
    await raw.socket.send_str(f"42{namespace_of(lab)},{nonsense}")
    if nonsense in NO_EVENTS:
        while answer := await raw.read():
            assert answer == "1"
    await raw.close()


async def test_binary_is_refused_in_words(harness: GatewayHarness) -> None:
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    hers = await harness.client(alice, lab)
    answer = await hers.ask(lab, "chat", {"chatType": "new", "channelId": await harness.general(lab), "content": b"\0"})
    assert answer["error"]["code"] == "invalid"
    assert (await hers.say(await harness.general(lab), "text goes on"))["written"] is True


async def test_before_a_namespace_lets_one_in_nothing_is_done(harness: GatewayHarness) -> None:
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    general = await harness.general(lab)
    raw = await Raw.open(harness)
    chat = json.dumps(["chat", {"chatType": "new", "channelId": general, "content": "x"}])
    await raw.socket.send_str(f"42{namespace_of(lab)},1{chat}")
    assert '"unauthorized"' in await raw.read()
    # connecting and writing in one breath: what comes before the answer, which waits for the database, isn't done
    gate = threading.Event()
    held = [asyncio.ensure_future(harness.database.read(lambda view: gate.wait(PATIENCE))) for _ in range(READERS)]
    held.append(asyncio.ensure_future(harness.database.write(lambda tx: gate.wait(PATIENCE))))
    await asyncio.sleep(0)
    try:
        await raw.socket.send_str(f"40{namespace_of(lab)},{json.dumps({'token': alice.token})}")
        await raw.socket.send_str(f"42{namespace_of(lab)},2{chat}")
        assert '"unauthorized"' in await raw.read()
    finally:
        gate.set()
        await asyncio.gather(*held)
    assert (await raw.read()).startswith("40")
    assert (await (await harness.client(alice, lab)).say(general, "first"))["chatInfo"]["id"] == 1
    await raw.close()


async def test_events_named_connect_or_disconnect_do_nothing(harness: GatewayHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice, bob)
    hers = await harness.client(alice, lab)
    for name in ("connect", "disconnect", "connect_error", "__init__", "event", "presence"):
        for payload in ({}, {"token": bob.token}, [], "x"):
            assert (await hers.ask(lab, name, payload))["error"]["code"] == "not-found"
    assert (await hers.say(await harness.general(lab), "still alice"))["chatInfo"]["senderId"] == alice.id


@pytest.mark.slow
async def test_every_request_is_answered_whatever_its_payload(
    harness: GatewayHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """D12: an exception left the sender without an answer for ever."""
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    general = await harness.general(lab)
    hers = await harness.client(alice, lab)
    loop = asyncio.get_running_loop()

    shaped = st.fixed_dictionaries(
        {},
        optional={
            "chatType": st.sampled_from(["new", "modify", "delete", "x"]) | JSON,
            "channelId": st.just(general) | JSON,
            "chatId": st.integers() | JSON,
            "content": st.text(alphabet=st.characters(exclude_categories=[]), max_size=20) | JSON,
            "nonce": JSON,
            "readId": JSON,
            "channels": JSON,
            "users": JSON,
        },
    )

    @settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(NAMES), shaped | JSON)
    def run(name: str, payload: object) -> None:
        asked = asyncio.run_coroutine_threadsafe(hers.ask(lab, name, payload), loop)
        answer = asked.result(PATIENCE)
        assert isinstance(answer.get("ok", answer.get("written")), bool)
        if "error" in answer:
            assert answer["error"]["code"] in {"invalid", "not-found", "too-large", "conflict", "forbidden"}
            assert answer["error"]["message"]

    await asyncio.to_thread(run)
    assert "Traceback" not in caplog.text


async def test_a_frame_over_the_limit_closes_the_connection(harness: GatewayHarness) -> None:
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    raw = await Raw.open(harness)
    await raw.enter(namespace_of(lab), alice.token)
    chat = ["chat", {"chatType": "new", "channelId": await harness.general(lab), "content": "x" * 5_000}]
    await raw.socket.send_str(f"42{namespace_of(lab)},1{json.dumps(chat)}")
    assert '"too-large"' in await raw.read()
    await raw.socket.send_str("4" + "x" * 70_000)
    while answer := await raw.read():
        assert answer == "1"
    await raw.close()


async def test_who_never_enters_a_namespace_is_closed(harness: GatewayHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    at_home = await harness.client(alice, lab)
    monkeypatch.setattr(namespace_module, "HOMELESS", 0.05)
    raw = await Raw.open(harness)
    while answer := await raw.read():
        assert answer == "1"
    assert (await at_home.say(await harness.general(lab), "at home"))["written"] is True
    await raw.close()


async def test_too_many_requests_at_once_are_refused_and_the_others_done(
    harness: GatewayHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links_module, "WAITING", 20)
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    general = await harness.general(lab)
    hers = await harness.client(alice, lab)
    answers = await asyncio.gather(*(hers.say(general, str(n)) for n in range(100)))
    refused = [each for each in answers if not each["written"]]
    assert {each["error"]["code"] for each in refused} <= {"rate-limited"}
    ids = [each["chatInfo"]["id"] for each in answers if each["written"]]
    assert ids == list(range(1, len(ids) + 1))
    assert len(ids) >= 20


async def test_secrets_and_messages_stay_out_of_the_log(
    harness: GatewayHarness, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="asnity_server")
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    polling = await harness.client(alice, lab, transports=["polling"])
    await polling.say(await harness.general(lab), "a private remark")
    await (await harness.client(alice, lab)).say(await harness.general(lab), "a private remark")
    assert alice.token not in caplog.text
    assert "private remark" not in caplog.text
