"""`send`: targets, outcomes and retries."""

from __future__ import annotations

import asyncio

import click
import pytest

from asnity_server.protocol import routes
from asnity_server.protocol.errors import Code, ErrorInfo
from asnity_server.protocol.models import Message
from asnity_tui.cli import targets
from asnity_tui.cli.account import fetch_store
from asnity_tui.cli.missed import told_of
from asnity_tui.cli.outcome import CommandRefused, OutOfReach
from asnity_tui.cli.send import send
from asnity_tui.state.store import Store
from tests.unit.client_session.session_harness import SessionHarness, quiet


async def sent(
    harness: SessionHarness, place: str, text: str, community: str | None = None, *, store: Store | None = None
) -> Message:
    return await send(harness.client, store, place, text, community=community, clock=harness.clock)


async def test_to_a_channel(harness: SessionHarness) -> None:
    message = await sent(harness, "#General", "hello  ")
    assert (message.channel_id, message.content) == (harness.general, "hello")
    assert harness.stored(harness.general) == ["hello"]


async def test_a_place_that_is_remembered_needs_no_question(harness: SessionHarness) -> None:
    store = await fetch_store(harness.client)
    harness.client.asked.clear()
    await sent(harness, "#general", "hello", store=store)
    assert harness.client.asked == ["POST messages"]
    new = harness.server.channel(harness.lab, "new", harness.alice, harness.bob)
    await sent(harness, "#new", "and here", store=store)
    assert harness.stored(new) == ["and here"]


async def test_to_a_person(harness: SessionHarness) -> None:
    first = await sent(harness, "@bob", "psst")
    assert (await sent(harness, "@Bob", "again")).channel_id == first.channel_id
    assert harness.stored(first.channel_id) == ["psst", "again"]
    with pytest.raises(CommandRefused, match=r"There is no @nobody in your communities. The message was not sent."):
        await sent(harness, "@nobody", "psst")


async def test_which_community(harness: SessionHarness) -> None:
    other = harness.server.community("Other Place", harness.bob, harness.alice)
    with pytest.raises(CommandRefused, match="Give it with --community"):
        await sent(harness, "#general", "hello")
    assert (await sent(harness, "#general", "hello", "other")).community_id == other
    direct = await sent(harness, "@bob", "psst", "other")
    assert direct.community_id == other
    assert (await sent(harness, "@bob", "psst", "lab")).community_id == harness.lab
    with pytest.raises(CommandRefused, match="Give it with --community"):
        await sent(harness, "@bob", "which?")
    with pytest.raises(CommandRefused, match="aren't in a community"):
        await sent(harness, "#general", "hello", "elsewhere")


def test_what_can_be_a_place() -> None:
    assert targets.check_target(" #general") == "#general"
    for each in ("general", "", "#", "@"):
        with pytest.raises(click.UsageError, match="A place is"):
            targets.check_target(each)


def refuse(harness: SessionHarness, code: Code, retry_after: float | None = None, times: int = 1) -> None:
    error = ErrorInfo(code=code, message="It is so.", retry_after=retry_after)
    harness.client.faults.refuse_next(error, routes.POST_MESSAGE, times=times)


async def test_what_is_refused_says_so_at_once(harness: SessionHarness) -> None:
    refuse(harness, "forbidden")
    with pytest.raises(CommandRefused, match=r"It is so. The message was not sent."):
        await sent(harness, "#general", "hello")
    with pytest.raises(CommandRefused, match="not sent"):
        await sent(harness, "#general", "\x1b[31m")
    with pytest.raises(CommandRefused, match="not sent"):
        await sent(harness, "#general", "x" * 5000)
    harness.client.token = "none"
    with pytest.raises(CommandRefused, match=r"Sign in first. The message was not sent"):
        await sent(harness, "#general", "hello")


async def test_what_mends_itself_is_tried_again_and_never_doubled(harness: SessionHarness) -> None:
    refuse(harness, "unavailable")
    refuse(harness, "rate-limited", 3)
    harness.client.faults.lose_next_answer(routes.POST_MESSAGE)
    sending = asyncio.ensure_future(sent(harness, "#general", "hello"))
    await harness.clock.advance(10)
    assert (await sending).content == "hello"
    assert harness.stored(harness.general) == ["hello"]


async def test_patience_ends_and_says_what_is_known(harness: SessionHarness) -> None:
    refuse(harness, "rate-limited", 60)
    with pytest.raises(CommandRefused, match=r"Try again in 60 s. The message was not sent."):
        await sent(harness, "#general", "hello")
    refuse(harness, "unavailable", times=50)
    sending = asyncio.ensure_future(sent(harness, "#general", "hello"))
    await harness.clock.advance(30)
    with pytest.raises(OutOfReach, match=r"It is not known whether the message was sent."):
        await sending


async def test_out_of_reach(harness: SessionHarness) -> None:
    harness.client.faults.offline = True
    with pytest.raises(OutOfReach, match=r"can't be reached. The message was not sent."):
        await sent(harness, "#general", "hello")
    assert OutOfReach("").exit_code == 3
    assert CommandRefused("").exit_code == 1
    harness.client.faults.offline = False
    harness.client.faults.lose_next_request(routes.POST_MESSAGE)
    sending = asyncio.ensure_future(sent(harness, "#general", "hello"))
    await quiet()
    harness.client.faults.offline = True
    await harness.clock.advance(30)
    with pytest.raises(OutOfReach, match="not known"):
        await sending


async def test_the_channels_of_a_tail(harness: SessionHarness) -> None:
    store = await fetch_store(harness.client)
    assert targets.find_channels(store, [], None) is None
    assert targets.find_channels(store, [], "lab") == {harness.general, harness.random}
    assert targets.find_channels(store, ["#random"], None) == {harness.random}
    with pytest.raises(CommandRefused, match="aren't in a channel"):
        targets.find_channels(store, ["#nothing"], None)


async def told(harness: SessionHarness, place: str, text: str) -> tuple[str, ...]:
    message = await sent(harness, place, text)
    return await told_of(harness.client, message, to_person=place.startswith("@"))


async def test_who_is_called_and_does_not_read_it_is_told(harness: SessionHarness) -> None:
    carol = harness.server.person("carol")
    harness.server.add_member(harness.lab, carol)
    team = harness.server.channel(harness.lab, "team", harness.alice, harness.bob, private=True)
    assert harness.stored(team) == []
    assert await told(harness, "#team", "hi @bob, @here and @nobody") == ()
    assert await told(harness, "#team", "hi @bob and @carol") == ("@carol isn't in this channel, and isn't notified.",)
    assert await told(harness, "@bob", "psst") == ()
    harness.bob.disabled = True
    assert await told(harness, "#team", "hi @bob") == ("@bob can't read this: account disabled.",)
    assert await told(harness, "@bob", "psst") == ("@bob can't read this: account disabled.",)


async def test_a_message_without_names_asks_nobody(harness: SessionHarness) -> None:
    message = await sent(harness, "#general", "hello, `@carol`, a@b.org")
    harness.client.asked.clear()
    assert await told_of(harness.client, message, to_person=False) == ()
    assert harness.client.asked == []


async def test_a_message_that_went_out_is_no_failure_for_what_comes_behind_it(harness: SessionHarness) -> None:
    message = await sent(harness, "@bob", "psst")
    harness.client.go_offline()
    assert await told_of(harness.client, message, to_person=True) == ()
