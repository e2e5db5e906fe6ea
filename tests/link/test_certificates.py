"""Certificates of links: made anew without ending the trust in those that are out there, and used as they should be."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from asnity_server.link.certificates import make_certificates
from asnity_server.link.tls import BadKeys, LinkKeys


def test_more_of_them_are_of_the_same_ca(tmp_path: Path) -> None:
    make_certificates(tmp_path)
    ca, key = (tmp_path / "ca.pem").read_bytes(), (tmp_path / "api.key").read_bytes()
    made = make_certificates(tmp_path)
    assert [each.name for each in made] == ["api.pem", "api.key", "gateway.pem", "gateway.key"]
    assert (tmp_path / "ca.pem").read_bytes() == ca
    assert (tmp_path / "api.key").read_bytes() != key
    LinkKeys(tmp_path, "api").server_context()
    LinkKeys(tmp_path, "gateway").client_context()


@pytest.mark.parametrize(("gone", "left"), [("ca.key", "ca.pem"), ("ca.pem", "ca.key")])
def test_no_ca_takes_the_place_of_half_a_one(gone: str, left: str, tmp_path: Path) -> None:
    make_certificates(tmp_path)
    (tmp_path / gone).unlink()
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    with pytest.raises(ValueError, match=f"{left} is there without {gone}"):
        make_certificates(tmp_path)
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before


def test_keys_are_their_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        made = make_certificates(tmp_path / "keys")
    finally:
        os.umask(before)
    assert {each.stat().st_mode & 0o777 for each in made if each.suffix == ".key"} == {0o600}
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700


def test_what_cant_be_used_is_said(tmp_path: Path) -> None:
    keys = LinkKeys(tmp_path, "gateway")

    def refusal() -> str:
        with pytest.raises(BadKeys) as found:
            keys.client_context()
        return str(found.value)

    assert "ca.pem can't be read: no such file or directory. asnity-server keys FOLDER makes" in refusal()
    make_certificates(tmp_path)
    (tmp_path / "gateway.key").chmod(0o644)
    assert refusal().startswith("Everyone on this machine can read ")
    shutil.copy(tmp_path / "api.key", tmp_path / "gateway.key")
    (tmp_path / "gateway.key").chmod(0o640)
    assert "don't belong together" in refusal()
    locked = serialization.load_pem_private_key((tmp_path / "api.key").read_bytes(), None).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"tangerine"),
    )
    (tmp_path / "gateway.key").write_bytes(locked)
    assert "locked by a password" in refusal()  # and OpenSSL asks nobody on the terminal
