"""Addresses of links: where an API program listens for gateways, and how a gateway reaches it."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
import struct
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from msgspec import Struct

from .stream import Stream
from .tls import NAMES, LinkKeys, require_role

BACKLOG = 64
"""Gateways that may knock at the same moment."""

MODE = 0o660
"""Of a link's socket: its owner and its group."""


class BadLinkAddress(ValueError):
    """The address can't be used; the text is one sentence for whoever hosts the server."""


class LinkAddress(Struct, frozen=True):
    """One address: the path of a Unix socket, or host and port."""

    text: str
    path: str = ""
    host: str = ""
    port: int = 0
    encrypted: bool = False

    @classmethod
    def parse(cls, text: str) -> LinkAddress:
        """`unix:/run/asnity/link.sock`, `tls://HOST:PORT`, or `tcp://127.0.0.1:PORT`. Raises `BadLinkAddress`."""
        scheme, _, rest = text.partition(":")
        if scheme == "unix" and rest.startswith("/") and "\0" not in rest:
            if len(os.fsencode(rest)) > 100:
                raise BadLinkAddress(f"The path of the socket {rest} is too long: a system takes about 100 bytes.")
            return cls(text, path=rest)
        try:
            url = urlsplit(text)
            host, port = url.hostname or "", url.port
        except ValueError:
            host, port = "", None
        if scheme not in ("tls", "tcp") or not host or port is None or url.path or url.query or url.username:
            raise BadLinkAddress(
                f"{text!r} is no address of a link: write unix:/run/asnity/link.sock, tls://HOST:PORT"
                " or tcp://127.0.0.1:PORT."
            )
        if scheme == "tcp" and not _is_loopback(host):
            raise BadLinkAddress(f"A link to another machine is encrypted: write tls://{url.netloc}.")
        return cls(text, host=host, port=port, encrypted=scheme == "tls")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


async def listen(address: LinkAddress, accept: Callable[[], Stream], keys: LinkKeys | None) -> asyncio.Server:
    """Listen for gateways. Raises `OSError`, and `BadKeys` for certificates that can't be used."""
    loop = asyncio.get_running_loop()
    if address.path:
        guarded = _guarded(accept, _check_peer_user)
        return await loop.create_unix_server(
            guarded, sock=await asyncio.to_thread(_bind, address.path), backlog=BACKLOG
        )
    if not address.encrypted:
        return await loop.create_server(accept, address.host, address.port, backlog=BACKLOG)
    assert keys is not None, "settings ask for keys"
    context = await asyncio.to_thread(keys.server_context)
    guarded = _guarded(accept, lambda transport: require_role(transport, "gateway"))
    return await loop.create_server(guarded, address.host, address.port, ssl=context, backlog=BACKLOG)


async def connect(address: LinkAddress, make: Callable[[], Stream], keys: LinkKeys | None) -> Stream:
    """Connect to an API program. Raises `OSError`, and `BadKeys` for certificates that can't be used."""
    loop = asyncio.get_running_loop()
    if address.path:
        _, stream = await loop.create_unix_connection(make, address.path)
    elif not address.encrypted:
        _, stream = await loop.create_connection(make, address.host, address.port)
    else:
        assert keys is not None, "settings ask for keys"
        context = await asyncio.to_thread(keys.client_context)
        _, stream = await loop.create_connection(
            make, address.host, address.port, ssl=context, server_hostname=NAMES["api"]
        )
    return stream


def _bind(path: str) -> socket.socket:
    """Make the socket, in the place of one that nobody listens on any more."""
    found = Path(path)
    try:
        if stat.S_ISSOCK(found.stat().st_mode):
            with socket.socket(socket.AF_UNIX) as probe:
                try:
                    probe.connect(path)
                except ConnectionRefusedError:
                    found.unlink()
    except FileNotFoundError:
        pass
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o777 & ~MODE)
    try:
        made.bind(path)
    except OSError as error:
        made.close()
        raise OSError(error.errno, error.strerror, path) from None
    finally:
        os.umask(before)
    return made


class _Guarded(asyncio.Protocol):
    """Looks at who connects, before anything of it is read."""

    def __init__(self, accept: Callable[[], Stream], check: Callable[[asyncio.BaseTransport], str | None]) -> None:
        self._accept = accept
        self._check = check

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Pass the connection on, or end it."""
        why = self._check(transport)
        stream = self._accept()
        cast("asyncio.Transport", transport).set_protocol(stream)  # uvloop's is one by its methods alone
        stream.connection_made(transport)
        if why is not None:
            stream.close(why)


def _guarded(
    accept: Callable[[], Stream], check: Callable[[asyncio.BaseTransport], str | None]
) -> Callable[[], asyncio.Protocol]:
    return lambda: _Guarded(accept, check)


def _check_peer_user(transport: asyncio.BaseTransport) -> str | None:
    """Return why a process may not link: it is another user's, who is neither root nor in the socket's group.

    The kernel checks the socket's mode at `connect`; this holds where the folder or the mode was opened up since.
    """
    peer: socket.socket | None = transport.get_extra_info("socket")
    if peer is None or not hasattr(socket, "SO_PEERCRED"):
        return None
    _, uid, gid = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
    if uid in (0, os.geteuid()) or gid in (os.getegid(), *os.getgroups()):
        return None
    return f"user {uid} may not link"
