"""User accounts: created, found, disabled, and changed by their owners."""

from __future__ import annotations

from asnity_server.api.access import Caller
from asnity_server.api.membership import publish_member, step_community
from asnity_server.api.names import remember, require_distinct_display_name, require_distinct_username
from asnity_server.api.storage import row_mapping
from asnity_server.db.transaction import ReadTx, WriteTx
from asnity_server.protocol import limits, requests, text
from asnity_server.protocol.errors import Conflict, NotFound
from asnity_server.protocol.ids import new_id
from asnity_server.protocol.models import User

from .sessions import end_sessions_of


def any_account(view: ReadTx) -> bool:
    """Whether anybody has signed up here."""
    return view.value("SELECT 1 FROM users LIMIT 1") is not None


def load_user(view: ReadTx, user_id: str) -> User:
    """A person as others see them. Raises `NotFound`."""
    row = view.one(f"SELECT {row_mapping.USER} FROM users u WHERE u.id = ?", (user_id,))
    if row is None:
        raise NotFound("Person not found.")
    return row_mapping.user(row)


def require_free(view: ReadTx, username: str) -> None:
    """Raise `Conflict` where somebody has a name that is the same but for case or width."""
    if view.value("SELECT 1 FROM users WHERE username_key = ?", (text.name_key(username),)) is not None:
        raise Conflict("This name is taken.", field="username")


def make_account(tx: WriteTx, username: str, display_name: str, password_hash: str) -> str:
    """A new account; its id. `username` and `display_name` are clean already. Raises `Conflict`."""
    require_free(tx, username)
    require_distinct_username(tx, username)
    user_id = new_id()
    tx.run(
        "INSERT INTO users (id, username, username_key, display_name, password_hash, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (user_id, username, text.name_key(username), display_name or username, password_hash, tx.now),
    )
    remember(tx, user_id)
    return user_id


def find_account(view: ReadTx, username: str) -> str:
    """The id of the account with this name. Raises `NotFound`."""
    key = text.name_key(username).encode("utf-8", "replace").decode()  # bytes of a shell that are no letters
    user_id: str | None = view.value("SELECT id FROM users WHERE username_key = ?", (key,))
    if user_id is None:
        raise NotFound("No such account. asnity-server user list shows them all.")
    return user_id


def set_password(tx: WriteTx, user_id: str, password_hash: str, *, but: str | None = None) -> None:
    """Give an account a new password; all its sessions end, but one."""
    tx.run("UPDATE users SET password_hash = ? WHERE id = ?", (password_hash, user_id))
    end_sessions_of(tx, user_id, "password-changed", but=but)


def disable_account(tx: WriteTx, user_id: str) -> None:
    """Nobody signs in with this account any more; whoever is signed in is out."""
    tx.run("UPDATE users SET disabled_at = coalesce(disabled_at, ?) WHERE id = ?", (tx.now, user_id))
    end_sessions_of(tx, user_id, "disabled")
    tell_of(tx, user_id)


def enable_account(tx: WriteTx, user_id: str) -> None:
    """People may sign in with this account again."""
    tx.run("UPDATE users SET disabled_at = NULL WHERE id = ?", (user_id,))
    tell_of(tx, user_id)


def is_disabled(view: ReadTx, user_id: str) -> bool:
    """Whether nobody can sign in with this account."""
    return view.value("SELECT disabled_at FROM users WHERE id = ?", (user_id,)) is not None


def disabled_accounts(view: ReadTx) -> frozenset[str]:
    """The ids of all accounts that nobody can sign in with."""
    return frozenset(user_id for (user_id,) in view.all("SELECT id FROM users WHERE disabled_at IS NOT NULL"))


def tell_of(tx: WriteTx, user_id: str) -> None:
    """Tell everyone in the same communities what a person is now."""
    for (community_id,) in tx.all("SELECT community_id FROM memberships WHERE user_id = ?", (user_id,)):
        publish_member(tx, community_id, user_id, step_community(tx, community_id))


def me(view: ReadTx, caller: Caller, request: requests.Empty) -> User:
    """The caller as others see them."""
    return load_user(view, caller.user_id)


def patch_me(tx: WriteTx, caller: Caller, request: requests.PatchMe) -> User:
    """Change what others see of the caller; everyone in the same communities is told."""
    before = load_user(tx, caller.user_id)
    display_name, status_text = before.display_name, before.status_text
    if request.display_name is not None:
        display_name = text.clean_line(
            request.display_name, field="displayName", longest=limits.DISPLAY_NAME, shortest=1
        )
    if request.status_text is not None:
        status_text = text.clean_line(request.status_text, field="statusText", longest=limits.STATUS_TEXT)
    if (display_name, status_text) == (before.display_name, before.status_text):
        return before
    if display_name != before.display_name:
        require_distinct_display_name(tx, caller.user_id, display_name)
    tx.run(
        "UPDATE users SET display_name = ?, status_text = ? WHERE id = ?", (display_name, status_text, caller.user_id)
    )
    if display_name != before.display_name:
        remember(tx, caller.user_id)
    tell_of(tx, caller.user_id)
    return load_user(tx, caller.user_id)
