"""A running server whose machine's clock is 50 years ahead for an hour: nobody notices, then or afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from asnity_server.app import Server, ServerSettings, SteadyClock, without_limits
from asnity_server.db.clock import DAY, SETTLING, wall_clock
from asnity_server.protocol import requests, routes
from asnity_server.protocol.errors import Conflict, Forbidden
from asnity_server.protocol.times import from_wire
from asnity_tui.client.transport.remote import RemoteClient
from tests.contract.harness import Device, SignUpHarness
from tests.topology.deployment import CHEAP

YEARS = 50 * 365 * DAY


class Machine:
    """The machine that the server runs on: what time it is, and by how much its clock is wrong."""

    def __init__(self) -> None:
        self.now = wall_clock()
        self.wrong = 0

    def clock(self) -> SteadyClock:
        """The clock of a server that starts now."""
        started = self.now - 60_000
        return SteadyClock(lambda: self.now + self.wrong, lambda: self.now - started)


@asynccontextmanager
async def serving(machine: Machine, folder: Path) -> AsyncIterator[SignUpHarness]:
    """A real server on that machine."""
    settings = msgspec.structs.replace(without_limits(ServerSettings(port=0, registration="open")), data=folder)
    async with Server(settings, hash_cost=CHEAP, clock=machine.clock()) as server:
        stage = SignUpHarness(lambda: RemoteClient(server.url))
        yield stage
        for each in stage.clients:
            await each.close()


async def _muted(stage: SignUpHarness) -> tuple[Device, Device, str, str]:
    """Alice with a community, and Bob whom she has muted for ten minutes."""
    alice, bob = await stage.person("alice"), await stage.person("bob")
    here = (await alice.found("Lab")).id
    await alice.let_in(here, bob)
    await alice.open(here)
    await bob.open(here)
    mute = requests.PatchMember(community_id=here, user_id=bob.user.id, muted_for=600)
    await alice.call(routes.PATCH_MEMBER, mute)
    return alice, bob, here, await alice.general(here)


async def test_while_the_clock_is_wrong_and_behind_that_all_is_as_it_was(tmp_path: Path) -> None:
    machine = Machine()
    async with serving(machine, tmp_path) as stage:
        alice, bob, here, general = await _muted(stage)
        machine.now += SETTLING // 2  # the mute lasts for some minutes more
        invite = await alice.call(routes.CREATE_INVITE, requests.CreateInvite(community_id=here, expires_in=3600))
        machine.now += SETTLING // 2 - 10_000
        machine.wrong = YEARS
        message = await alice.say(general, "is it 2076?")
        assert from_wire(message.created_at) == machine.now
        with pytest.raises(Forbidden):
            await bob.say(general, "psst")
        carol = await stage.person("carol")
        await carol.call(routes.ACCEPT_INVITE, requests.OfInvite(code=invite.code))
        for_a_day = await alice.call(
            routes.CREATE_INVITE, requests.CreateInvite(community_id=here, expires_in=24 * 3600)
        )
        assert from_wire(for_a_day.expires_at or "") == machine.now + DAY
        machine.wrong = 0
        machine.now += 60_000
        await bob.say(general, "the ten minutes are over")
        again = await alice.say(general, "no")
        assert from_wire(again.created_at) == machine.now
        await alice.call(routes.ME, requests.Empty())


async def test_a_start_at_the_wrong_time_deletes_nothing_and_is_mended_by_itself(tmp_path: Path) -> None:
    machine = Machine()
    async with serving(machine, tmp_path) as stage:
        alice, bob, here, general = await _muted(stage)
        token, his = alice.client.token, bob.client.token
        message = await alice.say(general, "one")
        edit = requests.ModifyChat(channel_id=general, chat_id=message.id, content="two", nonce="n")
        await alice.ask(here, routes.CHAT_MODIFY, edit)
    machine.now += 300_000
    machine.wrong = YEARS
    async with serving(machine, tmp_path) as stage:
        again, other = await stage.client(), await stage.client()
        again.token, other.token = token, his
        await again.call(routes.ME, requests.Empty())
        # the receipt of an edit, which is kept for 30 days, is still there: the same nonce means nothing else
        with pytest.raises(Conflict):
            await again.call(
                routes.EDIT_MESSAGE,
                requests.EditMessage(channel_id=general, chat_id=message.id, content="three", nonce="n"),
            )
        invite = await again.call(routes.CREATE_INVITE, requests.CreateInvite(community_id=here, expires_in=3600))
        assert from_wire(invite.expires_at or "") == machine.now + YEARS + 3_600_000
        machine.wrong = 0
        with pytest.raises(Forbidden):
            await other.call(routes.POST_MESSAGE, requests.PostMessage(channel_id=general, content="psst"))
        async with asyncio.timeout(10):
            while True:
                request = requests.OfCommunityPage(community_id=here)
                found = (await again.call(routes.INVITES, request)).invites
                if from_wire(found[0].expires_at or "") == machine.now + 3_600_000:
                    break
        (session,) = (await again.call(routes.SESSIONS, requests.Page())).sessions
        assert from_wire(session.last_seen_at) == machine.now
