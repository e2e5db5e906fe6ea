"""The guide of the demo sees which of its steps were done, says so once, and answers direct messages for bob."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from asnity_server.protocol.events import ReactionChat
from asnity_server.protocol.models import Message, Wire
from asnity_tui.client.transport.client import REQUEST_ERRORS

from .people import DemoPeople
from .script import ANSWERS, PRAISE, REACT_STEP, REPLY_STEP

ENOUGH_IN_FLAKY = 5
"""Messages in #flaky after which its step is done."""


class Guide:
    """Follows what you do; `close` ends what it is about to say."""

    def __init__(self, people: DemoPeople) -> None:
        self._people = people
        self._lab = people.communities["Mandarin Lab"]
        self._welcome = people.channels["Mandarin Lab", "welcome"]
        self._flaky = people.channels["Mandarin Lab", "flaky"]
        self._done: set[str] = set()
        self._in_flaky = 0
        self._answered = 0
        self._saying: set[asyncio.Task[None]] = set()

    def on_event(self, name: str, payload: Wire) -> None:
        """See what happened in a channel; called on the event loop."""
        you = self._people.you.user_id
        if isinstance(payload, ReactionChat) and payload.channel_id == self._welcome:
            mine = any(you in reaction.users for reaction in payload.reactions.values())
            if payload.chat_id == REACT_STEP and mine:
                self._praise("react")
        elif name == "new-chat" and isinstance(payload, Message) and payload.sender_id == you:
            if payload.channel_id == self._welcome and payload.reply_to == REPLY_STEP:
                self._praise("reply", payload.id)
            elif payload.channel_id == self._flaky:
                self._in_flaky += 1
                if self._in_flaky == ENOUGH_IN_FLAKY:
                    self._praise("flaky")

    def written_to_bob(self, name: str, payload: Wire) -> None:
        """Answer what you write to bob; called on the event loop."""
        if name != "new-chat" or not isinstance(payload, Message):
            return
        if payload.channel_id != self._people.direct or payload.sender_id != self._people.you.user_id:
            return
        bob = self._people.people["bob"]
        if self._answered < len(ANSWERS):
            answer = ANSWERS[self._answered]
            self._answered += 1
            self._later(bob.type_and_say(self._lab, self._people.direct, answer))
        else:
            self._later(bob.react(self._people.direct, payload.id, "👍"))

    def _praise(self, step: str, reply_to: int | None = None) -> None:
        if step not in self._done:
            self._done.add(step)
            guide = self._people.people["guide"]
            self._later(guide.type_and_say(self._lab, self._welcome, PRAISE[step], reply_to=reply_to))

    def _later(self, doing: Awaitable[None]) -> None:
        async def do() -> None:
            try:
                await doing
            except REQUEST_ERRORS:
                return  # the demo ends, or its server is too busy: nobody waits for a praise

        task = asyncio.get_running_loop().create_task(do(), name="demo-guide")
        self._saying.add(task)
        task.add_done_callback(self._saying.discard)

    async def close(self) -> None:
        """Say nothing more."""
        for task in (*self._saying,):
            task.cancel()
        await asyncio.gather(*self._saying, return_exceptions=True)
