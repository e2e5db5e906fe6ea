"""Settings of a channel, for admins: its name and topic, the archive, its end."""

from __future__ import annotations

from asnity_server.protocol.models import Channel

from .arguments import by_words, confirm_name, perform
from .availability import direct, every, general, needs_admin, no_channel, rule
from .command import Command, Group, Slash
from .context import CommandContext, Field, MenuKind, Values
from .view import TOPIC

_GROUP: Group = "Communities and channels"

_CHANNEL: frozenset[MenuKind] = frozenset({"channel"})

_may_change = rule(
    lambda rights: rights.may_change_channel, no_channel, direct, needs_admin("change a channel's settings")
)


async def _change(ctx: CommandContext, args: str) -> None:
    """Ask for name and topic."""
    if ctx.channel is None:
        return
    channel = ctx.channel.channel

    async def submit(values: Values) -> Channel:
        return await ctx.session.channels.change(channel.id, name=values["name"], topic=values["topic"])

    fields = [
        Field("name", "Name", value=channel.name),
        Field("topic", "Topic", value=channel.topic, remark="optional"),
    ]
    if await ctx.ui.form(f"Settings of {ctx.ui.title_of(ctx.channel)}", fields, submit, button="Save"):
        ctx.ui.notify("Saved.")


async def _rename(ctx: CommandContext, args: str) -> None:
    name = args.partition(" ")[0].removeprefix("#")
    if ctx.channel is not None and name:
        await ctx.ui.wait(ctx.session.channels.change(ctx.channel.id, name=name))
    else:
        await perform(SETTINGS, ctx)


SETTINGS = Command(
    id="channel.settings",
    title="Settings of this channel",
    help="Name and topic",
    group=_GROUP,
    menu=_CHANNEL,
    available=_may_change,
    run=_change,
)

RENAME = Command(
    id="channel.rename",
    title="Rename this channel",
    help="",
    group=_GROUP,
    slash=Slash("rename", "name", "Change the name of this channel", stays="with words"),
    available=_may_change,
    run=_rename,
    palette=False,
)


async def _set_topic(ctx: CommandContext, args: str) -> None:
    if ctx.channel is not None:
        await ctx.ui.wait(ctx.session.channels.change(ctx.channel.id, topic=args))


SET_TOPIC = Command(
    id="channel.set-topic",
    title="Change the topic of this channel",
    help="",
    group=_GROUP,
    available=_may_change,
    run=_set_topic,
    palette=False,
)

TOPIC_BY_WORDS = by_words(
    "topic",
    "Topic",
    Slash(
        "topic",
        "[text]",
        "Change the topic of this channel",
        keywords="description purpose subject",
        stays="always",
    ),
    bare=TOPIC,
    worded=SET_TOPIC,
)

# The archive

_may_archive = rule(lambda rights: rights.may_archive, no_channel, direct, needs_admin("archive channels"), general)


def _is_archived(ctx: CommandContext) -> str | None:
    archived = ctx.channel is not None and ctx.channel.channel.archived
    return "This channel is archived already." if archived else None


def _is_live(ctx: CommandContext) -> str | None:
    archived = ctx.channel is not None and ctx.channel.channel.archived
    return None if archived else "This channel isn't archived."


async def _archive(ctx: CommandContext, args: str) -> None:
    if ctx.channel is None:
        return
    title = ctx.ui.title_of(ctx.channel)
    text = "Members can read and search it, but not write in it until an admin unarchives it."
    if await ctx.ui.confirm(f"Archive {title}?", text, yes="Archive"):
        await ctx.ui.wait(ctx.session.channels.change(ctx.channel.id, archived=True))
        ctx.ui.notify(f"Archived {title}.")


async def _unarchive(ctx: CommandContext, args: str) -> None:
    if ctx.channel is not None:
        await ctx.ui.wait(ctx.session.channels.change(ctx.channel.id, archived=False))
        ctx.ui.notify(f"Unarchived {ctx.ui.title_of(ctx.channel)}.")


ARCHIVE = Command(
    id="channel.archive",
    title="Archive this channel",
    help="Read-only until unarchived",
    group=_GROUP,
    menu=_CHANNEL,
    available=every(_may_archive, _is_archived),
    run=_archive,
)

UNARCHIVE = Command(
    id="channel.unarchive",
    title="Unarchive this channel",
    help="Members can write in it again",
    group=_GROUP,
    menu=_CHANNEL,
    available=every(_may_archive, _is_live),
    run=_unarchive,
)

# The end


async def _delete(ctx: CommandContext, args: str) -> None:
    channel = ctx.channel
    if channel is None:
        return
    deleted = await confirm_name(
        ctx,
        f"Delete {ctx.ui.title_of(channel)} permanently?",
        "All its messages are deleted for everyone. This can't be undone.",
        channel.channel.name,
        lambda: ctx.session.channels.delete(channel.id),
    )
    if deleted:
        ctx.ui.navigation.left_here()


DELETE = Command(
    id="channel.delete",
    title="Delete this channel permanently",
    help="Asks you to type its name",
    group=_GROUP,
    menu=_CHANNEL,
    available=rule(
        lambda rights: rights.may_delete_channel, no_channel, direct, needs_admin("delete channels"), general
    ),
    run=_delete,
)

COMMANDS: tuple[Command, ...] = (SETTINGS, RENAME, TOPIC_BY_WORDS, ARCHIVE, UNARCHIVE, DELETE)
