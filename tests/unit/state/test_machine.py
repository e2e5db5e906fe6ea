"""The store, its timelines and the outbox against a model server, over a line that does its worst."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from asnity_server.protocol.errors import ErrorInfo
from asnity_server.protocol.models import Message
from asnity_tui.state import unread
from asnity_tui.state.channel import ChannelState
from asnity_tui.state.rows import Gap, Row
from tests.fakes import Account, FakeServer
from tests.unit.state.driver import Device

RATE = ErrorInfo(code="rate-limited", message="Too fast.", retry_after=2)
BUSY = ErrorInfo(code="unavailable", message="Busy.")
BROKEN = ErrorInfo(code="internal", message="Oops.")
NO = ErrorInfo(code="forbidden", message="No.")


@pytest.fixture
def everything_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds that a short history reaches."""
    monkeypatch.setattr("asnity_tui.state.timeline.LONG_ABSENCE", 7)
    monkeypatch.setattr("asnity_tui.state.timeline.LOG", 4)
    monkeypatch.setattr("asnity_tui.state.ranges.HELD_MAX", 16)
    monkeypatch.setattr("asnity_tui.state.ranges.HELD_SLACK", 3)
    monkeypatch.setattr("asnity_tui.state.ranges.RANGES_MAX", 3)
    monkeypatch.setattr("asnity_tui.state.channel.HELD_BACK_MAX", 6)
    monkeypatch.setattr("asnity_tui.state.unread.COUNT_CAP", 5)
    monkeypatch.setattr("tests.fakes.unread.COUNT_CAP", 5)


WHERE = st.sampled_from([0, 0, 0, 1])
"""Which channel: mostly the one that is open."""

FATES = st.lists(st.sampled_from(["arrives", "arrives", "arrives", "lost", "twice", "late", "stays"]), max_size=8)
"""What becomes of the next things on the line."""


class TwoDevices(RuleBasedStateMachine):
    """I write on the device under test and on another one; bob writes, too; the line between drops and disorders."""

    @initialize(already=st.integers(0, 14))
    def begin(self, already: int) -> None:
        self.server = FakeServer()
        self.me = self.server.person("alice")
        self.bob = self.server.person("bob")
        self.community = self.server.community("Lab", self.me, self.bob)
        general = self.server.general(self.community)
        self.channels = [general, self.server.channel(self.community, "random", self.bob, self.me)]
        self.wrote: dict[str, str] = {}
        for _ in range(already):
            self.server.post(general, self.bob, "early")
        self.device = Device(self.server, self.me, self.community)
        self.device.start()
        self.device.connect()
        self.device.open(general)
        self.device.arrive()
        self.all_works()

    # The others, and me elsewhere; each event of it meets its fate on the line

    @rule(where=WHERE, fates=FATES, mention=st.booleans(), times=st.integers(1, 5))
    def bob_writes(self, where: int, fates: list[str], mention: bool, times: int) -> None:
        for _ in range(times):
            self.server.post(self.channels[where], self.bob, "hi @alice" if mention else "hi")
        self.travel(fates)

    @rule(where=WHERE, fates=FATES, which=st.integers(0, 40), act=st.sampled_from(["edit", "mention", "delete"]))
    def bob_changes(self, where: int, fates: list[str], which: int, act: str) -> None:
        self.change(where, which, self.bob, act)
        self.travel(fates)

    @rule(
        where=WHERE,
        fates=FATES,
        which=st.integers(0, 40),
        act=st.sampled_from(["write", "edit", "mention", "delete", "read", "set back", "system"]),
    )
    def i_act_elsewhere(self, where: int, fates: list[str], which: int, act: str) -> None:
        last = max(len(self.messages(where)) - which, 0)
        if act == "write":
            self.server.post(self.channels[where], self.me, "from my phone")
        elif act == "system":
            self.server.post(self.channels[where], self.bob, "bob joined", type="SYSTEM")
        elif act in ("read", "set back"):
            self.server.read(self.channels[where], self.me, last, set_back=act == "set back")
        else:
            self.change(where, which, self.me, act)
        self.travel(fates)

    def change(self, where: int, which: int, who: Account, act: str) -> None:
        found = [
            each.id
            for each in self.messages(where)
            if each.sender_id == who.id and each.deleted_at is None and each.type == "TEXT"
        ]
        if not found:
            return
        if act == "delete":
            self.server.delete(self.channels[where], who, found[-1 - which % len(found)])
        else:
            text = "better @alice" if act == "mention" else "better"
            self.server.edit(self.channels[where], who, found[-1 - which % len(found)], text)

    def travel(self, fates: list[str]) -> None:
        """Let what is on the line arrive, get lost, come twice, come later, or stay for now."""
        line = self.device.line
        for fate in fates:
            if not line:
                return
            if fate == "arrives":
                self.device.arrive(1)
            elif fate == "stays":
                return
            elif not line[0].event:
                continue
            elif fate == "lost":
                del line[0]
            elif fate == "twice":
                line.insert(1, line[0])
                self.device.arrive(1)
            else:
                line.insert(min(3, len(line) - 1), line.pop(0))

    # What I do here

    @rule(where=WHERE)
    def i_open(self, where: int) -> None:
        self.device.open(self.channels[where])

    @rule(where=WHERE, times=st.integers(1, 3), fates=FATES)
    def i_write(self, where: int, times: int, fates: list[str]) -> None:
        for _ in range(times):
            content = f"text {len(self.wrote)}"
            self.wrote[self.device.write("new", self.channels[where], content)] = content
        self.device.send()
        self.travel(fates)

    @rule(where=WHERE, which=st.integers(0, 5), kind=st.sampled_from(["modify", "delete"]), fates=FATES)
    def i_change(self, where: int, which: int, kind: str, fates: list[str]) -> None:
        channel = self.device.store.channel(self.channels[where])
        if channel is None or channel.timeline is None:
            return
        mine = [each for each in channel.timeline.items() if isinstance(each, Row) and self.is_mine(each.message)]
        if which < len(mine):
            content = "changed" if kind == "modify" else ""
            self.device.write(kind, channel.id, content, mine[-1 - which].message.id)
        self.device.send()
        self.travel(fates)

    @precondition(lambda self: self.device.connection)
    @rule(where=WHERE, which=st.integers(0, 6), back=st.booleans(), fates=FATES)
    def i_read(self, where: int, which: int, back: bool, fates: list[str]) -> None:
        channel = self.device.store.channel(self.channels[where])
        if channel is not None:
            self.device.read(channel.id, max(channel.counters.last_id - which, 0), set_back=back)
        self.travel(fates)

    @rule(
        where=WHERE,
        question=st.sampled_from(["before", "after", "around", "newest", "needs", "needs"]),
        meanwhile=st.lists(st.tuples(st.sampled_from(["write", "edit", "delete"]), st.integers(0, 40)), max_size=3),
        fates=FATES,
    )
    def i_ask(self, where: int, question: str, meanwhile: list[tuple[str, int]], fates: list[str]) -> None:
        """The answer was read before, and arrives behind, what happens meanwhile."""
        device = self.device
        asked = len(device.answers)
        if question == "needs":
            device.ask_needs()
        else:
            self.load(self.channels[where], question)
        for act, which in meanwhile:
            if act == "write":
                self.server.post(self.channels[where], self.bob, "meanwhile")
            else:
                self.change(where, which, self.bob, act)
        self.travel(fates)
        while len(device.answers) > asked:
            device.answer(asked)

    def load(self, channel_id: str, direction: str) -> None:
        channel = self.device.store.channel(channel_id)
        if channel is None or channel.timeline is None:
            return
        oldest, newest = channel.timeline.oldest_id, channel.timeline.newest_id
        if direction == "around" and channel.counters.last_id:
            self.device.page(channel_id, around=channel.counters.last_id // 3 + 1, limit=4)
        elif direction == "before" and oldest is not None:
            self.device.page(channel_id, before=oldest, limit=4)
        elif direction == "after" and newest is not None:
            self.device.page(channel_id, after=newest, limit=4)
        elif direction == "newest":
            self.device.page(channel_id, limit=4)

    # The line

    @precondition(lambda self: self.device.connection)
    @rule(outcome=st.sampled_from(["answered", "never came", "not answered", RATE, BUSY, BROKEN, NO]), where=WHERE)
    def what_i_wrote_leaves(self, outcome: str | ErrorInfo, where: int) -> None:
        content = f"text {len(self.wrote)}"
        self.wrote[self.device.write("new", self.channels[where], content)] = content
        if isinstance(outcome, ErrorInfo):
            self.device.send(refusal=outcome)
        else:
            self.device.send(stored=outcome != "never came", answered=outcome == "answered")

    @rule(seconds=st.integers(1, 40))
    def time_passes(self, seconds: int) -> None:
        self.server.clock.advance(seconds=seconds)
        self.device.send()

    @rule(data=st.data(), times=st.integers(1, 4))
    def works(self, data: st.DataObject, times: int) -> None:
        """Some of what is on its way arrives, in any order between socket and HTTP."""
        for _ in range(times):
            work = data.draw(st.sampled_from(["arrive", "ask", "answer"]))
            if work == "arrive":
                self.device.arrive(data.draw(st.integers(1, 3)))
            elif work == "ask":
                self.device.ask_needs()
            elif self.device.answers:
                self.device.answer(data.draw(st.integers(0, len(self.device.answers) - 1)))

    @rule()
    def all_works(self) -> None:
        self.device.arrive()
        self.device.ask_needs()
        while self.device.answers:
            self.device.answer()
        self.device.send()
        self.device.arrive()

    @rule(back=st.integers(0, 3))
    def line_breaks(self, back: int) -> None:
        self.device.cut()
        if back:
            self.device.connect()

    @precondition(lambda self: not self.device.connection)
    @rule()
    def line_is_back(self) -> None:
        self.device.connect()

    @rule(remember=st.booleans(), really=st.integers(0, 2))
    def i_start_again(self, remember: bool, really: int) -> None:
        if remember:
            for channel_id in self.channels:
                self.device.remember(channel_id)
        if really:
            self.device.start()
            self.device.open(self.channels[0])
            self.device.connect()

    # What must hold at any moment

    @invariant()
    def rows_are_in_order(self) -> None:
        for channel in self.opened():
            self.check_rows(channel)

    def check_rows(self, channel: ChannelState) -> None:
        assert channel.timeline is not None
        items = channel.timeline.items()
        last, keys = 0, set()
        for item in items:
            if isinstance(item, Gap):
                assert last == item.after_id
                assert item.before_id - item.after_id - 1 == item.count > 0
                last = item.before_id - 1
                continue
            assert item.key not in keys
            keys.add(item.key)
            if item.message.id:
                assert not last or item.message.id == last + 1
                last = item.message.id
        pending = [each.message.nonce for each in items if isinstance(each, Row) and not each.message.id]
        assert [each.nonce for each in self.device.store.outbox.of_channel(channel.id) if each.kind == "new"] == pending

    @invariant()
    def copies_are_current_as_of_the_rev(self) -> None:
        for channel in self.opened():
            timeline = channel.timeline
            assert timeline is not None
            stored = self.server.world.channels[channel.id].messages
            for message in (timeline.find(each.id) for each in stored):
                if message is not None:
                    truth = stored[message.id - 1]
                    assert message == truth if truth.rev <= max(timeline.rev, message.rev) else message.rev < truth.rev

    @invariant()
    def counts_are_those_of_the_rev(self) -> None:
        for channel_id in self.channels:
            channel = self.device.store.channel(channel_id)
            assert channel is not None
            record = self.server.world.channels[channel_id]
            counters = channel.counters
            assert counters.rev <= record.rev
            if counters.rev == record.rev and channel.behind is None:
                assert counters.last_id == record.last_id
                expected = unread.count(record.messages[counters.read_id :], self.me.id)
                assert (counters.unread, counters.mentions) == expected

    @invariant()
    def nothing_i_wrote_is_doubled(self) -> None:
        for channel_id in self.channels:
            nonces = [each.nonce for each in self.messages(self.channels.index(channel_id)) if each.nonce]
            assert len(nonces) == len(set(nonces))

    @invariant()
    def what_was_confirmed_stays_on_the_screen(self) -> None:
        for channel in self.opened():
            timeline, settled = channel.timeline, set(self.device.settled)
            assert timeline is not None
            for message in self.server.world.channels[channel.id].messages:
                if message.nonce in settled and timeline.loaded:
                    assert timeline.find(message.id) or message.id <= timeline.last_id, "held, or in a gap that shows"

    @invariant()
    def nothing_i_wrote_is_lost(self) -> None:
        stored = {each.nonce for where in (0, 1) for each in self.messages(where)}
        for nonce in self.wrote:
            assert nonce in stored or self.device.store.outbox.get(nonce) is not None
            assert self.device.store.outbox.get(nonce) is None or nonce in self.device.disk

    # When all is calm again, everything is as if nothing had gone wrong

    def teardown(self) -> None:
        if not hasattr(self, "device"):
            return
        self.calm_down()
        for channel_id in self.channels:
            channel = self.device.store.channel(channel_id)
            assert channel is not None
            self.check_end(channel)
        order = [each.nonce for where in (0, 1) for each in self.messages(where) if each.nonce in self.wrote]
        per_channel = [[each for each in order if self.channel_of(each) == where] for where in (0, 1)]
        failed = set(self.device.failed)
        for where, nonces in enumerate(per_channel):
            went = [each for each in self.wrote if self.channel_of(each) == where and each not in failed]
            assert [each for each in nonces if each not in failed] == went

    def check_end(self, channel: ChannelState) -> None:
        record = self.server.world.channels[channel.id]
        seat = record.seats[self.me.id]
        assert channel.behind is None
        assert channel.counters == self.server.world.counters(self.me, record)
        assert channel.counters.read_id == seat.read_id
        assert {each.state for each in self.device.store.outbox.of_channel(channel.id)} <= {"failed"}
        timeline = channel.timeline
        if timeline is None:
            return
        assert timeline.rev == record.rev
        assert timeline.last_id == record.last_id
        for truth in record.messages:
            assert timeline.find(truth.id) in (None, truth)
        assert timeline.held or not record.messages

    def calm_down(self) -> None:
        """The line is cut and comes back once more (that is when it is compared), and then everything arrives."""
        device = self.device
        device.cut()
        device.connect()
        for _ in range(200):
            if not (device.line or device.answers or device.needs or device.ready()):
                if device.store.outbox.next_due(device.now) is None:
                    return
                self.server.clock.advance(seconds=40)
            device.arrive()
            while device.answers:
                device.answer()
            device.ask_needs()
            device.send()
            self.rows_are_in_order()
            self.copies_are_current_as_of_the_rev()
            self.counts_are_those_of_the_rev()
        raise AssertionError("it never becomes calm")

    # Words for the above

    def messages(self, where: int) -> list[Message]:
        return self.server.world.channels[self.channels[where]].messages

    def is_mine(self, message: Message) -> bool:
        return message.id > 0 and message.sender_id == self.me.id and message.deleted_at is None

    def opened(self) -> list[ChannelState]:
        found = (self.device.store.channel(each) for each in self.channels)
        return [each for each in found if each is not None and each.timeline is not None]

    def channel_of(self, nonce: str | None) -> int:
        for where in (0, 1):
            if any(each.nonce == nonce for each in self.messages(where)):
                return where
        entry = self.device.store.outbox.get(nonce or "")
        return -1 if entry is None else self.channels.index(entry.channel_id)


TwoDevices.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=60,
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestTwoDevices = pytest.mark.usefixtures("everything_is_small")(TwoDevices.TestCase)
