"""Certificates for links, made with a CA of one's own."""

from __future__ import annotations

import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from .tls import NAMES, Role

DAYS = 3650
"""Days for which certificates hold. Whoever has the CA's key makes new ones."""

_PEM = serialization.Encoding.PEM


def make_certificates(folder: Path) -> tuple[Path, ...]:
    """Make a certificate and a key for each role in `folder`, and a CA where there is none; returns the files made.

    Raises `OSError`, and `ValueError` for a CA that can't be read.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made: list[Path] = []
    ca_key_file, ca_file = folder / "ca.key", folder / "ca.pem"
    if ca_key_file.exists() != ca_file.exists():  # a new CA in its place would end the trust in all that it signed
        here, gone = (ca_file, ca_key_file) if ca_file.exists() else (ca_key_file, ca_file)
        raise ValueError(f"{here.name} is there without {gone.name}")
    if ca_file.exists():
        ca_key = serialization.load_pem_private_key(ca_key_file.read_bytes(), None)
        ca = x509.load_pem_x509_certificate(ca_file.read_bytes())
    else:
        ca_key = _new_key(ca_key_file)
        ca = _make_ca(ca_key)
        ca_file.write_bytes(ca.public_bytes(_PEM))
        made += [ca_file, ca_key_file]
    if not isinstance(ca_key, ec.EllipticCurvePrivateKey):
        raise ValueError("the CA's key is of another kind than those made here")
    for role in NAMES:
        key_file, file = folder / f"{role}.key", folder / f"{role}.pem"
        certificate = _make_leaf(role, _new_key(key_file), ca, ca_key)
        file.write_bytes(certificate.public_bytes(_PEM))
        made += [file, key_file]
    return tuple(made)


def _new_key(file: Path) -> ec.EllipticCurvePrivateKey:
    """Make a key, readable by its owner alone from its first byte on."""
    key = ec.generate_private_key(ec.SECP256R1())
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_bytes(key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return key


def _begin(subject: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return x509.CertificateBuilder(
        subject_name=_name(subject),
        issuer_name=issuer,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - datetime.timedelta(days=1),
        not_valid_after=now + datetime.timedelta(days=DAYS),
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _make_ca(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    subject = "Asnity links"
    return (
        _begin(subject, _name(subject), key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )


def _make_leaf(
    role: Role, key: ec.EllipticCurvePrivateKey, ca: x509.Certificate, ca_key: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    purpose = ExtendedKeyUsageOID.SERVER_AUTH if role == "api" else ExtendedKeyUsageOID.CLIENT_AUTH
    return (
        _begin(NAMES[role], ca.subject, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAMES[role])]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .sign(ca_key, hashes.SHA256())
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
