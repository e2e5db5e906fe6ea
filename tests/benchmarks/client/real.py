"""A real server beside the client that is measured, and an account on it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from asnity_tui.client.storage.accounts import SavedAccount, SavedAccounts
from asnity_tui.config import Settings


@contextmanager
def running_server(folder: Path) -> Iterator[str]:
    """`asnity-server` with its data in a folder; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", "from asnity_server.cli import main; main()"]
    server = subprocess.Popen([*command, "--port", str(port), "--data", str(folder)], stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"{url}/healthz", timeout=1).close()
                break
            except urllib.error.URLError:
                time.sleep(0.05)
        yield url
    finally:
        server.terminate()
        server.wait()


def sign_up(url: str, folder: Path) -> None:
    """Make an account with a community, and sign the client that has its files in `folder` in."""
    answer = _post(f"{url}/api/auth/sign-up", {"username": "mina", "password": "tangerine"})
    user, token = answer["user"], str(answer["token"])
    _post(f"{url}/api/communities", {"name": "Lab"}, token)
    assert isinstance(user, dict)
    saved = SavedAccount(server=url, user_id=user["id"], username="mina", token=token)
    SavedAccounts(Settings(data=folder).sessions_file).use(saved)


def _post(url: str, body: dict[str, str], token: str = "") -> dict[str, object]:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        found: dict[str, object] = json.load(answer)
        return found
