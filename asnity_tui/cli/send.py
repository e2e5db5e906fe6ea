"""`asnity-tui send`: one message, and its outcome."""

from __future__ import annotations

from asnity_server.protocol import ids, requests, routes, text
from asnity_server.protocol.errors import AsnityError, RateLimited, Unavailable
from asnity_server.protocol.models import Message
from asnity_tui.client.clock import Clock
from asnity_tui.client.error_text import error_text
from asnity_tui.client.transport.client import REQUEST_ERRORS, ChatClient, NoAnswer, Unreachable
from asnity_tui.state.store import Store

from .account import fetch_store
from .outcome import CommandRefused, OutOfReach, exit_for
from .targets import TargetNotFound, find_channel, open_direct

PATIENCE = 20_000
"""Milliseconds for which sending is tried again while the server is busy or gives no answer."""

PAUSE = 1.0
"""Seconds between two attempts, where the server names no other."""

NOT_SENT = "The message was not sent."


async def send(
    client: ChatClient, store: Store | None, place: str, content: str, *, community: str | None, clock: Clock
) -> Message:
    """Send a message to a place; answers it as the server stored it.

    `store` is what is remembered, if anything: a place that it knows needs no question. Raises `CommandRefused` and
    `OutOfReach`, in words that say what became of the message.
    """
    try:
        content = text.clean_content(content)
    except AsnityError as error:
        raise exit_for(error, consequence=NOT_SENT) from None
    try:
        channel_id = await _channel(client, store, place, community)
    except TargetNotFound as error:
        raise CommandRefused(f"{error} {NOT_SENT}") from None
    except REQUEST_ERRORS as error:
        raise exit_for(error, consequence=NOT_SENT) from None
    return await _deliver(client, channel_id, content, clock)


async def _channel(client: ChatClient, store: Store | None, place: str, community: str | None) -> str:
    if store is not None:
        try:
            return find_channel(store, place, community).id
        except TargetNotFound:
            pass  # it may be newer than what is remembered
    store = await fetch_store(client)
    try:
        return find_channel(store, place, community).id
    except TargetNotFound as error:
        if error.several or not place.startswith("@"):
            raise
    return await open_direct(client, store, place, community)


async def _deliver(client: ChatClient, channel_id: str, content: str, clock: Clock) -> Message:
    """Send until the outcome is known or patience ends; with one nonce, so that it is never there twice."""
    request = requests.PostMessage(channel_id=channel_id, content=content, nonce=ids.new_id(26))
    deadline = clock.now() + PATIENCE
    is_unknown = False
    while True:
        try:
            return await client.call(routes.POST_MESSAGE, request)
        except (RateLimited, Unavailable) as error:
            refusal: AsnityError | NoAnswer | Unreachable = error
            pause = error.info.retry_after or PAUSE
            is_unknown |= isinstance(error, Unavailable)
        except AsnityError as error:
            raise exit_for(error, consequence=NOT_SENT) from None
        except NoAnswer as error:
            refusal, pause, is_unknown = error, PAUSE, True
        except Unreachable as error:
            refusal, pause = error, PAUSE
            if not is_unknown:
                raise exit_for(error, consequence=NOT_SENT) from None
        if clock.now() + pause * 1000 > deadline:
            break
        await clock.sleep(pause)
    if is_unknown:
        raise OutOfReach(f"{error_text(refusal)} It is not known whether the message was sent.")
    raise exit_for(refusal, consequence=NOT_SENT)
