"""Requests over HTTP arrive whole, in however many segments the network brings them."""

from __future__ import annotations

import json

import aiohttp
import pytest

from tests.fakes.proxy import proxy_to
from tests.fakes.segments import Pieces, in_two, of_size, single_bytes
from tests.http.harness import HttpHarness

WORDS = "안녕하세요 👋"


@pytest.mark.parametrize("chunked", [False, True], ids=["with a length", "in chunks"])
async def test_a_body_arrives_whole_wherever_it_is_cut(server: HttpHarness, chunked: bool) -> None:
    alice = await server.harness.person("alice")
    general = await server.harness.general(await server.harness.community(alice))
    body = json.dumps({"content": WORDS}, ensure_ascii=False).encode()
    headers = {"Authorization": f"Bearer {alice.token}", "Content-Type": "application/json"}

    async def chunks():  # type: ignore[no-untyped-def]
        yield body

    async with proxy_to(server.port) as proxy, aiohttp.ClientSession() as http:
        ways: list[Pieces] = [single_bytes, of_size(7), *(in_two(place) for place in range(1, 400, 7))]
        ways += [in_two(place) for place in range(1, len(body))]  # of what is read by itself, each place in it
        for number, pieces in enumerate(ways, 1):
            proxy.pieces["up"] = pieces
            url = f"{proxy.url}/api/channels/{general}/messages"
            async with http.post(url, data=chunks() if chunked else body, headers=headers) as answer:
                said = await answer.json()
            assert (answer.status, said["content"], said["id"]) == (201, WORDS, number)
