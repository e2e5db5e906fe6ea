"""Sign-up and sign-in: checks and hashes passwords, which takes time, outside of the writer."""

from __future__ import annotations

import hmac

from asnity_server.api.access import Caller, load_caller_by_token
from asnity_server.api.invites import accept_as, require_open
from asnity_server.db.database import Database
from asnity_server.db.transaction import ReadTx, WriteTx
from asnity_server.protocol import limits, requests, responses, text
from asnity_server.protocol.errors import Forbidden, Unauthorized
from asnity_server.protocol.models import Registration

from .password_guessing import PasswordLimits, SignUpLimits
from .passwords import Passwords
from .peer import Peer
from .sessions import new_session, token_hash
from .users import any_account, load_user, make_account, require_free, set_password

WRONG = "Wrong name or password."
DISABLED = "This account is disabled. Ask the server administrator to enable it."


class Accounts:
    """Makes accounts and sessions for people who prove by a password who they are."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        *,
        registration: Registration,
        setup_code: str,
        password_limits: PasswordLimits,
        sign_up_limits: SignUpLimits,
    ) -> None:
        """`setup_code` lets the first account be made from another machine."""
        self._database = database
        self._passwords = passwords
        self._registration = registration
        self._setup_code = setup_code
        self._password_limits = password_limits
        self._sign_up_limits = sign_up_limits

    async def sign_up(self, peer: Peer, request: requests.SignUp) -> responses.SignedIn:
        """Make an account and sign it in; an invite is accepted in the same transaction."""
        username = text.clean_username(request.username)
        display_name = text.clean_line(request.display_name or "", field="displayName", longest=limits.DISPLAY_NAME)
        device = _clean_device(request.device)
        self._sign_up_limits.take(peer)

        def admit(view: ReadTx) -> None:
            self._require_admission(view, peer, request)
            require_free(view, username)

        await self._database.read(admit)  # before the price of a hash is paid
        hashed = await self._passwords.hash(request.password)

        def work(tx: WriteTx) -> responses.SignedIn:
            admit(tx)
            user_id = make_account(tx, username, display_name, hashed)
            if request.invite is not None:
                accept_as(tx, user_id, request.invite)
            return responses.SignedIn(token=new_session(tx, user_id, device), user=load_user(tx, user_id))

        return self._recognised(peer, await self._database.write(work))

    def _require_admission(self, view: ReadTx, peer: Peer, request: requests.SignUp) -> None:
        if not any_account(view):
            code = (request.setup_code or "").encode("utf-8", "replace")
            if not peer.loopback and not hmac.compare_digest(code, self._setup_code.encode()):
                raise Forbidden("The first account needs the set-up code from the server's log.", field="setupCode")
        elif self._registration == "closed":
            raise Forbidden("Sign-up is closed on this server. Ask its administrator for an account.")
        elif self._registration == "invite" and request.invite is None:
            raise Forbidden("You need an invite to sign up here.", field="invite")
        if request.invite is not None:
            require_open(view, request.invite)

    async def sign_in(self, peer: Peer, request: requests.SignIn) -> responses.SignedIn:
        """Make a session. Raises `Unauthorized`, in the same words and the same time, for a wrong name or password.

        Raises `Forbidden` for a disabled account, after its right password alone.
        """
        device = _clean_device(request.device)
        if len(request.username) > text.longest_written(limits.USERNAME):  # nobody's, and it isn't even looked at
            self._password_limits.take_nobodys(peer)
            raise Unauthorized(WRONG)
        key = text.name_key(request.username)
        self._password_limits.require(peer, key)
        row = await self._database.read(
            lambda view: view.one("SELECT id, password_hash, disabled_at FROM users WHERE username_key = ?", (key,))
        )
        user_id, stored, disabled_at = row or (None, None, None)
        self._password_limits.take(peer, key, user_id)
        known = self._password_limits.known(peer, user_id)
        if not await self._passwords.verify(stored, request.password, by=known):
            raise Unauthorized(WRONG)
        if disabled_at is not None:  # told to nobody but who knows the password
            raise Forbidden(DISABLED)
        outdated = self._passwords.is_outdated(stored)
        fresh = await self._passwords.hash(request.password, by=known) if outdated else stored

        def work(tx: WriteTx) -> responses.SignedIn:
            # the password may have been changed, or the account disabled, while it was verified
            verified = "UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ? AND disabled_at IS NULL"
            if not tx.run(verified, (fresh, user_id, stored)):
                same = tx.value("SELECT password_hash FROM users WHERE id = ?", (user_id,)) == stored
                raise Forbidden(DISABLED) if same else Unauthorized(WRONG)
            return responses.SignedIn(token=new_session(tx, user_id, device), user=load_user(tx, user_id))

        return self._recognised(peer, await self._database.write(work))

    def _recognised(self, peer: Peer, signed_in: responses.SignedIn) -> responses.SignedIn:
        self._password_limits.recognise(signed_in.user.id, peer)
        return signed_in

    async def change_password(self, peer: Peer, token: str | None, request: requests.ChangePassword) -> None:
        """Set a new password, after proving the present one; all other sessions of the account end."""
        proof = token_hash(token)

        def present(view: ReadTx) -> tuple[Caller, str]:
            caller = load_caller_by_token(view, proof)
            return caller, view.value("SELECT password_hash FROM users WHERE id = ?", (caller.user_id,))

        who, stored = await self._database.read(present)
        self._password_limits.take_own(who.session_id)
        if not await self._passwords.verify(stored, request.current, by=who.user_id):
            raise Forbidden("That isn't your current password.", field="current")
        hashed = await self._passwords.hash(request.new, by=who.user_id)

        def work(tx: WriteTx) -> str:
            caller = load_caller_by_token(tx, proof)
            if tx.value("SELECT password_hash FROM users WHERE id = ?", (caller.user_id,)) != stored:
                raise Forbidden("That isn't your current password.", field="current")
            set_password(tx, caller.user_id, hashed, but=caller.session_id)
            return caller.user_id

        self._password_limits.recognise(await self._database.write(work), peer, anew=True)


def _clean_device(device: str) -> str:
    return text.clean_line(device, field="device", longest=limits.DEVICE)
