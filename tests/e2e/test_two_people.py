"""Two people at two terminals, and one server between them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.topology.deployment import Topology

from .live_server import LiveServer, terminal


@pytest.fixture
async def live_server(tmp_path: Path, topology: Topology) -> AsyncIterator[LiveServer]:
    """A server with alice and bob in two communities."""
    live_server = LiveServer(tmp_path, topology)
    await live_server.start()
    for name in ("alice", "bob"):
        await live_server.person(name)
    yield live_server
    await live_server.stop()


@pytest.mark.slow
async def test_they_talk_edit_delete_and_know_what_is_unread(live_server: LiveServer) -> None:
    lab = await live_server.community("Mandarin Lab", "alice", "bob")
    club = await live_server.community("Open Source", "bob", "alice")
    async with terminal(live_server, "alice") as alice, terminal(live_server, "bob") as bob:
        await alice.online()
        await bob.online()
        await alice.types("hello bob")
        await alice.until(lambda: len(alice.session.outbox) == 0)
        await bob.shows("hello bob")
        # bob looks at it: it is read, on the server too
        general = await live_server.general(lab, "alice")

        async def read_by_bob() -> bool:
            return (await live_server.call("GET", f"/api/channels/{general}/counters", "bob"))["unread"] == 0

        for _ in range(500):
            if await read_by_bob():
                break
            await bob.pilot.pause(0.01)
        assert await read_by_bob()
        # a mention in a community that alice isn't looking at shows as a badge, and leads there
        elsewhere = await live_server.general(club, "bob")
        await live_server.call("POST", f"/api/channels/{elsewhere}/messages", "bob", content="@alice look here")
        await alice.until(lambda: "OS 1" in alice.text(), "a badge on the rail")
        await alice.pilot.press("alt+a")
        await alice.shows("look here")
        await alice.hides("OS 1")
        await alice.pilot.press("alt+s")
        await alice.shows("hello bob")
        # edits and deletions
        await alice.pilot.press("up")
        await alice.until(lambda: alice.conversation.composer.text == "hello bob")
        await alice.pilot.press("end", *" and all", "enter")
        await bob.shows("hello bob and all")
        await bob.shows("(edited)")
        await alice.pilot.press("escape", "d")
        await alice.shows("Delete this message?")
        await alice.pilot.click("#yes")
        await alice.shows("ctrl+z undo (10 s)")
        alice.session.sender.release_held()
        await bob.hides("hello bob and all")


@pytest.mark.slow
async def test_a_server_restarted_in_mid_send_gets_the_message_once(live_server: LiveServer) -> None:
    lab = await live_server.community("Mandarin Lab", "alice", "bob")
    general = await live_server.general(lab, "alice")
    async with terminal(live_server, "alice") as alice, terminal(live_server, "bob") as bob:
        await alice.online()
        await bob.online()
        await live_server.stop()
        await alice.types("while you were away")
        await alice.shows("1 waiting")
        assert "while you were away" in alice.text()
        await live_server.start()
        await alice.pilot.press("ctrl+p")  # any key: the screen lives on meanwhile
        await alice.pilot.press("escape")
        await alice.until(lambda: len(alice.session.outbox) == 0, "sent after the restart")
        await bob.shows("while you were away")
        page = await live_server.call("GET", f"/api/channels/{general}/messages", "bob")
        assert [each["content"] for each in page["messages"]] == ["while you were away"]  # type: ignore[attr-defined]
        assert bob.text().count("while you were away") == 1


@pytest.mark.slow
async def test_what_waits_at_the_end_goes_out_at_the_next_start(live_server: LiveServer) -> None:
    lab = await live_server.community("Mandarin Lab", "alice", "bob")
    async with terminal(live_server, "alice") as alice:
        await alice.online()
        await alice.types("first")
        await alice.until(lambda: len(alice.session.outbox) == 0)
        await live_server.stop()
        await alice.types("written in the dark")
        await alice.shows("1 waiting")
        await alice.pilot.press(*"half a draft")
    async with terminal(live_server, "alice") as alice:  # the server is still away: yesterday's state, from the disk
        await alice.shows("first")
        await alice.shows("written in the dark")
        await alice.until(lambda: alice.conversation.composer.text == "half a draft")
        await live_server.start()
        await alice.until(lambda: len(alice.session.outbox) == 0, "sent")
        page = await live_server.call("GET", f"/api/channels/{await live_server.general(lab, 'alice')}/messages", "bob")
        assert [each["content"] for each in page["messages"]] == ["first", "written in the dark"]  # type: ignore[attr-defined]


@pytest.mark.slow
async def test_coming_and_going_while_both_look(live_server: LiveServer) -> None:
    lab = await live_server.community("Mandarin Lab", "alice")
    async with terminal(live_server, "alice") as alice, terminal(live_server, "bob") as bob:
        await alice.online()
        code = (await live_server.call("POST", f"/api/communities/{lab}/invites", "alice"))["code"]
        await live_server.call("POST", f"/api/invites/{code}/accept", "bob")
        await bob.shows("Mandarin Lab")
        await bob.online()
        made = await live_server.call(
            "POST", f"/api/communities/{lab}/channels", "alice", name="secret", kind="private"
        )
        await live_server.call("PUT", f"/api/channels/{made['id']}/members/{live_server.ids['bob']}", "alice")
        await bob.shows("secret")
        await live_server.call("DELETE", f"/api/channels/{made['id']}/members/me", "bob")
        await bob.hides("secret")
        await live_server.call("DELETE", f"/api/communities/{lab}/members/{live_server.ids['bob']}", "alice")
        await bob.shows("You were removed from Mandarin Lab.")
        await bob.until(lambda: not bob.session.store.communities, "it is gone from the lists")
        assert bob.session.connection.status == "online"  # the rest of the connection is untouched
