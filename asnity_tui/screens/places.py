"""Dialogs about communities, channels and people: making them, joining them, leaving them."""

from __future__ import annotations

from textual import work

from asnity_server.protocol.errors import AsnityError, Invalid
from asnity_server.protocol.models import Channel, Community, Invite, Member
from asnity_tui.client.contract import NoAnswer, Unreachable
from asnity_tui.client.session import words
from asnity_tui.state.changes import SignedOut
from asnity_tui.state.channel import ChannelState
from asnity_tui.widgets.channel_list import DOTS, sign_of
from asnity_tui.widgets.form_field import FormField
from asnity_tui.widgets.inks import words as inked
from asnity_tui.widgets.safe_text import harmless_line

from .chat_frame import ChatFrame
from .dialog import Confirm, Form, Values
from .link_shown import LinkShown
from .pick import Option, Pick

DAY = 24 * 3600


class Places(ChatFrame):
    """What can be done about communities and channels; all of it asks the server."""

    def show_channel(self, channel: ChannelState, *, at: int | None = None) -> None:
        """Open a channel of any community."""
        raise NotImplementedError

    # Communities

    def action_create_community(self) -> None:
        """Ask for a name and make one."""
        self._create_community()

    @work(group="dialog", exit_on_error=False)
    async def _create_community(self) -> None:
        async def submit(values: Values) -> Community:
            return await self.session.create_community(values["name"], values["description"])

        fields = [FormField("name", "Name"), FormField("description", "What it is about", remark="optional")]
        made = await self.app.push_screen_wait(Form("Create a community", fields, submit, button="Create"))
        if made is not None:
            self._go_to_community(made)

    def action_join_community(self) -> None:
        """Ask for an invite."""
        self._join_community()

    @work(group="dialog", exit_on_error=False)
    async def _join_community(self) -> None:
        async def submit(values: Values) -> Community:
            return await self.session.accept_invite(values["code"].strip())

        fields = [FormField("code", "Invite link or code")]
        joined = await self.app.push_screen_wait(Form("Join a community", fields, submit, button="Join"))
        if joined is not None:
            self._go_to_community(joined)

    @work(group="dialog", exit_on_error=False)
    async def add_community(self) -> None:
        """The `+` of the rail."""
        options = [
            Option("create", inked(("Create a community", "plain"))),
            Option("join", inked(("Join one by its invite", "plain"))),
        ]
        chosen = await self.app.push_screen_wait(Pick("Communities", options))
        if chosen == "create":
            self._create_community()
        elif chosen == "join":
            self._join_community()

    def _go_to_community(self, community: Community) -> None:
        state = self.session.store.communities.get(community.id)
        channel = next(iter(state.channels.values()), None) if state else None
        if channel is not None:
            self.show_channel(channel)
        self.conversation.composer.focus()

    @work(group="dialog", exit_on_error=False)
    async def action_invite(self) -> None:
        """Make a link that lets people in, and show it."""
        community = self.community
        if community is None:
            return

        async def submit(values: Values) -> Invite:
            days, uses = _number(values["days"], "days"), _number(values["uses"], "uses")
            return await self.session.create_invite(
                community.id, expires_in=days * DAY if days else None, max_uses=uses
            )

        fields = [
            FormField("days", "Good for how many days", value="7", remark="empty: for ever"),
            FormField("uses", "For how many people", remark="empty: any number"),
        ]
        name = harmless_line(community.community.name)
        invite = await self.app.push_screen_wait(Form(f"Invite people to {name}", fields, submit, button="Make a link"))
        if invite is not None:
            await self.app.push_screen_wait(LinkShown(f"Invite to {name}", invite.url))

    @work(group="dialog", exit_on_error=False)
    async def action_leave_community(self) -> None:
        """Leave, after asking."""
        community = self.community
        if community is None:
            return
        name = harmless_line(community.community.name)
        text = "You need a new invite to come back."
        if await self.app.push_screen_wait(Confirm(f"Leave {name}?", text, yes="Leave")):
            await self.conversation.asked(self.session.leave_community(community.id), aloud=True)

    # Channels

    @work(group="dialog", exit_on_error=False)
    async def action_create_channel(self) -> None:
        """Ask for a name and make one."""
        community = self.community
        if community is None:
            return

        async def submit(values: Values) -> Channel:
            return await self.session.create_channel(
                community.id, values["name"], private=bool(values["private"]), topic=values["topic"]
            )

        fields = [FormField("name", "Name"), FormField("topic", "Topic", remark="optional")]
        boxes = [("private", "Private: only those who are invited")]
        made = await self.app.push_screen_wait(Form("Create a channel", fields, submit, button="Create", boxes=boxes))
        self._open_when_known(made)

    @work(group="dialog", exit_on_error=False)
    async def action_browse(self) -> None:
        """List the community's channels; Enter joins one, or opens it."""
        community = self.community
        if community is None:
            return
        try:
            answer = await self.session.browse_channels(community.id)
        except (AsnityError, NoAnswer, Unreachable) as error:
            self.notify(words(error), severity="error", markup=False)
            return
        options = [Option("+", inked(("+ ", "faint"), ("Create a channel", "plain")))]
        for channel in answer.channels:
            if channel.kind == "direct":
                continue
            topic = harmless_line(channel.topic)
            told = "joined" if channel.id in answer.joined else ""
            left = inked(
                (sign_of(channel.kind), "faint"), (harmless_line(channel.name), "plain"), (f"  {topic}", "faint")
            )
            options.append(Option(channel.id, left, inked((told, "faint"))))
        chosen = await self.app.push_screen_wait(Pick("Channels", options))
        if chosen == "+":
            self.action_create_channel()
        elif chosen in answer.joined:
            self._open_when_known(next(each for each in answer.channels if each.id == chosen))
        elif chosen is not None:
            self._join(chosen)

    @work(group="join", exit_on_error=False)
    async def _join(self, channel_id: str) -> None:
        try:
            self._open_when_known(await self.session.join_channel(channel_id))
        except (AsnityError, NoAnswer, Unreachable) as error:
            self.notify(words(error), severity="error", markup=False)

    def _open_when_known(self, channel: Channel | None) -> None:
        state = self.session.store.channel(channel.id) if channel is not None else None
        if state is not None:
            self.show_channel(state)
            self.conversation.composer.focus()

    @work(group="dialog", exit_on_error=False)
    async def action_leave_channel(self) -> None:
        """Leave, after asking."""
        channel = self.conversation.channel
        if channel is None:
            return
        text = "You can join it again." if channel.channel.kind == "public" else "You need an invite to come back."
        if await self.app.push_screen_wait(Confirm(f"Leave {self.conversation.title(channel)}?", text, yes="Leave")):
            await self.conversation.asked(self.session.leave_channel(channel.id), aloud=True)

    # People

    @work(group="dialog", exit_on_error=False)
    async def action_people(self) -> None:
        """Who is in this channel."""
        channel = self.conversation.channel
        if channel is None:
            return
        try:
            answer = await self.session.channel_members(channel.id)
        except (AsnityError, NoAnswer, Unreachable) as error:
            self.notify(words(error), severity="error", markup=False)
            return
        title = f"People in {self.conversation.title(channel)}"
        await self.app.push_screen_wait(Pick(title, [self._person(each) for each in answer.members]))

    @work(group="dialog", exit_on_error=False)
    async def action_add_people(self) -> None:
        """Put a member of the community into this channel."""
        channel, community = self.conversation.channel, self.community
        if channel is None or community is None:
            return
        try:
            await self.session.load_members(community.id)
            there = {each.user.id for each in (await self.session.channel_members(channel.id)).members}
        except (AsnityError, NoAnswer, Unreachable) as error:
            self.notify(words(error), severity="error", markup=False)
            return
        absent = [each for each in (community.members or {}).values() if each.user.id not in there]
        options = [self._person(each) for each in absent]
        title = f"Add to {self.conversation.title(channel)}"
        chosen = await self.app.push_screen_wait(Pick(title, options, nothing="Everybody is here already."))
        if chosen is not None:
            self._add(channel.id, chosen)

    @work(group="join", exit_on_error=False)
    async def _add(self, channel_id: str, user_id: str) -> None:
        try:
            refused = await self.session.invite_to_channel(channel_id, [user_id])
        except (AsnityError, NoAnswer, Unreachable) as error:
            self.notify(words(error), severity="error", markup=False)
            return
        for user, why in refused:
            self.notify(harmless_line(f"{user.display_name}: {why}"), severity="error", markup=False)
        if not refused:
            self.notify("Added.", timeout=2, markup=False)

    def _person(self, member: Member) -> Option:
        community = self.community
        status = community.presence.get(member.user.id, "offline") if community else "offline"
        sign, style = DOTS[status]
        name = harmless_line(member.user.display_name)
        handle = f"  @{harmless_line(member.user.username)}"
        role = member.role if member.role != "member" else ""
        return Option(
            member.user.id, inked((f"{sign} ", style), (name, "plain"), (handle, "faint")), inked((role, "faint"))
        )

    # Me

    @work(group="dialog", exit_on_error=False)
    async def action_change_name(self) -> None:
        """Ask for another display name."""
        me = self.session.store.me

        async def submit(values: Values) -> bool:
            await self.session.change_name(values["displayName"])
            return True

        fields = [FormField("displayName", "Name that others see", value=harmless_line(me.display_name) if me else "")]
        await self.app.push_screen_wait(Form("Change my name", fields, submit, button="Change"))

    @work(group="dialog", exclusive=True, exit_on_error=False)
    async def sign_in_again(self, fact: SignedOut) -> None:
        """Ask for the password of this account."""
        me = self.session.store.me

        async def submit(values: Values) -> str:
            return await self.session.sign_in_again(values["password"])

        name = harmless_line(me.username) if me else "you"
        text = f"This session of {name} has ended. What you wrote is kept and goes out when you are signed in again."
        form = Form("Signed out", [FormField("password", "Password", secret=True)], submit, text=text, button="Sign in")
        token = await self.app.push_screen_wait(form)
        if token is not None:
            self.keep_token(token)


def _number(text: str, field: str) -> int | None:
    """A whole number from a form, or None where nothing was typed. Raises `Invalid`."""
    text = text.strip()
    if not text:
        return None
    if not text.isdecimal() or not 0 < int(text) < 1_000_000:
        raise Invalid("a whole number, please", field=field)
    return int(text)
