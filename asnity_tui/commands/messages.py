"""Commands on a message: the one under the cursor, else the newest that others can see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

from asnity_server.protocol.emoji import clean_emoji
from asnity_server.protocol.errors import Invalid
from asnity_server.protocol.models import Member
from asnity_tui.state.message_link import MessageAddress, link_to
from asnity_tui.state.rows import Row
from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import spans

from .arguments import UsageError, known_member
from .availability import every
from .command import Availability, Command, Run, Slash
from .context import CommandContext
from .members import choose_reactor
from .message_rules import (
    failed_of,
    has_links,
    is_sent,
    is_text,
    may_delete,
    may_edit,
    may_pin,
    may_react,
    may_reply,
    no_message,
    not_failed,
    readable,
    row_of,
    when,
)

MINE = 20
"""How many emoji that I use stand first."""


def _on_failed(does: Callable[[CommandContext, str], None]) -> Run:
    def run(ctx: CommandContext, args: str) -> None:
        entry = failed_of(ctx)
        if entry is not None:
            does(ctx, entry.nonce)

    return run


# What is done


def _on_row(does: Callable[[CommandContext, Row], None]) -> Run:
    def run(ctx: CommandContext, args: str) -> None:
        row = row_of(ctx)
        if row is not None:
            does(ctx, row)

    return run


def _reply(ctx: CommandContext, args: str) -> None:
    row = row_of(ctx)
    if row is not None:
        ctx.ui.composer.reply(row.message, args or None)


async def _react(ctx: CommandContext, args: str) -> None:
    """Put an emoji under a message, or take mine back; without one, ask which."""
    row = row_of(ctx)
    if row is None:
        return
    me, message = ctx.session.store.my_id, row.message
    mine = [emoji for emoji, reaction in message.reactions.items() if me in reaction.users]
    if args:
        named = args if args.startswith(":") or not args.isascii() else f":{args}:"
        try:
            emoji: str | None = clean_emoji(await ctx.ui.composer.with_emoji(named))
        except Invalid:
            raise UsageError(f"There is no emoji {args}.") from None
    else:
        used = tuple(dict.fromkeys((*message.reactions, *ctx.session.preferences.frequent_emoji(MINE))))
        emoji = await ctx.ui.composer.choose_emoji("React with", used, mine)
    if emoji is not None:
        ctx.session.reactions.react(message.channel_id, message.id, emoji, emoji not in mine)


async def _delete(ctx: CommandContext, args: str) -> None:
    row = row_of(ctx)
    if row is None:
        return
    said = ctx.ui.timeline.one_line(row.message)[:200]
    if await ctx.ui.confirm("Delete this message?", said, yes="Delete"):
        ctx.ui.unsent.delete(row.message.channel_id, row.message.id)


async def _pin(ctx: CommandContext, args: str) -> None:
    """Pin a message for everybody, or take the pin away."""
    row = row_of(ctx)
    if row is None:
        return
    pins, pinned = ctx.session.pins, row.message.pinned
    title, yes = ("Unpin this message?", "Unpin") if pinned else ("Pin this message?", "Pin")
    if await ctx.ui.confirm(title, "For everyone in this channel.", yes=yes):
        turn = pins.unpin if pinned else pins.pin
        await ctx.ui.wait(turn(row.message.channel_id, row.message.id))
        ctx.ui.notify("Unpinned." if pinned else "Pinned.", timeout=2)


async def _mark_unread(ctx: CommandContext, args: str) -> None:
    row = row_of(ctx)
    if row is None:
        return
    channel_id, message_id = row.message.channel_id, row.message.id
    if await ctx.ui.confirm("Mark as unread?", "This message and everything after it.", yes="Mark as unread"):
        await ctx.ui.wait(ctx.session.read_markers.mark_unread_from(channel_id, message_id), "")
        ctx.ui.timeline.mark_new_after(channel_id, message_id - 1)


async def _open_link(ctx: CommandContext, args: str) -> None:
    """Open the link that is given, or the one there is, or the one that is chosen of several."""
    row = row_of(ctx)
    if row is None:
        return
    link: str | None = args
    if not link:
        found = ctx.ui.timeline.links_of(row)
        if len(found) > 1:
            options = [Option(each, spans((each, "plain"))) for each in found]
            link = await ctx.ui.choose("Open which link?", options)
        else:
            host = harmless_line(urlsplit(found[0]).hostname or found[0])
            opens = await ctx.ui.confirm(f"Open {host}?", harmless_line(found[0]), yes="Open")  # a letter may be a slip
            link = found[0] if opens else None
    if link:
        ctx.ui.notify(f"Opening {urlsplit(link).hostname or link}")
        ctx.ui.program.open_url(link)


def _origin(ctx: CommandContext, row: Row) -> None:
    if row.message.reply_to is not None:
        ctx.ui.timeline.open_at(row.message.channel_id, row.message.reply_to)


def _copy(*, quoted: bool) -> Run:
    def run(ctx: CommandContext, args: str) -> None:
        row = row_of(ctx)
        if row is not None:
            ctx.ui.program.copy(ctx.ui.timeline.text_of(ctx.chosen or (row,), quoted=quoted))
            ctx.ui.timeline.end_range()

    return run


def _copy_link(ctx: CommandContext, row: Row) -> None:
    place = MessageAddress(row.message.channel_id, row.message.id, ctx.session.store.generation)
    ctx.ui.program.copy(link_to(ctx.ui.server, place))


async def _reactors(ctx: CommandContext, args: str) -> None:
    row = row_of(ctx)
    member = await choose_reactor(ctx, row) if row is not None else None
    if member is not None:
        await ctx.ui.menus.ask("member", ctx.about_member(member))


async def _menu(ctx: CommandContext, args: str) -> None:
    row = row_of(ctx)
    if row is not None:
        await ctx.ui.menus.ask("message", replace(ctx, row=row))


# Who wrote it


def _author_of(ctx: CommandContext) -> Member | None:
    row = row_of(ctx)
    return known_member(ctx, row.message.sender_id) if row is not None else None


async def _author(ctx: CommandContext, args: str) -> None:
    member = _author_of(ctx)
    if member is not None:
        await ctx.ui.menus.ask("member", ctx.about_member(member))


def _author_title(ctx: CommandContext) -> str:
    member = _author_of(ctx)
    return f"{harmless_line(member.user.display_name)} …" if member is not None else "Its author …"


def _on_message(
    name: str,
    title: str,
    help: str,
    keys: str,
    available: Availability,
    run: Run,
    *,
    slash: Slash | None = None,
    instead: Command | None = None,
    exclusive: bool = False,
    in_menu: bool = True,
    leads: bool = False,
) -> Command:
    return Command(
        id=f"message.{name}",
        title=title,
        help=help,
        group="In the messages",
        keys=keys,
        slash=slash or Slash(name, help=help),
        menu=frozenset({"message"} if in_menu else ()),
        available=available,
        run=run,
        instead=instead,
        exclusive=exclusive,
        leads=leads,
    )


RETRY = _on_message(
    "retry",
    "Retry",
    "Send a failed message again",
    "R",
    not_failed,
    _on_failed(lambda ctx, nonce: ctx.ui.unsent.retry(nonce)),
)
TAKE_BACK = _on_message(
    "take-back",
    "Edit failed",
    "Bring a failed message back to the composer",
    "E",
    not_failed,
    _on_failed(lambda ctx, nonce: ctx.ui.unsent.take_back(nonce)),
)
REACT = _on_message(
    "react",
    "React",
    "Add an emoji reaction, or remove yours",
    "plus",
    may_react,
    _react,
    slash=Slash(
        "react",
        "[emoji]",
        "React to the newest message",
        keywords="emoji reaction thumbs like",
        stays="with words",
    ),
    exclusive=True,
)
ORIGIN = _on_message(
    "origin",
    "Go to the original message",
    "The message that this one replies to",
    "p",
    every(no_message, when(lambda rights, row: row.message.reply_to is not None, "This message isn't a reply.")),
    _on_row(_origin),
)
OPEN_LINK = _on_message(
    "open-link", "Open link", "Open the link in this message", "o", every(no_message, has_links), _open_link
)
MENU = _on_message(
    "menu",
    "Menu",
    "Everything you can do with this message",
    "m",
    no_message,
    _menu,
    in_menu=False,
    leads=True,
)

COMMANDS: tuple[Command, ...] = (
    _on_message(
        "reply",
        "Reply",
        "Reply to this message; retries a failed one",
        "r",
        may_reply,
        _reply,
        slash=Slash(
            "reply",
            "[text]",
            "Reply to the newest message",
            aliases=("r",),
            keywords="answer respond thread quote",
            stays="with words",
        ),
        instead=RETRY,
    ),
    _on_message(
        "edit",
        "Edit",
        "Edit your message; brings a failed one back to the composer",
        "e",
        may_edit,
        _on_row(lambda ctx, row: ctx.ui.composer.edit(row.message.id, row.message.content)),
        slash=Slash("edit-this", help="Edit your message under the cursor"),
        instead=TAKE_BACK,
    ),
    _on_message(
        "raw",
        "Raw text",
        "Show the text as written, or formatted",
        "v",
        readable,
        _on_row(lambda ctx, row: ctx.ui.timeline.toggle_raw(row)),
    ),
    ORIGIN,
    REACT,
    _on_message(
        "reactors",
        "Who reacted",
        "Everyone who reacted to this message",
        "w",
        every(is_text, when(lambda rights, row: bool(row.message.reactions), "Nobody has reacted to this message.")),
        _reactors,
        leads=True,
    ),
    _on_message("delete", "Delete", "Delete your message permanently", "d", may_delete, _delete),
    _on_message(
        "copy",
        "Copy text",
        "Copy the text of this message, or of all that are selected",
        "y",
        readable,
        _copy(quoted=False),
    ),
    _on_message(
        "quote",
        "Copy as quote",
        "The same, quoted with > and its author",
        "greater_than_sign",
        readable,
        _copy(quoted=True),
    ),
    _on_message(
        "range",
        "Select several",
        "Select from here to the cursor; y or > copies them",
        "V",
        no_message,
        _on_row(lambda ctx, row: ctx.ui.timeline.toggle_range(row)),
    ),
    OPEN_LINK,
    _on_message("pin", "Pin", "Pin this message for everyone in the channel, or unpin it", "t", may_pin, _pin),
    _on_message(
        "copy-link",
        "Copy link",
        "Copy a link to this message",
        "Y",
        is_sent,
        _on_row(_copy_link),
        slash=Slash("copy-link", help="Copy a link to this message", stays="always"),
    ),
    MENU,
    _on_message(
        "unread-from",
        "Unread from here",
        "Mark this message and everything after it as unread",
        "U",
        is_sent,
        _mark_unread,
        slash=Slash("unread-from", help="Mark this message and everything after it as unread", stays="always"),
    ),
    RETRY,
    TAKE_BACK,
    _on_message(
        "discard",
        "Discard",
        "Discard a failed message",
        "X,x",
        not_failed,
        _on_failed(lambda ctx, nonce: ctx.ui.unsent.discard(nonce)),
    ),
    Command(
        id="message.author",
        title="Its author …",
        help="Message them, and more",
        group="In the messages",
        menu=frozenset({"message"}),
        available=lambda ctx: None if _author_of(ctx) is not None else "There is nobody to write to.",
        run=_author,
        label=_author_title,
        palette=False,
    ),
)
