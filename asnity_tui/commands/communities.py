"""Communities: created, joined, left, changed and deleted; their audit log."""

from __future__ import annotations

from asnity_server.protocol.errors import Invalid, NotFound
from asnity_server.protocol.models import AuditEntry, Community
from asnity_server.protocol.responses import InvitePreview
from asnity_server.protocol.urls import pasted_url
from asnity_tui.client.transport.address import BadAddress, normalise_address
from asnity_tui.state.audit_text import describe
from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import spans

from . import bans
from .arguments import confirm_name, perform
from .availability import needs_admin, needs_owner, no_community, rule
from .channels import BROWSE, CREATE, join_by_name
from .command import Command, Group, Slash
from .context import CommandContext, Field, MenuKind, Values

_GROUP: Group = "Communities and channels"

_COMMUNITY: frozenset[MenuKind] = frozenset({"community"})

OLDER = "older"
"""The last line of a list that goes on."""


def _open(ctx: CommandContext, community: Community | None) -> None:
    state = ctx.session.store.communities.get(community.id) if community is not None else None
    if state is not None and state.channels:
        ctx.ui.navigation.go_to(next(iter(state.channels)))


# Creating and joining


async def _create(ctx: CommandContext, args: str) -> None:
    async def submit(values: Values) -> Community:
        return await ctx.session.communities.create(values["name"], values["description"])

    fields = [Field("name", "Name"), Field("description", "Description", remark="optional")]
    _open(ctx, await ctx.ui.form("Create a community", fields, submit, button="Create"))


async def _ask_to_join(ctx: CommandContext, link: str) -> None:
    """Ask for an invite, or whether to follow the `link` of one."""

    async def submit(values: Values) -> Community:
        return await _accept(ctx, values["code"].strip())

    text = ""
    if link:
        preview = await ctx.ui.wait(_preview(ctx, link))
        text = f"{harmless_line(preview.inviter)} invites you to {harmless_line(preview.community.name)}."
    fields = [Field("code", "Invite link or code", value=link)]
    _open(ctx, await ctx.ui.form("Join a community", fields, submit, text=text, button="Join"))


async def _accept(ctx: CommandContext, link: str) -> Community:
    try:
        return await ctx.session.invites.accept(link)
    except NotFound:
        _raise_if_elsewhere(link, ctx.ui.server)
        raise


async def _preview(ctx: CommandContext, link: str) -> InvitePreview:
    try:
        return await ctx.session.invites.preview(link)
    except NotFound:
        _raise_if_elsewhere(link, ctx.ui.server)
        raise


def _raise_if_elsewhere(link: str, server: str) -> None:
    """Raise `Invalid` for the link of an invite that is none here, if it is one into another server.

    That the server is called otherwise there alone says nothing: it may be reached by several names.
    """
    try:
        there = normalise_address(link).url if "/" in link else server
    except BadAddress as error:
        raise Invalid(str(error), field="code") from None
    if there != server:
        raise Invalid(f"This invite is for another server. Quit, then run: asnity-tui {pasted_url(link)}", field="code")


async def _join_by_words(ctx: CommandContext, args: str) -> None:
    """Join a channel by its name, a community by its invite; without words, browse."""
    if not args:
        await perform(BROWSE, ctx)
    elif "/" in args:
        _open(ctx, await ctx.ui.wait(_accept(ctx, args)))
    else:
        await join_by_name(ctx, args)


async def _add(ctx: CommandContext, args: str) -> None:
    options = [
        Option("create", spans(("Create a community", "plain"))),
        Option("join", spans(("Join one with an invite", "plain"))),
    ]
    chosen = await ctx.ui.choose("Communities", options)
    if chosen is not None:
        await perform(CREATE_COMMUNITY if chosen == "create" else JOIN_COMMUNITY, ctx)


CREATE_COMMUNITY = Command(
    id="community.create", title="Create a community", help="With you as its owner", group=_GROUP, run=_create
)

JOIN_COMMUNITY = Command(
    id="community.join",
    title="Join a community",
    help="With an invite link or its code",
    group=_GROUP,
    run=_ask_to_join,
)

ADD_COMMUNITY = Command(
    id="community.add", title="Add a community", help="Create or join one", group=_GROUP, run=_add, palette=False
)

JOIN = Command(
    id="join",
    title="Join",
    help="",
    group=_GROUP,
    slash=Slash(
        "join",
        "[#channel or invite]",
        "Join a channel, or a community with an invite",
        aliases=("j",),
        keywords="enter open channel community server",
    ),
    run=_join_by_words,
    palette=False,
)

# Settings


async def _change(ctx: CommandContext, args: str) -> None:
    """Ask for name, description, and who may invite."""
    if ctx.community is None:
        return
    community = ctx.community.community

    async def submit(values: Values) -> Community:
        return await ctx.session.communities.change(
            community.id,
            name=values["name"],
            description=values["description"],
            invites_by="admins" if values["admins"] else "members",
        )

    fields = [
        Field("name", "Name", value=community.name),
        Field("description", "Description", value=community.description, remark="optional"),
    ]
    boxes = [("admins", "Only admins can invite people")]
    ticked = {"admins"} if community.invites_by == "admins" else set()
    title = f"Settings of {harmless_line(community.name)}"
    if await ctx.ui.form(title, fields, submit, button="Save", boxes=boxes, ticked=ticked):
        ctx.ui.notify("Saved.")


SETTINGS = Command(
    id="community.settings",
    title="Settings of this community",
    help="Name, description, who may invite",
    group=_GROUP,
    menu=_COMMUNITY,
    available=rule(
        lambda rights: rights.may_change_community, no_community, needs_owner("change a community's settings")
    ),
    run=_change,
)

# Who did what to whom


async def _audit(ctx: CommandContext, args: str) -> None:
    """List the audit log, newest first; Enter shows an entry whole."""
    entries: dict[str, AuditEntry] = {}
    pages = ctx.session.moderation.audit(ctx.community_id)
    more = True
    while True:
        if more:
            page = await ctx.ui.wait(anext(pages))
            entries.update((str(each.id), each) for each in page.entries)
        options = [_entry(ctx, each) for each in entries.values()]
        if pages.has_more:
            options.append(Option(OLDER, spans(("older …", "accent"))))
        chosen = await ctx.ui.choose("Audit log", options, nothing="Nothing in the audit log yet.")
        more = chosen == OLDER
        if chosen in entries:
            one = entries[chosen]
            await ctx.ui.show(ctx.ui.moment(one.at), f"{_words(ctx, one)}.")
        elif not more:
            return


def _entry(ctx: CommandContext, one: AuditEntry) -> Option:
    return Option(str(one.id), spans((f"{ctx.ui.moment(one.at):>12}  ", "faint"), (_words(ctx, one), "plain")))


def _words(ctx: CommandContext, one: AuditEntry) -> str:
    store = ctx.session.store

    def channel_of(channel_id: str) -> str | None:
        channel = store.channel(channel_id)
        return store.title_of(channel) if channel is not None else None

    return harmless_line(describe(one, name_of=store.name_of, channel_of=channel_of, moment_of=ctx.ui.moment))


AUDIT = Command(
    id="community.audit",
    title="Audit log",
    help="What admins did, newest first",
    group=_GROUP,
    menu=_COMMUNITY,
    available=rule(lambda rights: rights.may_see_audit, no_community, needs_admin("see the audit log")),
    run=_audit,
)

# The end


async def _delete(ctx: CommandContext, args: str) -> None:
    if ctx.community is None:
        return
    community = ctx.community.community
    deleted = await confirm_name(
        ctx,
        f"Delete {harmless_line(community.name)} permanently?",
        "All its channels and messages are deleted for everyone. This can't be undone.",
        community.name,
        lambda: ctx.session.communities.delete(community.id),
    )
    if deleted:
        ctx.ui.navigation.left_here()


async def _leave(ctx: CommandContext, args: str) -> None:
    if ctx.community is None:
        return
    ctx.ui.navigation.go_to_community(ctx.community)
    title, text = f"Leave {harmless_line(ctx.community.community.name)}?", "You need a new invite to come back."
    if await ctx.ui.confirm(title, text, yes="Leave", grave=True):
        await ctx.ui.wait(ctx.session.communities.leave(ctx.community_id))
        ctx.ui.navigation.left_here()


DELETE = Command(
    id="community.delete",
    title="Delete this community permanently",
    help="Asks you to type its name",
    group=_GROUP,
    menu=_COMMUNITY,
    available=rule(lambda rights: rights.may_delete_community, no_community, needs_owner("delete a community")),
    run=_delete,
)

LEAVE = Command(
    id="community.leave",
    title="Leave this community",
    help="Asks first",
    group=_GROUP,
    menu=_COMMUNITY,
    available=no_community,
    run=_leave,
)

COMMANDS: tuple[Command, ...] = (
    CREATE_COMMUNITY,
    JOIN_COMMUNITY,
    ADD_COMMUNITY,
    JOIN,
    SETTINGS,
    AUDIT,
    *bans.COMMANDS,
    DELETE,
    BROWSE,
    CREATE,
    LEAVE,
)
