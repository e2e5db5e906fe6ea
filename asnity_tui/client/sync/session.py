"""One account on one server while the program runs: everything the screens can ask for stands here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from random import Random

from asnity_server.protocol import limits, requests, routes
from asnity_server.protocol.errors import Conflict, NotFound, Unauthorized
from asnity_server.protocol.responses import ServerInfo
from asnity_tui.client.clock import Clock, SystemClock
from asnity_tui.client.resources.communities import Places
from asnity_tui.client.storage.storage import Storage
from asnity_tui.client.transport.client import ChatClient
from asnity_tui.state.changes import ChannelUpdated
from asnity_tui.state.outbox import Outbox
from asnity_tui.state.outbox_entry import EntryKind, OutboxEntry
from asnity_tui.state.rows import Gap
from asnity_tui.state.store import Store

from .connection import Connection, ConnectionStatus
from .context import Context, Subscriber
from .drafts import Drafts, SubmittedText
from .errands import Errands
from .history import HistoryLoader
from .namespaces import Namespaces
from .outbox_sender import OutboxSender
from .persistence import Persistence
from .preferences import Preferences
from .presence import Presence
from .read_markers import ReadMarkers
from .repair import Repair

FINISH_WITHIN = 1.0
"""Seconds that closing waits at most for the last read markers, and for what was held so that it could be undone."""


class Session(Errands):
    """One account on one server. Screens read `store`, `outbox`, `connection`, and call the methods.

    No method waits for the network unless its docstring says "asks the server": those raise `AsnityError`,
    `NoAnswer` or `Unreachable`, whose texts `error_text` turns into a sentence.
    """

    def __init__(
        self, client: ChatClient, memory: Storage, *, clock: Clock | None = None, random: Random | None = None
    ) -> None:
        """`client.token` is set; `random` is for the jitter of reconnects."""
        context = Context(client, memory, clock=clock or SystemClock(), random=random or Random())
        self.store: Store = context.store
        self.outbox: Outbox = context.store.outbox
        self.open_channel_id: str | None = None
        """The channel on the screen."""
        self._context = context
        self._memory = memory
        self._history = HistoryLoader(context)
        self._connection = Connection(context, Namespaces(context))
        self._repair = Repair(
            context, self._history, refresh=self._connection.refresh, on_screen=lambda: self.open_channel_id
        )
        self._drafts = Drafts(context)
        self._outbox_sender = OutboxSender(context, self._drafts)
        self._read_markers = ReadMarkers(context)
        self._persistence = Persistence(
            context, self._drafts, self._outbox_sender.keep_text, lambda: self.open_channel_id
        )
        self.places = Places(context, self._repair)
        self.preferences = Preferences(context)
        self.hold_ms = 0
        """How long a new message waits before it is sent, so that `undo_send` can take it back."""
        self._presence = Presence(context)
        self.sends_unkept = False
        """The person wants what can't be written to disk to be sent all the same, while there is a connection."""
        self._closed = False

    @property
    def connection(self) -> ConnectionStatus:
        """How the line stands."""
        return self._connection.state

    @property
    def server(self) -> ServerInfo | None:
        """The server's name and limits, once known."""
        return self._connection.server

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        """Be told what changed, in bursts without repetition, on the event loop; answers how to end it."""
        self._context.subscribers.append(callback)

        def end() -> None:
            if callback in self._context.subscribers:
                self._context.subscribers.remove(callback)

        return end

    def remember(self) -> None:
        """Fill the store from what is remembered: sidebar, outbox, drafts. Blocks for milliseconds; needs no loop."""
        self._persistence.load()
        self.preferences.load()
        self._outbox_sender.restore()

    def start(self) -> None:
        """Begin to connect, and go on doing so until `close`. Needs a running loop; `remember` comes before."""
        loop = asyncio.get_running_loop()
        self._context.run_on(loop)
        self._outbox_sender.run_on(loop)
        for work in (
            self._connection.run(),
            self._connection.compare_for_ever(),
            self._outbox_sender.restore_for_ever(),
        ):
            self._context.tasks.start(work)

    async def close(self) -> None:
        """Send what can be sent at once (read marker, what could be undone), keep the rest, and end all."""
        if self._closed:
            return
        self._closed = True
        if self._context.is_running:
            finishing = {asyncio.ensure_future(each.finish()) for each in (self._read_markers, self._outbox_sender)}
            await asyncio.wait(finishing, timeout=FINISH_WITHIN)
            for each in finishing:
                each.cancel()
            await self._outbox_sender.keep_unkept()
        try:
            await self._stop()
        finally:
            await self._memory.close()

    async def _stop(self) -> None:
        """End everything that runs; what there is to remember is handed over."""
        self._context.is_running = False
        self._outbox_sender.keep()
        self._persistence.keep()
        await self._context.tasks.end()
        await self._history.end()
        await self._context.client.close()
        self._connection.closed()

    def connect_now(self) -> None:
        """Don't wait for the next attempt."""
        self._connection.connect_now()

    def focus(self, focused: bool) -> None:
        """The terminal has the focus or has lost it; regaining it compares with the server, or connects at once."""
        if focused and self._context.is_running:
            self._connection.look_alive()

    def set_idle(self, idle: bool) -> None:
        """The person has touched nothing for a while, or is back: others see that they are away, or online."""
        self._presence.set_idle(idle)

    @property
    def is_away(self) -> bool:
        """I said that I am away."""
        return self._presence.away

    def set_away(self, away: bool) -> None:
        """Show me as away from now on, whatever is touched here, or as back."""
        self._presence.set_away(away)

    async def sign_out(self) -> None:
        """End this session on the server (if it can be reached), forget everything of it here, and close.

        Raises as whatever asks the server; then nothing is forgotten and it can be tried again.
        """
        self._connection.leaving = True
        try:
            await self._context.client.call(routes.SIGN_OUT, requests.Empty())
        except Unauthorized:
            pass  # the server ended this session before, which is what is wanted
        except BaseException:
            self._connection.leaving = False
            raise
        self._closed = True
        await self._stop()
        await self._memory.forget()
        await self._memory.close()

    async def sign_in_again(self, password: str, *, device: str = "") -> str:
        """A new token for the same account, after `SignedOut`; asks the server. The caller keeps the token."""
        me = self.store.me
        if me is None:
            raise NotFound("No account is known here. Sign in again.")
        request = requests.SignIn(username=me.username, password=password, device=device)
        answer = await self._context.client.call(routes.SIGN_IN, request)
        self._context.client.token = answer.token
        self._connection.connect_now()
        return answer.token

    # Writing

    async def send(
        self, channel_id: str, content: str, *, reply_to: int | None = None, lifted: SubmittedText | None = None
    ) -> str:
        """A new message: on disk and on the screen when this returns its nonce. Never waits for the network.

        `lifted` is the text of the composer that it is made of: see `lift`.

        Raises `Invalid` or `TooLarge` for text that no server takes, `StorageError` if the disk doesn't take
        it, `NotFound` if I am no longer in this channel.
        """
        self._read_markers.flush(channel_id)
        self._read_markers.sent(channel_id)
        self._outbox_sender.hurry(channel_id)
        return await self._write(
            "new", channel_id, content=content, reply_to=reply_to, hold_ms=self.hold_ms, lifted=lifted
        )

    async def edit(self, channel_id: str, message_id: int, content: str) -> str:
        """Give a message of mine new text; like `send`."""
        return await self._write("modify", channel_id, content=content, chat_id=message_id)

    async def delete(self, channel_id: str, message_id: int, *, hold_ms: int = 0) -> str:
        """Delete a message; like `send`. Until `hold_ms` have passed `undo_delete` brings it back."""
        return await self._write("delete", channel_id, chat_id=message_id, hold_ms=hold_ms)

    async def _write(
        self,
        kind: EntryKind,
        channel_id: str,
        *,
        content: str = "",
        chat_id: int | None = None,
        reply_to: int | None = None,
        hold_ms: int = 0,
        lifted: SubmittedText | None = None,
    ) -> str:
        if self.store.channel(channel_id) is None:
            raise NotFound("You are no longer in this channel.")
        limit = self.server.limits.content if self.server is not None else limits.CONTENT
        return await self._outbox_sender.write(
            kind,
            channel_id,
            content=content,
            chat_id=chat_id,
            reply_to=reply_to,
            limit=limit,
            hold_ms=hold_ms,
            lifted=lifted,
            unkept=self.sends_unkept,
        )

    def may_send_unkept(self, channel_id: str) -> bool:
        """Whether it can be offered to send something to a channel that can't be written to disk."""
        return not self.sends_unkept and self.store.is_live(channel_id)

    @property
    def unkept(self) -> Sequence[OutboxEntry]:
        """What is neither sent nor on the disk, and gone with the program."""
        return self._outbox_sender.unkept

    def undo_send(self, channel_id: str) -> OutboxEntry | None:
        """Take the newest message back that is still held for that, so that it goes back to the composer."""
        held = [each for each in self._held(channel_id) if each.kind != "delete"]
        return self._outbox_sender.take_back(held[-1].nonce) if held else None

    def undo_delete(self, channel_id: str) -> OutboxEntry | None:
        """Take the newest deletion back that is still held for that."""
        held = [each for each in self._held(channel_id) if each.kind == "delete"]
        return self._outbox_sender.take_back(held[-1].nonce) if held else None

    def hurry(self, channel_id: str | None = None) -> bool:
        """Let go what is held so that it could be taken back: everything, or the texts of one channel."""
        return bool(self._outbox_sender.hurry(channel_id))

    async def close_direct(self, channel_id: str) -> None:
        """Take a direct channel off my list, behind what is being sent there. Raises also `Conflict`."""
        await self._outbox_sender.finish(channel_id)
        if self.outbox.of_channel(channel_id):
            raise Conflict("A message here isn't sent yet. Send or discard it first.")
        await self.places.close_direct(channel_id)

    def _held(self, channel_id: str) -> list[OutboxEntry]:
        return [each for each in self.outbox.of_channel(channel_id) if each.reason == "undo"]

    def retry(self, nonce: str) -> bool:
        """Send a failed (or waiting) entry again, now; False if that can't be done as it is."""
        return self._outbox_sender.retry(nonce)

    def retry_all(self) -> int:
        """Send all failed entries again; answers how many."""
        return sum(self._outbox_sender.retry(each.nonce) for each in self.outbox.failed)

    def take_back(self, nonce: str) -> OutboxEntry | None:
        """Remove an entry and answer it, so that its content goes back to the composer; None if it can't be."""
        return self._outbox_sender.take_back(nonce)

    def discard(self, nonce: str) -> bool:
        """Remove an entry for good; False if it can't be (it may be on its way)."""
        return self._outbox_sender.take_back(nonce) is not None

    async def put_back(self, entry: OutboxEntry) -> None:
        """Have an entry again that was discarded, as it was. Raises `StorageError`."""
        await self._outbox_sender.put_back(entry)

    def typing(self, channel_id: str) -> None:
        """A letter was typed in the composer: others are told, at most every 3 s."""
        self._read_markers.typing(channel_id)

    def draft(self, channel_id: str) -> str:
        """A channel's unsent draft."""
        return self._drafts.get(channel_id)

    def set_draft(self, channel_id: str, text: str) -> None:
        """Keep a draft (call it freely: it is written at most once a second)."""
        self._drafts.set(channel_id, text)

    def lift(self, channel_id: str, text: str) -> SubmittedText:
        """A text leaves the composer to be sent: until `send` has it, the disk keeps it as a draft."""
        return self._drafts.lift(channel_id, text)

    def lower(self, lifted: SubmittedText | None) -> None:
        """A lifted text couldn't be sent, and is in the composer again."""
        self._drafts.lower(lifted)

    def keep_text(self, channel_id: str, text: str, *, place: str = "", why: str = "") -> None:
        """What was written for a channel that I am no longer in, called `place`, goes beside what failed: `why`."""
        self._persistence.keep_text(channel_id, text, place=place, why=why)

    def drafts(self) -> frozenset[str]:
        """Ids of the channels with a draft."""
        return frozenset(self._drafts.all())

    # Reading

    def open_channel(self, channel_id: str) -> None:
        """Put a channel on the screen: what is remembered is in its timeline when this returns, the rest follows."""
        if self.open_channel_id != channel_id:
            self.close_channel()
        channel = self.store.channel(channel_id)
        if channel is None:
            return
        self.open_channel_id = channel_id
        channel.marked_unread = False
        self._persistence.visit(channel_id)
        self.preferences.visit(channel_id)
        self._context.tell((ChannelUpdated(channel_id), *channel.needs))

    def refused_history(self, channel_id: str) -> str:
        """Why the server didn't tell what is in a channel the last time it was asked; empty if it did."""
        return self._history.refused.get(channel_id, "")

    def close_channel(self) -> None:
        """No channel is on the screen any more; its read marker goes out at once."""
        channel_id, self.open_channel_id = self.open_channel_id, None
        channel = self.store.channel(channel_id) if channel_id is not None else None
        if channel is not None:
            self._read_markers.flush(channel.id)
            self._outbox_sender.hurry(channel.id)
            if channel.timeline is not None:
                channel.timeline.stop_looking()

    def last_channel(self) -> str | None:
        """The channel that was open last, if I am still in it."""
        channel_id = self._memory.load_last_channel()
        return channel_id if channel_id is not None and self.store.channel(channel_id) is not None else None

    def look_at(self, channel_id: str, first_id: int, last_id: int) -> None:
        """Which messages are on the screen: what is far from them may be dropped."""
        channel = self.store.channel(channel_id)
        if channel is not None and channel.timeline is not None:
            channel.timeline.look(first_id, last_id)

    async def load_older(self, channel_id: str) -> None:
        """The page before the first held message; asks the server. Who asks meanwhile waits for the same page."""
        await self._history.load_older(channel_id)

    async def load_newer(self, channel_id: str) -> None:
        """The page behind the last held message; asks the server."""
        await self._history.load_newer(channel_id)

    async def load_gap(self, channel_id: str, gap: Gap, *, forward: bool = False) -> None:
        """The newest page of a gap, or (`forward`) the oldest; asks the server."""
        await self._history.load_gap(channel_id, gap, forward=forward)

    async def jump_to(self, channel_id: str, message_id: int) -> bool:
        """Make sure that a message and those around it are held; False if there is none such. Asks the server."""
        return await self._history.jump_to(channel_id, message_id)

    async def jump_to_date(self, channel_id: str, moment_ms: int) -> int | None:
        """The first message at or behind a moment (milliseconds since 1970), else the newest; asks the server.

        It is held with those around it when this returns; None where there are no messages.
        """
        return await self._history.jump_to_date(channel_id, moment_ms)

    async def jump_to_newest(self, channel_id: str) -> None:
        """Make sure that the newest messages are held; asks the server if they aren't."""
        await self._history.jump_to_newest(channel_id)

    def read_up_to(self, channel_id: str, message_id: int) -> None:
        """Everything up to a message was seen; the server hears of it at most every 300 ms, once it can."""
        self._read_markers.read_up_to(channel_id, message_id)

    async def mark_unread_from(self, channel_id: str, message_id: int) -> None:
        """This message and all behind it are unread again; asks the server."""
        await self._read_markers.mark_unread_from(channel_id, message_id)
