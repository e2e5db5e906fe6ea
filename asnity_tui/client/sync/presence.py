"""Whether the person is at the keyboard: told to the server, and told again on every new connection."""

from __future__ import annotations

from asnity_server.protocol import requests, routes
from asnity_server.protocol.errors import AsnityError
from asnity_tui.client.transport.client import NoAnswer, Unreachable
from asnity_tui.state.changes import Change, CommunityLive

from .context import Context


class Presence:
    """The server takes whoever connects for online, so only what differs from that is told."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._idle = False
        self.away = False
        """The person says so, whatever they touch."""
        self._told = False
        self._told_on = 0
        self._telling = False
        context.watch(self._watch, CommunityLive)

    def set_idle(self, idle: bool) -> None:
        """The person has touched nothing for a while, or is back."""
        self._idle = idle
        self._tell_soon()

    def set_away(self, away: bool) -> None:
        """The person goes away, or says that they are back."""
        self.away = away
        self._tell_soon()

    @property
    def _is_idle(self) -> bool:
        return self._idle or self.away

    def _watch(self, change: Change) -> None:
        self._tell_soon()

    @property
    def _is_known(self) -> bool:
        told = self._told if self._told_on == self._context.line else False
        return told == self._is_idle

    def _tell_soon(self) -> None:
        if not self._is_known and not self._telling and self._context.is_up and self._context.is_running:
            self._telling = True
            self._context.tasks.start(self._tell())

    async def _tell(self) -> None:
        try:
            while not self._is_known:
                idle, line = self._is_idle, self._context.line
                await self._context.ask(
                    None, routes.PRESENCE, requests.SetPresence(status="away" if idle else "online")
                )
                self._told, self._told_on = idle, line
        except (AsnityError, NoAnswer, Unreachable):
            return  # the next connection, or the next change, tells it
        finally:
            self._telling = False
