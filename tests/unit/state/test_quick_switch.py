"""Quick switch: channels and people by a few letters."""

from __future__ import annotations

import pytest

from asnity_server.protocol.models import Channel, Community, Counters, Member, User
from asnity_server.protocol.responses import ChannelEntry, CommunityEntry, Overview
from asnity_server.protocol.text import name_key
from asnity_tui.state.completion.quick_switch import QuickSwitchItem, destinations
from asnity_tui.state.reconcile import apply_overview
from asnity_tui.state.store import Store

A, B = "aaaaaaaaaaaa", "bbbbbbbbbbbb"
ME = "meeeeeeeeeee"
WHEN = "2026-11-01T00:00:00.000Z"


def user(id: str, name: str = "") -> User:
    return User(id=id, username=id, display_name=name or id.title(), status_text="")


PEOPLE = {each.id: each for each in (user(ME, "mina"), user("bob"), user("minji", "민지"), user("dana"))}


def entry(community: str, name: str, unread: int = 0, mentions: int = 0, *, direct: bool = False) -> ChannelEntry:
    extra = {"members": (ME, name)} if direct else {}
    channel = Channel(
        id=f"{community}-{name:a<8}",
        community_id=community,
        kind="direct" if direct else "public",
        name="" if direct else name,
        topic="",
        archived=False,
        created_at=WHEN,
        **extra,
    )
    counters = Counters(last_id=50, rev=50, read_id=50 - unread, unread=unread, mentions=mentions)
    return ChannelEntry(channel=channel, muted=False, counters=counters)


def community(id: str, name: str, *channels: ChannelEntry) -> CommunityEntry:
    thing = Community(id=id, name=name, description="", rev=1, created_at=WHEN, invites_by="members")
    return CommunityEntry(community=thing, role="member", channels=channels)


def full() -> Store:
    made = Store()
    lab = community(A, "Lab", entry(A, "general"), entry(A, "random", 3), entry(A, "bob", 2, direct=True))
    source = community(B, "Open Source", entry(B, "general", 5, 2), entry(B, "reviews", 1))
    apply_overview(made, Overview(user=PEOPLE[ME], users=PEOPLE, communities=(lab, source)), asked_at=0)
    for each in (A, B):
        made.set_members(each, [Member(user=who, role="member", joined_at=WHEN) for who in PEOPLE.values()])
    return made


def ids(found: tuple[QuickSwitchItem, ...]) -> list[str | None]:
    return [each.channel_id or each.user_id for each in found]


def test_an_empty_query_lists_unread_first_then_recent_ones_and_no_people() -> None:
    found = ids(destinations(full(), "", recent=[f"{A}-generala"]))
    assert found == [f"{B}-generala", f"{A}-bobaaaaa", f"{A}-randomaa", f"{B}-reviewsa", f"{A}-generala"]


def test_every_word_fits_the_name_or_the_community() -> None:
    assert ids(destinations(full(), "gen open", recent=[])) == [f"{B}-generala"]
    assert ids(destinations(full(), "#gnrl lab", recent=[])) == [f"{A}-generala"]
    assert destinations(full(), "nowhere at all", recent=[]) == ()


def test_people_are_found_once_and_with_a_direct_channel_that_one() -> None:
    assert [each.kind for each in destinations(full(), "BOB", recent=[])] == ["direct"]
    (minji,) = destinations(full(), "ㅁㅈ", recent=[], here=B)
    assert (minji.kind, minji.user_id, minji.community_id, minji.positions) == ("person", "minji", B, (0, 1))
    assert ids(destinations(full(), "@minji", recent=[])) == ["minji"]
    assert ids(destinations(full(), "mina", recent=[])) == []


def test_what_fits_better_stands_first_and_unread_among_equals() -> None:
    assert ids(destinations(full(), "general", recent=[f"{A}-generala"])) == [f"{B}-generala", f"{A}-generala"]
    assert ids(destinations(full(), "r", recent=[]))[:2] == [f"{A}-randomaa", f"{B}-reviewsa"]
    assert len(destinations(full(), "", recent=[], limit=2)) == 2


def test_a_community_with_many_channels_is_put_in_order_once_for_each_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    many = 3000
    keys = 0

    def counted(name: str) -> str:
        nonlocal keys
        keys += 1
        return name_key(name)

    monkeypatch.setattr("asnity_tui.state.community.name_key", counted)
    entries = [entry(A, f"channel-{number:04}") for number in range(many)]
    overview = Overview(
        user=PEOPLE[ME], users=PEOPLE, communities=(community(A, "Lab", *reversed(entries)),), generation="g"
    )
    full = Store()
    apply_overview(full, overview, asked_at=full.serial)
    assert keys == many
    apply_overview(full, overview, asked_at=full.serial)
    assert keys == many
    assert [each.channel.name for each in full.communities[A].channels.values()] == [
        each.channel.name for each in entries
    ]
    assert [each.title for each in destinations(full, "channel 1234", recent=())] == ["channel-1234"]
