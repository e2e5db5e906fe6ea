"""Links that let people into a community: making, listing, showing and withdrawing them."""

from __future__ import annotations

from asnity_server.protocol.models import Invite
from asnity_tui.screens.dialogs.flow import Flow
from asnity_tui.screens.dialogs.form import Form
from asnity_tui.screens.dialogs.links import LinkDialog
from asnity_tui.screens.dialogs.menu import About, MenuEntry, entry
from asnity_tui.screens.dialogs.picker import Picker
from asnity_tui.widgets.form_field import FormField, Values, whole_number
from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import spans

DAY = 24 * 3600
"""Seconds."""


def _title(about: About) -> str:
    community = about.screen.session.store.communities.get(about.community_id)
    return harmless_line(community.community.name) if community is not None else ""


async def make(about: About) -> None:
    """Create an invite link, and show it."""
    asking = Flow(about.screen)
    # everybody is in `general` anyway
    channel = about.channel if about.rights.may_invite and not about.rights.general else None

    async def submit(values: Values) -> Invite:
        days, uses = whole_number(values["days"], "days"), whole_number(values["uses"], "uses")
        return await asking.session.places.create_invite(
            about.community_id,
            expires_in=days * DAY if days else None,
            max_uses=uses,
            channel_id=channel.id if channel is not None and values.get("channel") else None,
        )

    fields = [
        FormField("days", "Expires after (days)", value="7", remark="empty: no limit"),
        FormField("uses", "Max uses", remark="empty: no limit"),
    ]
    boxes = [("channel", f"Also add to {asking.screen.conversation.title(channel)}")] if channel is not None else []
    form = Form(f"Invite people to {_title(about)}", fields, submit, button="Create an invite link", boxes=boxes)
    invite = await asking.ask(form)
    if invite is not None:
        await asking.ask(LinkDialog(f"Invite to {_title(about)}", invite.url))


async def look(about: About) -> None:
    """All links (mine alone, for who is no admin); Enter shows or withdraws one."""
    asking = Flow(about.screen)
    while True:
        found = await _all(asking, about.community_id)
        if found is None:
            return
        options = [_invite(asking, each) for each in found.values()]
        chosen = await asking.ask(Picker(f"Invite links of {_title(about)}", options, nothing="No invite links."))
        if chosen not in found:
            return
        await _choose(asking, about, found[chosen])


async def _all(asking: Flow, community_id: str) -> dict[str, Invite] | None:
    """The links by their codes, newest first; None where they can't be had."""
    found: dict[str, Invite] = {}
    cursor: str | None = None
    while True:
        answer = await asking.answer(asking.session.invites(community_id, cursor))
        if answer is None:
            return None
        found.update((each.code, each) for each in answer.invites)
        if not isinstance(answer.cursor, str) or not answer.invites:
            return found
        cursor = answer.cursor


async def _choose(asking: Flow, about: About, invite: Invite) -> None:
    options = [Option("show", spans(("Show the link", "plain")))]
    if about.rights.may_withdraw(invite):
        options.append(Option("withdraw", spans(("Revoke it", "plain"), ("  It stops working", "faint"))))
    chosen = await asking.ask(Picker(harmless_line(invite.url), options))
    if chosen == "show":
        await asking.ask(LinkDialog(f"Invite to {_title(about)}", invite.url))
    elif chosen == "withdraw":
        question = asking.session.withdraw_invite(about.community_id, invite.code)
        await asking.done(question, "Invite link revoked.")


def _invite(asking: Flow, invite: Invite) -> Option:
    store = asking.session.store
    channel = store.channel(invite.channel_id) if invite.channel_id is not None else None
    into = f"  into #{harmless_line(store.title_of(channel))}" if channel is not None else ""
    uses = f"{invite.uses} used" if invite.max_uses is None else f"{invite.uses} of {invite.max_uses} used"
    ends = "" if invite.expires_at is None else f", until {asking.moment(invite.expires_at)}"
    left = spans((harmless_line(invite.code), "plain"), (f"  by {asking.name(invite.creator_id)}{into}", "faint"))
    return Option(invite.code, left, spans((f"{uses}{ends}", "faint")))


INVITE_ENTRIES: tuple[MenuEntry, ...] = (
    entry(
        "community",
        "community.invite",
        "Invite people",
        make,
        may=lambda about: about.rights.may_make_invites,
        help="Create an invite link",
    ),
    entry(
        "community",
        "community.invites",
        "Invite links",
        look,
        may=lambda about: about.rights.community is not None,
        help="Show or revoke invite links",
    ),
)
"""What the menu of a community has about links."""
