"""Notices accounts that the administrator disables or enables beside the running server, and publishes the change."""

from __future__ import annotations

from functools import partial

from asnity_server.db.database import Database

from .users import disabled_accounts, tell_of


class DisabledAccounts:
    """Compares which accounts are disabled with which were: the administrator's command can tell nobody itself."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: frozenset[str] = frozenset()

    async def begin(self) -> None:
        """Take what is so at the start as known."""
        self._known = await self._database.read(disabled_accounts)

    async def compare(self) -> None:
        """Tell everyone who can see them of the accounts that changed."""
        found = await self._database.read(disabled_accounts)
        changed, self._known = found ^ self._known, found
        for user_id in sorted(changed):
            await self._database.write(partial(tell_of, user_id=user_id))
