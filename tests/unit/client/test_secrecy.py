"""Passwords and tokens show nowhere: neither as text of a struct, nor the way Rich shows it."""

from __future__ import annotations

import io

import msgspec
import pytest
from rich.console import Console
from rich.pretty import Pretty

from asnity_server.protocol.models import User
from asnity_server.protocol.requests import ChangePassword, SignIn, SignUp
from asnity_server.protocol.responses import SignedIn
from asnity_tui.client.storage.accounts import SavedAccount

SECRET = "tangerine-orchard"
USER = User(id="a" * 12, username="mina", display_name="Mina", status_text="")
HOLDERS = [
    SavedAccount(server="http://localhost:8440", user_id="a" * 12, username="mina", token=SECRET),
    SignIn(username="mina", password=SECRET),
    SignUp(username="mina", password=SECRET, setup_code=SECRET),
    ChangePassword(current=SECRET, new=SECRET),
    SignedIn(token=SECRET, user=USER),
]


@pytest.mark.parametrize("holder", HOLDERS, ids=lambda holder: type(holder).__name__)
def test_a_secret_is_never_shown(holder: msgspec.Struct) -> None:
    console = Console(file=io.StringIO(), width=200)
    console.print(Pretty([holder]))
    assert isinstance(console.file, io.StringIO)
    for shown in (repr(holder), str(holder), f"{[holder]}", console.file.getvalue()):
        assert SECRET not in shown
        assert type(holder).__name__ in shown
    assert SECRET.encode() in msgspec.json.encode(holder)  # it still goes where it is meant to go


def test_whatever_is_no_secret_shows() -> None:
    assert repr(HOLDERS[1]) == "SignIn(username='mina', password='…', device='')"
    assert "setup_code=None" in repr(SignUp(username="mina", password=SECRET))
