"""Typing ahead after a command that leads elsewhere, on a slow line: none of it reaches the channel before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .program import Program
from .terminal_harness import TerminalHarness, terminal_harness


@pytest.fixture(scope="module")
def terminals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TerminalHarness]:
    """A server with alice, bob and carol in Garden, and a Club that only carol is in."""
    with terminal_harness(tmp_path_factory.mktemp("terminals")) as made:
        for name in ("alice", "bob", "carol"):
            made.person(name)
        garden = made.community("Garden", "alice", "bob", "carol")
        made.channel(garden, "compost", "carol")
        made.community("Club", "carol")
        yield made


def written(place: TerminalHarness, who: str, name: str) -> list[str]:
    """The texts in somebody's channel; a direct one is called after the others in it."""
    overview = place.call("GET", "/api/me/overview", who)
    me = place.live_server.ids[who]
    users = {id: user["username"] for id, user in overview["users"].items()}  # type: ignore[attr-defined]
    found: list[str] = []
    for community in overview["communities"]:  # type: ignore[attr-defined]
        for channel in (entry["channel"] for entry in community["channels"]):
            others = [users[each] for each in channel.get("members") or () if each != me]
            if name in (f"{community['community']['name']}/{channel['name']}", *others):
                page = place.call("GET", f"/api/channels/{channel['id']}/messages", who)
                found += [each["content"] for each in page["messages"] if each["type"] == "TEXT"]  # type: ignore[attr-defined]
    return found


def invite_to_club(place: TerminalHarness) -> str:
    overview = place.call("GET", "/api/me/overview", "carol")
    made = [each["community"] for each in overview["communities"]]  # type: ignore[attr-defined]
    club = next(each["id"] for each in made if each["name"] == "Club")
    link = place.call("POST", f"/api/communities/{club}/invites", "carol")
    return str(link["code"])


COMMANDS = {
    "/dm @bob": "bob",
    "/create #shed": "Garden/shed",
    "/join #compost": "Garden/compost",
    "/join an invite": "Club/general",
}


def enter(person: Program, text: str) -> None:
    """Type a line and Enter, as a person does: what comes all at once is taken for a paste."""
    person.type(text)
    person.shows(text[-20:])
    person.feed(b"\r")
    person.hides(f"▌{text[:20]}")


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_typed_behind_a_command_goes_where_that_leads(terminals: TerminalHarness, command: str) -> None:
    there = COMMANDS[command]
    if command == "/join an invite":
        command = f"/join {terminals.live_server.server.url}/invite/{invite_to_club(terminals)}"
    with terminals.client("alice", url=terminals.far(0.2)) as alice:
        alice.shows("Message #general")
        enter(alice, "/goto #general")
        enter(alice, command)
        enter(alice, "secret")
        enter(alice, "more")
        alice.shows("more")
        alice.until(lambda: written(terminals, "alice", there) == ["secret", "more"], f"it in {there}")
        assert written(terminals, "bob", "Garden/general") == []


@pytest.mark.slow
def test_what_is_typed_behind_a_command_that_fails_comes_back_unsent(terminals: TerminalHarness) -> None:
    with terminals.client("bob", url=terminals.far(0.2)) as bob:
        bob.shows("Message #general")
        bob.type("/dm @nobody")
        bob.shows("/dm @nobody")
        bob.feed(b"\x1b[13usecret\x1b[13u")  # with Enter as kitty sends it: all this comes before there is an answer
        bob.type("more")
        bob.shows("There is no member called nobody", "▌secret", "▌more")
        assert written(terminals, "bob", "Garden/general") == []


@pytest.mark.slow
def test_behind_ctrl_k_nothing_reaches_the_channel_before(terminals: TerminalHarness) -> None:
    with terminals.client("carol", url=terminals.far(0.2)) as carol:
        carol.shows("Message #general")
        carol.feed(b"\x0b")
        carol.shows("Go to")
        carol.type("alice")
        carol.shows("write to")
        carol.feed(b"\r")
        carol.hides("write to")
        carol.type("only for alice")
        carol.feed(b"\r")
        carol.shows("Message alice", "only for alice")
        assert written(terminals, "bob", "Garden/general") == []
