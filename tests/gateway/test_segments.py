"""Packets arrive whole, in however many segments the network brings them, by either transport."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from asnity_server.protocol.ids import namespace_of
from tests.fakes.proxy import Proxy, proxy_to
from tests.fakes.segments import in_two, of_size, single_bytes
from tests.gateway.harness import PATIENCE, Client, GatewayHarness, Person

from .poller import polling

WORDS = "안녕하세요, 둘이서 👋"
LONG = "한글은 세 바이트입니다." * 120
"""More than a packet of any network holds."""


class Scene:
    """Alice behind a network that takes streams apart, and bob, who hears what she said."""

    def __init__(
        self, harness: GatewayHarness, proxy: Proxy, alice: Person, lab: str, general: str, his: Client
    ) -> None:
        self.harness, self.proxy, self.alice, self.general, self.his = harness, proxy, alice, general, his
        self.place = namespace_of(lab)
        self.said = 0

    def chat(self, content: str) -> str:
        """The packet that says something; its number is that of what is said."""
        self.said += 1
        chat = ["chat", {"chatType": "new", "channelId": self.general, "content": content}]
        return f"42{self.place},{self.said}{json.dumps(chat, ensure_ascii=False)}"

    async def heard(self, *contents: str) -> None:
        """All of it arrived, in order, and nothing else."""
        told = await self.his.expect("new-chat", len(contents))
        assert [each["content"] for each in told] == list(contents)


@pytest.fixture
async def scene(harness: GatewayHarness) -> AsyncIterator[Scene]:
    """Such a network before a harness."""
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice, bob)
    his = await harness.client(bob, lab)
    async with proxy_to(harness.port) as proxy:
        yield Scene(harness, proxy, alice, lab, await harness.general(lab), his)


async def test_a_post_arrives_whole_wherever_it_is_cut(scene: Scene) -> None:
    reads: list[int] = []

    def measured(position: int, chunk: bytes) -> Iterator[bytes]:
        reads.append(len(chunk))
        yield chunk

    async with polling(scene.harness, scene.proxy.url) as client:
        await client.enter(scene.place, scene.alice.token)
        scene.proxy.pieces["up"] = measured
        assert await client.post(scene.chat(WORDS)) == 200
        body = len(scene.chat(WORDS).encode())
        places = [*range(1, sum(reads) - body, 20), *range(sum(reads) - body, sum(reads))]
        for place in places:
            scene.proxy.pieces["up"] = in_two(place)
            assert await client.post(scene.chat(WORDS)) == 200
        await scene.heard(*[WORDS] * (1 + len(places)))


@pytest.mark.slow
@pytest.mark.parametrize("pieces", [single_bytes, of_size(7), of_size(1400)], ids=["single bytes", "7", "1400"])
async def test_polling_goes_on_over_a_network_of_small_pieces(scene: Scene, pieces: object) -> None:
    scene.proxy.pieces.update(up=pieces, down=pieces)  # type: ignore[arg-type]
    async with polling(scene.harness, scene.proxy.url) as client:
        await client.enter(scene.place, scene.alice.token)
        said = [WORDS, LONG, WORDS]
        assert await client.post(*(scene.chat(each) for each in said)) == 200
        answered: list[str] = []
        while len(answered) < len(said):
            answered += [each for each in await client.poll() if each.startswith("43")]
        assert [each.partition("[")[0] for each in answered] == [f"43{scene.place},{number}" for number in (1, 2, 3)]
        await scene.heard(*said)


async def _answer(socket: aiohttp.ClientWebSocketResponse, beginning: str) -> None:
    """Read until what begins like that, past presence and pings."""
    async with asyncio.timeout(PATIENCE):
        while not (await socket.receive_str()).startswith(beginning):
            pass


async def _websocket(http: aiohttp.ClientSession, scene: Scene) -> aiohttp.ClientWebSocketResponse:
    """A websocket through the network, in the community."""
    socket = await http.ws_connect(f"{scene.proxy.url}/socket.io/?EIO=4&transport=websocket")
    assert (await socket.receive_str(timeout=PATIENCE)).startswith("0{")
    await socket.send_str(f"40{scene.place},{json.dumps({'token': scene.alice.token})}")
    await _answer(socket, f"40{scene.place},")
    return socket


async def test_a_frame_arrives_whole_wherever_it_is_cut(scene: Scene) -> None:
    async with aiohttp.ClientSession() as http:
        socket = await _websocket(http, scene)
        size = len(scene.chat(WORDS).encode()) + 8  # the head of the frame and its mask
        scene.said = 0
        for place in range(1, size):
            scene.proxy.pieces["up"] = in_two(place)
            await socket.send_str(scene.chat(WORDS))
            await _answer(socket, f"43{scene.place},{place}[")
        await scene.heard(*[WORDS] * (size - 1))
        await socket.close()


@pytest.mark.slow
@pytest.mark.parametrize("pieces", [single_bytes, of_size(7), of_size(1400)], ids=["single bytes", "7", "1400"])
async def test_a_websocket_goes_on_over_a_network_of_small_pieces(scene: Scene, pieces: object) -> None:
    scene.proxy.pieces.update(up=pieces, down=pieces)  # type: ignore[arg-type]
    async with aiohttp.ClientSession() as http:
        socket = await _websocket(http, scene)
        said = [WORDS, LONG, WORDS]
        for each in said:
            await socket.send_str(scene.chat(each))
        for number in range(1, 4):
            await _answer(socket, f"43{scene.place},{number}[")
        await scene.heard(*said)
        await socket.close()


async def test_a_client_that_upgrades_is_heard_over_a_network_of_small_pieces(scene: Scene) -> None:
    scene.proxy.pieces.update(up=single_bytes, down=single_bytes)
    async with polling(scene.harness, scene.proxy.url) as client:
        await client.enter(scene.place, scene.alice.token)
        socket = await client.probe()
        await socket.send_str("2probe")
        assert await socket.receive_str(timeout=PATIENCE) == "3probe"
        assert await client.poll() == ["6"]
        await socket.send_str("5")
        await socket.send_str(scene.chat(LONG))
        await _answer(socket, f"43{scene.place},1[")
        await scene.heard(LONG)
        await socket.close()
