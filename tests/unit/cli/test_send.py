"""What `send` sends, where, and how it says what became of it."""

from __future__ import annotations

import asyncio

import click
import pytest

from asnity_server.protocol import routes
from asnity_server.protocol.errors import Code, ErrorInfo
from asnity_server.protocol.models import Message
from asnity_tui.cli import targets
from asnity_tui.cli.account import asked
from asnity_tui.cli.missed import told_of
from asnity_tui.cli.outcome import OutOfReach, Refused
from asnity_tui.cli.send import send
from asnity_tui.state.store import Store
from tests.unit.client_session.desk import Desk, quiet


async def sent(
    desk: Desk, place: str, text: str, community: str | None = None, *, store: Store | None = None
) -> Message:
    return await send(desk.client, store, place, text, community=community, clock=desk.clock)


async def test_to_a_channel(desk: Desk) -> None:
    message = await sent(desk, "#General", "hello  ")
    assert (message.channel_id, message.content) == (desk.general, "hello")
    assert desk.stored(desk.general) == ["hello"]


async def test_a_place_that_is_remembered_needs_no_question(desk: Desk) -> None:
    store = await asked(desk.client)
    desk.client.asked.clear()
    await sent(desk, "#general", "hello", store=store)
    assert desk.client.asked == ["POST messages"]
    new = desk.server.channel(desk.lab, "new", desk.alice, desk.bob)
    await sent(desk, "#new", "and here", store=store)
    assert desk.stored(new) == ["and here"]


async def test_to_a_person(desk: Desk) -> None:
    first = await sent(desk, "@bob", "psst")
    assert (await sent(desk, "@Bob", "again")).channel_id == first.channel_id
    assert desk.stored(first.channel_id) == ["psst", "again"]
    with pytest.raises(Refused, match=r"There is no @nobody in your communities. The message was not sent."):
        await sent(desk, "@nobody", "psst")


async def test_which_community(desk: Desk) -> None:
    other = desk.server.community("Other Place", desk.bob, desk.alice)
    with pytest.raises(Refused, match="Give it with --community"):
        await sent(desk, "#general", "hello")
    assert (await sent(desk, "#general", "hello", "other")).community_id == other
    direct = await sent(desk, "@bob", "psst", "other")
    assert direct.community_id == other
    assert (await sent(desk, "@bob", "psst", "lab")).community_id == desk.lab
    with pytest.raises(Refused, match="Give it with --community"):
        await sent(desk, "@bob", "which?")
    with pytest.raises(Refused, match="aren't in a community"):
        await sent(desk, "#general", "hello", "elsewhere")


def test_what_can_be_a_place() -> None:
    assert targets.checked(" #general") == "#general"
    for each in ("general", "", "#", "@"):
        with pytest.raises(click.UsageError, match="A place is"):
            targets.checked(each)


def refuse(desk: Desk, code: Code, retry_after: float | None = None, times: int = 1) -> None:
    error = ErrorInfo(code=code, message="It is so.", retry_after=retry_after)
    desk.client.faults.refuse_next(error, routes.POST_MESSAGE, times=times)


async def test_what_is_refused_says_so_at_once(desk: Desk) -> None:
    refuse(desk, "forbidden")
    with pytest.raises(Refused, match=r"It is so. The message was not sent."):
        await sent(desk, "#general", "hello")
    with pytest.raises(Refused, match="not sent"):
        await sent(desk, "#general", "\x1b[31m")
    with pytest.raises(Refused, match="not sent"):
        await sent(desk, "#general", "x" * 5000)
    desk.client.token = "none"
    with pytest.raises(Refused, match=r"Sign in first. The message was not sent"):
        await sent(desk, "#general", "hello")


async def test_what_mends_itself_is_tried_again_and_never_doubled(desk: Desk) -> None:
    refuse(desk, "unavailable")
    refuse(desk, "rate-limited", 3)
    desk.client.faults.lose_next_answer(routes.POST_MESSAGE)
    sending = asyncio.ensure_future(sent(desk, "#general", "hello"))
    await desk.clock.advance(10)
    assert (await sending).content == "hello"
    assert desk.stored(desk.general) == ["hello"]


async def test_patience_ends_and_says_what_is_known(desk: Desk) -> None:
    refuse(desk, "rate-limited", 60)
    with pytest.raises(Refused, match=r"Try again in 60 s. The message was not sent."):
        await sent(desk, "#general", "hello")
    refuse(desk, "unavailable", times=50)
    sending = asyncio.ensure_future(sent(desk, "#general", "hello"))
    await desk.clock.advance(30)
    with pytest.raises(OutOfReach, match=r"It is not known whether the message was sent."):
        await sending


async def test_out_of_reach(desk: Desk) -> None:
    desk.client.faults.offline = True
    with pytest.raises(OutOfReach, match=r"can't be reached. The message was not sent."):
        await sent(desk, "#general", "hello")
    assert OutOfReach("").exit_code == 3
    assert Refused("").exit_code == 1
    desk.client.faults.offline = False
    desk.client.faults.lose_next_request(routes.POST_MESSAGE)
    sending = asyncio.ensure_future(sent(desk, "#general", "hello"))
    await quiet()
    desk.client.faults.offline = True
    await desk.clock.advance(30)
    with pytest.raises(OutOfReach, match="not known"):
        await sending


async def test_the_channels_of_a_tail(desk: Desk) -> None:
    store = await asked(desk.client)
    assert targets.wanted(store, [], None) is None
    assert targets.wanted(store, [], "lab") == {desk.general, desk.random}
    assert targets.wanted(store, ["#random"], None) == {desk.random}
    with pytest.raises(Refused, match="aren't in a channel"):
        targets.wanted(store, ["#nothing"], None)


async def told(desk: Desk, place: str, text: str) -> tuple[str, ...]:
    message = await sent(desk, place, text)
    return await told_of(desk.client, message, to_person=place.startswith("@"))


async def test_who_is_called_and_does_not_read_it_is_told(desk: Desk) -> None:
    carol = desk.server.person("carol")
    desk.server.add_member(desk.lab, carol)
    team = desk.server.channel(desk.lab, "team", desk.alice, desk.bob, private=True)
    assert desk.stored(team) == []
    assert await told(desk, "#team", "hi @bob, @here and @nobody") == ()
    assert await told(desk, "#team", "hi @bob and @carol") == ("@carol isn't in this channel, and isn't notified.",)
    assert await told(desk, "@bob", "psst") == ()
    desk.bob.disabled = True
    assert await told(desk, "#team", "hi @bob") == ("@bob can't read this: account disabled.",)
    assert await told(desk, "@bob", "psst") == ("@bob can't read this: account disabled.",)


async def test_a_message_without_names_asks_nobody(desk: Desk) -> None:
    message = await sent(desk, "#general", "hello, `@carol`, a@b.org")
    desk.client.asked.clear()
    assert await told_of(desk.client, message, to_person=False) == ()
    assert desk.client.asked == []


async def test_a_message_that_went_out_is_no_failure_for_what_comes_behind_it(desk: Desk) -> None:
    message = await sent(desk, "@bob", "psst")
    desk.client.go_offline()
    assert await told_of(desk.client, message, to_person=True) == ()
