"""The lines around the composer: who is typing, why nothing can be sent or saved, what becomes of the text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo

from textual.widget import Widget

from asnity_tui.client.clock import Clock
from asnity_tui.client.error_text import error_text
from asnity_tui.client.storage.storage import StorageError
from asnity_tui.client.sync.session import Session
from asnity_tui.state.channel import ChannelState
from asnity_tui.widgets.composer import Composer
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import Span, spans
from asnity_tui.widgets.text_bar import TextBar

from .compose_modes import ComposeMode, FocusModes, Replying
from .compose_warnings import ComposeWarnings, why_silent
from .open_channel import OpenChannel
from .typeahead import TypeAhead


class UnsavedOffer:
    """Keeps what couldn't be saved for a key that sends it all the same; from then on that is done unasked."""

    def __init__(self, host: Widget, session: Session, *, changed: Callable[[], None]) -> None:
        """`changed` is called when something is offered, or isn't any more."""
        self._host = host
        self._session = session
        self._changed = changed
        self._again: Callable[[], object] | None = None
        """Does once more what couldn't be saved."""

    def __bool__(self) -> bool:
        return self._again is not None

    def report(self, error: Exception, channel_id: str, again: Callable[[], object]) -> None:
        """Say why something wasn't done, and with which key `again` does it without saving."""
        told = error_text(error)
        if isinstance(error, StorageError) and self._session.messages.may_send_unkept(channel_id):
            self._again = again
            told = f"{told} alt+r sends it without saving."
            self._changed()
        self._host.notify(told, severity="error", markup=False)

    def accept(self) -> bool:
        """Do without saving what is offered; False if nothing is."""
        again = self._again
        if again is None:
            return False
        self._session.messages.sends_unkept = True
        self.withdraw()
        again()
        return True

    def withdraw(self) -> None:
        """Offer nothing any more: it is done, or isn't wanted."""
        if self._again is not None:
            self._again = None
            self._changed()


class ComposeStatus:
    """Draws them by what the parts of the composer know."""

    def __init__(
        self,
        host: Widget,
        session: Session,
        channel: OpenChannel,
        composer: Composer,
        *,
        clock: Clock,
        zone: tzinfo | None,
        mode: ComposeMode,
        type_ahead: TypeAhead,
        unsaved: UnsavedOffer,
        focus: FocusModes,
        warnings: ComposeWarnings,
    ) -> None:
        self.typing_line = TextBar(id="typing")
        self.mode_line = TextBar(id="mode")
        self.warnings = warnings
        self._host = host
        self._session = session
        self._channel = channel
        self._composer = composer
        self._clock = clock
        self._zone = zone
        self._mode = mode
        self._type_ahead = type_ahead
        self._unsaved = unsaved
        self._focus = focus
        self._explained = False
        """Enter was pressed where it sends nothing."""

    def cannot_send(self) -> str:
        """Say why nothing can be sent from here, without a full stop; empty if it can be."""
        if self._mode.edits_deleted:
            return "The message that you are editing was deleted"
        return self._channel.closed.why if self._channel.closed is not None else ""

    def why_silent(self) -> str:
        """Say why nothing can be written in the open channel, and until when; empty if it can be."""
        channel = self._channel.state
        if channel is None:
            return ""
        return why_silent(self._session.store, channel, now=self._channel.now(), zone=self._zone)

    def explain(self) -> None:
        """Say why Enter sends nothing."""
        self._explained = True
        self._host.app.bell()
        self.draw()
        self.draw_mode()

    def forget(self) -> None:
        """Take back the explanation: another channel comes."""
        self._explained = False

    # Below the messages

    def draw(self) -> None:
        """Draw who is typing or why nothing can be sent, where the text goes, and warnings about it."""
        why, channel = self.cannot_send(), self._channel.state
        if why and (self._channel.closed is None or self._explained):
            room = self._composer.room_words
            said = f"Not sent: {why}." if self._explained else f"{why}."
            self.typing_line.say(spans((" ! ", "error"), (said, "strong")), (Span(f"{room} "),) if room else ())
        else:
            self._draw_typing(channel)
        if channel is not None:
            self._let_write(channel)
        self.warnings.look(channel, self._composer.text, now=self._channel.now())

    def _draw_typing(self, channel: ChannelState | None) -> None:
        """Draw who is typing, and beside it what Escape does and how much room is left."""
        users = channel.typing.at(self._clock.now()) if channel else []
        told = typing_words([harmless_line(self._session.store.name_of(user)) for user in users])
        room, hint = self._composer.room_words, self._focus.hint()
        over = self._composer.used > self._composer.limit if room else False
        right = (Span(f"{room} ", "error" if over else "dim"),) if room else ()
        if hint:
            right = (Span(f"{hint} ", "accent"), *right)
        self.typing_line.say(spans(("   ", "plain"), (told, "dim")) if told else (), right)

    def _let_write(self, channel: ChannelState) -> None:
        """Say where the text goes, why it can't, or how to get back to writing; what stands there isn't lost."""
        composer, why, way_back = self._composer, self.why_silent(), self._focus.way_back
        composer.read_only = bool(why) and (composer.read_only or not composer.text)
        if way_back and not composer.read_only:
            composer.aim("", way_back)
        else:
            composer.aim(self._channel.title(channel), why)

    # Above the composer

    def draw_mode(self) -> None:
        """Draw what becomes of the text that stands there."""
        mode, left, right = self._mode.current, spans(), spans()
        if held := self._type_ahead.held_words(self._composer.text):
            left, right = spans((f"   {held} will go to the channel being opened …", "accent")), CANCELS
        elif self.cannot_send():
            left, right = self._closed_words()
        elif self._unsaved:
            left = spans(("   ", "plain"), ("Not sent: it can't be saved.", "accent"))
            right = spans(("alt+r", "hint-key"), (" send anyway ", "dim"))
        elif isinstance(mode, Replying):
            name = f"{mode.name}: " if mode.name else ""
            left, right = spans(("   > ", "dim"), (name, "accent"), (mode.said, "dim")), CANCELS
        elif mode is not None:
            left, right = spans(("   ", "plain"), ("Editing", "accent")), CANCELS
        self.mode_line.display = bool(left)
        self.mode_line.say(left, right)

    def _closed_words(self) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
        """Word what may be done with a text that can't be sent."""
        if not self._composer.text.strip():
            right = CANCELS if self._mode.current is not None else ()
            return spans(("   ctrl+k", "hint-key"), (" go elsewhere", "dim")), right
        keys = spans(("alt+c", "hint-key"), (" copy  ", "dim"), ("alt+x", "hint-key"), (" discard ", "dim"))
        return spans(("   ", "plain"), ("Your text stays here.", "plain")), keys


CANCELS = spans(("Esc cancels ", "dim"))


def typing_words(names: Sequence[str]) -> str:
    """Say who is typing; `names` are harmless."""
    if len(names) > 2:
        return f"{len(names)} people are typing…"
    return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} typing…" if names else ""
