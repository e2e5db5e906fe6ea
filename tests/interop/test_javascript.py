"""The official JavaScript client is served: websocket, polling, upgrade, namespaces, answers, reconnecting."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.gateway.conftest import harness as harness
from tests.gateway.harness import GatewayHarness

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
    general = await harness.general(lab)
    process = await asyncio.create_subprocess_exec(
        "node", "client.js", harness.url, alice.token, laptop.token, lab, club, general,
        cwd=package, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
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
