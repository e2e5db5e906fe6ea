"""`unread`: from the server and from a running client."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from asnity_tui.cli import account, unread
from asnity_tui.cli.outcome import CommandRefused
from asnity_tui.client.storage.accounts import SavedAccount, SavedAccounts
from asnity_tui.client.storage.cache import Cache
from asnity_tui.client.storage.cache_file import account_file
from asnity_tui.client.storage.peek import is_running, sidebar
from asnity_tui.config import Settings
from asnity_tui.state.reconcile import current_overview
from asnity_tui.state.store import Store
from asnity_tui.widgets.text.safe_text import harmless_line
from tests.unit.client_session.session_harness import SessionHarness


async def test_in_a_word_as_a_list_and_for_programs(harness: SessionHarness) -> None:
    assert unread.in_a_word(await account.fetch_store(harness.client)) == ""
    assert unread.in_a_word(Store()) == ""
    harness.posts(harness.random, 120)
    harness.posts(harness.general, 2)
    harness.server.post(harness.general, harness.bob, "@alice look")
    store = await account.fetch_store(harness.client)
    assert unread.in_a_word(store) == "@1 •99+"
    assert unread.as_list(store, harmless_line) == [" @1  #general · Lab", "99+  #random · Lab"]
    told = json.loads(unread.for_programs(store))
    assert (told["mentions"], told["unread"]) == (1, 102)
    assert [(each["channel"], each["kind"], each["unread"]) for each in told["channels"]] == [
        ("general", "mention", 3),
        ("random", "unread", 100),
    ]


async def test_a_running_client_answers_for_the_server(harness: SessionHarness, tmp_path: Path) -> None:
    saved = SavedAccount(server="http://localhost:1", user_id=harness.alice.id, username="alice", token="x")
    settings = Settings(data=tmp_path)
    path = account_file(settings.accounts_folder, saved.server, saved.user_id)
    assert not is_running(path)
    assert sidebar(path) is None
    harness.posts(harness.general, 3)
    store = await account.fetch_store(harness.client)
    overview = current_overview(store)
    assert overview is not None
    cache = Cache(path, lambda trouble: None)
    cache.save_sidebar(overview)
    await asyncio.to_thread(cache.load_sidebar)
    assert is_running(path)
    known = account.stored_state(settings, saved, only_running=True)
    assert known is not None
    assert unread.in_a_word(known) == "•3"
    await cache.close()
    assert not is_running(path)
    assert account.stored_state(settings, saved, only_running=True) is None
    assert account.stored_state(settings, saved) is not None
    # what a dead one left behind isn't running, and stays for the next to find
    dead = path.with_suffix(".windows") / "deadaaaa"
    dead.touch()
    assert not is_running(path)
    assert dead.exists()
    path.write_bytes(b"no database" * 1000)
    assert sidebar(path) is None


def test_who_is_meant(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    with pytest.raises(CommandRefused, match="Nobody is signed in on this machine"):
        account.choose_account(settings)
    saved = SavedAccounts(settings.sessions_file)
    for server in ("http://localhost:1", "https://chat.example.org"):
        saved.use(SavedAccount(server=server, user_id="u", username="alice", token="x"))
    assert account.choose_account(settings).server == "https://chat.example.org"
    assert account.choose_account(Settings(data=tmp_path, server="localhost:1")).server == "http://localhost:1"
    with pytest.raises(CommandRefused, match=r"at https://other.example"):
        account.choose_account(Settings(data=tmp_path, server="other.example"))
    with pytest.raises(CommandRefused):
        account.choose_account(Settings(data=tmp_path, server="no address"))
    settings.sessions_file.chmod(0)
    settings.sessions_file.unlink()
    settings.sessions_file.mkdir()
    with pytest.raises(CommandRefused, match=r"can't be read: is a directory\. Set HOME, or say .* --data FOLDER"):
        account.choose_account(settings)
