"""What can be done with a message: its keys as a menu, as far as my rights and its state allow."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from textual.binding import Binding

from asnity_server.protocol.models import Member
from asnity_tui.screens.dialogs.menu import About, MenuEntry
from asnity_tui.state.rows import Failed, Sent
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.timeline.view import TimelineView

from .keys_in_force import shown


def _failed(about: About) -> bool:
    return about.row is not None and isinstance(about.row.delivery, Failed)


def _stands(about: About) -> bool:
    """The server has it, and it isn't deleted."""
    row = about.row
    return row is not None and isinstance(row.delivery, Sent) and row.message.deleted_at is None


def _text(about: About) -> bool:
    return _stands(about) and about.row is not None and about.row.message.type == "TEXT"


def _readable(about: About) -> bool:
    return about.row is not None and about.row.message.deleted_at is None


MAY: Mapping[str, Callable[[About], bool]] = {
    "message.reply": lambda about: _text(about) and about.rights.may_post,
    "message.edit": lambda about: _text(about) and about.row is not None and about.rights.may_edit(about.row.message),
    "message.delete": lambda about: (
        _text(about) and about.row is not None and about.rights.may_delete(about.row.message)
    ),
    "message.react": lambda about: _text(about) and about.rights.may_react,
    "message.reactors": lambda about: _text(about) and about.row is not None and bool(about.row.message.reactions),
    "message.pin": lambda about: _text(about) and about.rights.may_pin,
    "message.origin": lambda about: _text(about) and about.row is not None and about.row.message.reply_to is not None,
    "message.unread-from": _stands,
    "message.copy-link": _stands,
    "message.copy": _readable,
    "message.quote": _readable,
    "message.raw": _readable,
    "message.open-link": lambda about: (
        about.row is not None and bool(about.screen.conversation.view.rows.links_of(about.row))
    ),
    "message.retry": _failed,
    "message.take-back": _failed,
    "message.discard": _failed,
    "message.menu": lambda about: False,
}
"""When a key of the messages does something; those that aren't here always do."""


def message_entries(about: About) -> tuple[MenuEntry, ...]:
    """What has a key in the messages, then what leads to the one who wrote it."""
    bindings = [each for each in TimelineView.BINDINGS if isinstance(each, Binding)]
    found = [_by_key(each) for each in bindings if each.id is not None and each.id.startswith("message.")]
    return (*found, *_author(about))


def _by_key(binding: Binding) -> MenuEntry:
    async def do(about: About) -> None:
        view = about.screen.conversation.view
        view.focus()
        await about.screen.app.run_action(binding.action, view)

    id = binding.id or ""
    return MenuEntry(
        id=id,
        kind="message",
        title=lambda about: binding.description,
        may=MAY.get(id, lambda about: True),
        do=do,
        key=shown(binding.key.split(",")[0]),
        help=binding.tooltip,
    )


def _author(about: About) -> tuple[MenuEntry, ...]:
    """Writing to who wrote it, and what else may be done with them."""
    store = about.screen.session.store
    community = store.communities.get(about.community_id)
    sender = about.row.message.sender_id if about.row is not None else ""
    user = store.users.get(sender)
    if community is None or user is None or sender in (store.my_id, *community.former):
        return ()
    member = (community.members or {}).get(sender) or Member(user=user, role="member", joined_at="")
    name = harmless_line(user.display_name)

    async def do(about: About) -> None:
        from .menus import ask_about_member  # late: that table is made from this one

        channel_id = about.channel.id if about.channel is not None else None
        await ask_about_member(about.screen, about.community_id, member, channel_id=channel_id)

    def title(about: About) -> str:
        return f"{name} …"

    return (
        MenuEntry(
            id="message.author",
            kind="message",
            title=title,
            may=lambda about: True,
            do=do,
            help="Message them, and more",
        ),
    )
