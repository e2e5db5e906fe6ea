"""A `Storage` of nothing, for sessions that leave no trace and take over nobody's unsent messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from asnity_server.protocol.responses import Overview
from asnity_tui.state.outbox_entry import OutboxEntry

from .storage import NO_DRAFTS, PreferenceValue, StorageError, StoredChannel


class NullStorage:
    """Knows nothing at the start and nothing at the end; whoever writes is told so."""

    owner = ""

    def load_sidebar(self) -> Overview | None:
        """Nothing."""
        return None

    def save_sidebar(self, overview: Overview) -> None:
        """Forgotten."""

    def load_channel(self, channel_id: str) -> StoredChannel | None:
        """Nothing."""
        return None

    def save_channel(self, channel_id: str, remembered: StoredChannel) -> None:
        """Forgotten."""

    def forget_channel(self, channel_id: str) -> None:
        """Forgotten already."""

    def load_outbox(self) -> Sequence[OutboxEntry]:
        """Nothing."""
        return ()

    async def save_entry(self, entry: OutboxEntry, drafts: Mapping[str, str] = NO_DRAFTS) -> None:
        """Raises `StorageError`: nothing may be written that would be lost with the program."""
        raise StorageError("Nothing is remembered here.")

    def update_entry(self, entry: OutboxEntry) -> None:
        """There is none."""

    def delete_entry(self, nonce: str, drafts: Mapping[str, str] = NO_DRAFTS) -> None:
        """There is none."""

    def load_drafts(self) -> Mapping[str, str]:
        """None."""
        return {}

    def save_draft(self, channel_id: str, text: str) -> None:
        """Forgotten."""

    def load_last_channel(self) -> str | None:
        """None."""
        return None

    def save_last_channel(self, channel_id: str) -> None:
        """Forgotten."""

    def load_preferences(self) -> Mapping[str, PreferenceValue]:
        """None."""
        return {}

    def save_preference(self, name: str, value: PreferenceValue | None) -> None:
        """Forgotten."""

    def save_read_marker(self, name: str, value: str) -> None:
        """Forgotten."""

    def drop_read_marker(self, name: str, value: str) -> None:
        """There is none."""

    async def forget(self) -> None:
        """Forgotten already."""

    async def close(self) -> None:
        """Nothing to close."""
