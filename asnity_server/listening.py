"""Opens the sockets that the server listens on, and names addresses that lead to them."""

from __future__ import annotations

import errno
import resource
import socket
from contextlib import suppress
from typing import Any, TypeAlias

Place: TypeAlias = tuple[socket.AddressFamily, tuple[Any, ...]]

BOTH = ("::", "", "*")
"""Hosts that mean all addresses, of IPv4 and of IPv6."""

ALL = ("0.0.0.0", *BOTH)

_MISSING = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT)


FILES = 65_536
"""Files that a server opens at most: each connection is one."""


SENDING = 256 * 1024
"""Bytes that the system takes of what a client doesn't read. By itself it takes some megabytes for each, which nobody
counts."""


class CantListen(Exception):
    """The address can't be listened on; the text is one sentence for whoever hosts the server."""


def open_sockets(host: str, port: int, backlog: int) -> list[socket.socket]:
    """Listen on every address that `host` means, all with one port. Raises `CantListen`."""
    opened: list[socket.socket] = []
    refusal: OSError | None = None
    for family, address in _places(host, port):
        if opened:  # one port for all, where any free one will do
            address = (address[0], opened[0].getsockname()[1], *address[2:])
        try:
            opened.append(_listening(family, address, backlog))
        except OSError as error:
            refusal = error
            if error.errno not in _MISSING:  # of what a name means, this machine may lack some
                break
    if not opened or (refusal is not None and refusal.errno not in _MISSING):
        for each in opened:
            each.close()
        raise CantListen(_why(refusal, host, port))
    return opened


def raise_file_limit() -> None:
    """Let this program open as many files as the system allows it, up to `FILES`; by habit it is a thousand."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(hard, FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):  # some systems allow less than they say; then it stays as it was
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def file_limit() -> int:
    """How many files this program may open; 0 where there is no limit."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 0 if soft == resource.RLIM_INFINITY else soft


def here(host: str, port: int) -> str:
    """An address that leads to the server from its own machine."""
    return _url("127.0.0.1" if host in ALL else host, port)


def elsewhere(host: str, port: int) -> str | None:
    """An address for other machines of the network, where the server listens on all addresses and there is one."""
    if host not in ALL:
        return None
    families = (socket.AF_INET, socket.AF_INET6) if host in BOTH else (socket.AF_INET,)
    found = (_own_address(family) for family in families)
    return next((_url(each, port) for each in found if each is not None), None)


def own_names(host: str) -> frozenset[str]:
    """Return the names of this machine on itself: its name, and the one that it was told to listen on."""
    return frozenset(each.lower() for each in (host, socket.gethostname()) if each)


def _places(host: str, port: int) -> list[Place]:
    """Resolve the addresses to listen on. Raises `CantListen` for a name that means nothing."""
    if host in BOTH:
        v6, v4 = (socket.AF_INET6, ("::", port)), (socket.AF_INET, ("0.0.0.0", port))
        return [v6] if socket.has_dualstack_ipv6() else [v6, v4]
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise CantListen(f"The host {host!r} can't be found; it must be an address of this machine.") from None
    return list(dict.fromkeys((family, address) for family, _, _, _, address in found))


def _listening(family: socket.AddressFamily, address: tuple[Any, ...], backlog: int) -> socket.socket:
    both = family == socket.AF_INET6 and address[0] in BOTH and socket.has_dualstack_ipv6()
    found = socket.create_server(address, family=family, backlog=backlog, dualstack_ipv6=both)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SENDING)  # connections inherit it
    return found


def _why(error: OSError | None, host: str, port: int) -> str:
    """Return the obstacle, and what to do about it."""
    number = error.errno if error is not None else None
    if number == errno.EADDRINUSE:
        return f"Port {port} on {host or '::'} is in use by another program. Choose another with --port."
    if number in (errno.EACCES, errno.EPERM):
        return f"Port {port} needs administrator rights. Choose one from 1024 up with --port."
    if number in _MISSING:
        return f"{host} isn't an address of this machine. Choose another with --host."
    return f"The server can't listen on {host}, port {port}: {error.strerror if error is not None else 'no address'}."


def _own_address(family: socket.AddressFamily) -> str | None:
    """The address by which this machine speaks to others; asking the system sends nothing."""
    with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as asking:
        asking.connect(("192.0.2.1" if family == socket.AF_INET else "2001:db8::1", 9))  # for documents: RFC 5737, 3849
        found: str = asking.getsockname()[0]
        return found
    return None


def _url(host: str, port: int) -> str:
    shown = f"[{host.replace('%', '%25')}]" if ":" in host else host
    return f"http://{shown}" if port == 80 else f"http://{shown}:{port}"
