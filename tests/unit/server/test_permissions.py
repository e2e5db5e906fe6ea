"""The permission table, cell by cell."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any, get_args

import pytest

from asnity_server.api.permissions import CROWD, RANK, Action, Standing, last_owner, refusal
from asnity_server.protocol.errors import AsnityError, Conflict, Forbidden, NotFound
from asnity_server.protocol.models import Role
from tests.permission_table import (
    NOT_ARCHIVED,
    NOT_GENERAL,
    NOT_WHILE_MUTED,
    Row,
    Verdict,
    channel_rows,
    community_rows,
)


def _verdict(error: AsnityError | None) -> Verdict:
    verdicts: dict[type, Verdict] = {type(None): "Y", Forbidden: "F", NotFound: "N"}
    return verdicts[type(error)]


def _standing(row: Row) -> Standing:
    return Standing(role=row.role, kind=row.kind, inside=row.inside, own=row.own, target="member", people=3)


def _verdicts(rows: Iterable[Row], **more: Any) -> dict[str, Verdict]:
    """What is said in each cell, by its name; `more` changes how things stand in all of them."""
    return {str(row): _verdict(refusal(row.action, replace(_standing(row), **more))) for row in rows}


def _expected(rows: Iterable[Row], *, refused: Collection[Action] = ()) -> dict[str, Verdict]:
    """What the table says; `refused` are the actions that are forbidden instead of allowed."""
    return {str(row): "F" if row.verdict == "Y" and row.action in refused else row.verdict for row in rows}


def test_every_cell() -> None:
    rows = [*channel_rows(), *community_rows()]
    assert _verdicts(rows) == _expected(rows)


def test_every_cell_in_an_archived_channel() -> None:
    rows = list(channel_rows())
    assert _verdicts(rows, archived=True) == _expected(rows, refused=NOT_ARCHIVED)


def test_every_cell_in_general() -> None:
    rows = [row for row in channel_rows() if row.kind == "public"]
    assert _verdicts(rows, general=True) == _expected(rows, refused=NOT_GENERAL)


def test_every_cell_while_muted() -> None:
    rows = [*channel_rows(), *community_rows()]
    assert _verdicts(rows, muted_until=1_800_000_000_000) == _expected(rows, refused=NOT_WHILE_MUTED)


def test_a_muted_member_is_told_until_when() -> None:
    standing = Standing(role="member", kind="public", inside=True, muted_until=1_800_000_000_000)
    assert str(refusal("post", standing)) == "You are muted in this community until 2027-01-15 08:00 UTC."
    assert str(refusal("create-channel", standing)) == str(refusal("post", standing))


def test_the_tables_are_complete() -> None:
    assert {row.action for row in (*channel_rows(), *community_rows())} == set(get_args(Action))
    assert {row.kind for row in channel_rows()} == {"public", "private", "direct"}


@pytest.mark.parametrize("action", ["kick-member", "ban-member", "mute-member", "remove-from-channel"])
@pytest.mark.parametrize("role", list(RANK))
@pytest.mark.parametrize("target", [*RANK, None])
def test_nobody_acts_on_their_own_role_or_above(action: Action, role: Role, target: Role | None) -> None:
    standing = Standing(role=role, kind="public", inside=True, target=target)
    if role == "member":
        expected = "F"
    elif target is None:
        expected = "N"
    else:
        expected = "Y" if (role, target) in {("owner", "admin"), ("owner", "member"), ("admin", "member")} else "F"
    assert _verdict(refusal(action, standing)) == expected


@pytest.mark.parametrize(("target", "expected"), [("member", "Y"), ("admin", "Y"), ("owner", "F"), (None, "N")])
def test_owners_give_roles_to_all_but_owners(target: Role | None, expected: str) -> None:
    assert _verdict(refusal("change-role", Standing(role="owner", target=target))) == expected
    assert _verdict(refusal("change-role", Standing(role="admin", target=target))) == "F"


@pytest.mark.parametrize(("role", "expected"), [(None, "N"), ("member", "F"), ("admin", "Y"), ("owner", "Y")])
def test_inviting_may_be_kept_to_admins(role: Role | None, expected: str) -> None:
    assert _verdict(refusal("invite-to-community", Standing(role=role, invites_by="admins"))) == expected


@pytest.mark.parametrize(
    ("role", "people", "expected"),
    [
        ("member", CROWD, "Y"),
        ("member", CROWD + 1, "F"),
        ("admin", CROWD + 1, "Y"),
        ("owner", CROWD + 1, "Y"),
    ],
)
def test_everyone_in_a_crowd(role: Role, people: int, expected: str) -> None:
    standing = Standing(role=role, kind="public", inside=True, people=people)
    assert _verdict(refusal("mention-all", standing)) == expected


def test_what_doesnt_exist_is_not_found() -> None:
    assert _verdict(refusal("see-channel", Standing(role="owner", kind=None))) == "N"
    assert _verdict(refusal("post", Standing(role="owner", kind=None, inside=True))) == "N"


def test_the_last_owner_stays() -> None:
    assert isinstance(last_owner(1, "owner"), Conflict)
    assert last_owner(2, "owner") is None
    assert last_owner(1, "admin") is None
