"""Every key of the list of keys, as the bytes that terminals send: what it promises is seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from asnity_tui.screens.help import all_keys

from .key_steps import (
    Row,
    Step,
    Typist,
    at,
    both,
    composer,
    copied,
    ended,
    entry,
    like,
    no,
    press,
    text,
    top,
    tried,
    types,
    until,
)
from .terminal_harness import TerminalHarness

KEYS = {each.id: each.keys for each in all_keys({}) if each.keys}

LAST = "bold with https://example.org/x"
"""The newest message of #general, their own, behind those with numbers."""

SOURCE = f"**bold**{LAST.removeprefix('bold')}"
"""As it was written."""

EDITOR = "sh -c 'printf edited > \"$0\"'"

GENERAL = text("Message #general")
WRITING = text("Message #")
SELECTING = text("MESSAGES")
SENT = no("not sent")


# What is done before


def news(channel: str) -> Step:
    def step(typist: Typist) -> None:
        typist.news(channel, "news")
        until(like(f"# {channel} +1"))(typist)

    return step


def fails(typist: Typist) -> None:
    """A message that the server refuses: #a1 is archived while it is on its way, and can be written in again."""
    typist.way.stall()
    types("unlucky")(typist)
    press("enter", text("Message #a1"))(typist)
    typist.change("a1", archived=True)
    typist.way.flow()
    typist.program.shows("not sent")
    typist.change("a1", archived=False)
    until(text("Message #a1"))(typist)


def mentioned(typist: Typist) -> None:
    typist.news("a1", f"@{typist.name} mention")


def many_channels(typist: Typist) -> None:
    for number in range(40):
        typist.terminals.channel(typist.other, f"z{number:02}", typist.name)


def much_missed(typist: Typist) -> None:
    for number in range(30):
        typist.news("a1", f"news {number:02}")
    typist.news("a2", "tidings")
    until(like("# a2 +1"))(typist)


def cut_off(typist: Typist) -> None:
    typist.terminals.run(typist.way.refuse())
    typist.way.cut()


def on_again(typist: Typist) -> None:
    typist.terminals.run(typist.way.start())


def stalls(typist: Typist) -> None:
    typist.way.stall()


def flows(typist: Typist) -> None:
    typist.way.flow()


def before_its_time(typist: Typist) -> bool:
    """Connected, and not because the time for another try had come."""
    assert "next try in 1 s" not in typist.program.text, "it waited for the next try"
    return "● connected" in typist.program.text


EMPTIED = (press("ctrl+e"), press("ctrl+u", WRITING))
FROM_THERE = (press("alt+s", GENERAL),)
NEWEST = (press("G", at(LAST)),)
FIRST = (press("g", at("message 00")),)
CANCELLED = (press("escape", no("Esc cancels")), press("escape", SELECTING))
DELETING = (*NEWEST, press("d", text("▸Delete◂")))
DISCARDED = (press("alt+x", SENT),)
ON_FAILED = (fails, press("alt+p", SELECTING), press("G", like("▌! +unlucky")))
TO_WRITE = (press("i", WRITING),)
IN_LISTS = (press("f2", text("Enter open")),)
TWO_DOWN = (press("down", entry("# z00")), press("down", entry("# z01")))
OUT = (press("escape", no("Enter open")),)
SEARCHING = (press("ctrl+f", text("▌  Search")), press("ctrl+u", text("Words, from:")))
FOUND = (*SEARCHING, types("message", at("message 39")))
SEARCHED = (press("escape", no("▌  Search")),)
MISSED = (press("alt+i", both(entry("# a1"), text("news 05"))),)
CAUGHT_UP = (press("escape", no("Catch up")),)


def gone(part: str) -> tuple[Step, ...]:
    """Escape, until it doesn't show any more."""
    return (press("escape", no(part)),)


# The table

CHAT: Mapping[str, Row] = {
    "unread.first": Row(text("─ new ─"), (press("alt+end", both(text(LAST), no("─ new ─"))),)),
    "timeline.end": Row(text(LAST), quick=True),
    **{
        f"channel.{number}": Row(text(f"Message #a{number}"), after=FROM_THERE, quick=number == 1)
        for number in range(1, 9)
    },
    "channel.9": Row(GENERAL, (press("alt+1", text("Message #a1")),)),
    "go.to": Row(text("Go to"), after=gone("Go to"), quick=True),
    "catch-up": Row(text("Catch up"), after=gone("Catch up")),
    "search": Row(text("Words, from:"), after=gone("Words, from:"), quick=True),
    "channel.previous": Row(text("Message #a8"), after=FROM_THERE, quick=True),
    "channel.next": Row(text("Message #a1"), after=FROM_THERE),
    "channel.last": Row(GENERAL, (press("alt+down", text("Message #a1")),)),
    "unread.previous": Row(text("Message #a3"), (news("a3"),), FROM_THERE),
    "unread.next": Row(text("Message #a3"), (news("a3"),), FROM_THERE),
    "unread.best": Row(text("Message #a3"), (news("a3"),), (press("alt+a", GENERAL),)),
    "community.previous": Row(top("Zoo"), after=(press("alt+pagedown", top("Yard")),)),
    "community.next": Row(top("Zoo"), after=(press("alt+pageup", top("Yard")),), quick=True),
    "mention.previous": Row(text("mention 20"), (press("alt+end", both(text(LAST), no("mention 20"))),)),
    "mention.next": Row(text("mention 20"), (press("alt+p", SELECTING), press("g", no("mention 20")))),
    "go.day": Row(text("Go to a day"), after=gone("Go to a day")),
    "go.link": Row(text("Go to a message"), after=gone("Go to a message")),
    "view.channels": Row(text("Enter open"), after=OUT, quick=True),
    "view.members": Row(text("2 members"), after=gone("2 members"), quick=True),
    "channel.topic": Row(text("Topic of #general"), after=gone("Topic of #general")),
    "channel.menu": Row(text("Topic of this channel"), after=gone("Topic of this channel")),
    "view.plain": Row(text("any key goes back"), after=(press("escape", GENERAL),), quick=True),
    "write.editor": Row(composer("edited"), after=EMPTIED),
    "me.do-not-disturb": Row(text("do not disturb"), after=(press("alt+z", no("do not disturb")),)),
    "help": Row(text("Go to a message link"), after=gone("Go to a message link"), quick=True),
    "quit": Row(ended),
}
COMPOSER: Mapping[str, Row] = {
    "composer.send": Row(both(GENERAL, text("  by hand")), (types("by hand"),), quick=True),
    "composer.complete": Row(composer("@bob"), (types("@bo"),), EMPTIED, quick=True),
    "composer.complete-back": Row(composer("#a1"), (types("#a"), press("tab"), press("tab", composer("#a2"))), EMPTIED),
    "composer.newline": Row(composer("one", ""), (types("one"),), (press("backspace"), press("ctrl+u", GENERAL))),
    "composer.delete-word": Row(
        composer("one  three"), (types("one two three"), press("alt+b"), press("alt+b")), EMPTIED, quick=True
    ),
    "composer.kill-line": Row(composer("one"), (types("one two three"), press("alt+b"), press("alt+b")), EMPTIED),
    "composer.leave": Row(SELECTING, quick=True),
}
MESSAGES: Mapping[str, Row] = {
    "timeline.next": Row(at(LAST), (*NEWEST, press("k", at("message 39")))),
    "timeline.previous": Row(at("message 39"), NEWEST),
    "timeline.first": Row(at("message 00"), NEWEST),
    "timeline.newest": Row(at(LAST), FIRST),
    "timeline.page-up": Row(both(no(LAST), like(r"▌  message [12]\d")), NEWEST),
    "timeline.page-down": Row(both(no("message 00"), text("message 18")), FIRST),
    "message.reply": Row(text("Esc cancels", "> bob: message 39"), (*NEWEST, press("k", at("message 39"))), CANCELLED),
    "message.edit": Row(composer(SOURCE), NEWEST, CANCELLED),
    "message.raw": Row(at(SOURCE), NEWEST, (press("v", at(LAST)),)),
    "message.origin": Row(at("message 01"), NEWEST),
    "message.react": Row(text("React with"), NEWEST, gone("React with")),
    "message.reactors": Row(
        text("Reactions:"),
        (*NEWEST, press("plus", text("React with")), press("enter", like("with https.*👍"))),
        gone("Reactions:"),
    ),
    "message.delete": Row(text("Delete this message?"), NEWEST, gone("Delete this message?")),
    "message.copy": Row(copied(SOURCE), NEWEST),
    "message.quote": Row(copied("> **"), NEWEST),
    "message.range": Row(
        text("y copies from here"), NEWEST, (press("k", at("message 39")), press("escape", no("▌  bold")))
    ),
    "message.open-link": Row(text("Open example.org?"), NEWEST, gone("Open example.org?")),
    "message.pin": Row(text("Pin this message?"), NEWEST, gone("Pin this message?")),
    "message.copy-link": Row(copied("/messages/"), NEWEST),
    "message.menu": Row(text("Select several"), NEWEST, gone("Select several")),
    "message.unread-from": Row(text("Mark as unread?"), NEWEST, gone("Mark as unread?")),
    "question.next": Row(text("▸Cancel◂"), DELETING, gone("Delete this message?")),
    "question.previous": Row(text("▸Cancel◂"), DELETING, gone("Delete this message?")),
    "timeline.enter": Row(GENERAL, NEWEST, (press("alt+p", SELECTING),)),
    "timeline.leave": Row(GENERAL, NEWEST, (press("alt+p", SELECTING),)),
}
UNSENT: Mapping[str, Row] = {
    "unsent.retry": Row(both(SENT, text("  unlucky")), (fails,)),
    "unsent.edit": Row(both(SENT, composer("unlucky")), (fails,), EMPTIED),
    "unsent.copy": Row(copied("unlucky"), (fails,), DISCARDED),
    "unsent.discard": Row(SENT, (fails,)),
    "unsent.list": Row(text("▌#a1  unlucky"), (fails,), (*gone("▌#a1  unlucky"), *DISCARDED)),
    "undo": Row(text("1 not sent"), (fails, *DISCARDED), DISCARDED),
    "message.retry": Row(both(SENT, text("  unlucky")), ON_FAILED, TO_WRITE),
    "message.take-back": Row(both(SENT, composer("unlucky")), ON_FAILED, EMPTIED),
    "message.discard": Row(SENT, ON_FAILED, TO_WRITE),
}
LISTS: Mapping[str, Row] = {
    "list.next": Row(entry("# z00"), IN_LISTS, OUT),
    "list.previous": Row(entry("# z00"), (*IN_LISTS, *TWO_DOWN), OUT),
    "list.first": Row(no("▌# z"), (*IN_LISTS, *TWO_DOWN), OUT),
    "list.last": Row(entry("+ more"), IN_LISTS, OUT),
    "list.page-up": Row(like(r"▌# z[12]\d"), (*IN_LISTS, press("end", entry("+ more"))), OUT),
    "list.page-down": Row(like(r"▌# z[12]\d"), IN_LISTS, OUT),
    "list.choose": Row(text("Message #z01"), (*IN_LISTS, *TWO_DOWN), FROM_THERE),
    "list.menu": Row(text("Topic of this channel"), IN_LISTS, (*gone("Topic of this channel"), *OUT)),
    "lists.leave": Row(no("Enter open"), IN_LISTS),
}
SEARCH: Mapping[str, Row] = {
    "search.close": Row(no("▌  Search"), FOUND),
    "search.next": Row(at("message 38"), FOUND, SEARCHED),
    "search.previous": Row(at("message 39"), (*FOUND, press("down", at("message 38"))), SEARCHED),
    "search.page-down": Row(like(r"▌  message (2\d|3[0-5])"), FOUND, SEARCHED),
    "search.page-up": Row(at("message 39"), (*FOUND, press("pagedown", no("▌  message 39"))), SEARCHED),
    "search.take": Row(
        text("from:bob"),
        (*SEARCHING, types("from:bo", like("▌.*▌.*bob"))),
        (press("ctrl+u", text("Words, from:")), *SEARCHED),
    ),
}
CATCH_UP: Mapping[str, Row] = {
    "catch-up.read": Row(both(no("▌# a1"), text("tidings")), MISSED, (press("z", entry("# a1")), *CAUGHT_UP)),
    "catch-up.read-all": Row(text("all caught up"), MISSED, (press("z", text("tidings")), *CAUGHT_UP)),
    "catch-up.undo": Row(text("tidings"), (*MISSED, press("M", text("all caught up"))), CAUGHT_UP),
    "catch-up.down": Row(text("news 29"), MISSED, CAUGHT_UP),
    "catch-up.up": Row(no("news 29"), (*MISSED, press("space", text("news 29"))), CAUGHT_UP),
    "catch-up.close": Row(no("Catch up"), MISSED),
}
LINE: Mapping[str, Row] = {
    "connection.now": Row(before_its_time, (cut_off, until(like(r"next try in ([4-9]|\d\d) s")), on_again)),
    "waiting.give-up": Row(
        both(no("Loading pinned"), text("connected")),
        (stalls, types("/pins "), press("enter", text("Loading pinned")), until(text("Esc cancels"))),
        (flows,),
    ),
}


@dataclass(frozen=True)
class Place:
    """Rows that are tried in one program, behind what leads there."""

    rows: Mapping[str, Row]
    begin: tuple[Step, ...] = ()


TO_END = press("alt+end", text(LAST))
PLACES: Mapping[str, Place] = {
    "chat": Place(CHAT),
    "composer": Place(COMPOSER),
    "messages": Place(MESSAGES, (TO_END, press("escape", SELECTING))),
    "unsent": Place(UNSENT, (mentioned, press("alt+1", text("mention")))),
    "lists": Place(LISTS, (many_channels, press("alt+pagedown", text("# z00")))),
    "search": Place(SEARCH),
    "catch-up": Place(CATCH_UP, (TO_END, much_missed)),
    "line": Place(LINE),
}
TABLE = {id: row for place in PLACES.values() for id, row in place.rows.items()}


def test_every_key_is_in_the_table() -> None:
    assert set(KEYS) - set(TABLE) == set(), "keys that nobody tries at a terminal"
    assert set(TABLE) - set(KEYS) == set(), "rows of keys that aren't there"


@contextmanager
def typist(terminals: TerminalHarness) -> Iterator[Typist]:
    """Somebody with nine channels, of which the last has a history, and a second community."""
    name = f"typist{next(terminals.numbers)}"
    terminals.person(name)
    yard = terminals.community("Yard", name, "bob")
    zoo = terminals.community("Zoo", name)
    channels = {f"a{number}": terminals.channel(yard, f"a{number}", name) for number in range(1, 9)}
    for id in channels.values():
        terminals.call("PUT", f"/api/channels/{id}/members/{terminals.live_server.ids['bob']}", "bob")
    found = terminals.call("GET", f"/api/communities/{yard}/channels", "bob")["channels"]
    channels["general"] = next(each["id"] for each in found if each["name"] == "general")  # type: ignore[attr-defined]
    history = f"/api/channels/{channels['general']}/messages"
    for number in range(40):
        said = f"@{name} mention {number}" if number == 20 else f"message {number:02}"
        terminals.call("POST", history, (name, "bob")[number % 2 or number == 20], content=said)
    terminals.call("POST", history, name, content=SOURCE, replyTo=2)
    url = terminals.far(0)
    with terminals.client(name, url=url, EDITOR=EDITOR) as program:
        program.shows("Message #general", "message 00")
        yield Typist(program, terminals, name, channels, zoo, terminals._proxies[-1])


def test_some_keys_of_everyday(terminals: TerminalHarness) -> None:
    with typist(terminals) as somebody:
        for id, row in TABLE.items():
            if row.quick:
                tried(somebody, KEYS[id][0], row)


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
def test_every_key_does_what_its_row_says(terminals: TerminalHarness, place: str) -> None:
    with typist(terminals) as somebody:
        for step in PLACES[place].begin:
            step(somebody)
        for id, row in PLACES[place].rows.items():
            for key in KEYS[id]:
                tried(somebody, key, row)
