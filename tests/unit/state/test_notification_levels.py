"""Which arrivals are told, and how long something still waits."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from asnity_tui.state.changes import MessageArrived
from asnity_tui.state.notification_levels import NotificationLevel, should_notify

from .making import BOB, GENERAL, ME, channel, counters
from .test_rights import here


@dataclass
class Chosen:
    do_not_disturb: bool = False
    chosen: NotificationLevel = "mentions"

    def level(self, channel_id: str) -> NotificationLevel:
        return self.chosen


@pytest.mark.parametrize(
    ("level", "to_me", "muted", "direct", "told"),
    [
        ("mentions", True, False, False, True),
        ("mentions", False, False, False, False),
        ("mentions", True, True, False, True),
        ("mentions", True, False, True, True),
        ("mentions", True, True, True, False),
        ("all", False, False, False, True),
        ("all", False, True, False, False),
        ("all", True, True, False, True),
        ("all", True, True, True, False),
        ("nothing", True, False, False, False),
        ("nothing", True, False, True, False),
    ],
)
def test_levels(level: NotificationLevel, to_me: bool, muted: bool, direct: bool, told: bool) -> None:
    store, community = here()
    made = channel(kind="direct", members=(ME, BOB)) if direct else channel()
    store.add_channel(community, made.channel, muted=muted, counters=counters(1))
    assert should_notify(store, Chosen(chosen=level), MessageArrived(GENERAL, 1, to_me)) is told
    assert not should_notify(store, Chosen(True, level), MessageArrived(GENERAL, 1, to_me))
    assert not should_notify(store, Chosen(chosen=level), MessageArrived("elsewhereaaa-aaaaaaaa", 1, to_me))
