"""The line between a real client and a real server, cut, stalled and refused at the worst moments."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from asnity_server.config import ServerSettings, without_limits
from asnity_server.protocol import requests, routes
from asnity_tui.client.transport.client import NoAnswer, Unreachable
from asnity_tui.client.transport.remote import RemoteClient
from tests.contract.harness import Device, SignUpHarness
from tests.fakes.proxy import Proxy, proxy_to
from tests.fakes.segments import Pieces, of_size
from tests.topology.deployment import Deployment, Topology, port_of


class Scene:
    """Alice behind a proxy that misbehaves, bob beside it, in one community."""

    def __init__(self, proxy: Proxy, alice: Device, bob: Device, here: str, general: str) -> None:
        self.proxy, self.alice, self.bob = proxy, alice, bob
        self.here, self.general = here, general

    async def lost(self) -> None:
        """Wait until alice's client knows that its connection is gone."""
        await self.alice.heard.until(lambda: self.alice.heard.lost, "the end of the connection")

    async def history(self) -> list[tuple[int, str]]:
        page = await self.bob.call(routes.HISTORY, requests.History(channel_id=self.general))
        return [(each.id, each.content) for each in page.messages]


@pytest.fixture
async def server(tmp_path: Path, topology: Topology) -> AsyncIterator[Deployment]:
    async with topology(without_limits(ServerSettings(port=0, data=tmp_path, registration="open"))) as server:
        yield server


@pytest.fixture
async def scene(server: Deployment) -> AsyncIterator[Scene]:
    async with proxy_to(port_of(server.url)) as proxy:
        behind = SignUpHarness(lambda: RemoteClient(proxy.url, answer_timeout=0.5, total_timeout=0.5))
        beside = SignUpHarness(lambda: RemoteClient(server.url))
        alice, bob = await behind.person("alice"), await beside.person("bob")
        community = await alice.found("Lab")
        await alice.let_in(community.id, bob)
        await alice.open(community.id)
        await bob.open(community.id)
        yield Scene(proxy, alice, bob, community.id, await alice.general(community.id))
        for each in (*behind.clients, *beside.clients):
            await each.close()


def telling(text: bytes) -> Callable[[bytes], bool]:
    """Whether bytes from the server have this in them."""
    return lambda chunk: text in chunk


async def test_a_message_whose_acknowledgement_was_cut_off_is_stored_once(scene: Scene) -> None:
    sprung = scene.proxy.cut_next("down", forward=False, seen=telling(b'"written":true'))
    with pytest.raises(NoAnswer):
        await scene.alice.say(scene.general, "Once.", nonce="n-1")
    assert sprung.is_set()
    await scene.lost()
    assert (await scene.bob.heard.message()).content == "Once."
    await scene.alice.open(scene.here)
    again = await scene.alice.say(scene.general, "Once.", nonce="n-1")
    assert again.id == 1
    await scene.bob.say(scene.general, "Fence.")
    assert await scene.history() == [(1, "Once."), (2, "Fence.")]
    assert len(scene.bob.heard.payloads("new-chat")) == 1


async def test_a_message_that_was_cut_off_on_its_way_is_stored_when_it_is_sent_again(scene: Scene) -> None:
    scene.proxy.cut_next("up", forward=False)
    with pytest.raises(NoAnswer):
        await scene.alice.say(scene.general, "Once.", nonce="n-1")
    await scene.lost()
    assert await scene.history() == []
    await scene.alice.open(scene.here)
    assert (await scene.alice.say(scene.general, "Once.", nonce="n-1")).id == 1
    assert await scene.history() == [(1, "Once.")]


async def test_a_message_that_just_arrived_before_the_cut_is_stored_once(scene: Scene) -> None:
    scene.proxy.cut_next("up", forward=True)
    with pytest.raises(NoAnswer):
        await scene.alice.say(scene.general, "Once.", nonce="n-1")
    await scene.lost()
    await scene.alice.open(scene.here)
    assert (await scene.alice.say(scene.general, "Once.", nonce="n-1")).id == 1
    assert await scene.history() == [(1, "Once.")]


@pytest.mark.slow
async def test_a_line_that_stalls_is_no_answer_and_can_be_replaced(scene: Scene) -> None:
    scene.proxy.stall()
    with pytest.raises(NoAnswer):
        await scene.alice.say(scene.general, "Once.", nonce="n-1")
    with pytest.raises(NoAnswer):
        await scene.alice.call(routes.ME, requests.Empty())
    await scene.alice.client.close()
    scene.proxy.cut()
    scene.proxy.flow()
    await scene.alice.open(scene.here)
    assert (await scene.alice.say(scene.general, "Once.", nonce="n-1")).id == 1
    assert await scene.history() == [(1, "Once.")]


async def test_a_server_that_is_away_for_a_while_is_reached_again(scene: Scene) -> None:
    await scene.proxy.refuse()
    scene.proxy.cut()
    await scene.lost()
    with pytest.raises(Unreachable):
        await scene.alice.open(scene.here)
    with pytest.raises(Unreachable):
        await scene.alice.call(routes.ME, requests.Empty())
    await scene.bob.say(scene.general, "While you were away.")
    await scene.proxy.start()
    await scene.alice.client.open(scene.alice.heard)
    await scene.alice.client.enter(scene.here)
    joined = await scene.alice.join(scene.here)
    assert [(each.last_id, each.unread) for each in joined.joined] == [(1, 1)]


async def test_where_websockets_are_cut_off_polling_takes_their_place(scene: Scene) -> None:
    await scene.alice.client.close()
    sprung = scene.proxy.cut_next("down", forward=False, seen=telling(b"HTTP/1.1 101"))
    await scene.alice.open(scene.here)
    assert sprung.is_set()
    await scene.bob.say(scene.general, "Slowly.")
    assert (await scene.alice.heard.message()).content == "Slowly."
    assert (await scene.alice.say(scene.general, "But surely.")).id == 2


@pytest.mark.parametrize("pieces", [of_size(7), of_size(100)], ids=["7", "100"])
@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_a_network_of_small_pieces_changes_nothing(scene: Scene, pieces: Pieces, transport: str) -> None:
    await scene.alice.client.close()
    if transport == "polling":
        scene.proxy.cut_next("down", forward=False, seen=telling(b"HTTP/1.1 101"))
    await scene.alice.open(scene.here)
    scene.proxy.pieces.update(up=pieces, down=pieces)
    said = ["안녕하세요, 둘이서 👋", "한글은 세 바이트입니다." * 10]
    assert [(await scene.alice.say(scene.general, each)).content for each in said] == said
    heard = scene.bob.heard
    await heard.until(lambda: len(heard.payloads("new-chat")) == len(said), "what alice said")
    assert [each.content for each in heard.payloads("new-chat")] == said
    await scene.bob.say(scene.general, said[1])
    assert (await scene.alice.heard.message()).content == said[1]
    page = await scene.alice.call(routes.HISTORY, requests.History(channel_id=scene.general))
    assert [each.content for each in page.messages] == [*said, said[1]]


async def test_a_cut_while_connecting_leaves_nothing_open(scene: Scene) -> None:
    await scene.alice.client.close()
    scene.proxy.cut_next("down", forward=False, seen=telling(b"40/socket/user"))
    with pytest.raises(Unreachable):
        await scene.alice.client.open(scene.alice.heard)
    assert scene.alice.heard.lost == []
    await scene.alice.open(scene.here)
    assert (await scene.alice.say(scene.general, "Here.")).id == 1
