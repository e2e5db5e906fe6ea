"""A channel that is deleted in mid-sentence, with real keys: the rest of the sentence and Enter stay there."""

from __future__ import annotations

from .terminal_harness import TerminalHarness


def test_the_rest_of_a_sentence_stays_where_its_channel_was(terminals: TerminalHarness) -> None:
    garden = terminals.community("Orchard", "alice")
    plan = terminals.channel(garden, "secret-plan", "alice", private=True)
    with terminals.client("alice") as alice:
        alice.shows("Message #general")
        alice.feed(b"/goto #secret-plan\r")
        alice.shows("secret-plan")
        alice.hides("/goto")
        alice.type("the code is ")
        terminals.call("DELETE", f"/api/channels/{plan}", "alice")
        alice.shows("#secret-plan was deleted.")
        alice.type("4711")
        alice.feed(b"\r")
        alice.shows("the code is 4711", "Not sent: #secret-plan was deleted.", "alt+c copy")
        alice.feed(b"\x1b[6;3~")  # alt+page down: elsewhere, by hand
        alice.shows("Message #general", "1 not sent")
        alice.hides("4711")
