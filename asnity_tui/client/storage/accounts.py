"""The accounts that this machine is signed in to: server, person and token, in one file that nobody else can read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from asnity_server.protocol.redaction import Redacted

from .private_files import locked, private_folder, replace_file


class SavedAccount(Redacted, msgspec.Struct, frozen=True, kw_only=True):
    """One account that is signed in here."""

    server: str
    """An `Address.url`."""
    user_id: str
    username: str
    token: str


class _File(msgspec.Struct, frozen=True):
    """What the file holds, the account that was used last first."""

    sessions: tuple[SavedAccount, ...] = ()


class SavedAccounts:
    """The file. Several instances may change it at once. Methods may raise `OSError`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> tuple[SavedAccount, ...]:
        """All accounts, the one that was used last first; a file that makes no sense counts as empty."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_File).sessions
        except (FileNotFoundError, msgspec.DecodeError, UnicodeError):
            return ()

    def use(self, session: SavedAccount) -> None:
        """Keep an account as the one that was used last, in place of what was kept of it."""
        self._change(lambda known: (session, *(each for each in known if not _same(each, session))))

    def remove(self, session: SavedAccount) -> None:
        """Forget an account, unless it was signed in to again meanwhile."""
        self._change(lambda known: tuple(each for each in known if each.token != session.token))

    def _change(self, change: Callable[[tuple[SavedAccount, ...]], tuple[SavedAccount, ...]]) -> None:
        private_folder(self._path.parent)
        with locked(self._path.with_suffix(".lock")):
            replace_file(self._path, msgspec.json.format(msgspec.json.encode(_File(change(self.load())))))


def _same(one: SavedAccount, other: SavedAccount) -> bool:
    return (one.server, one.user_id) == (other.server, other.user_id)
