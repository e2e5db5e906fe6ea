"""What admins do with a channel: its name and topic, the archive, its end."""

from __future__ import annotations

from asnity_server.protocol.models import Channel
from asnity_tui.screens.dialogs.confirm import Confirm
from asnity_tui.screens.dialogs.flow import Flow
from asnity_tui.screens.dialogs.form import Form
from asnity_tui.screens.dialogs.menu import About, MenuEntry, entry
from asnity_tui.widgets.form_field import FormField, Values


async def change(about: About) -> None:
    """Name and topic."""
    if about.channel is None:
        return
    asking, channel = Flow(about.screen), about.channel.channel

    async def submit(values: Values) -> Channel:
        places = asking.session.places
        return await places.change_channel(channel.id, name=values["name"], topic=values["topic"])

    fields = [
        FormField("name", "Name", value=channel.name),
        FormField("topic", "Topic", value=channel.topic, remark="optional"),
    ]
    title = f"Settings of {asking.screen.conversation.title(about.channel)}"
    if await asking.ask(Form(title, fields, submit, button="Save")):
        asking.say("Saved.")


async def archive(about: About) -> None:
    """Make it read-only, after asking."""
    if about.channel is None:
        return
    asking, title = Flow(about.screen), about.screen.conversation.title(about.channel)
    text = "Members can read and search it, but not write in it until an admin unarchives it."
    if await asking.ask(Confirm(f"Archive {title}?", text, yes="Archive")):
        question = asking.session.places.change_channel(about.channel.id, archived=True)
        await asking.done(question, f"Archived {title}.")


async def revive(about: About) -> None:
    """Let people write in it again."""
    if about.channel is None:
        return
    asking, title = Flow(about.screen), about.screen.conversation.title(about.channel)
    question = asking.session.places.change_channel(about.channel.id, archived=False)
    await asking.done(question, f"Unarchived {title}.")


async def delete(about: About) -> None:
    """Delete permanently."""
    if about.channel is None:
        return
    asking, channel_id = Flow(about.screen), about.channel.id
    deleted = await asking.by_its_name(
        f"Delete {about.screen.conversation.title(about.channel)} permanently?",
        "All its messages are deleted for everyone. This can't be undone.",
        about.channel.channel.name,
        lambda: asking.session.places.delete_channel(channel_id),
        button="Delete permanently",
    )
    if deleted:
        about.screen.navigation.left_here()


def _is_archived(about: About) -> bool:
    return about.channel is not None and about.channel.channel.archived


CHANNEL_SETTINGS: tuple[MenuEntry, ...] = (
    entry(
        "channel",
        "channel.settings",
        "Settings of this channel",
        change,
        may=lambda about: about.rights.may_change_channel,
        help="Name and topic",
    ),
    entry(
        "channel",
        "channel.archive",
        "Archive this channel",
        archive,
        may=lambda about: about.rights.may_archive and not _is_archived(about),
        help="Read-only until unarchived",
    ),
    entry(
        "channel",
        "channel.unarchive",
        "Unarchive this channel",
        revive,
        may=lambda about: about.rights.may_archive and _is_archived(about),
        help="Members can write in it again",
    ),
    entry(
        "channel",
        "channel.delete",
        "Delete this channel permanently",
        delete,
        may=lambda about: about.rights.may_delete_channel,
        help="Asks you to type its name",
    ),
)
"""What the menu of a channel has for admins and owners."""
