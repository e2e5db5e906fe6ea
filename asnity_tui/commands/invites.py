"""Invite links into a community: created, listed, shown and revoked."""

from __future__ import annotations

from asnity_server.protocol.models import Invite
from asnity_tui.widgets.form_field import whole_number
from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import spans

from .arguments import by_words
from .availability import muted, no_community, rule
from .channels import ADD_PEOPLE
from .command import Command, Slash
from .context import CommandContext, Field, MenuKind, Values

DAY = 24 * 3600
"""Seconds."""

_COMMUNITY: frozenset[MenuKind] = frozenset({"community"})


def _title(ctx: CommandContext) -> str:
    return harmless_line(ctx.community.community.name) if ctx.community is not None else ""


async def _create(ctx: CommandContext, args: str) -> None:
    """Create an invite link, and show it."""
    # everybody is in `general` anyway
    channel = ctx.channel if ctx.rights.may_invite and not ctx.rights.general else None

    async def submit(values: Values) -> Invite:
        days, uses = whole_number(values["days"], "days"), whole_number(values["uses"], "uses")
        return await ctx.session.invites.create(
            ctx.community_id,
            expires_in=days * DAY if days else None,
            max_uses=uses,
            channel_id=channel.id if channel is not None and values.get("channel") else None,
        )

    fields = [
        Field("days", "Expires after (days)", value="7", remark="empty: no limit"),
        Field("uses", "Max uses", remark="empty: no limit"),
    ]
    boxes = [("channel", f"Also add to {ctx.ui.title_of(channel)}")] if channel is not None else []
    title = f"Invite people to {_title(ctx)}"
    invite = await ctx.ui.form(title, fields, submit, button="Create an invite link", boxes=boxes)
    if invite is not None:
        await ctx.ui.show_link(f"Invite to {_title(ctx)}", invite.url)


async def _list(ctx: CommandContext, args: str) -> None:
    """List all links (mine alone, for who is no admin); Enter shows or revokes one."""
    while True:
        pages = ctx.session.invites.pages(ctx.community_id)
        found = {each.code: each for each in await ctx.ui.wait(pages.entries(lambda page: page.invites))}
        options = [_option(ctx, each) for each in found.values()]
        chosen = await ctx.ui.choose(f"Invite links of {_title(ctx)}", options, nothing="No invite links.")
        if chosen not in found:
            return
        await _show_or_revoke(ctx, found[chosen])


async def _show_or_revoke(ctx: CommandContext, invite: Invite) -> None:
    options = [Option("show", spans(("Show the link", "plain")))]
    if ctx.rights.may_withdraw(invite):
        options.append(Option("revoke", spans(("Revoke it", "plain"), ("  It stops working", "faint"))))
    chosen = await ctx.ui.choose(harmless_line(invite.url), options)
    if chosen == "show":
        await ctx.ui.show_link(f"Invite to {_title(ctx)}", invite.url)
    elif chosen == "revoke":
        await ctx.ui.wait(ctx.session.invites.revoke(ctx.community_id, invite.code))
        ctx.ui.notify("Invite link revoked.")


def _option(ctx: CommandContext, invite: Invite) -> Option:
    store = ctx.session.store
    channel = store.channel(invite.channel_id) if invite.channel_id is not None else None
    into = f"  into #{harmless_line(store.title_of(channel))}" if channel is not None else ""
    uses = f"{invite.uses} used" if invite.max_uses is None else f"{invite.uses} of {invite.max_uses} used"
    ends = "" if invite.expires_at is None else f", until {ctx.ui.moment(invite.expires_at)}"
    left = spans((harmless_line(invite.code), "plain"), (f"  by {ctx.name(invite.creator_id)}{into}", "faint"))
    return Option(invite.code, left, spans((f"{uses}{ends}", "faint")))


CREATE = Command(
    id="community.invite",
    title="Invite people",
    help="Create an invite link",
    group="Communities and channels",
    menu=_COMMUNITY,
    available=rule(
        lambda rights: rights.may_make_invites, no_community, muted, "Only admins can invite people to this community."
    ),
    run=_create,
)

LIST = Command(
    id="community.invites",
    title="Invite links",
    help="Show or revoke invite links",
    group="Communities and channels",
    menu=_COMMUNITY,
    available=no_community,
    run=_list,
)

INVITE_BY_WORDS = by_words(
    "invite",
    "Invite",
    Slash(
        "invite",
        "[@people]",
        "Add people to this channel, or make a link",
        keywords="link add share",
        stays="with words",
    ),
    bare=CREATE,
    worded=ADD_PEOPLE,
)

COMMANDS: tuple[Command, ...] = (CREATE, LIST, INVITE_BY_WORDS)
