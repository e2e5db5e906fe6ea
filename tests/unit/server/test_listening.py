"""Listening: on all addresses that are asked for, with one port, or a sentence that says what is in the way."""

from __future__ import annotations

import errno
import re
import socket
from pathlib import Path

import aiohttp
import pytest

from asnity_server.api.accounts.passwords import HashCost
from asnity_server.app import Server
from asnity_server.config import ServerSettings
from asnity_server.listening import CantListen, elsewhere, here, open_sockets
from asnity_server.protocol.address_scope import AddressScope, scope_of_address

V6 = pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")


def reached(address: str, port: int) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection((address, port), timeout=5).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize(
    ("host", "v4", "v6"),
    [
        pytest.param("::", True, True, marks=V6),
        pytest.param("", True, True, marks=V6),
        pytest.param("*", True, True, marks=V6),
        pytest.param("::1", False, True, marks=V6),
        ("0.0.0.0", True, False),
        ("127.0.0.1", True, False),
        ("localhost", True, None),
    ],
)
def test_it_listens_on_every_address_that_is_meant_with_one_port(host: str, v4: bool, v6: bool | None) -> None:
    sockets = open_sockets(host, 0, 5)
    try:
        (port,) = {each.getsockname()[1] for each in sockets}
        assert reached("127.0.0.1", port) == v4
        assert v6 is None or reached("::1", port) == v6
    finally:
        for each in sockets:
            each.close()


def test_a_port_that_is_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        for host in ("127.0.0.1", "0.0.0.0", "::", "localhost"):
            with pytest.raises(CantListen, match=f"^Port {port} on {host} is in use by another program"):
                open_sockets(host, port, 5)


@pytest.mark.parametrize(
    ("host", "sentence"),
    [
        ("203.0.113.9", "203.0.113.9 isn't an address of this machine."),
        ("nowhere.invalid", "The host 'nowhere.invalid' can't be found"),
        ("\udcff", "The host '\\udcff' can't be found"),
        ("x" * 300, "can't be found"),
        ("a b", "The host 'a b' can't be found"),
    ],
)
def test_a_host_that_is_none(host: str, sentence: str) -> None:
    with pytest.raises(CantListen) as refused:
        open_sockets(host, 0, 5)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.EACCES, "Port 80 needs administrator rights. Choose one from 1024 up with --port."),
        (errno.EAFNOSUPPORT, "::1 isn't an address of this machine. Choose another with --host."),
        (errno.EMFILE, "The server can't listen on ::1, port 80: Too many open files."),
    ],
)
def test_what_the_system_refuses(number: int, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> socket.socket:
        raise OSError(number, "Too many open files")

    monkeypatch.setattr(socket, "create_server", refuse)
    with pytest.raises(CantListen) as refused:
        open_sockets("::1", 80, 5)
    assert str(refused.value) == sentence


def test_where_there_is_no_ipv6_all_addresses_are_those_of_ipv4(monkeypatch: pytest.MonkeyPatch) -> None:
    create = socket.create_server

    def without_v6(address: tuple[str, int], *, family: int, **more: object) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")
        return create(address, family=family, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "has_dualstack_ipv6", lambda: False)
    monkeypatch.setattr(socket, "create_server", without_v6)
    (only,) = open_sockets("::", 0, 5)
    with only:
        assert reached("127.0.0.1", only.getsockname()[1])


@pytest.mark.parametrize("host", [pytest.param("::", marks=V6), "0.0.0.0", "127.0.0.1", "localhost"])
async def test_every_address_of_the_welcome_answers(tmp_path: Path, host: str) -> None:
    settings = ServerSettings(host=host, port=0, data=tmp_path)
    async with (
        Server(settings, hash_cost=HashCost(time=1, memory=8)) as server,
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as http,
    ):
        told = set(re.findall(r"http://[^\s,]+?(?=[.,]?(?:\s|$))", "\n".join(server.welcome)))
        assert server.url in told
        for url in told:
            async with http.get(f"{url}/healthz") as answer:
                assert answer.status == 200


async def test_a_link_that_does_not_work_everywhere_is_said_to_at_the_start(tmp_path: Path) -> None:
    for number, (url, said) in enumerate(
        [
            ("", "which only works on this machine. Set --public-url to change it."),
            ("http://localhost:9", "Invite links start with http://localhost:9, which only works on this machine."),
            ("https://chat.example.org/", None),
        ]
    ):
        settings = ServerSettings(port=0, data=tmp_path / str(number), public_url=url)
        async with Server(settings, hash_cost=HashCost(time=1, memory=8)) as server:
            welcome = "\n".join(server.welcome)
        assert said in welcome if said else "Invite links" not in welcome


async def test_a_name_that_leads_to_this_machine_alone_is_no_address_for_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = socket.getaddrinfo

    def as_in_etc_hosts(
        host: str, *more: object, **named: object
    ) -> object:  # Debian: 127.0.1.1 and the machine's name
        return find("127.0.0.1" if host == "attic" else host, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", as_in_etc_hosts)
    for host in ("attic", "127.1"):
        settings = ServerSettings(host=host, port=0, data=tmp_path / host)
        async with Server(settings, hash_cost=HashCost(time=1, memory=8)) as server:
            assert "which only works on this machine. Set --public-url" in "\n".join(server.welcome)


def test_addresses_are_written_as_a_client_takes_them() -> None:
    assert here("::", 8440) == here("0.0.0.0", 8440) == "http://127.0.0.1:8440"
    assert here("fe80::1%eth0", 80) == "http://[fe80::1%25eth0]"
    assert elsewhere("127.0.0.1", 8440) is None


@pytest.mark.parametrize(
    ("url", "reach"),
    [
        ("http://127.0.0.1:8440/invite/x", "machine"),
        ("http://localhost", "machine"),
        ("http://LOCALHOST.", "machine"),
        ("http://a.localhost:1", "machine"),
        ("http://[::1]:8440", "machine"),
        ("http://[::ffff:127.0.0.1]", "machine"),
        ("http://192.168.1.5:8440", "network"),
        ("http://10.0.0.1", "network"),
        ("http://100.64.3.2", "network"),
        ("http://[fd00::1]", "network"),
        ("http://[fe80::1%25eth0]", "network"),
        ("http://nas:8440", "network"),
        ("https://nas.local", "network"),
        ("https://chat.example.org/invite/x", "everywhere"),
        ("https://9.9.9.9", "everywhere"),
        ("http://[", "everywhere"),
    ],
)
def test_how_far_an_address_reaches(url: str, reach: AddressScope) -> None:
    assert scope_of_address(url) == reach
