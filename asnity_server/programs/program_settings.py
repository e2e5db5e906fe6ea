"""Settings of the API program and of a gateway program, where the server is divided."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from asnity_server import config
from asnity_server.config import ENVIRONMENT, OPTIONS, Network, ServerSettings
from asnity_server.link.address import BadLinkAddress, LinkAddress
from asnity_server.options import BadSettings, SettingOption
from asnity_server.protocol.limits import FRAME
from asnity_server.rate_limits import Rate

_NAME = re.compile(r"[a-z0-9]{1,16}")


class ApiSettings(ServerSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that can be set of an API program."""

    link: tuple[str, ...] = ()
    keys: str = ""

    @property
    def keys_folder(self) -> Path:
        """The folder of the certificates."""
        return Path(self.keys).expanduser()


class GatewaySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that can be set of a gateway program."""

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8450
    api: tuple[str, ...] = ()
    gateway_name: str = ""
    keys: str = ""
    drain: Annotated[int, Meta(ge=0, le=3600)] = 30
    trusted_proxies: tuple[str, ...] = ()
    limit_connections: Annotated[int, Meta(ge=0)] = 100
    limit_packets: str = "300+100/s"
    limit_frame: Annotated[int, Meta(ge=FRAME // 1024, le=1024)] = FRAME // 1024
    metrics_networks: tuple[str, ...] = ()

    @property
    def proxies(self) -> tuple[Network, ...]:
        """`trusted_proxies` as networks."""
        return config.as_networks(self.trusted_proxies)

    @property
    def metrics_readers(self) -> tuple[Network, ...]:
        """`metrics_networks` as networks."""
        return config.as_networks(self.metrics_networks)

    @property
    def packet_rate(self) -> Rate:
        """`limit_packets` as a rate."""
        return Rate.parse(self.limit_packets)

    @property
    def keys_folder(self) -> Path:
        """The folder of the certificates."""
        return Path(self.keys).expanduser()


_option = partial(SettingOption, ENVIRONMENT)
_ADDRESSES = "addresses such as unix:/run/asnity/link.sock, tls://HOST:PORT or tcp://127.0.0.1:PORT"

_KEYS = _option(
    "keys", "FOLDER", "The folder with the certificates for tls:// links; see asnity-server keys.", "a folder"
)

API_OPTIONS = (
    _option("link", "ADDRESSES", "Where gateways link: unix:PATH, tls://HOST:PORT; several with commas.", _ADDRESSES),
    _KEYS,
    *(each for each in OPTIONS if each.field not in ("delivery", "limit_packets")),
)

_SHARED = ("host", "trusted_proxies", "limit_connections", "limit_packets", "limit_frame", "metrics_networks")

GATEWAY_OPTIONS = (
    _option(
        "api", "ADDRESSES", "Where the API program is: unix:PATH, tls://HOST:PORT; several with commas.", _ADDRESSES
    ),
    _option("port", "PORT", "The port to listen on; 0 for any free one.", "a number from 0 to 65535"),
    _option(
        "gateway_name",
        "NAME",
        "The gateway's name; session ids begin with it, so that a proxy finds it for polling clients.",
        "up to 16 letters a-z and digits, such as g1",
        shown="name",
    ),
    _KEYS,
    _option(
        "drain", "SECONDS", "How long closing all sockets takes, one after the other, at the end.", "0 to 3600 seconds"
    ),
    *(each for each in OPTIONS if each.field in _SHARED),
)


def load_api(given: Mapping[str, str | None], environment: Mapping[str, str], file: Path | None) -> ApiSettings:
    """The settings of an API program; parameters as in `config.load`. Raises `BadSettings`."""
    settings = config.checked(config.read(ApiSettings, API_OPTIONS, given, environment, file))
    _check_addresses("link", settings.link, settings.keys)
    return settings


def load_gateway(given: Mapping[str, str | None], environment: Mapping[str, str], file: Path | None) -> GatewaySettings:
    """The settings of a gateway program; parameters as in `config.load`. Raises `BadSettings`."""
    settings = config.read(GatewaySettings, GATEWAY_OPTIONS, given, environment, file)
    config.check_networks(settings)
    config.require("limit_packets", settings.limit_packets, Rate.parse)
    if settings.gateway_name and not _NAME.fullmatch(settings.gateway_name):
        raise config.bad("gateway_name", settings.gateway_name, GATEWAY_OPTIONS)
    _check_addresses("api", settings.api, settings.keys)
    return msgspec.structs.replace(settings, host=config.checked_host(settings.host))


def _check_addresses(name: str, addresses: tuple[str, ...], keys: str) -> None:
    if not addresses:
        raise BadSettings(f"Say where with --{name} ADDRESS: unix:/run/asnity/link.sock, or tls://HOST:PORT.")
    for each in addresses:
        try:
            address = LinkAddress.parse(each)
        except BadLinkAddress as error:
            raise BadSettings(str(error)) from None
        if address.encrypted and not keys:
            raise BadSettings("A tls:// link needs certificates: --keys FOLDER. asnity-server keys FOLDER makes them.")
