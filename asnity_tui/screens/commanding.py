"""Doing what is written behind a slash."""

from __future__ import annotations

from textual import on, work

from asnity_server.protocol.errors import AsnityError
from asnity_tui.client.contract import NoAnswer, Unreachable
from asnity_tui.client.memory import NotKept
from asnity_tui.client.session import words
from asnity_tui.widgets.safe_text import harmless_line

from .finding import Finding
from .leads import WantCommand


class Commanding(Finding):
    """The main screen, as far as it does what is written in the composer."""

    @on(WantCommand)
    def _want_command(self, event: WantCommand) -> None:
        self._run_command(event.name, event.rest, event.text)

    @work(group="dialog", exit_on_error=False)
    async def _run_command(self, name: str, rest: str, text: str) -> None:
        """Do what was written behind a slash; where that can't be, it comes back to the composer."""
        from .slash_commands import BY_NAME  # late: see above
        from .slash_words import Refused  # late: see above

        try:
            await BY_NAME[name].run(self, rest)
        except (Refused, AsnityError, NoAnswer, Unreachable, NotKept) as error:
            told = str(error) if isinstance(error, Refused) else words(error)
            self.notify(harmless_line(told), severity="error", markup=False)
            if not self.conversation.composer.text:
                self.conversation.composer.put(text)
