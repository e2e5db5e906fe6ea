"""The storage that a session needs between starts; `cache` keeps it in a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Protocol, TypeAlias

import msgspec

from asnity_server.protocol.models import Message, User
from asnity_server.protocol.responses import Overview
from asnity_tui.state.outbox_entry import OutboxEntry

STORED_MESSAGES_MAX = 200
"""How many of a channel's newest messages are kept."""

ELSEWHERE = "Start asnity-tui with --data and a folder that you can write to."
"""Advice where nothing can be kept."""

PreferenceValue: TypeAlias = bool | int | str
"""A small thing that a person has chosen, or where they were; see `preferences`."""


NO_DRAFTS: Mapping[str, str] = MappingProxyType({})
"""No drafts."""


class StorageError(Exception):
    """It could not be written to disk. The text is one sentence for a person."""


class StoredChannel(msgspec.Struct, frozen=True):
    """The newest messages of one channel, as of one rev of it."""

    rev: int
    messages: tuple[Message, ...]
    """Ids contiguous and ascending, at most `STORED_MESSAGES_MAX`."""
    users: tuple[User, ...]
    """Those who are named in them, as far as known."""
    generation: str = ""
    """Of which generation of the server they are."""


def is_further(held: PreferenceValue | None, value: str) -> bool:
    """Tell whether of two places, each a generation and a number, the held one is further on in the same generation."""
    if not isinstance(held, str):
        return False
    (generation, _, at), (other, _, than) = held.rpartition(" "), value.rpartition(" ")
    return generation == other and at.isdecimal() and than.isdecimal() and int(at) > int(than)


class Storage(Protocol):
    """The storage of one instance of one account. Loads are quick and block; writes happen elsewhere, in order.

    A write that isn't awaited never raises: what it couldn't keep is told through the `on_trouble` that the
    implementation was made with.
    """

    owner: str
    """The name of this running instance, for `Entry.owner`."""

    def load_sidebar(self) -> Overview | None:
        """The sidebar as it showed last."""

    def save_sidebar(self, overview: Overview) -> None:
        """Keep what the sidebar shows, in place of what was kept."""

    def load_channel(self, channel_id: str) -> StoredChannel | None:
        """The newest messages of a channel, if it was ever visited."""

    def save_channel(self, channel_id: str, remembered: StoredChannel) -> None:
        """Keep these messages of a channel, in place of those that were kept."""

    def forget_channel(self, channel_id: str) -> None:
        """Remove a channel's messages, for whoever is no longer in it."""

    def load_outbox(self) -> Sequence[OutboxEntry]:
        """Unsent things of this instance, in order; takes over those of instances that are gone, here and now.

        Called at the start and from time to time; those that it answered before come again, as last kept.
        """

    async def save_entry(self, entry: OutboxEntry, drafts: Mapping[str, str] = NO_DRAFTS) -> None:
        """Keep an entry (a new one goes behind the others), and these drafts as by `save_draft`: all of it or nothing.

        On disk when this returns. Raises `StorageError`.
        """

    def update_entry(self, entry: OutboxEntry) -> None:
        """Keep an entry's new state; nothing happens if it was dropped."""

    def delete_entry(self, nonce: str, drafts: Mapping[str, str] = NO_DRAFTS) -> None:
        """Forget an entry: it was sent, or the person took it back; keep these drafts in the same step."""

    def load_drafts(self) -> Mapping[str, str]:
        """This instance's drafts that aren't empty, by channel id; takes over those of instances that are gone.

        Where several instances wrote in one channel, everything that they wrote is there.
        """

    def save_draft(self, channel_id: str, text: str) -> None:
        """Keep a draft of this instance; an empty one is removed. Those of other instances stay as they are."""

    def load_last_channel(self) -> str | None:
        """The channel that was open last."""

    def save_last_channel(self, channel_id: str) -> None:
        """Keep which channel is open."""

    def load_preferences(self) -> Mapping[str, PreferenceValue]:
        """All that was chosen, by name."""

    def save_preference(self, name: str, value: PreferenceValue | None) -> None:
        """Keep one choice, in place of what was kept under its name; None removes it."""

    def save_read_marker(self, name: str, value: str) -> None:
        """Keep up to where somebody has read among the choices, unless an instance has kept what `is_further`."""

    def drop_read_marker(self, name: str, value: str) -> None:
        """Remove it again, unless an instance has kept what is further."""

    async def forget(self) -> None:
        """Remove everything of this account: it signed out."""

    async def close(self) -> None:
        """Write what is still to be written, and let go of the file and of this instance's lock."""
