"""Account administration by command line: list, add, disable, enable accounts and set passwords."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from asnity_server.db.connection import connect
from asnity_server.db.maintenance import backup, restore, run_alone
from asnity_server.db.transaction import WriteTx
from asnity_server.protocol import limits, text
from asnity_server.protocol.errors import Invalid
from asnity_server.protocol.times import to_wire

from .passwords import Passwords
from .users import disable_account, enable_account, find_account, is_disabled, make_account, require_free, set_password


@dataclass(frozen=True)
class AccountLine:
    """One account in the list."""

    username: str
    display_name: str
    created_at: str
    last_seen_at: str | None
    disabled: bool


_ACCOUNTS = """
SELECT username, display_name, created_at, disabled_at,
    (SELECT max(last_seen_at) FROM sessions WHERE user_id = users.id) AS last_seen_at
FROM users ORDER BY username_key
"""


def list_accounts(path: Path) -> list[AccountLine]:
    """All accounts by name."""
    db = Database(connect(path, read_only=True), execute_plugins=False)
    try:
        return [
            AccountLine(
                username=row["username"],
                display_name=row["display_name"],
                created_at=to_wire(row["created_at"]),
                last_seen_at=None if row["last_seen_at"] is None else to_wire(row["last_seen_at"]),
                disabled=row["disabled_at"] is not None,
            )
            for row in db.query(_ACCOUNTS)
        ]
    finally:
        db.close()


def check_name(path: Path, username: str) -> str:
    """The name as it would be stored, if it is free. Raises `Invalid`, `Conflict`."""
    name = text.clean_username(username)
    run_alone(path, lambda tx: require_free(tx, name))
    return name


def add_account(path: Path, username: str, display_name: str, password: str) -> str:
    """Make an account; its id. Raises `Invalid`, `Conflict`."""
    name = text.clean_username(username)
    shown = text.clean_line(display_name, field="displayName", longest=limits.DISPLAY_NAME)
    hashed = _hash(password)
    return run_alone(path, lambda tx: make_account(tx, name, shown, hashed))


def require_account(path: Path, username: str) -> None:
    """Raise `NotFound` where nobody has this name."""
    run_alone(path, lambda tx: find_account(tx, username))


def change_password(path: Path, username: str, password: str) -> bool:
    """Give an account a new password; all its sessions end. Whether it is disabled. Raises `NotFound`, `Invalid`."""
    hashed = _hash(password)

    def work(tx: WriteTx) -> bool:
        user_id = find_account(tx, username)
        set_password(tx, user_id, hashed)
        return is_disabled(tx, user_id)

    return run_alone(path, work)


def disable(path: Path, username: str) -> bool:
    """Shut an account out; all its sessions end. False if it was disabled already. Raises `NotFound`."""

    def work(tx: WriteTx) -> bool:
        user_id = find_account(tx, username)
        before = is_disabled(tx, user_id)
        disable_account(tx, user_id)
        return not before

    return run_alone(path, work)


def enable(path: Path, username: str) -> bool:
    """Let a disabled account in again. False if it wasn't disabled. Raises `NotFound`."""

    def work(tx: WriteTx) -> bool:
        user_id = find_account(tx, username)
        before = is_disabled(tx, user_id)
        if before:
            enable_account(tx, user_id)
        return before

    return run_alone(path, work)


def _hash(password: str) -> str:
    if not limits.PASSWORD_MIN <= len(password) <= limits.PASSWORD:
        raise Invalid(f"A password has {limits.PASSWORD_MIN} to {limits.PASSWORD} characters.", field="password")
    passwords = Passwords()
    try:
        return passwords.hash_here(password)
    finally:
        passwords.close()


__all__ = [
    "AccountLine",
    "add_account",
    "backup",
    "change_password",
    "check_name",
    "disable",
    "enable",
    "list_accounts",
    "restore",
]
