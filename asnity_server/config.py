"""Settings of the server: command line over environment over TOML file over defaults."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from asnity_server.protocol.errors import Invalid
from asnity_server.protocol.limits import COMMUNITY_NAME, FRAME
from asnity_server.protocol.models import Registration
from asnity_server.protocol.text import clean_line
from asnity_server.protocol.urls import url_end
from asnity_server.rate_limits import Rate, Rates

from . import options
from .options import HOMELESS, BadSettings, SettingOption

S = TypeVar("S", bound=msgspec.Struct)
K = TypeVar("K", bound="ServerSettings")

PROGRAM = "asnity-server"

ENVIRONMENT = "ASNITY_"
"""Every setting can be given as an environment variable with this in front of its name."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def default_data() -> Path:
    """Return the default data folder. Raises `BadSettings` where there is no home."""
    return options.default_data(PROGRAM)


def default_file() -> Path:
    """Return the settings file that is read where none is named. Raises `BadSettings` where there is no home."""
    return options.default_file(PROGRAM)


class ServerSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that can be set, checked."""

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8440
    data: Path = msgspec.field(default_factory=default_data)
    name: str = "Asnity"
    registration: Registration = "invite"
    public_url: str = ""
    trusted_proxies: tuple[str, ...] = ()
    delivery: Literal["fast", "stock"] = "fast"
    limit_sign_in: str = "10/min"
    limit_sign_up: str = "10/min"
    limit_messages: str = "10+5/s"
    limit_reactions: str = "20+5/s"
    limit_typing: str = "10+1/s"
    limit_invites: str = "30/min"
    limit_directs: str = "30/min"
    limit_markers: str = "200+20/s"
    limit_changes: str = "30+1/s"
    limit_looks: str = "60/min"
    limit_connections: Annotated[int, Meta(ge=0)] = 100
    limit_packets: str = "300+100/s"
    limit_frame: Annotated[int, Meta(ge=FRAME // 1024, le=1024)] = FRAME // 1024
    session_days: Annotated[int, Meta(ge=0, le=36500)] = 90
    metrics_networks: tuple[str, ...] = ()

    @property
    def database(self) -> Path:
        """The one file that holds everything."""
        return self.data / "asnity.db"

    @property
    def proxies(self) -> tuple[Network, ...]:
        """`trusted_proxies` as networks."""
        return as_networks(self.trusted_proxies)

    @property
    def metrics_readers(self) -> tuple[Network, ...]:
        """`metrics_networks` as networks."""
        return as_networks(self.metrics_networks)

    @property
    def rates(self) -> Rates:
        """All `limit_…` that are rates."""
        return Rates(**{each: Rate.parse(getattr(self, "limit_" + each)) for each in _RATES})

    @property
    def packet_rate(self) -> Rate:
        """`limit_packets` as a rate."""
        return Rate.parse(self.limit_packets)


_RATES = tuple(each.name for each in fields(Rates))
LISTS = ("trusted_proxies", "metrics_networks", "link", "api")
OTHERS = frozenset(
    ("link", "api", "gateway_name", "keys", "drain", *(each.name for each in msgspec.structs.fields(ServerSettings)))
)
"""The settings of all programs: each may stand in a file that several read."""


def without_limits(settings: ServerSettings) -> ServerSettings:
    """The same with every limit off: for servers that a program keeps for itself, as the demo and benchmarks do."""
    return msgspec.structs.replace(settings, limit_connections=0, **dict.fromkeys(_limits(), "off"))


def _limits() -> list[str]:
    return [*("limit_" + each for each in _RATES), "limit_packets"]


def as_networks(listed: Sequence[str]) -> tuple[Network, ...]:
    """Return addresses and networks as networks."""
    return tuple(ipaddress.ip_network(each, strict=False) for each in listed)


_option = partial(SettingOption, ENVIRONMENT)

_A_RATE = "a rate such as 10+5/s (10 at once, then 5 a second), 10/min or off"

OPTIONS = (
    _option("host", "ADDRESS", "The address to listen on; 0.0.0.0 or :: for all of them.", "an address like 127.0.0.1"),
    _option("port", "PORT", "The port to listen on; 0 for any free one.", "a number from 0 to 65535"),
    _option("data", "FOLDER", "Where the database is kept.", "a folder"),
    _option("name", "NAME", "What the server is called in clients.", f"one line of 1 to {COMMUNITY_NAME} characters"),
    _option("registration", "open|invite|closed", "Who can create an account.", "open, invite or closed"),
    _option(
        "public_url",
        "URL",
        "The server's public address, without a path; links start with it.",
        "an address such as https://chat.example.org, with nothing after the host name and port",
    ),
    _option(
        "trusted_proxies",
        "ADDRESSES",
        "Reverse proxies whose X-Forwarded-For counts, separated by commas.",
        "a list of addresses or networks",
    ),
    _option(
        "delivery",
        "fast|stock",
        "How messages are delivered: by our own code, or by the library's, to compare.",
        "fast or stock",
    ),
    _option("limit_sign_in", "RATE", "Attempts to sign in to one account from one address.", _A_RATE),
    _option("limit_sign_up", "RATE", "Attempts to sign up from one address.", _A_RATE),
    _option("limit_messages", "RATE", "Messages that one person writes, edits and deletes.", _A_RATE),
    _option("limit_reactions", "RATE", "Reactions that one person adds and removes.", _A_RATE),
    _option("limit_typing", "RATE", "Typing notices of one person, and changes between online and away.", _A_RATE),
    _option("limit_invites", "RATE", "Invite links that one person creates, and people they add to channels.", _A_RATE),
    _option("limit_directs", "RATE", "Direct messages that one person opens.", _A_RATE),
    _option(
        "limit_markers", "RATE", "Channels that one person marks as read, and comparisons after reconnecting.", _A_RATE
    ),
    _option(
        "limit_changes", "RATE", "Everything else that one person changes: names, channels, roles, settings …", _A_RATE
    ),
    _option("limit_looks", "RATE", "Invite links opened from one address.", _A_RATE),
    _option(
        "limit_connections", "COUNT", "Sockets from one address at the same time; 0 for any number.", "a number from 0"
    ),
    _option("limit_packets", "RATE", "Packets that one socket sends; every 4 KB count as one more.", _A_RATE),
    _option("limit_frame", "KB", "The largest frame or request.", "a number from 64 to 1024"),
    _option(
        "session_days",
        "DAYS",
        "Days without use after which a session ends; 0 for never.",
        "a number of days, 0 to 36500",
    ),
    _option(
        "metrics_networks",
        "ADDRESSES",
        "Who may read /metrics besides this machine, separated by commas.",
        "a list of addresses or networks",
    ),
)


def load(given: Mapping[str, str | None], environment: Mapping[str, str], file: Path | None = None) -> ServerSettings:
    """The settings of a run. `given` comes from the command line; a `file` that is named has to exist.

    Raises `BadSettings`.
    """
    return checked(read(ServerSettings, OPTIONS, given, environment, file))


def read(
    kind: type[S],
    options: Sequence[SettingOption],
    given: Mapping[str, str | None],
    environment: Mapping[str, str],
    file: Path | None,
) -> S:
    """One program's settings as they are given; what others read from the same file is left out.

    Raises `BadSettings`.
    """
    values = _from_file(file)
    for option in options:
        for text in (environment.get(option.variable), given.get(option.field)):
            if text is not None:
                values[option.field] = _split(text) if option.field in LISTS else text
    fields_of = {each.name for each in msgspec.structs.fields(kind)}
    values = {name: value for name, value in values.items() if name in fields_of or name not in OTHERS}
    if "data" in fields_of and "data" not in values:
        values["data"] = str(default_data())
    try:
        return msgspec.convert(values, kind, strict=False, dec_hook=_path)
    except msgspec.ValidationError as error:
        raise _refused(error, values, options) from None


def _from_file(file: Path | None) -> dict[str, object]:
    try:
        found = options.read_file(file, lambda: default_file())
    except options.UnreadableFile as error:
        sentence = f"The settings file {error.path} {error.problem}{': ' * bool(error.detail)}{error.detail}."
        if error.problem == "can't be read":
            sentence += f" Name another with --config FILE{', or set HOME' * (file is None)}."
        raise BadSettings(sentence) from None
    if found is None:
        raise BadSettings(f"There is no settings file {file}.")
    return found


def _path(kind: type, value: object) -> object:
    """The one type that msgspec doesn't know."""
    if kind is Path and isinstance(value, str) and value and "\0" not in value:
        return Path(value)
    raise TypeError("Expected `str`")


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def checked_host(text: str) -> str:
    """The host to listen on. Raises `BadSettings`."""
    host = text.strip()
    if host.startswith("[") and host.endswith("]"):  # as IPv6 stands in addresses of the web
        host = host[1:-1]
    if not host:  # for a socket it means all addresses; a variable that was left empty must not open the server to all
        raise bad("host", text)
    return host


def check_networks(settings: msgspec.Struct) -> None:
    """Raise `BadSettings` for what is no address or network."""
    for name in ("trusted_proxies", "metrics_networks"):
        for each in getattr(settings, name):
            require(name, each, lambda text: ipaddress.ip_network(text, strict=False))


def checked(settings: K) -> K:
    """Check what types alone don't. Raises `BadSettings`."""
    check_networks(settings)
    for name in _limits():
        require(name, getattr(settings, name), Rate.parse)
    host = checked_host(settings.host)
    if settings.public_url and not _is_web_address(settings.public_url):
        raise bad("public_url", settings.public_url)
    try:
        name = clean_line(settings.name, field="name", longest=COMMUNITY_NAME, shortest=1)
    except Invalid:
        raise bad("name", settings.name) from None
    try:
        data = settings.data.expanduser()
    except RuntimeError:
        raise BadSettings(HOMELESS) from None
    return msgspec.structs.replace(settings, host=host, name=name, data=data)


def require(name: str, value: str, parse: Callable[[str], object]) -> None:
    """Raise `BadSettings` where a value can't be parsed."""
    try:
        parse(value)
    except ValueError:
        raise bad(name, value) from None


def _is_web_address(text: str) -> bool:
    link = text.rstrip("/") + "/invite/x"
    try:
        url = urlsplit(text)
        return (
            url.scheme in ("http", "https")
            and url.hostname is not None
            and (_HOST_NAME.fullmatch(url.hostname) is not None or ":" in url.hostname)
            and url.port != 0
            and not url.netloc.endswith(":")
            and url.path in ("", "/")
            and not any(sign in text for sign in "?#@\\")
            and url_end(link, 0) == len(link)  # what is built on it is a link where it stands in a message
        )
    except ValueError:
        return False


_HOST_NAME = re.compile(r"\w([\w-]*\w)?(\.\w([\w-]*\w)?)*\.?")
"""A name or an IPv4 address; letters of any script, as browsers take them."""


def _refused(
    error: msgspec.ValidationError, values: Mapping[str, object], options: Sequence[SettingOption]
) -> BadSettings:
    """msgspec's refusal in our words; it names the place as in `… - at `$.port`` or `$.trusted_proxies[0]`."""
    what, _, where = str(error).partition(" - at `$.")
    if "unknown field" in what:
        return BadSettings(f"There is no setting {what.rpartition(' ')[2]}.")
    name = where.rstrip("`").partition("[")[0]
    return bad(name, values.get(name), options)


def bad(name: str, value: object, options: Sequence[SettingOption] = ()) -> BadSettings:
    """The refusal of a setting's value, which says what it takes."""
    expects = next((option.expects for option in (*options, *OPTIONS) if option.field == name), "something else")
    return BadSettings(f"The setting {name} must be {expects}, not {value!r}.")
