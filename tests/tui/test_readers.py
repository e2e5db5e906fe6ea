"""The right pane lists who can read the open channel, and nothing says for ever that it is loading."""

from __future__ import annotations

import pytest

from asnity_server.protocol import requests, routes
from asnity_server.protocol.errors import ErrorInfo
from tests.fakes import FakeClient

from .stage import Play, Stage, play, settled_stage

WIDE = (120, 30)


@pytest.fixture
def stage() -> Stage:
    """Everybody has read everything; bob says how he is."""
    stage = settled_stage()
    stage.bob.status_text = "on holiday"
    return stage


@pytest.fixture
def secret(stage: Stage) -> str:
    """A private channel with alice, bob and mina. Its id."""
    return stage.server.channel(stage.lab, "secret", stage.alice, stage.bob, stage.mina, private=True)


def pane(running: Play) -> list[str]:
    """The pane, line by line."""
    members = running.chat.members
    return [members.render_line(y).text.strip("▌ ") for y in range(members.size.height)]


@pytest.mark.slow
async def test_beside_a_private_channel_stand_those_who_are_in_it(stage: Stage, secret: str) -> None:
    async with play(stage, size=WIDE) as running:
        await running.until(lambda: "5 members · 1 online" in pane(running))
        running.chat.go_to(secret)
        await running.until(lambda: pane(running)[0] == "3 members · 1 online")
        assert pane(running)[2:5] == ["● Mina (you)", "○ alice               owner", "○ bob  on holiday"]
        add = requests.OfChannelMember(channel_id=secret, user_id=stage.dana.id)
        token = stage.server.token(stage.alice)
        stage.server.call(token, routes.ADD_CHANNEL_MEMBER, add)
        await running.until(lambda: "○ dana" in pane(running))
        stage.server.call(token, routes.REMOVE_CHANNEL_MEMBER, add)
        await running.until(lambda: "○ dana" not in pane(running))
        stage.server.kick(stage.lab, stage.bob)
        await running.until(lambda: pane(running)[0] == "2 members · 1 online")
        running.chat.go_to(stage.random)
        await running.until(lambda: pane(running)[:2] == ["4 members · 1 online", "public: anyone can join"])


@pytest.mark.slow
async def test_who_came_while_the_connection_was_lost_is_listed_afterwards(stage: Stage, secret: str) -> None:
    async with play(stage, size=WIDE) as running:
        running.chat.go_to(secret)
        await running.until(lambda: pane(running)[0] == "3 members · 1 online")
        stage.client.go_offline()
        await running.until(lambda: pane(running)[:2] == ["3 members", "you are offline"])
        assert pane(running)[2:5] == ["· alice               owner", "· bob  on holiday", "· Mina (you)"]
        add = requests.OfChannelMember(channel_id=secret, user_id=stage.dana.id)
        stage.server.call(stage.server.token(stage.alice), routes.ADD_CHANNEL_MEMBER, add)
        stage.client.go_online()
        running.session.connect_now()
        await running.until(lambda: pane(running)[0] == "4 members · 1 online")


async def test_nobody_is_called_offline_by_whoever_is_offline_themselves(stage: Stage) -> None:
    bob = FakeClient(stage.server, stage.bob)
    async with play(stage, size=(80, 24)) as running:
        asked = requests.OpenDirect(community_id=stage.lab, user_ids=(stage.bob.id,))
        opened = stage.server.call(stage.server.token(stage.mina), routes.OPEN_DIRECT, asked)
        await running.until(lambda: running.session.store.channel(opened.id))
        running.chat.go_to(opened.id)
        await running.shows("○ bob · on holiday")  # the header, and what he says of himself
        stage.client.go_offline()
        await running.shows("· bob · on holiday")
        assert not bob.is_open


@pytest.mark.slow
async def test_what_is_not_loaded_says_why_and_loads_when_it_can(stage: Stage) -> None:
    async with play(stage, size=WIDE) as running:
        await running.until(lambda: "5 members · 1 online" in pane(running))
        stage.client.go_offline()
        await running.until(lambda: running.session.connection.status == "offline")
        running.chat.go_to(stage.source)
        await running.until(lambda: "Not loaded: you are offline." in running.text(), what="the reason")
        await running.until(lambda: pane(running)[1] == "Not loaded: you are")
        stage.client.go_online()
        running.session.connect_now()
        await running.shows("No messages yet.")
        await running.until(lambda: pane(running)[0] == "3 members · 1 online")
        assert "Not loaded" not in running.text()


@pytest.mark.slow
async def test_what_is_refused_says_so_in_its_place(stage: Stage) -> None:
    async with play(stage, size=WIDE) as running:
        await running.until(lambda: "5 members · 1 online" in pane(running))
        no = ErrorInfo(code="internal", message="It broke.")
        stage.client.faults.refuse_next(no, routes.CHANNEL_MEMBERS)
        stage.client.faults.refuse_next(no, routes.HISTORY)
        running.chat.go_to(stage.source)
        await running.until(lambda: " ".join(pane(running)[1:3]) == "Not loaded: It broke. Trying again …")
        await running.shows("No messages yet.")  # which is asked for again by itself


@pytest.mark.slow
async def test_who_somebody_is_stands_above_what_can_be_done(stage: Stage) -> None:
    async with play(stage, size=WIDE) as running:
        await running.until(lambda: "5 members · 1 online" in pane(running))
        await running.pilot.press("f8")
        running.chat.members.put_cursor(stage.bob.id)
        await running.pilot.press("m")
        await running.shows("bob · @bob · offline")
        await running.shows("on holiday")
