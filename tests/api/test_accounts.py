"""Signing up, in and out, and what ends a session."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from asnity_server.api.accounts import administration, sessions, users
from asnity_server.api.accounts.passwords import HashCost, Passwords
from asnity_server.api.service import Peer
from asnity_server.bus import CommunityEntered, MemberUpdated, SessionsEnded
from asnity_server.protocol import requests
from asnity_server.protocol.errors import (
    AsnityError,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    RateLimited,
    Unauthorized,
    Unavailable,
)
from asnity_server.protocol.responses import SignedIn
from asnity_server.rate_limits import Rate, Rates
from tests.api.harness import CHEAP, ApiHarness

HERE = Peer("127.0.0.1", loopback=True)
AWAY = Peer("192.0.2.7")


@pytest.fixture
async def open_house(tmp_path: Path) -> AsyncIterator[ApiHarness]:
    """A server where anyone may sign up, as often as they like."""
    harness = await ApiHarness(tmp_path / "open.db", registration="open").open()
    yield harness
    await harness.close()


async def _sign_up(harness: ApiHarness, name: str, *, peer: Peer = HERE, **more: str) -> SignedIn:
    request = requests.SignUp(username=name, password="tangerine", **more)  # type: ignore[arg-type]
    return await harness.api.accounts.sign_up(peer, request)


async def _sign_in(harness: ApiHarness, name: str, password: str = "tangerine", *, peer: Peer = AWAY) -> SignedIn:
    return await harness.api.accounts.sign_in(peer, requests.SignIn(username=name, password=password, device="phone"))


async def test_the_first_account_is_made_here_or_with_the_set_up_code(harness: ApiHarness) -> None:
    for code in (None, "", "wrong", "sét-up"):
        with pytest.raises(Forbidden) as refused:
            await _sign_up(harness, "alice", peer=AWAY, **({} if code is None else {"setup_code": code}))
        assert refused.value.info.field == "setupCode"
    await _sign_up(harness, "alice", peer=AWAY, setup_code="set-up")
    with pytest.raises(Forbidden):  # the code is worth nothing any more, and neither is being here
        await _sign_up(harness, "bob", peer=AWAY, setup_code="set-up")
    with pytest.raises(Forbidden):
        await _sign_up(harness, "bob", peer=HERE)


async def test_the_first_account_from_this_machine(harness: ApiHarness) -> None:
    alice = await _sign_up(harness, "alice", display_name="Alice A.")
    assert (alice.user.username, alice.user.display_name) == ("alice", "Alice A.")
    assert await harness.api.query(alice.token, users.me, requests.Empty()) == alice.user


@pytest.mark.parametrize("registration", ["invite", "closed"])
async def test_later_accounts_need_an_invite_or_cannot_be_made(tmp_path: Path, registration: str) -> None:
    harness = await ApiHarness(tmp_path / "a.db", registration=registration).open()
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    invite = await harness.do(alice, harness.api.invites.create, requests.CreateInvite(community_id=lab.id))
    if registration == "closed":
        with pytest.raises(Forbidden):
            await _sign_up(harness, "bob", peer=AWAY, invite=invite.code)
    else:
        with pytest.raises(NotFound):
            await _sign_up(harness, "bob", peer=AWAY, invite="nonsense")
        bob = await _sign_up(harness, "bob", peer=AWAY, invite=invite.code)
        assert harness.told(CommunityEntered)[-1].user_id == bob.user.id
    await harness.close()


async def test_an_invite_and_an_account_come_together_or_not_at_all(harness: ApiHarness) -> None:
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    request = requests.CreateInvite(community_id=lab.id, max_uses=1)
    invite = await harness.do(alice, harness.api.invites.create, request)
    first, second = await asyncio.gather(
        _sign_up(harness, "bob", peer=AWAY, invite=invite.code),
        _sign_up(harness, "carol", peer=AWAY, invite=invite.code),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in (first, second)) == ["NotFound", "SignedIn"]
    assert await harness.sql("SELECT count(*) FROM users") == [(2,)]


async def test_names_are_clean_and_unique(open_house: ApiHarness) -> None:
    await _sign_up(open_house, "Jürgen")
    for same in ("jürgen", "JÜRGEN", "Ju\u0308rgen"):
        with pytest.raises(Conflict):
            await _sign_up(open_house, same)
    for bad in ("a", "two words", "x" * 33, "channel", "Here", "---", "tab\t", "a\u200bb", "", "@bob"):
        with pytest.raises(Invalid):
            await _sign_up(open_house, bad)
    assert (await _sign_up(open_house, "민지")).user.username == "민지"


async def test_two_at_once_cannot_have_one_name(open_house: ApiHarness) -> None:
    outcomes = await asyncio.gather(*(_sign_up(open_house, "alice") for _ in range(5)), return_exceptions=True)
    assert sorted(type(each).__name__ for each in outcomes) == ["Conflict"] * 4 + ["SignedIn"]


async def test_signing_in_never_says_what_was_wrong(open_house: ApiHarness) -> None:
    """D8: the original told an unknown name from a wrong password."""
    await _sign_up(open_house, "alice")
    await _sign_up(open_house, "carol")
    await open_house.database.write(lambda tx: users.disable_account(tx, users.find_account(tx, "carol")))
    refusals = set()
    for name, password in (("alice", "wrong"), ("nobody", "tangerine"), ("carol", "wrong"), ("", "")):
        with pytest.raises(Unauthorized) as refused:
            await _sign_in(open_house, name, password)
        refusals.add(refused.value.info)
    assert len(refusals) == 1
    signed_in = await _sign_in(open_house, "ALICE")
    assert signed_in.user.username == "alice"


async def test_an_unknown_name_costs_the_same_hash(open_house: ApiHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str | None] = []
    verify = Passwords._verify

    def counted(self: Passwords, stored: str, password: str) -> bool:
        verified.append(stored[: stored.rindex("$")].rpartition("$")[0])
        return verify(self, stored, password)

    monkeypatch.setattr(Passwords, "_verify", counted)
    await _sign_up(open_house, "alice")
    for name in ("alice", "nobody"):
        with pytest.raises(Unauthorized):
            await _sign_in(open_house, name, "wrong")
    assert len(verified) == 2
    assert verified[0] == verified[1] != ""  # Argon2's parameters, as both hashes carry them


async def test_a_password_may_be_typed_on_any_keyboard(open_house: ApiHarness) -> None:
    await open_house.api.accounts.sign_up(HERE, requests.SignUp(username="alice", password="Stra\u00dfe \u00fcber"))
    await _sign_in(open_house, "alice", "Stra\u00dfe u\u0308ber")


async def test_many_devices_and_signing_out_of_one(open_house: ApiHarness) -> None:
    """D8: in the original, a second device signed the first one out."""
    first = await _sign_up(open_house, "alice")
    open_house.clock.forward(1000)
    second = await _sign_in(open_house, "alice")
    listed = (await open_house.api.query(first.token, sessions.list_sessions, requests.Page())).sessions
    assert [(each.device, each.current) for each in listed] == [("phone", False), ("", True)]
    await open_house.api.change(second.token, sessions.sign_out, requests.Empty())
    assert open_house.told(SessionsEnded) == [SessionsEnded((listed[0].id,), "signed-out")]
    with pytest.raises(Unauthorized):
        await open_house.api.query(second.token, users.me, requests.Empty())
    await open_house.api.query(first.token, users.me, requests.Empty())


async def test_ending_a_session_of_mine_and_never_one_of_others(open_house: ApiHarness) -> None:
    alice, mallory = await _sign_up(open_house, "alice"), await _sign_up(open_house, "mallory")
    phone = await _sign_in(open_house, "alice")
    listed = (await open_house.api.query(alice.token, sessions.list_sessions, requests.Page())).sessions
    phone_id = next(each.id for each in listed if not each.current)
    for session_id in (phone_id, "nonsense"):
        with pytest.raises(NotFound):
            await open_house.api.change(mallory.token, sessions.end_session, requests.EndSession(session_id=session_id))
    await open_house.api.change(alice.token, sessions.end_session, requests.EndSession(session_id=phone_id))
    assert open_house.told(SessionsEnded) == [SessionsEnded((phone_id,), "ended")]
    with pytest.raises(Unauthorized):
        await open_house.api.query(phone.token, users.me, requests.Empty())


async def test_a_new_password_ends_all_other_sessions(open_house: ApiHarness) -> None:
    alice = await _sign_up(open_house, "alice")
    phone = await _sign_in(open_house, "alice")
    accounts = open_house.api.accounts
    with pytest.raises(Forbidden) as refused:
        await accounts.change_password(HERE, alice.token, requests.ChangePassword(current="wrong", new="clementine"))
    assert refused.value.info.field == "current"
    await accounts.change_password(HERE, alice.token, requests.ChangePassword(current="tangerine", new="clementine"))
    (ended,) = open_house.told(SessionsEnded)
    assert (len(ended.session_ids), ended.reason) == (1, "password-changed")
    with pytest.raises(Unauthorized):
        await open_house.api.query(phone.token, users.me, requests.Empty())
    await open_house.api.query(alice.token, users.me, requests.Empty())
    with pytest.raises(Unauthorized):
        await _sign_in(open_house, "alice", "tangerine")
    await _sign_in(open_house, "alice", "clementine")


async def test_a_disabled_account_is_out_at_once(open_house: ApiHarness) -> None:
    alice = await _sign_up(open_house, "alice")
    await open_house.database.write(lambda tx: users.disable_account(tx, alice.user.id))
    assert open_house.told(SessionsEnded)[0].reason == "disabled"
    with pytest.raises(Unauthorized):
        await open_house.api.query(alice.token, users.me, requests.Empty())


async def test_a_disabled_person_is_told_so_after_the_right_password_alone(open_house: ApiHarness) -> None:
    carol = await _sign_up(open_house, "carol")
    await open_house.database.write(lambda tx: users.disable_account(tx, carol.user.id))
    with pytest.raises(Unauthorized, match=r"^Wrong name or password\.$"):
        await _sign_in(open_house, "carol", "wrong")
    with pytest.raises(Forbidden, match=r"^This account is disabled\."):
        await _sign_in(open_house, "carol")
    await open_house.database.write(lambda tx: users.enable_account(tx, carol.user.id))
    assert (await _sign_in(open_house, "carol")).user == carol.user


async def test_an_account_that_is_disabled_while_its_password_is_verified(open_house: ApiHarness) -> None:
    carol = await _sign_up(open_house, "carol")
    verify = open_house.api._passwords.verify

    async def slow(stored: str | None, password: str, *, by: str | None = None) -> bool:
        right = await verify(stored, password)
        await open_house.database.write(lambda tx: users.disable_account(tx, carol.user.id))
        return right

    open_house.api._passwords.verify = slow  # type: ignore[method-assign]
    with pytest.raises(Unauthorized):
        await _sign_in(open_house, "carol", "wrong")
    await open_house.database.write(lambda tx: users.enable_account(tx, carol.user.id))
    with pytest.raises(Forbidden):
        await _sign_in(open_house, "carol")


async def test_everyone_is_told_of_an_account_that_another_program_disables(open_house: ApiHarness) -> None:
    alice, bob = await open_house.people("alice", "bob")
    await open_house.community(alice, bob)
    disabling = open_house.api.disabled_accounts
    await disabling.begin()
    for command, disabled in ((administration.disable, True), (administration.enable, False)):
        assert await asyncio.to_thread(command, open_house.path, "alice")
        await disabling.compare()
        told = open_house.told(MemberUpdated)[-1]
        assert (told.user.id, told.user.disabled) == (alice.id, disabled)
        before = len(open_house.told(MemberUpdated))
        await disabling.compare()
        assert len(open_house.told(MemberUpdated)) == before


async def test_signing_up_ten_times_a_minute_from_one_address(tmp_path: Path) -> None:
    """D10: the original limited nothing."""
    harness = await ApiHarness(tmp_path / "a.db", registration="open", rates=Rates(sign_up=Rate.parse("10/min"))).open()
    await _sign_up(harness, "alice", peer=HERE)
    for number in range(10):
        await _sign_up(harness, f"new{number}", peer=AWAY)
    with pytest.raises(RateLimited) as refused:
        await _sign_up(harness, "one-more", peer=AWAY)
    assert refused.value.info.retry_after == 6
    await _sign_up(harness, "one-more", peer=Peer("192.0.2.99"))
    await harness.close()


@pytest.fixture
async def strict_house(tmp_path: Path) -> AsyncIterator[ApiHarness]:
    """A server where passwords are tried ten times a minute."""
    harness = await ApiHarness(tmp_path / "a.db", registration="open", rates=Rates(sign_in=Rate.parse("10/min"))).open()
    yield harness
    await harness.close()


async def _guess(harness: ApiHarness, name: str, address: str, times: int = 1) -> int:
    """Try wrong passwords from one address; how many of them were looked at."""
    looked_at = 0
    for _ in range(times):
        try:
            await _sign_in(harness, name, "wrong", peer=Peer(address))
        except Unauthorized:
            looked_at += 1
        except RateLimited:
            pass
    return looked_at


async def test_nobody_is_locked_out_by_wrong_passwords_from_elsewhere(strict_house: ApiHarness) -> None:
    await _sign_up(strict_house, "alice")
    assert await _guess(strict_house, "alice", "198.51.100.1", 20) == 10
    for name in ("alice", "ALICE"):
        await _sign_in(strict_house, name, peer=AWAY)
    with pytest.raises(RateLimited) as refused:
        await _sign_in(strict_house, "alice", peer=Peer("198.51.100.1"))
    assert refused.value.info.retry_after == 6


async def test_a_password_is_not_guessed_from_many_addresses_and_its_owner_comes_in_where_they_were(
    strict_house: ApiHarness,
) -> None:
    alice = await _sign_up(strict_house, "alice", peer=HERE)
    for number in range(15):
        await _guess(strict_house, "alice", f"198.51.100.{number}", 10)
    assert await _guess(strict_house, "alice", "203.0.113.1", 5) == 0
    with pytest.raises(RateLimited):
        await _sign_in(strict_house, "alice", peer=AWAY)
    await _sign_in(strict_house, "alice", peer=HERE)
    change = requests.ChangePassword(current="tangerine", new="clementine")
    await strict_house.api.accounts.change_password(HERE, alice.token, change)


async def test_names_that_are_nobodys_are_held_back_like_any_other(strict_house: ApiHarness) -> None:
    """Else it could be told from the refusals which names there are."""
    await _sign_up(strict_house, "alice")
    for name in ("alice", "nobody"):
        assert [await _guess(strict_house, name, f"198.51.100.{each}", 11) for each in range(11)] == [10] * 10 + [0]
        strict_house.clock.forward(3_600_000)


async def test_a_stolen_session_does_not_guess_the_password_nor_keep_its_owner_from_changing_it(
    strict_house: ApiHarness,
) -> None:
    alice = await _sign_up(strict_house, "alice")
    stolen = await _sign_in(strict_house, "alice")
    accounts = strict_house.api.accounts
    for _ in range(10):
        with pytest.raises(Forbidden):
            await accounts.change_password(
                HERE, stolen.token, requests.ChangePassword(current="wrong", new="clementine")
            )
    with pytest.raises(RateLimited):
        await accounts.change_password(
            HERE, stolen.token, requests.ChangePassword(current="tangerine", new="clementine")
        )
    await accounts.change_password(HERE, alice.token, requests.ChangePassword(current="tangerine", new="clementine"))


async def test_the_database_knows_no_token_and_no_password(open_house: ApiHarness) -> None:
    """D8: the original kept refresh tokens as they were."""
    alice = await _sign_up(open_house, "alice")
    await open_house.reopen()
    for file in open_house.path.parent.iterdir():
        data = await asyncio.to_thread(file.read_bytes)
        assert alice.token.encode() not in data
        assert b"tangerine" not in data
    assert alice.token.startswith("asnity_")
    assert len(alice.token) > 45


async def test_nothing_secret_is_ever_logged(open_house: ApiHarness, caplog: pytest.LogCaptureFixture) -> None:
    """D9: the original printed tokens and messages."""
    caplog.set_level(logging.DEBUG)
    alice = await _sign_up(open_house, "alice")
    with pytest.raises(AsnityError):
        await _sign_in(open_house, "alice", "a wrong password")

    def broken(tx: object, caller: object, request: object) -> None:
        raise RuntimeError("a defect")

    with pytest.raises(AsnityError):
        await open_house.api.change(alice.token, broken, requests.Empty())
    assert "a defect" in caplog.text
    for secret in (alice.token, "tangerine", "a wrong password"):
        assert secret not in caplog.text


async def test_a_session_notes_that_it_is_in_use_once_a_minute(open_house: ApiHarness) -> None:
    alice = await _sign_up(open_house, "alice")

    async def seen() -> int:
        return int((await open_house.sql("SELECT last_seen_at FROM sessions"))[0][0])

    start = await seen()
    open_house.clock.forward(59_999)
    await open_house.api.query(alice.token, users.me, requests.Empty())
    await open_house.database.write(lambda tx: None)  # behind whatever was queued
    assert await seen() == start
    open_house.clock.forward(1)
    await open_house.api.query(alice.token, users.me, requests.Empty())
    await open_house.database.write(lambda tx: None)
    assert await seen() == start + 60_000
    open_house.clock.forward(60_000)
    await open_house.api.change(alice.token, users.patch_me, requests.PatchMe())
    assert await seen() == start + 120_000


async def test_hashing_waits_in_a_bounded_queue() -> None:
    passwords = Passwords(CHEAP, threads=1, waiting=2)
    outcomes = await asyncio.gather(*(passwords.hash("x" * 8) for _ in range(6)), return_exceptions=True)
    assert sum(isinstance(each, Unavailable) for each in outcomes) == 3
    stored = next(each for each in outcomes if isinstance(each, str))
    assert await passwords.verify(stored, "x" * 8)
    assert not await passwords.verify(stored, "y" * 8)
    assert not await passwords.verify(None, "x" * 8)
    assert not await passwords.verify("not a hash", "x" * 8)
    passwords.close()


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """No password is hashed before this is set."""
    event, hash_here = threading.Event(), Passwords.hash_here

    def wait(self: Passwords, password: str) -> str:
        assert event.wait(20)
        return hash_here(self, password)

    monkeypatch.setattr(Passwords, "hash_here", wait)
    yield event
    event.set()


async def test_who_is_known_goes_before_any_number_of_strangers_once_at_a_time(held: threading.Event) -> None:
    passwords = Passwords(CHEAP, threads=1, waiting=2)
    done: list[str] = []

    async def ask(name: str, by: str | None = None) -> None:
        await passwords.hash("x" * 8, by=by)
        done.append(name)

    asked = [asyncio.create_task(ask(name)) for name in ("running", "stranger", "another")]
    asked += [asyncio.create_task(ask("alice", by="alice")), asyncio.create_task(ask("bob", by="bob"))]
    await asyncio.sleep(0)
    for by in (None, "alice", "carol"):  # no room for strangers, a second one of hers, a third of those known
        with pytest.raises(Unavailable):
            await ask("refused", by=by)
    held.set()
    await asyncio.gather(*asked)
    assert done == ["running", "alice", "bob", "stranger", "another"]
    await ask("once more", by="alice")
    passwords.close()


async def _a_turn() -> None:
    """Let the loop go round once, and no further."""
    await asyncio.sleep(0)


async def test_who_goes_away_while_waiting_takes_nobodys_turn(held: threading.Event) -> None:
    passwords = Passwords(CHEAP, threads=1, waiting=2)
    running, gone, waits = (asyncio.create_task(passwords.hash("x" * 8)) for _ in range(3))
    await asyncio.sleep(0)
    gone.cancel()
    held.set()
    await asyncio.gather(running, waits)
    assert gone.cancelled()
    held.clear()
    running, called, waits = (asyncio.create_task(passwords.hash("x" * 8)) for _ in range(3))
    await asyncio.sleep(0)
    held.set()
    while len(passwords._others) == 2:
        await _a_turn()
    called.cancel()  # its turn has come, and it doesn't know yet
    await asyncio.gather(running, waits)
    assert called.cancelled()
    await passwords.hash("x" * 8)
    passwords.close()


async def test_a_hash_of_another_cost_is_renewed(open_house: ApiHarness) -> None:
    dear = Passwords(HashCost(time=2, memory=16))
    stored = await dear.hash("tangerine")
    dear.close()
    await open_house.database.write(lambda tx: users.make_account(tx, "alice", "", stored))
    await _sign_in(open_house, "alice")
    ((renewed,),) = await open_house.sql("SELECT password_hash FROM users")
    assert renewed != stored
    await _sign_in(open_house, "alice")
    assert await open_house.sql("SELECT password_hash FROM users") == [(renewed,)]
