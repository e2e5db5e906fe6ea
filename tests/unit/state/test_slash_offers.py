"""Slash commands: what is offered for what is typed, and for a slip."""

from __future__ import annotations

import pytest

from asnity_tui.commands.slash import SlashOffer, complete, is_known, near

TABLE = (
    SlashOffer("msg", "@person [text]", "Send a direct message", ("w", "tell"), "dm private write", True),
    SlashOffer("join", "[#channel]", "Join a channel", ("j",), "enter open", True),
    SlashOffer("leave", "", "Leave this channel; asks first", ("part",), "close", True),
    SlashOffer("quit", "", "Quit", ("exit", "q", "bye"), "close end stop", True),
    SlashOffer("mute", "", "Mute this channel", (), "silence quiet", True),
    SlashOffer("logout", "", "Sign out", ("signout",), "disconnect"),
    SlashOffer("me", "text", "Send an action", (), "emote"),
    SlashOffer("ban", "@person", "Ban somebody", (), "block"),
    SlashOffer("pins", "", "Pinned messages", ("pinned",)),
)


def labels(query: str) -> list[str]:
    return [each.label for each in complete(query, TABLE)]


def test_a_bare_slash_offers_what_people_use_first_in_its_order() -> None:
    assert [label.split()[0] for label in labels("")] == ["msg", "join", "leave", "quit", "mute"]


@pytest.mark.parametrize(
    ("query", "label"),
    [
        ("ms", "msg @person [text]"),
        ("par", "part"),
        ("part", "part"),
        ("W", "w @person [text]"),
        ("tell", "tell @person [text]"),
        ("exi", "exit"),
        ("me", "me text"),
        ("sile", "mute"),
        ("quiet", "mute"),
        ("priv", "msg @person [text]"),
        ("disc", "logout"),
        ("block", "ban @person"),
        ("pinned", "pinned"),
    ],
)
def test_a_name_another_name_or_a_meaning_is_offered_first(query: str, label: str) -> None:
    assert labels(query)[0] == label


def test_names_come_before_meanings_and_those_before_scattered_letters() -> None:
    assert labels("m") == ["msg @person [text]", "mute", "me text"]
    assert labels("clo") == ["leave", "quit"]
    assert labels("lgt") == ["logout"]
    assert labels("ogt") == []
    assert labels("zz") == []


@pytest.mark.parametrize("path", ["etc", "usr", "lol", "call", "opt", "tmp", "dev", "srv"])
def test_a_path_or_another_programs_command_offers_no_name_that_has_its_letters_somewhere(path: str) -> None:
    table = [
        SlashOffer(name, "", "") for name in ("unsent-copy", "unsent-retry", "channel-last", "view-plain", "me-devices")
    ]
    assert [each.label for each in complete(path, table)] == (["me-devices"] if path == "dev" else [])


def test_what_is_taken_is_the_name_that_was_typed() -> None:
    assert complete("par", TABLE)[0].insert == "/part "


@pytest.mark.parametrize(
    ("slip", "names"),
    [
        ("jion", ("join",)),
        ("exi", ("exit",)),
        ("silence", ("mute",)),
        ("sign", ("signout",)),
        ("clsoe", ()),
        ("block", ("ban",)),
        ("xyz", ()),
    ],
)
def test_a_slip_is_told_what_may_be_meant(slip: str, names: tuple[str, ...]) -> None:
    assert near(slip, TABLE) == names


def test_what_may_not_be_done_is_known_but_not_offered() -> None:
    table = (SlashOffer("kick", "@person", "Kick somebody", ("boot",), "remove", may=False), *TABLE)
    assert complete("kick", table) == complete("boot", table) == ()
    assert is_known("kick", table)
    assert is_known("Boot", table)
    assert not is_known("kic", table)


def test_one_command_is_named_once_for_a_slip() -> None:
    assert near("pi", TABLE) == ("pins",)
