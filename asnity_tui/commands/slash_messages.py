"""Slash commands about messages: the one under the cursor, or the newest."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from asnity_server.protocol.emoji import clean_emoji
from asnity_server.protocol.errors import Invalid
from asnity_tui.screens.chat.screen import ChatScreen
from asnity_tui.state.rows import Row, Sent

from .arguments import UsageError


def act_on_it(act: str) -> Callable[[ChatScreen, str], Awaitable[None]]:
    """What a key does with the message under the cursor, or with the newest."""

    async def run(screen: ChatScreen, rest: str) -> None:
        view = screen.conversation.view
        if view.current is None:
            view.go_to_newest()
        view.focus()
        screen.call_after_refresh(view.run_action, act)

    return run


def _meant(screen: ChatScreen) -> Row:
    """The message under the cursor, else the newest that others can see. Raises `UsageError`."""
    view = screen.conversation.view
    rows = [view.current] if isinstance(view.current, Row) else list(reversed(view.rows.items))
    for row in rows:
        text = isinstance(row, Row) and isinstance(row.delivery, Sent) and row.message.type == "TEXT"
        if isinstance(row, Row) and text and row.message.deleted_at is None:
            return row
    raise UsageError("There are no messages here.")


async def reply(screen: ChatScreen, rest: str) -> None:
    """Begin an answer, with a text if there is one."""
    screen.conversation.composing.reply(_meant(screen).message, rest or None)


async def react(screen: ChatScreen, rest: str) -> None:
    """Put an emoji under it; without one, ask which."""
    if not rest:
        _meant(screen)
        await act_on_it("act('react')")(screen, rest)
        return
    conversation, row = screen.conversation, _meant(screen)
    named = rest if rest.startswith(":") or not rest.isascii() else f":{rest}:"
    try:
        emoji = clean_emoji((await conversation.emoji.names()).replace(named))
    except Invalid:
        raise UsageError(f"There is no emoji {rest}.") from None
    mine = conversation.view.rows.context.me in getattr(row.message.reactions.get(emoji), "users", ())
    screen.session.reactions.react(row.message.channel_id, row.message.id, emoji, not mine)


async def edit(screen: ChatScreen, rest: str) -> None:
    """Bring my last message back to the composer; a text replaces what it says there."""
    screen.conversation.outbox.edit_last()
    if rest:
        screen.conversation.composer.exchange(rest, len(rest))
