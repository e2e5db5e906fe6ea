"""Certificates of links: one's own CA, and for each program a key by which the others know it."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Literal, TypeAlias

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
            context.load_verify_locations(self.folder / "ca.pem")
            context.load_cert_chain(*pair)
        except (OSError, ssl.SSLError) as error:
            why = error.strerror or str(error)
            raise BadKeys(
                f"The certificates in {self.folder} can't be used (ca.pem, {pair[0].name}, {pair[1].name}): {why}."
                " Make them with: asnity-server keys FOLDER"
            ) from None
        return context


def require_role(transport: asyncio.BaseTransport, role: Role) -> str | None:
    """Return why a peer may not link: its certificate, though of our CA, is another program's."""
    certificate = transport.get_extra_info("peercert") or {}
    names = [value for kind, value in certificate.get("subjectAltName", ()) if kind == "DNS"]
    return None if NAMES[role] in names else f"its certificate is no {role}'s"
