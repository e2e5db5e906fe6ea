"""The official JavaScript client is served: websocket, polling, upgrade, namespaces, answers, reconnecting."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from asnity_server.config import ServerSettings, without_limits
from asnity_tui.client.transport.remote import RemoteClient
from tests.contract.harness import SignUpHarness
from tests.gateway.conftest import harness as harness
from tests.gateway.harness import GatewayHarness
from tests.topology import topology_named

VERSION = "4.8.3"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not (shutil.which("node") and shutil.which("npm")), reason="there is no Node here"),
]


@pytest.fixture(scope="module")
def package() -> Path:
    """A folder with the client in it."""
    folder = Path(tempfile.gettempdir()) / f"asnity-socket.io-client-{VERSION}"
    if not (folder / "node_modules" / "socket.io-client").exists():
        folder.mkdir(exist_ok=True)
        command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), f"socket.io-client@{VERSION}"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"npm could not install the client: {done.stderr.strip()[-200:]}")
    shutil.copy(Path(__file__).parent / "client.js", folder)
    return folder


async def test_the_official_client_is_served(harness: GatewayHarness, package: Path) -> None:
    alice = await harness.person("alice")
    laptop = await harness.session(alice)
    lab, club = await harness.community(alice), await harness.community(alice)
    await _is_served(package, harness.url, alice.token, laptop.token, lab, club, await harness.general(lab))


async def test_the_official_client_is_served_by_several_gateways_behind_a_proxy(tmp_path: Path, package: Path) -> None:
    settings = without_limits(ServerSettings(port=0, data=tmp_path, registration="open"))
    async with topology_named("processes")(settings) as server:
        people = SignUpHarness(lambda: RemoteClient(server.url))
        alice, laptop = await people.person("alice"), await people.device("alice")
        lab, club = (await alice.found("Lab")).id, (await alice.found("Club")).id
        tokens = alice.client.token or "", laptop.client.token or ""
        await _is_served(package, server.url, *tokens, lab, club, await alice.general(lab))
        for each in people.clients:
            await each.close()


async def _is_served(package: Path, *words: str) -> None:
    """Run the client, and look at what it saw."""
    process = await asyncio.create_subprocess_exec(
        "node", "client.js", *words, cwd=package, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    seen = json.loads(out)
    for number, name in enumerate(("websocket", "polling", "upgrade")):
        assert seen[name]["ok"] is True
        assert seen[name]["ids"] == list(range(number * 30 + 1, number * 30 + 31))
    assert [seen[name]["carrier"] for name in ("websocket", "polling", "upgrade")] == [
        "websocket",
        "polling",
        "websocket",
    ]
    assert seen["refused"]["code"] == "not-found"
    assert seen["told"] is True
    assert seen["errors"]["error"]["code"] == seen["binary"]["error"]["code"] == "invalid"
    assert seen["after"] == "after the cut"
