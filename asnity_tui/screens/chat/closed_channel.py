"""Keeps what is being written where it is when its channel closes under it: readable, and out of everybody's reach."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from asnity_tui.state.changes import ChannelLost, CommunityLost, Fact
from asnity_tui.state.losses import describe_removal
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import Span, spans

from .focus_modes import Escaping


def told(fact: ChannelLost | CommunityLost, name: str = "") -> str:
    """What became of a channel or a community, in words without a full stop."""
    return describe_removal(name or harmless_line(fact.name), fact.reason)


class Gone(msgspec.Struct, frozen=True):
    """A channel that closed while it was on the screen."""

    channel_id: str
    title: str
    why: str
    """What became of it, in words without a full stop."""


class ClosedChannel(Escaping, part=True):
    """Stays at a channel that closed, until the person goes elsewhere; what is in the composer can't be sent there."""

    gone: Gone | None = None
    """Set while that shows; no channel is open then."""

    _explained = False
    """Enter was pressed where it sends nothing."""

    def take(self, facts: Sequence[Fact]) -> None:
        """Draw what changed; stay where the person is if the channel closed."""
        super().take(facts)
        for fact in facts:
            if isinstance(fact, ChannelLost) and fact.channel_id == self.channel_id:
                self._stay(fact, facts)

    def _stay(self, fact: ChannelLost, facts: Sequence[Fact]) -> None:
        with_it = (each for each in facts if isinstance(each, CommunityLost) and each.community_id == fact.community_id)
        whole = next(with_it, None)
        why = told(whole) if whole is not None else told(fact, harmless_line(fact.place))
        if whole is not None and whole.why:
            why += f" ({harmless_line(whole.why)})"
        self.gone = Gone(fact.channel_id, harmless_line(fact.place), why)
        self.closing()
        self.channel_id = None
        self.session.close_channel()
        self.composer.read_only = False
        self.composer.add_class("-closed")
        self.composer.aim("")
        self.view.set_context(self._render_context())
        self.view.say_empty(f"{why}.")
        self.view.show("", (), has_older=False, new_after=None)
        self.say_header()
        self.say_typing()
        self.say_writing()
        self.offer()

    def offer(self) -> None:
        """See what is to be offered for the text as it stands: nothing where it can't be sent."""
        raise NotImplementedError

    def closing(self) -> None:
        """The channel closed: what was to be done with the text is void, but not the text."""

    def say_writing(self) -> None:
        """What is said above the composer of what is written there."""
        raise NotImplementedError

    def say_header(self) -> None:
        """The channel's name and topic, or what it was called."""
        if self.gone is not None:
            self.header.say(spans((f" {self.gone.title}", "dim"), ("  closed", "error")))
        else:
            super().say_header()

    def say_typing(self) -> None:
        """Who is typing; where nothing can be sent, why."""
        why = self.cannot_send()
        if not why or (self.gone is not None and not self._explained):
            super().say_typing()
            return
        room = self.composer.room_words
        said = f"Not sent: {why}." if self._explained else f"{why}."
        self.typing_line.say(spans((" ! ", "error"), (said, "strong")), (Span(f"{room} "),) if room else ())

    def cannot_send(self) -> str:
        """Why nothing can be sent from here, in words without a full stop; empty if it can be."""
        if self.gone is not None:
            return self.gone.why
        return ""

    def closed_words(self) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
        """What may be done with a text that can't be sent."""
        keys = spans(("alt+c", "hint-key"), (" copy  ", "dim"), ("alt+x", "hint-key"), (" discard ", "dim"))
        if not self.composer.text.strip():
            return spans(("   ctrl+k", "hint-key"), (" go elsewhere", "dim")), ()
        return spans(("   ", "plain"), ("Your text stays here.", "plain")), keys

    def explain(self) -> None:
        """Say why Enter sends nothing."""
        self._explained = True
        self.app.bell()
        self.say_typing()
        self.say_writing()

    def leave_writing(self) -> None:
        """Another channel comes, or none: what was written for the closed one is kept among what isn't sent."""
        gone, self.gone, self._explained = self.gone, None, False
        self.composer.remove_class("-closed")
        if gone is None:
            return
        text = self.composer.text
        self.session.keep_text(gone.channel_id, text, place=gone.title, why=f"{gone.why}.")
        if text.strip():
            self.notify(f"Your text for {gone.title} is kept: alt+o shows unsent messages.", markup=False)
