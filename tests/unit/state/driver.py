"""A device without a loop: a store, a model server, and a line between them whose every packet the test moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from asnity_server.protocol import requests, routes
from asnity_server.protocol.errors import AsnityError, ErrorInfo
from asnity_server.protocol.limits import MAX_INTEGER
from asnity_server.protocol.models import Message, Wire
from asnity_server.protocol.responses import ChangesPage, JoinAnswer, MessagePage
from asnity_tui.state import changes as facts
from asnity_tui.state.events import apply_ack, apply_event, apply_refusal
from asnity_tui.state.history import RepairPlan, apply_changes, apply_page, brought_up, open_timeline, plan_repair
from asnity_tui.state.outbox_entry import OutboxEntry
from asnity_tui.state.reconcile import Joining, apply_community, apply_join, apply_overview, begin_join, disconnect
from asnity_tui.state.rows import Row
from asnity_tui.state.store import Store
from tests.fakes import Account, FakeServer
from tests.fakes.world import Connection

Step = Callable[[], None]


class Packet:
    """Something on its way to the device over the socket."""

    def __init__(self, deliver: Step, *, event: bool) -> None:
        self.deliver = deliver
        self.event = event


class Device:
    """A session that acts only when told to: nothing arrives until `arrive`, nothing is asked until `ask_needs`.

    Over the socket things arrive in order unless the test changes `line`; answers over HTTP wait in `answers` and may
    be delivered in any order.
    """

    def __init__(self, server: FakeServer, me: Account, community_id: str) -> None:
        self.server = server
        self.me = me
        self.token = server.token(me)
        self.community_id = community_id
        self.connection: Connection | None = None
        self.line: list[Packet] = []
        self.answers: list[Step] = []
        self.needs: dict[facts.Need, None] = {}
        self.settled: list[str] = []
        self.failed: list[str] = []
        self.disk: dict[str, OutboxEntry] = {}
        self.remembered: dict[str, tuple[int, Sequence[Message]]] = {}
        self.nonces = 0
        self.store = Store()

    # What the session would be told

    def tell(self, changes: Sequence[facts.Change]) -> None:
        for change in changes:
            match change:
                case facts.Need():
                    self.needs[change] = None
                case facts.EntrySettled(nonce):
                    self.settled.append(nonce)
                    self.disk.pop(nonce, None)
                case facts.EntryFailed(nonce):
                    self.failed.append(nonce)

    @property
    def now(self) -> int:
        return self.server.clock.now()

    # The sink of the model server

    def event(self, community_id: str | None, name: str, payload: Wire) -> None:
        self.line.append(
            Packet(lambda: self.tell(apply_event(self.store, community_id, name, payload, self.now)), event=True)
        )

    def namespace_lost(self, community_id: str, error: ErrorInfo | None) -> None:
        self.line.append(Packet(lambda: self.tell(disconnect(self.store, community_id)), event=False))

    def ended(self, reason: str) -> None:
        raise AssertionError(reason)

    # The line

    def start(self) -> None:
        """Begin (again) with an empty store and what is on the disk."""
        self.cut()
        self.store = Store()
        self.needs.clear()
        self.answers.clear()
        self.overview()
        self.store.outbox.restore(self.disk.values())

    def overview(self) -> None:
        overview = self.server.call(self.token, routes.OVERVIEW, requests.Empty())
        self.tell(apply_overview(self.store, overview, asked_at=self.store.serial))

    def connect(self) -> None:
        """Open the line and join; the acknowledgement arrives in its turn."""
        assert self.connection is None
        self.connection = self.server.connect(self.token, self)
        self.overview()
        self.server.enter(self.connection, self.community_id)
        joining = begin_join(self.store, self.community_id)
        assert joining is not None
        answer = self.server.ask(self.connection, self.community_id, routes.JOIN, requests.Join())
        self._answer_join(joining, answer)

    def _answer_join(self, joining: Joining, answer: JoinAnswer) -> None:
        self.line.append(Packet(lambda: self.tell(apply_join(self.store, joining, answer, self.now)), event=False))

    def cut(self) -> None:
        """The line is gone with everything on it; requests without an answer have an unknown outcome."""
        if self.connection is not None:
            self.server.disconnect(self.connection)
            self.connection = None
        self.line.clear()
        for entry in self.store.outbox.entries():
            if entry.state == "sending":
                self.store.outbox.hold(entry.nonce, "no-answer")
                self.tell(self.store.show(entry))
        self.tell(disconnect(self.store))

    def arrive(self, count: int | None = None) -> None:
        """The next `count` things on the line (None: all) come in."""
        count = len(self.line) if count is None else min(count, len(self.line))
        for packet in [self.line.pop(0) for _ in range(count)]:
            packet.deliver()

    def answer(self, index: int = 0) -> None:
        self.answers.pop(index)()

    def answer_all(self) -> None:
        while self.answers:
            self.answer()

    # What I do

    def write(self, kind: str, channel_id: str, content: str = "", chat_id: int | None = None) -> str:
        self.nonces += 1
        nonce = f"nonce{self.nonces}"
        entry = OutboxEntry(
            nonce=nonce,
            community_id=self.community_id,
            channel_id=channel_id,
            kind=kind,  # type: ignore[arg-type]
            chat_id=chat_id,
            content=content,
            created_at=self.now,
        )
        self.disk[nonce] = entry
        self.store.outbox.add(entry)
        self.tell(self.store.show(entry))
        return nonce

    def ready(self) -> Sequence[OutboxEntry]:
        return self.store.outbox.ready(self.now, lambda entry: self.store.communities[entry.community_id].joined)

    def send(self, *, stored: bool = True, answered: bool = True, refusal: ErrorInfo | None = None) -> None:
        """Everything whose turn it is leaves; it may be lost on the way, or its acknowledgement."""
        for entry in self.ready():
            self.store.outbox.begin(entry.nonce)
            self.tell(self.store.show(entry))
            if not stored or self.connection is None:
                return self.cut()
            if refusal is not None:
                return self._refused(entry.nonce, refusal)
            try:
                message = self._post(entry)
            except AsnityError as error:
                self._refused(entry.nonce, error.info)
                continue
            if not answered:
                return self.cut()
            self._acknowledged(entry.nonce, message)

    def _post(self, entry: OutboxEntry) -> Message:
        assert self.connection is not None
        common: dict[str, Any] = {"channel_id": entry.channel_id, "nonce": entry.nonce}
        ask = self.server.ask
        if entry.kind == "new":
            new = requests.NewChat(content=entry.content, **common)
            return ask(self.connection, self.community_id, routes.CHAT_NEW, new).chat_info
        assert entry.chat_id is not None
        if entry.kind == "modify":
            change = requests.ModifyChat(content=entry.content, chat_id=entry.chat_id, **common)
            return ask(self.connection, self.community_id, routes.CHAT_MODIFY, change).chat_info
        removal = requests.DeleteChat(chat_id=entry.chat_id, **common)
        return ask(self.connection, self.community_id, routes.CHAT_DELETE, removal).chat_info

    def _acknowledged(self, nonce: str, message: Message) -> None:
        self.line.append(Packet(lambda: self.tell(apply_ack(self.store, nonce, message)), event=False))

    def _refused(self, nonce: str, error: ErrorInfo) -> None:
        self.line.append(Packet(lambda: self.tell(apply_refusal(self.store, nonce, error, self.now)), event=False))

    def read(self, channel_id: str, message_id: int, *, set_back: bool = False) -> None:
        """Tell the server up to where I have read."""
        assert self.connection is not None
        channel = self.store.channel(channel_id)
        assert channel is not None
        if not set_back:
            channel.read_up_to(message_id)
        request = requests.MoveReadMarker(channel_id=channel_id, read_id=message_id, set_back=set_back)
        answer = self.server.ask(self.connection, self.community_id, routes.READ, request)
        self.line.append(
            Packet(lambda: self.tell(channel.apply_counters(answer, ordered=True, back=set_back)), event=False)
        )

    # Pages and repair

    def open(self, channel_id: str) -> None:
        rev, messages = self.remembered.get(channel_id, (0, ()))
        self.tell(open_timeline(self.store, channel_id, rev=rev, messages=messages))

    def remember(self, channel_id: str) -> None:
        channel = self.store.channel(channel_id)
        if channel is not None and channel.timeline is not None and (newest := channel.timeline.newest(10)):
            self.remembered[channel_id] = (channel.timeline.rev, tuple(newest))

    def page(self, channel_id: str, **request: Any) -> None:
        """Ask for a page of history; the answer waits in `answers`."""
        page = self.server.call(self.token, routes.HISTORY, requests.History(channel_id=channel_id, **request))
        store = self.store
        self.answers.append(lambda: self._take_page(store, channel_id, page))

    def _take_page(self, store: Store, channel_id: str, page: MessagePage) -> None:
        changes = apply_page(store, channel_id, page)
        while changes is None:
            end = MAX_INTEGER if not page.has_newer else page.messages[-1].id
            answers = self._changes(channel_id, page.rev, page.messages[0].id, end)
            page = brought_up(page, answers)
            changes = apply_page(store, channel_id, page)
        self.tell(changes)

    def ask_needs(self) -> None:
        """Put all questions that are open; the answers wait in `answers` (those over the socket in `line`)."""
        needs, self.needs = self.needs, {}
        counters = []
        for need in needs:
            match need:
                case facts.NeedChanges(channel_id):
                    self._ask_changes(channel_id)
                case facts.NeedCounters(channel_id):
                    counters.append(channel_id)
                case facts.NeedCommunity(community_id):
                    self._ask_community(community_id)
                case facts.NeedUsers(community_id, user_ids):
                    request = requests.UsersById(community_id=community_id, ids=",".join(user_ids))
                    found = self.server.call(self.token, routes.USERS, request)
                    self.tell(self.store.learn_users(self.store.communities[community_id], found.users))
                case _:
                    raise AssertionError(need)
        if counters and self.connection is not None and self.store.communities[self.community_id].joined:
            joining = begin_join(self.store, self.community_id, counters)
            assert joining is not None
            request_join = requests.Join(channels=tuple(counters))
            answer = self.server.ask(self.connection, self.community_id, routes.JOIN, request_join)
            self._answer_join(joining, answer)

    def _ask_community(self, community_id: str) -> None:
        community = self.store.communities[community_id]
        asked_at, store = community.serial, self.store
        request = requests.OfCommunity(community_id=community_id)
        answer = self.server.call(self.token, routes.COMMUNITY_OVERVIEW, request)
        self.answers.append(lambda: self.tell(apply_community(store, answer, asked_at=asked_at)))

    def _ask_changes(self, channel_id: str) -> None:
        repair = plan_repair(self.store, channel_id)
        if repair is None:
            return
        store = self.store
        pages: list[ChangesPage] = []
        ends: list[int] = []
        for first, last in repair.ranges:
            answers = self._changes(channel_id, repair.since, first, last)
            pages += answers
            ends.append(answers[-1].rev)
        self.answers.append(lambda: self._repaired(store, repair, pages, min(ends, default=0)))

    def _repaired(self, store: Store, repair: RepairPlan, pages: list[ChangesPage], reached: int) -> None:
        self.tell(apply_changes(store, repair, pages, reached))
        if repair.newest:
            self.page(repair.channel_id)

    def _changes(self, channel_id: str, since: int, first: int, last: int) -> list[ChangesPage]:
        pages: list[ChangesPage] = []
        while not pages or pages[-1].more:
            since = pages[-1].rev if pages else since
            request = requests.Changes(channel_id=channel_id, since=since, from_=first, to=last, limit=3)
            pages.append(self.server.call(self.token, routes.CHANGES, request))
        return pages

    def rows(self, channel_id: str) -> list[Row]:
        channel = self.store.channel(channel_id)
        assert channel is not None
        assert channel.timeline is not None
        return [item for item in channel.timeline.items() if isinstance(item, Row)]
