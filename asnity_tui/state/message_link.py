"""Builds and parses links to messages of a server."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import msgspec

from asnity_server.protocol.urls import pasted_url

_PATH = re.compile(r"/channels/([A-Za-z0-9_-]{1,64})/messages/([1-9][0-9]{0,15})/?\Z")
_IN = re.compile(r"(?:\A|&)in=([0-9a-z]{1,64})(?:&|\Z)")

SHORT = 8
"""Letters of the generation that stand in a link."""


class MessageAddress(msgspec.Struct, frozen=True):
    """A message in a channel."""

    channel_id: str
    message_id: int
    generation: str = ""
    """Of which generation of the server the id is; empty where the link doesn't say."""

    def is_of(self, generation: str) -> bool:
        """Whether the id means the same message in this generation of the server, as far as is known."""
        return not self.generation or generation.startswith(self.generation)


def link_to(server: str, place: MessageAddress) -> str:
    """The link to a message of the server with this address."""
    suffix = f"?in={place.generation[:SHORT]}" if place.generation else ""
    return f"{server.rstrip('/')}/channels/{place.channel_id}/messages/{place.message_id}{suffix}"


def parse_link(link: str, server: str) -> MessageAddress | None:
    """Parse a link; None if it is no link to a message of the server with this address."""
    try:
        given, here = urlsplit(pasted_url(link)), urlsplit(server)
    except ValueError:
        return None
    path = given.path.removeprefix(here.path.rstrip("/"))
    match = _PATH.fullmatch(path)
    if match is None or (given.scheme, given.netloc.lower()) != (here.scheme, here.netloc.lower()):
        return None
    generation = _IN.search(given.query)
    return MessageAddress(match[1], int(match[2]), generation[1] if generation is not None else "")
