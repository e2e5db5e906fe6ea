"""The store under overviews, joins and events, as a server tells them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from asnity_server.protocol import events as wire
from asnity_server.protocol import routes
from asnity_server.protocol.errors import ErrorInfo
from asnity_server.protocol.models import Counters
from asnity_server.protocol.requests import Empty
from asnity_server.protocol.responses import JoinAnswer, JoinedChannel
from asnity_tui.state import changes as facts
from asnity_tui.state.changes import Change
from asnity_tui.state.events import apply_ack, apply_event
from asnity_tui.state.history import apply_changes, apply_page, brought_up, open_timeline, plan_repair
from asnity_tui.state.reconcile import abort_join, apply_join, apply_overview, begin_join, current_overview
from asnity_tui.state.store import Store
from tests.fakes import FakeServer

from .driver import Device
from .making import changed, deleted, message, messages, page


class Place:
    """A server with alice (whose device is under test), bob, and a community with two channels."""

    def __init__(self) -> None:
        self.server = FakeServer()
        self.alice = self.server.person("alice", "Alice")
        self.bob = self.server.person("bob", "Bob")
        self.lab = self.server.community("Lab", self.alice, self.bob)
        self.general = self.server.general(self.lab)
        self.random = self.server.channel(self.lab, "random", self.bob, self.alice)
        self.device = Device(self.server, self.alice, self.lab)
        self.device.start()
        self.device.connect()
        self.device.arrive()

    @property
    def store(self) -> Store:
        return self.device.store

    def counters(self, channel_id: str) -> Counters:
        channel = self.store.channel(channel_id)
        assert channel is not None
        return channel.counters

    def event(self, name: str, payload: object) -> Sequence[Change]:
        return apply_event(self.store, self.lab, name, payload, 0)  # type: ignore[arg-type]

    def contents(self, channel_id: str) -> list[str]:
        return [each.message.content for each in self.device.rows(channel_id)]


@pytest.fixture
def place() -> Place:
    return Place()


# Overviews and joins


def test_a_community_that_is_added_before_i_know_who_i_am_counts_my_mentions(place: Place) -> None:
    store = Store()
    token = place.server.token(place.alice)
    early = place.server.call(token, routes.OVERVIEW, Empty())
    asked_at = store.serial
    new = place.server.community("New", place.bob, place.alice)
    added = wire.CommunityAdded(community=place.server.world.communities[new].as_community())
    apply_event(store, None, "community-added", added, 0)
    assert apply_overview(store, early, asked_at=asked_at) == (facts.NeedOverview(),)
    apply_overview(store, place.server.call(token, routes.OVERVIEW, Empty()), asked_at=store.serial)
    called = replace(message(1, mentions=(place.alice.id,)), community_id=new, channel_id=place.server.general(new))
    apply_event(store, new, "new-chat", called, 0)
    channel = store.channel(called.channel_id)
    assert channel is not None
    assert (channel.counters.unread, channel.counters.mentions) == (1, 1)


def test_the_overview_paints_everything(place: Place) -> None:
    community = place.store.communities[place.lab]
    assert place.store.my_id == place.alice.id
    assert [each.channel.name for each in community.channels.values()] == ["general", "random"]
    assert (community.role, community.joined) == ("owner", True)
    assert community.presence == {place.alice.id: "online"}


def test_what_is_remembered_of_the_sidebar_paints_the_same(place: Place) -> None:
    place.server.post(place.random, place.bob, "hi @alice")
    place.device.arrive()
    overview = current_overview(place.store)
    assert overview is not None
    again = Store()
    apply_overview(again, overview, asked_at=0)
    assert current_overview(again) == overview
    assert again.communities[place.lab].badge == place.store.communities[place.lab].badge
    assert not again.communities[place.lab].joined


def test_events_wait_for_the_join_and_follow_beyond_its_counters(place: Place) -> None:
    place.device.cut()
    assert not place.store.communities[place.lab].joined
    joining = begin_join(place.store, place.lab)
    assert joining is not None
    one = replace(message(1), channel_id=place.random, sender_id=place.bob.id)
    for each in (one, replace(one, id=2, rev=2)):
        assert place.event("new-chat", each) == ()
    zero = {"rev": 0, "last_id": 0, "read_id": 0, "unread": 0, "mentions": 0}
    joined = JoinedChannel(channel_id=place.random, **{**zero, "rev": 1, "last_id": 1, "unread": 1})
    general = JoinedChannel(channel_id=place.general, **zero)
    answer = JoinAnswer(joined=(joined, general), refused=(), rev=joining.rev, presence={}, users={})
    apply_join(place.store, joining, answer, 0)
    assert place.counters(place.random).unread == 2


def test_a_join_without_an_answer_lets_go_of_what_it_held(place: Place) -> None:
    joining = begin_join(place.store, place.lab)
    assert joining is not None
    place.event("new-chat", replace(message(1), channel_id=place.random, sender_id=place.bob.id))
    assert place.counters(place.random).unread == 0
    abort_join(place.store, joining, 0)
    assert place.counters(place.random).unread == 1


def test_a_channel_that_the_join_does_not_know_is_asked_about(place: Place) -> None:
    place.device.cut()
    place.server.world.channels[place.random].seats.pop(place.alice.id)
    place.device.connection = place.server.connect(place.device.token, place.device)
    place.server.enter(place.device.connection, place.lab)
    joining = begin_join(place.store, place.lab)
    assert joining is not None
    answer = JoinAnswer(joined=(), refused=(), rev=joining.rev, presence={}, users={})
    assert facts.NeedCommunity(place.lab) in apply_join(place.store, joining, answer, 0)
    place.device.needs[facts.NeedCommunity(place.lab)] = None
    place.device.ask_needs()
    place.device.answer_all()
    assert place.store.channel(place.random) is None
    assert place.store.channel(place.general) is not None


def test_an_overview_that_was_overtaken_by_an_event_is_asked_for_again(place: Place) -> None:
    place.device.needs[facts.NeedCommunity(place.lab)] = None
    place.device.ask_needs()
    made = place.server.channel(place.lab, "new", place.bob, place.alice)
    place.device.arrive()
    assert place.store.channel(made) is not None
    place.device.answer_all()
    assert place.store.channel(made) is not None, "the answer was read before the channel was made"
    assert facts.NeedCommunity(place.lab) in place.device.needs


def test_a_community_that_was_added_meanwhile_survives_the_overview(place: Place) -> None:
    overview = current_overview(place.store)
    assert overview is not None
    serial = place.store.serial
    other = place.server.community("Other", place.bob, place.alice)
    place.device.arrive()
    assert facts.NeedEnter(other) in place.device.needs
    assert apply_overview(place.store, overview, asked_at=serial) == (facts.NeedOverview(),)
    assert other in place.store.communities


def test_a_server_that_was_put_back_to_an_older_state_is_followed(place: Place) -> None:
    for _ in range(5):
        place.server.post(place.general, place.bob, "hi")
    place.device.arrive()
    place.device.open(place.general)
    place.device.ask_needs()
    place.device.answer_all()
    place.device.cut()
    record = place.server.world.channels[place.general]
    del record.messages[2:]
    record.rev = 2
    place.device.connect()
    place.device.arrive()
    place.device.ask_needs()
    place.device.answer_all()
    assert place.counters(place.general).last_id == 2
    assert place.contents(place.general) == ["hi", "hi"]


# Channels and communities gained and lost


def test_a_channel_is_gained_lost_and_regained(place: Place) -> None:
    secret = place.server.channel(place.lab, "secret", place.bob, place.alice, private=True)
    place.server.post(secret, place.bob, "psst")
    place.device.arrive()
    assert place.counters(secret).unread == 1
    place.device.open(secret)
    nonce = place.device.write("new", secret, "too late")
    lost = place.event("removed-from-channel", wire.RemovedFromChannel(channel_id=secret, reason="kicked"))
    assert facts.ChannelLost(place.lab, secret, "secret", "kicked", "#secret") in lost
    assert facts.EntryFailed(nonce) in lost
    entry = place.store.outbox.get(nonce)
    assert entry is not None
    assert entry.state == "failed"
    assert place.event("new-chat", replace(message(2), channel_id=secret)) == (facts.NeedCommunity(place.lab),)
    channel = place.server.world.channels[secret]
    back = wire.InvitedToChannel(
        channel=channel.as_channel(), counters=place.server.world.counters(place.alice, channel), users={}
    )
    place.event("invited-to-channel", back)
    assert place.counters(secret).last_id == 1
    regained = place.store.channel(secret)
    assert regained is not None
    assert regained.timeline is None


def test_a_lost_community_takes_its_channels_with_it(place: Place) -> None:
    kicked = wire.CommunityRemoved(community_id=place.lab, reason="kicked")
    told = apply_event(place.store, None, "community-removed", kicked, 0)
    assert facts.CommunityLost(place.lab, "Lab", "kicked") in told
    assert place.store.communities == {}
    assert place.store.channel(place.general) is None
    assert place.event("resync", wire.Resync()) == ()


def test_the_session_may_end(place: Place) -> None:
    ended = apply_event(place.store, None, "session-ended", wire.SessionEnded(reason="password-changed"), 0)
    assert ended == (facts.SignedOut("password-changed"),)


# The community's own rev


def test_the_next_step_of_a_community_is_taken_and_a_missing_one_asked_for(place: Place) -> None:
    rev = place.store.communities[place.lab].community.rev
    channel = place.server.world.channels[place.general].as_channel()

    def renamed(name: str, at: int) -> Sequence[Change]:
        told = {each: getattr(channel, each) for each in channel.__struct_fields__} | {"name": name, "rev": at}
        return place.event("channel-changed", wire.ChannelChanged(**told))

    assert facts.NeedCommunity(place.lab) not in renamed("lobby", rev + 1)
    assert renamed("stale", rev) == ()
    assert facts.NeedCommunity(place.lab) in renamed("hall", rev + 3)
    community = place.store.communities[place.lab]
    assert [each.channel.name for each in community.channels.values()] == ["hall", "random"]
    assert community.community.rev == rev + 1


def test_members_come_and_go(place: Place) -> None:
    community = place.store.communities[place.lab]
    cleo = place.server.person("cleo", "Cleo")
    place.server.add_member(place.lab, cleo)
    place.device.arrive()
    assert community.members is None
    assert place.store.name_of(cleo.id) == "Cleo"
    place.server.set_role(place.lab, place.alice, "member")
    place.server.kick(place.lab, cleo)
    place.device.arrive()
    assert community.role == "member"
    assert community.former == {cleo.id}
    assert place.store.name_of(cleo.id) == "Cleo"
    assert place.store.name_of("nobody") == "…"


def test_a_direct_channel_is_named_by_the_others(place: Place) -> None:
    channel = place.store.channel(place.random)
    assert channel is not None
    direct = replace(channel.channel, kind="direct", name="", members=(place.alice.id, place.bob.id))
    channel.channel = direct
    assert place.store.title_of(channel) == "…"
    place.store.learn_users(None, {place.bob.id: place.bob.as_user()})
    assert place.store.title_of(channel) == "Bob"


# What others do


def test_an_arrival_is_told_once_and_never_for_what_is_caught_up_with(place: Place) -> None:
    mine = replace(message(1, mentions=(place.alice.id,)), channel_id=place.general, sender_id=place.bob.id)
    assert facts.MessageArrived(place.general, 1, True) in place.event("new-chat", mine)
    assert not any(isinstance(each, facts.MessageArrived) for each in place.event("new-chat", mine))
    early = replace(mine, id=3, rev=3, mentions=())
    assert facts.MessageArrived(place.general, 3, False) in place.event("new-chat", early)
    assert not any(isinstance(each, facts.MessageArrived) for each in place.event("new-chat", early))
    for other in ({"sender_id": place.alice.id}, {"type": "SYSTEM"}):
        told = place.event("new-chat", replace(mine, id=4, rev=4, **other))
        assert not any(isinstance(each, facts.MessageArrived) for each in told)


def test_strangers_are_asked_for(place: Place) -> None:
    stranger = replace(message(1), channel_id=place.general, sender_id="strangeraaaa")
    assert facts.NeedUsers(place.lab, ("strangeraaaa",)) in place.event("new-chat", stranger)


def test_markers_mutes_typing_and_presence(place: Place) -> None:
    channel = place.store.channel(place.general)
    assert channel is not None
    place.event("channel-me", wire.ChannelMe(channel_id=place.general, muted=True))
    assert channel.badge.muted
    typing = wire.TypingNow(channel_id=place.general, user_id=place.bob.id)
    assert facts.TypingChanged(place.general) in place.event("typing", typing)
    assert channel.typing.at(1) == (place.bob.id,)
    spoke = replace(message(1), channel_id=place.general, sender_id=place.bob.id)
    assert facts.TypingChanged(place.general) in place.event("new-chat", spoke)
    assert channel.typing.at(1) == ()
    place.event("presence", wire.PresenceChanges(changes={place.bob.id: "away"}))
    assert place.store.communities[place.lab].presence[place.bob.id] == "away"
    place.event("presence", wire.PresenceChanges(changes={place.bob.id: "offline"}))
    assert place.bob.id not in place.store.communities[place.lab].presence
    assert place.event("resync", wire.Resync()) == (facts.NeedCompare(place.lab),)


def test_a_marker_set_back_on_another_device_stops_reading_here(place: Place) -> None:
    for _ in range(3):
        place.server.post(place.general, place.bob, "hi")
    place.device.arrive()
    channel = place.store.channel(place.general)
    assert channel is not None
    channel.read_up_to(3)
    place.server.read(place.general, place.alice, 3)
    place.server.read(place.general, place.alice, 1, set_back=True)
    place.device.arrive()
    assert channel.marked_unread
    assert (channel.read_id, channel.badge.unread) == (1, 2)


# My own writing


def open_general(place: Place) -> None:
    place.device.open(place.general)
    place.device.ask_needs()
    place.device.answer_all()


def test_acknowledged(place: Place) -> None:
    open_general(place)
    nonce = place.device.write("new", place.general, "hello")
    place.device.send()
    assert place.contents(place.general) == ["hello"]
    place.device.arrive()
    assert place.contents(place.general) == ["hello"]
    row = place.device.rows(place.general)[0]
    assert (row.message.id, row.entry, row.message.nonce) == (1, None, nonce)
    assert place.device.settled == [nonce]
    assert not len(place.store.outbox)


def test_confirmed_by_the_broadcast_before_the_acknowledgement(place: Place) -> None:
    open_general(place)
    nonce = place.device.write("new", place.general, "hello")
    place.store.outbox.begin(nonce)
    place.server.post(place.general, place.alice, "hello", nonce=nonce)
    place.device.arrive()
    assert place.device.settled == [nonce]
    stored = place.server.world.channels[place.general].messages[0]
    place.device.tell(apply_ack(place.store, nonce, stored))
    assert place.device.settled == [nonce]
    assert place.contents(place.general) == ["hello"]


@pytest.mark.parametrize("way", ["page", "changes"])
def test_confirmed_by_what_is_loaded_after_the_line_was_cut(place: Place, way: str) -> None:
    open_general(place)
    if way == "changes":
        place.server.post(place.general, place.bob, "before")
        place.device.arrive()
    nonce = place.device.write("new", place.general, "hello")
    place.device.send(answered=False)
    entry = place.store.outbox.get(nonce)
    assert entry is not None
    assert (entry.state, entry.reason) == ("waiting", "no-answer")
    if way == "page":
        place.device.page(place.general)
    else:
        place.device.connect()
        place.device.arrive()
        place.device.ask_needs()
    place.device.answer_all()
    assert place.device.settled == [nonce]
    assert place.contents(place.general)[-1] == "hello"
    assert [row.entry for row in place.device.rows(place.general)] == [None] * len(place.device.rows(place.general))


def test_an_edit_is_confirmed_by_its_acknowledgement_only(place: Place) -> None:
    open_general(place)
    place.server.post(place.general, place.alice, "one")
    place.device.arrive()
    nonce = place.device.write("modify", place.general, "two", 1)
    assert place.contents(place.general) == ["two"]
    place.server.edit(place.general, place.alice, 1, "three")
    place.device.arrive()
    assert place.contents(place.general) == ["two"]
    assert place.device.settled == []
    place.device.send()
    place.device.arrive()
    assert place.device.settled == [nonce]
    assert place.contents(place.general) == ["two"]


def test_a_refused_edit_gives_the_old_text_back(place: Place) -> None:
    open_general(place)
    place.server.post(place.general, place.alice, "one")
    place.device.arrive()
    nonce = place.device.write("modify", place.general, "two", 1)
    place.device.send(refusal=ErrorInfo(code="forbidden", message="No."))
    place.device.arrive()
    assert place.device.failed == [nonce]
    assert place.contents(place.general) == ["one"]


def test_the_same_nonce_by_somebody_else_settles_nothing(place: Place) -> None:
    nonce = place.device.write("new", place.general, "hello")
    place.server.post(place.general, place.bob, "hello", nonce=nonce)
    place.device.arrive()
    assert place.device.settled == []


# Timelines


def test_what_is_remembered_shows_at_once_and_is_caught_up_with(place: Place) -> None:
    for each in range(6):
        place.server.post(place.general, place.bob, f"{each}")
    open_general(place)
    place.device.arrive()
    place.device.remember(place.general)
    place.server.post(place.general, place.bob, "new")
    place.server.delete(place.general, place.bob, 3)
    place.device.start()
    place.device.open(place.general)
    assert place.contents(place.general) == ["0", "1", "2", "3", "4", "5"]
    place.device.connect()
    place.device.arrive()
    place.device.ask_needs()
    place.device.answer_all()
    assert place.contents(place.general) == ["0", "1", "", "3", "4", "5", "new"]
    assert not place.device.needs


def test_what_is_remembered_beyond_the_servers_rev_is_not_believed(place: Place) -> None:
    open_timeline(place.store, place.general, rev=50, messages=messages(1, 9))
    assert place.device.rows(place.general) == []


def test_a_repair_of_a_timeline_that_is_gone_is_void(place: Place) -> None:
    place.server.post(place.general, place.bob, "first")
    place.device.arrive()
    open_general(place)
    place.server.post(place.general, place.bob, "lost")
    place.device.line.clear()
    place.server.post(place.general, place.bob, "arrives")
    place.device.arrive()
    repair = plan_repair(place.store, place.general)
    assert repair is not None
    channel = place.store.channel(place.general)
    assert channel is not None
    channel.timeline = None
    assert apply_changes(place.store, repair, [changed(rev=2)], 2) == ()


def test_a_page_of_a_channel_that_is_lost_is_void(place: Place) -> None:
    assert apply_page(place.store, "commxaaaaaaa-aaaaaaaa", page(message(1), rev=1)) == ()


def test_bringing_up_a_page() -> None:
    old = page(*messages(5, 7), rev=7)
    answer = changed(deleted(6, 8), message(9, 10), message(8, 9), message(4, 11), rev=11)
    newer = brought_up(old, [answer])
    assert [each.id for each in newer.messages] == [5, 6, 7, 8, 9]
    assert newer.messages[1] == deleted(6, 8)
    assert newer.rev == 11
    inside = brought_up(page(*messages(5, 7), rev=7, newer=True), [answer])
    assert [each.id for each in inside.messages] == [5, 6, 7]
