"""nginx with the configuration that hosting.md prints, in a temporary folder, as whoever runs the tests."""

from __future__ import annotations

import asyncio
import os
import pwd
import re
import signal
import socket
import ssl
from collections.abc import Mapping
from pathlib import Path

import trustme

DOCUMENT = Path(__file__).parents[2] / "docs" / "hosting.md"
NAME = "chat.example.org"
PATIENCE = 20.0

_MAIN = """
user {user};
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/asnity.conf;
}}
"""


def printed_configuration() -> str:
    """Return the configuration for several programs, as hosting.md has it."""
    section = DOCUMENT.read_text(encoding="utf-8").partition("\n## From one process to several\n")[2]
    found = re.search(r"```nginx\n(.*?)```", section, re.DOTALL)
    assert found is not None, "hosting.md prints no configuration of nginx for several programs"
    return found.group(1)


class Nginx:
    """A running nginx. Only ports and certificates of the printed configuration are others'."""

    def __init__(self, folder: Path, ports: Mapping[int, int]) -> None:
        """`ports` are those that really listen, by the ports that are printed."""
        self._folder = folder
        self._process: asyncio.subprocess.Process
        self._reader: asyncio.Task[None]
        self.log = ""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        authority = trustme.CA()
        self.trust = ssl.create_default_context()
        """Trusts its certificate."""
        authority.configure_trust(self.trust)
        certificate = authority.issue_cert(NAME, "127.0.0.1")
        certificate.private_key_pem.write_to_path(folder / "key.pem")
        for each in certificate.cert_chain_pems:
            each.write_to_path(folder / "chain.pem", append=True)
        self._write(ports)

    @property
    def url(self) -> str:
        """The address for people."""
        return f"https://127.0.0.1:{self.port}"

    def _write(self, ports: Mapping[int, int]) -> None:
        text = printed_configuration()
        for old, new in (
            ("listen 443 ssl;", f"listen 127.0.0.1:{self.port} ssl;"),
            (f"/etc/letsencrypt/live/{NAME}/fullchain.pem", str(self._folder / "chain.pem")),
            (f"/etc/letsencrypt/live/{NAME}/privkey.pem", str(self._folder / "key.pem")),
        ):
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        real = {f"127.0.0.1:{printed}": f"127.0.0.1:{port}" for printed, port in ports.items()}
        text, count = re.subn(r"127\.0\.0\.1:\d+(?=;)", lambda found: real[found.group()], text)
        assert count == len(ports) + 2, "each gateway stands there twice, the API once"
        (self._folder / "asnity.conf").write_text(text)
        user = pwd.getpwuid(os.geteuid()).pw_name
        (self._folder / "nginx.conf").write_text(_MAIN.format(user=user, folder=self._folder))

    async def start(self) -> None:
        """Start it, and wait until it listens."""
        self._process = await asyncio.create_subprocess_exec(
            "nginx", "-p", str(self._folder), "-c", str(self._folder / "nginx.conf"), "-e", "stderr",
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        self._reader = asyncio.create_task(self._read())
        async with asyncio.timeout(PATIENCE):
            while not await self._is_listening():
                assert self._process.returncode is None, self.log
                await asyncio.sleep(0.02)

    async def _is_listening(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except ConnectionRefusedError:
            return False
        writer.close()
        return True

    async def _read(self) -> None:
        assert self._process.stderr is not None
        async for line in self._process.stderr:
            self.log += line.decode()

    async def close(self) -> None:
        """End it, with all that goes through it."""
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            await self._process.wait()
            await self._reader
