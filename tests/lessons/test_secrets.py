"""Secrets that other servers kept, told or took and should not have."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from asnity_server.protocol import errors, requests, routes
from tests.lessons.harness import LessonHarness


async def test_no_part_of_a_token_is_a_token(harness: LessonHarness) -> None:
    """Campfire 3d0a10d: a key with nothing behind its dash was anybody."""
    _, (alice, bob) = await harness.lab("alice", "bob")
    token = alice.client.token or ""
    cut = token.removeprefix("asnity_")
    for odd in (
        "", "asnity_", "asnity", token[:-1], token + "x", token.upper(), cut, f"{bob.user.id}-", f" {token[:-2]}",
        "null", "undefined", "0", "%00",
    ):  # fmt: skip
        answer = await harness.http("GET", "/api/me", headers={"Authorization": f"Bearer {odd}"})
        assert answer.status == 401, odd
        async with harness.socket() as socket:
            await socket.send_str(f"40/socket/user,{json.dumps({'token': odd})}")
            assert '"unauthorized"' in await socket.receive_str()
    async with harness.socket() as socket:
        await socket.send_str("40/socket/user,{}")
        assert '"unauthorized"' in await socket.receive_str()


async def test_a_token_counts_in_its_header_alone(harness: LessonHarness) -> None:
    """Campfire's bot key stood in the path, and so in every proxy's log."""
    _, (alice,) = await harness.lab("alice")
    token = alice.client.token
    for path in (f"/api/me?token={token}", f"/api/me?access_token={token}", f"/api/{token}/me"):
        assert (await harness.http("GET", path)).status in (401, 404)
    assert (await harness.http("GET", "/api/me", headers={"Cookie": f"token={token}"})).status == 401


async def test_nobodys_secrets_are_told_to_anybody(harness: LessonHarness) -> None:
    """Zulip CVE-2016-4426: keys of bots were listed to their peers."""
    lab, (alice, bob) = await harness.lab("alice", "bob")
    general = await alice.general(lab)
    await alice.open(lab)
    await bob.open(lab)
    await alice.say(general, "words", nonce="n-1")
    link = await alice.call(routes.CREATE_INVITE, requests.CreateInvite(community_id=lab))
    told = json.dumps([repr(each.payload) for each in bob.heard.told])
    for route in routes.ROUTES:
        if route.method == "GET":
            path = route.path.replace("{communityId}", lab).replace("{channelId}", general).replace("{code}", link.code)
            needed = {"/users": {"ids": alice.user.id}, "/changes": {"since": "0"}, "/search": {"q": "words"}}
            params = next((each for end, each in needed.items() if path.endswith(end)), {})
            told += (await harness.http("GET", path, bob.client.token, params=params)).text
    for secret in (alice.client.token, bob.client.token, "argon2", "tangerine", "asnity_", "token_hash", "password"):
        assert secret is not None
        assert secret not in told.replace('"password":', "").replace('"passwordMin":', "")


async def test_what_is_on_disk_signs_nobody_in(harness: LessonHarness) -> None:
    """A copied database, or a backup, must not be a bunch of keys: tokens are hashed, passwords with Argon2id."""
    _, (alice,) = await harness.lab("alice")
    other = await harness.device("alice")
    stored = harness.stored()
    for device in (alice, other):
        assert (device.client.token or "?").encode() not in stored
    assert b"tangerine" not in stored
    assert b"$argon2id$v=19$" in stored


async def test_no_log_line_has_a_secret_in_it(harness: LessonHarness, caplog: pytest.LogCaptureFixture) -> None:
    """python-socketio at INFO writes every packet out, tokens and messages included."""
    caplog.set_level(logging.DEBUG)
    lab, (alice,) = await harness.lab("alice")
    await alice.open(lab)
    await alice.say(await alice.general(lab), "between us")
    with pytest.raises(errors.Unauthorized):
        await harness.device("alice ")
    said = "\n".join(
        record.getMessage() for record in caplog.records if not record.name.startswith(("asnity_tui", "asyncio"))
    )
    for secret in (alice.client.token or "?", "tangerine", "between us"):
        assert secret not in said


@pytest.mark.parametrize(
    "sign", ["\x1b]52;c;aGk=\x07", "\x9b31m", "\x1b[2J", "\u202egnp.exe", "\u2066", "\x7f", "\x00"]
)
async def test_no_control_of_terminals_is_stored(harness: LessonHarness, sign: str) -> None:
    """CVE-2003-0063 and after: text that a terminal obeys. What people are called, and why, is one plain line."""
    lab, (alice, bob) = await harness.lab("alice", "bob")
    token, person = alice.client.token, f"/api/communities/{lab}/members/{bob.user.id}"
    attempts: list[tuple[str, str, dict[str, Any]]] = [
        ("PATCH", "/api/me", {"displayName": f"x{sign}"}),
        ("PATCH", "/api/me", {"statusText": f"x{sign}"}),
        ("POST", "/api/communities", {"name": f"x{sign}"}),
        ("PATCH", f"/api/communities/{lab}", {"description": f"x{sign}"}),
        ("POST", f"/api/communities/{lab}/channels", {"name": f"x{sign}", "kind": "public"}),
        ("POST", f"/api/communities/{lab}/channels", {"name": "x", "kind": "public", "topic": f"x{sign}"}),
        ("PATCH", person, {"mutedFor": 60, "reason": f"x{sign}"}),
        ("POST", "/api/auth/sign-up", {"username": f"x{sign}", "password": "tangerine"}),
        ("POST", "/api/auth/sign-in", {"username": "alice", "password": "tangerine", "device": f"x{sign}"}),
    ]
    for method, path, body in attempts:
        answer = await harness.http(method, path, token, json=body)
        assert (answer.status, answer.code) == (400, "invalid"), path
        assert all(each.isprintable() for each in json.loads(answer.text)["error"]["message"])
    answer = await harness.http("DELETE", person, token, params={"reason": f"x{sign}"})
    assert answer.status == 400
