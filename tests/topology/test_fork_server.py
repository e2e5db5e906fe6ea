"""The fork server of the tests begins programs that are like any other."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from tests.faults.process import ServerProcess

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="descriptors of processes")]


async def test_a_forked_server_serves_and_ends_as_told(tmp_path: Path) -> None:
    from .fork_server import fork_server

    server = ServerProcess(tmp_path, begin=fork_server().begin)
    for how, status in ((signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 0)):
        await server.start()
        assert (await server.call("GET", "/api/server"))["name"] == "Asnity"
        assert await server.end(how) == status
    assert server.log.count("Stopped.") == 2
    server = ServerProcess(tmp_path, "--no-such-option", begin=fork_server().begin)
    with pytest.raises(RuntimeError, match="No such option"):
        await server.start()
