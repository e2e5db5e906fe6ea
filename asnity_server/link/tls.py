"""Certificates of links: one's own CA, and for each program a key by which the others know it."""

from __future__ import annotations

import asyncio
import ssl
import stat
from pathlib import Path
from typing import Literal, NoReturn, TypeAlias

from msgspec import Struct

Role: TypeAlias = Literal["api", "gateway"]

NAMES: dict[Role, str] = {"api": "api.asnity.internal", "gateway": "gateway.asnity.internal"}
"""The names in certificates. They tell a program's role and not its machine, which may change."""


class BadKeys(OSError):
    """Certificates can't be used; the text is one sentence for whoever hosts the server."""


class LinkKeys(Struct, frozen=True):
    """A folder with `ca.pem`, and certificate and key of one program."""

    folder: Path
    role: Role

    def server_context(self) -> ssl.SSLContext:
        """Return the context of who listens. Raises `BadKeys`."""
        return self._context(ssl.PROTOCOL_TLS_SERVER)

    def client_context(self) -> ssl.SSLContext:
        """Return the context of who connects. Raises `BadKeys`."""
        return self._context(ssl.PROTOCOL_TLS_CLIENT)

    def _context(self, kind: ssl._SSLMethod) -> ssl.SSLContext:
        context = ssl.SSLContext(kind)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.verify_mode = ssl.CERT_REQUIRED
        pair = self.folder / f"{self.role}.pem", self.folder / f"{self.role}.key"
        try:
            for each in (self.folder / "ca.pem", *pair):
                each.read_bytes()  # OpenSSL doesn't say which of them it can't read
            if pair[1].stat().st_mode & stat.S_IRWXO:
                raise BadKeys(f"Everyone on this machine can read {pair[1]}. Change that: chmod o= {pair[1]}")
            context.load_verify_locations(self.folder / "ca.pem")
            context.load_cert_chain(*pair, password=_no_password)
        except BadKeys:
            raise
        except ssl.SSLError:
            files = f"ca.pem, {pair[0].name} and {pair[1].name}"
            raise BadKeys(f"{files} in {self.folder} don't belong together, or are no certificates and key.") from None
        except OSError as error:
            hint = "" if isinstance(error, PermissionError) else " asnity-server keys FOLDER makes certificates."
            raise BadKeys(f"{error.filename} can't be read: {(error.strerror or '').lower()}.{hint}") from None
        return context


def _no_password() -> NoReturn:
    """Without this, OpenSSL would ask on the terminal, and a service wait for ever."""
    raise BadKeys("The key is locked by a password, which nobody is there to type.")


def handshake_problem(error: OSError) -> str:
    """Why a link couldn't be opened, as the end of a sentence."""
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code in _TIMES:
            return f"{error.verify_message}: is the clock right here and there, and are the certificates still good?"
        return f"who listens there has no certificate of an API program by the CA in ca.pem ({error.verify_message})"
    if isinstance(error, ssl.SSLError):
        return f"who listens there doesn't take part in an encrypted link ({(error.reason or str(error)).lower()})"
    if isinstance(error, TimeoutError):
        return "nothing answers"
    return (error.strerror or str(error)).lower()


_TIMES = (9, 10)
"""OpenSSL's codes for certificates that hold not yet, or no longer."""


def require_role(transport: asyncio.BaseTransport, role: Role) -> str | None:
    """Return why a peer may not link: its certificate, though of our CA, is another program's."""
    certificate = transport.get_extra_info("peercert") or {}
    names = [value for kind, value in certificate.get("subjectAltName", ()) if kind == "DNS"]
    return None if NAMES[role] in names else f"its certificate is no {role}'s"
