"""The next channel that keys lead to."""

from __future__ import annotations

from asnity_server.protocol.models import Channel, Community, Counters, User
from asnity_server.protocol.responses import ChannelEntry, CommunityEntry, Overview
from asnity_tui.state import next_channel
from asnity_tui.state.reconcile import apply_overview
from asnity_tui.state.store import Store

A, B = "aaaaaaaaaaaa", "bbbbbbbbbbbb"
ME = "meeeeeeeeeee"


def entry(community: str, name: str, unread: int = 0, mentions: int = 0, *, direct: bool = False) -> ChannelEntry:
    extra = {"members": (ME, name)} if direct else {}
    channel = Channel(
        id=f"{community}-{name:a<8}",
        community_id=community,
        kind="direct" if direct else "public",
        name="" if direct else name,
        topic="",
        archived=False,
        created_at="2026-11-01T00:00:00.000Z",
        **extra,
    )
    counters = Counters(last_id=50, rev=50, read_id=50 - unread, unread=unread, mentions=mentions)
    return ChannelEntry(channel=channel, muted=False, counters=counters)


def community(id: str, name: str, *channels: ChannelEntry) -> CommunityEntry:
    thing = Community(
        id=id, name=name, description="", rev=1, created_at="2026-11-01T00:00:00.000Z", invites_by="members"
    )
    return CommunityEntry(community=thing, role="member", channels=channels)


def store(*communities: CommunityEntry) -> Store:
    me = User(id=ME, username="mina", display_name="mina", status_text="")
    bob = User(id="bob", username="bob", display_name="Bob", status_text="")
    made = Store()
    apply_overview(made, Overview(user=me, users={ME: me, "bob": bob}, communities=communities), asked_at=0)
    return made


FULL = (
    community(A, "Lab", entry(A, "general"), entry(A, "random", 3), entry(A, "bob", 2, direct=True)),
    community(B, "Open Source", entry(B, "general", 5, 2), entry(B, "reviews", 1)),
)


def names(found: object) -> str:
    return getattr(found, "id", "nothing")


def test_neighbours_go_around_the_end() -> None:
    channels = list(store(*FULL).communities[A].channels.values())
    first, second, third = channels
    assert next_channel.neighbour(channels, first.id, 1) is second
    assert next_channel.neighbour(channels, first.id, -1) is third
    assert next_channel.neighbour(channels, None, 1) is first
    assert next_channel.neighbour([], None, 1) is None


def test_the_next_unread_is_found_in_any_community() -> None:
    full = store(*FULL)
    random = next_channel.unread_neighbour(full, f"{A}-generala", 1)
    assert names(random) == f"{A}-randomaa"
    assert names(next_channel.unread_neighbour(full, f"{A}-generala", -1)) == f"{B}-reviewsa"


def test_without_anything_unread_there_is_no_next_one() -> None:
    calm = store(community(A, "Lab", entry(A, "general"), entry(A, "random")))
    assert next_channel.unread_neighbour(calm, f"{A}-generala", 1) is None
    assert next_channel.best_next(calm, f"{A}-generala") is None


def test_the_best_next_is_a_mention_then_a_direct_message_then_unread() -> None:
    full = store(*FULL)
    assert names(next_channel.best_next(full, None)) == f"{B}-generala"
    assert names(next_channel.best_next(full, f"{B}-generala")) == f"{A}-bobaaaaa"
    without = store(community(A, "Lab", entry(A, "general"), entry(A, "random", 3)))
    assert names(next_channel.best_next(without, f"{A}-generala")) == f"{A}-randomaa"


def test_a_community_opens_where_one_was_last() -> None:
    full = store(*FULL)
    lab = full.communities[A]
    assert names(next_channel.first_channel(lab, [f"{B}-generala", f"{A}-randomaa"])) == f"{A}-randomaa"
    assert names(next_channel.first_channel(lab, [])) == f"{A}-generala"


def test_communities_follow_each_other_around_the_end() -> None:
    full = store(*FULL)
    assert names(next_channel.next_community(full, A, 1)) == B
    assert names(next_channel.next_community(full, A, -1)) == B
    assert next_channel.next_community(store(), None, 1) is None


def test_numbers_stand_for_what_is_unread_the_shown_community_first() -> None:
    full = store(*FULL)
    found, unread = next_channel.numbered(full, B, f"{B}-reviewsa")
    assert unread
    assert [each.id for each in found] == [f"{B}-generala", f"{A}-randomaa", f"{A}-bobaaaaa"]


def test_numbers_stand_for_the_list_when_nothing_else_is_unread() -> None:
    one = store(community(A, "Lab", entry(A, "general"), entry(A, "random", 3)), community(B, "B", entry(B, "general")))
    found, unread = next_channel.numbered(one, A, f"{A}-randomaa")
    assert not unread
    assert [each.id for each in found] == [f"{A}-generala", f"{A}-randomaa"]
    assert next_channel.numbered(store(), None, None) == ([], False)
