"""The list above the composer: offers people, channels, commands and emoji for the word that is being written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from asnity_tui.client.sync.session import Session
from asnity_tui.widgets.composer import Composer
from asnity_tui.widgets.list_pane import ListPane

from .completion_sources import EmojiLoader, PeopleLoader
from .open_channel import OpenChannel

if TYPE_CHECKING:
    from asnity_tui.commands.slash_completion import SlashOffer

    from .autocomplete import Autocomplete


class CompletionList:
    """Owns the list and what it is filled from; the completion itself is loaded when something is first written."""

    def __init__(
        self,
        session: Session,
        channel: OpenChannel,
        composer: Composer,
        *,
        emoji: EmojiLoader,
        people: PeopleLoader,
        commands: Callable[[], Sequence[SlashOffer]],
    ) -> None:
        """`commands` answers the slash commands that are offered where the person is."""
        self.pane = ListPane(id="offers")
        self.emoji = emoji
        self.people = people
        self._session = session
        self._channel = channel
        self._composer = composer
        self._commands = commands
        self._autocomplete: Autocomplete | None = None

    @property
    def autocomplete(self) -> Autocomplete:
        """Complete words; made when something is first written."""
        if self._autocomplete is None:
            from .autocomplete import Autocomplete  # late: the first letter needn't wait for it

            self._autocomplete = Autocomplete(
                self._session,
                self._channel,
                self._composer,
                self.pane,
                emoji=self.emoji,
                people=self.people,
                commands=self._commands,
            )
        return self._autocomplete

    def look(self) -> None:
        """See what is to be offered: the text or the cursor changed, or more is known."""
        if self._composer.text or self._autocomplete is not None:
            self.autocomplete.look()

    def accept(self, index: int | None = None) -> bool:
        """Put what is offered into the text; False if nothing is."""
        return self.autocomplete.accept(index)

    def do(self, event: Composer.Complete) -> None:
        """Do what a key in the composer says."""
        act = event.act
        if act == "close":
            self.autocomplete.close()
        elif act in ("word", "word-before"):
            self.autocomplete.turn(1 if act == "word" else -1)
        else:
            self.autocomplete.move(1 if act == "next" else -1)
