"""What may be done with a community: its settings and its end, who is banned, and who did what to whom."""

from __future__ import annotations

from asnity_server.protocol.models import AuditEntry, Ban, Community
from asnity_tui.screens.dialogs.confirm import Confirm
from asnity_tui.screens.dialogs.flow import Flow
from asnity_tui.screens.dialogs.form import Form
from asnity_tui.screens.dialogs.menu import About, MenuEntry, entry
from asnity_tui.screens.dialogs.picker import Picker
from asnity_tui.screens.dialogs.text import TextDialog
from asnity_tui.state.audit_text import describe
from asnity_tui.widgets.form_field import FormField, Values
from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import spans

OLDER = "older"
"""The last line of a list that goes on."""


def _community(about: About) -> Community | None:
    state = about.screen.session.store.communities.get(about.community_id)
    return state.community if state is not None else None


async def change(about: About) -> None:
    """Name, description, who may invite."""
    community, asking = _community(about), Flow(about.screen)
    if community is None:
        return

    async def submit(values: Values) -> Community:
        return await asking.session.places.change_community(
            about.community_id,
            name=values["name"],
            description=values["description"],
            invites_by="admins" if values["admins"] else "members",
        )

    fields = [
        FormField("name", "Name", value=community.name),
        FormField("description", "Description", value=community.description, remark="optional"),
    ]
    boxes = [("admins", "Only admins can invite people")]
    ticked = {"admins"} if community.invites_by == "admins" else set()
    title = f"Settings of {harmless_line(community.name)}"
    if await asking.ask(Form(title, fields, submit, button="Save", boxes=boxes, ticked=ticked)):
        asking.say("Saved.")


async def delete(about: About) -> None:
    """Delete permanently."""
    community, asking = _community(about), Flow(about.screen)
    if community is None:
        return
    deleted = await asking.by_its_name(
        f"Delete {harmless_line(community.name)} permanently?",
        "All its channels and messages are deleted for everyone. This can't be undone.",
        community.name,
        lambda: asking.session.places.delete_community(about.community_id),
        button="Delete permanently",
    )
    if deleted:
        about.screen.navigation.left_here()


# Bans


async def bans(about: About) -> None:
    """Who is banned; Enter lifts a ban, after asking."""
    asking = Flow(about.screen)
    while True:
        found = await _all_bans(asking, about.community_id)
        if found is None:
            return
        options = [_ban(asking, each) for each in found.values()]
        chosen = await asking.ask(Picker("Banned members", options, nothing="No banned members."))
        if chosen not in found:
            return
        name = asking.name(chosen)
        question = Confirm(f"Unban {name}?", "They can join again with an invite.", yes="Unban")
        if await asking.ask(question):
            await asking.done(asking.session.people.unban(about.community_id, chosen), "Unbanned.")


async def _all_bans(asking: Flow, community_id: str) -> dict[str, Ban] | None:
    found: dict[str, Ban] = {}
    cursor: str | None = None
    while True:
        answer = await asking.answer(asking.session.people.bans(community_id, cursor))
        if answer is None:
            return None
        found.update((each.user_id, each) for each in answer.bans)
        if not isinstance(answer.cursor, str) or not answer.bans:
            return found
        cursor = answer.cursor


def _ban(asking: Flow, ban: Ban) -> Option:
    reason = f"  {harmless_line(ban.reason)}" if ban.reason else ""
    right = f"by {asking.name(ban.by_id)}, {asking.moment(ban.created_at)}"
    return Option(ban.user_id, spans((asking.name(ban.user_id), "plain"), (reason, "faint")), spans((right, "faint")))


# Who did what to whom


async def audit(about: About) -> None:
    """The audit list, newest first; Enter shows an entry whole."""
    asking = Flow(about.screen)
    entries: dict[str, AuditEntry] = {}
    cursor: str | None = None
    more = True
    while True:
        if more:
            answer = await asking.answer(asking.session.people.audit(about.community_id, cursor))
            if answer is None:
                return
            entries.update((str(each.id), each) for each in answer.entries)
            cursor = answer.cursor if isinstance(answer.cursor, str) else None
        options = [_deed(asking, each) for each in entries.values()]
        if cursor is not None:
            options.append(Option(OLDER, spans(("older …", "accent"))))
        chosen = await asking.ask(Picker("Audit log", options, nothing="Nothing in the audit log yet."))
        more = chosen == OLDER
        if chosen in entries:
            one = entries[chosen]
            await asking.ask(TextDialog(asking.moment(one.at), f"{_words(asking, one)}."))
        elif not more:
            return


def _deed(asking: Flow, one: AuditEntry) -> Option:
    return Option(str(one.id), spans((f"{asking.moment(one.at):>12}  ", "faint"), (_words(asking, one), "plain")))


def _words(asking: Flow, one: AuditEntry) -> str:
    store = asking.session.store

    def channel_of(channel_id: str) -> str | None:
        channel = store.channel(channel_id)
        return store.title_of(channel) if channel is not None else None

    return harmless_line(describe(one, name_of=store.name_of, channel_of=channel_of, moment_of=asking.moment))


COMMUNITY_ENTRIES: tuple[MenuEntry, ...] = (
    entry(
        "community",
        "community.settings",
        "Settings of this community",
        change,
        may=lambda about: about.rights.may_change_community,
        help="Name, description, who may invite",
    ),
    entry(
        "community",
        "community.audit",
        "Audit log",
        audit,
        may=lambda about: about.rights.may_see_audit,
        help="What admins did, newest first",
    ),
    entry(
        "community",
        "community.bans",
        "Banned members",
        bans,
        may=lambda about: about.rights.may_lift_bans,
        help="Who is banned, by whom and why; Enter unbans",
    ),
    entry(
        "community",
        "community.delete",
        "Delete this community permanently",
        delete,
        may=lambda about: about.rights.may_delete_community,
        help="Asks you to type its name",
    ),
)
"""What the menu of a community has for admins and owners."""
