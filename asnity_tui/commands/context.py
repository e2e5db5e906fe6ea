"""The context of a command: what it is about, and everything that commands know of the screen.

Commands never import screens. They ask, say and go places through `CommandUI`, which `screens/chat/command_ui.py`
implements.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Literal, Protocol, TypeAlias, TypeVar

from asnity_server.protocol.models import Member
from asnity_tui.client.sync.session import Session
from asnity_tui.state.channel import ChannelState
from asnity_tui.state.community import CommunityState
from asnity_tui.state.rights import Rights, rights_at, rights_in
from asnity_tui.state.rows import Row
from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.safe_text import harmless_line

from .screen_parts import (
    ComposerUI,
    LookupUI,
    NavigationUI,
    PanesUI,
    ProgramUI,
    TerminalUI,
    TimelineUI,
    UnsentUI,
)

T = TypeVar("T")

MenuKind: TypeAlias = Literal["message", "member", "channel", "community"]

Values: TypeAlias = Mapping[str, str]
"""The values of a form, by the names of its fields; a ticked box is "yes", an empty one ""."""

Severity: TypeAlias = Literal["information", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form."""

    name: str
    label: str
    value: str = ""
    remark: str = ""
    secret: bool = False


class MenusUI(Protocol):
    """Lists of commands to choose from; what is chosen is done."""

    async def ask(self, kind: MenuKind, ctx: CommandContext) -> None:
        """Show the menu of what a context is about."""

    async def settings(self, ctx: CommandContext) -> None:
        """Offer everything that one looks for among settings."""

    async def slash_commands(self, ctx: CommandContext, name: str) -> None:
        """Tell of one slash command, or list them all. Raises `UsageError` for one that there isn't."""


class CommandUI(Protocol):
    """The screen, as far as commands know it."""

    @property
    def navigation(self) -> NavigationUI:
        """Ways to other channels."""

    @property
    def lookup(self) -> LookupUI:
        """Ways to what is looked for."""

    @property
    def panes(self) -> PanesUI:
        """The panes beside the conversation."""

    @property
    def timeline(self) -> TimelineUI:
        """The messages."""

    @property
    def composer(self) -> ComposerUI:
        """The text that is being written."""

    @property
    def unsent(self) -> UnsentUI:
        """Messages that weren't sent."""

    @property
    def terminal(self) -> TerminalUI:
        """The terminal, lent to other programs."""

    @property
    def program(self) -> ProgramUI:
        """The program."""

    @property
    def menus(self) -> MenusUI:
        """Lists of commands."""

    @property
    def server(self) -> str:
        """The server's address."""

    @property
    def zone(self) -> tzinfo | None:
        """The time zone; None: wherever this machine says it is."""

    # Asking the person: each answers None where it was given up

    async def confirm(self, title: str, text: str, *, yes: str, grave: bool = False) -> bool:
        """Ask a question; `grave`: nothing brings back what it does, so that Enter alone doesn't do it."""

    async def form(
        self,
        title: str,
        fields: Sequence[Field],
        submit: Callable[[Values], Awaitable[T]],
        *,
        text: str = "",
        button: str = "OK",
        boxes: Sequence[tuple[str, str]] = (),
        ticked: Collection[str] = (),
        grave: bool = False,
    ) -> T | None:
        """Have fields filled in; answers what `submit` answers. What it raises is said in the form, which stays."""

    async def choose(self, title: str, options: Sequence[Option], *, nothing: str = "No matches.") -> str | None:
        """Have one chosen; answers its key. `nothing` stands where there is nothing to choose from."""

    async def show(self, title: str, text: str) -> None:
        """Show a text to read and to close."""

    async def show_link(self, title: str, url: str) -> None:
        """Show a link to copy."""

    # Asking the server, and saying how it went

    async def wait(self, question: Awaitable[T], doing: str = "Waiting for the server") -> T:
        """Ask the server, and show that it takes time; answers what it answers.

        Raises what asking the server raises, and `Cancelled` when the person gives it up: whoever runs commands words
        both, so that a command goes on only where it got its answer.
        """

    async def answer(self, question: Awaitable[T], doing: str = "Waiting for the server") -> T | None:
        """Answer the same; None where it was given up or refused, which is said."""

    def notify(self, text: str, *, severity: Severity = "information", timeout: float | None = 3) -> None:
        """Say something in passing; `timeout` in seconds, None: as long as is usual."""

    def title_of(self, channel: ChannelState) -> str:
        """Name a channel as the screen does: `#general`, `@bob`."""

    def moment(self, wire: str) -> str:
        """Word a moment of the server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandContext:
    """The place where a command is given and the things that it is about; of one moment."""

    session: Session
    ui: CommandUI
    now: int
    """Milliseconds since 1970."""
    rights: Rights
    """Mine in the channel, or where there is none, in the community."""
    community: CommunityState | None = None
    channel: ChannelState | None = None
    """The channel that it is about, or in which the message or the member was chosen."""
    member: Member | None = None
    row: Row | None = None
    """The message that it is about."""
    chosen: tuple[Row, ...] = ()
    """All messages that are marked, oldest first; else the one."""

    @property
    def community_id(self) -> str:
        """The id of the community; "" where there is none."""
        return self.community.id if self.community is not None else ""

    def about_member(self, member: Member) -> CommandContext:
        """The same, about a member."""
        return replace(self, member=member)

    def name(self, user_id: str) -> str:
        """Name a person, harmless."""
        return harmless_line(self.session.store.name_of(user_id))


def context_at(
    session: Session, ui: CommandUI, community_id: str | None, channel_id: str | None, now: int
) -> CommandContext:
    """The context of a channel, or where I am in none, of a community; `now` in milliseconds since 1970."""
    store = session.store
    channel = store.channel(channel_id) if channel_id is not None else None
    community = store.communities.get(channel.channel.community_id if channel is not None else community_id or "")
    rights = rights_at(store, channel.id, now) if channel is not None else rights_in(store, community_id or "", now)
    return CommandContext(session=session, ui=ui, now=now, rights=rights, community=community, channel=channel)
