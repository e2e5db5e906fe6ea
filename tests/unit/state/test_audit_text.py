"""The audit list in words."""

from __future__ import annotations

from typing import get_args

import pytest
from msgspec.structs import replace

from asnity_server.api.audit import AuditAction
from asnity_server.protocol.models import AuditEntry
from asnity_tui.state.audit_text import describe

ENTRY = AuditEntry(
    id=1, at="2026-11-20T10:02:03.004Z", actor_id="a", action="member-muted", target_id="b", channel_id="c", chat_id=7,
    until="2026-11-20T11:02:03.004Z", detail="shouting",
)  # fmt: skip


def said(entry: AuditEntry, channel: str | None = "plans") -> str:
    """An entry between alice and bob in a channel."""
    names = {"a": "alice", "b": "bob"}
    return describe(
        entry, name_of=names.__getitem__, channel_of=lambda channel_id: channel, moment_of=lambda wire: "11:02"
    )


@pytest.mark.parametrize(
    ("action", "detail", "sentence"),
    [
        ("role-given", "admin", "alice made bob an admin"),
        ("member-muted", "shouting", "alice muted bob until 11:02: shouting"),
        ("member-kicked", "", "alice kicked bob"),
        ("member-banned", "no manners", "alice banned bob: no manners"),
        ("channel-deleted", "old", "alice deleted #old"),
        ("removed-from-channel", "", "alice removed bob from #plans"),
        ("message-deleted", "", "alice deleted a message of bob in #plans"),
        ("member-praised", "well done", "alice: member-praised bob: well done"),
    ],
)
def test_sentences(action: str, detail: str, sentence: str) -> None:
    assert said(replace(ENTRY, action=action, detail=detail)) == sentence


def test_every_deed_of_the_server_has_a_sentence() -> None:
    for action in get_args(AuditAction):
        assert action not in said(replace(ENTRY, action=action))


def test_what_is_not_known_is_not_named() -> None:
    entry = replace(ENTRY, action="message-deleted", detail="")
    assert said(entry, channel=None) == "alice deleted a message of bob in a channel"
    assert said(replace(ENTRY, target_id=None)) == "alice muted someone until 11:02: shouting"
