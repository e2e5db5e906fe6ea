"""Dialogs about communities, channels and people: making them, joining them, leaving them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from asnity_server.protocol.errors import Invalid, NotFound
from asnity_server.protocol.models import Channel, Community, Kind, Member
from asnity_server.protocol.responses import InvitePreview
from asnity_server.protocol.urls import pasted_url
from asnity_tui.client.transport.address import BadAddress, normalise_address
from asnity_tui.screens.chat.screen import ChatScreen
from asnity_tui.screens.dialogs.confirm import Confirm
from asnity_tui.screens.dialogs.flow import Flow
from asnity_tui.screens.dialogs.form import Form
from asnity_tui.screens.dialogs.picker import Picker
from asnity_tui.state.channel import ChannelState
from asnity_tui.state.community import CommunityState
from asnity_tui.widgets.channel_list import DOTS, sign_of
from asnity_tui.widgets.form_field import FormField, Values
from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import spans

from .account import change_password, devices

PAGES = 50
"""Pages of 100 that a list has at most."""


class Places(Flow):
    """What can be done about communities and channels; all of it asks the server."""

    def __init__(self, screen: ChatScreen) -> None:
        super().__init__(screen)
        self.conversation = screen.conversation

    @property
    def community(self) -> CommunityState | None:
        """The community on the screen."""
        return self.screen.navigation.community

    # Communities

    async def create_community(self) -> None:
        """Ask for a name and make one."""

        async def submit(values: Values) -> Community:
            return await self.session.create_community(values["name"], values["description"])

        fields = [FormField("name", "Name"), FormField("description", "Description", remark="optional")]
        made = await self.ask(Form("Create a community", fields, submit, button="Create"))
        if made is not None:
            self._go_to_community(made)

    async def join_community(self, link: str = "") -> None:
        """Ask for an invite, or whether to follow the `link` of one."""

        async def submit(values: Values) -> Community:
            try:
                return await self.session.accept_invite(values["code"].strip())
            except NotFound:
                require_here(values["code"], self.screen.server)
                raise

        text = ""
        if link:
            preview = await self.answer(self._preview(link))
            if preview is None:
                return
            text = f"{harmless_line(preview.inviter)} invites you to {harmless_line(preview.community.name)}."
        fields = [FormField("code", "Invite link or code", value=link)]
        joined = await self.ask(Form("Join a community", fields, submit, text=text, button="Join"))
        if joined is not None:
            self._go_to_community(joined)

    async def _preview(self, link: str) -> InvitePreview:
        try:
            return await self.session.preview_invite(link)
        except NotFound:
            require_here(link, self.screen.server)
            raise

    async def add_community(self) -> None:
        """The `+` of the rail."""
        options = [
            Option("create", spans(("Create a community", "plain"))),
            Option("join", spans(("Join one with an invite", "plain"))),
        ]
        chosen = await self.ask(Picker("Communities", options))
        if chosen == "create":
            await self.create_community()
        elif chosen == "join":
            await self.join_community()

    def _go_to_community(self, community: Community) -> None:
        state = self.session.store.communities.get(community.id)
        channel = next(iter(state.channels.values()), None) if state else None
        if channel is not None:
            self.screen.navigation.show(channel)
        self.conversation.composer.focus()

    async def leave_community(self) -> None:
        """Leave, after asking."""
        community = self.community
        if community is None:
            return
        name = harmless_line(community.community.name)
        text = "You need a new invite to come back."
        leaves = await self.ask(Confirm(f"Leave {name}?", text, yes="Leave", grave=True))
        if leaves and await self.done(self.session.leave_community(community.id)):
            self.screen.navigation.left_here()

    # Channels

    async def create_channel(self) -> None:
        """Ask for a name and make one."""
        community = self.community
        if community is None:
            return

        async def submit(values: Values) -> Channel:
            return await self.session.create_channel(
                community.id, values["name"], private=bool(values["private"]), topic=values["topic"]
            )

        fields = [FormField("name", "Name"), FormField("topic", "Topic", remark="optional")]
        boxes = [("private", "Private: only invited people can see it")]
        made = await self.ask(Form("Create a channel", fields, submit, button="Create", boxes=boxes))
        self._open_when_known(made)

    async def browse(self) -> None:
        """List the community's channels; Enter joins one, or opens it."""
        community = self.community
        if community is None:
            return
        answer = await self.answer(self._all_channels(community.id))
        if answer is None:
            return
        channels, joined = answer
        fresh = self.session.places.saw_channels(community.id)
        options = [Option("+", spans(("+ ", "faint"), ("Create a channel", "plain")))]
        for channel in channels.values():
            if channel.kind == "direct":
                continue
            topic = harmless_line(channel.topic)
            told = "joined" if channel.id in joined else "new" if channel.id in fresh else ""
            left = spans(
                (sign_of(channel.kind), "faint"), (harmless_line(channel.name), "plain"), (f"  {topic}", "faint")
            )
            options.append(Option(channel.id, left, spans((told, "faint"))))
        chosen = await self.ask(Picker("Channels", options))
        if chosen == "+":
            await self.create_channel()
        elif chosen in joined:
            self._open_when_known(channels.get(chosen))
        elif chosen is not None:
            self._open_when_known(await self.answer(self.session.join_channel(chosen)))

    async def _all_channels(self, community_id: str) -> tuple[dict[str, Channel], set[str]]:
        """Every channel that I may see, by id, and which I am in."""
        channels: dict[str, Channel] = {}
        joined: set[str] = set()
        cursor: str | None = None
        for _ in range(PAGES):
            answer = await self.session.browse_channels(community_id, cursor)
            channels.update((each.id, each) for each in answer.channels)
            joined.update(answer.joined)
            if not isinstance(answer.cursor, str):
                break
            cursor = answer.cursor
        return channels, joined

    def _open_when_known(self, channel: Channel | None) -> None:
        state = self.session.store.channel(channel.id) if channel is not None else None
        if state is not None:
            self.screen.navigation.show(state)
            self.conversation.composer.focus()

    async def leave_channel(self, channel: ChannelState | None = None) -> None:
        """Leave a channel (none: the open one), after asking."""
        channel = channel or self.conversation.channel
        if channel is None:
            return
        kind = channel.channel.kind
        text = _AFTER_LEAVING[kind]
        grave = kind != "public"
        question = Confirm(f"Leave {self.conversation.title(channel)}?", text, yes="Leave", grave=grave)
        leaves = await self.ask(question)
        if leaves and await self.done(self.session.leave_channel(channel.id)):
            self.screen.navigation.left_here()

    # People

    async def add_people(self) -> None:
        """Put a member of the community into this channel."""
        channel, community = self.conversation.channel, self.community
        if channel is None or community is None:
            return
        if not await self.done(self.session.load_members(community.id)):
            return
        there = await self.answer(self._people_in(channel.id))
        if there is None:
            return
        absent = [each for each in (community.members or {}).values() if each.user.id not in there]
        options = [self._person(each) for each in absent]
        title = f"Add to {self.conversation.title(channel)}"
        chosen = await self.ask(Picker(title, options, nothing="Everyone is already in it."))
        if chosen is not None:
            await self._add(channel.id, chosen)

    async def _people_in(self, channel_id: str) -> set[str]:
        """Ids of everybody in a channel."""
        found: set[str] = set()
        cursor: str | None = None
        for _ in range(PAGES):
            answer = await self.session.channel_members(channel_id, cursor)
            found.update(each.user.id for each in answer.members)
            if not isinstance(answer.cursor, str):
                break
            cursor = answer.cursor
        return found

    async def _add(self, channel_id: str, user_id: str) -> None:
        refused = await self.answer(self.session.invite_to_channel(channel_id, [user_id]))
        if refused is None:
            return
        for user, why in refused:
            self.screen.notify(harmless_line(f"{user.display_name}: {why}"), severity="error", markup=False)
        if not refused:
            self.say("Added.")

    def _person(self, member: Member) -> Option:
        community = self.community
        status = community.presence_of(member.user.id) if community else "unknown"
        sign, style = DOTS[status]
        name = harmless_line(member.user.display_name)
        handle = f"  @{harmless_line(member.user.username)}"
        role = member.role if member.role != "member" else ""
        return Option(
            member.user.id, spans((f"{sign} ", style), (name, "plain"), (handle, "faint")), spans((role, "faint"))
        )

    # Me

    async def change_name(self) -> None:
        """Ask for another display name."""
        me = self.session.store.me

        async def submit(values: Values) -> bool:
            await self.session.change_name(values["displayName"])
            return True

        fields = [FormField("displayName", "Display name", value=harmless_line(me.display_name) if me else "")]
        await self.ask(Form("Change display name", fields, submit, button="Change"))

    async def sign_in_again(self) -> None:
        """Ask for the password of this account."""
        me = self.session.store.me

        async def submit(values: Values) -> bool:
            self.screen.keep_token(await self.session.sign_in_again(values["password"]))
            return True

        name = harmless_line(me.username) if me else "you"
        text = f"{name} was signed out. Unsent messages are kept and go out when you sign in again."
        form = Form("Signed out", [FormField("password", "Password", secret=True)], submit, text=text, button="Sign in")
        await self.ask(form)


_AFTER_LEAVING: dict[Kind, str] = {
    "public": "You can join it again.",
    "private": "You need an invite to come back.",
    "direct": "You no longer get what the others write.",
}


def require_here(link: str, server: str) -> None:
    """Raise `Invalid` for the link of an invite that is none here, if it is one into another server.

    That the server is called otherwise there alone says nothing: it may be reached by several names.
    """
    try:
        there = normalise_address(link).url if "/" in link else server
    except BadAddress as error:
        raise Invalid(str(error), field="code") from None
    if there != server:
        raise Invalid(f"This invite is for another server. Quit, then run: asnity-tui {pasted_url(link)}", field="code")


DOINGS: dict[str, Callable[[Places], Coroutine[Any, Any, None]]] = {
    "create-community": Places.create_community,
    "join-community": Places.join_community,
    "add-community": Places.add_community,
    "leave-community": Places.leave_community,
    "create-channel": Places.create_channel,
    "browse": Places.browse,
    "leave-channel": Places.leave_channel,
    "add-people": Places.add_people,
    "change-name": Places.change_name,
    "change-password": lambda places: change_password(places.screen),
    "devices": lambda places: devices(places.screen),
}
"""What commands may ask for, by name."""
