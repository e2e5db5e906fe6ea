"""The right pane lists who can read the open channel, and nothing says for ever that it is loading."""

from __future__ import annotations

import pytest

from asnity_server.protocol import requests, routes
from asnity_server.protocol.errors import ErrorInfo
from tests.fakes import FakeClient

from .app_harness import AppHarness, RunningApp, populated_harness, run_app

WIDE = (120, 30)


@pytest.fixture
def harness() -> AppHarness:
    """Everybody has read everything; bob says how he is."""
    harness = populated_harness()
    harness.bob.status_text = "on holiday"
    return harness


@pytest.fixture
def secret(harness: AppHarness) -> str:
    """A private channel with alice, bob and mina. Its id."""
    return harness.server.channel(harness.lab, "secret", harness.alice, harness.bob, harness.mina, private=True)


def pane(running: RunningApp) -> list[str]:
    """The pane, line by line."""
    members = running.chat.members.pane
    return [members.render_line(y).text.strip("▌ ") for y in range(members.size.height)]


@pytest.mark.slow
async def test_beside_a_private_channel_stand_those_who_are_in_it(harness: AppHarness, secret: str) -> None:
    async with run_app(harness, size=WIDE) as running:
        await running.until(lambda: "5 members · 1 online" in pane(running))
        running.chat.navigation.go_to(secret)
        await running.until(lambda: pane(running)[0] == "3 members · 1 online")
        assert pane(running)[2:5] == ["● Mina (you)", "○ alice               owner", "○ bob  on holiday"]
        add = requests.OfChannelMember(channel_id=secret, user_id=harness.dana.id)
        token = harness.server.token(harness.alice)
        harness.server.call(token, routes.ADD_CHANNEL_MEMBER, add)
        await running.until(lambda: "○ dana" in pane(running))
        harness.server.call(token, routes.REMOVE_CHANNEL_MEMBER, add)
        await running.until(lambda: "○ dana" not in pane(running))
        harness.server.kick(harness.lab, harness.bob)
        await running.until(lambda: pane(running)[0] == "2 members · 1 online")
        running.chat.navigation.go_to(harness.random)
        await running.until(lambda: pane(running)[:2] == ["4 members · 1 online", "public: anyone can join"])


@pytest.mark.slow
async def test_who_came_while_the_connection_was_lost_is_listed_afterwards(harness: AppHarness, secret: str) -> None:
    async with run_app(harness, size=WIDE) as running:
        running.chat.navigation.go_to(secret)
        await running.until(lambda: pane(running)[0] == "3 members · 1 online")
        harness.client.go_offline()
        await running.until(lambda: pane(running)[:2] == ["3 members", "you are offline"])
        assert pane(running)[2:5] == ["· alice               owner", "· bob  on holiday", "· Mina (you)"]
        add = requests.OfChannelMember(channel_id=secret, user_id=harness.dana.id)
        harness.server.call(harness.server.token(harness.alice), routes.ADD_CHANNEL_MEMBER, add)
        harness.client.go_online()
        running.session.connection.connect_now()
        await running.until(lambda: pane(running)[0] == "4 members · 1 online")


async def test_nobody_is_called_offline_by_whoever_is_offline_themselves(harness: AppHarness) -> None:
    bob = FakeClient(harness.server, harness.bob)
    async with run_app(harness, size=(80, 24)) as running:
        asked = requests.OpenDirect(community_id=harness.lab, user_ids=(harness.bob.id,))
        opened = harness.server.call(harness.server.token(harness.mina), routes.OPEN_DIRECT, asked)
        await running.until(lambda: running.session.store.channel(opened.id))
        running.chat.navigation.go_to(opened.id)
        await running.shows("○ bob · on holiday")  # the header, and what he says of himself
        harness.client.go_offline()
        await running.shows("· bob · on holiday")
        assert not bob.is_open


@pytest.mark.slow
async def test_what_is_not_loaded_says_why_and_loads_when_it_can(harness: AppHarness) -> None:
    async with run_app(harness, size=WIDE) as running:
        await running.until(lambda: "5 members · 1 online" in pane(running))
        harness.client.go_offline()
        await running.until(lambda: running.session.connection.status == "offline")
        running.chat.navigation.go_to(harness.source)
        await running.until(lambda: "Not loaded: you are offline." in running.text(), what="the reason")
        await running.until(lambda: pane(running)[1] == "Not loaded: you are")
        harness.client.go_online()
        running.session.connection.connect_now()
        await running.shows("No messages yet.")
        await running.until(lambda: pane(running)[0] == "3 members · 1 online")
        assert "Not loaded" not in running.text()


@pytest.mark.slow
async def test_what_is_refused_says_so_in_its_place(harness: AppHarness) -> None:
    async with run_app(harness, size=WIDE) as running:
        await running.until(lambda: "5 members · 1 online" in pane(running))
        no = ErrorInfo(code="internal", message="It broke.")
        harness.client.faults.refuse_next(no, routes.CHANNEL_MEMBERS)
        harness.client.faults.refuse_next(no, routes.HISTORY)
        running.chat.navigation.go_to(harness.source)
        await running.until(lambda: " ".join(pane(running)[1:3]) == "Not loaded: It broke. Trying again …")
        await running.shows("No messages yet.")  # which is asked for again by itself


@pytest.mark.slow
async def test_who_somebody_is_stands_above_what_can_be_done(harness: AppHarness) -> None:
    async with run_app(harness, size=WIDE) as running:
        await running.until(lambda: "5 members · 1 online" in pane(running))
        await running.pilot.press("f8")
        running.chat.members.pane.put_cursor(harness.bob.id)
        await running.pilot.press("m")
        await running.shows("bob · @bob · offline")
        await running.shows("on holiday")
