"""Links to messages: the address of a message on its server, to be given to somebody and to be followed here."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import msgspec

_PATH = re.compile(r"/channels/([A-Za-z0-9_-]{1,64})/messages/([1-9][0-9]{0,15})/?\Z")


class Place(msgspec.Struct, frozen=True):
    """A message in a channel."""

    channel_id: str
    message_id: int


def link_to(server: str, place: Place) -> str:
    """The link to a message of the server with this address."""
    return f"{server.rstrip('/')}/channels/{place.channel_id}/messages/{place.message_id}"


def place_of(link: str, server: str) -> Place | None:
    """Where a link leads; None if it is no link to a message of the server with this address."""
    try:
        given, here = urlsplit(link.strip()), urlsplit(server)
    except ValueError:
        return None
    path = given.path.removeprefix(here.path.rstrip("/"))
    match = _PATH.fullmatch(path)
    if match is None or (given.scheme, given.netloc.lower()) != (here.scheme, here.netloc.lower()):
        return None
    return Place(match[1], int(match[2]))
